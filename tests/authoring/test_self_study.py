"""The edition for self-study: every answer is at hand, its notebooks run, and nothing of it is in the edition for a class."""

import ast
import io
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader import utils

from autograder.authoring import letters, self_study, self_study_text
from autograder.course import Course, CourseError
from lectrain.check import checking
from tests.conftest import REPOSITORY, SOURCES, exercises
from tests.test_release import make_small_clone, secrets_in

NOTEBOOKS = sorted(path.relative_to(REPOSITORY / "notebooks") for path in (REPOSITORY / "notebooks").glob("*/*.ipynb"))
CODE = re.compile(r"```python\n(.*)\n```", re.DOTALL)


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> Path:
    """The content of the zip, made from the notebooks of the repository, which are up to date."""
    folder = tmp_path_factory.mktemp("edition")
    shutil.copytree(REPOSITORY / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (folder / "data").mkdir()
    for path in (REPOSITORY / "data").iterdir():
        (folder / "data" / path.name).symlink_to(path)
    shutil.copy(REPOSITORY / "docs" / "student.md", folder / "README.md")
    self_study.add_answers(Course.at(REPOSITORY), folder)
    return folder


@pytest.fixture(scope="module")
def keys(edition) -> dict:
    return json.loads((edition / "data" / "self-study.json").read_text(encoding="utf-8"))


def read(edition: Path, name: Path) -> nbformat.NotebookNode:
    return nbformat.read(edition / "notebooks" / name, 4)


def with_everything_unfolded(nb: nbformat.NotebookNode, keys: dict) -> nbformat.NotebookNode:
    """Paste every solution of a notebook into its cell, as a reader does who has given up, and answer its questions."""
    solutions = {
        cell.id.removesuffix("-folded"): CODE.search(cell.source)[1]
        for cell in nb.cells
        if cell.id.endswith("-folded") and CODE.search(cell.source)
    }
    for cell in nb.cells:
        if cell.id in solutions:
            cell.source = solutions.pop(cell.id)
        elif cell.cell_type == "code" and "raise NotImplementedError()" in cell.source:
            name = cell.source.split(" = ")[0]
            letters = keys[name]["key"] if name in keys else ["a", "a"]  # a prediction
            cell.source = f"{name} = {letters!r}"
    assert not solutions
    return nb


@pytest.mark.parametrize("name", NOTEBOOKS, ids=lambda name: name.stem)
def test_every_answer_is_at_hand_and_after_its_check(edition, keys, name):
    student, nb = nbformat.read(REPOSITORY / "notebooks" / name, 4), read(edition, name)
    nbformat.validate(nb)
    ids = [cell.id for cell in nb.cells]
    assert [id for id in ids if not id.endswith("-folded") and id != "self-study"] == [c.id for c in student.cells]
    for cell in nb.cells:
        if utils.is_grade(cell) and cell.cell_type == "code":
            below = ids[ids.index(cell.id) + 1]
            is_prediction = "form=[" in cell.source
            is_question = "expect_right(" in cell.source or is_prediction
            assert below.endswith("-folded") != is_question, cell.id
            assert ("expect_answered(" in cell.source) == is_prediction
            assert cell.metadata.nbgrader.checksum == utils.compute_checksum(cell)
        elif utils.is_grade(cell):
            assert ids[ids.index(cell.id) + 1] == f"{cell.id}-folded"
            assert "\n\n**What a good answer contains**\n\n* " in nb.cells[ids.index(cell.id) + 1].source
        elif cell.id.endswith("-folded") and (code := CODE.search(cell.source)):
            assert not nb.cells[ids.index(cell.id) + 1].source.startswith("# ▸ Check"), cell.id
            assert "SOLUTION" not in code[1]
            ast.parse(code[1])
    assert [cell.source.count("offer_solutions()") for cell in nb.cells if cell.id == "setup"] == [1]
    solved = with_everything_unfolded(nb, keys).cells
    assert not [c.id for c in solved if utils.is_solution(c) and "YOUR CODE HERE" in c.source]


@pytest.mark.parametrize("check", ["check.expect_answered(quiz)", 'with checking("quiz"):\n    expect_answered(quiz)'])
def test_a_check_of_a_question_that_is_written_differently_is_refused(check):
    with pytest.raises(CourseError, match="quiz: its check does not call expect_answered at the beginning of a line"):
        self_study._judged_at_once(f"# ▸ Check\n{check}", "quiz")


def test_a_folded_solution_has_an_id_of_its_own_also_if_that_of_the_solution_is_as_long_as_allowed():
    assert self_study._fold(nbformat.v4.new_code_cell("x = 3", id="x" * 64)).id == f"{'x' * 57}-folded"


@pytest.mark.parametrize("name", NOTEBOOKS, ids=lambda name: name.stem)
def test_no_check_and_no_heading_names_a_slide_or_a_grade_that_follows(edition, name):
    for cell in read(edition, name).cells:
        assert not re.search(
            r"^\*Slides?: |Slides covered|\(slide: |follow with the grades", cell.source, re.MULTILINE
        ), cell.id
        if "with checking(" in cell.source:
            assert 'slide=""):' in cell.source
            assert not re.search(r'slide=(?!"")', cell.source), cell.id


OF_A_GRADE = re.compile(
    r"\b(?:earns?|graded|graders?|grading|instructors?|hand(?:s|ed|ing)?(?: it| them)? in|submi(?:t|ssions?)|rubrics?|student's)\b"
    r"|(?i:\b(?:(?:[\d.]+|no|half a) points?|one point|how the (?:\w+ )?points)\b)(?! (?:on|of)\b)",
)


REMOVED = """
(9 points)
(half a point each)
(half a point)
(no points by itself)
(no points)
(slide:
**Slides covered:
*Slide:
*Slides:
, 9 points
, no points
, slides covered
9 point if it is incomplete.
9 points:
<details><summary>How the points are given</summary>
Any answer earns the point.
Each answer earns 9 point.
Each of the four earns half a point.
Half a point for one number, or for numbers without a conclusion.
Half a point for “the model is linear” without saying what that means for pictures.
Half a point if the log-loss is not mentioned.
Half a point if the price is missing.
Half a point if the training loss is used for both, or if the answer does not name the curve.
Half a point without numbers.
No points.
Nothing here earns points.
One point if the conclusion is right but not derived from the control.
Only the exact set earns the points.
The property earns one point, the change with its reason the other.
"""


def test_only_these_texts_are_removed_from_the_notebooks():
    """Of all numbers of points, it lists only "9 points"; of slides and folded texts, only how they begin."""
    removed = set()
    for source in SOURCES.values():
        for cell in nbformat.read(source, 4).cells:
            text = cell.source if cell.cell_type == "markdown" else ""
            for pattern in self_study_text._LEFT_OUT:
                removed |= {match[0].strip() for match in re.finditer(pattern, text, re.MULTILINE)}
                text = re.sub(pattern, "", text, flags=re.MULTILINE)
    of_any_number = (re.sub(r"[\d.]+ points?(?=\)|:)", "9 points", re.sub(r"\d+", "9", text)) for text in removed)
    assert {re.sub(r"(?s)(lides?(?: covered)?:|given</summary>).*", r"\1", text) for text in of_any_number} == {
        *REMOVED.strip().split("\n")
    }


@pytest.mark.parametrize(("text", "expected"), [
    ("<!-- class -->\nA\n<!-- end -->\nKept.\n\n<!-- class -->\nB\n<!-- end -->\n\nC", "\nKept.\n\nC"),
    ("Draw the data (100 points in two classes).", "Draw the data (100 points in two classes)."),
])  # fmt: skip
def test_only_what_is_of_a_class_is_removed(text, expected):
    assert self_study_text.for_self_study(text) == expected


def test_nothing_in_the_edition_speaks_of_a_grade(edition):
    texts = {path.name: path.read_text(encoding="utf-8") for path in edition.glob("*.md")}
    assert {*texts} == {"README.md", "student.md"}
    texts |= {f"{name}: {cell.id}": cell.source for name in NOTEBOOKS for cell in read(edition, name).cells}
    found = {place: [match[0] for match in OF_A_GRADE.finditer(text)] for place, text in texts.items()}
    assert {place: words for place, words in found.items() if words} == {}


@pytest.mark.parametrize("name", NOTEBOOKS, ids=lambda name: name.stem)
def test_texts_without_points_are_whole(edition, name):
    for cell in read(edition, name).cells:
        if cell.cell_type == "markdown":
            for tag in ("details", "summary", "div"):
                assert len(re.findall(rf"<{tag}\b", cell.source)) == cell.source.count(f"</{tag}>"), cell.id
            assert not re.search(r" [.,](?: |$)|\n\n\n\n", cell.source), cell.id
            assert cell.source.strip()


def test_the_guide_says_nothing_that_only_a_class_has(edition):
    guide, of_a_class = (
        (folder / "student.md").read_text(encoding="utf-8") for folder in (edition, REPOSITORY / "docs")
    )
    for words in ("graded later", "The grader tests", "Look at the slide", "slide: Logistic sigmoid", "<!--"):
        assert words in of_a_class
        assert words not in guide
    assert "\n- Unfold *Solution*" in guide


def test_every_question_has_its_key_and_its_explanations(keys):
    assert set(keys) == {name for name in exercises if exercises[name].explanations}
    for name, question in keys.items():
        assert exercises[name].check(question["key"]).passed
        assert question["explain"] == exercises[name].explanations


@pytest.mark.parametrize("name", NOTEBOOKS, ids=lambda name: name.stem)
def test_the_search_for_solutions_finds_those_of_every_notebook(edition, name):
    """It is the one that finds nothing in the edition for a class."""
    found = secrets_in(edition / "notebooks" / name)
    exercises_here = Course.at(REPOSITORY).exercises.by_notebook[name.stem]
    assert len(found) >= sum("(" in exercise.signature for exercise in exercises_here)


def test_the_search_for_solutions_finds_the_explanations(edition):
    sentences = {sentence for exercise in exercises.values() for sentence in exercise.explanations.values()}
    assert secrets_in(edition / "data" / "self-study.json") == sentences


@pytest.mark.parametrize("name", NOTEBOOKS, ids=lambda name: name.stem)
def test_the_check_of_every_question_accepts_its_key(edition, keys, name, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "lectrain.letters", letters)
    monkeypatch.chdir((edition / "notebooks" / name).parent)
    asked = [cell.source for cell in read(edition, name).cells if "expect_right(" in cell.source]
    for check in asked:
        (question,) = re.findall(r'expect_right\("(\w+)"', check)
        exec(check, {"checking": checking, question: keys[question]["key"]})
    assert capsys.readouterr().out.count("\n✓ ") >= len(asked) > 0


@pytest.mark.slow
def test_a_notebook_runs_with_every_solution_unfolded_and_offers_one_at_the_third_failure(
    edition, keys, tmp_path, monkeypatch
):
    shutil.copytree(REPOSITORY / "lectrain", tmp_path / "lectrain")
    for module in self_study.MODULES:  # as `write_zip` does
        shutil.copy(module, tmp_path / "lectrain")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    nb = with_everything_unfolded(read(edition, Path("01-sigmoid/sigmoid.ipynb")), keys)
    nb.cells = [cell for cell in nb.cells if cell.cell_type == "code" and "demo" not in cell.metadata.get("tags", [])]
    ids = [cell.id for cell in nb.cells]
    check = nb.cells[ids.index("sigmoid-check")]
    failing = [nbformat.from_dict({**check, "id": f"failing-{i}"}) for i in range(3)]
    after_setup = ids.index("setup") + 1
    nb.cells[after_setup:after_setup] = [nbformat.v4.new_code_cell("def sigmoid(z):\n    return z"), *failing]
    resources = {"metadata": {"path": str(edition / "notebooks" / "01-sigmoid")}}
    NotebookClient(nb, timeout=60, allow_errors=True, resources=resources).execute()
    failed = [cell for cell in nb.cells if any(output.output_type == "error" for output in cell.outputs)]
    assert [cell.id for cell in failed] == [cell.id for cell in failing]
    assert [cell.id for cell in nb.cells if "unfold the solution below" in str(cell.outputs)] == ["failing-2"]
    checks = [cell for cell in nb.cells if utils.is_grade(cell) and cell not in failed]
    assert [cell.id for cell in checks if "✓" not in str(cell.outputs)] == []
    assert len(checks) > 4


@pytest.mark.slow
def test_the_zip_has_a_readme_of_its_own_and_the_guide(tmp_path):
    file = self_study.write_zip(Course.at(make_small_clone(tmp_path / "clone")), tmp_path / "self-study.zip")
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        assert {f"lectrain/{name}" for name in ("README.md", "student.md", "data/self-study.json")} <= names
        (wheel,) = (name for name in names if name.endswith(".whl"))
        assert re.fullmatch(
            r"lectrain/lectrain-[\d.]+\+selfstudy-py3-none-any\.whl", wheel
        )  # pip installs it over a class's
        assert f"./{Path(wheel).name}\n" in archive.read("lectrain/requirements.txt").decode()
        packed = zipfile.ZipFile(io.BytesIO(archive.read(wheel))).namelist()
        assert {"lectrain/letters.py", "lectrain/solution_offer.py"} <= set(packed)
        assert archive.read("lectrain/README.md").startswith(b"# lectrain for self-study")
        assert b"self-study" in archive.read("lectrain/notebooks/01-sigmoid/sigmoid.ipynb")
