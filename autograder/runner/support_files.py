"""Open the files beside a notebook that are copied for its process."""

import logging
import os
import stat
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder, all_suffixes
from pathlib import Path
from typing import IO

from . import sandbox

log = logging.getLogger(__name__)

MAX_PATH_CHARACTERS = 1000  # so that the paths of the copies stay below the kernel's limit
MAX_DEPTH = 100  # of folders


def open_support_files(folder: Path, max_bytes: int) -> Iterator[tuple[str, IO[bytes]]]:
    """Open the regular files that a notebook may use, one at a time, and yield the path of each within the folder.

    Links are not followed. Notebooks are left out, because one may be the solution; so are hidden files, files too deep
    in folders, and modules that Python would import in place of an installed one (`numpy.py`). Files that cannot be
    opened, or exceed the limit, are left out with a warning in the log. A file is open until the next is asked for.
    """
    remaining = max_bytes
    for path in _files_in(folder):
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                continue
            if status.st_size > remaining:
                raise OSError("the files beside the notebook exceed the size limit")
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            log.warning("%s is left out: %s", path, error.strerror or error)
            continue
        remaining -= status.st_size
        with open(descriptor, "rb") as file:
            yield str(path.relative_to(folder)), file


def _files_in(folder: Path) -> Iterator[Path]:
    for parent, subfolders, names in os.walk(folder):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith((".", "__pycache__")))
        if len(Path(parent).relative_to(folder).parts) == MAX_DEPTH:
            subfolders.clear()
        for path in (Path(parent, name) for name in sorted(names)):
            relative = path.relative_to(folder)
            if path.name.startswith(".") or path.suffix == ".ipynb" or len(str(relative)) > MAX_PATH_CHARACTERS:
                continue
            if not _shadows_installed_module(relative):
                yield path


def _shadows_installed_module(relative: Path) -> bool:
    """Whether Python would import this file in place of an installed module."""
    first, *inner = relative.parts
    stem, _, suffix = relative.name.partition(".")  # of `fast.cpython-312-x86_64-linux-gnu.so`, all after `fast.`
    if f".{suffix}" not in all_suffixes() or (inner and stem != "__init__"):
        return False  # without an `__init__`, a folder is a namespace package: an installed module precedes it
    name = first if inner else stem
    installed = [path for path in sandbox.system_paths() if path.endswith("-packages")]
    spec = PathFinder.find_spec(name, [*installed, str(sandbox.REPOSITORY)])
    is_installed = spec is not None and spec.loader is not None  # None for a plain folder, such as `data/`
    return is_installed or name in sys.stdlib_module_names
