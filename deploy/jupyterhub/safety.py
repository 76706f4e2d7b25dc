"""What would make the hub unsafe. The hub checks it at each start, and `check.sh` before.

It runs as root, and imports nothing of the course, which instructors can change.
"""

import grp
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
INBOUND = 0o3773  # students can add a submission, but neither list nor remove those of others


def find_problems(base: Path) -> Iterator[str]:
    """Yield each problem as one line that says what to do.

    Parameters
    ----------
    base : Path
        The folder in which `install.sh` has installed the hub.
    """
    for path in _code_of_root(base):
        status = path.lstat()
        is_open = status.st_mode & WRITABLE_BY_OTHERS and not stat.S_ISLNK(status.st_mode)
        if status.st_uid != 0 or is_open:
            yield f"root runs {path}, which other accounts can change: chown root, chmod go-w"
    instructors = grp.getgrnam(f"{base.name}-instructors")
    for folder in (base / "exchange", *(base / "exchange").iterdir()):
        status = folder.lstat()
        if status.st_uid != 0 or status.st_mode & WRITABLE_BY_OTHERS:
            yield f"{folder} must belong to root, and others must not write to it: run install.sh again"
    for inbound in (base / "exchange").glob("*/inbound"):
        status = inbound.lstat()
        if (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) != (0, instructors.gr_gid, INBOUND):
            yield f"{inbound} must belong to root, group {instructors.gr_name} and mode {INBOUND:o}: run install.sh"
    students = grp.getgrnam(f"{base.name}-students")
    for both in sorted({*students.gr_mem} & {*instructors.gr_mem}):
        yield f"{both} is a student and an instructor: gpasswd -d {both} {students.gr_name}"


def _code_of_root(base: Path) -> Iterator[Path]:
    """Everything that root runs, and the folders in which it could be exchanged."""
    yield from (*base.parents, base)
    for folder in (base / "source", base / "hub"):
        for parent, folders, files in os.walk(folder):
            yield Path(parent)
            if Path(parent) == base / "hub":
                folders[:] = [name for name in folders if name != "state"]
            yield from (Path(parent, name) for name in files)


if __name__ == "__main__":
    found = list(find_problems(Path(sys.argv[1])))
    print(*(f"problem: {line}" for line in found), sep="\n", end="\n" if found else "")
    sys.exit(min(len(found), 100))
