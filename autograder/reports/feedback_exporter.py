"""The feedback page for ``nbgrader generate_feedback``: `nbgrader_config.py` names these classes."""

from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import default

from ..course import Course
from ..grading.preprocessors import WORKER_KEY
from ..grading.supervised_exporter import SupervisedExporter
from .feedback_page import render_page
from .grades import NotebookGrades, StudentInfo, read_notebook_grades, read_students
from .right_letters import read_explained


class ReadGrades(NbGraderPreprocessor):
    """Read grades and comments from the gradebook, as nbgrader's `GetGrades` does."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Pass the grades of a notebook on."""
        names = resources["nbgrader"]
        exercises = Course.at(Path(self.parent.coursedir.root)).exercises
        with Gradebook(names["db_url"]) as gradebook:
            grades = read_notebook_grades(gradebook, names["assignment"], names["student"])
            student = read_students(gradebook).get(names["student"], StudentInfo(names["student"]))
            explained = read_explained(exercises, gradebook, names["assignment"])
        own = grades.get((names["student"], names["notebook"]), NotebookGrades())
        # the arguments of `render_page`
        resources[WORKER_KEY] = {"grades": own, "student": student, "explained": explained}
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
        return render_page(nb, assignment=names["assignment"], notebook=names["notebook"], **resources[WORKER_KEY])
