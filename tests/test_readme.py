"""The guides tell the truth: their commands are run as they stand, their tables are compared with the notebooks."""

import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course import Course
from autograder.judging.exercise_set import CourseExercise
from autograder.judging.model import Catalogue, Exercise, Mistake, Rule, case
from autograder.runner import RunnerError, open_runner
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
GUIDES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
OWN = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "submitted", "autograded", "feedback", "records", "reports"
)
RIGHT = """\
def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1, small) / (1 + small)"""


def commands(heading: str) -> list[str]:
    """The lines of the first shell block below a heading."""
    below = README[README.index(heading) :]
    return re.search(r"```sh\n(.*?)```", below, re.DOTALL)[1].strip().splitlines()


@pytest.fixture
def clone(tmp_path) -> Path:
    """The repository without what a course leaves in it. The environment is the one that is there: `make setup` is done."""
    if not (REPOSITORY / ".venv" / "ready").exists():
        pytest.skip("no .venv: make setup")
    folder = tmp_path / "clone"
    shutil.copytree(
        REPOSITORY, folder, ignore=lambda place, names: OWN(place, names) if Path(place) == REPOSITORY else []
    )
    for left in folder.glob("gradebook.db*"):
        left.unlink()
    (folder / ".venv").symlink_to(REPOSITORY / ".venv")
    return folder


@pytest.fixture
def exchange(tmp_path, monkeypatch) -> Path:
    """An exchange of this test's own, where nbgrader would use the machine's."""
    folder = tmp_path / "exchange"
    folder.mkdir()
    folder.chmod(0o777)
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.Exchange.root = "{folder}"\nc.Exchange.cache = "{tmp_path / "cache"}"\n'
    )
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(settings))
    return folder


def run(lines: list[str], folder: Path) -> str:
    """Run lines of a README in one shell, as somebody who copies them would; give what they said."""
    script = "\n".join(["set -e", f"cd {shlex.quote(str(folder))}", *lines])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_student_gets_from_clone_to_a_validated_answer(clone):
    lines = commands("## For students")
    (lab,) = [line for line in lines if line.startswith("jupyter lab ")]
    notebook = clone / lab.split()[2]
    assert notebook.is_file()
    before = lines[: lines.index(lab)]
    after = lines[lines.index(lab) + 1 :]
    check = "expect_untouched(sigmoid, z_few"
    assert check in run([*before, *after], clone)  # unsolved: Validate names the cell

    nb = nbformat.read(notebook, 4)  # what a student does in JupyterLab
    next(cell for cell in nb.cells if cell.id == "sigmoid-solution").source = RIGHT
    nbformat.write(nb, notebook)
    said = run([*before, *after], clone)
    assert check not in said
    assert "sigmoid_prime" in said  # which is still to do


def test_an_instructor_gets_from_clone_to_a_released_feedback_page(clone, exchange):
    try:
        with open_runner():
            pass
    except RunnerError as error:
        pytest.skip(f"grading needs a sandbox: {error}")
    run(commands("## For the instructor"), clone)
    (student,) = Course.at(clone).students("01-sigmoid")
    page = clone / "feedback" / student / "01-sigmoid" / "sigmoid.html"
    assert re.search(r"of \d+ points", page.read_text(encoding="utf-8"))
    assert (clone / "reports" / "01-sigmoid.html").exists()
    (released,) = exchange.rglob("feedback/*.html")
    assert released.read_bytes() == page.read_bytes()


def test_the_table_of_notebooks_is_theirs():
    rows = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| (.+?) \| (\d+) \| (\d+) \|$", README, re.MULTILINE)
    sources = sorted((REPOSITORY / "solutions").glob("*/*.ipynb"))
    assert {(row[0], row[1]) for row in rows} == {(file.parent.name, file.stem) for file in sources}
    for assignment, name, slides, minutes, points in rows:
        nb = nbformat.read(REPOSITORY / "solutions" / assignment / f"{name}.ipynb", 4)
        title = nb.cells[0].source
        assert re.search(r"About (\d+) minutes, ([\d.]+) points", title).groups() == (minutes, points), name
        assert sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in nb.cells) == float(points), name
        for slide in slides.split(" … "):
            assert slide in title, (name, slide)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_links_and_pictures_lead_somewhere_and_pictures_have_words(guide):
    text = guide.read_text(encoding="utf-8")
    for mark, words, target in re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", text):
        if not target.startswith(("http", "#")):
            assert (guide.parent / target.split("#")[0]).exists(), target
        if mark:
            assert len(words) > 20, target


def test_the_maintainers_example_is_an_exercise():
    text = (REPOSITORY / "docs" / "maintainer.md").read_text(encoding="utf-8")
    names = {"Exercise": Exercise, "Catalogue": Catalogue, "Mistake": Mistake, "Rule": Rule, "case": case, "np": np}
    specification, catalogue = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(specification, names)
    spec = names["odds"]
    exec(catalogue, names)
    known = names["odds"]
    parts = {field.name: getattr(spec, field.name) for field in fields(spec)}
    odds = CourseExercise(**parts | {"mistakes": known.mistakes, "variants": known.variants})
    assert odds.check(odds.reference).score == odds.points
    assert all(odds.check(variant).score == odds.points for variant in odds.variants.values())
    for mistake in odds.mistakes.values():
        verdict = odds.check(mistake.answer)
        assert verdict.score < odds.points
        assert mistake.hint in {finding.diagnosis for finding in verdict.findings}
