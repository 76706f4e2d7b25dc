"""A student whose id and name are code, and who hands in a page: none of it runs in Formgrader.

The same attack runs with nbgrader's own pages, too, so that it is known to reach them.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from autograder.course import Course
from autograder.grading import registration
from tests.conftest import make_course

from .conftest import serve

pytestmark = pytest.mark.slow

ASSIGNMENT = "01-sigmoid"
WRITTEN = "sigmoid-threshold"
OURS = (
    "\nformgrader_pages.protect()\n",
    '    str(Path(find_spec("autograder").origin).parent / "reports" / "formgrader"),\n',
)


def payload(name: str) -> str:
    """Markup that runs a script without a slash, which no id can have."""
    return f"<img src=x onerror=console.info('attack:{name}')>"


STUDENT = payload("id")
FILES = {
    "script.html": "<!doctype html><script>console.info('attack:script')</script>",
    "image.html": f"<!doctype html>{payload('image')}",
    "other.html": "<!doctype html><script src=attack.js></script>",
    "attack.js": "console.info('attack:file')",
}


@dataclass
class Attack:
    """A browser on a Formgrader whose class has a hostile student."""

    page: Page
    home: str
    notebook_id: str
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.seen.add(message.text.removeprefix("attack:")))

    def visit(self, path: str) -> set[str]:
        """Open a page, and return which payloads have run on it."""
        self.seen.clear()
        self.page.goto(f"{self.home}/formgrader/{path}", wait_until="load")
        self.page.wait_for_timeout(500)  # for the errors of images
        return self.seen & {"id", "first", "last", "injected", "script", "image", "file"}

    def grading_page(self) -> str:
        return f"submissions/{self.notebook_id}/"


def hostile_course(folder, is_ours: bool) -> tuple[Course, str]:
    """A course in which a hostile student has been graded. Return it with the id of the graded notebook."""
    folder.mkdir()
    course = Course.at(make_course(folder, ASSIGNMENT))
    registration.register(course, ASSIGNMENT)
    with course.gradebook() as gradebook:
        gradebook.add_student(STUDENT, first_name=payload("first"), last_name=payload("last"))
        gradebook.add_submission(ASSIGNMENT, STUDENT)
        notebook = gradebook.find_submission_notebook("sigmoid", ASSIGNMENT, STUDENT)
        for grade in notebook.grades:
            grade.needs_manual_grade = grade.cell.name == WRITTEN
        gradebook.db.commit()
        notebook_id = notebook.id
    for step in ("submitted", "autograded"):
        target = course.folder(step, STUDENT, ASSIGNMENT)
        shutil.copytree(course.source_folder(ASSIGNMENT), target)
        for name, text in FILES.items():
            (target / name).write_text(text)
    if not is_ours:
        config = course.root / "nbgrader_config.py"
        text = config.read_text()
        for line in OURS:
            assert line in text
            text = text.replace(line, "\n" if line.startswith("\n") else "")
        config.write_text(text)
    return course, notebook_id


@pytest.fixture(scope="module", params=[False, True], ids=["nbgrader", "ours"])
def attack(request, tmp_path_factory, browser: Browser) -> Iterator[tuple[Attack, bool]]:
    """A visit to a Formgrader with nbgrader's own pages, and to one with ours."""
    course, notebook_id = hostile_course(tmp_path_factory.mktemp("hostile") / "course", request.param)
    with serve(course.root) as home:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
        context.route(lambda url: not url.startswith(home), lambda route: route.abort())
        yield Attack(context.new_page(), home, notebook_id), request.param
        context.close()


@pytest.mark.attack("pages")
def test_a_name_is_text_on_the_grading_page(attack):
    visit, is_ours = attack
    ran = visit.visit(visit.grading_page())
    assert ran == (set() if is_ours else {"first", "last"})
    if is_ours:
        visit.page.locator("span.glyphicon-eye-open").click()
        assert visit.page.locator("a.name-shown").text_content().strip() == f"{payload('last')}, {payload('first')}"


@pytest.mark.attack("pages")
def test_an_id_is_text_on_the_page_of_a_student(attack):
    visit, is_ours = attack
    ran = visit.visit(f"manage_students/{quote(STUDENT)}")
    assert ran == (set() if is_ours else {"id"})
    if is_ours:
        assert visit.page.locator("ol.breadcrumb li.active").text_content() == STUDENT
        visit.page.get_by_role("link", name=ASSIGNMENT).wait_for()  # found by the id that the page's script has


@pytest.mark.attack("pages")
def test_no_other_script_runs_on_a_page_even_if_markup_gets_into_it(attack):
    visit, is_ours = attack
    for path in (visit.grading_page(), "manage_assignments", "manage_students"):
        visit.visit(path)
        visit.page.evaluate("markup => document.body.insertAdjacentHTML('beforeend', markup)", payload("injected"))
        visit.page.wait_for_timeout(500)
        assert ("injected" in visit.seen) == (not is_ours), path


@pytest.mark.parametrize(("file", "name"), [("script.html", "script"), ("image.html", "image"), ("other.html", "file")])
@pytest.mark.attack("pages")
def test_no_script_of_a_submitted_page_runs(attack, file, name):
    visit, is_ours = attack
    assert visit.visit(f"submissions/{visit.notebook_id}/{file}") == (set() if is_ours else {name})


def test_only_written_answers_are_open_on_the_grading_page(attack):
    visit, is_ours = attack
    visit.visit(visit.grading_page())
    inputs = visit.page.locator("input.score")
    shown = [inputs.nth(i).get_attribute("id") for i in range(inputs.count()) if inputs.nth(i).is_visible()]
    if not is_ours:
        assert len(shown) == inputs.count() > 8
        return
    assert shown == [WRITTEN]
    assert visit.page.get_by_text("Model answer, for graders only").is_visible()
    assert visit.page.get_by_role("heading", name="In your words").is_visible()
    assert visit.page.locator(".tabbable").count() == 4, "score, extra credit, comment and the next student"
    fold = visit.page.locator("details.fold").first
    fold.locator("summary").first.click()
    assert fold.locator("input.score").first.is_visible()
    assert visit.page.locator(".tabbable").count() > 4
    fold.locator("summary").first.click()
    expect(visit.page.locator(".tabbable")).to_have_count(4)
    fold.locator("input.score").first.evaluate("input => input.classList.add('needs_manual_grade')")
    expect(fold).to_have_attribute("open", "")


def test_the_lists_show_names_as_text(attack):
    visit, _ = attack
    for path in ("manage_students", f"manage_submissions/{ASSIGNMENT}", f"gradebook/{ASSIGNMENT}/sigmoid"):
        assert visit.visit(path) == set()
        visit.page.get_by_text(payload("last")).first.wait_for(state="attached")


def test_the_buttons_of_the_lists_work(attack):
    visit, _ = attack
    visit.visit("manage_students")
    visit.page.get_by_role("link", name="Add new student...").click()
    visit.page.get_by_role("button", name="Save").wait_for()
    visit.visit("manage_assignments")
    visit.page.get_by_role("link", name="Add new assignment...").click()
    visit.page.get_by_role("button", name="Save").wait_for()
    visit.visit(f"gradebook/{ASSIGNMENT}/sigmoid")
    visit.page.locator(".name-hidden").first.wait_for()
    visit.page.get_by_role("button", name="Show All Names").click()
    visit.page.get_by_text(payload("last")).first.wait_for(state="visible")
