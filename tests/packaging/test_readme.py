"""The README's ten lines print what it says they print."""

import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CODE = re.search(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_example_prints_what_its_comments_say(tmp_path: Path) -> None:
    assert CODE
    code = CODE[1]
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 10
    printing = [line for line in lines if line.startswith("print(")]
    promised = [re.fullmatch(r"print\(.*\)  # (.+)", line) for line in printing]
    assert promised
    assert all(promised), "each printing line ends in a comment with what it prints"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [match[1] for match in promised if match]


def test_it_names_the_collision() -> None:
    assert "hdlib-workbook" in README
    assert "pip install hdlib" in README
