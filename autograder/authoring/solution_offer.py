"""Point to the folded solution of an exercise whose check keeps failing, in the edition for self-study.

`self_study.py` adds this module to the package `lectrain`, beside `letters`.
"""

from collections import Counter
from typing import Any

from IPython.core.getipython import get_ipython

from lectrain.check import CheckFailed

from .letters import read_questions

MIN_FAILURES = 3  # of the same check, before its solution is offered
OFFER = "This code has failed its check {} times. If you are stuck, unfold the solution below."

_failures: Counter[str] = Counter()  # by exercise, since the kernel was started


def offer_solutions() -> None:
    """Point to the solution after each failure of an exercise's check, from the `MIN_FAILURES`th on."""
    if shell := get_ipython():
        shell.events.register("post_run_cell", _count_failure)


def _count_failure(result: Any) -> None:
    """Count the failure of a check in the cell that was run. A question with letters has no solution to unfold."""
    name = result.error_in_exec.parts["name"] if isinstance(result.error_in_exec, CheckFailed) else ""
    if name and name not in read_questions():
        _failures[name] += 1
        if _failures[name] >= MIN_FAILURES:
            print(OFFER.format(_failures[name]))
