"""The scratch folder of a student's process: see whether it holds too much, and empty it, whatever was put there."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

LOOKS = 50  # at a folder in which things keep moving
LONGEST_PATH = 1000


def empty(folder: str | Path) -> None:
    """Delete all that is in a folder, however deep it lies and whatever its mode; links are not followed."""
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while names := os.listdir(top):
            for name in names:
                if _is_folder(name, top):
                    _lift(name, top)
                else:
                    os.unlink(name, dir_fd=top)
    finally:
        os.close(top)


def _lift(name: str, top: int) -> None:
    """Delete a folder; those in it are moved up first, so that no path ever gets too long."""
    os.chmod(name, 0o700, dir_fd=top)
    inside = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for inner in os.listdir(inside):
            if _is_folder(inner, inside):
                os.chmod(inner, 0o700, dir_fd=inside)
                os.rename(inner, secrets.token_hex(16), src_dir_fd=inside, dst_dir_fd=top)
            else:
                os.unlink(inner, dir_fd=inside)
    finally:
        os.close(inside)
    os.rmdir(name, dir_fd=top)


def _is_folder(name: str, folder: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def excess(process: int, scratch: Path, limits: dict) -> str | None:
    """Name the limit among threads and scratch that a process is beyond, if it is."""
    with contextlib.suppress(FileNotFoundError):
        if len(os.listdir(f"/proc/{process}/task")) > limits["threads"]:
            return "threads"
    for _ in range(LOOKS):
        try:
            return _excess_of_files(chain(_files_in(scratch), _unlinked_files_of(process)), limits)
        except FileNotFoundError:  # something was moved away while we looked
            continue
        except OSError:  # too deep to be looked through, or locked away
            break
    return "scratch_files"


def _excess_of_files(entries: Iterator[os.stat_result], limits: dict) -> str | None:
    size = 0
    for number, entry in enumerate(entries):
        size += entry.st_blocks * 512
        if number >= limits["scratch_files"]:
            return "scratch_files"
    return "scratch_bytes" if size > limits["scratch_bytes"] else None


def _files_in(folder: Path) -> Iterator[os.stat_result]:
    left = [str(folder)]
    while left:
        with os.scandir(left.pop()) as entries:
            for entry in entries:
                yield entry.stat(follow_symlinks=False)
                if len(entry.path) > LONGEST_PATH:
                    raise OSError(f"{entry.path} lies too deep")
                if entry.is_dir(follow_symlinks=False):
                    left.append(entry.path)


def _unlinked_files_of(process: int) -> Iterator[os.stat_result]:
    """Find files that take room though no folder holds them: open, and deleted."""
    with contextlib.suppress(OSError):  # it has ended, or there is no /proc
        for number in os.listdir(f"/proc/{process}/fd"):
            with contextlib.suppress(FileNotFoundError):
                opened = os.stat(f"/proc/{process}/fd/{number}")
                if stat.S_ISREG(opened.st_mode) and not opened.st_nlink:
                    yield opened
