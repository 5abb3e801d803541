"""Slow work behind a live card: one worker, the newest question wins, answers are remembered.

>>> double = Behind(lambda progress, n: 2 * n, lambda answer: print("done:", answer))
>>> double.ask({"n": 21})
>>> double.wait()
done: 42
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

REMEMBERED = 64
REPORTS = 0.1  # seconds between two movements of the progress bar


class StaleError(Exception):
    """Raised inside slow work that no longer matters."""


class Behind:
    """Run `work(progress, **values)` in a thread and hand its answer to `show`.

    `progress(fraction)` moves the bar; it raises StaleError once there is a newer question, which
    ends the work. Where an event loop runs, as in Jupyter, answers come by themselves; elsewhere
    `wait` fetches them.
    """

    def __init__(
        self,
        work: Callable[..., Any],
        show: Callable[[Any], None],
        *,
        failed: Callable[[Exception], None] | None = None,
        progress: Callable[[float | None], None] = lambda fraction: None,
    ) -> None:
        self._work, self._show, self._failed, self._progress = work, show, failed, progress
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hdlib-behind")
        self._answers: OrderedDict[Any, Any] = OrderedDict()
        self._newest = 0
        self._waiting: Future[Any] | None = None

    def ask(self, values: Mapping[str, Any]) -> None:
        """Ask for the answer to `values`; older questions are dropped."""
        self._newest += 1
        self._waiting = None
        key = tuple(values.items())
        if key in self._answers:
            self._answers.move_to_end(key)
            self._progress(None)
            self._show(self._answers[key])
            return
        self._progress(0.0)
        loop = _running_loop()
        future = self._pool.submit(self._answer, self._newest, key, loop)
        self._waiting = future
        if loop is not None:
            future.add_done_callback(lambda done: _soon(loop, self._fetch, done))

    def drop(self) -> None:
        """Forget the question that is open; its answer will not be shown."""
        self._newest += 1
        self._waiting = None
        self._progress(None)

    def wait(self, timeout: float | None = 60) -> None:
        """Wait for the newest answer and show it.

        Raises:
            TimeoutError: it did not come within `timeout` seconds; it goes on behind.
        """
        waiting = self._waiting
        if waiting is None:
            return
        try:
            waiting.exception(timeout)
        except TimeoutError:
            raise TimeoutError(f"wait: no answer within {timeout} s; give more time") from None
        self._fetch(waiting)

    def _answer(self, number: int, key: Any, loop: asyncio.AbstractEventLoop | None) -> Any:
        last = 0.0

        def report(fraction: float) -> None:
            nonlocal last
            if number != self._newest:
                raise StaleError
            now = time.monotonic()
            if loop is not None and now - last >= REPORTS:
                last = now
                _soon(loop, self._moved, number, min(max(fraction, 0.0), 1.0))

        report(0.0)
        answer = self._work(report, **dict(key))
        self._answers[key] = answer
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        return answer

    def _moved(self, number: int, fraction: float) -> None:
        if number == self._newest and self._waiting is not None:
            self._progress(fraction)

    def _fetch(self, future: Future[Any]) -> None:
        if future is not self._waiting:  # stale, or shown already
            return
        self._waiting = None
        self._progress(None)
        error = future.exception()
        if error is None:
            self._show(future.result())
        elif isinstance(error, Exception) and self._failed is not None:
            self._failed(error)
        else:
            raise error


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: Any) -> None:
    if not loop.is_closed():  # the kernel may be gone before the work is
        loop.call_soon_threadsafe(call, *arguments)
