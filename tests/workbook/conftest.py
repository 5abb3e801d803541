"""What widgets send to the page, counted without a page; and the same draws in every run."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

import comm
import pytest

from hdlib.workbook.exercises import asking


@dataclass
class Wire:
    """The messages of all widgets since the last `clear`, and their sizes in bytes."""

    messages: list[tuple[str, Any, int]] = field(default_factory=list)

    def add(self, kind: str, data: Any, buffers: Any) -> None:
        size = len(json.dumps(data)) + sum(len(memoryview(each).cast("B")) for each in buffers)
        self.messages.append((kind, data, size))

    def clear(self) -> None:
        self.messages.clear()

    @property
    def sizes(self) -> list[int]:
        return [size for _, _, size in self.messages]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    record = Wire()

    class RecordingComm(comm.base_comm.BaseComm):
        def publish_msg(
            self,
            msg_type: str,
            data: Any = None,
            metadata: Any = None,
            buffers: Any = None,
            **keys: Any,
        ) -> None:
            record.add(msg_type, data, buffers or [])

    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    return record


@pytest.fixture(autouse=True)
def _seeded_draws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A near miss can be another one too on one instance in thousands: not once in a while."""
    monkeypatch.setattr(asking, "CHANCE", random.Random(request.node.name))
