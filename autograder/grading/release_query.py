"""What the gradebook knows of a notebook as it was released."""

from collections.abc import Iterator

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from ..submissions.released_cells import ReleasedCell, grade_id_of, last_heading


def query_released_cells(db_url: str, assignment: str, notebook: str, source: NotebookNode) -> Iterator[ReleasedCell]:
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
