"""Rows from a process of their own: ``python -m benchmarks.alone MODULE FUNCTION`` prints them."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from importlib import import_module

from benchmarks.harness import most


def main(module: str, function: str) -> None:
    """Measure, and add the most memory that this process ever had; see ``harness.alone``."""
    rows = getattr(import_module(module), function)()
    print(json.dumps([asdict(row) | {"process": most()} for row in rows]))


if __name__ == "__main__":
    main(*sys.argv[1:])
