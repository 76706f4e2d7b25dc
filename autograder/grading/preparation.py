"""Prepare a worker process for grading. This module imports nothing large, so that the fork server starts at once."""

from ..runner import start_fork_server


def prepare() -> None:
    """Start the fork server, and import the grader meanwhile."""
    start_fork_server()
    from . import batch  # noqa: F401
