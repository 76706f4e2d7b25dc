"""What the gradebook knows of a notebook as it was released."""

from collections.abc import Iterator, Mapping

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from ..submissions.released_cells import ReleasedCell, grade_id_of, last_heading


def query_released_cells(names: Mapping[str, str], source: NotebookNode) -> Iterator[ReleasedCell]:
    """Yield the cells that nbgrader knows. `names` is what it calls `resources["nbgrader"]`."""
    with Gradebook(names["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        saved = {row.name: row for row in notebook.source_cells}
        heading = above = ""
        for cell in source.cells:
            if cell.cell_type == "markdown":
                heading = last_heading(cell.source, heading)
            if row := saved.get(grade_id_of(cell)):
                # nbgrader computes these two at the release: `source` does not have them
                metadata = {**cell.metadata.nbgrader, "cell_type": row.cell_type, "checksum": row.checksum}
                yield ReleasedCell(
                    row.name, row.cell_type, row.source, metadata, cell_id=cell.get("id"), heading=heading, above=above
                )
            above = cell.source
