"""Answers to the exercises of sigmoid."""

import math

import numpy as np
from numpy import clip, exp

from .common import s, say, wrong

say("sigmoid", "exp(-z) overflows for large negative z", "overflow|exponential|exp\\(", lambda z: 1 / (1 + exp(-z)))
say("sigmoid", "the sign of z is wrong", "sign|minus|−z|-z", lambda z: 1 / (1 + exp(z)))
say("sigmoid", "exp(z) overflows: inf / inf is nan", "overflow|inf", lambda z: exp(z) / (1 + exp(z)))
say("sigmoid", "math.exp takes a single number", "single|one number|scalar|array", lambda z: 1 / (1 + math.exp(-z)))
say(
    "sigmoid",
    "brackets around the denominator are missing",
    "bracket|upside down|reciprocal",
    lambda z: 1 / 1 + exp(-z),
)
say("sigmoid", "clipping the logits flattens the tails", "clip|tail|cut", lambda z: s(clip(z, -10, 10)))
say("sigmoid", "tanh has to be taken of z / 2", "z / 2|half|twice|2z|2 z", lambda z: (1 + np.tanh(z)) / 2)
say("sigmoid", "the result is rounded", "round|digit|precis", lambda z: np.round(s(z), 4))
say("sigmoid", "a small number is added to the denominator", "epsilon|small number|1e-|add", lambda z: 1 / (1 + exp(-clip(z, -700, 700)) + 1e-8))  # fmt: skip
say("sigmoid", "that is its complement, 1 - p", "sign|minus|1 [-−] p|swap", lambda z: 1 - s(z))
say("sigmoid", "that is ReLU", None, lambda z: np.maximum(z, 0))


@wrong("sigmoid", "a loop over len(z) works for one dimension only", "shape|dimension|loop|len|single|number|TypeError")
def _(z):
    return np.array([s(z[i]) for i in range(len(z))])


@wrong("sigmoid", "zeros_like of integers holds integers", "integer|int|dtype")
def _(z):
    z = np.asarray(z)
    out = np.zeros_like(z)
    out[z >= 0] = 1 / (1 + exp(-z[z >= 0]))
    out[z < 0] = exp(z[z < 0]) / (1 + exp(z[z < 0]))
    return out


@wrong("sigmoid", "the logits that were passed in are overwritten", "chang|in place|overwr")
def _(z):
    if isinstance(z, np.ndarray) and z.ndim:
        np.clip(z, -500, 500, out=z, casting="unsafe")
    return s(z)


say("sigmoid_prime", "z is taken for the probability", "logit|probabilit", lambda z: z * (1 - z))
say("sigmoid_prime", "1 - p became 1 + p", "1 \\+ p|minus|plus", lambda z: s(z) * (1 + s(z)))
say("sigmoid_prime", "the sign is wrong", "sign|minus|negative", lambda z: -s(z) * (1 - s(z)))
say(
    "sigmoid_prime",
    "the quotient is inf / inf far out",
    "inf|overflow|nan|quotient",
    lambda z: exp(-z) / (1 + exp(-z)) ** 2,
)
say("sigmoid_prime", "a difference quotient, not the slope itself", "differen|estimat|numerical|step", lambda z: (s(z + 1e-4) - s(z - 1e-4)) / 2e-4)  # fmt: skip
say("sigmoid_prime", "the slopes are added up", "shape|sum|add", lambda z: np.sum(s(z) * (1 - s(z))))
say("sigmoid_prime", "one of the two factors is missing", "factor|1 [-−] p|missing|itself|sigmoid", lambda z: s(z))
say("sigmoid_prime", "the square of p", "1 - p|factor", lambda z: s(z) ** 2)

say("predict_proba", "the logits are not squashed", "sigmoid|squash|logit", lambda X, w: X @ w)
say(
    "predict_proba",
    "the product is the wrong way round",
    "order|transpos|way round|X.T|rows",
    lambda X, w: s(w @ X),
)
say("predict_proba", "X is transposed", "transpos|X.T|raises ValueError|rows|columns", lambda X, w: s(X.T @ w))
say(
    "predict_proba",
    "the sum runs over all rows together",
    "axis|all rows|each row|whole|shape",
    lambda X, w: s(np.sum(X * w)),
)
say("predict_proba", "the products are not added up", "sum|add|element|shape", lambda X, w: s(X * w))
say("predict_proba", "a bias is added a second time", "bias|constant|column of ones", lambda X, w: s(X @ w + w[-1]))
say("predict_proba", "the sign of the logits is wrong", "sign|minus|1 [-−] p|swap|class 0", lambda X, w: s(-X @ w))
say(
    "predict_proba",
    "labels instead of probabilities",
    "label|threshold|round|probabilit",
    lambda X, w: np.round(s(X @ w)),
)
say("predict_proba", "a list instead of an array", "list", lambda X, w: [float(s(x @ w)) for x in X])
say("predict_proba", "the mean logit of a row instead of its sum", "mean|sum|number of features|d times", lambda X, w: s((X * w).mean(axis=1)))  # fmt: skip

say("predict_label", "the threshold is not used", "threshold|0.5", lambda p, threshold=0.5: (p > 0.5).astype(int))
say("predict_label", "booleans instead of integers", "bool|equal to", lambda p, threshold=0.5: p > threshold)
say("predict_label", "the comparison is the wrong way round", "way round|invert|swap|flip|comparison|opposite|class 0", lambda p, threshold=0.5: (p < threshold).astype(int))  # fmt: skip
say(
    "predict_label",
    "rounding ignores the threshold",
    "round|threshold",
    lambda p, threshold=0.5: np.round(p).astype(int),
)
say(
    "predict_label",
    "a list instead of an array",
    "list|equal to",
    lambda p, threshold=0.5: [int(q > threshold) for q in p],
)
say("predict_label", "floats instead of integers", "float|equal to", lambda p, threshold=0.5: (p > threshold) * 1.0)
say(
    "predict_label",
    "the other label is 0, not -1",
    "-1|−1|0 or 1|negative",
    lambda p, threshold=0.5: np.where(p > threshold, 1, -1),
)
