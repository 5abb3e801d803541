"""What is wrong with a document: where it stands, and what to do about it."""

from __future__ import annotations

from hdlib.encode.json.paths import Path, show


class JSONInputError(ValueError):
    """A document that cannot be taken, with the line, column and path of the fault.

    ``line`` and ``column`` count from 1 and are None for documents that were no text; ``path`` is
    None where it is not known; ``record`` is the place in a batch, counted from 0.
    """

    def __init__(
        self,
        why: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        column: int | None = None,
        record: int | None = None,
    ) -> None:
        self.why, self.path, self.line, self.column = why, path, line, column
        self.record = record
        super().__init__(why)

    def __str__(self) -> str:
        where = [f"record {self.record}"] if self.record is not None else []
        where += [f"line {self.line}"] if self.line is not None else []
        where += [f"column {self.column}"] if self.column is not None else []
        where += [f"at {show(self.path)}"] if self.path is not None else []
        return f"{', '.join(where)}: {self.why}" if where else self.why
