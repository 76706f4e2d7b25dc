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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.conftest import REPOSITORY, course_in

sys.path.insert(0, str(REPOSITORY / "docs" / "slides"))
import decks

DECKS = ("01-sigmoid/sigmoid", "05-momentum/momentum")  # those that are looked at, slide by slide
SHOTS = os.environ.get("LECTRAIN_SHOTS")  # a folder: take screenshots to look at
WAIT = 60_000  # ms; a kernel starts in 2 s on a quiet machine

expect.set_options(timeout=WAIT)


@dataclass
class Visit:
    """A window of the browser, without a network, and what went wrong in it."""

    page: Page
    home: str
    troubles: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)  # pieces of troubles that a test expects

    def __post_init__(self) -> None:
        self.page.context.route(self.away, self.cut)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("response", self.answered)

    def away(self, url: str) -> bool:
        return urlsplit(url).scheme in ("http", "https") and not url.startswith(self.home)

    def cut(self, route: Route) -> None:
        self.troubles.append(f"asked for {route.request.url}")
        route.abort()

    def answered(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status} {response.request.method} {response.url}")

    def shot(self, name: str) -> None:
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png")

    def leave(self) -> None:
        """Close the window, in which nothing may have gone wrong."""
        self.page.goto("about:blank")
        self.page.context.close()
        assert [trouble for trouble in self.troubles if not any(piece in trouble for piece in self.allowed)] == []


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


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab started as an instructor does, in the folder of the course."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {f"JUPYTER_{what}_DIR": str(folder.parent / what.lower()) for what in ("CONFIG", "DATA", "RUNTIME")}
    own["JUPYTERLAB_SETTINGS_DIR"] = str(folder.parent / "settings")
    workspaces = folder.parent / f"workspaces-{port}"  # not shared: one server would read what another is writing
    own["JUPYTERLAB_WORKSPACES_DIR"] = str(workspaces)
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    with (folder.parent / f"lab-{port}.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *options],
            cwd=folder,
            env=os.environ | own,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=60)


@pytest.fixture(scope="session")
def labs(classroom) -> Iterator[list[str]]:
    """Two JupyterLabs, for a server answers nobody while it validates."""
    with serve(classroom) as one, serve(classroom) as other:
        for address in (one, other):
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}/api")
                    break
                except OSError:
                    time.sleep(0.25)
        yield [one, other]


@pytest.fixture(scope="session")
def deck(tmp_path_factory) -> Iterator[Callable[[str], Path]]:
    """The page of a deck. The notebooks behind them run while other tests look at other things."""
    folder = tmp_path_factory.mktemp("decks")
    with ThreadPoolExecutor(max_workers=1) as pool:
        runs = {name: pool.submit(decks.run, REPOSITORY / "solutions" / f"{name}.ipynb", folder) for name in DECKS}

        def page(name: str) -> Path:
            file = folder / f"{name.replace('/', '-')}.html"
            file.write_text(decks.deck(runs[name].result()), encoding="utf-8")
            return file

        yield page


@pytest.fixture(scope="session")
def enter(browser, labs) -> Callable[[int], Visit]:
    """Opens a window for one of the servers."""

    def open_window(server: int) -> Visit:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
        context.set_default_timeout(WAIT)
        return Visit(context.new_page(), labs[server])

    return open_window


@pytest.fixture
def visit(enter) -> Iterator[Visit]:
    here = enter(0)
    yield here
    here.leave()
