"""From submitted notebooks to scores, with ``autograder grade`` and with nbgrader's own commands."""

import copy
import functools
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import nbformat
import pytest

from autograder import cli, grading_commands
from autograder.authoring import simulate
from autograder.course import Course
from autograder.grading import batch, one_submission, process_runner, records, registration, result_key
from autograder.grading.notebook_notes import NotebookNotes
from autograder.grading.records import Outcome
from autograder.grading.removed_links import remove_links
from autograder.judging.verdict import Status
from autograder.reports import feedback_writer, grades
from autograder.supervisor import Supervisor
from tests.conftest import REPOSITORY, SIGMOID_POINTS, add_settings, empty_gradebook, exercises, make_course

from .conftest import ASSIGNMENT, index_of, read_autograded, submit, submit_and_grade

NUM_STUDENTS = int(os.environ.get("LECTRAIN_CLASS", 1))  # per assignment; for a thorough test: LECTRAIN_CLASS=200


@pytest.fixture
def run_main(monkeypatch, capfd) -> Callable[..., tuple[int | str, str, str]]:
    """A function that runs a command in this process. It returns its exit status, and what it printed: errors last."""
    monkeypatch.setattr(grading_commands, "Worker", lambda _: None)  # the workers of all tests have started

    def run_in(folder: Path, *arguments: str) -> tuple[int | str, str, str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capfd.readouterr()

    return run_in


# The class contains the slow cells of all notebooks. A machine on which other tests run may need four times as long.
PATIENT = {"cell_seconds": 120, "exercise_seconds": 60, "submission_seconds": 1800}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory, repository, sandbox) -> tuple[Course, dict[str, dict[str, float]]]:
    """A class with known scores in every assignment. Nothing is graded yet."""
    assignments = Course.at(repository).assignments()
    folder = make_course(tmp_path_factory.mktemp("class"), *assignments)
    add_settings(folder, f"c.RunCells.limits = {PATIENT}")
    course = Course.at(folder)
    for assignment in assignments:
        registration.register(course, assignment)
    return course, {a: simulate.simulate(course, a, NUM_STUDENTS, seed=7) for a in assignments}


@pytest.mark.slow
def test_a_simulated_class_gets_its_known_scores(simulated):
    course, known_scores = simulated
    for assignment, scores in known_scores.items():
        graded = list(batch.grade(course, assignment, workers=1))
        assert {record.student: pytest.approx(record.score) for record in graded} == scores
        messages = [message for record in graded if record.needs_attention for message in record.messages]
        assert all("which the exercise forbids" in message for message in messages), messages


def test_a_hint_names_code_only_if_the_student_wrote_it(course, solved):
    known = exercises["sigmoid"].mistakes["both branches of where"]
    first, second = "1 / (1 + np.exp(-z))", "np.exp(z) / (1 + np.exp(z))"
    for code, hint in (
        (f"np.where(z >= 0, {first}, {second})", known.hint),
        (f"np.choose(z >= 0, [{second}, {first}])", known.otherwise),
    ):
        solved.cells[
            index_of(solved, "sigmoid-solution")
        ].source = f"def sigmoid(z):\n    z = np.asarray(z)\n    return {code}"
        record = submit_and_grade(course, solved)
        (verdict,) = [verdict for verdict in record.verdicts if verdict.exercise == "sigmoid"]
        assert {finding.diagnosis for finding in verdict.failed_findings} == {hint}


WRONG_SLOPE = "def sigmoid_prime(z):\n    {}\n    return 1 / (1 + np.exp(-1.1 * np.asarray(z)))"


@pytest.mark.parametrize(("trick", "is_shown"), [
    ("pass", True),
    ("while np.shape(z) == (1,) and np.ravel(z)[0] == 1: pass", True),
    ("if np.shape(z) == (1,) and np.ravel(z)[0] == 1: import os; os._exit(0)", False),
])  # fmt: skip
def test_a_message_shows_the_simplest_wrong_input_and_points_do_not_depend_on_it(course, solved, trick, is_shown):
    solved.cells[index_of(solved, "sigmoid-prime-solution")].source = WRONG_SLOPE.format(trick)
    record = submit_and_grade(course, solved)
    (verdict,) = [verdict for verdict in record.verdicts if verdict.exercise == "sigmoid_prime"]
    message = verdict.findings[0].message
    assert message.startswith("sigmoid_prime(np.array([0.0])) gave [0.5], which is wrong.") is is_shown
    assert {verdict.exercise for verdict in record.verdicts if verdict.score == 0} == {"sigmoid_prime"}


@pytest.mark.slow
def test_scores_that_the_gradebook_has_lost_are_computed_again(course, solved):
    for student in ("ada", "bob"):
        submit(course, solved, student)
    list(batch.grade(course, ASSIGNMENT))
    with course.gradebook() as gradebook:
        gradebook.remove_student("ada")
    pages = feedback_writer.write_all(course, ASSIGNMENT)
    assert pages.failures == [("ada", "sigmoid.ipynb has no grades in the gradebook: grade it again")]
    assert [page.parent.parent.name for page in pages.paths] == ["bob"]
    list(batch.grade(course, ASSIGNMENT))
    assert students_with_grades(course) == {"ada", "bob"}
    (course.root / "gradebook.db").write_bytes(empty_gradebook())
    with course.gradebook() as gradebook:  # only the due date is set
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2025-12-01 12:00:00 UTC")
    (record,) = batch.grade(course, ASSIGNMENT, ["ada"])
    assert (record.outcome, record.max_score) == (Outcome.GRADED, SIGMOID_POINTS)
    list(batch.grade(course, ASSIGNMENT))  # all, although the first run with the new gradebook graded one
    assert students_with_grades(course) == {"ada", "bob"}


def students_with_grades(course: Course) -> set[str]:
    with course.gradebook() as gradebook:
        return {submission.student.id for submission in gradebook.assignment_submissions(ASSIGNMENT)}


def test_the_record_of_a_submission_that_is_replaced_meanwhile_is_out_of_date(course, solved, tmp_path, monkeypatch):
    key = result_key.hash_assignment(course, ASSIGNMENT)
    record = submit_and_grade(course, solved)
    assert result_key.read_current(course, ASSIGNMENT, "ada", key) == record
    moved = Course.at(Path(shutil.copytree(course.root, tmp_path / "build" / "copy")))
    registration.register(moved, ASSIGNMENT)
    same_key = result_key.hash_assignment(moved, ASSIGNMENT)
    assert result_key.read_current(moved, ASSIGNMENT, "ada", same_key) == record, (
        "a copy of the course grades nothing again"
    )
    monkeypatch.setattr(result_key, "_is_readable_file", lambda path: path.unlink() is None)
    assert result_key.read_current(course, ASSIGNMENT, "ada", key) is None


def test_the_key_of_an_assignment_ignores_what_jupyterlab_and_emacs_save_beside_the_source(course):
    key = result_key.hash_assignment(course, ASSIGNMENT)
    checkpoint = course.source_folder(ASSIGNMENT) / ".ipynb_checkpoints" / "sigmoid-checkpoint.ipynb"
    checkpoint.parent.mkdir()
    checkpoint.write_text("{}")
    (course.source_folder(ASSIGNMENT) / ".#sigmoid.ipynb").symlink_to("ada@lab.1:2")  # while the notebook is open
    assert result_key.hash_assignment(course, ASSIGNMENT) == key
    registration.register(course, ASSIGNMENT)


@pytest.mark.parametrize("folder", ["lectrain", "autograder"])
def test_the_key_of_an_assignment_depends_on_the_code_that_grades(course, monkeypatch, tmp_path, folder):
    key = result_key.hash_assignment(course, ASSIGNMENT)
    changed = shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(result_key, folder.upper(), Path(changed))
    assert result_key.hash_assignment(course, ASSIGNMENT) == key
    (Path(changed) / "__init__.py").write_text("")
    assert result_key.hash_assignment(course, ASSIGNMENT) != key


def test_a_source_without_a_kernel_is_graded(course, solved):
    file = course.source_folder(ASSIGNMENT) / "sigmoid.ipynb"
    source = nbformat.read(file, 4)
    del source.metadata["kernelspec"]
    nbformat.write(source, file)
    assert submit_and_grade(course, solved).outcome is Outcome.GRADED


def test_solutions_get_full_marks_without_the_demonstrations(simulated):
    """`demo` cells are not run during grading, so nothing that earns points may depend on them."""
    course, known_scores = simulated
    for assignment in known_scores:
        folder = course.folder("submitted", "teacher", assignment)
        folder.mkdir(parents=True)
        for source in course.source_folder(assignment).glob("*.ipynb"):
            nbformat.write(simulate.make_submission(nbformat.read(source, 4), {}), folder / source.name)
        record = one_submission.grade_one(course.root, assignment, "teacher")
        assert record.verdicts
        assert [verdict for verdict in record.verdicts if not verdict.passed] == []
        with course.gradebook() as gradebook:
            notebooks = gradebook.find_submission(assignment, "teacher").notebooks
            automatic = [grade for nb in notebooks for grade in nb.grades if grade.auto_score is not None]
            assert automatic
            assert all(grade.auto_score == grade.max_score for grade in automatic)


@pytest.mark.slow
def test_unanswered_notebooks_get_no_points(simulated, repository):
    course, known_scores = simulated
    for assignment in known_scores:
        folder = course.folder("submitted", "idle", assignment)
        folder.mkdir(parents=True)
        for released in (repository / "notebooks" / assignment).glob("*.ipynb"):
            (folder / released.name).write_bytes(released.read_bytes())
        record = one_submission.grade_one(course.root, assignment, "idle")
        assert (record.score, record.outcome) == (0, Outcome.GRADED)
        statuses = {finding.status for verdict in record.verdicts for finding in verdict.findings}
        assert statuses == {Status.NOT_ANSWERED}
        for path in course.folder("autograded", "idle", assignment).glob("*.ipynb"):
            outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", [])]
            assert {o.ename for o in outputs if o.output_type == "error"} == {"NotImplementedError"}


# --- a bad submission does not affect others --------------------------------------------------------------------


@pytest.fixture
def untouched() -> nbformat.NotebookNode:
    """The notebook as students receive it."""
    return nbformat.read(REPOSITORY / "notebooks" / ASSIGNMENT / "sigmoid.ipynb", 4)


def test_a_solved_copy_beside_an_untouched_notebook_earns_its_points(course, solved, untouched):
    """An untouched `sigmoid.ipynb` beside a solved copy was graded with 0 points, without a word."""
    full = submit_and_grade(course, solved, "good").score
    for student, first in (("untouched", nbformat.writes(untouched)), ("empty", "")):
        submit(course, solved, student, "sigmoid-Copy1.ipynb")
        (course.root / "submitted" / student / ASSIGNMENT / "sigmoid.ipynb").write_text(first)
    submit(course, untouched, "nothing")
    nested = course.root / "submitted" / "nested" / ASSIGNMENT / ASSIGNMENT
    nested.mkdir(parents=True)
    nbformat.write(solved, nested / "sigmoid.ipynb")
    packed = course.root / "submitted" / "packed" / ASSIGNMENT
    packed.mkdir(parents=True)
    with zipfile.ZipFile(packed / "homework.zip", "w") as archive:
        archive.writestr(f"{ASSIGNMENT}/sigmoid.ipynb", nbformat.writes(solved))
    graded = {record.student: record for record in batch.grade(course, ASSIGNMENT, workers=1)}
    assert {record.outcome for record in graded.values()} == {Outcome.GRADED}
    assert graded["nothing"].score == 0
    assert {record.score for student, record in graded.items() if student != "nothing"} == {full}
    assert all(record.messages for student, record in graded.items() if student != "good")
    assert (
        NotebookNotes.read(read_autograded(course, "packed").metadata).file
        == f"homework.zip/{ASSIGNMENT}/sigmoid.ipynb"
    )


def test_two_notebooks_with_different_answers_need_a_person_and_their_student_is_told(course, solved, untouched):
    half = copy.deepcopy(untouched)
    i = index_of(half, "sigmoid-solution")
    half.cells[i].source = solved.cells[index_of(solved, "sigmoid-solution")].source + "\n# another version"
    submit(course, half, "ada")
    submit(course, solved, "ada", "sigmoid-Copy1.ipynb")
    record = one_submission.grade_one(course.root, ASSIGNMENT, "ada")
    assert record.outcome is Outcome.NEEDS_A_PERSON
    assert record.score > 0
    remarks = NotebookNotes.read(read_autograded(course).metadata).submission
    assert set(remarks) <= set(record.messages)
    with Supervisor(course.work_limits) as supervisor:
        (page,) = feedback_writer.write_student(course, ASSIGNMENT, "ada", supervisor).paths
    assert remarks
    assert all(remark in page.read_text(encoding="utf-8") for remark in remarks)


def test_a_runner_that_could_not_start_once_is_started_again(monkeypatch):
    runner = mock.Mock()
    monkeypatch.setattr(process_runner, "_start", functools.cache(process_runner._start.__wrapped__))
    monkeypatch.setattr(process_runner, "open_runner", mock.Mock(side_effect=[BlockingIOError(), runner]))
    with pytest.raises(BlockingIOError):
        process_runner.get_runner(allow_unsandboxed=False)
    assert process_runner.get_runner(allow_unsandboxed=False) is runner
    assert process_runner.get_runner(allow_unsandboxed=True) is runner, "it is the sandbox that is there"


@pytest.mark.parametrize(("line", "message"), [
    ("sys.exit(3)", "internal grader error: RuntimeError: SystemExit: 3"),
    ("json.loads('[')", "internal grader error: JSONDecodeError: .*"),
])  # fmt: skip
def test_an_error_of_a_preprocessor_of_the_course_needs_a_person_and_has_a_record(course, solved, line, message):
    base = "from nbgrader.preprocessors import NbGraderPreprocessor"
    method = f"    def preprocess(self, nb, resources):\n        {line}"
    add_settings(course.root, f"import json, sys\n{base}\nclass Own(NbGraderPreprocessor):\n{method}")
    course = add_settings(course.root, "c.Autograde.autograde_preprocessors.append(Own)")
    submit(course, solved)
    with Supervisor(course.work_limits) as supervisor:
        record = one_submission.grade_supervised(supervisor, course.root, ASSIGNMENT, "ada")
    assert re.fullmatch(message, "".join(record.messages))
    assert records.read(course.records_folder, ASSIGNMENT, "ada") == record


@pytest.mark.parametrize("level", ["student", "assignment"])
@pytest.mark.attack("hand-ins")
def test_a_submission_that_is_a_link_to_the_solutions_is_not_graded(course, level):
    link = course.root / "submitted" / "eve" / (ASSIGNMENT if level == "assignment" else "")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(course.root / "solutions" / ("" if level == "student" else ASSIGNMENT))
    assert (course.root / "submitted" / "eve" / ASSIGNMENT / "sigmoid.ipynb").is_file(), "the link works"
    record = one_submission.grade_one(course.root, ASSIGNMENT, "eve")
    assert (record.outcome, record.score) == (Outcome.UNREADABLE, 0)
    assert not (course.root / "autograded" / "eve").exists()


@pytest.mark.slow
def test_nbgrader_autograde_chooses_the_same_notebook_and_follows_no_links(course, solved, untouched):
    submit(course, untouched)
    submit(course, solved, name="sigmoid-Copy1.ipynb")
    submit(course, solved, "eve")
    (course.root / "submitted" / "eve" / ASSIGNMENT / "answers.ipynb.txt").symlink_to(course.root / ".course-secret")
    (course.root / ".course-secret").write_text("0" * 64)
    submit(course, solved, "mallory")
    folder = course.root / "submitted" / "mallory" / ASSIGNMENT
    (folder / "sigmoid.ipynb").unlink()
    folder.rmdir()
    folder.symlink_to(course.root / "solutions" / ASSIGNMENT)
    completed = subprocess.run(["nbgrader", "autograde", ASSIGNMENT], cwd=course.root, capture_output=True, text=True)
    assert completed.returncode == 1, "one submission cannot be graded"
    assert "Removed" in completed.stderr, "the hook was called"
    with course.gradebook() as gradebook:
        scores = {name: gradebook.find_submission(ASSIGNMENT, name).score for name in ("ada", "eve", "mallory")}
    assert scores["ada"] == scores["eve"] > 10
    assert scores["mallory"] == 0
    assert not (course.root / "autograded" / "mallory" / ASSIGNMENT).exists()
    copies = [path for path in (course.root / "autograded").rglob("*") if path.is_file()]
    assert len(copies) == 2
    assert all("0" * 64 not in path.read_text() for path in copies)


@pytest.mark.parametrize("depth", [0, 120])
def test_nbgrader_ends_if_a_link_cannot_be_removed(tmp_path, monkeypatch, depth):
    link = tmp_path.joinpath(*"d" * depth, "link")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to("/etc/hostname")
    notebooks = [str(tmp_path / "sigmoid.ipynb")]
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda self: os.rmdir(self))  # raises an error, also for root
        with pytest.raises(SystemExit, match="links that nbgrader would follow"):
            remove_links(ASSIGNMENT, "eve", notebooks)
    remove_links(ASSIGNMENT, "eve", notebooks)
    assert not link.is_symlink()


@pytest.mark.parametrize("name", ["sub/.hidden.ipynb", "[d]/link.ipynb", "..ipynb"])
def test_a_link_that_nbgrader_takes_for_no_notebook_is_removed(tmp_path, name):
    link = tmp_path / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to("/etc/hostname")
    (notebook := tmp_path / "link.ipynb").symlink_to("/etc/hostname")
    remove_links(ASSIGNMENT, "eve", [str(tmp_path / "sigmoid.ipynb")])
    assert not link.is_symlink()
    assert notebook.is_symlink(), "the grader refuses it"


def test_a_link_in_a_read_only_folder_is_removed_before_nbgrader_copies(tmp_path, monkeypatch):
    (folder := tmp_path / "data").mkdir()
    (link := folder / "link").symlink_to("/etc/hostname")
    folder.chmod(0o555)

    def unlink(path):
        assert path.parent.stat().st_mode & 0o200, "root could remove it all the same"
        os.unlink(path)

    monkeypatch.setattr(Path, "unlink", unlink)
    remove_links(ASSIGNMENT, "eve", [str(tmp_path / "sigmoid.ipynb")])
    assert not link.is_symlink()


def test_the_page_of_a_notebook_says_that_another_is_missing_and_what_is_not_used(repository, tmp_path, sandbox):
    course = Course.at(make_course(tmp_path, "03-softmax"))
    registration.register(course, "03-softmax")
    folder = course.root / "submitted" / "ada" / "03-softmax"
    shutil.copytree(repository / "notebooks" / "03-softmax", folder)
    (folder / "fashion_mnist.ipynb").write_text("{")
    (folder / "helper.py").write_text("x = 1")
    record = one_submission.grade_one(course.root, "03-softmax", "ada")
    assert record.outcome is Outcome.NEEDS_A_PERSON
    pages = {path.stem: path for path in feedback_writer.write_all(course, "03-softmax").paths}
    text = pages["iris"].read_text(encoding="utf-8")
    assert "fashion_mnist.ipynb cannot be read" in text
    assert "not used, because only notebooks are graded: helper.py; copy the code" in text


# --- nbgrader's commands ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_without_the_plug_in_every_hidden_test_fails(course, source):
    """nbgrader with its own preprocessors must not award points that the judge has not given."""
    config = course.root / "nbgrader_config.py"
    settings = config.read_text()
    start, end = settings.index("c.Autograde.sanitize_preprocessors"), settings.index("c.DrawCases")
    config.write_text(settings[:start] + settings[end:])
    submit(course, simulate.make_submission(source, {}))
    command = ["nbgrader", "autograde", ASSIGNMENT, "--ExecutePreprocessor.timeout=60"]
    subprocess.run(command, cwd=course.root, check=True, capture_output=True)
    cells = read_autograded(course).cells
    tests = [c for c in cells if "check(" in c.source and c.cell_type == "code" and c.metadata.nbgrader.grade]
    errors = [[output.evalue for output in cell.outputs if output.output_type == "error"] for cell in tests]
    assert tests
    assert all("nbgrader_config.py" in error[0] or "autograder" in error[0] for error in errors)
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "ada").score == 0


# --- errors of the user -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "message"), [
    (["grade", "99-nothing"], "there is no assignment '99-nothing'; the known ones are 01-sigmoid"),
    (["grade", "01-sigmoid"], "there are no submissions of 01-sigmoid: put notebooks into "),
    (["grade", "01-sigmoid", "--student", "ad"], "there are no submissions of 01-sigmoid by 'ad'"),
    (["report", "01-sigmoid"], "nothing is graded yet"),
    (["feedback", "01-sigmoid", "--student", "ad"], "nothing is graded yet for 'ad'"),
    (["scores", "01-sigmoid"], "the roster is empty"),
    (["regrade", "ada", "01-sigmoid", "sigmoid"], "'ada' has no graded submission of 01-sigmoid"),
    (["scores", "99-nothing"], "there is no assignment '99-nothing'"),
    (["grade", "01-sigmoid", "--course-dir", "nowhere"], "has no nbgrader_config.py"),
    (["matrix", "sigmoidal"], "there is no exercise 'sigmoidal'; did you mean 'sigmoid'?"),
])  # fmt: skip
def test_a_wrong_command_is_reported_in_one_line(registered, run_main, arguments, message):
    status, _, errors = run_main(registered, *arguments)
    assert status not in (0, None)
    assert message in errors
    assert "Traceback" not in errors
    assert len(errors.strip().splitlines()) == 1


@pytest.mark.parametrize(("line", "message"), [
    ("c.X = (", "/nbgrader_config.py: SyntaxError: '(' was never closed"),
    ("c.CourseDirectory.max_file_size = 'small'", "nbgrader_config.py: TraitError: The 'max_file_size' trait"),
    ("c.JudgeAnswers.on_forbidden = 'nothing'", "nbgrader_config.py: TraitError: The 'on_forbidden' trait"),
    ("c.RunCells.limits = {'cell_seconds': '60'}", "nbgrader_config.py: TraitError: "),
    ("c.RunCells.limits = {'seconds': 60}", "c.RunCells.limits in nbgrader_config.py: "),
    ("c.DrawCases.secret_file = '/nonexistent/secret'", "/nonexistent/secret cannot be read or created: No such file"),
    ("c.Supervisor.hours = 1", "c.Supervisor in nbgrader_config.py: "),
    ("del c['Autograde']", "nbgrader_config.py must list RepairCells once: copy the lines"),
    ("c.Autograde.sanitize_preprocessors = []", "nbgrader_config.py must list RepairCells once"),
    ("c.Autograde.autograde_preprocessors = ['autograder.grading.preprocessors.Nothing']", "nbgrader_config.py: ImportError: "),
])  # fmt: skip
def test_a_wrong_setting_stops_grading_and_leaves_no_record(course, solved, run_main, line, message):
    submit(course, solved)
    add_settings(course.root, line)
    status, _, errors = run_main(course.root, "grade", ASSIGNMENT, "--workers", "1")
    assert (status, errors.count("\n")) == (2, 1), errors
    assert message in errors
    assert not list((course.root / "records").rglob("*.json"))


@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
@pytest.mark.parametrize(("name", "arguments", "message"), [
    ("gradebook.db", ["export", "csv", "01-sigmoid"], "the gradebook: (sqlite3.DatabaseError) file is not a database"),
    ("solutions/01-sigmoid/sigmoid.ipynb", ["simulate", "01-sigmoid"], "sigmoid.ipynb is not a notebook"),
    ("solutions/01-sigmoid/new.ipynb", ["simulate", "01-sigmoid"], "new.ipynb has no exercises: exercises has no folder of that name"),
])  # fmt: skip
def test_a_broken_file_of_the_course_is_reported_in_one_line(course, run_main, name, arguments, message):
    (course.root / name).write_text("not a valid file " * 100)
    status, _, errors = run_main(course.root, *arguments)
    assert (status, errors.count("\n")) == (2, 1), errors
    assert message in errors
    gc.collect()  # nbgrader does not close a gradebook that it cannot read: Python would warn during a later test


# --- late penalties, exit status, reports -----------------------------------------------------------------------


@pytest.mark.slow
def test_a_late_penalty_is_removed_when_the_due_date_moves(course, solved):
    add_settings(course.root, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    submit(course, solved)
    (course.root / "submitted" / "ada" / ASSIGNMENT / "timestamp.txt").write_text("2025-12-02 12:00:00 UTC")
    totals = []
    for due_day in ("2025-12-01", "2025-12-03"):
        with course.gradebook() as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate=f"{due_day} 12:00:00")
        one_submission.grade_one(course.root, ASSIGNMENT, "ada")
        with course.gradebook() as gradebook:
            totals.append(grades.read_totals(gradebook, ASSIGNMENT)["ada"].score)
    late, in_time = totals
    assert late == 0
    assert in_time > 15


def test_grade_counts_what_is_up_to_date_and_ends_with_1_if_a_submission_needs_attention(course, solved, run_main):
    def grade(*options: str) -> tuple[int | str, str]:
        status, printed, _ = run_main(course.root, "grade", ASSIGNMENT, "--workers", "1", *options)
        return status, next(line for line in printed.splitlines() if re.match(r"\d+ \w", line))

    submit(course, solved)
    submit(course, solved, "bob")
    assert grade() == (0, "2 graded")
    (course.submitted_folder("ada", ASSIGNMENT) / "note.txt").write_text("a second thought")
    assert grade() == (0, "1 up to date, 1 graded")
    (course.submitted_folder("bob", ASSIGNMENT) / "sigmoid.ipynb").write_text("nothing")
    assert grade("--force") == (1, "1 graded, 1 unreadable")


def test_the_matrix_command_prints_every_kind_of_answer_as_json(repository, run_main):
    status, printed, _ = run_main(repository, "matrix", "predict_label", "--json")
    rows = json.loads(printed)
    assert status == 0
    kinds = {"reference", "variant", "mistake", "held out, right", "held out, wrong"}
    assert {row["kind"] for row in rows} == kinds
    assert all(row["is_as_expected"] for row in rows)
