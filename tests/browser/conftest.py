"""A real JupyterLab and a headless Chromium, with every setting in temporary folders."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

SECONDS_TO_START = 60
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
OPENED = "() => window.jupyterapp?.shell.currentWidget?.sessionContext"
READY = """async () => {
    const notebook = jupyterapp.shell.currentWidget;
    await notebook.context.ready;
    await notebook.sessionContext.ready;
    await notebook.sessionContext.session.kernel.info;
}"""
RUN = """async (cell) => {
    const notebook = jupyterapp.shell.currentWidget;
    notebook.content.activeCellIndex = cell;
    notebook.content.deselectAll();
    await jupyterapp.commands.execute("notebook:run-cell");
}"""
OUTPUT = """(cell) => jupyterapp.shell.currentWidget.content.widgets[cell].model.outputs.toJSON()"""
RESTART = """async () => {
    const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
    await kernel.restart();
    await kernel.info;
}"""
THEME = """(name) => jupyterapp.commands.execute("apputils:change-theme", { theme: name })"""


@dataclass
class Notebook:
    """A notebook in JupyterLab, driven through JupyterLab's own commands: keys and clicks into cells are flaky."""

    page: Page

    def run(self, cell: int) -> None:
        """Run a cell and wait for the kernel's reply."""
        self.page.evaluate(RUN, cell)

    def output(self, cell: int) -> str:
        """What the cell shows, as JSON."""
        return json.dumps(self.page.evaluate(OUTPUT, cell), ensure_ascii=False)

    def restart_kernel(self) -> None:
        self.page.evaluate(RESTART)

    def show_theme(self, name: str) -> None:
        """Change to "JupyterLab Light" or "JupyterLab Dark"."""
        self.page.evaluate(THEME, name)
        self.page.wait_for_function(
            "(light) => document.body.dataset.jpThemeLight === light", arg=str(name.endswith("Light")).lower()
        )
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def photograph(self, name: str) -> Path:
        """Keep a picture of the panel in both themes, for people to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for theme in ("Dark", "Light"):
            self.show_theme(f"JupyterLab {theme}")
            picture = SCREENSHOTS / f"{name}-{theme.lower()}.png"
            self.page.locator(".cnb-panel").last.screenshot(path=picture)
        return picture


@dataclass
class Lab:
    """A JupyterLab server, and the folder in it where a test has its notebooks and, as nothing is set, its store."""

    url: str
    token: str
    root: Path
    folder: Path

    def write_notebook(self, *cells: str) -> str:
        """Write a notebook of these code cells and return its path on the server."""
        name = f"{secrets.token_hex(4)}.ipynb"
        code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
        notebook = {
            "cells": [{**code, "id": f"cell-{number}", "source": source} for number, source in enumerate(cells)],
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / name).write_text(json.dumps(notebook), encoding="utf-8")
        return (self.folder / name).relative_to(self.root).as_posix()

    def open(self, page: Page, *cells: str) -> Notebook:
        """Open a new notebook of these cells and wait for its kernel."""
        name = self.write_notebook(*cells)
        page.goto(f"{self.url}/lab/tree/{name}?token={self.token}&reset")
        page.wait_for_function(OPENED, timeout=SECONDS_TO_START * 1000)
        page.evaluate(READY)
        return Notebook(page)


def start_lab(folder: Path) -> Iterator[Lab]:
    """Start JupyterLab on a free port, yield it when it answers, and end it."""
    work = folder / "notebooks"
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    work.mkdir()
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}', encoding="utf-8")
    token = secrets.token_hex(8)
    port = _free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    options = [
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={work}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with (folder / "lab.log").open("wb") as log:
        server = subprocess.Popen([*command, *options], env=_own_settings(folder), stdout=log, stderr=log)
    try:
        lab = Lab(f"http://127.0.0.1:{port}", token, work, work)
        _wait_for(lab)
        yield lab
    finally:
        server.terminate()
        server.wait(timeout=SECONDS_TO_START)


def _own_settings(folder: Path) -> dict[str, str]:
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "HOME": "home",
    }
    for name in names.values():
        (folder / name).mkdir(exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if name != "CLINICAL_NB_HOME"}
    return {**inherited, **{variable: str(folder / name) for variable, name in names.items()}}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _wait_for(lab: Lab) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{lab.url}/api?token={lab.token}"):  # noqa: S310 - our own server, by http
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail((lab.root.parent / "lab.log").read_text(encoding="utf-8"))


def start_browser() -> Iterator[Browser]:
    """Start the system's Chromium, which talks to nobody but the server."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    yield from start_browser()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    yield from start_lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture
def lab(server: Lab) -> Lab:
    folder = server.root / secrets.token_hex(4)
    folder.mkdir()
    return replace(server, folder=folder)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1700}, device_scale_factor=2)
    page = context.new_page()
    page.set_default_timeout(SECONDS_TO_START * 1000)
    expect.set_options(timeout=SECONDS_TO_START * 1000 / 2)
    yield page
    context.close()
