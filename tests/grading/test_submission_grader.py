"""From submitted notebooks to scores: through ``autograder grade`` and through stock nbgrader's own command."""

import copy
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import simulate
from autograder.course import Course
from autograder.grading import batch
from autograder.grading import records as record
from autograder.reports import marks
from tests.conftest import REPOSITORY, course_in

from .conftest import graded, hand_in

CLASS = int(os.environ.get("LECTRAIN_CLASS", 4))  # per assignment; set it to 200 to check the claim in full

BY_NBGRADER = ("01-sigmoid", "02-bce")  # its own command takes seconds for each submission


def run(course: Course, *command: str, ok: bool = True) -> str:
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert (done.returncode == 0) is ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def exported(course: Course) -> dict[tuple[str, str], float]:
    run(course, "nbgrader", "export", "--to", "grades.csv")
    with open(course.root / "grades.csv", encoding="utf-8") as table:
        return {(row["student_id"], row["assignment"]): float(row["raw_score"]) for row in csv.DictReader(table)}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory, repository, sandbox):
    """A class with known scores in every assignment."""
    assignments = Course.at(repository).assignments()
    course = Course.at(course_in(tmp_path_factory.mktemp("class"), *assignments))
    return course, {a: simulate.simulate(course, a, CLASS, seed=7) for a in assignments}


def test_a_simulated_class_gets_the_scores_it_was_made_for(simulated):
    course, truth = simulated
    for assignment, scores in truth.items():
        records = list(batch.grade(course, assignment, workers=2))
        assert {r.student: pytest.approx(r.score) for r in records} == scores
        flagged = [message for r in records if r.outcome != "graded" for message in r.messages]
        assert all("which the exercise forbids" in message for message in flagged), flagged


def test_nbgrader_autograde_gives_the_same_scores(simulated):
    course, truth = simulated
    for assignment in BY_NBGRADER:
        run(course, "nbgrader", "generate_assignment", assignment, "--force")
        run(course, "nbgrader", "autograde", assignment, "--force")
    grades = exported(course)
    expected = {(student, a): score for a in BY_NBGRADER for student, score in truth[a].items()}
    assert {key: pytest.approx(grades[key]) for key in expected} == expected


def test_a_second_run_grades_only_what_has_changed(simulated):
    course, truth = simulated
    assignment = next(iter(truth))
    before = {r.student: r.seconds for r in batch.grade(course, assignment)}
    changed = course.folder("submitted", "student-001", assignment) / "note.txt"
    changed.write_text("a second thought")
    after = {r.student: r.seconds for r in batch.grade(course, assignment)}
    assert {s for s in after if after[s] != before[s]} <= {"student-001"}
    assert record.read(batch.records_folder(course), assignment, "student-001").key != ""


def test_solutions_get_full_marks_without_the_demonstrations(simulated):
    """`demo` cells are not run while grading: nothing that earns points may need them."""
    course, truth = simulated
    for assignment in truth:
        folder = course.folder("submitted", "teacher", assignment)
        folder.mkdir(parents=True)
        for source in course.source(assignment).glob("*.ipynb"):
            nbformat.write(simulate.submission(nbformat.read(source, 4), {}), folder / source.name)
        done = batch.grade_one(course.root, assignment, "teacher")
        lost = [f for verdict in done.verdicts for f in verdict["findings"] if not f["passed"]]
        assert lost == []
        with course.gradebook() as gradebook:
            cells = gradebook.find_submission(assignment, "teacher").notebooks
            grades = [grade for notebook in cells for grade in notebook.grades if grade.auto_score is not None]
            assert grades
            assert all(grade.auto_score == grade.max_score for grade in grades)


def test_untouched_notebooks_get_nothing_and_say_so(simulated, repository):
    course, truth = simulated
    for assignment in truth:
        folder = course.folder("submitted", "idle", assignment)
        folder.mkdir(parents=True)
        for released in (repository / "notebooks" / assignment).glob("*.ipynb"):
            (folder / released.name).write_bytes(released.read_bytes())
        done = batch.grade_one(course.root, assignment, "idle")
        assert (done.score, done.outcome) == (0, "graded")
        for path in course.folder("autograded", "idle", assignment).glob("*.ipynb"):
            outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", [])]
            assert {o.ename for o in outputs if o.output_type == "error"} == {"NotImplementedError"}


# --- one bad submission costs nobody else anything --------------------------------------------------------------


def test_bad_submissions_each_end_in_a_record_of_their_own(course, solved):
    full = graded(course, solved, "good").score
    hand_in(course, solved, "bad-json")
    (course.root / "submitted" / "bad-json" / "01-sigmoid" / "sigmoid.ipynb").write_text('{"cells": [')
    hand_in(course, solved, "renamed", "sigmoid (1).ipynb")
    old = course.root / "submitted" / "old-format" / "01-sigmoid" / "sigmoid.ipynb"
    old.parent.mkdir(parents=True)
    old.write_text(nbformat.writes(nbformat.convert(copy.deepcopy(solved), 3), 3))
    (course.root / "submitted" / "empty" / "01-sigmoid").mkdir(parents=True)
    copied = nbformat.from_dict(solved)
    copied.cells += [nbformat.from_dict(cell | {"id": f"copy-{i}"}) for i, cell in enumerate(copied.cells[-4:])]
    hand_in(course, copied, "copied")
    records = {r.student: r for r in batch.grade(course, "01-sigmoid", workers=2)}
    assert {student: r.outcome for student, r in records.items()} == {
        "good": "graded", "bad-json": "unreadable", "renamed": "graded", "old-format": "graded", "empty": "unreadable", "copied": "graded",
    }  # fmt: skip
    assert {r.score for r in records.values() if r.outcome == "graded"} == {full}
    assert "not a notebook" in records["bad-json"].messages[0]
    assert "handed in as sigmoid (1).ipynb" in records["renamed"].messages[0]
    assert "old notebook format 3" in records["old-format"].messages[0]
    assert "sigmoid.ipynb is missing" in records["empty"].messages[0]


def test_a_copied_cell_does_not_stop_stock_nbgrader(course, solved):
    hand_in(course, solved, "good")
    solved.cells += [nbformat.from_dict(cell | {"id": f"copy-{i}"}) for i, cell in enumerate(solved.cells)]
    hand_in(course, solved, "copied")
    run(course, "nbgrader", "autograde", "01-sigmoid")
    grades = exported(course)
    assert grades["good", "01-sigmoid"] == grades["copied", "01-sigmoid"] > 0


def test_a_cell_without_end_is_stopped_and_the_rest_is_graded(course, solved):
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.RunCells.limits = {"cell_seconds": 2}\n')
    at = next(i for i, c in enumerate(solved.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == "sigmoid")
    full = graded(course, solved, "full").score
    solved.cells.insert(at, nbformat.v4.new_code_cell("while True:\n    pass"))
    slow = graded(course, solved, "slow")
    assert (slow.score, slow.outcome) == (full, "timed out")
    assert "2 s" in " ".join(slow.messages)


# --- the commands of nbgrader -----------------------------------------------------------------------------------


def test_validate_accepts_a_solution_and_names_what_is_missing(course, solved, unsolved):
    for name, nb in (("solved", solved), ("unsolved", unsolved)):
        nbformat.write(nb, course.root / f"{name}.ipynb")
    assert "Success" in run(course, "nbgrader", "validate", "solved.ipynb")
    assert "VALIDATION FAILED" in run(course, "nbgrader", "validate", "unsolved.ipynb")


def test_feedback_is_generated_with_the_verdict_and_without_hidden_tests(course, solved):
    graded(course, solved)
    run(course, "nbgrader", "generate_feedback", "01-sigmoid")
    page = (course.root / "feedback" / "ada" / "01-sigmoid" / "sigmoid.html").read_text(encoding="utf-8")
    assert 'class="card' in page
    assert "HIDDEN TESTS" not in page


def test_without_the_plug_in_a_hidden_test_fails_loudly(course, source):
    """Stock nbgrader with its own preprocessors must not pass what nobody judged."""
    config = course.root / "nbgrader_config.py"
    lines = config.read_text().splitlines()
    stock = [line for line in lines if "plugin" not in line and not line.startswith("c.Autograde")]
    text = "\n".join(line for line in stock if not line.startswith(('    "nbgrader.preproc', "]")))
    config.write_text(text)
    hand_in(course, simulate.submission(source, {}))
    run(course, "nbgrader", "autograde", "01-sigmoid", "--ExecutePreprocessor.timeout=60")
    nb = nbformat.read(course.root / "autograded" / "ada" / "01-sigmoid" / "sigmoid.ipynb", 4)
    tests = [c for c in nb.cells if "check(" in c.source and c.cell_type == "code" and c.metadata.nbgrader.grade]
    errors = [[o.evalue for o in cell.outputs if o.output_type == "error"] for cell in tests]
    assert tests
    assert all("nbgrader_config.py" in error[0] or "autograder" in error[0] for error in errors)
    assert exported(course)["ada", "01-sigmoid"] == 0


# --- mistakes in the use of the commands ------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "said"), [
    (["grade", "99-nothing"], "there is no assignment '99-nothing'; this course has 01-sigmoid"),
    (["grade", "01-sigmoid/"], "there is no assignment '01-sigmoid/'"),
    (["grade", ""], "there is no assignment ''"),
    (["grade", "01-sigmoid"], "nothing is handed in for 01-sigmoid"),
    (["grade", "01-sigmoid", "--student", "ad"], "nothing is handed in for 01-sigmoid by 'ad'"),
    (["report", "01-sigmoid"], "nothing is graded yet"),
    (["feedback", "01-sigmoid", "--student", "ad"], "nothing is graded yet of 'ad'"),
    (["scores", "01-sigmoid"], "nothing is graded yet"),
    (["scores", "99-nothing"], "there is no assignment '99-nothing'"),
    (["grade", "01-sigmoid", "--course-dir", "nowhere"], "has no nbgrader_config.py"),
    (["matrix", "sigmoidal"], "there is no exercise sigmoidal"),
])  # fmt: skip
def test_a_wrong_command_is_told_in_one_line(registered, words, said):
    done = subprocess.run([sys.executable, "-m", "autograder", *words], cwd=registered, capture_output=True, text=True)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("line", "said"), [
    ("c.X = (", "nbgrader_config.py: SyntaxError: '(' was never closed"),
    ("c.CourseDirectory.max_file_size = 'small'", "nbgrader_config.py: TraitError: The 'max_file_size' trait"),
    ("c.JudgeAnswers.on_forbidden = 'nothing'", "nbgrader_config.py: TraitError: The 'on_forbidden' trait"),
    ("c.RunCells.limits = {'cell_seconds': '60'}", "nbgrader_config.py: TraitError: "),
    ("c.RunCells.limits = {'seconds': 60}", "c.RunCells.limits in nbgrader_config.py: "),
    ("c.Autograde.autograde_preprocessors = ['autograder.grading.preprocessors.Nothing']", "nbgrader_config.py: ImportError: "),
])  # fmt: skip
def test_a_wrong_setting_is_the_course_s_fault_and_no_submission_s(course, solved, line, said):
    hand_in(course, solved)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"{line}\n")
    done = command(course, "grade", "01-sigmoid", "--workers", "1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert done.stderr.startswith(f"autograder: {said}")
    assert not list((course.root / "records").rglob("*.json"))


@pytest.mark.parametrize(("name", "words", "said"), [
    ("gradebook.db", ["export", "csv", "01-sigmoid"], "the gradebook: (sqlite3.DatabaseError) file is not a database"),
    ("solutions/01-sigmoid/sigmoid.ipynb", ["simulate", "01-sigmoid"], "sigmoid.ipynb is not a notebook"),
    ("solutions/01-sigmoid/new.ipynb", ["simulate", "01-sigmoid"], "no answers are known to new.ipynb"),
])  # fmt: skip
def test_a_broken_file_of_the_course_is_told_in_one_line(course, name, words, said):
    (course.root / name).write_text("no such thing " * 100)
    done = command(course, *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert said in done.stderr


def command(course: Course, *words: str) -> subprocess.CompletedProcess:
    words = (sys.executable, "-m", "autograder", *words)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(words, cwd=course.root, env=environment, capture_output=True, text=True)


def test_a_penalty_goes_when_the_due_date_moves(course, solved):
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    hand_in(course, solved)
    (course.root / "submitted" / "ada" / "01-sigmoid" / "timestamp.txt").write_text("2026-12-02 12:00:00 UTC")
    worth = []
    for day in ("2026-12-01", "2026-12-03"):
        run(course, "nbgrader", "db", "assignment", "add", "01-sigmoid", f"--duedate={day} 12:00:00 UTC")
        command(course, "grade", "01-sigmoid", "--force", "--workers", "1")
        with course.gradebook() as gradebook:
            worth.append(marks.totals(gradebook, "01-sigmoid")["ada"].score)
        said = command(course, "scores", "01-sigmoid").stdout
        assert f"│ {worth[-1]:g} / 20" in said
    assert worth[0] == 0
    assert worth[1] > 15


def test_exit_status_says_whether_somebody_must_look(course, solved):
    hand_in(course, solved)
    grade = [sys.executable, "-m", "autograder", "grade", "01-sigmoid", "--workers", "1"]
    run(course, *grade)
    Path(course.root / "submitted" / "ada" / "01-sigmoid" / "sigmoid.ipynb").write_text("nothing")
    assert "unreadable" in run(course, *grade, ok=False)


def test_the_report_holds_scores_and_mistakes(simulated):
    course, truth = simulated
    assignment = next(iter(truth))
    run(course, sys.executable, "-m", "autograder", "report", assignment)
    page = (course.root / "reports" / f"{assignment}.html").read_text(encoding="utf-8")
    assert "student-001" in page
    assert "<h2>Mistakes</h2>" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_matrix_command_is_complete_and_machine_readable():
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "matrix", "sigmoid", "--json"], capture_output=True, text=True
    )
    rows = json.loads(done.stdout)
    assert done.returncode == 0
    assert {row["kind"] for row in rows} == {"reference", "variant", "mistake"}
    assert all(row["is_as_expected"] for row in rows)
