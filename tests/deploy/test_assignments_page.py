"""The students' page of the hub, without a hub: what one student hands in must not keep the others waiting."""

import getpass
import importlib.util
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
from nbgrader.utils import notebook_hash
from tornado.testing import AsyncHTTPTestCase, gen_test
from tornado.web import Application

from autograder.course import Course
from tests.conftest import REPOSITORY, add_settings, make_course

ASSIGNMENT = "01-sigmoid"
ME = getpass.getuser()  # the account that owns all files here


@pytest.fixture
def page(monkeypatch) -> ModuleType:
    """The module, with a stand-in for JupyterHub, which believes every name."""
    auth = ModuleType("jupyterhub.services.auth")
    auth.HubOAuthCallbackHandler = object
    auth.HubOAuthenticated = type(
        "HubOAuthenticated", (), {"get_current_user": lambda self: {"name": self.request.headers["Student"]}}
    )
    monkeypatch.setitem(sys.modules, "jupyterhub.services.auth", auth)
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/")
    path = REPOSITORY / "deploy" / "jupyterhub" / "assignments_page.py"
    spec = importlib.util.spec_from_file_location("assignments_page", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "assignments_page", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def course(tmp_path) -> Course:
    (tmp_path / "exchange" / "lectrain" / "inbound").mkdir(parents=True)
    (tmp_path / "course").mkdir()
    folder = make_course(tmp_path / "course", ASSIGNMENT)
    return add_settings(folder, f"c.Exchange.root = {str(tmp_path / 'exchange')!r}")


def test_only_the_latest_of_many_hand_ins_are_read(page, course, monkeypatch):
    inbound = Path(course.config.Exchange.root) / "lectrain" / "inbound"
    for i in range(100):
        folder = inbound / f"{ME}+{ASSIGNMENT}+2026-11-02 10:{i // 60:02}:{i % 60:02} UTC+x"
        folder.mkdir()
        (folder / "sigmoid.ipynb").write_text(str(i))
        (folder / "submission_secret.txt").touch()
        folder.chmod(0o777)
    real, copied = page.copy_arrival, []
    monkeypatch.setattr(page, "copy_arrival", lambda *args: copied.append(args[0].folder.name) or real(*args))
    hand_ins = page.Exchange(course).read_hand_ins(ASSIGNMENT, ME)
    assert len(hand_ins) == len(copied) == page.MAX_HAND_INS
    assert hand_ins[-1].name.endswith("10:01:39 UTC+x")
    assert hand_ins[-1].hashes


def test_the_page_of_a_notebook_in_a_zip_file_is_linked(page, course):
    exchange = Path(course.config.Exchange.root) / "lectrain"
    folder = exchange / "inbound" / f"{ME}+{ASSIGNMENT}+2026-11-02 10:00:00 UTC+x"
    folder.mkdir()
    (folder / "homework.zip").write_bytes(b"zip")
    (folder / "submission_secret.txt").write_text("secret")
    folder.chmod(0o777)
    (exchange / "outbound" / ASSIGNMENT).mkdir(parents=True)
    (exchange / "outbound" / ASSIGNMENT / "sigmoid.ipynb").touch()
    (hand_in,) = page.Exchange(course).read_hand_ins(ASSIGNMENT, ME)
    assert (list(hand_in.hashes), hand_in.feedback) == (["homework.zip"], {})
    released = exchange / "feedback" / f"{notebook_hash(secret='secret', notebook_id='sigmoid')}.html"
    released.parent.mkdir()
    released.touch()
    assert page.Exchange(course).read_hand_ins(ASSIGNMENT, ME)[0].feedback == {"sigmoid.ipynb": released}
    (folder / "sigmoid (1).ipynb").touch()  # a copy of the page has this name, too
    renamed = released.with_name(f"{notebook_hash(secret='secret', notebook_id='sigmoid (1)')}.html")
    renamed.touch()
    assert page.Exchange(course).read_hand_ins(ASSIGNMENT, ME)[0].feedback == {"sigmoid (1).ipynb": renamed}


@pytest.mark.attack("the hub")
def test_a_student_whose_hand_ins_take_long_keeps_nobody_else_waiting(page, course, monkeypatch):
    reading, finish = [], threading.Event()

    def read_hand_ins(self, assignment: str, student: str) -> list:
        reading.append(student)
        if student == "eve":
            finish.wait(30)
        return []

    monkeypatch.setattr(page.Exchange, "read_hand_ins", read_hand_ins)

    class Case(AsyncHTTPTestCase):
        def get_app(self) -> Application:
            return Application([(r"/feedback/([^/]+)/([^/]+)/([^/]+)", page.Feedback, {"root": course.root})])

        @gen_test
        async def runTest(self):
            async def ask(student: str) -> int:
                url, headers = self.get_url(f"/feedback/{ASSIGNMENT}/x/sigmoid.ipynb"), {"Student": student}
                return (await self.http_client.fetch(url, headers=headers, raise_error=False)).code

            of_eve = [ask(student) for student in ["eve"] * 5]
            assert await ask("ada") == 404
            assert reading.count("eve") <= 1, "she has one thread"
            finish.set()
            assert [await code for code in of_eve] == [404] * 5

    with ThreadPoolExecutor(1) as thread:  # in this one, Playwright's loop runs as long as there is a browser
        thread.submit(Case().debug).result()
    assert reading.count("eve") == 5
