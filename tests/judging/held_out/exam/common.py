"""The list of answers, and helpers that they share."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import exp, log

from ..held_back.common import HeldBack

ANSWERS: list[HeldBack] = []


def wrong(exercise: str, tutor: str, words: str | None):
    def note(answer):
        ANSWERS.append(HeldBack(exercise, answer, tutor, words and "(?i)" + words))
        return answer

    return note


def say(exercise: str, tutor: str, words: str | None, answer: Callable[..., Any]) -> None:
    ANSWERS.append(HeldBack(exercise, answer, tutor, words and "(?i)" + words))


# --- words that several patterns share

SIGN = (
    r"\bsigns?\b|minus|negat|uphill|ascen|opposite|revers|wrong way|climb|[−-]1\b|wrong direction"
    r"|other direction|away from the minimum"
)
IN_PLACE = r"in.place|overwr|chang|alter|modif|\bcop(y|ies)|mutat|untouched|as it was|as they were|left alone|leaves? .{1,20}alone"
NO_MEAN = (
    r"divid|/ ?n\b|1 ?/ ?n|average|len\(|number of examples|sums? (instead|rather|over|of|where|not)|a sum\b|not (a |the )?mean"
    r"|instead of (a |the |their )?mean|n times|adds? up|(forgot|take|without|lacks?|no|needs?|missing) (the |a )?mean"
    r"|mean is missing|is the sum|as large as|rather than (a |the |their )?mean"
)
SWAP = r"swap|exchang|interchang|invert|flip|revers|wrong way|other way|opposite|mixed up|mirror|upside|trade[sd]? places|confus"
TRANSPOSED = r"transpos|\.T\b|(?-i:Xᵀ)|wrong way|other way|rows and (the )?columns|columns and (the )?rows|swap|exchang|interchang|on its side"


def s(z):
    return exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


def sm(Z):
    E = exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def hot(labels, K):
    return np.eye(K)[labels]


def lse(Z):
    m = Z.max(axis=1, keepdims=True)
    return (m + log(exp(Z - m).sum(axis=1, keepdims=True)))[:, 0]


def own(Z, labels):
    return Z[np.arange(len(labels)), labels]
