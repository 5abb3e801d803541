"""The reader's own transcript in JupyterLab: typed, opened from a file, refused with a reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Notebook
from tests.browser.server import Server

pytestmark = pytest.mark.browser
CAPTIONS = """WEBVTT

00:00.000 --> 00:02.000
<v Ann>Is there a train to Bonn?

00:02.000 --> 00:04.000
<v Bob>The train to Bonn leaves at noon.
"""


def test_a_transcript_of_ones_own(
    server: Server, open_notebook: Callable[[str], Notebook], tmp_path: Path
) -> None:
    server.write("own.ipynb", ["from hdlib import workbook as wb\nwb.explore_transcript()"])
    notebook = open_notebook("own.ipynb")
    page = notebook.page
    notebook.run_all()
    field = page.get_by_role("textbox", name="transcript")
    words = page.locator(".hdlib-words p")
    expect(words).to_contain_text("16 utterances, 3 topics")

    field.fill("Ann: tea, more tea\nBob: tea!\n====\nAnn: rain\nBob: rain again")
    expect(words).to_contain_text("4 utterances")
    expect(words).to_contain_text("Pk =")
    field.press("End")
    field.press_sequentially("\nand who is that")  # keys reach the field, and the field keeps them
    expect(words).to_contain_text("line 6: expected 'Speaker: words'")
    assert field.input_value().endswith("who is that")

    picker = page.locator("input[type=file]")
    (tmp_path / "talk.vtt").write_text(CAPTIONS)
    picker.set_input_files(tmp_path / "talk.vtt")
    expect(words).to_contain_text("2 utterances, 1 topic")
    assert field.input_value().startswith("WEBVTT")
    (tmp_path / "picture.txt").write_bytes(bytes(range(256)))
    picker.set_input_files(tmp_path / "picture.txt")
    expect(page.get_by_text("picture.txt is no UTF-8 text. Nothing was changed.")).to_be_visible()
    assert field.input_value().startswith("WEBVTT")
    expect(words).to_contain_text("2 utterances, 1 topic")

    lines = [f"{'AB'[i % 2]}: line {i} about topic {i // 50}" for i in range(10_000)]
    (tmp_path / "long.txt").write_text("\n".join(lines))
    picker.set_input_files(tmp_path / "long.txt")
    expect(words).to_contain_text("10,000 utterances, ", timeout=60_000)
    notebook.move("threshold", "ArrowRight")
    notebook.assert_sound("own")
