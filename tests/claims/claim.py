"""A sentence of a notebook, and what must hold for it to be true."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Claim:
    """A sentence of a notebook that an experiment supports.

    Attributes
    ----------
    sentence : str
        As in the notebook, with single spaces. It may be the beginning of a sentence.
    holds : callable
        Called with a value of each knob and of each part of the scope. It returns whether the sentence is true there.
    knobs : mapping of str to sequence
        The values of each setting that a sceptic would change. At least three each.
    scope : mapping of str to sequence
        The settings that the sentence itself names, such as "on centred and standardized pixels".
    also : sequence of str
        Other sentences that are true for the same reason.
    """

    sentence: str
    holds: Callable[..., Any]
    knobs: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    scope: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    also: Sequence[str] = ()

    def sentences(self) -> tuple[str, ...]:
        return self.sentence, *self.also

    def settings(self) -> Iterator[dict[str, Any]]:
        """All combinations of the knobs and of the scope."""
        choices = {**self.knobs, **self.scope}
        for values in itertools.product(*choices.values()):
            yield dict(zip(choices, values, strict=True))
