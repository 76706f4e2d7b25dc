"""The guides are correct: their commands work, their links lead to files, and their tables match the notebooks."""

import ast
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.visible_checks import MIN_COVERAGE
from autograder.course import Course
from autograder.judging.exercise_set import load_exercises
from autograder.runner import RunnerError, open_runner
from lectrain.check import CheckFailed
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.slow

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
GUIDES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
STUDENTS_MAP = re.findall(
    r"^\| `([\w-]+)` \| `(\w+)` \| (.+) \| (\d+) \|$",
    (REPOSITORY / "docs" / "student.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
MAP = [row[:2] for row in STUDENTS_MAP]  # assignments and notebooks, in the order of the course
FILES_OF_A_COURSE = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "submitted", "autograded", "feedback", "records", "reports", "sheets"
)
RIGHT_SIGMOID = """\
def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1, small) / (1 + small)"""


def commands(heading: str) -> list[str]:
    """The lines of the first shell block below a heading."""
    below = README[README.index(heading) :]
    return re.search(r"```sh\n(.*?)```", below, re.DOTALL)[1].strip().splitlines()


@pytest.fixture
def clone(tmp_path) -> Path:
    """A copy of the repository without the files of a course. It uses the repository's own environment."""
    if not (REPOSITORY / ".venv" / "ready").exists():
        pytest.skip("no .venv: make setup")
    folder = tmp_path / "clone"
    shutil.copytree(
        REPOSITORY,
        folder,
        ignore=lambda place, names: FILES_OF_A_COURSE(place, names) if Path(place) == REPOSITORY else [],
    )
    for file in folder.glob("gradebook.db*"):
        file.unlink()
    (folder / ".venv").symlink_to(REPOSITORY / ".venv")
    return folder


@pytest.fixture
def exchange(tmp_path, monkeypatch) -> Path:
    """A new exchange, so that nbgrader does not use the machine's."""
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
    """Run lines of a guide in one shell, and return their output."""
    script = "\n".join(["set -e", f"cd {shlex.quote(str(folder))}", *lines])
    completed = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return completed.stdout + completed.stderr


def section(heading: str) -> str:
    """The text below a heading, up to the next one."""
    return README[README.index(heading) :].split("\n## ")[0]


def test_the_first_attempt_gets_the_message_and_the_repaired_one_the_line_that_the_readme_shows(capsys):
    shown = README.partition("## Try it")[0]
    notebook = nbformat.read(REPOSITORY / "solutions" / "01-sigmoid" / "sigmoid.ipynb", 4)
    cells = {cell.id: cell.source for cell in notebook.cells}
    check = cells["sigmoid-check"].split("### BEGIN HIDDEN TESTS")[0]
    names = {}
    exec(cells["setup"], names)
    exec(re.search(r"```python\n(.*?)```", shown, re.DOTALL)[1], names)
    with pytest.raises(CheckFailed) as failed:
        exec(check, names)
    assert [part for part in failed.value.parts.values() if part not in shown] == []
    exec(RIGHT_SIGMOID, names)
    exec(check, names)
    held = capsys.readouterr().out.strip()
    assert f"**{held}**" in shown
    filmed = (REPOSITORY / "docs" / "pictures" / "first-attempt.txt").read_text(encoding="utf-8")
    words = [re.sub("[`*]", "", part) for part in (*failed.value.parts.values(), held)]
    assert [part for part in words if part not in filmed] == []  # else take the picture again: make pictures


def test_the_numbers_in_the_readme_are_those_that_were_measured():
    claims = section("## Why not nbgrader alone?")
    figures = json.loads((REPOSITORY / "docs" / "site" / "figures.json").read_text(encoding="utf-8"))
    (hints,) = re.findall(r'alt="A bar of ([^"]*)"', README)
    failures, named, without, wrong = map(int, re.findall(r"\d+", hints))
    measured = [(row["failures"], row["named"], row.get("wrong", 0)) for row in figures["diagnosis"].values()]
    assert (failures, named, wrong) in measured
    assert without == failures - named - wrong
    assert f"In a test on {failures} wrong answers, {named} got the hint" in README
    both = figures["grading"][-1]
    assert f"**{len(both['passed_by_autograder_only'])} of {both['cells']}** answers" in claims
    assert both["passed_by_nbgrader_only"] == []
    for key in ("diagnosis", "grading"):
        assert f"\n{figures['commands'][key]}\n" in claims


def test_the_numbers_of_the_readme_are_those_of_the_repository():
    claims = section("## Why not nbgrader alone?")
    exercises = load_exercises("exercises").values()
    mistakes, variants = map(int, re.findall(r"than \*\*(\d+)\*\*", claims))
    assert mistakes < sum(len(exercise.mistakes) for exercise in exercises)
    assert variants < sum(len(exercise.variants) for exercise in exercises)
    assert f"**{100 * MIN_COVERAGE:.0f} %**" in README
    attacks = (REPOSITORY / "SECURITY.md").read_text(encoding="utf-8").split("| kind | attacks |\n")[1].split("\n\n")[0]
    kinds = attacks.count(chr(10))
    assert f"attacks of **{kinds}** [kinds]" in claims


def test_the_picture_of_what_to_teach_again_has_hints_and_slides_of_the_catalogues():
    words = (REPOSITORY / "docs" / "pictures" / "teach-again.txt").read_text(encoding="utf-8")
    heading, *lines = words.splitlines()  # if this fails, take the picture again: make pictures
    report = (REPOSITORY / "autograder" / "reports" / "class_report.html").read_text(encoding="utf-8")
    assert f'{{{{ heading("{heading}") }}}}' in report
    assert f"{heading}: three cards" in section("## Try it")
    exercises = load_exercises("exercises")
    cards = [lines[i : i + 5] for i in range(0, len(lines), 5)]
    assert len(cards) == 3
    for students, title, hint, code, slide in cards:
        assert re.fullmatch(r"\d+ of \d+ students", students)
        exercise = exercises[re.fullmatch(r"in (\w+)\(.*\)", title)[1]]
        assert hint in {mistake.hint for mistake in exercise.mistakes.values()}
        assert slide.removeprefix("Slide: ") in {exercise.slide, *(rule.slide for rule in exercise.rules)}
        ast.parse(f"def answer():\n    {code}")


def test_the_script_of_the_pictures_uses_what_the_script_of_the_stills_has():
    used = re.findall(r"\bstills\.(\w+)", (REPOSITORY / "docs" / "pictures.py").read_text(encoding="utf-8"))
    names = re.findall(
        r"^(?:def )?(\w+)", (REPOSITORY / "docs" / "stills.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert used
    assert {*used} <= {*names}


def test_make_demo_prints_no_commands():
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^demo: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
    commands = recipe.replace("\\\n", "").splitlines()
    assert len(commands) > 2
    assert [command for command in commands if not command.startswith("\t@")] == []


def test_the_commands_for_students_lead_to_a_validated_answer(clone):
    lines = commands("**As a student**")
    (lab,) = [line for line in lines if line.startswith("jupyter lab ")]
    notebook = clone / lab.split()[2]
    assert notebook.is_file()
    nb = nbformat.read(notebook, 4)  # a student would edit it in JupyterLab
    next(cell for cell in nb.cells if cell.id == "sigmoid-solution").source = RIGHT_SIGMOID
    nbformat.write(nb, notebook)
    output = run([line for line in lines if line != lab], clone)
    assert "expect_untouched(sigmoid," not in output
    assert "expect_untouched(sigmoid_prime," in output  # the next exercise is not solved yet


def test_the_commands_for_the_instructor_lead_to_a_released_feedback_page(clone, exchange):
    try:
        with open_runner():
            pass
    except RunnerError as error:
        pytest.skip(f"grading needs a sandbox: {error}")
    run(commands("The whole way of one assignment"), clone)
    (student,) = Course.at(clone).students("01-sigmoid")
    page = clone / "feedback" / student / "01-sigmoid" / "sigmoid.html"
    assert re.search(r"of \d+ points", page.read_text(encoding="utf-8"))
    assert (clone / "reports" / "01-sigmoid.html").exists()
    (released,) = exchange.rglob("feedback/*.html")
    assert released.read_bytes() == page.read_bytes()


def test_the_table_of_notebooks_matches_the_notebooks():
    rows = re.findall(r'<a href="notebooks/([\w-]+)/(\w+)\.ipynb">.+\((\d+)\smin\)', README)
    sources = sorted((REPOSITORY / "solutions").glob("*/*.ipynb"))
    assert [row[:2] for row in rows] == MAP
    assert set(MAP) == {(file.parent.name, file.stem) for file in sources}
    for assignment, name, minutes in rows:
        nb = nbformat.read(REPOSITORY / "solutions" / assignment / f"{name}.ipynb", 4)
        title = nb.cells[0].source
        stated, points = re.search(r"About (\d+) minutes, ([\d.]+) points", title).groups()
        assert stated == minutes, f"the minutes of {name} in README.md"
        assert sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in nb.cells) == float(points), name
        assert (assignment, name, minutes) in [(row[0], row[1], row[3]) for row in STUDENTS_MAP], (
            f"{name} in docs/student.md"
        )


def test_the_table_of_slides_names_slides_of_the_notebooks():
    guide = (REPOSITORY / "docs" / "instructor.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| (.+?) \|$", guide, re.MULTILINE)
    assert [row[:2] for row in rows] == MAP
    for assignment, name, slides in rows:
        title = nbformat.read(REPOSITORY / "solutions" / assignment / f"{name}.ipynb", 4).cells[0].source
        for slide in slides.split(" … "):
            assert slide in title, (name, slide)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_links_and_pictures_exist_and_pictures_have_alternative_texts(guide):
    text = re.sub(r"```.*?```|`[^`]*`", "", guide.read_text(encoding="utf-8"), flags=re.DOTALL)  # without code
    images = [("!", alt, src) for alt, src in re.findall(r'<img alt="([^"]*)" src="([^"]*)">', text)]
    sources = [("", "", target) for target in re.findall(r'srcset="([^"]*)"', text)]
    for exclamation_mark, label, target in re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", text) + images + sources:
        if not target.startswith(("http", "#")):
            assert (guide.parent / target.split("#")[0]).exists(), target
        if exclamation_mark:  # a picture
            assert len(label) > 20, target


def test_the_maintainer_s_table_names_files_and_what_they_define():
    text = (REPOSITORY / "docs" / "maintainer.md").read_text(encoding="utf-8")
    table = text[text.index("## Where is") : text.index("## Change or add")]
    answers = [line.split("|")[2] for line in table.splitlines() if "? |" in line]
    assert len(answers) > 15
    for answer in answers:
        texts = []
        for file in re.findall(r"`([\w/.<>]+(?:\.py|\.toml|/))`", answer):
            paths = list(REPOSITORY.glob(file.replace("<notebook>", "*")))
            assert paths, file
            texts += [path.read_text(encoding="utf-8") for path in paths if path.is_file()]
        for name in re.findall(r"`(\w+)`", answer):
            definition = re.compile(rf"^\s*(def|class) {name}\b|^{name}\b.* = ", re.MULTILINE)
            assert any(definition.search(text) for text in texts), name
