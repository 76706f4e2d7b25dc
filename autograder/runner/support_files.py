"""The files beside a notebook that its process gets a copy of."""

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

MOST_FILES = 1000
LONGEST_PATH = 1000  # characters; where copies go a path must not get too long


def files_of(folder: Path, max_bytes: int) -> Iterator[tuple[str, IO[bytes]]]:
    """Open what a folder holds for a notebook, with its name within the folder.

    Only regular files, and nothing that a link leads to. Left out are notebooks (a solution may be one), hidden files,
    modules that would be imported in place of an installed one (`numpy.py`), and what does not fit or cannot be read.

    Parameters
    ----------
    folder : Path
        Where to look, with all its subfolders.
    max_bytes : int
        How many bytes there may be in all.
    """
    for number, path in enumerate(_files_in(folder)):
        if number == MOST_FILES:
            log.warning("%s holds more files than the %d that come along", folder, MOST_FILES)
            return
        try:
            if (size := path.lstat().st_size) > max_bytes:
                raise OSError("the files beside a notebook are too large")
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            log.warning("%s is left out: %s", path, error.strerror or error)
            continue
        max_bytes -= size
        with open(descriptor, "rb") as file:
            yield str(path.relative_to(folder)), file


def _files_in(folder: Path) -> Iterator[Path]:
    for place, subfolders, names in os.walk(folder):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith((".", "__pycache__")))
        for path in (Path(place, name) for name in sorted(names)):
            inside = path.relative_to(folder)
            if path.name.startswith(".") or path.suffix == ".ipynb" or len(str(inside)) > LONGEST_PATH:
                continue
            if _is_regular(path) and not _shadows(inside):
                yield path


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:  # gone, or locked away
        return False


def _shadows(inside: Path) -> bool:
    """Whether Python would import this file when it is asked for a module that is installed."""
    name, _, suffix = inside.name.partition(".")
    if f".{suffix}" not in all_suffixes():
        return False
    module = name if len(inside.parts) == 1 else inside.parts[0] if name == "__init__" else ""
    installed = [path for path in sandbox.system_files() if path.endswith("-packages")]
    spec = PathFinder.find_spec(module, [*installed, str(sandbox.REPOSITORY)]) if module else None
    return module in sys.stdlib_module_names or (spec is not None and spec.loader is not None)
