"""The cards of notebook 06 in JupyterLab: JSON is typed, pasted, opened, refused and never lost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.lab import SECONDS, Notebook
from tests.browser.server import Server

pytestmark = pytest.mark.browser
CARDS = [f"wb.explore_{name}()" for name in ("collisions", "scale", "stability", "records", "json")]


def card(notebook: Notebook, label: str) -> Any:
    """The card that has a control of this name."""
    return notebook.page.locator(".hdlib-card", has=notebook.page.get_by_label(label, exact=True))


@pytest.mark.timeout(600)
def test_json_is_typed_pasted_and_opened(
    server: Server, open_notebook: Callable[[str], Notebook], tmp_path: Path
) -> None:
    expect.set_options(timeout=SECONDS)  # the machine may be busy
    server.write("cards.ipynb", ["from hdlib import workbook as wb", *CARDS])
    notebook = open_notebook("cards.ipynb")
    notebook.run_all()
    page = notebook.page

    pairs = card(notebook, "one document")
    title = pairs.locator(".hdlib-title")
    for pair, finding in (("cancel", "MAP takes both"), ("transpose", "MBAT without A take both")):
        pairs.get_by_role("combobox", name="example", exact=True).select_option(pair)
        expect(title).to_contain_text(finding)
    box = pairs.get_by_label("one document", exact=True)
    box.fill('[["p", "r"], ["q", "s"]]')
    expect(title).to_contain_text("One document, written in two ways")
    box.press("End")
    box.press_sequentially(" x")  # the keyboard types into the box and not into the notebook
    expect(pairs.locator(".hdlib-words p")).to_contain_text("one document, line 1, column 26")
    expect(title).to_contain_text("One document, written in two ways")
    expect(box).to_have_value('[["p", "r"], ["q", "s"]] x')

    numbers = card(notebook, "numbers of")
    numbers.get_by_role("combobox", name="scale", exact=True).select_option("fitted")
    expect(numbers.locator(".hdlib-title").first).to_have_text("1977 and 1982: similarity 0.19")

    kinds = card(notebook, "matrices")
    kinds.get_by_role("combobox", name="matrices", exact=True).select_option("permutation")
    expect(kinds.locator(".hdlib-title").nth(1)).to_contain_text("Signed permutation")

    form = card(notebook, "country")
    country = form.get_by_role("textbox", name="country", exact=True)
    country.fill("Untied States")
    expect(form.locator(".hdlib-title").first).to_contain_text("Nearest: United States, 1977")
    for name in ("continent", "year", "life expectancy"):
        form.get_by_role("combobox", name=name, exact=True).select_option("any")
    country.fill("")
    expect(form.locator(".hdlib-words p")).to_contain_text("the query is empty")
    form.get_by_role("combobox", name="continent", exact=True).select_option("Oceania")
    expect(form.locator(".hdlib-title").first).to_contain_text("Nearest: ")

    own = card(notebook, "your records, JSON or JSON Lines")
    words, title = own.locator(".hdlib-words p"), own.locator(".hdlib-title").first
    boxes = own.get_by_role("textbox")
    records, query = boxes.nth(0), boxes.nth(1)
    query.fill('{"city": "Bernn"}')
    records.fill('{"city": "Bern", "size": 134}\n{"city": "Basel" "size": 177}')
    expect(words).to_contain_text("your records, line 2, column 18, at $.city: expected ',' or '}'")
    records.fill('{"city": "Basel", "size": 177}\n{"city": "Bern", "size": 134}')
    expect(title).to_have_text("Record 2 is nearest")

    said = own.get_by_role("status").first
    chooser = own.locator("input[type=file]")
    cities = tmp_path / "cities.json"
    cities.write_text(json.dumps([{"city": name} for name in ("Basel", "Brno", "Bern")]))
    chooser.set_input_files(cities)
    expect(title).to_have_text("Record 3 is nearest")
    kept = records.input_value()
    latin = tmp_path / "latin.json"
    latin.write_bytes('["Zürich"]'.encode("latin-1"))
    chooser.set_input_files(latin)
    expect(said).to_have_text("latin.json is no UTF-8 text. Nothing was changed.")
    big = tmp_path / "big.json"
    big.write_text(json.dumps(["x" * 120_000]))
    chooser.set_input_files(big)
    expect(said).to_contain_text("big.json has 120,004 characters; at most 100,000 fit.")
    assert records.input_value() == kept
    records.fill(" " * 100_001)  # pasted, and too long: the box keeps it, the card its last state
    expect(said).to_contain_text("The text has 100,001 characters")
    expect(title).to_have_text("Record 3 is nearest")
    records.fill("")
    expect(words).to_contain_text("your records, line 1, column 1")
    with page.expect_file_chooser():
        own.get_by_role("button", name="Open a file").click()
    chooser.set_input_files(cities)
    expect(title).to_have_text("Record 3 is nearest")

    assert notebook.violations() == []
    notebook.shoot("06-used-light")
    assert notebook.wire.elsewhere == []
    assert notebook.wire.errors == []
