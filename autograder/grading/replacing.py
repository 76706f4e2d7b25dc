"""Replace a file at once, and a folder when its new content is complete."""

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path


def write_atomically(file: Path, content: str | bytes, mode: int | None = None) -> None:
    """Replace a file by one with the given content; a text is written in UTF-8.

    A missing folder is created. A file that cannot be written stays as it is. Until one has its mode, it is private.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{threading.get_native_id()}")  # also unique among processes
    try:
        draft.touch(0o666 if mode is None else 0o600)
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
        if mode is not None:
            draft.chmod(mode)
        os.replace(draft, file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder, which takes the place of `target` at the end of the block.

    After an error, `target` is as before. All writers must hold the same lock, and so must readers that always have to
    find a folder: for a moment there is none.
    """
    # fixed names: the next run removes what a killed one left, or puts it back
    draft, old = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
    target.parent.mkdir(parents=True, exist_ok=True)
    _put_back(old, target)
    for leftover in (draft, old):
        shutil.rmtree(leftover, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        if target.exists():
            os.rename(target, old)
        os.rename(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        _put_back(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _put_back(old: Path, target: Path) -> None:
    """Undo the first half of a replacement that ended between its two renames."""
    if old.exists() and not target.exists():
        os.rename(old, target)
