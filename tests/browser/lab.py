"""JupyterLab on a copy of the course, driven in Chromium: what can be asked of an open notebook."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "shots"
TOKEN = "t"
SECONDS = 60_000  # of patience, in milliseconds

READY = """async () => {
  const panel = window.jupyterapp?.shell.currentWidget;
  if (!panel?.sessionContext) return false;
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session?.kernel;
  return !!kernel && kernel.connectionStatus === "connected" && kernel.status === "idle"; }"""
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


def chromium() -> str | None:
    """Where Chromium is, if it is here."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def serve(folder: Path, notebooks: Path) -> Iterator[str]:
    """The address of a JupyterLab on copies of `notebooks` and hdlib, with nobody's settings.

    A copy, because JupyterLab saves by itself. The whole process group ends with it, kernels too.
    """
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    shutil.copytree(notebooks, folder / "root" / "notebooks", ignore=ignored)
    shutil.copytree(ROOT / "hdlib", folder / "root" / "hdlib", ignore=ignored)
    places = {
        name: str(folder / name)
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "IPYTHONDIR",
        )
    }
    settings = folder / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab"
    _settings(settings / "apputils-extension" / "notification", fetchNews="false")
    _settings(
        settings / "notebook-extension" / "tracker", windowingMode="none", scrollPastEnd=False
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        str(Path(sys.executable).with_name("jupyter-lab")),
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={folder / 'root'}",
        "--LabApp.expose_app_in_browser=True",
    ]
    environment = os.environ | places | {"PYTHONPATH": str(folder / "root")}
    environment.pop("HDLIB_PICTURES", None)
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            command, env=environment, start_new_session=True, stdout=log, stderr=log
        )
        try:
            _wait_for(url, server)
            yield url
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)


def _settings(path: Path, **values: str | bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".jupyterlab-settings").write_text(json.dumps(values))


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"{url}/api?token={TOKEN}", timeout=1):
                return
        except OSError:
            assert server.poll() is None, "JupyterLab ended; see server.log"
            time.sleep(0.25)
    raise AssertionError("JupyterLab did not answer within a minute")


class Notebook:
    """An open notebook: the page, and what passed over the wire since it was opened."""

    def __init__(self, browser: Any, url: str, name: str, abort: str | None = None) -> None:
        self.url, self.name = url, name
        self.elsewhere: list[str] = []  # requests that wanted to leave this machine
        self.errors: list[str] = []  # of the page's console
        self.received = 0  # bytes through websockets
        self.context = browser.new_context(viewport={"width": 1280, "height": 1400})
        self.context.route("**/*", self._local_only)
        if abort:
            self.context.route(abort, lambda route: route.abort())
        page = self.page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._count)
        page.goto(f"{url}/lab/tree/notebooks/{name}?token={TOKEN}&reset")
        page.wait_for_selector(".jp-NotebookPanel-notebook .jp-Cell", timeout=SECONDS)
        page.wait_for_function(READY, timeout=SECONDS)
        if page.evaluate("() => document.body.dataset.jpThemeLight") == "false":
            self.theme("Light")  # JupyterLab remembers the theme of the page before

    def run_all(self) -> None:
        """Run all cells and wait until every figure is drawn.

        Raises:
            AssertionError: a cell failed, where JupyterLab stops; with its traceback.
        """
        # Braces: a returned promise would block past every timeout.
        self.page.evaluate(
            "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
        )
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
        self.page.evaluate(
            "theme => { window.jupyterapp.commands.execute('apputils:change-theme', { theme }); }",
            f"JupyterLab {name}",
        )
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light",
            arg=str(name == "Light").lower(),
        )
        self.page.wait_for_timeout(500)  # the figures are drawn anew

    def violations(self) -> list[str]:
        """What axe finds in the outputs; the rest of the page is JupyterLab's."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, context=".jp-OutputArea").response["violations"]
        return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]

    def shoot(self, name: str, width: int = 1280) -> None:
        """Save pictures of the whole notebook and of each card, to be looked at; not in CI."""
        if os.environ.get("CI"):
            return
        SHOTS.mkdir(exist_ok=True)
        self._tall(width)
        self.page.screenshot(path=SHOTS / f"{name}.png")
        for number, card in enumerate(self.page.locator(".hdlib-card").all()):
            card.screenshot(path=SHOTS / f"{name}-card{number}.png")

    def close(self) -> None:
        """Close the page and end the kernel."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget?.sessionContext.shutdown()")
        self.context.close()

    def _tall(self, width: int) -> None:
        height = self.page.evaluate(
            "() => { const notebook = document.querySelector('.jp-WindowedPanel-outer');"
            " notebook.scrollTo(0, 0); return notebook.scrollHeight; }"
        )
        self.page.set_viewport_size({"width": width, "height": min(height + 140, 12_000)})
        self.page.wait_for_timeout(300)

    def _local_only(self, route: Any) -> None:
        if route.request.url.startswith((self.url, "data:", "blob:")):
            route.continue_()
            return
        self.elsewhere.append(route.request.url)
        route.abort()

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _count(self, websocket: Any) -> None:
        if not websocket.url.startswith(self.url.replace("http", "ws")):
            self.elsewhere.append(websocket.url)
        websocket.on("framereceived", self._add)

    def _add(self, payload: str | bytes) -> None:
        self.received += len(payload)
