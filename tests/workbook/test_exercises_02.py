"""The exercises of notebook 02: solutions are right, wrong answers get the advice that fits."""

import math

import torch

from hdlib.workbook.exercises import nb02
from tests.workbook.lessons import lesson

NAMES = ("majority", "sequence", "kept", "nested", "stream", "undo")


def moved(shift):
    return lambda vsa, labels: vsa.bundle(
        torch.stack(
            [vsa.permute(vsa.atoms(x), shift(i, len(labels))) for i, x in enumerate(labels)]
        )
    )


def one_by_one(vsa, vectors):
    out = next(vectors)
    for vector in vectors:
        out = vsa.bundle(torch.stack([out, vector]))
    return out


def in_order(vsa, z, keys):
    for key in keys:
        z = vsa.unbind(z, key)
    return z


def tally(vsa, vectors):
    return vsa.tally(torch.stack(list(vectors)))


def all_but_the_last(vsa, vectors):
    return vsa.bundle(torch.stack(list(vectors)[:-1]))


TestLesson = lesson(
    "02",
    {f"02.{name}": getattr(nb02, name) for name in NAMES},
    [
        ("02.majority", lambda rows: rows.int().sum(0), "the bundle of MAP-I"),
        ("02.majority", lambda rows: rows.double().mean(0), "the mean"),
        ("02.majority", lambda rows: -rows.int().sum(0).sign(), "turned round"),
        ("02.majority", lambda rows: (rows.int().sum(0) > 0).int(), "zeros and ones"),
        ("02.majority", lambda rows: rows.int().sum(1).sign(), "first axis"),
        ("02.majority", lambda rows: rows[0], "of the places"),
        ("02.majority", lambda rows: rows.sum(0, dtype=torch.int8).sign(), "n = 255"),
        ("02.sequence", moved(lambda i, n: 0), "without order"),
        ("02.sequence", moved(lambda i, n: i + 1), "began with 1"),
        ("02.sequence", moved(lambda i, n: -i), "other way"),
        ("02.sequence", moved(lambda i, n: n - 1 - i), "the last one stay"),
        ("02.sequence", moved(lambda i, n: 2 * i), "by i places"),
        ("02.sequence", lambda vsa, labels: vsa.atoms(labels), "returns shape"),
        ("02.kept", lambda n: 1 / n, "share of the votes"),
        ("02.kept", lambda n: n**-0.5, "MAP-I"),
        ("02.kept", lambda n: nb02.kept(n) if n < 4 else (2 / (math.pi * n)) ** 0.5, "its limit"),
        ("02.kept", lambda n: 0.5 + nb02.kept(n) / 2 if n > 1 else 1, "how often they agree"),
        ("02.kept", lambda n: nb02.kept(n) if n % 2 else 0.4, "equals n + 1"),
        ("02.kept", lambda n: 0.123, "by simulation"),
        ("02.nested", lambda groups, size: nb02.kept(groups * size), "flat bundle"),
        ("02.nested", lambda groups, size: nb02.kept(groups) + nb02.kept(size), "a sum"),
        ("02.nested", lambda groups, size: nb02.kept(size), "bundled again"),
        ("02.nested", lambda groups, size: nb02.kept(groups), "is not the group"),
        (
            "02.nested",
            lambda groups, size: 0.1171875 if (groups, size) == (5, 7) else 0,
            "you give 0;",
        ),
        ("02.nested", lambda groups, size: 0.5, "what does the group keep"),
        ("02.stream", one_by_one, "one by one forgets"),
        (
            "02.stream",
            lambda vsa, vectors: vsa.tally(torch.stack(list(vectors))),
            "That is the tally",
        ),
        (
            "02.stream",
            lambda vsa, vectors: vsa.bundle(torch.stack(list(vectors)[:-1])),
            "1 is right",
        ),
        ("02.undo", in_order, "went on last"),
        ("02.undo", lambda vsa, z, keys: vsa.unbind(z, keys[0]), "every key"),
        ("02.undo", lambda vsa, z, keys: z, "every key"),
    ],
    questions=6,
)
