"""Run by the interpreter that has cumbof's hdlib: see cumbof.py. Prints the median seconds."""

import json
import statistics
import sys
from functools import reduce
from time import perf_counter

import numpy as np
from hdlib.arithmetic import bind, bundle, permute
from hdlib.space import Vector


def main(kind, queries, given, made):
    """Every verb on the vectors of one file; their results go to another."""
    with np.load(given) as kept:
        a, b = ([Vector(vector=row, vtype=kind) for row in kept[name]] for name in "ab")
    n = len(a)
    few = a[: int(queries)]

    def cosines():
        if kind == "binary":
            size = a[0].size
            return [[1 - 2 * x.dist(y, method="hamming") / size for y in b] for x in few]
        return [[1 - x.dist(y, method="cosine") for y in b] for x in few]

    ways = {
        f"random {n:,}": lambda: [Vector(size=a[0].size, vtype=kind) for _ in range(n)],
        f"bind {n:,}": lambda: [bind(x, y).vector for x, y in zip(a, b, strict=True)],
        f"permute {n:,}": lambda: [permute(x, rotate_by=1).vector for x in a],
        f"similarity {queries} x {n:,}": cosines,
        "bind one pair": lambda: bind(a[0], b[0]).vector,
    }
    if kind == "bipolar":
        ways["bundle of 101"] = lambda: reduce(bundle, a[:101]).vector
    seconds, results = {}, {}
    for task, run in ways.items():
        if not task.startswith("random"):
            results[task] = np.array(run())
        times = []
        for _ in range(3 if n > 1 and task != "bind one pair" else 200):
            start = perf_counter()
            run()
            times.append(perf_counter() - start)
        seconds[task] = statistics.median(times)
    np.savez(made, **results)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
