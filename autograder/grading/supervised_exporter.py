"""Exporters for nbgrader that do their work in a supervised process.

nbgrader and Formgrader convert one notebook after the other in one process.
With these exporters, a notebook that takes too much time or memory costs its own conversion only.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.exporters.notebook import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from ..course import Course
from ..submissions.reader import UnreadableSubmission
from ..supervisor import WorkFailed, enter_stage, get_supervisor
from . import records
from .due_dates import is_to_come, letters_due, read_due_dates
from .notebook_notes import read_verdicts
from .one_submission import record_of_failure
from .preprocessors import (
    WORKER_KEY,
    JudgeAnswers,
    ParentOfPreprocessors,
    Preprocessed,
    RepairCells,
    note_origin,
    preprocess,
)
from .released_notebooks import ReleasedNotebooks
from .result_key import hash_code


class SupervisedExporter(NotebookExporter):
    """Run the preprocessors on a notebook in a supervised process, and return the text of the result."""

    writes_record = True  # whether a failure becomes the record of the submission: one after grading must not

    def register_preprocessor(self, preprocessor: Any, enabled: bool = False) -> None:
        """Remember a preprocessor. The worker process creates it.

        `enabled` says nothing: nbgrader never passes it. It registers the steps of a pass, and none of nbconvert's own.
        """
        self._preprocessors.append(preprocessor)  # a private list of nbconvert's

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """Convert a notebook file.

        The resources have the names of student, assignment and notebook, as nbgrader passes them. Raise `WorkFailed` if
        the work exceeds a limit or the worker process ends twice, and `UnreadableSubmission` if the notebook is a pipe,
        a link or the like.
        """
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]  # private, too
        assignment, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        course = Course.at(Path(self.parent.coursedir.root))  # type: ignore[union-attr]
        supervisor = get_supervisor(course.work_limits, hash_code(course))
        arguments = (type(self), course.root, self.config, tuple(self._preprocessors), Path(filename), resources)
        try:
            text, resources, letters = supervisor.run(_convert, *arguments)
        except (WorkFailed, UnreadableSubmission) as error:
            if self.writes_record:
                records.write(record_of_failure(error, assignment, student), course.records_folder)
            raise
        if self.writes_record:
            records.forget_failure(course.records_folder, assignment, student)
        if letters is not None:
            records.note_letters_due(course.records_folder, assignment, student, letters)
        return text, resources

    @classmethod
    def render(cls, nb: NotebookNode, resources: ResourcesDict) -> str:
        """Render the text of the result. This runs in the worker process."""
        return str(nbformat.writes(nb)) + "\n"


def _convert(
    exporter: type[SupervisedExporter],
    root: Path,
    config: Config,
    preprocessors: tuple[Any, ...],
    file: Path,
    resources: ResourcesDict,
) -> tuple[str, ResourcesDict, str | None]:
    """Read a notebook, run the preprocessors on it and render the result. This runs in the worker process.

    The third value is when the letters of this notebook are judged: "" if none wait, None if the pass does not know.
    """
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # as in nbgrader's own process: `check` judges nothing then
    enter_stage("reading the notebook")
    parent = ParentOfPreprocessors(config=config, coursedir=CourseDirectory(config=config, root=str(root)))
    nb, resources, letters = _do_pass(parent.create(preprocessors), file, resources)
    enter_stage("writing the result")
    text = exporter.render(nb, resources)
    resources.pop(WORKER_KEY, None)  # objects that cannot leave this process; only now, because `render` may use them
    return text, resources, letters


def _do_pass(
    steps: Sequence[NbGraderPreprocessor], file: Path, resources: ResourcesDict
) -> tuple[NotebookNode, ResourcesDict, str | None]:
    """Do what nbgrader does in one pass over a notebook. The third value is that of `_convert`.

    It grades in two: the first has `RepairCells`, and reads what was submitted; the second has `JudgeAnswers`. Feedback
    is a pass with neither. nbgrader tells an exporter nothing but the steps, so they show which pass it is.
    """
    if repair := next((step for step in steps if isinstance(step, RepairCells)), None):
        return *_repair_submitted(steps, repair.released, file.parent, resources), None
    nb = nbformat.read(file, as_version=4)
    if any(isinstance(step, JudgeAnswers) for step in steps):
        return _judge_repaired(steps, nb, resources)
    return *preprocess(steps, nb, resources), None


def _repair_submitted(
    steps: Sequence[NbGraderPreprocessor], released: ReleasedNotebooks, folder: Path, resources: ResourcesDict
) -> Preprocessed:
    """Do the first pass of grading, on a submitted notebook. Raise `UnreadableSubmission` if it is missing.

    The whole submission is read, because the notebook may have another name in it.
    """
    names = resources["nbgrader"]
    submission = released.read_submission(folder, names["assignment"])
    if names["notebook"] not in submission.notebooks:
        raise UnreadableSubmission("; ".join(submission.problems))
    nb, resources = preprocess(steps, submission.notebooks[names["notebook"]], resources)
    note_origin(nb, submission, names["notebook"])
    return nb, resources


def _judge_repaired(
    steps: Sequence[NbGraderPreprocessor], nb: NotebookNode, resources: ResourcesDict
) -> tuple[NotebookNode, ResourcesDict, str | None]:
    """Do the second pass of grading, on the result of the first. The third value is that of `_convert`."""
    names = resources["nbgrader"]
    with Gradebook(names["db_url"]) as gradebook:
        due = read_due_dates(gradebook, names["assignment"]).of(names["student"])
    resources["due"] = due  # for `JudgeAnswers`
    nb, resources = preprocess(steps, nb, resources)
    letters = letters_due(read_verdicts(nb), due)
    is_known = letters or not is_to_come(due)  # before the due date, letters of another notebook may wait
    return nb, resources, letters if is_known else None
