"""Grade submissions one after the other in one process, with one warm runner and one gradebook session.

The preprocessors come from `nbgrader_config.py`, so the scores equal those of ``nbgrader autograde``. Two steps are
faster: `gradebook.save_scores` replaces nbgrader's `SaveAutoGrades` and writes the same rows, and `AssignLatePenalties`
runs only for submissions that are or were late.
"""

import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor, SaveAutoGrades

from ..course import Course, CourseError
from ..course_settings import reporting_course_errors
from ..runner import Failure, FailureKind
from ..runner.support_files import open_support_files
from ..submissions.reader import Submission
from ..supervisor import enter_stage
from . import gradebook
from .due_dates import letters_due, read_due_dates
from .notebook_notes import NotebookNotes, read_verdicts
from .preprocessors import ParentOfPreprocessors, RepairCells, note_origin, preprocess
from .records import Outcome, Record
from .released_notebooks import ReleasedNotebooks
from .replacing import replaced_folder

REPLACED_PREPROCESSORS = (SaveAutoGrades, AssignLatePenalties)


class Grader:
    """Grades submissions of a course."""

    def __init__(self, course: Course):
        self.course = course

    def grade(self, assignment: str, student: str) -> Record:
        """Grade a submission. Write it to `autograded/`, and its scores to the gradebook.

        The seconds and the key of the record are not set: `one_submission.grade_one` adds them. Raise
        `UnreadableSubmission` if no notebook of the submission can be read.
        """
        names = self.course.notebooks(assignment)
        folder = self.course.submitted_folder(student, assignment)
        submission = self._released.read_submission(folder, assignment)
        due = read_due_dates(self._gradebook, assignment).of(student)
        graded = {}
        for name, nb in submission.notebooks.items():
            resources = self._resources(assignment, student, name)
            resources["due"] = due
            graded[name], _ = preprocess(self.preprocessors, nb, resources)
            note_origin(graded[name], submission, name)
        submission = replace(submission, notebooks=graded)
        enter_stage("saving the scores")
        previous = self._read_autograded(assignment, student, names)
        saved = gradebook.save_scores(
            self._gradebook, assignment, student, submission.notebooks, submission.timestamp, previous
        )
        if saved.penalty_is_stale:
            self.update_late_penalty(assignment, student)
        # The next run compares the answers with these notebooks. They are replaced after the scores are saved, so that
        # a run that is killed in between does not hide which answers have changed.
        enter_stage("writing the graded notebooks")
        self._write_autograded(submission, assignment, student)
        return _record(submission, assignment, student, saved, due)

    def update_late_penalty(self, assignment: str, student: str) -> None:
        """Compute the late penalty of a graded submission again."""
        for name in self.course.notebooks(assignment):  # a notebook that is missing now may have a penalty, too
            # An empty notebook is enough: nbgrader's preprocessor reads scores and times from the gradebook.
            self._late_penalties.preprocess(nbformat.v4.new_notebook(), self._resources(assignment, student, name))

    def _resources(self, assignment: str, student: str, name: str) -> ResourcesDict:
        url = self.course.directory.db_url
        return ResourcesDict(nbgrader={"assignment": assignment, "student": student, "notebook": name, "db_url": url})

    def _read_autograded(self, assignment: str, student: str, names: Sequence[str]) -> dict[str, NotebookNode]:
        """Read the graded notebooks of the last time. Those that cannot be read are left out."""
        folder = self.course.autograded_folder(student, assignment)
        notebooks = {}
        for name in names:
            with contextlib.suppress(
                OSError, ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError
            ):
                notebooks[name] = nbformat.reads((folder / f"{name}.ipynb").read_text(encoding="utf-8"), as_version=4)
        return notebooks

    def _write_autograded(self, submission: Submission, assignment: str, student: str) -> None:
        """Replace the folder of the graded notebooks when the new one is complete."""
        submitted = self.course.submitted_folder(student, assignment)
        target = self.course.autograded_folder(student, assignment)
        with replaced_folder(target) as draft:
            for name, nb in submission.notebooks.items():
                (draft / f"{name}.ipynb").write_text(nbformat.v4.writes(nb) + "\n", encoding="utf-8")
            for folder in (self.course.source_folder(assignment), submitted):  # as in nbgrader: the given files win
                _copy_files(folder, draft, self.course.max_submission_bytes)
            folder_mode = 0o775 if self.course.directory.groupshared else 0o755  # instructors replace files of others
            for path in [draft, *draft.rglob("*")]:
                path.chmod(folder_mode if path.is_dir() else 0o444)  # files as nbgrader leaves them

    # --- created once per process -----------------------------------------------------------------------------------

    @cached_property
    def _parent(self) -> ParentOfPreprocessors:
        return ParentOfPreprocessors(config=self.course.config, coursedir=self.course.directory)

    @cached_property
    def preprocessors(self) -> list[NbGraderPreprocessor]:
        """The steps of grading a notebook. Raise `CourseError` if the settings do not list them."""
        settings = self.course.config.Autograde
        with reporting_course_errors():
            names = [*settings.get("sanitize_preprocessors", []), *settings.get("autograde_preprocessors", [])]
            created = self._parent.create(names, left_out=REPLACED_PREPROCESSORS)
        if sum(isinstance(preprocessor, RepairCells) for preprocessor in created) != 1:
            advice = "copy the lines with c.Autograde from that of the autograder"
            raise CourseError(f"nbgrader_config.py must list RepairCells once: {advice}")
        return created

    @cached_property
    def _released(self) -> ReleasedNotebooks:
        return ReleasedNotebooks(self.course.directory)

    @cached_property
    def _late_penalties(self) -> AssignLatePenalties:
        return AssignLatePenalties(parent=self._parent)

    @cached_property
    def _gradebook(self) -> Gradebook:
        return self.course.gradebook()


def _copy_files(folder: Path, target: Path, max_bytes: int) -> None:
    """Copy the files beside a notebook. Existing files are kept; a student's folder may have the name of a file."""
    for name, file in open_support_files(folder, max_bytes):
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            with open(target / name, "xb") as copy:
                shutil.copyfileobj(file, copy)


def _record(
    submission: Submission, assignment: str, student: str, saved: gradebook.Score, due: datetime | None
) -> Record:
    notebooks = submission.notebooks.values()
    notes = [NotebookNotes.read(nb.metadata) for nb in notebooks]
    failures = [failure for note in notes for failure in note.failures]
    flags = [flag for note in notes for flag in note.flags]
    verdicts = [verdict for nb in notebooks for verdict in read_verdicts(nb)]
    return Record(
        student,
        assignment,
        outcome=_classify(failures, needs_a_person=bool(flags or submission.problems)),
        score=saved.score,
        max_score=saved.max_score,
        messages=[
            *submission.notes,
            *submission.problems,
            *(repair for note in notes for repair in note.repairs),
            *(failure.message for failure in failures),
            *(error for note in notes for error in note.errors),
            *flags,
        ],
        verdicts=verdicts,
        modes=list(dict.fromkeys(mode for note in notes for mode in note.modes)),
        letters_due=letters_due(verdicts, due),
        unread=submission.unread,
    )


def _classify(failures: Sequence[Failure], needs_a_person: bool) -> Outcome:
    """Find the outcome of a graded submission from the runner's failures.

    An exceeded limit changes the outcome only if it is a time limit or ended the process. Limits on the grader's own
    work do not get here: they end the worker process, and `one_submission.record_of_failure` describes the submission.
    """
    if any(failure.is_timeout for failure in failures):
        return Outcome.TIMED_OUT
    if any(failure.kind in (FailureKind.CRASH, FailureKind.NOT_RUN) or failure.ended_process for failure in failures):
        return Outcome.CRASHED
    return Outcome.NEEDS_A_PERSON if needs_a_person else Outcome.GRADED
