"""The grader's side of a submission, from the file to pages and tables, with a forged runner: no student code runs.

Everything here runs in the worker process of a supervisor. Each `check_...` function returns the violated properties,
one sentence each. An exception that it raises is a violation, too.
"""

import contextlib
import copy
import csv
import functools
import io
import json
import math
import os
import random
import re
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar

import nbformat
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder import probe, values
from autograder.authoring.simulate import make_submission
from autograder.class_report import (
    class_mistakes,
    class_report,
    class_statistics,
    class_table,
    similarity,
    solution_cells,
)
from autograder.class_report.class_data import ClassData
from autograder.course import Course, CourseError
from autograder.exports import export, gradescope
from autograder.grading import one_submission, preprocessors, records, registration, result_key, tables
from autograder.grading.records import Outcome, Record
from autograder.grading.submission_grader import Grader
from autograder.judging.exercise_set import CourseExercise
from autograder.judging.judge import judge
from autograder.judging.model import DrawnExercise
from autograder.judging.verdict import Verdict
from autograder.judging.verdict_html import verdict_html
from autograder.reports import feedback_page
from autograder.reports.grades import NotebookGrades, StudentInfo, read_notebook_grades, read_students
from autograder.runner import Limits, Step, StepResult
from autograder.runner.protocol import ProtocolError
from autograder.runner.session import Session
from autograder.submissions.reader import UnreadableSubmission
from autograder.submissions.sanitise import sanitise
from autograder.submissions.sanitise_html import sanitise_html
from autograder.supervisor import enter_stage
from tests.conftest import REPOSITORY, exercises, make_course
from tests.fuzz import answers, notebooks
from tests.fuzz.names import Student
from tests.submissions.payloads import find_active_content, without_anchors

ASSIGNMENTS = ("01-sigmoid", "02-bce", "03-softmax", "04-sgd", "05-momentum", "06-flat-minima")
SECRET = "a fixed secret, so that every run draws the same inputs"
STUDENT = "ada"
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")  # spreadsheets ignore white space before it
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?\Z")

P, T = ParamSpec("P"), TypeVar("T")


# --- time -------------------------------------------------------------------------------------------------------

_seconds_of_checks = 0.0  # processor time that this module's own checks took


def seconds_of_grader() -> float:
    """The processor time of this process, without that of the checks of properties."""
    return time.process_time() - _seconds_of_checks


def _without_cost(check: Callable[P, T]) -> Callable[P, T]:
    """Decorate a check whose time does not count as the grader's."""

    @functools.wraps(check)
    def measured(*args: P.args, **kwargs: P.kwargs) -> T:
        global _seconds_of_checks
        enter_stage(f"checking properties with {check.__name__.strip('_')}")
        started = time.process_time()
        try:
            return check(*args, **kwargs)
        finally:
            _seconds_of_checks += time.process_time() - started

    return measured


# --- courses ----------------------------------------------------------------------------------------------------


def prepare_course(folder: Path) -> None:
    """Make a course with all assignments, and a gradebook that knows them. Every worker grades in a copy."""
    make_course(folder, *ASSIGNMENTS)
    (folder / ".course-secret").write_text(SECRET)
    for assignment in ASSIGNMENTS:
        registration.register(Course.at(folder), assignment)


def _copy_course(template: Path) -> Course:
    folder = Path(tempfile.mkdtemp(prefix="course-", dir=template.parent))
    return Course.at(Path(shutil.copytree(template, folder, dirs_exist_ok=True)))


@functools.cache
def _grader(template: Path) -> Grader:
    """A grader with a course of its own, one per process."""
    return Grader(_copy_course(template))


@functools.cache
def solved_notebooks() -> dict[tuple[str, str], notebooks.Notebook]:
    """The notebooks of the course as parsed JSON, with the instructor's solutions, by assignment and name."""
    root = REPOSITORY / "solutions"
    return {
        (path.parent.name, path.stem): json.loads(nbformat.v4.writes(make_submission(nbformat.read(path, 4), {})))
        for path in sorted(root.glob("*/*.ipynb"))
    }


# --- forged replies ---------------------------------------------------------------------------------------------


class ForgedProcess:
    """A student's process that is not there. A function returns the bytes or the exception for a request of `Session`."""

    def __init__(self, reply_to: Callable[[dict[str, Any]], bytes | Exception]):
        self.channel = self
        self._reply_to = reply_to
        self._request: dict[str, Any] = {}

    def send(self, request: dict[str, Any], **_: object) -> None:
        self._request = request

    def receive(self, max_bytes: int, _deadline: float | None = None) -> Any:
        reply = self._reply_to(self._request)
        if isinstance(reply, Exception):
            raise reply
        if len(reply) > max_bytes:
            raise ProtocolError(f"the frame has {len(reply)} bytes, more than the {max_bytes} allowed")
        try:
            return json.loads(reply)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("the frame is not JSON") from error

    def interrupt(self) -> None:
        pass

    def end(self, timeout: float = 1.0) -> dict[str, Any]:
        return {"limit_hit": None, "signal": 11, "status": 0, "killed": False, "cpu_seconds": 0.0}


class ForgedRunner:
    """Takes the place of `Runner`: the same session, but with a `ForgedProcess`."""

    mode = "landlock"

    def __init__(self, reply_to: Callable[[dict[str, Any]], bytes | Exception]):
        self._reply_to = reply_to

    def run(self, steps: list[Step], folder: Path | None = None, limits: Limits | None = None) -> list[StepResult]:
        session = Session(steps, limits or Limits())
        while not session.is_over:
            session.run(ForgedProcess(self._reply_to))  # type: ignore[arg-type]
        return session.results


def make_replies(rng: random.Random) -> Callable[[dict[str, Any]], bytes | Exception]:
    """Replies to the requests of a session: mostly right answers and plain outputs, some of them forged."""
    forged = rng.choice((0.0, 0.0, 0.1, 0.5))

    def reply_to(request: dict[str, Any]) -> bytes | Exception:
        if rng.random() < 0.1 * forged:
            return rng.choice((EOFError(), TimeoutError(), b"", b"[" * 10**5, b"9" * 10**4, b"x" * 10**7))
        if "calls" in request and rng.random() < 0.5:
            return answers.to_frame({"missing": True})
        if "calls" in request:
            reply = _right_answers(request["calls"]["name"], json.dumps(request["calls"]["cases"]))
            if rng.random() < forged:
                reply = answers.make_reply(rng, [reply])
            return answers.to_frame(reply)
        if rng.random() >= forged:
            return b'{"outputs": [], "limit_hit": null}'
        limit = rng.choice((None, None, "cell_output", "memory", "cell_seconds", [1]))
        return json.dumps({"outputs": notebooks.outputs(rng), "limit_hit": limit}).encode()

    return reply_to


@functools.lru_cache(maxsize=300)
def _right_answers(name: str, cases: str) -> dict[str, Any]:
    return probe.answer({name: exercises[name].reference}, name, json.loads(cases))


# --- a notebook -------------------------------------------------------------------------------------------------


def check_notebook(template: Path, assignment: str, name: str, content: bytes, seed: int) -> list[str]:
    """Grade a file in place of a notebook, write its feedback page and compare it with itself.

    The template is the course of `prepare_course`. The seed is that of the replies in place of the student's process.
    Return the violated properties.
    """
    grader = _grader(template)
    course = grader.course
    submitted = course.folder("submitted", STUDENT, assignment)
    shutil.rmtree(submitted, ignore_errors=True)
    submitted.mkdir(parents=True)
    (submitted / f"{name}.ipynb").write_bytes(content)
    record = _grade(grader, assignment, STUDENT, seed)
    violations = list(_check_record(course, record))
    if record.outcome is Outcome.UNREADABLE:
        return violations
    path = course.folder("autograded", STUDENT, assignment) / f"{name}.ipynb"
    nb = _read_graded(path)
    violations += _check_sanitised(nb)
    with course.gradebook() as gradebook:
        grades = read_notebook_grades(gradebook, assignment, STUDENT).get((STUDENT, name), NotebookGrades())
    enter_stage("rendering the feedback page")
    page = feedback_page.render_page(nb, grades, StudentInfo(STUDENT), assignment, name, {})
    violations += _check_page(page, "the feedback page")
    enter_stage("comparing solutions")
    own = solution_cells.read_solutions([path])
    reordered = "\n".join(reversed(own.splitlines()))
    similarity.find_similar_pairs({STUDENT: own, "bob": reordered})
    return violations


def _read_graded(path: Path) -> nbformat.NotebookNode:
    enter_stage("reading the graded notebook")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbformat adds ids that the sanitiser removed
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def _grade(grader: Grader, assignment: str, student: str, seed: int) -> Record:
    preprocessors.get_runner = lambda *_: ForgedRunner(make_replies(random.Random(seed)))  # type: ignore[assignment]
    try:
        record = grader.grade(assignment, student)
    except UnreadableSubmission as error:
        record = Record(student, assignment, Outcome.UNREADABLE, messages=[str(error)])
    record = replace(record, seconds=1.0, key="0" * 64)
    enter_stage("writing the record")
    records.write(record, grader.course.records_folder)
    return record


# --- answers ----------------------------------------------------------------------------------------------------


@functools.cache
@_without_cost
def drawn_exercise(name: str) -> DrawnExercise:
    """An exercise, with the results of its known mistakes: the code of the course, not that of the grader."""
    drawn = exercises[name].draw(0)
    for results in drawn.mistake_results.values():
        list(results)
    return drawn


@functools.cache
def known_replies(name: str) -> list[dict[str, Any]]:
    """The replies of the reference and of some variants and mistakes."""
    exercise: CourseExercise = exercises[name]
    functions = [exercise.reference, *list(exercise.variants.values())[:3]]
    functions += [mistake.answer for mistake in list(exercise.mistakes.values())[:6]]
    drawn = exercise.draw(0)
    replies = [json.loads(json.dumps(drawn.call(function))) for function in functions]
    return [{"missing": True}, *replies, *[replies[0]] * 3]


def repeat_answer(name: str, frame: bytes) -> bytes:
    """Give the only answer in a frame to all cases of an exercise."""
    (answer,) = json.loads(frame)["answers"]["answers"]
    return answers.to_frame({"answers": [answer] * len(drawn_exercise(name).request["cases"])})


def check_answers(template: Path, name: str, frame: bytes) -> list[str]:
    """Judge a reply in place of the answers to an exercise; return the violated properties."""
    drawn = drawn_exercise(name)
    runner = ForgedRunner(lambda request: frame if "calls" in request else b'{"outputs": []}')
    (result,) = runner.run([Step("", drawn.request)])
    enter_stage(f"judging {name}")
    verdict = judge(drawn, result.answers)
    violations = list(_check_verdict(drawn, verdict))
    enter_stage("writing the verdict")
    verdict = replace(verdict, notes=tuple(failure.message for failure in result.failures))
    markup = sanitise_html(verdict_html(verdict))
    violations += _check_markup(markup, "the verdict")
    record = Record(STUDENT, "fuzz", Outcome.GRADED, verdict.score, verdict.points, verdicts=[verdict])
    folder = template.parent / f"records-{os.getpid()}"
    records.write(record, folder)
    if records.read(folder, "fuzz", STUDENT) != record:
        violations.append("the record that is read differs from the one that was written")
    enter_stage("writing tables")
    json.dumps(gradescope.to_results(record), ensure_ascii=False).encode()
    data = ClassData(Course.at(REPOSITORY), record.assignment, [record])
    table = class_table.table_rows(data)
    class_mistakes.mistake_statistics(data)
    class_statistics.rule_statistics(data)
    tables.write_rows(folder / "table.csv", table)
    return violations + _check_csv(folder / "table.csv")


def _check_verdict(drawn: DrawnExercise, verdict: Verdict) -> Iterator[str]:
    if len(verdict.findings) != len(drawn.exercise.rules):
        yield "the verdict does not have one finding per rule"
    if not (math.isfinite(verdict.score) and 0 <= verdict.score <= verdict.points == drawn.exercise.points):
        yield f"the score {verdict.score} is not between 0 and {drawn.exercise.points}"
    for finding in verdict.findings:
        if len(finding.message) > 20 * values.MAX_TEXT:
            yield f"a message has {len(finding.message)} characters"
    if verdict.mistake is not None and verdict.passed:
        yield "a right answer is explained by a mistake"


# --- names ------------------------------------------------------------------------------------------------------

CLASS_ASSIGNMENT = "01-sigmoid"


def check_class(template: Path, students: Sequence[Student], seed: int) -> list[str]:
    """Grade a class and write its pages and tables; return the violated properties."""
    course = _copy_course(template)
    try:
        return list(_check_class(course, students, seed))
    finally:
        shutil.rmtree(course.root, ignore_errors=True)


def _check_class(course: Course, students: Sequence[Student], seed: int) -> Iterator[str]:
    for student in students:
        _hand_in(course, student)
    enter_stage("listing the students")
    try:
        names = course.students(CLASS_ASSIGNMENT)
    except CourseError:
        undecodable = [student for student in students if student.id != student.id.encode(errors="replace").decode()]
        if not undecodable:
            yield "a class whose names are all valid UTF-8 is refused"
        for student in undecodable:
            shutil.rmtree(course.root / "submitted" / student.id)
        names = course.students(CLASS_ASSIGNMENT)
    expected = {student.id for student in students if (course.root / "submitted" / student.id).is_dir()}
    if set(names) != expected:
        yield f"the students are listed as {names}, not {sorted(expected)}"
    if not names:
        return
    grader, assignment_key = Grader(course), "0" * 64
    for student in names:
        result_key.hash_submission(course.submitted_folder(student, CLASS_ASSIGNMENT), assignment_key)
        record = _grade(grader, CLASS_ASSIGNMENT, student, seed)
        yield from _check_record(course, record)
        json.dumps(gradescope.to_results(record), ensure_ascii=False).encode()
    graded = records.read_all(course.records_folder, CLASS_ASSIGNMENT)
    if sorted(record.student for record in graded) != sorted(names):
        yield f"the records are those of {[record.student for record in graded]}, not of {names}"
    yield from _check_pages(course, [student for student in students if student.id in names])
    yield from _check_tables(course, names)
    yield from _check_gradescope(course, course.root / "submitted" / names[0] / CLASS_ASSIGNMENT)


def _hand_in(course: Course, student: Student) -> None:
    folder = course.root / "submitted" / student.id / CLASS_ASSIGNMENT
    folder.mkdir(parents=True)
    content = json.dumps(solved_notebooks()[CLASS_ASSIGNMENT, "sigmoid"]).encode()
    if student.timestamp is not None:
        (folder / "timestamp.txt").write_text(student.timestamp, errors="replace")
    for name, kind in student.files:
        match kind:
            case "notebook":
                (folder / name).write_bytes(content)
            case "broken":
                (folder / name).write_bytes(content[:1000])
            case "empty":
                (folder / name).touch()
            case "folder":
                (folder / name / name).mkdir(parents=True)
            case "link":
                (folder / name).symlink_to("/etc/hostname")
            case "pipe":
                os.mkfifo(folder / name)


def _check_pages(course: Course, students: list[Student]) -> Iterator[str]:
    with course.gradebook() as gradebook:
        for student in students:
            names = {"first_name": student.first_name, "last_name": student.last_name, "email": student.email}
            gradebook.update_or_create_student(student.id, **names, lms_user_id=student.lms_id)
        gradebook.db.commit()
        grades, info = read_notebook_grades(gradebook, CLASS_ASSIGNMENT), read_students(gradebook)
    for student in students:
        for path in sorted(course.folder("autograded", student.id, CLASS_ASSIGNMENT).glob("*.ipynb")):
            nb = _read_graded(path)
            enter_stage("rendering a feedback page")
            own = grades.get((student.id, path.stem), NotebookGrades())
            page = feedback_page.render_page(nb, own, info[student.id], CLASS_ASSIGNMENT, path.stem, {})
            target = course.folder("feedback", student.id, CLASS_ASSIGNMENT) / f"{path.stem}.html"
            target.parent.mkdir(parents=True)
            target.write_text(page, encoding="utf-8")
            yield from _check_page(page, "the feedback page")


def _check_tables(course: Course, names: list[str]) -> Iterator[str]:
    enter_stage("writing the class report")
    page = class_report.write(ClassData.read(course, CLASS_ASSIGNMENT))
    yield from _check_page(page.read_text(encoding="utf-8"), "the class report")
    yield from _check_csv(page.with_suffix(".csv"), len(names) + 1)
    enter_stage("exporting the grades")
    with contextlib.suppress(CourseError):  # nothing is graded
        results = export.read_results(course, CLASS_ASSIGNMENT)
        for kind in export.ROWS:
            yield from _check_csv(export.write(course, CLASS_ASSIGNMENT, kind, results))


def _check_gradescope(course: Course, submission: Path) -> Iterator[str]:
    enter_stage("grading for Gradescope")
    in_this_process = SimpleNamespace(run=lambda function, *args: function(*args))
    gradescope.Supervisor = lambda *_: contextlib.nullcontext(in_this_process)  # type: ignore[misc,assignment]
    root = Path(tempfile.mkdtemp(dir=course.root))
    (root / "source").symlink_to(course.root)
    submission.rename(root / "submission")  # a link would be refused
    try:
        results = gradescope.grade(CLASS_ASSIGNMENT, root)
    finally:
        (root / "submission").rename(submission)
    one_submission.get_grader.cache_clear()
    json.dumps(results, ensure_ascii=False).encode()
    if not 0 <= results["score"] <= sum(test["max_score"] for test in results.get("tests", [])):
        yield f"the score for Gradescope is {results['score']}"


# --- properties -------------------------------------------------------------------------------------------------


def _check_record(course: Course, record: Record) -> Iterator[str]:
    if not isinstance(record.outcome, Outcome):
        yield f"the outcome is {record.outcome!r}"
    scores = (record.score, record.max_score)
    if not (all(map(math.isfinite, scores)) and 0 <= record.score <= record.max_score + 1e-9):
        yield f"the score is {record.score} of {record.max_score}"
    earned = sum(verdict.score for verdict in record.verdicts)
    if abs(record.score - earned) > 1e-6:
        yield f"the score is {record.score}, but the verdicts amount to {earned}"
    for message in record.messages:
        if not isinstance(message, str) or len(message) > 20 * values.MAX_TEXT:
            yield f"a message is {str(message)[:100]!r} with {len(str(message))} characters"
        if message != message.encode(errors="replace").decode():
            yield "a message cannot be written as UTF-8"
        if "internal grader error" in message:
            yield message
    if records.read(course.records_folder, record.assignment, record.student) != record:
        yield "the record that is read differs from the one that was written"


def _check_sanitised(nb: nbformat.NotebookNode) -> Iterator[str]:
    before = nbformat.v4.writes(nb)
    enter_stage("sanitising the notebook again")
    if nbformat.v4.writes(sanitise(copy.deepcopy(nb))) != before:
        yield "a sanitised notebook changes when it is sanitised again"
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            enter_stage("rendering Markdown as Formgrader does")
            rendered = markdown2html_mistune(cell.source)
            yield from _check_markup(without_anchors(rendered), "a Markdown cell")
        for output in cell.get("outputs", []):
            yield from _check_markup(output.get("data", {}).get("text/html", ""), "an output")


@_without_cost
def _check_markup(markup: str, what: str) -> list[str]:
    return [f"{what} has active content: {found}" for found in _cached_active_content(markup)]


@functools.lru_cache(maxsize=500)  # most cells are the same in all cases
def _cached_active_content(markup: str) -> list[str]:
    return sorted(set(find_active_content(markup)))


def _without_ours(markup: str) -> str:
    """Remove the elements and attributes that the autograder itself writes into a page."""
    markup = re.sub(r"<math.*?</math>", "", markup, flags=re.S)
    markup = re.sub(r'<section class="card[^>]*>|</section>|<span class="[a-z0-9]{1,3}">|</span>', "", markup)
    return re.sub(r' (?:class|id|aria-\w+|tabindex|open)="[\w .-]*"', "", markup)


class _Page(HTMLParser):
    """Collects what a page loads or runs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.count = dict.fromkeys(("script", "style", "title", "meta", "main", "body", "html", "head"), 0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.count:
            self.count[tag] += 1
        if tag in ("script", "iframe", "object", "embed", "link", "base", "form", "input", "button", "svg", "template"):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or name in ("srcset", "srcdoc", "action", "formaction", "background", "ping"):
                self.found.append(f"<{tag} {name}>")
            if name == "src" and not address.startswith("data:image/"):
                self.found.append(f"<{tag} src={address[:80]}>")
            if name == "href" and address and not address.startswith(("#", "http://", "https://", "mailto:", "../")):
                self.found.append(f"<{tag} href={address[:80]}>")


@_without_cost
def _check_page(page: str, what: str) -> list[str]:
    page.encode()
    start, _, rest = page.partition("<h2>Your notebook</h2>")
    body, _, end = rest.rpartition("</main>")
    parser = _Page()
    parser.feed(f"{start}</main>{end}" if rest else page)
    parser.close()
    expected = {"script": 0, "style": 1, "title": 1, "meta": 4, "main": 1, "body": 1, "html": 1, "head": 1}
    active = set(find_active_content(_without_ours(body))) - {"\\href"}  # no MathJax runs on this page
    violations = [f"{what} has active content: {found}" for found in (*parser.found, *sorted(active))]
    if parser.count != expected:
        violations.append(f"{what} has other elements than its template: {parser.count}")
    return violations


@_without_cost
def _check_csv(file: Path, num_rows: int | None = None) -> list[str]:
    """Check that no spreadsheet evaluates a cell, at whichever character it splits the lines."""
    text = file.read_text(encoding="utf-8-sig")
    violations = []
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if len({len(row) for row in rows}) > 1:
        violations.append("the rows of a table have different lengths")
    if num_rows is not None and len(rows) != num_rows:
        violations.append(f"a table has {len(rows)} rows, not {num_rows}")
    for separator in (",", ";", "\t", "|"):
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            formulas = [cell for cell in row if FORMULA.match(cell) and not NUMBER.match(cell)]
            violations += [f"a table that is split at {separator!r} has the cell {cell[:80]!r}" for cell in formulas]
    return list(dict.fromkeys(violations))
