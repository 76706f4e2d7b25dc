"""A course served by a real JupyterLab, and a real browser that has no network.

Every request that leaves this machine is cut off and told; so is every error on a page and every answer of the server
that is one. A test fails for any of them.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from tests.conftest import REPOSITORY, course_in

SHOTS = os.environ.get("LECTRAIN_SHOTS")  # a folder: take screenshots to look at
WAIT = 60_000  # ms; a kernel starts in 2 s on a quiet machine

expect.set_options(timeout=WAIT)


@dataclass
class Visit:
    """A page in the browser, and what went wrong on it."""

    page: Page
    home: str
    troubles: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)  # pieces of troubles that a test expects

    def shot(self, name: str) -> None:
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png")

    def unexpected(self) -> list[str]:
        return [trouble for trouble in self.troubles if not any(piece in trouble for piece in self.allowed)]


@pytest.fixture(scope="session")
def classroom(tmp_path_factory) -> Path:
    """A course with an exchange of its own. `home/` in it is where a student works."""
    top = tmp_path_factory.mktemp("classroom")
    course = top / "course"
    course.mkdir()
    course_in(course, *sorted(folder.name for folder in (REPOSITORY / "solutions").iterdir()))
    (top / "exchange").mkdir()
    (top / "exchange").chmod(0o777)
    config = course / "nbgrader_config.py"
    config.write_text(
        f'{config.read_text()}\nc.Exchange.root = "{top / "exchange"}"\nc.Exchange.cache = "{top / "cache"}"\n'
    )
    (course / "home").mkdir()
    return course


@pytest.fixture(scope="session")
def lab(classroom) -> Iterator[str]:
    """The address of a JupyterLab started as an instructor does, in the folder of the course."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {f"JUPYTER_{what}_DIR": str(classroom.parent / what.lower()) for what in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{what}_DIR": str(classroom.parent / what.lower()) for what in ("SETTINGS", "WORKSPACES")}
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    with (classroom.parent / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *options],
            cwd=classroom,
            env=os.environ | own,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}/api")
                    break
                except OSError:
                    time.sleep(0.25)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=60)


@pytest.fixture(scope="session")
def executed(tmp_path_factory) -> Path:
    """Where notebooks that were run for a deck are kept."""
    return tmp_path_factory.mktemp("executed")


@pytest.fixture
def visit(browser, lab) -> Iterator[Visit]:
    """A browser window without a network, in which nothing may go wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(WAIT)
    page = context.new_page()
    here = Visit(page, lab)

    def away(url: str) -> bool:
        return urlsplit(url).scheme in ("http", "https") and not url.startswith(lab)

    def cut(route) -> None:
        here.troubles.append(f"asked for {route.request.url}")
        route.abort()

    def answered(response: Response) -> None:
        if response.status >= 400:
            here.troubles.append(f"{response.status} {response.request.method} {response.url}")

    context.route(away, cut)
    page.on("pageerror", lambda error: here.troubles.append(f"error: {error}"))
    page.on("response", answered)
    yield here
    page.goto("about:blank")
    context.close()
    assert here.unexpected() == []
