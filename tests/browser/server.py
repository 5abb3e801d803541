"""JupyterLab's server on a copy of the course, with nobody's settings."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
TOKEN = "t"


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, and the folder of notebooks that it serves."""

    url: str
    notebooks: Path

    def write(self, name: str, cells: Sequence[str]) -> None:
        """Put a notebook of these code cells beside those of the course."""
        made = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(code.strip()) for code in cells],
            # without its kernel's name JupyterLab would ask
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(made, self.notebooks / name)


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """A JupyterLab on copies of the notebooks and of hdlib, with what numba has compiled for it.

    A copy, because JupyterLab saves by itself. The whole process group ends with it, kernels too.
    """
    notebooks = folder / "root" / "notebooks"
    ignored = shutil.ignore_patterns(".ipynb_checkpoints")
    shutil.copytree(ROOT / "notebooks", notebooks, ignore=ignored)
    shutil.copytree(ROOT / "hdlib", folder / "root" / "hdlib")
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
            yield Server(url, notebooks)
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
