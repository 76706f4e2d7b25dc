"""What Formgrader's page for manual grading needs: the model answer with its rubric, and the nonce of its scripts."""

from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory

from ..course import Course, CourseError
from ..submissions.released_cells import grade_id_of
from .formgrader_pages import NONCE


class ShowModelAnswers(Preprocessor):
    """Insert the cell of `solutions/` after each written answer, and the scripts' nonce, on Formgrader's pages only."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Insert model answers into a graded notebook in place."""
        if "submission_id" not in resources:  # only Formgrader's pages have it
            return nb, resources
        resources["nonce"] = NONCE  # for the scripts of the page
        try:
            course = Course.at(Path(CourseDirectory(config=self.config).root))
            source = course.source_notebook(resources["assignment_id"], resources["notebook_id"])
        except (CourseError, OSError):  # the page is useful without model answers, too
            return nb, resources
        answers = {grade_id_of(cell): cell.source for cell in source.cells if _is_written(cell)}
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            if _is_written(cell) and (answer := answers.get(grade_id_of(cell))):
                cells.append(new_markdown_cell(f"**Model answer, for graders only**\n\n{answer}"))
        nb.cells = cells
        return nb, resources


def _is_written(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and bool(utils.is_solution(cell))
