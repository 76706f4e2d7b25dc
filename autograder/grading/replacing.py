"""Replace a file at once, and a folder when its new content is complete."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path


def write_atomically(file: Path, text: str, mode: int | None = None) -> None:
    """Replace a file by one with the given text, in UTF-8.

    Parameters
    ----------
    file : Path
        In a folder that exists. If it cannot be written, it stays as it is.
    text : str
    mode : int, optional
        The permissions of the new file.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8", newline="")
        if mode is not None:
            draft.chmod(mode)
        os.replace(draft, file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def replaced_folder(target: Path, guard: AbstractContextManager[object] | None = None) -> Iterator[Path]:
    """Yield an empty folder, which takes the place of `target` at the end of the block.

    After an error in the block, `target` is as before. The old folder is removed just before the new one gets its name.
    Readers that must always find a folder use the same lock as `guard`.

    Parameters
    ----------
    target : Path
    guard : context manager, optional
        Held while the folder is replaced, such as a lock.
    """
    draft = target.with_name(f".{target.name}.new")  # a fixed name: the next run removes what a killed one left
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        with guard or nullcontext():
            shutil.rmtree(target, ignore_errors=True)
            os.replace(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
