"""Ask a function and its changed versions in the sandbox. No student's code runs in this process."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..judging.decode import CallResult, UnusableResults, decode_results
from ..judging.model import Case
from ..runner import Limits, Runner, Step
from .changes import Change
from .instrument import SENTINELS, SUPPORT, has_unfilled_arrays, rewrite, rewrite_watched
from .premise import dimensions
from .questions import Observations
from .student_code import CannotAsk, StudentCode

LIMITS = Limits(cell_seconds=3, submission_seconds=20, cpu_seconds=20)
MAX_CHANGES = 20  # of a function: they are drawn


class Plan:
    """The steps of one run in the sandbox, and where the answers to each function are.

    The cases are the inputs of every function.
    """

    def __init__(self, cases: Sequence[Case]):
        self._cases = [case.to_json(watch=True) for case in cases]
        self._count = len(cases)
        self._sources: list[str] = [SUPPORT]
        self._names: list[str] = []

    def add(self, source_of: Any) -> int:
        """Add a function. ``source_of(name)`` is the source that defines it with a name. Return its number."""
        name = f"_sheet_{len(self._names)}"
        self._names.append(name)
        self._sources.append(source_of(name))
        return len(self._names) - 1

    def steps(self) -> list[Step]:
        """The steps: one defines all functions, and then each function is asked in a step of its own."""
        questions = [Step("", {"name": name, "cases": self._cases}) for name in self._names]
        return [Step("\n\n".join(self._sources)), *questions]

    def run(self, runner: Runner) -> list[list[CallResult] | None]:
        """Run all steps in one process. Return the results of each function; None if there are none."""
        results = runner.run(self.steps(), limits=LIMITS)
        answers: list[list[CallResult] | None] = []
        for result in results[1:]:
            try:
                answers.append(decode_results(result.answers, self._count))
            except UnusableResults:
                answers.append(None)
        return answers


def observe(code: StudentCode, changes: Iterable[Change], cases: Sequence[Case], runner: Runner) -> Observations:
    """Run a function, its changed versions and its watched version on all cases.

    Raises
    ------
    CannotAsk
        If the function gives no answer, or one that depends on the content of unfilled arrays or on earlier calls.
    """
    sentinels = SENTINELS if has_unfilled_arrays(code) else SENTINELS[:1]
    plan = Plan(cases)
    changes = list(changes)

    def add(text: str) -> list[int]:
        return [plan.add(lambda name, s=sentinel: rewrite(text, code, name, s)) for sentinel in sentinels]

    _, watched = rewrite_watched(code, "", SENTINELS[0])
    first = add(code.text)
    numbers = {change: add(change.apply(code.lines)) for change in changes}
    watching = [plan.add(lambda name, s=sentinel: rewrite_watched(code, name, s)[0]) for sentinel in sentinels]
    last = add(code.text)  # a changed version must not have had an effect on the original
    answers = plan.run(runner)
    originals = [answers[number] for number in (*first, *last)]
    original = originals[0]
    if original is None:
        raise CannotAsk("it gives no answer in the sandbox")
    if not all(other is not None and are_equal(original, other) for other in originals):
        raise CannotAsk("its answer is not always the same")
    changed: dict[Change, list[CallResult]] = {}
    for change, own in numbers.items():
        found = [answers[number] for number in own]
        if found[0] is not None and all(other is not None and are_equal(found[0], other) for other in found):
            changed[change] = found[0]
    records = _agreeing([_read_records(answers[number], len(watched)) for number in watching])
    return Observations(original, changed, watched if records else (), records, [dimensions(case) for case in cases])


def are_equal(some: Sequence[CallResult], others: Sequence[CallResult]) -> bool:
    """Whether two lists of results are the same in everything that a key depends on."""
    return all(_fingerprint(a) == _fingerprint(b) for a, b in zip(some, others, strict=True))


def _fingerprint(result: CallResult) -> Any:
    error = result.error[0] if result.error else None
    return error, sorted(result.warned), result.changed, result.gradient_changed, _as_text(result.value)


def _as_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(map(_as_text, value))})"
    if isinstance(value, np.ndarray | np.generic):
        return f"{value.dtype} {value.shape} {value.tolist()!r}"
    return repr(value)


Records = list[list[tuple[int, object]]]


def _agreeing(runs: Sequence[Records]) -> Records:
    """The records of the first run. A value that a later run changes is left out: it is that of an unfilled array."""
    first, *others = runs
    if any(len(run) != len(first) for run in others):
        return []
    return [
        [
            (count, value if all(_as_text(run[i][j][1]) == _as_text(value) for run in others) else None)
            for j, (count, value) in enumerate(records)
        ]
        for i, records in enumerate(first)
    ]


def _read_records(results: list[CallResult] | None, count: int) -> Records:
    """What was recorded for each input. Empty if the watched version failed on one of them."""
    if results is None:
        return []
    found: Records = []
    for result in results:
        value = result.value
        is_complete = isinstance(value, list) and len(value) == count and not result.error
        if not is_complete or not all(isinstance(r, list) and len(r) == 2 and type(r[0]) is int for r in value):
            return []
        found.append([(number, item) for number, item in value])
    return found
