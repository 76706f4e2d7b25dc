"""Open the files beside a notebook that are copied for its process."""

import logging
import os
import stat
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder, all_suffixes
from pathlib import Path
from typing import IO

from . import scratch
from .visible_files import package_folders

log = logging.getLogger(__name__)

MAX_PATH_CHARACTERS = scratch.MAX_PATH_CHARACTERS // 2  # within the folder: the path of a copy is longer


def open_support_files(folder: Path, max_bytes: int) -> Iterator[tuple[str, IO[bytes]]]:
    """Open the regular files that a notebook may use, one at a time, and yield the path of each within the folder.

    Notebooks are left out, because one may be the solution; so are hidden files, and folders `__pycache__`. Others are
    left out with a warning in the log: links, modules that Python would import in place of an installed one
    (`numpy.py`), and files that cannot be opened, or exceed a limit. A file is open until the next is asked for.

    The folder is that of a released assignment or of a submission, so its names may be a student's.
    """
    remaining = max_bytes
    for relative in _files_in(folder):
        path = folder / relative
        if reason := _reason_to_leave_out(path, relative):
            log.warning("%r is left out: %s", str(path), reason)
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            _warn(error)
            continue
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if status.st_size > remaining:
                log.warning("%r is left out: the files beside the notebook exceed the size limit", str(path))
            elif stat.S_ISREG(status.st_mode):
                remaining -= status.st_size
                yield str(relative), file


def _files_in(folder: Path) -> Iterator[Path]:
    for parent, subfolders, names in os.walk(folder, onerror=_warn):
        inner = Path(parent).relative_to(folder)
        names += [name for name in subfolders if os.path.islink(os.path.join(parent, name))]  # they are not entered
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".") and name != "__pycache__")
        yield from (inner / name for name in sorted(names) if not name.startswith(".") and not name.endswith(".ipynb"))


def _warn(error: OSError) -> None:
    log.warning("%r is left out: %s", error.filename, error.strerror)


def _reason_to_leave_out(path: Path, relative: Path) -> str | None:
    if path.is_symlink():
        return "it is a link"
    if len(str(relative)) > MAX_PATH_CHARACTERS:
        return "its path is too long"
    if _shadows_installed_module(relative):
        return "Python would import it in place of an installed module: give it another name"
    return None


def _shadows_installed_module(relative: Path) -> bool:
    """Whether Python would import this file in place of an installed module of the sandbox."""
    first, *inner = relative.parts
    stem, _, suffix = relative.name.partition(".")  # of `fast.cpython-312-x86_64-linux-gnu.so`, all after `fast.`
    # A folder without an `__init__` of its own is a namespace package: an installed module precedes it.
    if f".{suffix}" not in all_suffixes() or len(inner) > 1 or (inner and stem != "__init__"):
        return False
    name = first if inner else stem
    spec = PathFinder.find_spec(name, package_folders())
    is_installed = spec is not None and spec.loader is not None  # None for a plain folder, such as `data/`
    return is_installed or name == "lectrain" or name in sys.stdlib_module_names
