"""`new-exercise` begins an exercise, and `cells` keeps its cells the same in the notebook and in a text file."""

import ast
import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import reads as read_for_nbgrader

from autograder.authoring.kill_matrix import AnswerKind
from autograder.authoring.new_exercise import _add_change, _add_specification, begin_exercise
from autograder.authoring.percent_cells import find_cells, find_source, find_unfilled, put_text, synchronise, to_text
from autograder.authoring.skeletons import Skeleton, read_signature
from autograder.course import Course, CourseError
from tests.conftest import REPOSITORY, SOURCES, add_settings, exercises
from tests.guide_exercise import CHANGES, COMMAND, SPECIFICATION, fill_in, make_course_of_the_guide, replace, run
from tests.test_release import test_check_and_plot_cells_are_collapsed as require_collapsed_checks
from tests.test_release import test_checks_count_the_answers_that_earn_points as require_counted_answers

NOTEBOOK = Path("solutions", "01-sigmoid", "sigmoid.ipynb")
CELLS = Path("build", "cells", "odds.py")


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """A course in which the exercise of the guide has been begun."""
    folder = make_course_of_the_guide(tmp_path_factory.mktemp("begun"))
    done = run(folder, *COMMAND)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        *("exercises/sigmoid/spec.py", "exercises/sigmoid/answers.py", "CHANGELOG.md", str(NOTEBOOK), str(CELLS)),
        "Fill in what is marked, then run: make exercise NAME=odds",
        "In a course of your own, run python -m autograder cells odds, then matrix odds",
    ]
    return folder


@pytest.fixture
def course(begun, tmp_path) -> Path:
    """A copy of it, which the test may change."""
    return Path(shutil.copytree(begun, tmp_path / "course"))


def test_the_cells_are_as_nbgrader_and_the_tests_of_a_release_demand(course):
    require_counted_answers(course)
    require_collapsed_checks(course, "solutions")
    read_for_nbgrader((course / NOTEBOOK).read_text(encoding="utf-8"), as_version=4)  # validates the metadata
    nb, before = nbformat.read(course / NOTEBOOK, 4), nbformat.read(REPOSITORY / NOTEBOOK, 4)
    nbformat.validate(nb)
    ids = [cell.id for cell in nb.cells]
    first, neighbour = ids.index("odds-prompt"), ids.index("sigmoid-prime-prompt")
    assert ids[first - 1 : first + 4] == ["slope-seen", "odds-prompt", "odds-solution", "odds-check", "model"]
    metadata = [[cell.metadata for cell in nb.cells[start : start + 3]] for start in (neighbour, first)]
    text = str(metadata[0]).replace("sigmoid-prime", "odds").replace("sigmoid_prime", "odds")
    assert text.replace("'points': 3", "'points': 2") == str(metadata[1])
    stated = [float(re.search(r"minutes, (\d+) points", each.cells[0].source)[1]) for each in (before, nb)]
    assert stated[1] == stated[0] + 2
    del nb.cells[first : first + 3]
    changed = {cell.id for cell, old in zip(nb.cells, before.cells, strict=True) if cell != old}
    assert changed == {"title", "setup"}


def test_the_specification_and_the_check_have_the_slide_and_an_unchanged_argument(course):
    written = (course / "exercises" / "sigmoid" / "spec.py").read_text(encoding="utf-8")
    (begun,) = re.findall(r"^odds = Exercise\(.*?^\)", written, re.DOTALL | re.MULTILINE)
    assert '    slide="Logistic Regression",\n' in begun
    assert '    mutation="none",' in begun
    assert 'checking("odds", slide="Logistic Regression", points=2)' in (course / CELLS).read_text(encoding="utf-8")


def test_the_changelog_of_the_version_that_is_being_written_names_the_exercise(course):
    changed = (course / "CHANGELOG.md").read_text(encoding="utf-8")
    line = "- Exercise `odds` in `sigmoid`.\n"
    assert f"\n**Notebooks**\n{line}" in changed.split("\n## ")[1]
    assert changed.replace(line, "") == CHANGES


@pytest.mark.parametrize("text", ["", "# Changelog\n", "# Changelog\n\n## 2\n\n## 1\n\n**Notebooks**\n- Old.\n"])
def test_a_changelog_without_notebooks_in_its_first_section_stays_as_it_is(text):
    assert _add_change(text, "- Exercise.\n") == text


def test_a_form_feed_above_an_exercise_does_not_move_the_next_one():
    assert _add_specification("\f\nf = 1\ng = 2\n", "new = 3\n", "f") == "\f\nf = 1\n\n\nnew = 3\ng = 2\n"


def test_what_is_not_filled_in_is_listed_with_its_place(course):
    done = run(course, "cells", "odds")
    places = done.stdout.splitlines()
    assert done.returncode == 1
    assert done.stderr == f"error: {len(places)} lines still to be filled in\n"
    for file, words in [("spec.py", "reference"), ("answers.py", "return ..."), (CELLS, "FILL IN: a formula")]:
        (place, *_) = [line for line in places if str(file) in line and words in line]
        path, number, text = place.split(":", 2)
        assert (course / path).read_text(encoding="utf-8").splitlines()[int(number) - 1].strip() == text.strip()
    fill_in(course)
    done = run(course, "cells", "odds")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "return p / (1 - p)" in find_cells(nbformat.read(course / NOTEBOOK, 4), "odds")[1].source


@pytest.mark.slow
def test_the_example_of_the_guide_is_judged_and_checked_as_it_says(course):
    fill_in(course)
    synchronise(course / NOTEBOOK, "odds", course / CELLS)
    assert SPECIFICATION.replace("MODEL", '"Logistic Regression"') in (REPOSITORY / "README.md").read_text("utf-8")
    assert SPECIFICATION in (course / "exercises" / "sigmoid" / "spec.py").read_text(encoding="utf-8")
    judged = run(course, "matrix", "odds", "--json")
    assert judged.returncode == 0, judged.stdout
    mistakes = [row for row in json.loads(judged.stdout) if row["kind"] == AnswerKind.MISTAKE]
    assert len(mistakes) >= 2
    assert all(row["diagnosed"] == [row["name"]] for row in mistakes)  # so that students see its hint
    visible = run(course, "matrix", "odds", "--visible", "--json")
    assert visible.returncode == 0, visible.stdout


@pytest.mark.parametrize("notebook", exercises.by_notebook)
def test_finished_exercises_are_filled_in_and_keep_their_cells(notebook, tmp_path):
    folder = REPOSITORY / "exercises" / notebook
    assert [*find_unfilled(folder / "spec.py"), *find_unfilled(folder / "answers.py")] == []
    source = Path(shutil.copy(SOURCES[notebook], tmp_path))
    before = source.read_bytes()
    for exercise in exercises.by_notebook[notebook]:
        file = tmp_path / "cells" / f"{exercise.name}.py"
        synchronise(source, exercise.name, file)
        assert [*find_unfilled(file)] == []
        nb = nbformat.read(source, 4)
        cells = find_cells(nb, exercise.name)
        put_text(to_text(cells), cells)
        assert nb == nbformat.read(source, 4)
        assert f"# ▸ Check: {exercise.name}" in cells[2].source
    assert source.read_bytes() == before


def test_an_edit_of_the_file_or_of_the_notebook_is_copied_to_the_other(course):
    def task() -> str:
        return find_cells(nbformat.read(course / NOTEBOOK, 4), "odds")[0].source

    def edit(name: str, old: str, new: str) -> None:
        replace(course / name, old, new)
        synchronise(course / NOTEBOOK, "odds", course / CELLS)

    edit(CELLS, "FILL IN: a formula, or words", r"They are $\frac{p}{1 - p}$ (first text).")
    assert "\nCompute the odds of an event. They are $\\frac{p}{1 - p}$ (first text).\n" in task()
    edit(NOTEBOOK, "first text", "second text")
    assert "(second text)" in (course / CELLS).read_text(encoding="utf-8")
    edit(CELLS, "second text", "third text")
    assert "(third text)" in task()
    replace(course / NOTEBOOK, "third text", "fourth text")
    kept = (course / NOTEBOOK).read_bytes()
    with pytest.raises(CourseError, match="were edited: delete the file, or undo one edit"):
        edit(CELLS, "third text", "fifth text")
    (course / CELLS).write_bytes("für".encode("latin-1"))
    with pytest.raises(CourseError, match="is not in UTF-8"):
        synchronise(course / NOTEBOOK, "odds", course / CELLS)
    assert (course / NOTEBOOK).read_bytes() == kept


@pytest.mark.parametrize(("old", "new", "message"), [
    ("# %% odds-check", "# the check", "they are odds-prompt, odds-solution$"),
    ("# %% odds-check", "# %% odds-check\nlost = 1\n\n# %% odds-check", "they are odds-prompt, odds-solution, odds-check, odds-check"),
    (r"# %% \[markdown\] odds-prompt", "import lost\n# %% [markdown] odds-prompt", "must be .*, with no text above them"),
    (r'odds-prompt\n"""', 'odds-prompt\nr"""', 'the text of odds-prompt must begin with """ and end with """'),
    (r'odds-prompt\n""".*?\n"""\n', "odds-prompt\n'''\nlost\n'''\n", 'the text of odds-prompt must begin with """'),
])  # fmt: skip
def test_a_file_that_is_not_the_three_cells_is_refused(course, old, new, message):
    replace(course / CELLS, old, new)
    with pytest.raises(CourseError, match=message):
        synchronise(course / NOTEBOOK, "odds", course / CELLS)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory) -> Course:
    folder = make_course_of_the_guide(tmp_path_factory.mktemp("untouched"), "exercises_to_begin")
    sys.path.append(str(folder))
    yield add_settings(folder, 'c.DrawCases.exercises = "exercises_to_begin"')
    sys.path.remove(str(folder))


@pytest.mark.parametrize(
    ("notebook", "signature", "after", "message"),
    [
        ("sigmiod", "odds(p)", "sigmoid", "there is no notebook 'sigmiod'; did you mean 'sigmoid'?"),
        ("sigmoid", "odds(p)", "sigmoid_prim", "there is no exercise 'sigmoid_prim'; did you mean 'sigmoid_prime'?"),
        (
            "sigmoid",
            "odds(p)",
            "",
            "one of sigmoid, slide 'Sigmoid: a “squashing” function'; nan_logit, slide 'Logistic sigmoid'",
        ),
        ("sigmoid", "odds", "sigmoid", "'odds' is not the signature of a function, such as 'odds(p)'"),
        ("sigmoid", "odds(p", "sigmoid", "'odds(p' is not the signature"),
        ("sigmoid", "2odds(p)", "sigmoid", "'2odds(p)' is not the signature"),
        ("sigmoid", "größe(p)", "sigmoid", "'größe' cannot be part of the id of a cell"),
        ("sigmoid", "class(p)", "sigmoid", "'class(p)' is not the signature"),
        ("sigmoid", "f(p): pass\ndef g()", "sigmoid", "is not the signature"),
        ("sigmoid", "f(p): 1 #", "sigmoid", "is not the signature"),
        ("sigmoid", "draw(n=1)", "sigmoid", "write draw(n=1) by hand: the texts need a required parameter"),
        ("sigmoid", "f(x, *, scale)", "sigmoid", "write f(x, *, scale) by hand"),
        ("sigmoid", "f(*p)", "sigmoid", "name each parameter, instead of *p"),
        ("sigmoid", "f(p, base=math.pi)", "sigmoid", "name 'math' is not defined"),
        ("sigmoid", "predict_label(p)", "sigmoid", "the name 'predict_label' is used in the course already"),
        ("sigmoid", "cases_tails(p)", "sigmoid", "the name 'cases_tails' is used"),  # a helper of the specification
        ("sigmoid", "fragile_sigmoid(z)", "sigmoid", "the name 'fragile_sigmoid' is used"),  # of the notebook
        ("sigmoid", "np(z)", "sigmoid", "the name 'np' is used"),
        ("sigmoid", "expect_shape(z)", "sigmoid", "the name 'expect_shape' is used"),  # on a further line of an import
        ("sigmoid", "map(z)", "sigmoid", "the notebook has a cell 'map-prompt' already"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_written(untouched, notebook, signature, after, message):
    files = {path: path.read_bytes() for path in untouched.root.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    with pytest.raises(CourseError, match=re.escape(message)):
        begin_exercise(untouched, notebook, signature, points=2, after=after, slide=None)
    assert files == {p: p.read_bytes() for p in untouched.root.rglob("*") if p.is_file() and p.suffix != ".pyc"}


def test_a_slide_that_no_exercise_has_is_refused_with_a_similar_one(untouched):
    known = (
        "there is no slide 'Logistc Regression'; did you mean 'Logistic Regression'? (titles are known from exercises"
    )
    with pytest.raises(CourseError, match=re.escape(known)):
        begin_exercise(untouched, "sigmoid", "odds(p)", points=2, after="sigmoid", slide="Logistc Regression")


def test_the_skeletons_fit_the_parameters():
    skeleton = Skeleton(read_signature("loss(w: float, X, rate=0.5, *, base=2) -> float"), 1, "“Quoted”")
    assert skeleton.signature == "loss(w, X, rate=0.5, *, base=2)"
    assert "### Exercise: `loss(w, X, rate=0.5, *, base=2)` (1 point)" in skeleton.prompt
    assert "loss_few = expect_untouched(loss, w_few, X_few)" in skeleton.check
    assert 'inputs={"w": w_few, "X": X_few}' in skeleton.check
    assert 'slide="“Quoted”", points=1)' in skeleton.check
    assert "reference=lambda w, X, rate=0.5, *, base=2: ..." in skeleton.specification
    assert "[case(..., ...), case(..., ...)]" in skeleton.specification
    assert 'slide="“Quoted”",' in skeleton.specification
    assert skeleton.check.index("expect_close") < skeleton.check.index("expect_shape")
    for part in (skeleton.specification, skeleton.answers, skeleton.solution, skeleton.check):
        compile(part, "skeleton", "exec")


def test_a_default_may_contain_any_quotes():
    specification = Skeleton(read_signature("""odds(p, a="it's", b='"', c="\\n")"""), 1, "Loss").specification
    (exercise,) = [each.value for each in ast.parse(specification).body if isinstance(each, ast.Assign)]
    (signature,) = [each.value.value for each in exercise.keywords if each.arg == "signature"]
    assert signature == r"""odds(p, a="it's", b='"', c='\n')"""


@pytest.mark.parametrize("returns", [r"the \odds", 'the "odds"', "the odds\nof an event", "the odds\x00"])
def test_words_that_would_not_be_valid_in_a_file_are_refused(returns):
    with pytest.raises(CourseError, match="--returns must be words on a line, without double quotes"):
        Skeleton(read_signature("odds(p)"), 2, "Loss", returns=returns)


def test_an_exercise_that_no_notebook_has_has_no_cells(untouched, monkeypatch):
    monkeypatch.setattr(Course, "notebooks", lambda *_: [])
    with pytest.raises(CourseError, match="no notebook in solutions/ has the exercise 'sigmoid'"):
        find_source(untouched, "sigmoid")


def test_the_third_mistake_is_in_place():
    written = Skeleton(read_signature("odds(p)"), 2, "Loss").answers
    hint = "# hint: It changes the caller's p. Make a new array.\n"
    assert f"# %% wrong odds: in place\n{hint}def odds(p):\n    p *= ..." in written
