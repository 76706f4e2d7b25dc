"""A real JupyterHub with Unix accounts. `LECTRAIN_HUB` names the folder in which `install.sh` has installed it.

git clone . /srv/lectrain-test/source
/srv/lectrain-test/source/deploy/jupyterhub/install.sh
LECTRAIN_SLOW=1 LECTRAIN_HUB=/srv/lectrain-test .venv/bin/python -m pytest tests/deploy

While it is being installed, a process may lock the file `LECTRAIN_HUB_LOCK`: the tests wait for it.
"""

import fcntl
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Error, Page, TimeoutError, expect

ASSIGNMENT = "01-sigmoid"
TIMEOUT = 300_000  # ms; a server starts in 5 s on a quiet machine
PASSWORD = secrets.token_hex(16)
PEOPLE = {"instructors": ("prof", "tutor"), "students": ("ada", "bob", "eve", "mallory")}


def why_not() -> str:
    """Why there is no hub to test. Empty if there is one."""
    if "LECTRAIN_HUB" not in os.environ:
        return "LECTRAIN_HUB does not name the folder of a hub that deploy/jupyterhub/install.sh installed"
    return "" if os.geteuid() == 0 else "only root can create the accounts for a hub"


@dataclass
class Hub:
    """A running hub. Its people are accounts of this machine that exist only during the tests."""

    base: Path
    url: str
    subdomain: str  # what follows the name of an account in a server's address; empty if all servers share one origin
    accounts: dict[str, str]  # that of "ada" and of the others
    log: Path

    @property
    def course(self) -> Path:
        return self.base / "course"

    @property
    def inbound(self) -> Path:
        return self.base / "exchange" / "lectrain" / "inbound"

    def server(self, who: str) -> str:
        """The address of a person's server."""
        account = self.accounts[who]
        return f"{f'http://{account}.{self.subdomain}' if self.subdomain else self.url}/user/{account}"

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
        output, _ = process.communicate(timeout=600)
        assert bool(process.returncode) == fails, f"{who}: {script}\n{output}"
        return output


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="package")
def accounts() -> Iterator[dict[str, str]]:
    """Accounts of this machine for an instructor, a tutor and three students."""
    if reason := why_not():
        pytest.skip(reason)
    if lock := os.environ.get("LECTRAIN_HUB_LOCK"):
        with open(lock) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
    prefix = f"lt{secrets.token_hex(2)}"
    accounts = {who: f"{prefix}{who}" for group in PEOPLE.values() for who in group}
    base = Path(os.environ["LECTRAIN_HUB"])
    deploy, passwords = base / "source" / "deploy" / "jupyterhub", base / "hub" / "state" / "passwords.csv"
    before = passwords.read_bytes() if passwords.exists() else b""
    try:
        for group, people in PEOPLE.items():
            subprocess.run([deploy / "add_users.py", group, *(accounts[who] for who in people)], check=True)
        lines = "".join(f"{account}:{PASSWORD}\n" for account in accounts.values())
        subprocess.run(["chpasswd"], input=lines, text=True, check=True)
        yield accounts
    finally:
        for account in accounts.values():
            subprocess.run(["userdel", "--remove", "--force", account], stderr=subprocess.DEVNULL, check=False)
        passwords.write_bytes(before)


@pytest.fixture(scope="package")
def hub(accounts, tmp_path_factory) -> Iterator[Hub]:
    """The hub as it is installed: each server has an address of its own."""
    _empty(Path(os.environ["LECTRAIN_HUB"]))
    port = free_port()
    with running_hub(accounts, tmp_path_factory.mktemp("hub"), port, f"lectrain.localhost:{port}") as hub:
        yield hub


@contextmanager
def running_hub(
    accounts: dict[str, str], folder: Path, port: int, subdomain: str = "", extra: str = ""
) -> Iterator[Hub]:
    """Run the installed hub with a database of its own, so that two can run side by side."""
    base = Path(os.environ["LECTRAIN_HUB"])
    url = f"http://{subdomain or f'127.0.0.1:{port}'}"
    hub = Hub(base, url, subdomain, accounts, folder / "log")
    settings = folder / "settings.py"
    settings.write_text(
        f"""c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.subdomain_host = "{url if subdomain else ""}"
c.JupyterHub.hub_port = {free_port()}
c.LectrainHub.page_port = {free_port()}
c.JupyterHub.db_url = "sqlite:///{folder}/jupyterhub.sqlite"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{free_port()}"
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
{extra}
"""
    )
    with ExitStack() as stack:
        log = stack.enter_context(hub.log.open("w"))
        environment = {**os.environ, "LECTRAIN_SETTINGS": str(settings)}
        process = subprocess.Popen(
            [base / "hub/start"], stdout=log, stderr=log, start_new_session=True, env=environment
        )
        stack.callback(_stop, process)
        address = urllib.request.Request(
            f"http://127.0.0.1:{port}/hub/api", headers={"Host": url.removeprefix("http://")}
        )
        for _ in range(1200):
            try:
                urllib.request.urlopen(address)
                break
            except OSError:
                time.sleep(0.25)
            if process.poll() is not None:
                break
        if process.poll() is not None:
            raise HubRefusedError(hub.log.read_text())
        yield hub


class HubRefusedError(Exception):
    """The hub did not start. The text is what it printed."""


def _stop(process: subprocess.Popen) -> None:
    """End the hub, its proxy, its page and the servers of its users. The hub itself would take half a minute for that."""
    with suppress(psutil.NoSuchProcess):
        hub = psutil.Process(process.pid)
        for each in (hub, *hub.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.kill()
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
    """A person's browser window, with JupyterLab on the hub."""

    def __init__(self, browser: Browser, hub: Hub, who: str):
        self.hub, self.account, self.server = hub, hub.accounts[who], hub.server(who)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
        context.set_default_timeout(TIMEOUT)
        self.page: Page = context.new_page()
        self.page.goto(f"{hub.url}/hub/login")
        self.page.fill("#username_input", self.account)
        self.page.fill("#password_input", PASSWORD)
        self.page.click("#login_submit", no_wait_after=True)
        self.page.wait_for_url(re.compile("/user/|/services/|/hub/spawn"), wait_until="commit")

    def start_server(self) -> None:
        with suppress(Error):  # an instructor's server starts at the login, whose page may go on to it meanwhile
            self.page.goto(f"{self.hub.url}/hub/spawn", wait_until="commit")  # a student has seen the assignments
        self.page.wait_for_url(re.compile("/user/.*/lab"), wait_until="commit")

    def wait_for_server(self) -> None:
        self.start_server()
        self.open_lab()

    def open_lab(self) -> None:
        self.page.goto(f"{self.server}/lab?reset", wait_until="commit")
        self.page.locator(".jp-Launcher").wait_for()

    def choose(self, *items: str) -> None:
        for item in items:
            self.page.get_by_role("menuitem", name=item, exact=True).first.click()

    def menu_of_nbgrader(self) -> list[str]:
        self.choose("Nbgrader")
        labels = [label for label in self.page.locator(".lm-Menu-itemLabel").all_inner_texts() if label]
        self.page.keyboard.press("Escape")
        return labels

    def open_list(self, button: str) -> None:
        """Open nbgrader's list and wait for a button in it. Open it once more if the request of the list timed out."""
        for _ in range(2):
            self.open_lab()
            self.choose("Nbgrader", "Assignment List")
            with suppress(TimeoutError):
                self.page.get_by_role("button", name=button, exact=True).first.wait_for(timeout=120_000)
                return

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def open_assignments(self) -> None:
        self.page.goto(f"{self.hub.url}/hub/", wait_until="commit")
        self.page.get_by_role("heading", name="Assignments").wait_for()

    def status(self, address: str) -> int:
        page = self.page.context.new_page()  # only the browser finds names that end with .localhost
        response = page.goto(address)  # loaded, because Chromium may not close a page that has just begun to load
        assert response is not None
        page.close()
        return int(response.status)

    def close(self) -> None:
        self.page.context.close()


expect.set_options(timeout=TIMEOUT)
