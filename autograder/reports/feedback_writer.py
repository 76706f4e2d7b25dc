"""Write the feedback pages of a class, or of one submission, into `feedback/`."""

import fnmatch
import glob
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from ..course import Course, CourseError
from ..grading import records
from ..grading.arrivals import SECRET_FILE, TIMESTAMP_FILE
from ..grading.boundary import Boundary, concerns_everybody, describe
from ..grading.records import Outcome, Record
from ..grading.replacing import write_atomically
from ..supervisor import Supervisor, enter_stage
from .cell_on_page import Explained
from .feedback_page import render_failure, render_page
from .grades import NotebookGrades, StudentInfo, read_max_scores, read_notebook_grades, read_students
from .right_letters import read_explained

PAGE_MODE = 0o664  # nbgrader copies the mode to the exchange, where the student must be able to read the page
EXCHANGE_FILES = (TIMESTAMP_FILE, SECRET_FILE)  # nbgrader finds the recipient of a page with these


@dataclass
class WrittenPages:
    """The feedback pages of a class, and those that could not be written, or show only the points."""

    paths: list[Path] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)  # the student, and a line about the page


class _Writer:
    """Writes feedback pages, and notes which it has written. What the gradebook says is read once, before the first.

    With `student`, only the grades of this student are read. `is_automatic` says that no person decides to release the
    pages: see `read_explained`.
    """

    def __init__(
        self,
        course: Course,
        assignment: str,
        supervisor: Supervisor,
        student: str | None = None,
        is_automatic: bool = False,
    ):
        self.course, self.assignment, self.supervisor = course, assignment, supervisor
        self.pages = WrittenPages()
        with course.gradebook() as gradebook:
            self.grades = read_notebook_grades(gradebook, assignment, student)
            self.max_scores = read_max_scores(gradebook, assignment)  # by notebook
            self.students = read_students(gradebook)
            self.explained = read_explained(course.exercises, gradebook, assignment, is_automatic)

    def write(self, student: str) -> None:
        """Write a page for each notebook of the assignment: its result, or why it has none."""
        record = records.read(self.course.records_folder, self.assignment, student)
        graded = self._find_graded(student, record)
        if not graded and record is None:
            self.pages.failures.append((student, f"not graded yet: run python -m autograder grade {self.assignment}"))
            return
        target = self.course.feedback_folder(student, self.assignment)
        target.mkdir(parents=True, exist_ok=True)
        for name in self.course.notebooks(self.assignment):
            page = target / f"{name}.html"
            self._write_page(student, graded.get(name), record, page)
            if page.exists():  # a notebook without a result and without a reason has none
                self.pages.paths.append(page)
        folder_of = self.course.autograded_folder if graded else self.course.submitted_folder
        _copy_exchange_files(folder_of(student, self.assignment), target)

    def _find_graded(self, student: str, record: Record | None) -> dict[str, Path]:
        """Find the graded notebooks of the latest submission, by name."""
        if record is not None and not record.has_result:  # an earlier submission is in `autograded/`
            return {}
        folder = self.course.autograded_folder(student, self.assignment)
        files = {name: folder / f"{name}.ipynb" for name in self.course.notebooks(self.assignment)}
        return {name: file for name, file in files.items() if file.is_file()}

    def _grades_of(self, student: str, notebook: str) -> NotebookGrades:
        return self.grades.get((student, notebook), NotebookGrades())

    def _info(self, student: str) -> StudentInfo:
        return self.students.get(student, StudentInfo(student))

    def _has_grades(self, student: str, notebook: str) -> bool:
        """Whether the gradebook has the grades of a notebook. One in which nothing earns points needs no score."""
        own = self._grades_of(student, notebook)
        return (student, notebook) in self.grades and (own.is_graded or not own.cells)

    def _write_page(self, student: str, file: Path | None, record: Record | None, page: Path) -> None:
        """Write the result of a notebook, or why it has none. No page of an earlier submission is left."""
        if file is not None and self._has_grades(student, page.stem):
            self._write_graded(student, file, page)
        elif file is not None:
            page.unlink(missing_ok=True)
            self.pages.failures.append((student, f"{file.name} has no grades in the gradebook: grade it again"))
        elif record is None:  # nbgrader's own command has graded other notebooks, and notes no reason
            page.unlink(missing_ok=True)
        elif reason := _why_not_graded(record, page.stem, self._grades_of(student, page.stem)):
            self._write_failure(student, page, reason)
        else:
            self._write_not_shown(student, page, "is not in autograded/: run grade --force")

    def _write_graded(self, student: str, file: Path, page: Path) -> None:
        """Write the page of a graded notebook."""
        own, person = self._grades_of(student, page.stem), self._info(student)
        try:
            self.supervisor.run(_render, file, page, own, person, self.assignment, self.explained)
        except Exception as error:  # a page that cannot be rendered must not stop the others
            if concerns_everybody(error):
                raise
            self._write_not_shown(student, page, f"cannot be shown: {describe(error)}")

    def _write_not_shown(self, student: str, page: Path, problem: str) -> None:
        """Report a problem with a notebook, and write a page that has only its points."""
        self.pages.failures.append((student, f"{page.stem}.ipynb {problem}"))
        reason = ["This notebook cannot be shown. The points are those in the gradebook."]
        self._write_failure(student, page, [*reason, "Please ask your instructor about the details."])

    def _write_failure(self, student: str, page: Path, reason: Sequence[str]) -> None:
        """Write the page of a notebook that cannot be shown."""
        notebook = page.stem
        own, max_score = self._grades_of(student, notebook), self.max_scores.get(notebook)
        text = render_failure(own, self._info(student), self.assignment, notebook, max_score, reason)
        write_atomically(page, text, PAGE_MODE)


def write_all(course: Course, assignment: str, pattern: str = "*") -> WrittenPages:
    """Write the feedback pages of all who handed in into `feedback/`, from where nbgrader releases them.

    Raise CourseError if no submission has been graded yet.
    """
    autograded = course.folder(course.directory.autograded_directory, ".", ".")
    graded = {file.parent.parent.name for file in autograded.glob(f"*/{glob.escape(assignment)}/*.ipynb")}
    graded |= {record.student for record in records.read_all(course.records_folder, assignment)}
    graded = {student for student in graded if fnmatch.fnmatchcase(student, pattern)}
    if not graded:
        selection = "" if pattern == "*" else f" for {pattern!r}"
        raise CourseError(f"nothing is graded yet{selection}: run python -m autograder grade {assignment}")
    with Supervisor(course.work_limits) as supervisor:
        writer = _Writer(course, assignment, supervisor)
        boundary = Boundary(lambda student, line: writer.pages.failures.append((student, line)))
        for student in sorted({*graded, *course.students(assignment, pattern)}):
            with boundary.around(student):
                writer.write(student)
    return writer.pages


def write_student(course: Course, assignment: str, student: str, supervisor: Supervisor) -> WrittenPages:
    """Write the feedback pages of one submission, which `watch` returns at once. There are none if it is not graded."""
    writer = _Writer(course, assignment, supervisor, student, is_automatic=True)
    writer.write(student)
    return writer.pages


def _copy_exchange_files(source: Path, target: Path) -> None:
    """Copy those that a submission has. Others are of an earlier one, with whose secret no later page is released."""
    for name in EXCHANGE_FILES:
        if (source / name).is_file():
            write_atomically(target / name, (source / name).read_bytes(), PAGE_MODE)
        elif source.is_dir():  # not while `grade` or `watch` is replacing it
            (target / name).unlink(missing_ok=True)


def _why_not_graded(record: Record, notebook: str, own: NotebookGrades) -> list[str]:
    """Explain to a student why a notebook has no result. Empty if it has one according to the record."""
    if record.has_result:
        return record.unread.get(notebook, [])
    if record.outcome is Outcome.UNREADABLE:
        reason = ["Your submission could not be read.", *record.messages, "Repair it, and hand it in again."]
    else:
        reason = ["The grader could not finish its work on your submission. Your instructor will look at it."]
    return [*reason, "The points are those of your earlier submission."] if own.is_graded else reason


def _render(
    file: Path, target: Path, grades: NotebookGrades, student: StudentInfo, assignment: str, explained: Explained
) -> None:
    """Render the page of a graded notebook into its file. This runs in the worker process."""
    enter_stage("reading the graded notebook")
    nb = nbformat.reads(file.read_text(encoding="utf-8"), as_version=4)
    enter_stage("rendering the feedback page")
    write_atomically(target, render_page(nb, grades, student, assignment, file.stem, explained), PAGE_MODE)
