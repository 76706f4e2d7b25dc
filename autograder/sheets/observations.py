"""What the sandbox reported about a function: `observe` makes it, and `questions` are made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..judging.cases import Case
from ..judging.decode import CallResult
from .changes import Change
from .instrument import Watched


class Recorded(NamedTuple):
    """What a watched place recorded for an input."""

    times: int  # how often it was reached
    value: object


@dataclass(frozen=True)
class Observations:
    """What the sandbox reported about a function. The lists have one item per input."""

    inputs: Sequence[Case]
    original: list[CallResult]
    changed: Mapping[Change, list[CallResult]]  # only changes whose answers do not depend on unfilled arrays
    watched: Sequence[Watched]
    records: list[list[Recorded]]  # for each input, what each watched place recorded; empty if this failed for one
