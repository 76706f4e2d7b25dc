"""A course in a real JupyterLab, and a real browser without a network.

Requests to other machines are blocked. A blocked request, an error on a page and an error response of the server make
a test fail.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Response, Route, expect

from autograder.class_report.predictions import count_predictions
from autograder.class_report.questions import Questions
from autograder.course import Course
from tests.conftest import REPOSITORY, SOURCES, add_settings, make_course

sys.path.insert(0, str(REPOSITORY / "slides"))
import decks
from notebook_runs import read_with_charts, run

DECKS = tuple(SOURCES)
SCREENSHOTS = os.environ.get("LECTRAIN_SHOTS")  # the folder for screenshots, if there should be any
TIMEOUT = 240_000  # ms; a kernel starts in 2 s on a quiet machine

expect.set_options(timeout=TIMEOUT)


@dataclass
class Visit:
    """A browser window without a network."""

    page: Page
    home: str  # the address of the server; all other servers are blocked
    allow_requests: bool = False  # whether the page may try to reach other servers, which stay blocked
    # blocked requests, errors of scripts, error responses, and what a content security policy blocked
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(TIMEOUT)
        self.page.context.route(self.is_external, self.block)
        self.page.on("pageerror", lambda error: self.failures.append(f"error: {error}"))
        self.page.on("response", self.record_response)
        self.page.on("console", self.record_message)

    def is_external(self, url: str) -> bool:
        return urlsplit(url).scheme in ("http", "https") and not url.startswith(self.home)

    def block(self, route: Route) -> None:
        if not self.allow_requests:
            self.failures.append(f"request to {route.request.url}")
        route.abort()

    def record_response(self, response: Response) -> None:
        if response.status >= 400:
            self.failures.append(f"{response.status} {response.request.method} {response.url}")

    def record_message(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.failures.append(message.text)

    def screenshot(self, name: str) -> None:
        if SCREENSHOTS:
            self.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")

    def close(self) -> None:
        """Close the window, and check that there were no failures."""
        self.page.goto("about:blank")
        self.page.context.close()
        assert self.failures == []


def violations(page: Page, context: str | None = None, options: dict | None = None) -> dict[str, list[str]]:
    """The HTML of the nodes that violate each of axe-core's rules, on a page or in a part of it."""
    found = Axe().run(page, context=context, options=options).response["violations"]
    return {violation["id"]: [node["html"][:200] for node in violation["nodes"]] for violation in found}


@pytest.fixture(scope="session")
def classroom(tmp_path_factory) -> Path:
    """A course with its own exchange. Its folder `home/` is where a student works."""
    top = tmp_path_factory.mktemp("classroom")
    course = top / "course"
    course.mkdir()
    make_course(course, *sorted(folder.name for folder in (REPOSITORY / "solutions").iterdir()))
    (top / "exchange").mkdir()
    (top / "exchange").chmod(0o777)
    add_settings(course, f'c.Exchange.root = "{top / "exchange"}"', f'c.Exchange.cache = "{top / "cache"}"')
    (course / "home").mkdir()
    return course


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Run JupyterLab in a folder, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(folder.parent / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own["JUPYTERLAB_SETTINGS_DIR"] = str(folder.parent / "settings")
    own["JUPYTERLAB_WORKSPACES_DIR"] = str(folder.parent / "workspaces")
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    with (folder.parent / f"lab-{port}.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *options],
            cwd=folder,
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
def lab(classroom) -> Iterator[str]:
    """The address of a JupyterLab."""
    with serve(classroom) as address:
        yield address


@pytest.fixture(scope="session")
def deck(tmp_path_factory) -> Iterator[Callable[[str], Path]]:
    """A function that writes the page of a deck. The notebooks run in the background, unless `make site` has run them."""
    folder = tmp_path_factory.mktemp("decks")
    cache = REPOSITORY / "build" / "site-work" / "run"
    course = Course.at(REPOSITORY)
    # In another process: nbclient does not close the event loop of a thread.
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        runs = {
            name: pool.submit(run, read_with_charts(source), source.parent, cache) for name, source in SOURCES.items()
        }

        def page(name: str) -> Path:
            file = folder / f"{name}.html"
            predictions = count_predictions(course, Questions.read(course, SOURCES[name].parent.name), [])
            file.write_text(decks.make_deck(name, runs[name].result(), predictions), encoding="utf-8")
            return file

        yield page


@pytest.fixture(scope="session")
def open_window(browser, lab) -> Callable[[], Visit]:
    """A function that opens a window."""

    def open_new() -> Visit:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
        return Visit(context.new_page(), lab)

    return open_new


@pytest.fixture
def visit(open_window) -> Iterator[Visit]:
    visit = open_window()
    yield visit
    visit.close()


@pytest.fixture
def file_visit(browser) -> Iterator[Visit]:
    """A window for pages that are files, without a server."""
    visit = Visit(browser.new_context(viewport={"width": 1280, "height": 900}).new_page(), "file://")
    yield visit
    visit.close()
