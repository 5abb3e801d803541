"""Run the suites and print one table: ``python -m benchmarks [--save]``, or ``make bench``."""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks import (
    bars,
    cumbof,
    documents,
    floors,
    growth,
    kernels,
    long,
    many,
    models,
    schlegel,
    search,
    segment,
    sets,
)
from benchmarks.harness import Row, own

SUITES = {
    "kernels": kernels.run,
    "models": models.run,
    "dimensions": models.others,
    "many": many.run,
    "growth": growth.run,
    "search": search.run,
    "cumbof": cumbof.run,
    "sets": sets.run,
    "documents": documents.run,
    "segment": segment.run,
    "schlegel": schlegel.run,
    "long": long.run,
}
RESULTS = Path(__file__).with_name("results")
VERSIONS = (
    "hdlib-workbook",
    "torch",
    "numba",
    "numpy",
    "torch-hd",
    "faiss-cpu",
    "simsimd",
    "rbloom",
    "pybloom-live",
    "scikit-learn",
)


def host() -> str:
    """What kind of machine this is, without its name."""
    return f"{platform.system()}-{platform.machine()}-{os.cpu_count()}cpu".lower()


def table(rows: list[Row]) -> str:
    """One line a way, the tasks apart: its time, its floor, and how many times ours it takes."""
    wide, long = (max(len(getattr(row, of)) for row in rows) for of in ("task", "way"))
    lines = [f"{'task':{wide}}  {'way':{long}}  median ms   floor ms     ratio  memory MB"]
    task = ""
    for row in rows:
        lines += [""] * (row.task != task)
        task = row.task
        least = "" if row.floor is None else f"{1e3 * row.floor:.4f}"
        took = row.peak if row.process is None else row.process
        room = "" if took is None else f"{took / 1e6:.1f}"
        line = f"{task:{wide}}  {row.way:{long}}{1e3 * row.seconds:11.4f}{least:>11}"
        line += f"{row.ratio:10.2f}{room:>11}"
        said = ["faster than ours"] * (row.ratio < 1 and not own(row.way))
        said += ["of the whole process"] * (row.process is not None)
        lines.append(f"{line}  {'; '.join([*said, *[row.note] * bool(row.note)])}".rstrip())
    return "\n".join(lines)


def save(measured: dict[str, list[Row]]) -> Path:
    """Keep the measurement, with what it was measured on."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{host()}.json"
    rows = [row for suite in measured.values() for row in suite]
    kept = {
        "host": host(),
        "machine": floors.machine(),
        "versions": {name: version(name) for name in VERSIONS},
        "suites": {name: [asdict(row) for row in suite] for name, suite in measured.items()},
        "growth": [asdict(fit) for fit in growth.fits(rows)],
        "bars": [
            asdict(one) | {"met": one.met, "margin": one.margin} for one in bars.check(measured)
        ],
    }
    path.write_text(json.dumps(kept, indent=1) + "\n")
    return path


def main() -> None:
    """Measure, show, and keep on request."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/<host>.json")
    parser.add_argument("--long", action="store_true", help="add millions of items: minutes")
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - SUITES.keys()
    if unknown:
        parser.error(f"no suite {', '.join(sorted(unknown))}; there is {', '.join(SUITES)}")
    chosen = arguments.suites or [name for name in SUITES if name != "long" or arguments.long]
    floors.machine()  # the floors first, while nothing else runs
    measured = {name: rows for name in chosen if (rows := SUITES[name]())}
    rows = [row for suite in measured.values() for row in suite]
    print(table(rows))
    for found in (growth.table(growth.fits(rows)), bars.table(bars.check(measured))):
        print(f"\n{found}" if found else "")
    if arguments.save:
        print(f"\nsaved to {save(measured)}")


if __name__ == "__main__":
    main()
