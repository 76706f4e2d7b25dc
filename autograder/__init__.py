"""The grader. Students never receive it. The exercises of the course are a package beside it.

`submissions` reads notebooks, `runner` runs them, `judging` decides, `grading` does this for a class, `reports` and
`sheets` tell the results, and `authoring` is for those who write exercises.
"""

import sys
from collections.abc import Mapping
from typing import Any, cast

# jsonschema would compile a grammar for internationalised addresses, 1.7 s at every start. Notebooks do not need it.
sys.modules.setdefault("rfc3987_syntax", cast(Any, None))

__all__ = ["check"]


def check(answer: Any, *, unseen: Mapping[str, str] | None = None) -> None:
    """Judge an answer in the kernel of a solution notebook. See `autograder.authoring.check.check_in_kernel`.

    `unseen` is read by `python -m autograder matrix --visible`: mistakes that the visible check passes on purpose, each
    with a reason.
    """
    from .authoring.check import check_in_kernel

    check_in_kernel(answer, sys._getframe(1).f_globals)  # the notebook's variables
