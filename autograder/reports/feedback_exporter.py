"""The feedback page for ``nbgrader generate_feedback``: `nbgrader_config.py` names these classes."""

from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import default

from ..course import DEFAULT_EXERCISES
from ..grading.preprocessors import IN_WORKER
from ..grading.supervised_exporter import SupervisedExporter
from ..judging.exercise_set import load_exercises
from .feedback_page import NO_LETTERS, read_explained, render_page
from .grades import NotebookGrades, read_notebook_grades


class ReadGrades(NbGraderPreprocessor):
    """Read grades and comments from the gradebook, as nbgrader's `GetGrades` does. Each assignment is queried once."""

    def __init__(self, **traits: Any):
        super().__init__(**traits)
        self._cached_assignment: tuple[str, str] | None = None
        self._grades: dict[tuple[str, str], NotebookGrades] = {}
        self._explained = NO_LETTERS

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Pass the grades of a notebook on."""
        names = resources["nbgrader"]
        assignment = (names["db_url"], names["assignment"])
        if self._cached_assignment != assignment:
            with Gradebook(names["db_url"]) as gradebook:
                self._grades = read_notebook_grades(gradebook, names["assignment"])
                exercises = load_exercises(self.config.DrawCases.get("exercises", DEFAULT_EXERCISES))
                self._explained = read_explained(exercises, gradebook, names["assignment"])
            self._cached_assignment = assignment
        grades = self._grades.get((names["student"], names["notebook"]), NotebookGrades())
        resources[IN_WORKER] = {"grades": grades, "explained": self._explained}
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
        identity = {name: names[name] for name in ("student", "assignment", "notebook")}
        return render_page(nb, **identity, **resources.get(IN_WORKER, {"grades": NotebookGrades()}))
