"""Run the suites and print one table: ``python -m benchmarks [--save]``, or ``make bench``."""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks import kernels, sets
from benchmarks.harness import Row

SUITES = {"kernels": kernels.run, "sets": sets.run}
RESULTS = Path(__file__).with_name("results")
VERSIONS = ("hdlib-workbook", "torch", "numba", "numpy")


def host() -> str:
    """What kind of machine this is, without its name."""
    return f"{platform.system()}-{platform.machine()}-{os.cpu_count()}cpu".lower()


def table(rows: list[Row]) -> str:
    """One line a way, the tasks apart."""
    lines, task = [f"{'task':32}{'way':10}{'median ms':>10}{'ratio':>8}"], ""
    for row in rows:
        lines += [""] * (row.task != task)
        task = row.task
        lines.append(f"{row.task:32}{row.way:10}{1e3 * row.seconds:10.2f}{row.ratio:8.1f}")
    return "\n".join(lines)


def save(rows: list[Row]) -> Path:
    """Keep the measurement, with what it was measured on."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{host()}.json"
    kept = {
        "host": host(),
        "versions": {name: version(name) for name in VERSIONS},
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(kept, indent=1) + "\n")
    return path


def main() -> None:
    """Measure, show, and keep on request."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/<host>.json")
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - SUITES.keys()
    if unknown:
        parser.error(f"no suite {', '.join(sorted(unknown))}; there is {', '.join(SUITES)}")
    rows = [row for name in arguments.suites or SUITES for row in SUITES[name]()]
    print(table(rows))
    if arguments.save:
        print(f"\nsaved to {save(rows)}")


if __name__ == "__main__":
    main()
