"""Observe a function and its changed versions in the sandbox. No student's code runs in this process."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..judging.cases import Case
from ..judging.decode import CallResult, UnusableResults, decode_results
from ..runner import Limits, Runner, Step, StepResult
from .changes import Change
from .instrument import SENTINELS, SUPPORT, has_unfilled_arrays, rewrite, rewrite_watched
from .questions import Observations, Recorded
from .refused_code import CannotAsk
from .student_code import StudentCode

LIMITS = Limits(cell_seconds=3, submission_seconds=20, cpu_seconds=20)
Version = Callable[[str, int], str]
"""Makes the source of a function from the name that it gets, and the sentinel that its unfilled arrays contain."""
Runs = list[list[CallResult] | None]
"""The results of one version for all cases, once for each sentinel. None if it gave none."""
Records = list[list[Recorded]]
"""For each case, what each watched place recorded. Empty if the watched version failed on one of them."""


def observe(code: StudentCode, changes: Iterable[Change], cases: Sequence[Case], runner: Runner) -> Observations:
    """Run a function, its changed versions and its watched version on all cases.

    Raise CannotAsk if the function gives no answer, or one that depends on the content of unfilled arrays or on earlier
    calls.
    """
    sentinels = SENTINELS if has_unfilled_arrays(code) else SENTINELS[:1]
    changes = list(changes)
    original = partial(rewrite, code.text, code)
    changed = [partial(rewrite, change.apply(code.lines), code) for change in changes]
    _, watched = rewrite_watched(code, "", SENTINELS[0])  # the places alone, which are the same for any name

    def watching(name: str, sentinel: int) -> str:
        return rewrite_watched(code, name, sentinel)[0]

    # The original once more at the end: a changed version must not have had an effect on it.
    versions: list[Version] = [original, *changed, watching, original]
    of_original, *of_changed, of_watched, of_last = _run(versions, sentinels, cases, runner)
    answers, *others = *of_original, *of_last
    if answers is None or None in others:
        raise CannotAsk("it gives no answer in the sandbox")
    if not _are_equal([answers, *others]):
        raise CannotAsk("its answer is not always the same")
    certain = {
        change: runs[0]
        for change, runs in zip(changes, of_changed, strict=True)
        if runs[0] is not None and _are_equal(runs)
    }
    records = _agreeing([_read_records(results, len(watched)) for results in of_watched])
    clear_shapes = [_has_clear_shapes(case) for case in cases]
    return Observations(answers, certain, watched if records else (), records, clear_shapes)


def _has_clear_shapes(case: Case) -> bool:
    """Whether a wrong axis gives another shape: no array argument has equal dimensions, or one that is 1."""
    values = [*case.args, *case.kwargs.values()]
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    shapes = [item.shape for item in items if isinstance(item, np.ndarray)]
    return not any(1 in shape or len(set(shape)) < len(shape) for shape in shapes)


def _run(versions: Sequence[Version], sentinels: Sequence[int], cases: Sequence[Case], runner: Runner) -> list[Runs]:
    """Ask versions of a function, in one process: a first step defines all, and each is asked in a step of its own."""
    pairs = [(version, sentinel) for version in versions for sentinel in sentinels]
    sources = {f"_sheet_{i}": version(f"_sheet_{i}", sentinel) for i, (version, sentinel) in enumerate(pairs)}
    requests = [case.to_json(watch=True) for case in cases]
    asking = [Step("", {"name": name, "cases": requests}) for name in sources]
    _, *replies = runner.run([Step("\n\n".join([SUPPORT, *sources.values()])), *asking], limits=LIMITS)
    decoded = (_decode(reply, len(cases)) for reply in replies)  # in the order of `pairs`
    return [[next(decoded) for _ in sentinels] for _ in versions]


def _decode(reply: StepResult, count: int) -> list[CallResult] | None:
    try:
        return decode_results(reply.answers, count)
    except UnusableResults:
        return None


def _are_equal(runs: Runs) -> bool:
    """Whether all runs gave the same results, in everything that a key depends on."""
    fingerprints = [run and [_fingerprint(result) for result in run] for run in runs]
    return all(own == fingerprints[0] for own in fingerprints)


def _fingerprint(result: CallResult) -> Any:
    error = result.error[0] if result.error else None
    return error, sorted(result.warned), result.changed, result.gradient_changed, _as_text(result.value)


def _as_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(map(_as_text, value))})"
    if isinstance(value, np.ndarray | np.generic):
        return f"{value.dtype} {value.shape} {value.tolist()!r}"
    return repr(value)


def _agreeing(runs: Sequence[Records]) -> Records:
    """The records of the first run, or none if a run has none.

    A value that a later run changes is left out: it is that of an unfilled array.
    """
    if not all(runs):
        return []
    agreed, *others = runs
    for other in others:
        agreed = [list(map(_agreed, mine, its)) for mine, its in zip(agreed, other, strict=True)]
    return agreed


def _agreed(first: Recorded, other: Recorded) -> Recorded:
    return first if _as_text(first.value) == _as_text(other.value) else first._replace(value=None)


def _read_records(results: list[CallResult] | None, count: int) -> Records:
    """Read what a run of the watched version returned: the records of `count` places, for each case."""
    found: Records = []
    for result in results or []:
        value = result.value
        is_complete = isinstance(value, list) and len(value) == count and not result.error
        if not is_complete or not all(map(_is_record, value)):
            return []
        found.append([Recorded(times, item) for times, item in value])
    return found


def _is_record(value: object) -> bool:
    """Whether it is a count and a value. The reply may be forged, and Python takes True for the integer 1."""
    return isinstance(value, list) and len(value) == 2 and type(value[0]) is int
