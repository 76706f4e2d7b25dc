"""Grade submissions one after the other in one process, with one warm runner and one gradebook session.

The preprocessors are those of `nbgrader_config.py`, so that this and ``nbgrader autograde`` cannot drift apart; what is
saved here is what nbgrader's own last steps save.
"""

import contextlib
import os
import shutil
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from traitlets import Instance
from traitlets.config import LoggingConfigurable
from traitlets.utils.importstring import import_item

from ..course import Course, configuring
from ..runner import FailureKind
from ..runner.support_files import open_support_files
from ..submissions.reader import Submission, read_submission
from . import gradebook
from .records import Outcome, Record

SAVED_HERE = (SaveAutoGrades, AssignLatePenalties)


class _Parent(LoggingConfigurable):
    """What nbgrader's preprocessors look for above them."""

    coursedir = Instance(CourseDirectory)


class Grader:
    """Grades submissions of a course.

    Parameters
    ----------
    course : Course
    """

    def __init__(self, course: Course):
        self.course = course

    def grade(self, assignment: str, student: str) -> Record:
        """Grade a submission, and write it to `autograded/` and the gradebook.

        Raises
        ------
        UnreadableSubmission
            If nothing can be read of it.
        """
        names = self.course.notebooks(assignment)
        folder = self.course.folder(self.course.directory.submitted_directory, student, assignment)
        grade_ids = {name: self._grade_ids(assignment, name) for name in names}
        submission = read_submission(folder, names, grade_ids, max_bytes=1000 * self.course.directory.max_file_size)
        for name, nb in submission.notebooks.items():
            submission.notebooks[name] = self._judge(nb, assignment, student, name)
        self._write(submission, assignment, student)
        score = gradebook.save(self._gradebook, assignment, student, submission.notebooks, submission.timestamp)
        if score.late:
            self._take_off_for_lateness(assignment, student)
        return _record(submission, assignment, student, score)

    def _judge(self, nb: NotebookNode, assignment: str, student: str, name: str) -> NotebookNode:
        resources = self._resources(assignment, student, name)
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor.preprocess(nb, resources)
        return nb

    def _take_off_for_lateness(self, assignment: str, student: str) -> None:
        for name in self.course.notebooks(assignment):  # what is gone may have a penalty, too
            self._late.preprocess(nbformat.v4.new_notebook(), self._resources(assignment, student, name))

    def _resources(self, assignment: str, student: str, name: str) -> dict:
        url = self.course.directory.db_url
        return {"nbgrader": {"assignment": assignment, "student": student, "notebook": name, "db_url": url}}

    def _write(self, submission: Submission, assignment: str, student: str) -> None:
        """Put the graded notebooks in place, all of them or none."""
        submitted = self.course.folder(self.course.directory.submitted_directory, student, assignment)
        target = self.course.folder(self.course.directory.autograded_directory, student, assignment)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{assignment}.new")  # one name, so that a killed run leaves nothing for ever
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        try:
            for name, nb in submission.notebooks.items():
                (fresh / f"{name}.ipynb").write_text(nbformat.v4.writes(nb) + "\n", encoding="utf-8")
            for folder in (self.course.source(assignment), submitted):  # as nbgrader does: it returns feedback by them
                _copy_files(folder, fresh, 1000 * self.course.directory.max_dir_size)
            for path in fresh.rglob("*"):
                path.chmod(0o755 if path.is_dir() else 0o444)
            shutil.rmtree(target, ignore_errors=True)
            os.replace(fresh, target)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            raise

    # --- what is made once ------------------------------------------------------------------------------------------

    @cached_property
    def _parent(self) -> _Parent:
        return _Parent(config=self.course.config, coursedir=self.course.directory)

    @cached_property
    def _preprocessors(self) -> list:
        with configuring():
            kinds = [import_item(k) if isinstance(k, str) else k for k in _steps(self.course.config.Autograde)]
            return [kind(parent=self._parent) for kind in kinds if not issubclass(kind, SAVED_HERE)]

    @cached_property
    def _late(self) -> AssignLatePenalties:
        return AssignLatePenalties(parent=self._parent)

    @cached_property
    def _gradebook(self) -> Gradebook:
        return self.course.gradebook()

    def _grade_ids(self, assignment: str, name: str) -> set[str]:
        cells = self.course.source_notebook(assignment, name).cells
        return {cell.metadata.nbgrader["grade_id"] for cell in cells if "nbgrader" in cell.metadata}


def _copy_files(folder: Path, into: Path, max_bytes: int) -> None:
    """Copy what lies beside a notebook. What is there stays: a student's folder may bear the name of a file, too."""
    for name, file in open_support_files(folder, max_bytes):
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            with open(into / name, "xb") as copy:
                shutil.copyfileobj(file, copy)


def _steps(autograde) -> list:
    return [*autograde.sanitize_preprocessors, *autograde.autograde_preprocessors]


def _record(submission: Submission, assignment: str, student: str, score: gradebook.Score) -> Record:
    notebooks = submission.notebooks.values()
    found = {
        name: [entry for nb in notebooks for entry in nb.metadata["lectrain"][name]]
        for name in ("repairs", "failures", "flags", "isolation")
    }
    failures = [failure["message"] for failure in found["failures"]]
    return Record(
        student,
        assignment,
        _outcome(found["failures"], needs_a_person=bool(found["flags"] or submission.problems)),
        score.score,
        score.max_score,
        messages=[*submission.notes, *submission.problems, *found["repairs"], *failures, *found["flags"]],
        verdicts=[cell.metadata["lectrain"] for nb in notebooks for cell in nb.cells if "lectrain" in cell.metadata],
        isolation=", ".join(dict.fromkeys(found["isolation"])),
    )


def _outcome(failures: list[dict], needs_a_person: bool) -> Outcome:
    """Classify a graded submission. A limit that only cut something short, such as output, leaves it graded."""
    if any(failure["is_timeout"] for failure in failures):
        return Outcome.TIMED_OUT
    if any(failure["kind"] in (FailureKind.CRASH.name, FailureKind.NOT_RUN.name) for failure in failures):
        return Outcome.CRASHED
    return Outcome.NEEDS_A_PERSON if needs_a_person else Outcome.GRADED
