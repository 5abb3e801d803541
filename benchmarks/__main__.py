"""Run the suites and print one table: ``python -m benchmarks [--save]``, or ``make bench``."""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks import documents, floors, kernels, models, schlegel, search, segment, sets
from benchmarks.harness import OWN, Row

SUITES = {
    "kernels": kernels.run,
    "models": models.run,
    "search": search.run,
    "sets": sets.run,
    "documents": documents.run,
    "segment": segment.run,
    "schlegel": schlegel.run,
}
RESULTS = Path(__file__).with_name("results")
VERSIONS = ("hdlib-workbook", "torch", "numba", "numpy", "torch-hd", "faiss-cpu", "simsimd")


def host() -> str:
    """What kind of machine this is, without its name."""
    return f"{platform.system()}-{platform.machine()}-{os.cpu_count()}cpu".lower()


def table(rows: list[Row]) -> str:
    """One line a way, the tasks apart: its time, its floor, and how many times ours it takes."""
    lines, task = [f"{'task':34}{'way':10}{'median ms':>11}{'floor ms':>11}{'ratio':>9}"], ""
    for row in rows:
        lines += [""] * (row.task != task)
        task = row.task
        least = "" if row.floor is None else f"{1e3 * row.floor:.4f}"
        slower = "  faster than ours" if row.ratio < 1 and row.way not in OWN else ""
        line = f"{row.task:34}{row.way:10}{1e3 * row.seconds:11.4f}{least:>11}{row.ratio:9.2f}"
        lines.append(f"{line}{slower}  {row.note}".rstrip())
    return "\n".join(lines)


def save(measured: dict[str, list[Row]]) -> Path:
    """Keep the measurement, with what it was measured on."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{host()}.json"
    kept = {
        "host": host(),
        "machine": floors.machine(),
        "versions": {name: version(name) for name in VERSIONS},
        "suites": {name: [asdict(row) for row in rows] for name, rows in measured.items()},
    }
    path.write_text(json.dumps(kept, indent=1) + "\n")
    return path


def main() -> None:
    """Measure, show, and keep on request."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/<host>.json")
    parser.add_argument("--long", action="store_true", help="add 1,000 queries x 1,000,000 items")
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - SUITES.keys()
    if unknown:
        parser.error(f"no suite {', '.join(sorted(unknown))}; there is {', '.join(SUITES)}")
    floors.machine()  # the floors first, while nothing else runs
    measured = {name: SUITES[name]() for name in arguments.suites or SUITES}
    if arguments.long:
        measured["long"] = search.long()
    print(table([row for rows in measured.values() for row in rows]))
    if arguments.save:
        print(f"\nsaved to {save(measured)}")


if __name__ == "__main__":
    main()
