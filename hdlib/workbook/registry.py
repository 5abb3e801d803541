"""Things of the course by name: "00.peso" is looked up in the module of notebook 00."""

import difflib
from importlib import import_module
from importlib.util import find_spec
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Registry(Generic[Thing]):
    """Things of one kind by name.

    >>> animals = Registry[str]("animal")
    >>> animals.add("99.cat", "purrs")
    >>> animals["99.cat"]
    'purrs'
    >>> animals["99.hat"]
    Traceback (most recent call last):
    KeyError: "no animal '99.hat'; did you mean '99.cat'?"
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._things: dict[str, Thing] = {}

    def add(self, name: str, thing: Thing) -> None:
        """Add `thing`, or put it in the place of its namesake: a module may be loaded twice."""
        self._things[name] = thing

    def __getitem__(self, name: str) -> Thing:
        """Give the thing called `name`.

        Raises:
            KeyError: there is none; the message holds names that are near.
        """
        if name not in self._things:
            _load(str(name).split(".")[0])
        if name in self._things:
            return self._things[name]
        near = difflib.get_close_matches(str(name), self._things, n=3, cutoff=0.5)
        known = near or sorted(self._things)
        hint = f"; did you mean {' or '.join(map(repr, known))}?" if known else ""
        raise KeyError(f"no {self._kind} {name!r}{hint}")


def _load(notebook: str) -> None:
    module = f"hdlib.workbook.exercises.nb{notebook}"
    if notebook.isalnum() and find_spec(module):
        import_module(module)
