"""Replace a file at once, and a folder when its new content is complete."""

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path


def write_atomically(file: Path, content: str | bytes, mode: int | None = None) -> None:
    """Replace a file by one with the given content; a text is written in UTF-8.

    A missing folder is created. If the content cannot be written, the file stays as it was. With a mode, nobody else
    can read the content before the file has this mode.
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
        _remove(leftover)
    draft.mkdir()
    try:
        yield draft
        if os.path.lexists(target):
            os.rename(target, old)
        os.rename(draft, target)
    except BaseException:
        _remove(draft)
        _put_back(old, target)
        raise
    _remove(old)


def _put_back(old: Path, target: Path) -> None:
    """Undo the first half of a replacement that ended between its two renames."""
    if os.path.lexists(old) and not os.path.lexists(target):
        os.rename(old, target)


def _remove(path: Path) -> None:
    """Remove what is there: a folder, also one with folders that are closed to their own account, a file or a link."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    with contextlib.suppress(OSError):
        path.chmod(0o700)
        for parent, names, _ in os.walk(path):  # from the top: it looks into a folder after this has opened it
            for inner in (Path(parent, name) for name in names):
                if not inner.is_symlink():
                    inner.chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)
