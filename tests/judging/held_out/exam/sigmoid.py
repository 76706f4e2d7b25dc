"""Answers to the exercises of sigmoid."""

import numpy as np
from numpy import exp

from .common import IN_PLACE, SIGN, SWAP, TRANSPOSED, s, say, wrong

say(
    "sigmoid",
    "np.where computes both formulas for every z, so the bad exponential overflows all the same",
    r"both|branch|thrown away|discard|evaluat|overflow|before (you|it) choos",
    lambda z: np.where(np.asarray(z) >= 0, 1 / (1 + exp(-np.asarray(z))), exp(z) / (1 + exp(z))),
)


@wrong(
    "sigmoid",
    "an if cannot choose for a whole array, only for one number: choose element by element",
    r"truth value|ambiguous|`if`|an if\b|\bif z|element|only (for |works |takes |a )?.{0,20}(number|scalar)|single (number|logit)"
    r"|one (number|logit) at a time|not (for |with |an? )?arrays?|np\.where|mask",
)
def sigmoid_if(z):
    if z >= 0:
        return 1 / (1 + exp(-z))
    return exp(z) / (1 + exp(z))


@wrong("sigmoid", "the results are written into z itself: make a new array", IN_PLACE)
def sigmoid_writes_into_z(z):
    p = np.asarray(z, dtype=float)
    positive = p >= 0
    p[positive] = 1 / (1 + exp(-p[positive]))
    p[~positive] = exp(p[~positive]) / (1 + exp(p[~positive]))
    return p


@wrong(
    "sigmoid",
    "zeros_like takes over the whole-number dtype of z, so the p of integers are cut off to 0",
    r"integer|\bints?\b|dtype|whole number|truncat|_like",
)
def sigmoid_zeros_like(z):
    z = np.asarray(z)
    p = np.zeros_like(z)
    p[z >= 0] = 1 / (1 + exp(-z[z >= 0]))
    p[z < 0] = exp(z[z < 0]) / (1 + exp(z[z < 0]))
    return p


say(
    "sigmoid",
    "the sigmoid is (1 + tanh(z / 2)) / 2: with tanh(z) it is too steep",
    r"tanh|half|z ?/ ?2|2 ?[·*]? ?z\b|twice|too steep|doubl|steep|σ\(2",
    lambda z: 0.5 * (1 + np.tanh(z)),
)
say(
    "sigmoid",
    "with |z| everywhere negative logits get the p of positive ones: their formula is another",
    r"negative|abs\b|np\.abs|\|z\||magnitude|\bsign|symmetr|mirror|(never|not) below|at least (0\.5|½)|z < 0",
    lambda z: 1 / (1 + exp(-np.abs(z))),
)

say(
    "sigmoid_prime",
    "z is a logit, not a probability: squash it first",
    r"squash|σ\(z\)|probabilit|sigmoid\(z\)|(apply|through|pass|use|call|without|missing|forgot|no)\b.{0,20}sigmoid|(logit|z) itself"
    r"|p = σ|takes? (the )?(logit|z)",
    lambda z: z * (1 - z),
)
say(
    "sigmoid_prime",
    "this is p squared: the second factor is 1 − p",
    r"square|p²|σ²|σ\(z\)²|\*\* ?2|p ?[·*] ?p\b|1 ?[−-] ?(p|σ|s)|other factor|second factor|complement",
    lambda z: s(z) ** 2,
)
say(
    "sigmoid_prime",
    "exp(-z) overflows for very negative z, and inf / inf is nan: use p (1 - p)",
    r"overflow|inf ?/ ?inf|exponential|exp\(|quotient|p ?\*? ?\(1",
    lambda z: exp(-z) / (1 + exp(-z)) ** 2,
)
say(
    "sigmoid_prime",
    "an estimate from differences is too coarse in the tails: use the formula",
    r"differences\b|difference quotient|finite diff|numeric|estimat|approximat|measur|cancell",
    lambda z: (s(z + 1e-5) - s(z - 1e-5)) / 2e-5,
)
say(
    "sigmoid_prime",
    "the sign is wrong, the sigmoid rises: p (1 - p), not p (p - 1)",
    SIGN + r"|p ?[−-] ?1|rises|falls|positive",
    lambda z: s(z) * (s(z) - 1),
)

say(
    "predict_proba",
    "these are the logits: squash them",
    r"squash|sigmoid is missing|(without|forgot|missing|apply|through|no|not|needs?)\b.{0,25}sigmoid|σ\(|between 0 and 1|not probabilit"
    r"|(returns?|are|is|gives?) (the |a |raw )?logits?|raw logit|logits? (itself|themselves|not|instead|rather)|outside",
    lambda X, w: X @ w,
)
say(
    "predict_proba",
    "X.T @ w adds up over the examples: examples are rows, so X @ w",
    TRANSPOSED + r"|X @ w|columns (instead|rather|where)|over (the )?examples",
    lambda X, w: s(X.T @ w),
)
say(
    "predict_proba",
    "the bias is left out: the column of ones is in X and has a weight like the others",
    r"bias|column of ones|last (column|feature|weight)|dropp|left out|leaves? out|constant",
    lambda X, w: s(X[:, :-1] @ w[:-1]),
)
say(
    "predict_proba",
    "X * w multiplies but does not add up along the row: use X @ w",
    r"\bsum|adds? up|added up|element|matrix product|@|dot product|inner product|np\.dot",
    lambda X, w: s(X * w),
)
say(
    "predict_proba",
    "these are labels: the probabilities were put through a threshold",
    r"label|threshold|round|0 (or|and) 1 only|only 0|0/1|hard",
    lambda X, w: (s(X @ w) >= 0.5).astype(float),
)

say(
    "predict_label",
    "p equal to the threshold belongs to label 1: >= and not >",
    r">=|≥|equal|\btie|exactly|strict",
    lambda p, threshold=0.5: (p > threshold).astype(int),
)
say(
    "predict_label",
    "the threshold is not used: 0.5 stands in its place",
    r"ignor|(not|never|isn't) used|unused|does not use|hard-?(coded|wired)|fixed|whatever the threshold|always|constant 0\.5"
    r"|0\.5 (instead|whatever|even|rather|for every|in place)|threshold is 0\.5|regardless|use the threshold",
    lambda p, threshold=0.5: (p >= 0.5).astype(int),
)
say(
    "predict_label",
    "True and False are no numbers: labels are integers",
    r"bool|\bTrue\b",
    lambda p, threshold=0.5: p >= threshold,
)
say(
    "predict_label",
    "the labels are the wrong way round: 1 where p is large",
    SWAP,
    lambda p, threshold=0.5: np.where(p >= threshold, 0, 1),
)
say(
    "predict_label",
    "np.round rounds halves to the even neighbour, so p equal to the threshold goes wrong",
    r"round|\beven\b|equal|≥|>=|exactly|\btie",
    lambda p, threshold=0.5: np.round(p - threshold + 0.5).astype(int),
)
