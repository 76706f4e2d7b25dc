"""Lock a submission, so that collecting and grading it never overlap, whichever processes do it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a submission until the end of the block: a watch, `regrade` and `nbgrader collect` may run side by side.

    A new submission replaces its folder. So the parent is locked: that of the student, for all assignments. It must
    exist, and a lock within another one of the same student would wait for ever.
    """
    import fcntl  # not at the top of the module, because Windows does not have it

    descriptor = os.open(folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
