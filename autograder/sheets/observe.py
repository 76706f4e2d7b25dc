"""Observe a function and its changed versions in the sandbox. No student's code runs in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from ..judging.cases import Case
from ..judging.decode import CallResult, UnusableResults, decode_results
from ..runner import Limits, Runner, Step, StepResult
from ..values import encode
from .change_effects import NO_ANSWER
from .changes import Change
from .instrument import SENTINELS, SUPPORT, Watched, has_unfilled_arrays, rewrite, watch
from .refused_code import CannotAsk
from .student_code import StudentCode

LIMITS = Limits(cell_seconds=3, submission_seconds=20, cpu_seconds=20)
Runs = list[list[CallResult] | None]
"""The results of one version for all cases, once for each sentinel. None if it gave none."""


class Recorded(NamedTuple):
    """What a watched place recorded for an input."""

    place: Watched
    times: int  # how often it was reached
    value: object


Records = list[list[Recorded]]
"""For each input, what each watched place recorded. Empty if the watched version failed on one of them."""


@dataclass(frozen=True)
class Observations:
    """What the sandbox reported about a function. The lists have one item per input."""

    inputs: Sequence[Case]
    original: list[CallResult]
    changed: Mapping[Change, list[CallResult]]  # only changes whose answers do not depend on unfilled arrays
    records: Records


def observe(code: StudentCode, changes: Sequence[Change], cases: Sequence[Case], runner: Runner) -> Observations:
    """Run a function, its changed versions and its watched version on all cases.

    Raise CannotAsk if the function gives no answer, or one that depends on the content of unfilled arrays or on earlier
    calls.
    """
    watching, places = watch(code)
    changed = [(change.text, 0) for change in changes]
    # The original once more at the end: a changed version must not have had an effect on it.
    versions = [(code.text, 0), *changed, (watching, len(places)), (code.text, 0)]
    of_first, *of_changed, of_watching, of_last = _run(code, versions, cases, runner)
    of_original = of_first + of_last
    if None in of_original:
        raise CannotAsk("it gives no answer in the sandbox")
    answers = _agreed_results(of_original)
    if answers is None:
        raise CannotAsk("its answer is not always the same")
    if any(answer.error and answer.error[0] in NO_ANSWER for answer in answers):
        raise CannotAsk("it gives no certain answer in the sandbox")
    of_changes = zip(changes, map(_agreed_results, of_changed), strict=True)
    certain = {change: results for change, results in of_changes if results is not None}
    records = [_read_records(results, places) for results in of_watching]
    return Observations(cases, answers, certain, _agreed_records(records[0], records[-1]))


def _run(code: StudentCode, versions: Sequence[tuple[str, int]], cases: Sequence[Case], runner: Runner) -> list[Runs]:
    """Ask versions of a function, in one process: a first step defines all, and each is asked in a step of its own.

    A version is a text with its number of watched places.
    """
    sentinels = SENTINELS if has_unfilled_arrays(code) else SENTINELS[:1]
    sources = {
        (name := f"_sheet_{i}"): rewrite(text, code, name, sentinel, num_watched)
        for i, ((text, num_watched), sentinel) in enumerate(product(versions, sentinels))
    }
    requests = [case.to_json(watch=True) for case in cases]  # which records NumPy's warnings, not the watched places
    asking = [Step("", {"name": name, "cases": requests}) for name in sources]
    _, *replies = runner.run([Step("\n\n".join([SUPPORT, *sources.values()])), *asking], limits=LIMITS)
    decoded = [_decode(reply, len(cases)) for reply in replies]  # in the order of `sources`
    return [decoded[i : i + len(sentinels)] for i in range(0, len(decoded), len(sentinels))]


def _decode(reply: StepResult, count: int) -> list[CallResult] | None:
    try:
        return decode_results(reply.answers, count)
    except UnusableResults:
        return None


def _agreed_results(runs: Runs) -> list[CallResult] | None:
    """The results of the first run, or None if another run differs in anything that a key depends on."""
    first, *others = [None if run is None else [_fingerprint(result) for result in run] for run in runs]
    return runs[0] if all(other == first for other in others) else None


def _fingerprint(result: CallResult) -> Any:
    error = result.error[0] if result.error else None
    return error, sorted(result.warned), result.changed, result.gradient_changed, encode(result.value)


def _read_records(results: list[CallResult] | None, places: Sequence[Watched]) -> Records:
    """Read what a run of the watched version returned: a count and a value for each place.

    Raise TypeError or ValueError if the reply is forged.
    """
    if not places or results is None or any(result.error for result in results):
        return []
    pairs = [zip(places, result.value, strict=True) for result in results]
    return [[Recorded(place, times, value) for place, (times, value) in own] for own in pairs]


def _agreed_records(first: Records, last: Records) -> Records:
    """The records of a run, without what another run changes: it depends on an unfilled array."""
    return [list(map(_agreed_record, mine, its)) for mine, its in zip(first, last, strict=False)]


def _agreed_record(first: Recorded, last: Recorded) -> Recorded:
    if (first.times, encode(first.value)) == (last.times, encode(last.value)):
        return first
    return Recorded(first.place, 0, None)  # as a place that was not reached: nothing is asked about it
