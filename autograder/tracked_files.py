"""The files that git tracks: nothing else is published, because there may be notes and exams beside them."""

import os
import shutil
import subprocess
from pathlib import Path

from .course import CourseError


def tracked_files(root: Path) -> list[Path]:
    """List the files that git tracks, without links, which may lead to others. Their paths are relative to the folder.

    Raise CourseError if git cannot list them.
    """
    # On a hub, the clone belongs to root. Git refuses to read it, although `nbgrader_config.py` in it is run, too.
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"]
    try:
        completed = subprocess.run(command, capture_output=True)
    except FileNotFoundError as error:
        raise CourseError("only files that git tracks are published: install git") from error
    if completed.returncode:
        reason = (completed.stderr.decode(errors="replace").strip().splitlines() or ["git failed"])[0]
        raise CourseError(f"only files that git tracks are published, and git cannot list those of {root}: {reason}")
    files = (Path(os.fsdecode(name)) for name in completed.stdout.split(b"\0") if name)
    return [file for file in files if (root / file).is_file() and not (root / file).is_symlink()]


def copy_tracked(folder: Path, target: Path) -> None:
    """Copy the files in a folder that git tracks into another folder, which is created if there are any."""
    for file in tracked_files(folder):
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / file, target / file)
