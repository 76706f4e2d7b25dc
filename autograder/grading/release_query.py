"""What the gradebook knows of a notebook as it was released."""

from collections.abc import Iterator, Mapping

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from ..submissions.released_cells import ReleasedCell, grade_id_of, last_heading


def query_released_cells(names: Mapping[str, str], source: NotebookNode) -> Iterator[ReleasedCell]:
    """Yield the cells that nbgrader knows. `names` are those of the gradebook, the assignment and the notebook."""
    with Gradebook(names["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        saved = {cell.name: cell for cell in notebook.source_cells}
        heading = above = ""
        for original in source.cells:
            if original.cell_type == "markdown":
                heading = last_heading(original.source, heading)
            if cell := saved.get(grade_id_of(original)):
                metadata = {**original.metadata.nbgrader, "cell_type": cell.cell_type, "checksum": cell.checksum}
                yield ReleasedCell(cell.name, cell.cell_type, cell.source, metadata, original.get("id"), heading, above)
            above = original.source
