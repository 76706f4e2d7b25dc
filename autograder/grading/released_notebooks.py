"""The instructor's notebooks, and what students received of them."""

from collections.abc import Iterator
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from ..course import read_source
from ..submissions.candidates import Release
from ..submissions.headings import last_heading
from ..submissions.reader import Submission, read_submission
from ..submissions.released_cells import ReleasedCell, grade_id_of


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
            self._cells[key] = list(_query_cells(self._directory.db_url, assignment, name, source))
        return Release(self._cells[key], {cell.source for cell in source.cells if "nbgrader" not in cell.metadata})

    def read_submission(self, folder: Path, assignment: str) -> Submission:
        """Read the submission in a folder. Raise `UnreadableSubmission` if none of its notebooks can be read."""
        names = sorted(path.stem for path in self.folder(assignment).glob("[!.]*.ipynb"))  # as in `Course.notebooks`
        released = {name: self.release(assignment, name) for name in names}
        return read_submission(folder, released, max_bytes=1000 * self._directory.max_file_size)


def _query_cells(db_url: str, assignment: str, notebook: str, source: NotebookNode) -> Iterator[ReleasedCell]:
    """Yield the cells of a notebook that nbgrader knows."""
    with Gradebook(db_url) as gradebook:
        saved = {row.name: row for row in gradebook.find_notebook(notebook, assignment).source_cells}
        heading = above = ""
        for cell in source.cells:
            if cell.cell_type == "markdown":
                heading = last_heading(cell.source, heading)
            if row := saved.get(grade_id_of(cell)):
                # nbgrader computes these two at the release: `source` does not have them
                metadata = {**cell.metadata.nbgrader, "cell_type": row.cell_type, "checksum": row.checksum}
                yield ReleasedCell(row.name, row.cell_type, row.source, metadata, cell.get("id"), heading, above)
            above = cell.source
