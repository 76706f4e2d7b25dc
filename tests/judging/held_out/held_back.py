"""Wrong answers that nobody put into the catalogue of mistakes, with what a tutor would say of each.

They were written from the notebooks' prompts alone, before the exercises' own lists of mistakes were read. `words` is
a pattern for what a right diagnosis has to mention; None stands for answers that a tutor could not name either. (The
patterns were widened afterwards where a diagnosis said the tutor's thing in other words, each after a person's look.)
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy import clip, exp, log, log1p, mean


class HeldBack(NamedTuple):
    """A wrong answer, the tutor's diagnosis in words, and the words by which it is recognised."""

    exercise: str
    answer: Callable[..., Any]
    tutor: str
    words: str | None


ANSWERS: list[HeldBack] = []


def wrong(exercise: str, tutor: str, words: str | None):
    def note(answer):
        ANSWERS.append(HeldBack(exercise, answer, tutor, words))
        return answer

    return note


def say(exercise: str, tutor: str, words: str | None, answer: Callable[..., Any]) -> None:
    ANSWERS.append(HeldBack(exercise, answer, tutor, words))


def s(z):
    return exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


def sm(Z):
    E = exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def hot(labels, K):
    return np.eye(K)[labels]


# --- 01-sigmoid ---------------------------------------------------------------------------------------------------

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

# --- 02-bce -------------------------------------------------------------------------------------------------------

say(
    "mse_grad",
    "the mean is missing",
    "mean|1/n|n times|divid",
    lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * (1 - s(X @ w))),
)
say(
    "mse_grad",
    "the slope of the sigmoid is missing",
    "slope|p\\s?\\(1|chain|log-loss|factor",
    lambda w, X, y: X.T @ (s(X @ w) - y) / len(y),
)
say("mse_grad", "the 1/2 is forgotten: twice too large", "½|1/2|twice|2 times|factor", lambda w, X, y: 2 * X.T @ ((s(X @ w) - y) * s(X @ w) * (1 - s(X @ w))) / len(y))  # fmt: skip
say(
    "mse_grad",
    "the sign is wrong",
    "sign|minus|y [-−] p",
    lambda w, X, y: X.T @ ((y - s(X @ w)) * s(X @ w) * (1 - s(X @ w))) / len(y),
)
say("mse_grad", "divided by the number of features", "features|examples|len\\(y\\)|n |d ", lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * (1 - s(X @ w))) / len(w))  # fmt: skip
say(
    "mse_grad",
    "the factor x is missing",
    "X|with w|x is",
    lambda w, X, y: mean((s(X @ w) - y) * s(X @ w) * (1 - s(X @ w))),
)
say(
    "mse_grad",
    "linear regression: the sigmoid is missing",
    "sigmoid|linear|squash",
    lambda w, X, y: X.T @ (X @ w - y) / len(y),
)
say("mse_grad", "the slope is taken at p instead of z", "at p|of p|twice|logit", lambda w, X, y: X.T @ ((s(X @ w) - y) * s(s(X @ w)) * (1 - s(s(X @ w)))) / len(y))  # fmt: skip
say(
    "mse_grad",
    "only one of p and 1 - p",
    "1 [-−] p|factor|slope",
    lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w)) / len(y),
)
say(
    "mse_grad",
    "X instead of X.T",
    "transpos|X.T|raises ValueError",
    lambda w, X, y: X @ ((s(X @ w) - y) * s(X @ w) * (1 - s(X @ w))) / len(y),
)


def path(step, rows=0, shared=False, first=True):
    def gradient_descent(grad_fn, w0, lr, num_steps):
        w = np.array(w0, dtype=float)
        kept = [w if shared else w.copy()] if first else []
        for t in range(num_steps + rows):
            w[:] = step(grad_fn, w, lr, w0, t)
            kept.append(w if shared else w.copy())
        return np.array(kept)

    return gradient_descent


say(
    "gradient_descent",
    "uphill: the sign is wrong",
    "sign|uphill|minus|ascent",
    path(lambda g, w, lr, w0, t: w + lr * g(w)),
)
say(
    "gradient_descent",
    "the start is not part of the path",
    "start|w0|row 0|first (row|of the rows)|num_steps \\+ 1",
    path(lambda g, w, lr, w0, t: w - lr * g(w), first=False),
)
say(
    "gradient_descent",
    "every row is the same array",
    "same array|very array|same point|copy",
    path(lambda g, w, lr, w0, t: w - lr * g(w), shared=True),
)
say("gradient_descent", "the learning rate is forgotten", "learning rate|lr", path(lambda g, w, lr, w0, t: w - g(w)))
say(
    "gradient_descent",
    "the gradient is always taken at the start",
    "at w0|at the start|current",
    path(lambda g, w, lr, w0, t: w - lr * g(np.array(w0, float))),
)
say(
    "gradient_descent",
    "one step too many",
    "too many|num_steps|one step",
    path(lambda g, w, lr, w0, t: w - lr * g(w), rows=1),
)
say(
    "gradient_descent",
    "one step too few",
    "too few|one step (less|early)|last rows",
    path(lambda g, w, lr, w0, t: w - lr * g(w), rows=-1),
)
say(
    "gradient_descent",
    "the learning rate shrinks",
    "stays the same|shrink|constant",
    path(lambda g, w, lr, w0, t: w - lr / (t + 1) * g(w)),
)
say(
    "gradient_descent",
    "each step has length lr",
    "length|as long as|direction only",
    path(lambda g, w, lr, w0, t: w - lr * g(w) / np.linalg.norm(g(w))),
)


@wrong("gradient_descent", "only the last weights come back", "path|last|every row|all|shape")
def _(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    for _ in range(num_steps):
        w = w - lr * grad_fn(w)
    return w


@wrong("gradient_descent", "w0 is changed in place", "chang|in place|copy")
def _(grad_fn, w0, lr, num_steps):
    w, kept = w0, [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        w -= (lr * grad_fn(w)).astype(w.dtype)
        kept.append(w.copy())
    return np.array(kept)


say(
    "bce_from_probs",
    "the sum instead of the mean",
    "mean|sum|1/n|n times",
    lambda p, y: -np.sum(y * log(p) + (1 - y) * log(1 - p)),
)
say(
    "bce_from_probs",
    "the minus is missing",
    "minus|sign|negative",
    lambda p, y: mean(y * log(p) + (1 - y) * log(1 - p)),
)
say(
    "bce_from_probs",
    "the minus is missing before the second term",
    "minus|sign|bracket",
    lambda p, y: mean(-y * log(p) + (1 - y) * log(1 - p)),
)
say(
    "bce_from_probs",
    "the term of class 0 is missing",
    "class 0|1 [-−] y|second term|y = 0|both",
    lambda p, y: -mean(y * log(p)),
)
say(
    "bce_from_probs",
    "not the natural logarithm",
    "natural|log2|base",
    lambda p, y: -mean(y * np.log2(p) + (1 - y) * np.log2(1 - p)),
)
say(
    "bce_from_probs",
    "not the natural logarithm",
    "natural|log10|base",
    lambda p, y: -mean(y * np.log10(p) + (1 - y) * np.log10(1 - p)),
)
say(
    "bce_from_probs",
    "p and 1 - p are swapped",
    "swap|goes with|other class",
    lambda p, y: -mean(y * log(1 - p) + (1 - y) * log(p)),
)
say(
    "bce_from_probs",
    "something is added inside the logarithm",
    "inside|epsilon|add|eps",
    lambda p, y: -mean(y * log(p + 1e-7) + (1 - y) * log(1 - p + 1e-7)),
)
say(
    "bce_from_probs",
    "no mean: one loss for each example",
    "mean|shape|each example",
    lambda p, y: -(y * log(p) + (1 - y) * log(1 - p)),
)
say(
    "bce_from_probs",
    "halved: the mean of the two terms",
    "half|½|factor|0.5|times",
    lambda p, y: -(mean(y * log(p)) + mean((1 - y) * log(1 - p))) / 2,
)
say(
    "bce_from_probs",
    "each class averaged by itself",
    None,
    lambda p, y: -(mean(log(p[y == 1])) if np.any(y == 1) else 0) - (mean(log(1 - p[y == 0])) if np.any(y == 0) else 0),
)

say(
    "bce_with_logits",
    "log(0) once the sigmoid is 0 or 1",
    "log\\(0\\)|0 or 1|overflow|inf|reaches",
    lambda z, y: -mean(y * log(s(z)) + (1 - y) * log(1 - s(z))),
)
say(
    "bce_with_logits",
    "clipping p caps the loss",
    "clip|cap|stop|cut off",
    lambda z, y: -mean(y * log(clip(s(z), 1e-15, 1 - 1e-15)) + (1 - y) * log(1 - clip(s(z), 1e-15, 1 - 1e-15))),
)
say(
    "bce_with_logits",
    "the sum instead of the mean",
    "mean|sum|1/n|n times",
    lambda z, y: np.sum(np.logaddexp(0, (1 - 2 * y) * z)),
)
say("bce_with_logits", "exp overflows", "overflow|exp", lambda z, y: mean(log(1 + exp((1 - 2 * y) * z))))
say(
    "bce_with_logits",
    "the sign of a is wrong",
    "sign|right side|swap",
    lambda z, y: mean(np.logaddexp(0, (2 * y - 1) * z)),
)
say(
    "bce_with_logits",
    "the max term is missing",
    "max|grow|large|term",
    lambda z, y: mean(log1p(exp(-np.abs((1 - 2 * y) * z)))),
)
say(
    "bce_with_logits",
    "the logits are taken for probabilities",
    "logit|probabilit|sigmoid",
    lambda z, y: -mean(y * log(z) + (1 - y) * log(1 - z)),
)
say(
    "bce_with_logits", "the softplus without the label", "label|class|whatever y", lambda z, y: mean(np.logaddexp(0, z))
)

say("bce_grad", "the mean is missing", "mean|1/n|n times|divid", lambda w, X, y: X.T @ (s(X @ w) - y))
say("bce_grad", "the sign is wrong", "sign|minus|y [-−] p", lambda w, X, y: X.T @ (y - s(X @ w)) / len(y))
say(
    "bce_grad",
    "that is the gradient of MSE: the factors cancel",
    "mse|MSE|cancel|p\\s?\\(1|slope",
    lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * (1 - s(X @ w))) / len(y),
)
say("bce_grad", "the sigmoid is missing", "sigmoid|linear|squash", lambda w, X, y: X.T @ (X @ w - y) / len(y))
say(
    "bce_grad",
    "divided by the number of features",
    "features|examples|len\\(y\\)",
    lambda w, X, y: X.T @ (s(X @ w) - y) / X.shape[1],
)
say("bce_grad", "a column instead of a vector", "shape", lambda w, X, y: X.T @ (s(X @ w) - y)[:, None] / len(y))
say(
    "bce_grad",
    "the naive sigmoid overflows",
    "overflow|warn",
    lambda w, X, y: X.T @ (1 / (1 + exp(-(X @ w))) - y) / len(y),
)
say("bce_grad", "halved", "half|½|1/2|factor|times", lambda w, X, y: X.T @ (s(X @ w) - y) / (2 * len(y)))
say("bce_grad", "the labels are forgotten", "label|whatever y", lambda w, X, y: X.T @ s(X @ w) / len(y))
say("bce_grad", "a penalty on w is added", "multiple of w", lambda w, X, y: X.T @ (s(X @ w) - y) / len(y) + 0.01 * w)


@wrong("bce_grad", "X is changed in place", "chang|in place")
def _(w, X, y):
    errors = s(X @ w) - y
    if X.dtype.kind == "f":
        X *= errors[:, None]
        return X.mean(axis=0)
    return X.T @ errors / len(y)


# --- 03-softmax ---------------------------------------------------------------------------------------------------

say(
    "encode_labels",
    "the two results are swapped",
    "order|swap|first, then|changed places",
    lambda names: np.unique(names, return_inverse=True),
)
say(
    "encode_labels",
    "the codes begin at 1",
    "from 0|at 1|from 1|one too",
    lambda names: (np.unique(names, return_inverse=True)[1] + 1, np.unique(names)),
)
say(
    "encode_labels",
    "the classes are missing",
    "classes|2 values|both|tuple|two",
    lambda names: np.unique(names, return_inverse=True)[1],
)
say(
    "encode_labels",
    "a list instead of an array",
    "list",
    lambda names: ([sorted(set(names)).index(n) for n in names], np.unique(names)),
)


@wrong("encode_labels", "the order of appearance", "appear|sorted|alphabet|order")
def _(names):
    seen = list(dict.fromkeys(names))
    return np.array([seen.index(n) for n in names]), np.array(seen)


def checked(labels, K):
    if np.any(labels < 0) or np.any(labels >= K):
        raise ValueError("label")


@wrong("one_hot", "rows and columns are swapped", "transpos|rows|columns|shape")
def _(labels, K):
    checked(labels, K)
    return np.eye(K)[labels].T


say("one_hot", "bad labels are not refused", "refus|raise|negative|−1|-1|last row", lambda labels, K: np.eye(K)[labels])


@wrong("one_hot", "the slots are counted from 1", "from 0|from 1|one slot|shift|one too|K − 1")
def _(labels, K):
    checked(labels, K)
    Y = np.zeros((len(labels), K))
    Y[np.arange(len(labels)), labels - 1] = 1
    return Y


@wrong("one_hot", "as many slots as labels occur", "largest|occur|K slots|K|max")
def _(labels, K):
    checked(labels, K)
    return np.eye(max(labels, default=0) + 1)[labels]


@wrong("one_hot", "all rows get the ones of all labels", "each row|all rows|arange|columns")
def _(labels, K):
    checked(labels, K)
    Y = np.zeros((len(labels), K))
    Y[:, labels] = 1
    return Y


@wrong("one_hot", "another exception", "ValueError|AssertionError")
def _(labels, K):
    assert np.all(labels >= 0), "negative"
    assert np.all(labels < K), "too large"
    return np.eye(K)[labels]


@wrong("one_hot", "the labels themselves in the slots", "holds 1|not the number")
def _(labels, K):
    checked(labels, K)
    return np.eye(K)[labels] * np.asarray(labels)[:, None]


say("softmax", "exp overflows", "overflow|shift|exp", lambda Z: exp(Z) / exp(Z).sum(axis=1, keepdims=True))
say(
    "softmax",
    "the sum runs over all rows",
    "axis|whole|each row|all rows|row",
    lambda Z: exp(Z - Z.max(initial=0)) / exp(Z - Z.max(initial=0)).sum(),
)
say(
    "softmax",
    "the wrong axis",
    "axis|Columns|column",
    lambda Z: exp(Z - Z.max(axis=0, initial=-1e9)) / exp(Z - Z.max(axis=0, initial=-1e9)).sum(axis=0),
)
say(
    "softmax",
    "one shift for the whole array",
    "whole|largest|each row|own|shift",
    lambda Z: exp(Z - Z.max(initial=-1e9)) / exp(Z - Z.max(initial=-1e9)).sum(axis=1, keepdims=True),
)
say(
    "softmax",
    "keepdims is missing",
    "keepdims|broadcast|shape|raises ValueError",
    lambda Z: exp(Z - Z.max(axis=1)) / exp(Z - Z.max(axis=1)).sum(axis=1),
)
say("softmax", "the logarithm of it", "logarithm", lambda Z: Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))
say("softmax", "a sigmoid for each class", "sigmoid|sum to 1|sum|each class", lambda Z: s(Z))
say("softmax", "the shares of the logits without exp", "exp", lambda Z: Z / Z.sum(axis=1, keepdims=True))
say(
    "softmax",
    "the smallest logit is taken off",
    "min|largest|overflow|shift",
    lambda Z: exp(Z - Z.min(axis=1, keepdims=True)) / exp(Z - Z.min(axis=1, keepdims=True)).sum(axis=1, keepdims=True),
)
say(
    "softmax",
    "the largest class only: hardmax",
    "largest|argmax|0 and 1|one-hot|label",
    lambda Z: np.eye(Z.shape[1])[Z.argmax(axis=1)],
)
say("softmax", "the sign of the logits is wrong", "sign|minus|smallest share", lambda Z: sm(-Z))
say("softmax", "clipping the logits", "clip|cut|large", lambda Z: sm(clip(Z, -20, 20)))
say("softmax", "base 2", "base|exp|2\\*\\*", lambda Z: sm(Z * log(2)))


@wrong("softmax", "Z is changed in place", "chang|in place|Z itself")
def _(Z):
    if Z.dtype.kind != "f":
        return sm(Z)
    Z -= Z.max(axis=1, keepdims=True)
    return exp(Z) / exp(Z).sum(axis=1, keepdims=True)


def picked(Z, labels):
    return Z[np.arange(len(labels)), labels]


def lse(Z):
    return np.logaddexp.reduce(np.asarray(Z, float), axis=1)


say(
    "cross_entropy",
    "the sum instead of the mean",
    "mean|sum|1/n|n times",
    lambda Z, labels: np.sum(lse(Z) - picked(Z, labels)),
)
say(
    "cross_entropy",
    "log(0) of probabilities that are 0",
    "log\\(0\\)|probabilit|inf|large",
    lambda Z, labels: -mean(log(picked(sm(Z), labels))),
)
say("cross_entropy", "the sign is wrong", "sign|minus|negative", lambda Z, labels: mean(picked(Z, labels) - lse(Z)))
say(
    "cross_entropy",
    "n columns instead of a number from each row",
    "Z\\[:, labels\\]|columns|pick|arange",
    lambda Z, labels: mean(lse(Z)[:, None] - Z[:, labels]),
)
say(
    "cross_entropy",
    "a small number inside the logarithm",
    "add|eps|small|inside|cap",
    lambda Z, labels: -mean(log(picked(sm(Z), labels) + 1e-12)),
)
say(
    "cross_entropy",
    "the largest logit is not added back",
    "added back|add ",
    lambda Z, labels: mean(log(exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1)) - picked(Z, labels)),
)
say(
    "cross_entropy",
    "one loss for each example",
    "mean|shape|each example",
    lambda Z, labels: lse(Z) - picked(Z, labels),
)
say(
    "cross_entropy",
    "the mean over classes, too: K times too small",
    "K|classes|factor|times too small",
    lambda Z, labels: mean((lse(Z)[:, None] - Z) * hot(labels, Z.shape[1])),
)
say(
    "cross_entropy",
    "exp overflows",
    "overflow|exp",
    lambda Z, labels: mean(log(exp(Z).sum(axis=1)) - picked(Z, labels)),
)
say(
    "cross_entropy",
    "not the natural logarithm",
    "natural|log2|base|factor|times",
    lambda Z, labels: mean(lse(Z) - picked(Z, labels)) / log(2),
)
say(
    "cross_entropy",
    "the probability itself, without a log",
    "logarithm is missing|without a log",
    lambda Z, labels: -mean(picked(sm(Z), labels)),
)
say(
    "cross_entropy",
    "the largest logit instead of the true one",
    "true|label|largest",
    lambda Z, labels: mean(lse(Z) - Z.max(axis=1)),
)
say("cross_entropy", "the logit is not subtracted", "true class|subtract", lambda Z, labels: mean(lse(Z)))
say(
    "cross_entropy",
    "softmax twice",
    "twice|softmax|probabilit",
    lambda Z, labels: mean(lse(sm(Z)) - picked(sm(Z), labels)),
)

say(
    "softmax_grad",
    "the mean is missing",
    "mean|1/n|n times|divid|sum",
    lambda W, X, labels: X.T @ (sm(X @ W) - hot(labels, W.shape[1])),
)
say(
    "softmax_grad",
    "the sign is wrong",
    "sign|minus|opposite",
    lambda W, X, labels: X.T @ (hot(labels, W.shape[1]) - sm(X @ W)) / len(X),
)
say(
    "softmax_grad",
    "transposed",
    "transpos|shape",
    lambda W, X, labels: ((sm(X @ W) - hot(labels, W.shape[1])).T @ X) / len(X),
)
say(
    "softmax_grad",
    "the number of classes from the labels",
    "classes|K|missing|labels|raises ValueError",
    lambda W, X, labels: X.T @ (sm(X @ W) - hot(labels, labels.max() + 1)) / len(X),
)
say(
    "softmax_grad",
    "divided by K as well",
    "K|classes|factor|times|mean",
    lambda W, X, labels: X.T @ (sm(X @ W) - hot(labels, W.shape[1])) / (len(X) * W.shape[1]),
)
say(
    "softmax_grad", "the labels are forgotten", "one-hot|label|Y|P alone", lambda W, X, labels: X.T @ sm(X @ W) / len(X)
)
say(
    "softmax_grad",
    "a factor P (1 - P) too many",
    "P\\s?\\(1|slope|factor|cancel|MSE",
    lambda W, X, labels: X.T @ ((sm(X @ W) - hot(labels, W.shape[1])) * sm(X @ W) * (1 - sm(X @ W))) / len(X),
)
say(
    "softmax_grad",
    "a sigmoid instead of softmax",
    "sigmoid|by itself",
    lambda W, X, labels: X.T @ (s(X @ W) - hot(labels, W.shape[1])) / len(X),
)
say(
    "softmax_grad",
    "divided by the number of features",
    "features|examples|n |d ",
    lambda W, X, labels: X.T @ (sm(X @ W) - hot(labels, W.shape[1])) / X.shape[1],
)
say(
    "softmax_grad",
    "the logits instead of probabilities",
    "softmax|logit|linear",
    lambda W, X, labels: X.T @ (X @ W - hot(labels, W.shape[1])) / len(X),
)


def fitted(step, more=0):
    def fit(grad_fn, W0, X, labels, lr, num_steps):
        W = np.array(W0, dtype=float)
        for t in range(num_steps + more):
            W = step(grad_fn, W, X, labels, lr, W0, t)
        return W

    return fit


say(
    "fit",
    "uphill: the sign is wrong",
    "sign|uphill|minus|ascent|against",
    fitted(lambda g, W, X, labels, lr, W0, t: W + lr * g(W, X, labels)),
)
say(
    "fit",
    "the gradient is always taken at the start",
    "W0|start|current",
    fitted(lambda g, W, X, labels, lr, W0, t: W - lr * g(W0, X, labels)),
)
say(
    "fit",
    "one step too few",
    "few|num_steps|step",
    fitted(lambda g, W, X, labels, lr, W0, t: W - lr * g(W, X, labels), -1),
)
say(
    "fit",
    "one step too many",
    "many|num_steps|step",
    fitted(lambda g, W, X, labels, lr, W0, t: W - lr * g(W, X, labels), 1),
)
say(
    "fit",
    "the learning rate is forgotten",
    "learning rate|lr",
    fitted(lambda g, W, X, labels, lr, W0, t: W - g(W, X, labels)),
)
say(
    "fit",
    "divided by the number of examples again",
    "mean|n |examples|twice|divid|times",
    fitted(lambda g, W, X, labels, lr, W0, t: W - lr * g(W, X, labels) / len(X)),
)
say(
    "fit",
    "one example after the other",
    "all|whole|one example|each example|rows|batch",
    fitted(lambda g, W, X, labels, lr, W0, t: W - lr * g(W, X[t % len(X) :][:1], labels[t % len(X) :][:1])),
)
say(
    "fit",
    "only one step is made",
    "loop|single|only one step|num_steps = 1",
    lambda grad_fn, W0, X, labels, lr, num_steps: W0 - lr * grad_fn(W0, X, labels),
)


@wrong("fit", "W0 is changed in place", "chang|in place|W0|copy")
def _(grad_fn, W0, X, labels, lr, num_steps):
    for _ in range(num_steps):
        W0 -= lr * grad_fn(W0, X, labels)
    return W0


say(
    "accuracy",
    "the count instead of the share",
    "share|count|mean|n times|divid",
    lambda W, X, labels: float(np.sum((X @ W).argmax(axis=1) == labels)),
)
say(
    "accuracy",
    "the wrong axis",
    "axis|shape|raises ValueError",
    lambda W, X, labels: mean((X @ W).argmax(axis=0) == labels),
)
say("accuracy", "in percent", "percent|100|share", lambda W, X, labels: 100 * mean((X @ W).argmax(axis=1) == labels))
say(
    "accuracy",
    "only probabilities above one half count",
    "0.5|half|threshold|largest",
    lambda W, X, labels: mean(picked(sm(X @ W), labels) > 0.5),
)
say(
    "accuracy",
    "the share of errors",
    "error|wrong|1 [-−]|opposite|right",
    lambda W, X, labels: mean((X @ W).argmax(axis=1) != labels),
)
say(
    "accuracy",
    "the least probable class",
    "argmin|smallest|least",
    lambda W, X, labels: mean((X @ W).argmin(axis=1) == labels),
)
say(
    "accuracy",
    "the mean probability of the true class",
    "probabilit|argmax|largest",
    lambda W, X, labels: mean(picked(sm(X @ W), labels)),
)

say("shift_to_zero", "the sign is wrong", "sign|minus|doubles", lambda W: W[:, 0].copy())
say("shift_to_zero", "a row instead of a column", "row|column|shape", lambda W: -W[0])
say("shift_to_zero", "the shifted weights instead of the shift", "shape|shift|c |itself", lambda W: W - W[:, :1])
say("shift_to_zero", "a column of shape (d, 1)", "shape", lambda W: -W[:, :1])
say("shift_to_zero", "the last class instead of class 0", "last|class 0|first", lambda W: -W[:, -1])
say("shift_to_zero", "the mean of the columns", "mean|column 0|class 0|first", lambda W: -W.mean(axis=1))


def prepared(scale=255, dtype=np.float32, order="C", last=1, front=False):
    def prepare(images):
        rows = np.array([image.flatten(order) for image in images]).reshape(len(images), 784) / scale
        ones = np.full((len(images), 1), last)
        return np.hstack([ones, rows] if front else [rows, ones]).astype(dtype)

    return prepare


say("prepare", "not divided by 255", "255|divid|scale", prepared(scale=1))
say("prepare", "float64", "float32|double", prepared(dtype=np.float64))
say("prepare", "the ones come first", "last|end|first|front|column", prepared(front=True))
say("prepare", "pixels column by column", "order|transpos|reading|column", prepared(order="F"))
say("prepare", "divided by 256", "256|255", prepared(scale=256))
say("prepare", "zeros instead of ones", "one|constant|1", prepared(last=0))
say(
    "prepare",
    "the column of ones is missing",
    "one|constant|shape|785",
    lambda images: (images.reshape(len(images), 784) / 255).astype(np.float32),
)
say("prepare", "the ones are divided, too", "one|constant|1|divid|255", prepared(last=1 / 255))


def counted(C, labels, predicted):
    np.add.at(C, (labels, predicted), 1)
    return C


say(
    "confusion_matrix",
    "rows and columns are swapped",
    "transpos|Rows|changed places",
    lambda labels, predicted, K: counted(np.zeros((K, K), int), predicted, labels),
)
say(
    "confusion_matrix",
    "shares instead of counts",
    "count|share|integer|float",
    lambda labels, predicted, K: counted(np.zeros((K, K)), labels, predicted) / max(len(labels), 1),
)
say(
    "confusion_matrix",
    "as many rows as classes occur",
    "K|occur|largest|shape",
    lambda labels, predicted, K: counted(np.zeros((max([*labels, *predicted, 0]) + 1,) * 2, int), labels, predicted),
)
say(
    "confusion_matrix",
    "floats",
    "float|whole",
    lambda labels, predicted, K: counted(np.zeros((K, K)), labels, predicted),
)
say(
    "confusion_matrix",
    "only the errors",
    "error|diagonal|right",
    lambda labels, predicted, K: counted(np.zeros((K, K), int), labels, predicted) * (1 - np.eye(K, dtype=int)),
)


@wrong("confusion_matrix", "a pair that occurs twice is counted once", "once|repeat|twice|several|more than|same entry")
def _(labels, predicted, K):
    C = np.zeros((K, K), int)
    C[labels, predicted] += 1
    return C


def errors(P, labels):
    return np.flatnonzero(P.argmax(axis=1) != labels)


say(
    "most_confident_errors",
    "the least confident first",
    "least|order|ascending|small|largest first",
    lambda P, labels, m: errors(P, labels)[np.argsort(P[errors(P, labels)].max(axis=1))][:m],
)
say(
    "most_confident_errors",
    "places among the errors, not in P",
    "place|selection|among|rows of P|index",
    lambda P, labels, m: np.argsort(-P[errors(P, labels)].max(axis=1))[:m],
)
say(
    "most_confident_errors",
    "right predictions as well",
    "right|error|wrong",
    lambda P, labels, m: np.argsort(-P.max(axis=1))[:m],
)
say(
    "most_confident_errors",
    "by the probability of the true class",
    "true class|own answer|largest|predict",
    lambda P, labels, m: errors(P, labels)[np.argsort(picked(P, labels)[errors(P, labels)])][:m],
)
say(
    "most_confident_errors",
    "the right predictions",
    "right|error|wrong",
    lambda P, labels, m: np.flatnonzero(P.argmax(1) == labels)[np.argsort(-P[P.argmax(1) == labels].max(axis=1))][:m],
)
say("most_confident_errors", "not sorted", "sort|order|surest|first", lambda P, labels, m: errors(P, labels)[:m])
say(
    "most_confident_errors",
    "the surest last",
    "order|first|ascending|revers",
    lambda P, labels, m: errors(P, labels)[np.argsort(-P[errors(P, labels)].max(axis=1))][:m][::-1],
)
say(
    "most_confident_errors",
    "probabilities instead of places",
    "place|probabilit|float|integer",
    lambda P, labels, m: np.sort(P[errors(P, labels)].max(axis=1))[::-1][:m],
)

# --- 05-momentum --------------------------------------------------------------------------------------------------

say("quadratic_grad", "the 1/2 is forgotten", "½|1/2|twice|2 times|factor", lambda H, w: 2 * H @ w)
say("quadratic_grad", "the 1/2 is still there", "½|1/2|half|factor|0.5", lambda H, w: 0.5 * H @ w)
say("quadratic_grad", "only the diagonal of H", "diagonal|off|turned", lambda H, w: np.diag(H) * w)
say("quadratic_grad", "the value instead of the gradient", "value|shape|number", lambda H, w: 0.5 * w @ H @ w)
say("quadratic_grad", "element by element", "element|shape|@|product", lambda H, w: H * w)
say("quadratic_grad", "the sign is wrong", "sign|minus|downhill", lambda H, w: -H @ w)
say(
    "quadratic_grad",
    "the inverse: the way to the minimum",
    "inverse|divides by H|Newton",
    lambda H, w: np.linalg.solve(H, w),
)

say(
    "condition_number",
    "the diagonal instead of the eigenvalues",
    "diagonal|eigenvalue",
    lambda H: np.diag(H).max() / np.diag(H).min(),
)
say(
    "condition_number",
    "upside down",
    "upside|below 1|larger one",
    lambda H: np.linalg.eigvalsh(H)[0] / np.linalg.eigvalsh(H)[-1],
)
say("condition_number", "a root", "root|square", lambda H: np.sqrt(np.linalg.cond(H)))
say("condition_number", "the square", "quared|root", lambda H: np.linalg.cond(H @ H))
say(
    "condition_number",
    "the difference instead of the ratio",
    "differ|ratio|over|divid",
    lambda H: np.ptp(np.linalg.eigvalsh(H)),
)
say(
    "condition_number",
    "eigvals in no order",
    "order|sort|eigvals",
    lambda H: np.linalg.eigvals(H)[0] / np.linalg.eigvals(H)[-1],
)
say("condition_number", "the largest eigenvalue alone", "alone|smallest|ratio", lambda H: np.linalg.eigvalsh(H)[-1])
say("condition_number", "largest over smallest entry", "entr|eigenvalue", lambda H: H.max() / H.min())


def scaled(mu, sigma):
    def standardize(A, B):
        A, B = np.array(A, float), np.array(B, float)
        m, d = mu(A, B), sigma(A, B)
        return (A - m) / np.where(d == 0, 1, d), (B - m) / np.where(d == 0, 1, d)

    return standardize


def own(A, B):
    one = scaled(lambda A, B: A.mean(0), lambda A, B: A.std(0))
    return one(A, A)[0], one(B, B)[0]


def over_all(A):
    return np.ptp(A, axis=0)


say("standardize", "the test data by its own statistics", "own|test|train", own)
say(
    "standardize",
    "one mean and deviation for all columns",
    "column|axis|each feature|whole",
    scaled(lambda A, B: A.mean(), lambda A, B: A.std()),
)
say(
    "standardize",
    "divided by n - 1",
    "n [-−] 1|ddof|divide by n",
    scaled(lambda A, B: A.mean(0), lambda A, B: A.std(0, ddof=1) if len(A) > 1 else A.std(0)),
)
say(
    "standardize",
    "a constant column is divided by 0",
    "constant|zero|0|nan",
    lambda A, B: ((A - A.mean(0)) / A.std(0), (B - A.mean(0)) / A.std(0)),
)
say(
    "standardize",
    "a small number is added to the deviation",
    "add|small|eps|divided by",
    lambda A, B: ((A - A.mean(0)) / (A.std(0) + 1e-3), (B - A.mean(0)) / (A.std(0) + 1e-3)),
)
say(
    "standardize",
    "divided by the variance",
    "variance|root|std|standard deviation",
    scaled(lambda A, B: A.mean(0), lambda A, B: A.var(0)),
)
say(
    "standardize", "scaled to 0 to 1", "range|min|0 (to|and) 1", scaled(lambda A, B: A.min(0), lambda A, B: over_all(A))
)
say("standardize", "not shifted", "mean|shift|centre", scaled(lambda A, B: 0, lambda A, B: A.std(0)))
say(
    "standardize",
    "not scaled",
    "scale|standard deviation|divid",
    scaled(lambda A, B: A.mean(0), lambda A, B: np.float64(1)),
)
say(
    "standardize",
    "the statistics of both sets together",
    "both|together|test|train",
    scaled(lambda A, B: np.vstack([A, B]).mean(0), lambda A, B: np.vstack([A, B]).std(0)),
)
say(
    "standardize",
    "each row instead of each column",
    "row|column|axis|example",
    lambda A, B: tuple(
        (M - M.mean(1, keepdims=True)) / np.where(M.std(1, keepdims=True) == 0, 1, M.std(1, keepdims=True))
        for M in (A, B)
    ),
)
say(
    "standardize",
    "the median instead of the mean",
    "mean|centre|shift|subtracted",
    scaled(lambda A, B: np.median(A, 0), lambda A, B: A.std(0)),
)

say(
    "momentum_step",
    "the old V moves the weights",
    "old|new V|V_new",
    lambda W, V, grad, lr, alpha: (W - V, lr * grad + alpha * V),
)
say(
    "momentum_step",
    "uphill: the sign of the step",
    "sign|plus|minus|uphill|W_new|against",
    lambda W, V, grad, lr, alpha: (W + (lr * grad + alpha * V), lr * grad + alpha * V),
)
say(
    "momentum_step",
    "a weighted mean: (1 - alpha) before the gradient",
    "1 [-−] (alpha|α)|average|weight",
    lambda W, V, grad, lr, alpha: (W - lr * (1 - alpha) * grad - alpha * V, lr * (1 - alpha) * grad + alpha * V),
)
say(
    "momentum_step",
    "PyTorch's form: lr outside",
    "PyTorch|outside|lr",
    lambda W, V, grad, lr, alpha: (W - lr * (grad + alpha * V), grad + alpha * V),
)
say(
    "momentum_step",
    "lr multiplies the old V as well",
    "old V|lr|learning rate",
    lambda W, V, grad, lr, alpha: (W - lr * (grad + alpha * V), lr * (grad + alpha * V)),
)
say(
    "momentum_step",
    "alpha and lr are swapped",
    "swap|exchang|alpha|α",
    lambda W, V, grad, lr, alpha: (W - alpha * grad - lr * V, alpha * grad + lr * V),
)
say(
    "momentum_step",
    "the results are swapped",
    "swap|order|first, then|changed places",
    lambda W, V, grad, lr, alpha: (lr * grad + alpha * V, W - lr * grad - alpha * V),
)
say(
    "momentum_step",
    "V with the other sign",
    "sign|minus|V",
    lambda W, V, grad, lr, alpha: (W - lr * grad + alpha * V, alpha * V - lr * grad),
)
say(
    "momentum_step",
    "V is a velocity: W + V with V = alpha V - lr grad",
    "sign|minus|V",
    lambda W, V, grad, lr, alpha: (W + (alpha * V - lr * grad), alpha * V - lr * grad),
)
say(
    "momentum_step",
    "alpha is not used",
    "alpha|α|kept whole",
    lambda W, V, grad, lr, alpha: (W - lr * grad - V, lr * grad + V),
)
say(
    "momentum_step",
    "the momentum is forgotten",
    "momentum|V|SGD",
    lambda W, V, grad, lr, alpha: (W - lr * grad, lr * grad),
)


@wrong("momentum_step", "V is changed in place", "chang|in place|given")
def _(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    return W - V, V


def sgd(
    *,
    refuse=True,
    damp_first=False,
    flip_late=False,
    decoupled=False,
    nesterov_on=True,
    keep=False,
    lr_in=False,
    decay=1,
):
    """torch.optim.SGD with one thing wrong."""

    def torch_sgd_step(
        theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
    ):
        bad = min(lr, momentum, weight_decay) < 0 or (nesterov and (momentum <= 0 or dampening != 0))
        if refuse and bad:
            raise ValueError("options")
        g = np.array(grad) if flip_late or not maximize else -np.array(grad)
        if decoupled:
            theta = theta * (1 - lr * weight_decay)
        else:
            g = g + decay * weight_decay * theta
        if momentum != 0:
            if buf is None:
                buf = (1 - dampening) * g if damp_first else g.copy()
            else:
                buf = momentum * buf + (1 - dampening) * (lr * g if lr_in else g)
            g = g + momentum * buf if nesterov and nesterov_on else buf
        elif keep:
            buf = g.copy()
        return (theta + lr * g if flip_late and maximize else theta - lr * g), buf

    return torch_sgd_step


say("torch_sgd_step", "bad options are not refused", "refus|raise|ValueError", sgd(refuse=False))
say("torch_sgd_step", "the first gradient is dampened, too", "first|dampen", sgd(damp_first=True))
say(
    "torch_sgd_step",
    "maximize changes the sign of the step, not of the gradient",
    "maximi[sz]e|decay|sign",
    sgd(flip_late=True),
)
say("torch_sgd_step", "weight decay outside of the gradient", "decay|λ|decoupled", sgd(decoupled=True))
say("torch_sgd_step", "nesterov does nothing", "nesterov", sgd(nesterov_on=False))
say("torch_sgd_step", "a buffer without momentum", "buf|momentum", sgd(keep=True))
say("torch_sgd_step", "lr inside the buffer", "lr|buffer|inside", sgd(lr_in=True))
say("torch_sgd_step", "the sign of weight decay", "decay|sign|λ", sgd(decay=-1))
say("torch_sgd_step", "weight decay is forgotten", "decay|λ", sgd(decay=0))
say("torch_sgd_step", "weight decay doubled", "decay|λ|twice|½|2", sgd(decay=2))
