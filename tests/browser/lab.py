"""JupyterLab in Chromium: one page, in which one notebook after the other is opened and asked."""

import os
import time
from dataclasses import dataclass, field
from typing import Any

from tests.browser.server import ROOT, TOKEN

SHOTS = ROOT / "shots"
SECONDS = 60_000  # of patience, in milliseconds
CELL = ".jp-NotebookPanel-notebook .jp-Cell"
SIZE = {"width": 1280, "height": 1400}

# No predicate is async: to wait_for_function any promise is true.
READY = """() => {
  const context = window.jupyterapp.shell.currentWidget?.sessionContext;
  const kernel = context?.isReady && context.session?.kernel;
  return kernel?.connectionStatus === "connected" && kernel.status === "idle"; }"""
DONE = """() => [...document.querySelectorAll('.jp-CodeCell')]
  .filter(cell => cell.querySelector('.cm-content')?.textContent.trim())
  .every(cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent))"""
FAILED = """document.querySelector('[data-mime-type="application/vnd.jupyter.error"]')"""
# What a reader sees change: all words of the cards, and every number that is drawn.
SEEN = """() => JSON.stringify([
  [...document.querySelectorAll('.hdlib-words p, .hdlib-title, .hdlib-figure figcaption')]
    .map(each => each.textContent),
  [...document.querySelectorAll('.js-plotly-plot')].map(plot => (plot._fullData ?? []).map(
    trace => [trace.visible, ...['x', 'y', 'z'].map(axis => [...(trace[axis] ?? [])].flat())])),
])"""
SETTLED = """() => [...document.querySelectorAll('.hdlib-line progress')]
  .every(bar => bar.style.display === 'none')"""
DRAWN = """() => [...document.querySelectorAll('.hdlib-figure [role=img]')]
  .every(plot => plot.querySelector('.main-svg'))"""
# The plots have taken over the page's theme: dark words on a light page, light ones on a dark page.
PAINTED = """light => document.body.dataset.jpThemeLight === String(light)
  && [...document.querySelectorAll('.js-plotly-plot')].every(
    plot => (parseInt(plot._fullLayout.font.color.slice(1, 3), 16) < 128) === light)"""
CLOSE = """() => {
  const open = [...window.jupyterapp.shell.widgets("main")].filter(each => each.sessionContext);
  for (const panel of open) { panel.sessionContext.shutdown(); panel.dispose(); } }"""


@dataclass
class Wire:
    """What passed between the page and the world."""

    elsewhere: list[str] = field(default_factory=list)  # requests that wanted to leave this machine
    errors: list[str] = field(default_factory=list)  # of the page's console
    received: int = 0  # bytes through websockets


class Lab:
    """JupyterLab in one page, as a reader has it, and its wire since a notebook was last closed."""

    def __init__(self, browser: Any, url: str, abort: str | None = None) -> None:
        self.url, self.wire = url, Wire()
        self.context = browser.new_context(viewport=SIZE)
        self.context.route("**/*", self._local_only)
        if abort:
            self.context.route(abort, lambda route: route.abort())
        page = self.page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wire.errors.append(str(error)))
        page.on("websocket", self._count)
        page.goto(f"{url}/lab?token={TOKEN}&reset")  # a notebook closed as it opens may throw
        page.wait_for_selector(".jp-Launcher", timeout=SECONDS)

    def execute(self, command: str, **arguments: str) -> None:
        """Start one of JupyterLab's commands."""
        self.page.evaluate(  # braces: a returned promise would block past every timeout
            "([command, arguments]) => { window.jupyterapp.commands.execute(command, arguments); }",
            [command, arguments],
        )

    def tidy(self) -> None:
        """Close all notebooks, also half-open ones; their kernels end behind."""
        self.page.evaluate(CLOSE)
        self.wire = Wire()

    def close(self) -> None:
        """Close the page."""
        self.context.close()

    def _local_only(self, route: Any) -> None:
        if route.request.url.startswith((self.url, "data:", "blob:")):
            route.continue_()
            return
        self.wire.elsewhere.append(route.request.url)
        route.abort()

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.wire.errors.append(message.text)

    def _count(self, websocket: Any) -> None:
        if not websocket.url.startswith(self.url.replace("http", "ws")):
            self.wire.elsewhere.append(websocket.url)
        websocket.on("framereceived", self._add)

    def _add(self, payload: str | bytes) -> None:
        self.wire.received += len(payload)


class Notebook:
    """An open notebook: the test may run it, look at it and press keys."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.page, self.wire = lab, lab.page, lab.wire
        self.page.set_viewport_size(SIZE)
        self.theme("Light")
        lab.execute("docmanager:open", path=f"notebooks/{name}")
        self.page.wait_for_selector(CELL, timeout=SECONDS)
        self.page.wait_for_function(READY, timeout=SECONDS)

    def run_all(self) -> None:
        """Run all cells and wait until every figure is drawn.

        Raises:
            AssertionError: a cell failed, where JupyterLab stops; with its traceback.
        """
        self.lab.execute("notebook:run-all-cells")
        self.page.wait_for_function(f"() => ({DONE})() || {FAILED}", timeout=2 * SECONDS)
        failures = self.page.evaluate(f"() => {FAILED}?.textContent ?? null")
        assert failures is None, failures
        self.page.wait_for_function(DRAWN, timeout=SECONDS)

    def seen(self) -> str:
        """All words and numbers that the cards show."""
        return str(self.page.evaluate(SEEN))

    def move(self, control: Any, key: str) -> float:
        """Press `key` on a slider until the page shows something else: how long it took, in ms.

        Raises:
            AssertionError: the key does not move the slider.
            TimeoutError: of playwright; nothing on the page changed.
        """
        self.page.wait_for_function(SETTLED, timeout=SECONDS)
        slider = control if not isinstance(control, str) else self.slider(control)
        before, value = self.seen(), slider.input_value()
        slider.focus()
        began = time.perf_counter()
        self.page.keyboard.press(key)
        assert slider.input_value() != value, f"{key} did not move the slider from {value}"
        self.page.wait_for_function(f"before => ({SEEN})() !== before", arg=before, timeout=15_000)
        return 1000 * (time.perf_counter() - began)

    def slider(self, label: str) -> Any:
        """The slider of this name."""
        return self.page.get_by_role("slider", name=label, exact=True)

    def theme(self, name: str) -> None:
        """Switch to JupyterLab's theme "Light" or "Dark"."""
        self.lab.execute("apputils:change-theme", theme=f"JupyterLab {name}")
        self.page.wait_for_function(PAINTED, arg=name == "Light")

    def violations(self) -> list[str]:
        """What axe finds in the outputs; the rest of the page is JupyterLab's."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, context=".jp-OutputArea").response["violations"]
        return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]

    def assert_sound(self, name: str) -> None:
        """In both themes axe finds nothing; nothing failed or left this machine. Two pictures."""
        for theme in ("light", "dark"):
            if theme == "dark":
                self.theme("Dark")
            found = self.violations()
            assert found == [], found
            self.shoot(f"{name}-{theme}")
        assert self.wire.elsewhere == [], self.wire.elsewhere
        assert self.wire.errors == [], self.wire.errors

    def shoot(self, name: str, width: int = 1280) -> None:
        """Save pictures of the whole notebook and of each card, to be looked at; not in CI."""
        if os.environ.get("CI"):
            return
        SHOTS.mkdir(exist_ok=True)
        self._tall(width)
        self.page.screenshot(path=SHOTS / f"{name}.png")
        for number, card in enumerate(self.page.locator(".hdlib-card").all()):
            card.screenshot(path=SHOTS / f"{name}-card{number}.png")

    def _tall(self, width: int) -> None:
        height = self.page.evaluate(
            "() => { const notebook = document.querySelector('.jp-WindowedPanel-outer');"
            " notebook.scrollTo(0, 0); return notebook.scrollHeight; }"
        )
        self.page.set_viewport_size({"width": width, "height": min(height + 140, 12_000)})
        self.page.wait_for_timeout(300)
