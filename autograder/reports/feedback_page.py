"""The feedback page of a notebook: points to gain first, then each verdict with the student's own answer below it.

The rest of the notebook is folded: students know it, and with it the page was 25 printed pages long.

`FeedbackExporter` is used by ``nbgrader generate_feedback``. `write_all` writes the same pages for a whole class, and
queries the gradebook once.
"""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import default

from ..course import DEFAULT_EXERCISES, Course, CourseError
from ..grading import records
from ..grading.arrivals import SECRET_FILE, TIMESTAMP_FILE
from ..grading.boundary import Boundary, concerns_everybody, describe
from ..grading.due_dates import now, read_due_dates
from ..grading.notebook_notes import NotebookNotes
from ..grading.preprocessors import IN_WORKER
from ..grading.records import Outcome, Record
from ..grading.replacing import write_atomically
from ..grading.supervised_exporter import SupervisedExporter
from ..judging.exercise_set import load_exercises
from ..judging.model import Exercise
from ..judging.quizzes import explained_letters
from ..runner.sandbox import UNSANDBOXED
from ..submissions.sanitise import sanitise
from ..supervisor import Supervisor, enter_stage
from . import markdown
from .cell_on_page import TITLE_LEVEL, Explained, Result, show_cell
from .graded_cells import find_graded_cells
from .grades import (
    NotebookGrades,
    StudentInfo,
    format_duration,
    read_max_scores,
    read_notebook_grades,
    read_students,
)
from .notebook_body import render_notebook
from .templates import TEMPLATES

PAGE_MODE = 0o664  # nbgrader copies the mode to the exchange, where the student must be able to read the page
EXCHANGE_FILES = (TIMESTAMP_FILE, SECRET_FILE)  # nbgrader finds the recipient of a page with these

_NOTHING: Explained = {}


def render_page(
    nb: NotebookNode,
    grades: NotebookGrades,
    student: str,
    assignment: str,
    notebook: str,
    explained: Explained = _NOTHING,
) -> str:
    """Render the feedback page of a graded notebook, which is sanitised in place.

    `explained` has the right letters of the questions whose answers may be shown once they are judged.
    """
    notes = NotebookNotes.read(nb.metadata)
    sanitise(nb)
    questions = list(find_graded_cells(nb))
    graded_cells = [show_cell(question, grades, explained) for question in questions]
    headings = (markdown.last_heading_html(cell.source) for cell in nb.cells if cell.cell_type == "markdown")
    title = next(filter(None, headings), notebook)
    body = render_notebook(nb, list(zip(questions, graded_cells, strict=True)), notes.unchanged_demos)
    waiting = [cell for cell in graded_cells if cell.grade.needs_manual_grade]
    received = [cell for cell in graded_cells if cell.result is Result.RECEIVED]
    return TEMPLATES.get_template("feedback.html").render(
        title=markdown.strip_tags(title),
        student=_describe_student(student, grades.student_name),
        assignment=assignment,
        notebook=notebook,
        graded_cells=sorted(graded_cells, key=lambda cell: (-cell.to_gain, cell.result is Result.PASSED)),
        commented=[cell for cell in graded_cells if cell.comment],
        score=max(sum(cell.score for cell in graded_cells) - grades.late_penalty, 0.0),
        max_score=sum(cell.points for cell in graded_cells),
        pending=sum(cell.points - cell.score for cell in [*waiting, *received]),
        waiting=waiting,
        received=received,
        late_penalty=grades.late_penalty,
        timing=grades.timing,
        format_duration=format_duration,
        messages=[
            *notes.submission,
            *notes.errors,
            *(failure.message for failure in notes.failures),
            *notes.flags,
            *notes.repairs,
        ],
        is_unsandboxed=UNSANDBOXED in notes.modes,
        body=Markup(markdown.renumber_headings(body, TITLE_LEVEL)),
    )


def _explain(
    exercises: Mapping[str, Exercise], gradebook: Gradebook, assignment: str, is_automatic: bool = False
) -> Explained:
    """Collect the right letters of all questions, but none while a student could still hand them in.

    Without a due date, this is the case until a person releases the pages.
    """
    last = read_due_dates(gradebook, assignment).last
    may_explain = now() >= last if last else not is_automatic
    return {name: explained_letters(exercise) for name, exercise in exercises.items()} if may_explain else {}


def _describe_student(student: str, name: str) -> str:
    return f"{name} ({student})" if name else student


# --- for nbgrader -----------------------------------------------------------------------------------------------


class ReadGrades(NbGraderPreprocessor):
    """Read grades and comments from the gradebook, as nbgrader's `GetGrades` does. Each assignment is queried once."""

    def __init__(self, **traits: Any):
        super().__init__(**traits)
        self._cached_assignment: tuple[str, str] | None = None
        self._grades: dict[tuple[str, str], NotebookGrades] = {}
        self._explained = _NOTHING

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Pass the grades of a notebook on."""
        names = resources["nbgrader"]
        assignment = (names["db_url"], names["assignment"])
        if self._cached_assignment != assignment:
            with Gradebook(names["db_url"]) as gradebook:
                self._grades = read_notebook_grades(gradebook, names["assignment"])
                exercises = load_exercises(self.config.DrawCases.get("exercises", DEFAULT_EXERCISES))
                self._explained = _explain(exercises, gradebook, names["assignment"])
            self._cached_assignment = assignment
        grades = self._grades.get((names["student"], names["notebook"]), NotebookGrades())
        resources[IN_WORKER] = grades, self._explained
        return nb, resources


class FeedbackExporter(SupervisedExporter):
    """Export a graded notebook as its feedback page. The work is done in a supervised process."""

    output_mimetype = "text/html"
    writes_record = False

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @classmethod
    def render(cls, nb: NotebookNode, resources: ResourcesDict) -> str:
        """Render the feedback page of a notebook that `ReadGrades` has processed."""
        names = resources["nbgrader"]
        grades, explained = resources.get(IN_WORKER, (NotebookGrades(), _NOTHING))
        return render_page(nb, grades, names["student"], names["assignment"], names["notebook"], explained)


# --- for a whole class ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WrittenPages:
    """The feedback pages of a class."""

    paths: list[Path]
    # For each page that could not be written or rendered, a sentence with the reason. A page that could not be
    # rendered shows only the points.
    failures: list[str]


@dataclass(frozen=True)
class _Writer:
    """Writes the pages of a class, and notes which it has written."""

    course: Course
    assignment: str
    grades: Mapping[tuple[str, str], NotebookGrades]
    students: Mapping[str, StudentInfo]
    max_scores: Mapping[str, float]  # by notebook
    supervisor: Supervisor
    explained: Explained
    pages: WrittenPages = field(default_factory=lambda: WrittenPages([], []))

    @classmethod
    def open(cls, course: Course, assignment: str, supervisor: Supervisor, student: str | None = None) -> "_Writer":
        """Read the gradebook, for one student, whose page is returned at once, or for all."""
        with course.gradebook() as gradebook:
            grades = read_notebook_grades(gradebook, assignment, student)
            max_scores = read_max_scores(gradebook, assignment)
            explained = _explain(course.exercises, gradebook, assignment, is_automatic=student is not None)
            return cls(course, assignment, grades, read_students(gradebook), max_scores, supervisor, explained)

    def write(self, student: str) -> None:
        """Write a page for each notebook of the assignment: its result, or why it has none."""
        course, assignment = self.course, self.assignment
        record = records.read(course.records_folder, assignment, student)
        has_result = record is None or record.has_result  # otherwise, an earlier submission is in `autograded/`
        folder = course.autograded_folder(student, assignment).resolve()
        graded = {name for name in course.notebooks(assignment) if has_result and (folder / f"{name}.ipynb").is_file()}
        if not graded and record is None:
            self.pages.failures.append(f"{student}: not graded yet: run python -m autograder grade {assignment}")
            return
        target = course.feedback_folder(student, assignment)
        target.mkdir(parents=True, exist_ok=True)
        for name in course.notebooks(assignment):
            page = target / f"{name}.html"
            if name in graded:
                is_written = self._write_graded(student, folder / f"{name}.ipynb", page)
            elif is_written := record is not None:
                self._write_failure(student, page, _why_not_graded(record, name, self._grades_of(student, name)))
            if is_written:
                self.pages.paths.append(page)
            else:  # of an earlier submission
                page.unlink(missing_ok=True)
        source = folder if graded else course.submitted_folder(student, assignment)
        for name in EXCHANGE_FILES:
            if (source / name).is_file():
                text = (source / name).read_text(encoding="utf-8", errors="replace")
                write_atomically(target / name, text, PAGE_MODE)

    def _grades_of(self, student: str, notebook: str) -> NotebookGrades:
        return self.grades.get((student, notebook), NotebookGrades())

    def _write_graded(self, student: str, file: Path, page: Path) -> bool:
        """Write the page of a graded notebook. Return whether there is a page now."""
        own = self.grades.get((student, file.stem))
        if own is None or (own.cells and not any(cell.is_saved for cell in own.cells.values())):
            self.pages.failures.append(f"{student}: {file.name} has no grades in the gradebook: grade it again")
            return False
        try:
            self.supervisor.run(_write_page, file, page, own, student, self.assignment, self.explained)
        except FileNotFoundError:  # `grade` or `watch` is replacing the folder
            self.pages.failures.append(f"{student}: {file.name} was replaced meanwhile: write the pages again")
            return page.exists()  # the old page stays
        except Exception as error:  # a page that cannot be rendered must not stop the others
            if concerns_everybody(error):
                raise
            self.pages.failures.append(f"{student}: {file.name} cannot be shown: {describe(error)}")
            reason = ["This notebook cannot be shown. The points are those in the gradebook."]
            self._write_failure(student, page, [*reason, "Please ask your instructor about the details."])
        return True

    def _write_failure(self, student: str, page: Path, reason: Sequence[str]) -> None:
        """Write the page of a notebook that cannot be shown."""
        grades = self._grades_of(student, page.stem)
        score = max(sum(grade.score for grade in grades.cells.values()) - grades.late_penalty, 0.0)
        text = TEMPLATES.get_template("feedback_failure.html").render(
            title=page.stem,
            student=_describe_student(student, self.students.get(student, StudentInfo(student)).name),
            assignment=self.assignment,
            notebook=page.stem,
            score=score,
            max_score=self.max_scores.get(page.stem),
            reason=reason,
        )
        write_atomically(page, text, PAGE_MODE)


def write_all(course: Course, assignment: str, pattern: str = "*") -> WrittenPages:
    """Write the feedback pages of all who handed in into `feedback/`, from where nbgrader releases them.

    Raise CourseError if no submission has been graded yet.
    """
    autograded = course.folder(course.directory.autograded_directory, ".", ".").resolve()
    graded = {file.parent.parent.name for file in autograded.glob(f"*/{assignment}/*.ipynb")}
    graded |= {record.student for record in records.read_all(course.records_folder, assignment)}
    graded = {student for student in graded if fnmatch.fnmatchcase(student, pattern)}
    if not graded:
        selection = "" if pattern == "*" else f" for {pattern!r}"
        raise CourseError(f"nothing is graded yet{selection}: run python -m autograder grade {assignment}")
    with Supervisor(course.work_limits) as supervisor:
        writer = _Writer.open(course, assignment, supervisor)
        boundary = Boundary(lambda student, line: writer.pages.failures.append(f"{student}: {line}"))
        for student in sorted({*graded, *course.students(assignment, pattern)}):
            with boundary.around(student):
                writer.write(student)
    return writer.pages


def write_student(course: Course, assignment: str, student: str, supervisor: Supervisor) -> WrittenPages:
    """Write the feedback pages of one submission. There are none if the submission has not been graded."""
    writer = _Writer.open(course, assignment, supervisor, student)
    writer.write(student)
    return writer.pages


def _why_not_graded(record: Record, notebook: str, own: NotebookGrades) -> list[str]:
    """Explain to a student why a notebook has no result."""
    if record.outcome is Outcome.UNREADABLE:
        reason = ["Your submission could not be read.", *record.messages, "Repair it, and hand it in again."]
    elif record.has_result:
        return record.unread.get(notebook) or [f"Your submission has no {notebook}.ipynb that could be read."]
    else:
        reason = ["The grader could not finish its work on your submission. Your instructor will look at it."]
    is_graded = any(cell.is_saved for cell in own.cells.values())
    return [*reason, "The points are those of your earlier submission."] if is_graded else reason


def _write_page(
    file: Path, target: Path, grades: NotebookGrades, student: str, assignment: str, explained: Explained
) -> None:
    """Write one page. This runs in the worker process."""
    enter_stage("reading the graded notebook")
    nb = nbformat.reads(file.read_text(encoding="utf-8"), as_version=4)
    enter_stage("rendering the feedback page")
    write_atomically(target, render_page(nb, grades, student, assignment, file.stem, explained), PAGE_MODE)
