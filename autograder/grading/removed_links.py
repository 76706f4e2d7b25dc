"""Remove the links in a submission before `nbgrader autograde` copies its files, and would follow them.

`nbgrader_config.py` names `remove_links` as the hook that nbgrader calls. The grader's own commands do without it.
"""

import glob
import os
import stat
from pathlib import Path

from traitlets.log import get_logger

from ..submissions.plain_text import printable


def remove_links(assignment: str, student: str, notebooks: list[str]) -> None:
    """Remove the links, pipes and devices in a submission, because nbgrader would copy what they lead to.

    nbgrader passes the paths of the notebooks; the other parameters are part of its call, and not used. What nbgrader
    takes for a notebook stays: it does not copy it, and the grader refuses to read a notebook that is not a file. If
    something else cannot be removed, this raises SystemExit: after an `Exception`, nbgrader would copy all the same.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        try:
            _remove_links_in(folder)
        except (OSError, RecursionError) as error:
            raise SystemExit(printable(f"{folder} may contain links that nbgrader would follow: {error}")) from error


def _remove_links_in(folder: Path) -> None:
    # Without a limit on the depth, because nbgrader has none. Both leave out folders that they cannot read. Up to
    # Python 3.11, `os.walk` is recursive, and raises RecursionError in deep folders.
    for parent, folders, names in os.walk(folder):
        mode = Path(parent).stat().st_mode
        if mode & stat.S_IRWXU != stat.S_IRWXU:  # the copy of a submission has the modes that its student chose
            Path(parent).chmod(mode | stat.S_IRWXU)
        # What nbgrader does not copy. The suffix would not tell: this pattern finds neither hidden notebooks nor those
        # in a folder like "[d]". nbgrader's own `is_ignored` searches the folder anew for each of thousands of links.
        ignored = set(glob.glob(os.path.join(parent, "*.ipynb")))
        for path in (Path(parent, name) for name in [*folders, *names]):
            kind = stat.S_IFMT(path.lstat().st_mode)
            if kind not in (stat.S_IFREG, stat.S_IFDIR) and os.path.join(parent, path.name) not in ignored:
                path.unlink()
                get_logger().warning("Removed %s: only regular files are graded", printable(str(path)))
