"""Lock a submission, so that collecting and grading it never overlap, whichever processes do it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a submission until the end of the block. After a run was killed, its workers may still be grading.

    The parent of its folder is locked, because a new submission replaces the folder itself.
    """
    import fcntl  # not at the top of the module, because Windows does not have it

    descriptor = os.open(folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
