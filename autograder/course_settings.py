"""The settings of a course: `nbgrader_config.py`, and the limits in it."""

import contextlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from jupyter_core.paths import jupyter_config_path
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from .course_errors import CourseError, describe_unknown

AnyLimits = TypeVar("AnyLimits")

CONFIG = "nbgrader_config.py"
DEFAULT_EXERCISES = "exercises"  # the name of the package, which is usually in the folder of the course
DEFAULT_SECRET_FILE = ".course-secret"  # a relative path starts at the folder of the course


@contextlib.contextmanager
def reporting_course_errors(subject: Path | str = CONFIG) -> Iterator[None]:
    """Turn every other exception that a file or another subject causes into a `CourseError` of one line about it."""
    try:
        yield
    except CourseError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        raise CourseError(f"{subject}: {type(error).__name__}: {reason}") from error


def read_config(root: Path) -> Config:
    """Read the settings of a course, on top of those of the machine and the user.

    A file `nbgrader_config.json`, which nbgrader itself would also read, is ignored.
    """
    config = Config()
    for folder in (*reversed(jupyter_config_path()), str(root)):
        if (file := Path(folder) / CONFIG).is_file():
            with reporting_course_errors(file):
                config.merge(PyFileConfigLoader(file.name, path=folder).load_config())
    return config


def read_limits(kind: type[AnyLimits], settings: Mapping[str, Any], name: str) -> AnyLimits:
    """Create a dataclass of limits from the setting with this name in `nbgrader_config.py`.

    Raise CourseError if a limit is unknown, or is not a finite number above 0, or not an integer where one is needed.
    """
    types = get_type_hints(kind)
    for key, value in settings.items():
        if key not in types:
            raise CourseError(f"{name} in {CONFIG}: {describe_unknown('limit', str(key), [*types])}")
        allowed, number = ([int], "an integer") if types[key] is int else ([int, float], "a finite number")
        if type(value) not in allowed or not 0 < value < math.inf:
            raise CourseError(f"{name} in {CONFIG}: {key} must be {number} above 0, not {value!r}")
    return kind(**settings)
