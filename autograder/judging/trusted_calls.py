"""Call functions that the grader trusts in its own process: references and known answers.

`probe.answer` would take Ctrl-C for a time limit. This module lets it through.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import probe
from .decode import CallResult, decode_results


def call_trusted(answer: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a request to the probe in this process, with any function in place of the student's."""
    return {"answers": list(_answer_one_by_one(answer, request))}


def call_on(answer: Any, case: Mapping[str, Any]) -> CallResult:
    """Call a function on one case of a request."""
    return decode_results(call_trusted(answer, {"name": "answer", "cases": [case]}), 1)[0]


class LazyResults(Sequence[CallResult]):
    """The results of a trusted function for all cases. Each is computed when it is first read, in this process."""

    def __init__(self, answer: Any, request: Mapping[str, Any]):
        self._count = len(request["cases"])
        self._remaining = _answer_one_by_one(answer, request)
        self._computed: list[CallResult] = []

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, i: int) -> CallResult:  # type: ignore[override]  # no slices
        place = range(self._count)[i]  # counted from the first, also if `i` is negative
        while len(self._computed) <= place:
            self._computed += decode_results({"answers": [next(self._remaining)]}, 1)
        return self._computed[place]


def _answer_one_by_one(answer: Any, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return probe.answer_one_by_one({request["name"]: answer}, request["name"], request["cases"])
