"""Ask a function and its changed versions in the sandbox. No student's code runs in this process."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..judging.cases import Case
from ..judging.decode import CallResult, UnusableResults, decode_results
from ..runner import Limits, Runner, Step
from .changes import Change
from .instrument import SENTINELS, SUPPORT, has_unfilled_arrays, rewrite, rewrite_watched
from .questions import Observations
from .refused_code import CannotAsk
from .student_code import StudentCode

LIMITS = Limits(cell_seconds=3, submission_seconds=20, cpu_seconds=20)
MAX_CHANGES = 20  # of a function: they are drawn


def observe(code: StudentCode, changes: Iterable[Change], cases: Sequence[Case], runner: Runner) -> Observations:
    """Run a function, its changed versions and its watched version on all cases.

    Raise CannotAsk if the function gives no answer, or one that depends on the content of unfilled arrays or on earlier
    calls.
    """
    sentinels = SENTINELS if has_unfilled_arrays(code) else SENTINELS[:1]
    changes = list(changes)
    original = partial(rewrite, code.text, code)
    changed = [partial(rewrite, change.apply(code.lines), code) for change in changes]
    # The original once more at the end: a changed version must not have had an effect on it.
    versions = [original, *changed, partial(_rewrite_watched, code), original]
    answers = iter(_run([partial(version, sentinel=s) for version in versions for s in sentinels], cases, runner))
    first, *of_changed, of_watched, last = [[next(answers) for _ in sentinels] for _ in versions]
    if first[0] is None:
        raise CannotAsk("it gives no answer in the sandbox")
    if not are_equal([*first, *last]):
        raise CannotAsk("its answer is not always the same")
    certain = {
        change: found[0]
        for change, found in zip(changes, of_changed, strict=True)
        if found[0] is not None and are_equal(found)
    }
    _, watched = rewrite_watched(code, "", SENTINELS[0])
    records = _agreeing([_read_records(results, len(watched)) for results in of_watched])
    return Observations(first[0], certain, watched if records else (), records, [_dimensions(case) for case in cases])


def _dimensions(case: Case) -> Sequence[int] | None:
    """The dimensions of all array arguments without repetition; None if a shape question would be ambiguous.

    Two dimensions of the same array must differ, and none may be 1: otherwise a wrong axis gives the same shape.
    """
    values = [*case.args, *case.kwargs.values()]
    arrays = [a for value in values for a in (value if isinstance(value, list) else [value])]
    shapes = [array.shape for array in arrays if isinstance(array, np.ndarray)]
    if any(1 in shape or len(set(shape)) < len(shape) for shape in shapes):
        return None
    return sorted({size for shape in shapes for size in shape})


def _rewrite_watched(code: StudentCode, name: str, sentinel: int) -> str:
    return rewrite_watched(code, name, sentinel)[0]


def _run(
    versions: Sequence[Callable[[str], str]], cases: Sequence[Case], runner: Runner
) -> list[list[CallResult] | None]:
    """Ask versions of a function, all in one process. Return the results of each for the cases; None if there are none.

    A version is a function from a name to the source that defines it with this name. The first step defines all, and
    then each is asked in a step of its own.
    """
    names = [f"_sheet_{number}" for number in range(len(versions))]
    sources = [SUPPORT, *(version(name) for version, name in zip(versions, names, strict=True))]
    requests = [case.to_json(watch=True) for case in cases]
    steps = [Step("\n\n".join(sources)), *(Step("", {"name": name, "cases": requests}) for name in names)]
    answers: list[list[CallResult] | None] = []
    for result in runner.run(steps, limits=LIMITS)[1:]:
        try:
            answers.append(decode_results(result.answers, len(cases)))
        except UnusableResults:
            answers.append(None)
    return answers


def are_equal(runs: Iterable[Sequence[CallResult] | None]) -> bool:
    """Whether all runs gave the same results, in everything that a key depends on."""
    prints = [run and [_fingerprint(result) for result in run] for run in runs]
    return all(own == prints[0] for own in prints)


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
