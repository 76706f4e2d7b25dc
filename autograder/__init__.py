"""The instructor's half of the course: references, judge, runner, grading, reports. Students never receive it.

>>> from autograder import exercises
>>> exercises["sigmoid"].check(lambda z: 0.5 * (1 + np.tanh(z / 2))).passed
True
"""

import sys
from collections.abc import Mapping
from typing import Any, cast

# jsonschema would compile a grammar for internationalised addresses, 1.7 s at every start. Notebooks do not need it.
sys.modules.setdefault("rfc3987_syntax", cast(Any, None))

# Import the package now, so that a later import of one of its modules does not replace the attribute below.
from . import exercises as _course  # noqa: E402, F401
from .judging.exercise_set import load_exercises  # noqa: E402

__all__ = ["check", "exercises"]

exercises = load_exercises("autograder.exercises")


def check(answer: Any, unseen: Mapping[str, str] | None = None) -> None:
    """Judge an answer in the kernel of a solution notebook. See `autograder.authoring.check.check_in_kernel`.

    `unseen` is read by `python -m autograder matrix --visible`: mistakes that the visible check passes on purpose, each
    with a reason.
    """
    from .authoring.check import check_in_kernel

    check_in_kernel(answer, sys._getframe(1).f_globals)
