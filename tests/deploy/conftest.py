"""A real JupyterHub with Unix accounts. `LECTRAIN_HUB` names the folder in which `install.sh` has installed it.

git clone . /srv/lectrain-test/course
/srv/lectrain-test/course/deploy/jupyterhub/install.sh
LECTRAIN_SLOW=1 LECTRAIN_HUB=/srv/lectrain-test .venv/bin/python -m pytest tests/deploy
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ASSIGNMENT = "01-sigmoid"
TIMEOUT = 60_000  # ms; a server starts in 5 s on a quiet machine
PASSWORD = secrets.token_hex(16)
PEOPLE = {"instructors": ("prof", "tutor"), "students": ("ada", "bob", "eve")}


def why_not() -> str:
    """Why there is no hub to test. Empty if there is one."""
    if "LECTRAIN_HUB" not in os.environ:
        return "LECTRAIN_HUB does not name the folder of a hub that deploy/jupyterhub/install.sh installed"
    return "" if os.geteuid() == 0 else "only root can create the accounts for a hub"


@dataclass
class Hub:
    """A running hub. Its people are accounts of this machine that exist only during the tests.

    Attributes
    ----------
    base : Path
    url : str
    accounts : dict of str to str
        The account of "ada" and of the others.
    log : Path
    """

    base: Path
    url: str = ""
    accounts: dict[str, str] = field(default_factory=dict)
    log: Path = Path()

    @property
    def course(self) -> Path:
        return self.base / "course"

    @property
    def inbound(self) -> Path:
        return self.base / "exchange" / "lectrain" / "inbound"

    def home(self, who: str) -> Path:
        return Path("/home") / self.accounts[who]

    def popen(self, who: str, script: str) -> subprocess.Popen:
        """Start a script in a terminal of a person: instructors in the course, students in their homes."""
        folder = self.course if who in PEOPLE["instructors"] else self.home(who)
        command = ["runuser", "-l", self.accounts[who], "-c", f"cd {folder} && {script}"]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    def run(self, who: str, script: str, fails: bool = False) -> str:
        """Run a script in a terminal of a person, and return what it prints."""
        process = self.popen(who, script)
        output, _ = process.communicate(timeout=120)
        assert bool(process.returncode) == fails, f"{who}: {script}\n{output}"
        return output


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def accounts() -> Iterator[dict[str, str]]:
    """Accounts of this machine for an instructor, a tutor and three students."""
    if reason := why_not():
        pytest.skip(reason)
    prefix = f"lt{secrets.token_hex(2)}"
    accounts = {who: f"{prefix}{who}" for group in PEOPLE.values() for who in group}
    deploy = Path(os.environ["LECTRAIN_HUB"]) / "course" / "deploy" / "jupyterhub"
    try:
        for group, people in PEOPLE.items():
            subprocess.run([deploy / "add_users.sh", group, *(accounts[who] for who in people)], check=True)
        lines = "".join(f"{account}:{PASSWORD}\n" for account in accounts.values())
        subprocess.run(["chpasswd"], input=lines, text=True, check=True)
        yield accounts
    finally:
        for account in accounts.values():
            subprocess.run(["userdel", "--remove", "--force", account], stderr=subprocess.DEVNULL, check=False)


@pytest.fixture(scope="session")
def hub(accounts, tmp_path_factory) -> Iterator[Hub]:
    base = Path(os.environ["LECTRAIN_HUB"])
    hub = Hub(base, f"http://127.0.0.1:{free_port()}", accounts, tmp_path_factory.mktemp("hub") / "log")
    _empty(base)
    options = [
        f"--JupyterHub.bind_url={hub.url}",
        f"--JupyterHub.hub_port={free_port()}",
        f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{free_port()}",
    ]
    with ExitStack() as stack:
        log = stack.enter_context(hub.log.open("w"))
        process = subprocess.Popen([base / "hub/start", *options], stdout=log, stderr=log, start_new_session=True)
        stack.callback(_stop, process)
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{hub.url}/hub/login")
                break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail(f"the hub does not answer: {hub.log.read_text()}")
        yield hub


def _stop(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGINT)  # the hub ends its proxy and the servers of its users
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _empty(base: Path) -> None:
    """Remove what an earlier run of the tests left in the exchange and the course."""
    exchange, course = base / "exchange" / "lectrain", base / "course"
    for folder in exchange.glob("*/*"):
        shutil.rmtree(folder) if folder.is_dir() and not folder.is_symlink() else folder.unlink()
    for name in ("submitted", "autograded", "feedback", "records", "reports", "refused"):
        shutil.rmtree(course / name, ignore_errors=True)
    subprocess.run([course / ".venv/bin/python", "-c", _FORGET_THE_CLASS], cwd=course, check=True)


_FORGET_THE_CLASS = """
from pathlib import Path
from autograder.course import Course
with Course.at(Path(".")).gradebook() as gradebook:
    for student in [student.id for student in gradebook.students]:
        gradebook.remove_student(student)
"""


class Desk:
    """A person's browser window, with JupyterLab on the hub.

    Parameters
    ----------
    browser : Browser
    hub : Hub
    who : str
    """

    def __init__(self, browser: Browser, hub: Hub, who: str):
        self.hub, self.account = hub, hub.accounts[who]
        context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
        context.set_default_timeout(TIMEOUT)
        self.page: Page = context.new_page()
        self.page.goto(f"{hub.url}/hub/login")
        self.page.fill("#username_input", self.account)
        self.page.fill("#password_input", PASSWORD)
        self.page.click("#login_submit", no_wait_after=True)

    def wait_for_server(self) -> None:
        self.page.wait_for_url(re.compile("/user/.*/lab"))
        self.open_lab()

    def open_lab(self) -> None:
        self.page.goto(f"{self.hub.url}/user/{self.account}/lab?reset", wait_until="commit")
        self.page.locator(".jp-Launcher").wait_for()

    def choose(self, *items: str) -> None:
        for item in items:
            self.page.get_by_role("menuitem", name=item, exact=True).first.click()

    def menu_of_nbgrader(self) -> list[str]:
        self.choose("Nbgrader")
        labels = [label for label in self.page.locator(".lm-Menu-itemLabel").all_inner_texts() if label]
        self.page.keyboard.press("Escape")
        return labels

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def status(self, path: str) -> int:
        response = self.page.request.get(f"{self.hub.url}/{path}", max_redirects=5)
        return int(response.status)

    def close(self) -> None:
        self.page.context.close()


expect.set_options(timeout=TIMEOUT)
