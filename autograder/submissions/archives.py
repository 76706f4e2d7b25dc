"""Read the notebooks in a zip file that a student handed in, within limits."""

import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO

from .file_names import is_notebook
from .refusals import MAX_ENTRIES, MAX_PATH_BYTES

# Of the list of files. A million of them would take 8 s and 650 MB at each look at a shared folder.
MAX_DIRECTORY_BYTES = MAX_ENTRIES * 500
TOO_MANY_FILES = f"it contains more than {MAX_ENTRIES} files, or files with very long names"

# Sizes in the format of zip files, whose list of files is the "central directory".
END_BYTES = 22  # of the "end of central directory"
MAX_COMMENT_BYTES = 1 << 16  # behind the end
LOCATOR_BYTES = 20  # of zip64, in front of the end


class UnreadableArchive(Exception):
    """A zip file is damaged, encrypted, in an unusual format, or beyond the limits. The message gives the reason."""


def read_archive(data: bytes, max_bytes: int) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Read the notebooks in a zip file: the path of each in it, and its content.

    Nothing is written to the disk, and other files are not unpacked. Raise `UnreadableArchive` at the first notebook
    that cannot be unpacked, or with which they have more than `max_bytes` in all. Those before it have been yielded.
    """
    with _opened(io.BytesIO(data)) as archive:
        for path, info in _notebooks(archive):
            max_bytes -= info.file_size
            if max_bytes < 0:
                raise UnreadableArchive("its notebooks are too large: clear their outputs")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
                raise UnreadableArchive("it is encrypted, or compressed in an unusual way")
            with archive.open(info) as content:
                yield path, content.read(info.file_size)


def list_notebooks(file: IO[bytes]) -> list[PurePosixPath]:
    """List the paths of the notebooks in a zip file that `read_archive` would read. Raise `UnreadableArchive`."""
    with _opened(file) as archive:
        return [path for path, _ in _notebooks(archive)]


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Open a zip file if its list of files is not too long."""
    try:
        if _directory_bytes(file) > MAX_DIRECTORY_BYTES:
            raise UnreadableArchive(TOO_MANY_FILES)
        with zipfile.ZipFile(file) as archive:
            if len(archive.infolist()) > MAX_ENTRIES:
                raise UnreadableArchive(TOO_MANY_FILES)
            yield archive
    except (UnreadableArchive, OSError, MemoryError):  # with the last two, the machine fails, not the archive
        raise
    except Exception as error:  # a damaged archive raises many kinds of exceptions
        raise UnreadableArchive("it is damaged") from error


def _notebooks(archive: zipfile.ZipFile) -> Iterator[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """The notebooks that are inside an archive, and not hidden, as Jupyter's checkpoints."""
    for info in archive.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))  # some programs on Windows write backslashes
        is_inside = not path.is_absolute() and "__MACOSX" not in path.parts
        is_hidden = any(part.startswith(".") for part in path.parts)  # or ".." leads out of the archive
        is_file = not info.is_dir() and len(os.fsencode(path)) <= MAX_PATH_BYTES
        if is_inside and not is_hidden and is_file and is_notebook(path):
            yield path, info


def _directory_bytes(file: IO[bytes]) -> int:
    """The size that the end of the archive states for its list of files: `zipfile` reads as much."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LOCATOR_BYTES - END_BYTES - MAX_COMMENT_BYTES))
    end = file.read()
    start = end.rfind(b"PK\5\6")
    if start < 0 or len(end) - start < END_BYTES:
        raise UnreadableArchive("it is not a zip file")
    if end[:start][-LOCATOR_BYTES:].startswith(b"PK\6\7"):  # `zipfile` then reads a list of a size stated elsewhere
        raise UnreadableArchive("it is in the format for very large files (zip64): zip only the notebook")
    return int.from_bytes(end[start + 12 : start + 16], "little")
