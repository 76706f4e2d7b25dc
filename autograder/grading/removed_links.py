"""What nbgrader does before it copies the files of a submission: `nbgrader_config.py` names this function."""

from pathlib import Path

from traitlets.log import get_logger

from ..submissions.copied_files import special_files
from ..submissions.file_names import NOTEBOOK


def remove_links(assignment: str, student: str, notebooks: list[str]) -> None:
    """Remove the links, pipes and devices in a submission, because nbgrader would copy what they lead to.

    Notebooks stay: nbgrader does not copy them, and the grader refuses to read those that are not files. If one cannot
    be removed, nbgrader ends: after an `Exception`, it would copy all the same.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        try:
            for path in special_files(folder):
                if path.suffix != NOTEBOOK:
                    path.unlink()
                    get_logger().warning("Removed %s: only regular files are graded", path)
        except (OSError, RecursionError) as error:
            raise SystemExit(f"{folder} may contain links that nbgrader would follow: {error}") from error
