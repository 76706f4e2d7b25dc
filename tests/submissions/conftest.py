"""A machine that has no file descriptor left."""

import errno
import os
from collections.abc import Callable

import pytest


@pytest.fixture
def fail_to_open(monkeypatch) -> Callable[[int], list]:
    """Let one call of `os.open` fail, counted from 1, and return the list of what is opened. With 0, none fails."""
    real = os.open

    def fail_at(number: int) -> list:
        opened: list = []

        def open_until(path, *arguments, **options):
            opened.append(path)
            if len(opened) == number:
                raise OSError(errno.EMFILE, "Too many open files")
            return real(path, *arguments, **options)

        monkeypatch.setattr(os, "open", open_until)
        return opened

    return fail_at
