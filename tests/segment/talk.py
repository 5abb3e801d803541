"""Invented dialogues whose topics are known, for tests."""

import numpy as np


def talk(dialogues, seed=0, topics=8, roles=False):
    """Segments of 4 to 8 utterances; words of a topic half of the time, of everybody else."""
    draw = np.random.default_rng(seed)
    out = []
    for number in range(dialogues):
        utterances, sizes, topic = [], [], -1
        for _ in range(4):
            topic = int((topic + 1 + draw.integers(topics - 1)) % topics)
            sizes.append(2 * int(draw.integers(2, 5)))
            for place in range(sizes[-1]):
                own = [f"{chr(97 + topic)}{n}" for n in draw.integers(0, 25, 5)]
                shared = [f"z{int(30 * x * x)}" for x in draw.random(5)]
                opening = ["now"] if place == 0 and draw.random() < 0.7 else []
                utterances.append(" ".join([*opening, *own, *shared]))
        dialogue = {"id": str(number), "utterances": utterances, "segments": sizes}
        if roles:
            dialogue["roles"] = ["user", "agent"] * (len(utterances) // 2)
        out.append(dialogue)
    return out
