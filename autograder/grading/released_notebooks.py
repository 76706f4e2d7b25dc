"""The instructor's notebooks, and what students received of them."""

from collections.abc import Iterable
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory

from ..course import read_source
from ..submissions.candidates import Release
from ..submissions.reader import Submission, read_submission
from ..submissions.released_cells import ReleasedCell
from .registration import query_released_cells


class ReleasedNotebooks:
    """The notebooks of a course. The gradebook is asked for the cells of each once.

    So an object must not outlive a release: `grade` and `watch` register an assignment before their workers ask, and
    Formgrader's worker, which runs for days, creates a new object for each notebook (`supervised_exporter`).
    """

    def __init__(self, directory: CourseDirectory):
        self._directory = directory
        self._cells: dict[tuple[str, str], list[ReleasedCell]] = {}

    def folder(self, assignment: str) -> Path:
        """Return the folder with the instructor's notebooks and the files that are released beside them."""
        return Path(self._directory.format_path(self._directory.source_directory, ".", assignment))

    def source(self, assignment: str, name: str) -> NotebookNode:
        """Read the instructor's version of a notebook, with solutions and hidden tests. Do not modify it."""
        return read_source(self.folder(assignment) / f"{name}.ipynb")

    def release(self, assignment: str, name: str) -> Release:
        """Return a notebook as it was released."""
        source, key = self.source(assignment, name), (assignment, name)
        if key not in self._cells:
            self._cells[key] = list(query_released_cells(self._directory.db_url, assignment, name, source))
        return Release(self._cells[key], {cell.source for cell in source.cells if "nbgrader" not in cell.metadata})

    def read_submission(self, folder: Path, assignment: str, names: Iterable[str]) -> Submission:
        """Read the submission in a folder. The names are those of the notebooks of the assignment.

        Raise `UnreadableSubmission` if none of them can be read.
        """
        released = {name: self.release(assignment, name) for name in names}
        return read_submission(folder, released, max_bytes=1000 * self._directory.max_file_size)
