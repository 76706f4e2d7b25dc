"""The scratch folder of a student's process: measure it, with the process's threads, and empty it whatever is in it."""

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

MAX_SCANS = 50  # attempts to measure a folder whose files keep moving
MAX_PATH_CHARACTERS = 1000  # at most 4000 bytes in UTF-8: the kernel refuses 4096


def delete_contents(folder: str | Path) -> None:
    """Delete everything in a folder, at any depth and with any mode. Symbolic links are not followed."""
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while names := os.listdir(top):  # subfolders move up into it meanwhile
            for name in names:
                if _is_folder(name, top):
                    _delete_folder(name, top)
                else:
                    os.unlink(name, dir_fd=top)
    finally:
        os.close(top)


def _delete_folder(name: str, top: int) -> None:
    """Delete a folder. Its subfolders move up to ``top`` first, so that no path exceeds the kernel's limit."""
    os.chmod(name, 0o700, dir_fd=top)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for inner in os.listdir(folder):
            if _is_folder(inner, folder):
                os.chmod(inner, 0o700, dir_fd=folder)  # a folder that cannot be written cannot be moved
                os.rename(inner, secrets.token_hex(16), src_dir_fd=folder, dst_dir_fd=top)
            else:
                os.unlink(inner, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)


def _is_folder(name: str, folder: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def exceeded_limit(pid: int, scratch: Path, limits: Mapping[str, int]) -> str | None:
    """Check the limits that the kernel cannot enforce: threads, and the scratch folder's size and number of files.

    Return the name of one that is exceeded. A folder that cannot be measured exceeds ``scratch_files``. A cell may
    exceed one just before it ends: the check then follows during the next cell, which is blamed.
    """
    with contextlib.suppress(FileNotFoundError):  # the process has ended, or there is no /proc
        if len(os.listdir(f"/proc/{pid}/task")) > limits["threads"]:
            return "threads"
    for _ in range(MAX_SCANS):
        try:
            return _exceeded_file_limit(pid, scratch, limits)
        except (FileNotFoundError, NotADirectoryError):  # a file moved during the scan
            continue
        except OSError:  # a folder is too deep, or its mode forbids reading it
            break
    return "scratch_files"


def _exceeded_file_limit(pid: int, scratch: Path, limits: Mapping[str, int]) -> str | None:
    sizes: dict[int, int] = {}  # by inode: a file may have several names and descriptors
    for number, entry in enumerate(chain(_entries_in(scratch), _unlinked_files(pid))):
        sizes[entry.st_ino] = entry.st_blocks * 512  # bytes, in any file system
        if number >= limits["scratch_files"]:
            return "scratch_files"
    # The size of a file that is mapped, but neither in the folder nor open, cannot be read: it counts as the largest.
    unknown = _unlinked_mapped_files(pid, scratch) - sizes.keys()
    total = sum(sizes.values()) + len(unknown) * limits["file_bytes"]
    return "scratch_bytes" if total > limits["scratch_bytes"] else None


def _entries_in(folder: Path) -> Iterator[os.stat_result]:
    pending = [str(folder)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                yield entry.stat(follow_symlinks=False)
                if len(entry.path) > MAX_PATH_CHARACTERS:
                    raise OSError(f"{entry.path} is too long a path")
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


def _unlinked_files(pid: int) -> Iterator[os.stat_result]:
    """Yield the files that a process deleted but holds open: they occupy space without being in any folder."""
    with contextlib.suppress(OSError):  # the process has ended, or there is no /proc
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(f"/proc/{pid}/fd/{number}")
                if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                    yield status


def _unlinked_mapped_files(pid: int, scratch: Path) -> set[int]:
    """Return the inodes of the files of the scratch folder that a process deleted but has in its memory."""
    inside = re.escape(os.fsencode(os.path.realpath(scratch)))
    try:
        maps = Path(f"/proc/{pid}/maps").read_bytes()  # address, mode, offset, device, inode and path of each mapping
    except OSError:  # the process has ended, or there is no /proc
        return set()
    return set(map(int, re.findall(rb"(?m)^(?:\S+ ){4}(\d+) +" + inside + rb"/.* \(deleted\)$", maps)))
