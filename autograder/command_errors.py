"""How a command reports an error of the user or the machine: in one line. Other errors are bugs."""

from typing import Any

from .terminal import Terminal


def is_usage_error(error: Exception) -> bool:
    """Whether the arguments of a command are wrong."""
    return hasattr(error, "format_message")  # of a class of Typer that is public in some versions only


def report_usage_error(error: Any) -> None:
    """Print wrong arguments in one line, as other errors, with the place where the right ones are listed."""
    if type(error).__name__ == "NoArgsIsHelpError":  # a class that cannot be imported, either
        error.show()
        return
    place = f": see {error.ctx.command_path} --help" if getattr(error, "ctx", None) else ""
    Terminal(stderr=True).print_error(f"{error.format_message().rstrip('.')}{place}")


def describe_error(error: Exception) -> str:
    """Describe an error of the user or the machine in one line."""
    from .grading.boundary import DISK_IS_FULL, describe

    if isinstance(error, MemoryError):
        return f"{describe(error)}: free some memory, and run the command again"
    if isinstance(error, OSError) and error.strerror:
        advice = ": free some space, and run the command again" if error.errno in DISK_IS_FULL else ""
        return f"{describe(error)}{advice}"
    message = f"the gradebook: {error}" if type(error).__module__.startswith("sqlalchemy") else str(error)
    return (message.strip().splitlines() or [type(error).__name__])[0]


def is_expected(error: Exception) -> bool:
    """Whether an error is the user's or the machine's, and not a bug."""
    # When an error occurs, the command has already imported these modules.
    from sqlalchemy.exc import SQLAlchemyError

    from .course import CourseError
    from .runner import RunnerError

    return isinstance(error, CourseError | RunnerError | OSError | SQLAlchemyError | MemoryError)
