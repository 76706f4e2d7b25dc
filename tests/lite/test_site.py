"""The course for a browser, as `make lite` builds it: no answer is in it, and a student works with it in a real browser."""

import functools
import http.server
import json
import os
import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Route

from autograder.course import Course
from tests.browser.conftest import Visit, violations
from tests.browser.notebook import Notebook
from tests.browser.test_student import NAIVE_SIGMOID, RIGHT_SIGMOID
from tests.conftest import REPOSITORY, SOURCES, make_course
from tests.live.test_hand_in import ASSIGNMENT, link, watching
from tests.test_release import solution_lines

from .firefox import firefox
from .pyodide import lite, local_copy
from .runs import WITHOUT_PICTURES, solved

pytestmark = pytest.mark.slow

SIGMOID = REPOSITORY / "notebooks" / ASSIGNMENT / "sigmoid.ipynb"
NOTICE = "Saved in this browser only: download before you leave"
SLIDER = """\
def line(ax, a):
    plots.curves([0, 1], {"y": [0, a]}, xlabel="x", ylabel="y", ax=ax)

widgets.slide(line, alt="A line.", stills=[{"a": 1}], a=(-3, 3, 0.1))"""
# JupyterLab 4.4 looks for headings in a cell that is not drawn yet. Nothing that a student sees is wrong.
TABLE_OF_CONTENTS = "error: Cannot read properties of undefined (reading 'type')"
TIMEOUT = 300_000  # ms; Python starts in 10 s on a quiet machine


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    pytest.importorskip("jupyterlite_core", reason='needs JupyterLite: pip install -e ".[lite]"')
    work = tmp_path_factory.mktemp("lite")
    students = lite.stage(Course.at(REPOSITORY), "class", work)
    shutil.copytree(students, work / "students")  # `build` moves it
    lite.build(students, work / "lite", work / "site", "class")
    return work / "site"


def texts(site: Path) -> dict[str, str]:
    """The texts of all files, and of the files in the wheels."""
    found = {}
    for path in filter(Path.is_file, site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                found |= {f"{name}/{inner}": wheel.read(inner).decode("utf-8", "ignore") for inner in wheel.namelist()}
        elif path.suffix not in (".gz", ".npy"):
            found[name] = path.read_bytes().decode("utf-8", "ignore")
    return {name: text.replace('\\"', '"').replace("\\\\", "\\") for name, text in found.items()}


def test_the_site_contains_the_notebooks_and_no_answer(site):
    files = texts(site)
    assert {name for name in files if name.startswith("files/") and name.endswith(".ipynb")} == {
        f"files/{path.relative_to(REPOSITORY)}" for path in (REPOSITORY / "notebooks").glob("*/*.ipynb")
    }
    assert "service-worker.js" in files
    secrets = solution_lines(REPOSITORY)
    planted = {"planted": f"x = 1\n{next(iter(secrets))}\n"}
    assert [name for name, text in (files | planted).items() if any(secret in text for secret in secrets)] == [
        "planted"
    ]
    assert not any("self-study" in name for name in files)


def test_the_site_contains_no_other_files_than_the_zip_and_jupyterlite(site):
    """So the edition for self-study cannot contain more than its zip, either."""
    students = site.parent / "students"
    files = [path.relative_to(site / "files") for path in (site / "files").rglob("*") if path.is_file()]
    assert len(files) > 40
    assert [file for file in files if (site / "files" / file).read_bytes() != (students / file).read_bytes()] == []
    assert {path.name.split("-")[0] for path in (site / "wheels").iterdir()} == {*lite.PACKED, "lectrain"}
    made = {
        "api",
        "build",
        "doc",
        "extensions",
        "files",
        "lab",
        "static",
        "wheels",
    }  # by JupyterLite, but for the wheels
    assert {path.name for path in site.iterdir() if path.is_dir()} == made


def test_the_first_page_says_where_the_work_is_saved_and_links_to_each_notebook(site):
    page = (site / "index.html").read_text(encoding="utf-8")
    assert NOTICE in page
    for path in (REPOSITORY / "notebooks").glob("*/*.ipynb"):
        assert f'href="lab/index.html?path={path.relative_to(REPOSITORY)}"' in page


# --- in a browser -----------------------------------------------------------------------------------------------------


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a site while it is served."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=site)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def visit(browser, site) -> Iterator[Visit]:
    """A window. Pyodide comes from the copy on this machine when the site asks for its public address."""
    pyodide = local_copy()
    with served(site) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(TIMEOUT)
        visit = Visit(context.new_page(), address)

        def serve_copy(route: Route) -> None:
            file = pyodide / route.request.url.rsplit("/", 1)[1]
            route.fulfill(path=file, headers={"Access-Control-Allow-Origin": "*"})

        context.route(lite.PYODIDE.replace("pyodide.js", "*"), serve_copy)
        yield visit
        if TABLE_OF_CONTENTS in visit.failures:
            visit.failures.remove(TABLE_OF_CONTENTS)
        visit.close()


class LiteNotebook(Notebook):
    """A notebook that a click on a link has opened in JupyterLite."""

    def __init__(self, visit: Visit, original: Path):
        self.visit, self.page = visit, visit.page
        self.cells = nbformat.read(original, 4).cells
        self.page.locator(".jp-Notebook-cell").first.wait_for()
        self.page.get_by_text("Python (Pyodide) | Idle").first.wait_for()


def test_a_student_in_a_browser_repairs_an_answer_hands_it_in_and_reads_the_feedback(visit, tmp_path, sandbox):
    page = visit.page
    page.goto(visit.home)
    assert NOTICE in page.locator(".note").first.inner_text()
    for mode in ("dark", "light"):
        page.emulate_media(color_scheme=mode)
        assert violations(page) == {}
    visit.screenshot("lite-home")
    page.get_by_role("link", name="Sigmoid").click()
    notebook = LiteNotebook(visit, SIGMOID)

    notebook.run("setup")  # imports `lectrain`, and nothing was installed
    solution = notebook.cell("sigmoid-solution")
    notebook.write("sigmoid-solution", SLIDER)
    notebook.run("sigmoid-solution")
    solution.locator("img[alt='A line. Here a = 1.']").wait_for()
    solution.locator(".noUi-handle").press("ArrowRight")
    solution.locator("img[alt='A line. Here a = 1.1.']").wait_for()  # Python has drawn it
    assert notebook.errors() == []
    visit.screenshot("lite-slider")

    notebook.answer("sigmoid", NAIVE_SIGMOID)
    message = notebook.error_below("sigmoid-check")
    assert "sigmoid: no overflow at z = ±1000" in message
    assert "Which exponential is at most 1 for every z?" in message
    visit.screenshot("lite-wrong")
    notebook.answer("sigmoid", RIGHT_SIGMOID)
    assert notebook.error_below("sigmoid-check") is None
    assert "✓ sigmoid: 8 properties hold" in notebook.cell("sigmoid-check").locator(".jp-OutputArea").inner_text()
    with page.expect_download() as download:
        page.get_by_text(NOTICE).click()
    file = tmp_path / "sigmoid (1).ipynb"
    download.value.save_as(file)

    (tmp_path / "course").mkdir()
    course = Course.at(make_course(tmp_path / "course", ASSIGNMENT))
    native = nbformat.read(SIGMOID, 4)
    next(cell for cell in native.cells if cell.id == "sigmoid-solution").source = RIGHT_SIGMOID
    assert [cell.id for cell in nbformat.read(file, 4).cells] == [cell.id for cell in native.cells]
    other = course.submitted_folder("bob", ASSIGNMENT)
    other.mkdir(parents=True)
    nbformat.write(native, other / "sigmoid.ipynb")
    with watching(course) as server:
        window = visit.page.context.browser.new_context()
        window.set_default_timeout(TIMEOUT)
        page = window.new_page()
        page.goto(server.url + link(course, "ada"))
        page.set_input_files("input[type=file]", file)
        page.get_by_role("button", name="Hand in").click()
        page.get_by_text("The feedback is on what you handed in last.").wait_for()  # the page looks again by itself
        page.get_by_role("link", name=re.compile("sigmoid")).first.click()
        total = page.locator("p.score").inner_text()
        window.close()
    with course.gradebook() as gradebook:
        scores = [gradebook.find_submission(ASSIGNMENT, student).score for student in ("ada", "bob")]
    assert float(total.split()[0]) == scores[0] == scores[1] > 0


def test_firefox_runs_all_cells_of_a_solved_notebook_and_moves_a_slider(site, tmp_path):
    """Firefox cannot be given other files than a page asks for, so this site names the copy of Pyodide.

    Only the slider draws its picture.
    """
    copy = tmp_path / "site"
    shutil.copytree(site, copy, copy_function=os.link)
    (copy / "pyodide").symlink_to(local_copy())
    config, notebook = copy / "jupyter-lite.json", copy / "files" / SIGMOID.relative_to(REPOSITORY)
    settings = json.loads(config.read_text().replace(lite.PYODIDE, "./pyodide/pyodide.js"))
    settings["jupyter-config-data"]["exposeAppInBrowser"] = True
    nb = solved(SOURCES["sigmoid"])
    cells = {cell.id: cell for cell in nb.cells}
    cells["setup"].source += f"\n\ndraw = plots.Picture.image\n{WITHOUT_PICTURES}"
    cells["thresholds"].source = f"plots.Picture.image = draw\n{cells['thresholds'].source}"
    for file, content in ((config, json.dumps(settings)), (notebook, nbformat.writes(nb))):
        file.unlink()  # it is the same file as that of the other tests
        file.write_text(content, encoding="utf-8")
    (tmp_path / "profile").mkdir()
    with served(copy) as address, firefox(tmp_path / "profile", TIMEOUT / 1000) as window:
        window.open(f"{address}/index.html")  # from an empty window, JupyterLab would not get the focus
        window.open(f"{address}/lab/index.html?path={SIGMOID.relative_to(REPOSITORY)}")
        window.wait_for("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
        assert window.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")  # true if none failed
        checks = (
            "[...document.querySelectorAll('.jp-OutputArea-output')].filter(it => /✓|Noted/.test(it.innerText)).length"
        )
        assert window.evaluate(checks) >= 6
        handle = "document.querySelector('.lectrain .noUi-handle')"
        picture = f"{handle}.closest('.jp-CodeCell').querySelector('img').alt"
        before = window.evaluate(picture)
        window.evaluate(f"{handle}.focus()")
        window.press("\ue014")  # the right arrow
        window.wait_for(f"{picture} !== {json.dumps(before)}")  # Python has drawn it again
