"""Wrong and right answers to all function exercises, written from the notebooks alone, before the exercises were read.

No rule, mistake or variant had been looked at. Each answer has one line that explains why it is wrong, or what makes
it unusual although it is right.
"""

import functools
import itertools
import math
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Examined(NamedTuple):
    """An answer that was written for an examination of the judge.

    Attributes
    ----------
    exercise : str
    why : str
        Why the answer is wrong, or how it is right.
    answer : callable
    is_right : bool
    """

    exercise: str
    why: str
    answer: Callable[..., Any]
    is_right: bool


ANSWERS: list[Examined] = []


def wrong(exercise: str, why: str) -> Callable[..., Any]:
    return functools.partial(_add, exercise, why, is_right=False)


def right(exercise: str, why: str) -> Callable[..., Any]:
    return functools.partial(_add, exercise, why, is_right=True)


def _add(exercise: str, why: str, answer: Callable[..., Any], is_right: bool) -> Callable[..., Any]:
    ANSWERS.append(Examined(exercise, why, answer, is_right))
    return answer


def s(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


def sm(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def ce_each(Z, labels):
    Z = np.asarray(Z, dtype=float)
    return np.logaddexp.reduce(Z, axis=1) - Z[np.arange(len(Z)), labels]


# --- 01-sigmoid: sigmoid


wrong("sigmoid", "both branches of np.where overflow")(
    lambda z: np.where(
        np.asarray(z) >= 0, 1 / (1 + np.exp(-np.asarray(z, float))), 1 - 1 / (1 + np.exp(np.asarray(z, float)))
    )
)
wrong("sigmoid", "clips z at ±20: off by 2e-9")(lambda z: 1 / (1 + np.exp(-np.clip(z, -20.0, 20.0))))
wrong("sigmoid", "hard 0 and 1 beyond ±15")(
    lambda z: np.where(np.asarray(z) > 15, 1.0, np.where(np.asarray(z) < -15, 0.0, s(np.clip(z, -15, 15))))
)
wrong("sigmoid", "a fudge of 1e-10 in the denominator")(lambda z: 1 / (1 + np.exp(-np.clip(z, -700.0, 700.0)) + 1e-10))
wrong("sigmoid", "one branch for the whole array, by its mean")(
    lambda z: 1 / (1 + np.exp(-np.asarray(z, float))) if np.mean(z) >= 0 else np.exp(z) / (1 + np.exp(z))
)
wrong("sigmoid", "rounds to 9 digits")(lambda z: np.round(s(z), 9))
wrong("sigmoid", "computes in float32")(lambda z: s(z).astype(np.float32).astype(float))
wrong("sigmoid", "a 0-d input becomes an array of one")(lambda z: s(np.atleast_1d(z)))
wrong("sigmoid", "flattens matrices")(lambda z: s(np.ravel(z)) if np.ndim(z) > 1 else s(z))


@wrong("sigmoid", "fills an array of the dtype of z, integers too")
def _(z):
    z = np.asarray(z)
    p = np.zeros_like(z)
    p[...] = s(z)
    return p


@wrong("sigmoid", "negates z in place")
def _(z):
    z = np.asarray(z, dtype=float)
    np.negative(z, out=z)
    return np.exp(-np.logaddexp(0, z))


@wrong("sigmoid", "switches overflow warnings off for good")
def _(z):
    np.seterr(over="ignore")
    return 1 / (1 + np.exp(-np.asarray(z, float)))


@wrong("sigmoid", "np.vectorize without otypes fails on an empty array")
def _(z):
    return np.vectorize(lambda t: 1 / (1 + math.exp(-t)) if t >= 0 else math.exp(t) / (1 + math.exp(t)))(z)


_seen_by_id: dict[Any, Any] = {}


@wrong("sigmoid", "caches by the identity of the array")
def _(z):
    if id(z) not in _seen_by_id:
        _seen_by_id[id(z)] = z, s(z)  # z is kept, so that no other object gets its identity
    return _seen_by_id[id(z)][1]


@wrong("sigmoid", "loops over a vector only")
def _(z):
    return np.array([s(t) for t in z])


right("sigmoid", "tanh of half of z")(lambda z: 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float))))
right("sigmoid", "clips z at ±500")(lambda z: 1 / (1 + np.exp(-np.clip(z, -500.0, 500.0))))


@right("sigmoid", "warnings ignored locally")
def _(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


@right("sigmoid", "a loop over the flat array")
def _(z):
    z = np.asarray(z, dtype=float)
    p = np.empty(z.shape)
    for i in np.ndindex(z.shape):
        e = math.exp(-abs(z[i]))
        p[i] = 1 / (1 + e) if z[i] >= 0 else e / (1 + e)
    return p


@right("sigmoid", "masks")
def _(z):
    z = np.asarray(z)
    p, up = np.empty(z.shape), z >= 0
    p[up] = 1 / (1 + np.exp(-z[up].astype(float)))
    e = np.exp(z[~up].astype(float))
    p[~up] = e / (1 + e)
    return p


# --- sigmoid_prime

wrong("sigmoid_prime", "takes z for the probability")(lambda z: z * (1 - z))
wrong("sigmoid_prime", "a central difference")(lambda z: (s(z + 1e-6) - s(z - 1e-6)) / 2e-6)
wrong("sigmoid_prime", "nan from inf / inf")(lambda z: np.exp(-z * 1.0) / (1 + np.exp(-z * 1.0)) ** 2)
wrong("sigmoid_prime", "1 - p² instead of p(1 - p)")(lambda z: 1 - s(z) ** 2)
wrong("sigmoid_prime", "clips at ±25 keep a slope at 1000")(lambda z: s(np.clip(z, -15, 15)) * s(-np.clip(z, -15, 15)))
wrong("sigmoid_prime", "zero beyond 20")(lambda z: np.where(np.abs(z) > 20, 0.0, s(z) * s(-z)))
wrong("sigmoid_prime", "adds 1e-12")(lambda z: s(z) * s(-z) + 1e-12)
wrong("sigmoid_prime", "rounded to 8 digits")(lambda z: np.round(s(z) * s(-z), 8))
wrong("sigmoid_prime", "np.gradient over the positions")(
    lambda z: np.gradient(s(z).ravel()).reshape(np.shape(z)) if np.size(z) > 1 else s(z) * s(-z)
)
wrong("sigmoid_prime", "scaled to a top of 1")(lambda z: 4 * s(z) * s(-z))
wrong("sigmoid_prime", "nan replaced by zero hides inf / inf but not the wrong middle")(
    lambda z: np.nan_to_num(np.exp(-z * 1.0) / (1 + np.exp(-z * 1.0)))
)
right("sigmoid_prime", "p - p²")(lambda z: s(z) - s(z) ** 2)
right("sigmoid_prime", "by symmetry")(lambda z: s(z) * s(-z))
right("sigmoid_prime", "1 / (2 + 2 cosh z) without overflow")(
    lambda z: 1 / (2 + 2 * np.cosh(np.clip(z, -700.0, 700.0)))
)
right("sigmoid_prime", "a comprehension over the flat array")(
    lambda z: np.array([float(s(t) * (1 - s(t))) for t in np.ravel(z)]).reshape(np.shape(z))
)
right("sigmoid_prime", "with exp(-|z|)")(lambda z: np.exp(-np.abs(z * 1.0)) / (1 + np.exp(-np.abs(z * 1.0))) ** 2)

# --- predict_proba

wrong("predict_proba", "adds a column of ones if there is none")(
    lambda X, w: s(X @ w) if (X[:, -1] == 1).all() else s(X @ w + 1)
)
wrong("predict_proba", "w @ X: only for square X")(lambda X, w: s(w @ X.T) if X.shape[0] != X.shape[1] else s(w @ X))
wrong("predict_proba", "a column (n, 1)")(lambda X, w: s(X @ w[:, None]))
wrong("predict_proba", "normalises the rows")(lambda X, w: s(X @ w) / np.sum(s(X @ w)))
wrong("predict_proba", "squeezes: one row gives a number")(lambda X, w: np.squeeze(s(X @ w)))
wrong("predict_proba", "sigmoid without care for large logits")(lambda X, w: np.exp(X @ w) / (1 + np.exp(X @ w)))
wrong("predict_proba", "probability of class 0")(lambda X, w: s(-(X @ w)))
wrong("predict_proba", "sigmoid before the sum")(lambda X, w: s(X) @ w)
wrong("predict_proba", "np.vectorize without otypes fails without rows")(
    lambda X, w: np.vectorize(lambda t: float(s(t)))(X @ w)
)
wrong("predict_proba", "divides by the length of w")(lambda X, w: s(X @ w / np.linalg.norm(w)))
wrong("predict_proba", "labels")(lambda X, w: (X @ w >= 0).astype(float))
right("predict_proba", "elementwise product and sum")(lambda X, w: s((X * w).sum(axis=1)))
right("predict_proba", "einsum")(lambda X, w: s(np.einsum("ij,j->i", X, w)))
right("predict_proba", "a loop over rows")(lambda X, w: np.array([s(x @ w) for x in X], dtype=float).reshape(len(X)))
right("predict_proba", "np.dot and tanh")(lambda X, w: 0.5 + 0.5 * np.tanh(np.dot(X, w) / 2))

# --- predict_label

wrong("predict_label", "strictly above")(lambda p, threshold=0.5: (p > threshold).astype(int))
wrong("predict_label", "a tolerance: isclose counts as equal")(
    lambda p, threshold=0.5: ((p > threshold) | np.isclose(p, threshold)).astype(int)
)
wrong("predict_label", "np.round for the default threshold")(
    lambda p, threshold=0.5: np.round(p).astype(int) if threshold == 0.5 else (p >= threshold).astype(int)
)
wrong("predict_label", "shifts and rounds")(lambda p, threshold=0.5: np.floor(p - threshold + 1).astype(int))
wrong("predict_label", "booleans")(lambda p, threshold=0.5: p >= threshold)
wrong("predict_label", "floats")(lambda p, threshold=0.5: np.where(p >= threshold, 1.0, 0.0))
wrong("predict_label", "a list")(lambda p, threshold=0.5: [int(t >= threshold) for t in p])
wrong("predict_label", "ignores the threshold")(lambda p, threshold=0.5: (p >= 0.5).astype(int))
wrong("predict_label", "compares in single precision")(
    lambda p, threshold=0.5: (p.astype(np.float32) >= np.float32(threshold)).astype(int)
)


@wrong("predict_label", "writes the labels into p")
def _(p, threshold=0.5):
    p[p >= threshold] = 1
    p[p < threshold] = 0
    return p.astype(int)


wrong("predict_label", "int(p / threshold) is 2 or more for small thresholds")(
    lambda p, threshold=0.5: (p / threshold).astype(int)
)
right("predict_label", "np.where")(lambda p, threshold=0.5: np.where(p >= threshold, 1, 0))
right("predict_label", "not below")(lambda p, threshold=0.5: 1 - (p < threshold).astype(int))
right("predict_label", "unsigned bytes")(lambda p, threshold=0.5: (p >= threshold).astype(np.uint8))
right("predict_label", "a comprehension")(
    lambda p, threshold=0.5: np.array([1 if t >= threshold else 0 for t in p], dtype=int)
)
right("predict_label", "booleans times one")(lambda p, threshold=0.5: (p >= threshold) * 1)

# --- 02-bce: mse_grad

wrong("mse_grad", "sum, not mean")(lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))))
wrong("mse_grad", "divides by d")(lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / X.shape[1])
wrong("mse_grad", "the 2 of the square without the ½")(
    lambda w, X, y: 2 * X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / len(y)
)
wrong("mse_grad", "the gradient of BCE")(lambda w, X, y: X.T @ (s(X @ w) - y) / len(y))
wrong("mse_grad", "clips p to keep the slope alive")(
    lambda w, X, y: X.T @ ((s(X @ w) - y) * np.maximum(s(X @ w) * s(-(X @ w)), 1e-8)) / len(y)
)
wrong("mse_grad", "numerical gradient with a coarse step")(
    lambda w, X, y: np.array(
        [
            (0.5 * np.mean((s(X @ (w + 1e-4 * e)) - y) ** 2) - 0.5 * np.mean((s(X @ w) - y) ** 2)) / 1e-4
            for e in np.eye(len(w))
        ]
    )
)
wrong("mse_grad", "p ignores overflow: nan")(
    lambda w, X, y: X.T @ ((np.exp(X @ w) / (1 + np.exp(X @ w)) - y) * s(X @ w) * s(-(X @ w))) / len(y)
)
wrong("mse_grad", "unscales for a single example")(
    lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / max(len(y) - 1, 1)
)


@wrong("mse_grad", "subtracts y in the caller's memory")
def _(w, X, y):
    p = s(X @ w)
    y = np.asarray(y)
    y -= y.dtype.type(0)
    y[...] = 1 - y
    return X.T @ ((p - 1 + y) * p * (1 - p)) / len(y)


wrong("mse_grad", "absolute error")(lambda w, X, y: X.T @ (np.sign(s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / len(y))
right("mse_grad", "a loop over the examples")(
    lambda w, X, y: sum(x * (s(x @ w) - t) * s(x @ w) * s(-(x @ w)) for x, t in zip(X, y, strict=True)) / len(y)
)
right("mse_grad", "mean of rows")(
    lambda w, X, y: (X * ((s(X @ w) - y) * s(X @ w) * (1 - s(X @ w)))[:, None]).mean(axis=0)
)
right("mse_grad", "einsum")(
    lambda w, X, y: np.einsum("i,ij->j", (s(X @ w) - y) * s(X @ w) * s(-(X @ w)), X) / X.shape[0]
)
right("mse_grad", "np.average of rows times factors")(
    lambda w, X, y: (
        np.average(X * (s(X @ w) - y)[:, None], axis=0, weights=None) * 0
        + X.T @ ((s(X @ w) - y) * (s(X @ w) - s(X @ w) ** 2)) / len(X)
    )
)

# --- gradient_descent


@wrong("gradient_descent", "scales the returned gradient in place")
def _(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w.copy()]
    for _ in range(num_steps):
        g = grad_fn(w)
        g *= lr
        w = w - g
        path.append(w.copy())
    return np.array(path)


@wrong("gradient_descent", "negates the returned gradient in place")
def _(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        g = grad_fn(path[t])
        g *= -lr
        path[t + 1] = path[t] + g
    return path


@wrong("gradient_descent", "stops early when the step is small")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        step = lr * grad_fn(path[-1])
        path.append(path[-1] if np.linalg.norm(step) < 1e-6 else path[-1] - step)
    return np.array(path)


@wrong("gradient_descent", "aliases: all rows are the last")
def _(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w)
    return np.array(path)


@wrong("gradient_descent", "integer start stays integer")
def _(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)), dtype=np.asarray(w0).dtype)
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path


@wrong("gradient_descent", "gradient at the start only")
def _(grad_fn, w0, lr, num_steps):
    g = grad_fn(np.asarray(w0, float))
    return np.array([np.asarray(w0, float) - t * lr * g for t in range(num_steps + 1)])


@wrong("gradient_descent", "clips the gradient to length 10")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        g = grad_fn(path[-1])
        path.append(path[-1] - lr * g * min(1, 10 / (np.linalg.norm(g) + 1e-300)))
    return np.array(path)


@wrong("gradient_descent", "learning rate decays")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for t in range(num_steps):
        path.append(path[-1] - lr / (1 + 1e-3 * t) * grad_fn(path[-1]))
    return np.array(path)


@wrong("gradient_descent", "changes w0 in place and keeps copies")
def _(grad_fn, w0, lr, num_steps):
    path = [w0.astype(float)]
    for _ in range(num_steps):
        w0[...] = w0 - lr * grad_fn(w0)
        path.append(w0.astype(float))
    return np.array(path)


@wrong("gradient_descent", "returns a list of arrays")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        path.append(path[-1] - lr * grad_fn(path[-1]))
    return path


@wrong("gradient_descent", "squeezes the path")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        path.append(path[-1] - lr * grad_fn(path[-1]))
    return np.squeeze(np.array(path))


@right("gradient_descent", "in place on its own copy, with copies in the record")
def _(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w.copy()]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w.copy())
    return np.stack(path)


@right("gradient_descent", "a table")
def _(grad_fn, w0, lr, num_steps):
    path = np.empty((num_steps + 1, np.size(w0)))
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path


@right("gradient_descent", "itertools.accumulate")
def _(grad_fn, w0, lr, num_steps):
    start = np.array(w0, dtype=float)
    return np.array(list(itertools.accumulate(range(num_steps), lambda w, _: w - lr * grad_fn(w), initial=start)))


@right("gradient_descent", "vstack row by row")
def _(grad_fn, w0, lr, num_steps):
    path = np.array(w0, dtype=float)[None]
    for _ in range(num_steps):
        path = np.vstack([path, path[-1] - lr * np.asarray(grad_fn(path[-1]))])
    return path


# --- bce_from_probs

wrong("bce_from_probs", "1e-8 inside of the logarithms")(
    lambda p, y: -np.mean(y * np.log(p + 1e-8) + (1 - y) * np.log(1 - p + 1e-8))
)
wrong("bce_from_probs", "clips p at 1e-3")(
    lambda p, y: -np.mean(y * np.log(np.clip(p, 1e-3, 1 - 1e-3)) + (1 - y) * np.log(1 - np.clip(p, 1e-3, 1 - 1e-3)))
)
wrong("bce_from_probs", "sum")(lambda p, y: -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)))
wrong("bce_from_probs", "only the first term")(lambda p, y: -np.mean(y * np.log(p)))
wrong("bce_from_probs", "mean of the probability of what happened, then the log")(
    lambda p, y: -np.log(np.mean(np.where(y == 1, p, 1 - p)))
)
wrong("bce_from_probs", "per class means added")(
    lambda p, y: -(np.log(p[y == 1]).mean() + np.log(1 - p[y == 0]).mean())
)
wrong("bce_from_probs", "averages the classes alike (balanced)")(
    lambda p, y: (
        -np.mean(
            [
                np.log(p[y == 1]).mean() if (y == 1).any() else 0.0,
                np.log(1 - p[y == 0]).mean() if (y == 0).any() else 0.0,
            ]
        )
    )
)
wrong("bce_from_probs", "one array per example")(lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)))
wrong("bce_from_probs", "base 10")(lambda p, y: -np.mean(y * np.log10(p) + (1 - y) * np.log10(1 - p)))
wrong("bce_from_probs", "minus before the first term only")(
    lambda p, y: np.mean(-y * np.log(p) + (1 - y) * np.log(1 - p))
)
wrong("bce_from_probs", "rounds p to labels at 0.5 first")(lambda p, y: np.mean(np.abs((p >= 0.5) - y)) * 1.0)
right("bce_from_probs", "np.where")(lambda p, y: -np.mean(np.log(np.where(y == 1, p, 1 - p))))
right("bce_from_probs", "log1p")(lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
right("bce_from_probs", "a generator and math.log")(
    lambda p, y: sum(-math.log(a) if b else -math.log(1 - a) for a, b in zip(p, y, strict=True)) / len(p)
)
right("bce_from_probs", "by products")(lambda p, y: -(y @ np.log(p) + (1 - y) @ np.log(1 - p)) / len(y))
right("bce_from_probs", "the odds")(lambda p, y: np.mean(-np.log(1 - p) - y * (np.log(p) - np.log(1 - p))))

# --- bce_with_logits


@wrong("bce_with_logits", "one branch for the whole array by the largest logit")
def _(z, y):
    a = (1 - 2 * y) * z
    return np.mean(a + np.log1p(np.exp(-a))) if (a > 0).all() else np.mean(np.log1p(np.exp(a)))


@wrong("bce_with_logits", "from probabilities, clipped at 1e-300")
def _(z, y):
    p = np.clip(s(z), 1e-300, 1 - 1e-16)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@wrong("bce_with_logits", "switches to a beyond 10")
def _(z, y):
    a = (1 - 2 * y) * z
    return np.mean(np.where(a > 10, a, np.log1p(np.exp(np.minimum(a, 10)))))


@wrong("bce_with_logits", "0 below -20 and a above 20, relative error aside, but capped at 500")
def _(z, y):
    return np.mean(np.logaddexp(0, np.clip((1 - 2 * y) * z, -500, 500)))


@wrong("bce_with_logits", "shifts by the maximum of the batch")
def _(z, y):
    a = (1 - 2 * y) * z
    m = np.maximum(a.max(), 0)
    return np.mean(m + np.log(np.exp(-m) + np.exp(a - m)))


@wrong("bce_with_logits", "loss is one number for a column and a row broadcast")
def _(z, y):
    return np.mean(np.logaddexp(0, (1 - 2 * y[:, None]) * z))


@wrong("bce_with_logits", "1e-12 added to the logarithm")
def _(z, y):
    p = s(z)
    return -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))


@wrong("bce_with_logits", "nan_to_num of the slide's formula")
def _(z, y):
    with np.errstate(all="ignore"):
        p = s(z)
        return float(np.mean(np.nan_to_num(-(y * np.log(p) + (1 - y) * np.log(1 - p)), posinf=1000.0)))


@wrong("bce_with_logits", "computes a in the memory of z")
def _(z, y):
    z *= 1 - 2 * y
    return np.mean(np.logaddexp(0, z))


@wrong("bce_with_logits", "the warning is ignored but inf stays")
def _(z, y):
    with np.errstate(all="ignore"):
        return np.mean(np.log1p(np.exp((1 - 2 * y) * z)))


wrong("bce_with_logits", "unsigned: 1 - 2y wraps")(
    lambda z, y: np.mean(np.logaddexp(0, (1 - 2 * y.astype(np.uint8)).astype(float) * z))
)
wrong("bce_with_logits", "in single precision")(
    lambda z, y: float(np.mean(np.logaddexp(np.float32(0), ((1 - 2 * y) * z).astype(np.float32))))
)
right("bce_with_logits", "maximum and log1p")(
    lambda z, y: np.mean(np.maximum((1 - 2 * y) * z, 0) + np.log1p(np.exp(-np.abs(z))))
)
right("bce_with_logits", "TensorFlow's formula")(
    lambda z, y: np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))
)
right("bce_with_logits", "logaddexp minus z y")(lambda z, y: np.mean(np.logaddexp(0, z) - z * y))


@right("bce_with_logits", "masks")
def _(z, y):
    a = np.where(y == 1, -z, z)
    loss = np.empty(len(a))
    loss[a > 0] = a[a > 0] + np.log1p(np.exp(-a[a > 0]))
    loss[a <= 0] = np.log1p(np.exp(a[a <= 0]))
    return loss.mean()


@right("bce_with_logits", "a loop with math")
def _(z, y):
    total = 0.0
    for t, label in zip(z, y, strict=True):
        a = -t if label else t
        total += max(a, 0) + math.log1p(math.exp(-abs(a)))
    return total / len(z)


# --- bce_grad

wrong("bce_grad", "y - p")(lambda w, X, y: X.T @ (y - s(X @ w)) / len(y))
wrong("bce_grad", "no sigmoid")(lambda w, X, y: X.T @ (X @ w - y) / len(y))
wrong("bce_grad", "divides by the number of numbers")(lambda w, X, y: X.T @ (s(X @ w) - y) / X.size)
wrong("bce_grad", "clips p at 1e-6")(lambda w, X, y: X.T @ (np.clip(s(X @ w), 1e-6, 1 - 1e-6) - y) / len(y))
wrong("bce_grad", "X y with p(1-p) left")(lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / len(y))
wrong("bce_grad", "L2 penalty built in")(lambda w, X, y: X.T @ (s(X @ w) - y) / len(y) + 1e-6 * w)
wrong("bce_grad", "nan for large logits")(lambda w, X, y: X.T @ (np.exp(X @ w) / (1 + np.exp(X @ w)) - y) / len(y))
wrong("bce_grad", "predicted labels in place of p where saturated")(
    lambda w, X, y: X.T @ (np.where(np.abs(X @ w) > 8, X @ w > 0, s(X @ w)) - y) / len(y)
)
wrong("bce_grad", "drops the last feature, the bias")(
    lambda w, X, y: np.append((X.T @ (s(X @ w) - y) / len(y))[:-1], 0.0)
)
wrong("bce_grad", "averages the two classes alike")(
    lambda w, X, y: sum(X[y == k].T @ (s(X[y == k] @ w) - k) / (2 * max(np.sum(y == k), 1)) for k in (0, 1))
)


@wrong("bce_grad", "subtracts y from X's memory")
def _(w, X, y):
    error = s(X @ w) - y
    X *= error[:, None] if X.dtype.kind == "f" else 1
    return X.mean(axis=0) if X.dtype.kind == "f" else X.T @ error / len(y)


right("bce_grad", "np.dot of rows")(lambda w, X, y: np.dot(s(np.dot(X, w)) - y, X) / len(X))
right("bce_grad", "mean of a product")(lambda w, X, y: np.mean((s(X @ w) - y)[:, None] * X, axis=0))
right("bce_grad", "loop")(lambda w, X, y: sum((s(x @ w) - t) * x for x, t in zip(X, y, strict=True)) / len(y))
right("bce_grad", "tanh")(lambda w, X, y: X.T @ (0.5 * (1 + np.tanh(X @ w / 2)) - y) / y.size)
right("bce_grad", "einsum")(lambda w, X, y: np.einsum("n,nd->d", s(np.einsum("nd,d->n", X, w)) - y, X) / len(y))

# --- 03-softmax: encode_labels


@wrong("encode_labels", "order of appearance")
def _(names):
    classes = list(dict.fromkeys(names))
    return np.array([classes.index(n) for n in names]), np.array(classes)


@wrong("encode_labels", "counts from one")
def _(names):
    classes, codes = np.unique(names, return_inverse=True)
    return codes + 1, classes


@wrong("encode_labels", "strips spaces")
def _(names):
    classes, codes = np.unique(np.char.strip(names), return_inverse=True)
    return codes, classes


@wrong("encode_labels", "ignores case")
def _(names):
    classes, codes = np.unique(np.char.lower(names), return_inverse=True)
    return codes, classes


@wrong("encode_labels", "sorts digits as numbers")
def _(names):
    classes = np.array(sorted(set(names.tolist()), key=lambda n: (not n.isdigit(), int(n) if n.isdigit() else 0, n)))
    return np.array([classes.tolist().index(n) for n in names.tolist()]), classes


@wrong("encode_labels", "cuts names to ten characters")
def _(names):
    classes, codes = np.unique(names.astype("U10"), return_inverse=True)
    return codes, classes


@right("encode_labels", "alphabetical order without regard to capitals")
def _(names):
    classes = np.array(sorted(set(names.tolist()), key=str.lower))
    return np.array([classes.tolist().index(n) for n in names.tolist()]), classes


@wrong("encode_labels", "the two swapped")
def _(names):
    return np.unique(names, return_inverse=True)


@wrong("encode_labels", "classes as a set order by length")
def _(names):
    classes = np.array(sorted(set(names.tolist()), key=lambda n: (len(n), n)))
    return np.array([classes.tolist().index(n) for n in names.tolist()]), classes


@wrong("encode_labels", "sorts the caller's names in place")
def _(names):
    before = names.copy()
    names.sort()
    classes = np.unique(names)
    return np.searchsorted(classes, before), classes


@wrong("encode_labels", "codes in eight bits overflow")
def _(names):
    classes, codes = np.unique(names, return_inverse=True)
    return codes.astype(np.int8), classes


@right("encode_labels", "searchsorted")
def _(names):
    classes = np.unique(names)
    return np.searchsorted(classes, names), classes


@right("encode_labels", "a dict")
def _(names):
    classes = sorted(set(names.tolist()))
    number = {name: k for k, name in enumerate(classes)}
    return np.array([number[name] for name in names.tolist()]), np.array(classes)


@right("encode_labels", "comparison of all with all")
def _(names):
    classes = np.array(sorted(set(names)))
    return np.argmax(names[:, None] == classes[None], axis=1), classes


@right("encode_labels", "return_inverse, as a tuple of two arrays")
def _(names):
    classes, codes = np.unique(np.array(names), return_inverse=True)
    return codes.reshape(-1), classes


# --- one_hot


def _hot(labels, K):
    labels = np.asarray(labels)
    if np.any(labels < 0) or np.any(labels >= K):
        raise ValueError("a label outside of 0 to K - 1")
    return np.eye(K)[labels]


wrong("one_hot", "K from the data")(
    lambda labels, K: _hot(labels, K)[:, : labels.max() + 1] if len(labels) else np.zeros((0, K))
)
wrong("one_hot", "transposed")(lambda labels, K: _hot(labels, K).T)
wrong("one_hot", "booleans")(lambda labels, K: _hot(labels, K).astype(bool))
wrong("one_hot", "negative labels wrap")(lambda labels, K: np.eye(K)[labels] if np.all(labels < K) else _hot(labels, K))
wrong("one_hot", "IndexError for K")(lambda labels, K: np.eye(K)[labels] if np.all(labels >= 0) else _hot(labels, K))


@wrong("one_hot", "only the first label is tested")
def _(labels, K):
    if len(labels) and not 0 <= labels[0] < K:
        raise ValueError
    return np.eye(K)[np.clip(labels, 0, K - 1)]


@wrong("one_hot", "only K itself is refused, not larger labels")
def _(labels, K):
    if np.any(labels == K) or np.any(labels == -1):
        raise ValueError
    return (labels[:, None] == np.arange(K)).astype(float)


@wrong("one_hot", "assertion")
def _(labels, K):
    assert np.all((labels >= 0) & (labels < K))
    return np.eye(K)[labels]


@wrong("one_hot", "min and max fail without labels")
def _(labels, K):
    if labels.min() < 0 or labels.max() >= K:
        raise ValueError
    return np.eye(K)[labels]


@wrong("one_hot", "returns, does not raise")
def _(labels, K):
    if np.any((labels < 0) | (labels >= K)):
        return ValueError("bad label")
    return np.eye(K)[labels]


wrong("one_hot", "a list of lists")(lambda labels, K: _hot(labels, K).tolist())
wrong("one_hot", "labels are shifted by one")(lambda labels, K: np.roll(_hot(labels, K), -1, axis=1))
right("one_hot", "comparison")(lambda labels, K: (_hot(labels, K) > 0).astype(np.int64))
right("one_hot", "unsigned bytes")(lambda labels, K: _hot(labels, K).astype(np.uint8))


@right("one_hot", "fill in")
def _(labels, K):
    Y = np.zeros((len(labels), K), dtype=int)
    for i, k in enumerate(labels):
        if k not in range(K):
            raise ValueError(f"label {k}")
        Y[i, k] = 1
    return Y


@right("one_hot", "a subclass of ValueError")
def _(labels, K):
    if set(np.unique(labels).tolist()) - set(range(K)):
        raise UnicodeError("no such class")
    return np.take(np.identity(K), labels, axis=0)


# --- softmax

wrong("softmax", "one maximum for all")(
    lambda Z: np.exp(Z - np.max(Z, initial=0)) / np.exp(Z - np.max(Z, initial=0)).sum(axis=1, keepdims=True)
)
wrong("softmax", "adds 1e-9 to the sum")(
    lambda Z: (
        np.exp(Z - Z.max(axis=1, keepdims=True))
        / (np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True) + 1e-9 * 10)
    )
)
wrong("softmax", "subtracts the mean of the row")(
    lambda Z: (
        np.exp(Z - Z.mean(axis=1, keepdims=True)) / np.exp(Z - Z.mean(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    )
)
wrong("softmax", "clips logits at ±500")(lambda Z: sm(np.clip(Z, -500, 500)))
wrong("softmax", "clips differences at -10")(lambda Z: sm(np.maximum(Z - Z.max(axis=1, keepdims=True), -10)))
wrong("softmax", "clips probabilities at 1e-7")(lambda Z: np.clip(sm(Z), 1e-7, 1))
wrong("softmax", "over the columns")(lambda Z: sm(Z.T).T if len(Z) else Z * 1.0)
wrong("softmax", "sigmoids normalised")(lambda Z: s(Z) / s(Z).sum(axis=1, keepdims=True))
wrong("softmax", "no row fails")(lambda Z: np.array([sm(z[None])[0] for z in Z]))
wrong("softmax", "squeezes one row")(lambda Z: np.squeeze(sm(Z)))
wrong("softmax", "rounded to 6 digits")(lambda Z: np.round(sm(Z), 6))
wrong("softmax", "absolute values as weights: base 2")(
    lambda Z: (
        2.0 ** (Z - Z.max(axis=1, keepdims=True))
        / (2.0 ** (Z - Z.max(axis=1, keepdims=True))).sum(axis=1, keepdims=True)
    )
)


@wrong("softmax", "subtracts in place")
def _(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


@wrong("softmax", "float result written into an array like Z")
def _(Z):
    P = np.empty_like(Z)
    P[...] = sm(Z)
    return P


@wrong("softmax", "nan replaced by uniform rows, warnings hidden")
def _(Z):
    with np.errstate(all="ignore"):
        P = np.exp(Z * 1.0) / np.exp(Z * 1.0).sum(axis=1, keepdims=True)
    return np.where(np.isnan(P), 1 / Z.shape[1], P)


right("softmax", "log space")(lambda Z: np.exp(Z - np.logaddexp.reduce(np.asarray(Z, float), axis=1, keepdims=True)))
right("softmax", "transposed twice")(
    lambda Z: (np.exp(Z.T - Z.max(axis=1)) / np.exp(Z.T - Z.max(axis=1)).sum(axis=0)).T
)
right("softmax", "np.max with None")(
    lambda Z: (lambda E: E / E.sum(axis=1)[:, None])(np.exp(Z - Z.max(axis=1)[:, None]))
)


@right("softmax", "a loop with a table")
def _(Z):
    P = np.zeros(Z.shape)
    for i, z in enumerate(Z):
        e = np.exp(z - max(z))
        P[i] = e / sum(e)
    return P


right("softmax", "pairwise differences")(
    lambda Z: 1 / np.exp(np.minimum(Z[:, None, :] - Z[:, :, None], 700.0)).sum(axis=2) if len(Z) else np.zeros(Z.shape)
)

# --- cross_entropy

wrong("cross_entropy", "log of clipped probabilities")(
    lambda Z, labels: -np.mean(np.log(np.clip(sm(Z), 1e-12, 1)[np.arange(len(Z)), labels]))
)
wrong("cross_entropy", "sum")(lambda Z, labels: np.sum(ce_each(Z, labels)))
wrong("cross_entropy", "mean over classes, too")(lambda Z, labels: np.mean(ce_each(Z, labels)) / Z.shape[1])
wrong("cross_entropy", "one shift for the whole batch")(
    lambda Z, labels: np.mean(np.log(np.exp(Z - Z.max()).sum(axis=1)) + Z.max() - Z[np.arange(len(Z)), labels])
)
wrong("cross_entropy", "all pairs")(
    lambda Z, labels: np.mean(np.logaddexp.reduce(Z * 1.0, axis=1)[:, None] - Z[:, labels])
)
wrong("cross_entropy", "largest probability instead of the true one")(
    lambda Z, labels: np.mean(np.logaddexp.reduce(Z * 1.0, axis=1) - Z.max(axis=1))
)
wrong("cross_entropy", "capped at 700")(lambda Z, labels: np.mean(np.minimum(ce_each(Z, labels), 700.0)))
wrong("cross_entropy", "median of examples")(lambda Z, labels: np.median(ce_each(Z, labels)))
wrong("cross_entropy", "log of the mean probability")(lambda Z, labels: -np.log(np.mean(np.exp(-ce_each(Z, labels)))))
wrong("cross_entropy", "hides the warning but returns inf")(
    lambda Z, labels: (lambda: -np.mean(np.log(sm(Z)[np.arange(len(Z)), labels])))()
)
wrong("cross_entropy", "mean per class")(
    lambda Z, labels: np.mean([ce_each(Z[labels == k], labels[labels == k]).mean() for k in np.unique(labels)])
)
wrong("cross_entropy", "1e-15 in the logarithm is off where the loss is tiny")(
    lambda Z, labels: -np.mean(np.log(sm(Z)[np.arange(len(Z)), labels] + 1e-9))
)


@wrong("cross_entropy", "subtracts in place")
def _(Z, labels):
    Z -= Z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(Z)), labels])


right("cross_entropy", "logaddexp.reduce")(lambda Z, labels: np.mean(ce_each(Z, labels)))
right("cross_entropy", "shifted by the true logit's row maximum")(
    lambda Z, labels: np.mean(
        np.log(np.exp(Z - Z.max(axis=1)[:, None]).sum(axis=1))
        + Z.max(axis=1)
        - np.take_along_axis(Z, labels[:, None], 1)[:, 0]
    )
)
right("cross_entropy", "one-hot products")(
    lambda Z, labels: float(
        np.logaddexp.reduce(Z * 1.0, axis=1).mean() - (Z * np.eye(Z.shape[1])[labels]).sum() / len(Z)
    )
)


@right("cross_entropy", "a loop in Python")
def _(Z, labels):
    total = 0.0
    for z, k in zip(Z.tolist(), labels.tolist(), strict=True):
        m = max(z)
        total += m + math.log(sum(math.exp(t - m) for t in z)) - z[k]
    return total / len(Z)


# --- softmax_grad

wrong("softmax_grad", "K from the labels")(
    lambda W, X, labels: np.pad(
        X.T @ (sm(X @ W)[:, : labels.max() + 1] - np.eye(labels.max() + 1)[labels]) / len(X),
        ((0, 0), (0, W.shape[1] - labels.max() - 1)),
    )
)
wrong("softmax_grad", "no mean")(lambda W, X, labels: X.T @ (sm(X @ W) - np.eye(W.shape[1])[labels]))
wrong("softmax_grad", "Y - P")(lambda W, X, labels: X.T @ (np.eye(W.shape[1])[labels] - sm(X @ W)) / len(X))
wrong("softmax_grad", "transposed")(lambda W, X, labels: ((sm(X @ W) - np.eye(W.shape[1])[labels]).T @ X) / len(X))
wrong("softmax_grad", "weight decay")(
    lambda W, X, labels: X.T @ (sm(X @ W) - np.eye(W.shape[1])[labels]) / len(X) + 1e-6 * W
)
wrong("softmax_grad", "missing classes get no gradient")(
    lambda W, X, labels: (
        X.T @ (sm(X @ W) - np.eye(W.shape[1])[labels]) / len(X) * np.isin(np.arange(W.shape[1]), labels)
    )
)
wrong("softmax_grad", "clips P at 1e-5")(
    lambda W, X, labels: X.T @ (np.clip(sm(X @ W), 1e-5, 1 - 1e-5) - np.eye(W.shape[1])[labels]) / len(X)
)
wrong("softmax_grad", "global maximum")(
    lambda W, X, labels: (
        X.T
        @ (
            np.exp(X @ W - (X @ W).max()) / np.exp(X @ W - (X @ W).max()).sum(axis=1, keepdims=True)
            - np.eye(W.shape[1])[labels]
        )
        / len(X)
    )
)
wrong("softmax_grad", "divides by n and K")(
    lambda W, X, labels: X.T @ (sm(X @ W) - np.eye(W.shape[1])[labels]) / (len(X) * W.shape[1])
)
wrong("softmax_grad", "sigmoids")(lambda W, X, labels: X.T @ (s(X @ W) - np.eye(W.shape[1])[labels]) / len(X))


@wrong("softmax_grad", "P[:, labels] -= 1 takes one off whole columns")
def _(W, X, labels):
    P = sm(X @ W)
    P[:, labels] -= 1
    return X.T @ P / len(X)


@right("softmax_grad", "takes one off P")
def _(W, X, labels):
    P = sm(X @ W)
    P[np.arange(len(labels)), labels] -= 1
    return X.T @ P / len(labels)


right("softmax_grad", "einsum")(
    lambda W, X, labels: np.einsum("nd,nk->dk", X, sm(X @ W) - (labels[:, None] == np.arange(W.shape[1]))) / len(X)
)
right("softmax_grad", "outer products")(
    lambda W, X, labels: (
        sum(np.outer(x, sm((x @ W)[None])[0] - np.eye(W.shape[1])[k]) for x, k in zip(X, labels, strict=True)) / len(X)
    )
)
right("softmax_grad", "two sums")(
    lambda W, X, labels: (
        (X.T @ sm(X @ W) - np.array([X[labels == k].sum(axis=0) for k in range(W.shape[1])]).T) / len(X)
    )
)

# --- fit


@wrong("fit", "scales the returned gradient in place")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps):
        g = grad_fn(W, X, labels)
        g *= lr
        W = W - g
    return W


@wrong("fit", "W0 changed in place")
def _(grad_fn, W0, X, labels, lr, num_steps):
    for _ in range(num_steps):
        W0 -= lr * grad_fn(W0, X, labels)
    return W0.copy()


@wrong("fit", "stops at a small gradient")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps):
        g = grad_fn(W, X, labels)
        if np.abs(g).max() < 1e-4:
            break
        W = W - lr * g
    return W


@wrong("fit", "one example at a time")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for t in range(num_steps):
        i = t % len(X)
        W = W - lr * grad_fn(W, X[i : i + 1], labels[i : i + 1])
    return W


@wrong("fit", "one step more")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps + 1):
        W = W - lr * grad_fn(W, X, labels)
    return W


@wrong("fit", "starts at zero")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = np.zeros_like(W0)
    for _ in range(num_steps):
        W = W - lr * grad_fn(W, X, labels)
    return W


@wrong("fit", "divides by n again")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps):
        W = W - lr * grad_fn(W, X, labels) / len(X)
    return W


@wrong("fit", "momentum")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W, V = W0.copy(), 0 * W0
    for _ in range(num_steps):
        V = 0.1 * V + lr * grad_fn(W, X, labels)
        W = W - V
    return W


@wrong("fit", "keeps the best weights by gradient length")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W, best, least = W0.copy(), W0.copy(), np.inf
    for _ in range(num_steps):
        g = grad_fn(W, X, labels)
        W = W - lr * g
        if np.linalg.norm(g) < least:
            best, least = W, np.linalg.norm(g)
    return best


@wrong("fit", "returns W0 itself without a step")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for _ in range(num_steps):
        W -= lr * grad_fn(W, X, labels)
    return W


@wrong("fit", "shuffles the rows of X in place")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    order = np.arange(len(X))[::-1]
    X[...], labels[...] = X[order], labels[order]
    for _ in range(num_steps):
        W = W - lr * grad_fn(W, X, labels)
    return W


@wrong("fit", "at most 100 steps")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(min(num_steps, 100)):
        W = W - lr * grad_fn(W, X, labels)
    return W


@right("fit", "in place on a copy")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W = np.array(W0)
    for _ in range(num_steps):
        W -= lr * grad_fn(W, X, labels)
    return W


@right("fit", "while")
def _(grad_fn, W0, X, labels, lr, num_steps):
    W, t = W0 + 0.0, 0
    while t < num_steps:
        W, t = W - lr * grad_fn(W, X, labels), t + 1
    return W


right("fit", "reduce")(
    lambda grad_fn, W0, X, labels, lr, num_steps: functools.reduce(
        lambda W, _: W - lr * grad_fn(W, X, labels), range(num_steps), W0
    )
)


@right("fit", "recursion for few steps, keyword names")
def _(grad_fn, W0, X, labels, lr, num_steps):
    history = [W0]
    for _ in range(num_steps):
        history.append(history[-1] - np.multiply(lr, grad_fn(history[-1], X, labels)))
    return history[-1]


# --- accuracy

wrong("accuracy", "percent")(lambda W, X, labels: 100 * np.mean(np.argmax(X @ W, axis=1) == labels))
wrong("accuracy", "a count")(lambda W, X, labels: float(np.sum(np.argmax(X @ W, axis=1) == labels)))
wrong("accuracy", "probabilities overflow to nan")(
    lambda W, X, labels: np.mean(np.argmax(np.exp(X @ W) / np.exp(X @ W).sum(axis=1, keepdims=True), axis=1) == labels)
)
wrong("accuracy", "rounded probabilities tie")(
    lambda W, X, labels: np.mean(np.argmax(np.round(sm(X @ W), 3), axis=1) == labels)
)
wrong("accuracy", "above one half only")(
    lambda W, X, labels: np.mean((np.argmax(X @ W, axis=1) == labels) & (sm(X @ W).max(axis=1) > 0.5))
)
wrong("accuracy", "ties count: isclose to the largest")(
    lambda W, X, labels: np.mean(np.isclose((X @ W)[np.arange(len(X)), labels], (X @ W).max(axis=1)))
)
wrong("accuracy", "mean of the true probability")(lambda W, X, labels: np.mean(sm(X @ W)[np.arange(len(X)), labels]))
wrong("accuracy", "over the wrong axis")(lambda W, X, labels: np.mean(np.argmax(X @ W, axis=0)[labels] == labels))
wrong("accuracy", "probabilities tie at 1 for large logits")(
    lambda W, X, labels: np.mean(np.argmax(s(X @ W), axis=1) == labels)
)
wrong("accuracy", "single precision ties")(
    lambda W, X, labels: np.mean(np.argmax((X @ W).astype(np.float32), axis=1) == labels)
)
wrong("accuracy", "rounded to 2 digits")(
    lambda W, X, labels: round(float(np.mean(np.argmax(X @ W, axis=1) == labels)), 2)
)
right("accuracy", "sum over len")(lambda W, X, labels: sum(np.argmax(X @ W, axis=1) == labels) / len(labels))
right("accuracy", "argmin of the negative")(lambda W, X, labels: float(((-(X @ W)).argmin(axis=1) == labels).mean()))
right("accuracy", "a loop")(
    lambda W, X, labels: sum(int(np.argmax(x @ W)) == int(k) for x, k in zip(X, labels, strict=True)) / len(X)
)
right("accuracy", "one minus errors")(
    lambda W, X, labels: 1 - np.count_nonzero(np.argmax(X @ W, axis=1) != labels) / len(X)
)

# --- shift_to_zero

wrong("shift_to_zero", "the column itself")(lambda W: W[:, 0].copy())
wrong("shift_to_zero", "the last column")(lambda W: -W[:, -1])
wrong("shift_to_zero", "the first row")(lambda W: -W[0])
wrong("shift_to_zero", "a column (d, 1)")(lambda W: -W[:, :1])
wrong("shift_to_zero", "shifted weights")(lambda W: W - W[:, :1])
wrong("shift_to_zero", "minus the mean")(lambda W: -W.mean(axis=1))
wrong("shift_to_zero", "squeezed")(lambda W: np.squeeze(-W[:, 0]))
wrong("shift_to_zero", "smallest column")(lambda W: -W.min(axis=1))


@wrong("shift_to_zero", "changes W")
def _(W):
    c = -W[:, 0].copy()
    W += c[:, None]
    return c


wrong("shift_to_zero", "a list")(lambda W: [-float(row[0]) for row in W])
right("shift_to_zero", "np.negative")(lambda W: np.negative(W[:, 0]))
right("shift_to_zero", "zeros minus")(lambda W: np.zeros(len(W)) - W[:, 0])
right("shift_to_zero", "a comprehension")(lambda W: np.array([-row[0] for row in W]))
right("shift_to_zero", "a product with a unit vector")(lambda W: -(W @ np.eye(W.shape[1])[0]))

# --- prepare


def _prepared(images, dtype=np.float32):
    X = np.ones((len(images), 785), dtype=dtype)
    X[:, :-1] = images.reshape(len(images), 784) / np.float32(255)
    return X


wrong("prepare", "float64")(lambda images: _prepared(images, float))
wrong("prepare", "divides by 256")(
    lambda images: np.where(np.arange(785) < 784, _prepared(images) * np.float32(255 / 256), np.float32(1))
)
wrong("prepare", "the constant first")(lambda images: np.roll(_prepared(images), 1, axis=1))
wrong("prepare", "columns first")(lambda images: _prepared(images.transpose(0, 2, 1)))
wrong("prepare", "no constant")(lambda images: _prepared(images)[:, :-1])
wrong("prepare", "divides by the largest grey level present")(
    lambda images: np.append(
        images.reshape(len(images), -1) / np.float32(max(images.max(initial=0), 1)),
        np.ones((len(images), 1), np.float32),
        axis=1,
    ).astype(np.float32)
)
wrong("prepare", "per picture maximum")(
    lambda images: np.append(
        (
            images.reshape(len(images), 784)
            / np.maximum(images.reshape(len(images), 784).max(axis=1, keepdims=True, initial=0), 1)
        ),
        np.ones((len(images), 1)),
        axis=1,
    ).astype(np.float32)
)
wrong("prepare", "reshape with -1 fails without pictures")(
    lambda images: np.hstack([images.reshape(len(images), -1) / np.float32(255), np.ones((len(images), 1), np.float32)])
)
wrong("prepare", "half precision on the way")(lambda images: _prepared(images).astype(np.float16).astype(np.float32))
wrong("prepare", "centred")(
    lambda images: _prepared(images) - np.where(np.arange(785) < 784, np.float32(0.5), np.float32(0))
)
wrong("prepare", "float64 for an empty stack")(lambda images: _prepared(images) if len(images) else np.ones((0, 785)))
wrong("prepare", "byte arithmetic: integer division")(
    lambda images: np.append(images.reshape(len(images), 784) // 255, np.ones((len(images), 1)), axis=1).astype(
        np.float32
    )
)
right("prepare", "concatenate")(
    lambda images: np.concatenate(
        [images.reshape(len(images), 784).astype(np.float32) / 255, np.ones((len(images), 1), np.float32)], axis=1
    )
)
right("prepare", "float64 and then float32")(
    lambda images: np.column_stack([images.reshape(len(images), 784) / 255.0, np.ones(len(images))]).astype(np.float32)
)
right("prepare", "times 1/255")(
    lambda images: np.pad(
        images.reshape(len(images), 784).astype(np.float32) * np.float32(1 / 255), ((0, 0), (0, 1)), constant_values=1
    )
)
right("prepare", "pads bytes with 255")(
    lambda images: (
        np.pad(images.reshape(len(images), 784), ((0, 0), (0, 1)), constant_values=255).astype(np.float32)
        / np.float32(255)
    )
)

# --- confusion_matrix

wrong("confusion_matrix", "index arrays count once")(lambda labels, predicted, K: _count_once(labels, predicted, K))


def _count_once(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    C[labels, predicted] += 1
    return C


def _confusion(labels, predicted, K):
    return np.bincount(K * np.asarray(labels) + predicted, minlength=K * K).reshape(K, K)


wrong("confusion_matrix", "transposed")(lambda labels, predicted, K: _confusion(labels, predicted, K).T)
wrong("confusion_matrix", "shares")(lambda labels, predicted, K: _confusion(labels, predicted, K) / max(len(labels), 1))
wrong("confusion_matrix", "floats")(lambda labels, predicted, K: _confusion(labels, predicted, K).astype(float))
wrong("confusion_matrix", "8-bit counts overflow")(
    lambda labels, predicted, K: _confusion(labels, predicted, K).astype(np.uint8)
)
wrong("confusion_matrix", "K from the data")(
    lambda labels, predicted, K: (
        _confusion(labels, predicted, max(labels.max(), predicted.max()) + 1) if len(labels) else np.zeros((K, K), int)
    )
)
wrong("confusion_matrix", "no minlength")(
    lambda labels, predicted, K: np.bincount(K * labels + predicted).reshape(K, -1)
)
wrong("confusion_matrix", "max fails on empty")(
    lambda labels, predicted, K: _confusion(labels, predicted, K) if labels.max() < K else None
)
wrong("confusion_matrix", "errors only")(
    lambda labels, predicted, K: _confusion(labels, predicted, K) * (1 - np.eye(K, dtype=int))
)
wrong("confusion_matrix", "labels scaled in place")(lambda labels, predicted, K: _scaled_in_place(labels, predicted, K))


def _scaled_in_place(labels, predicted, K):
    labels *= K
    labels += predicted
    return np.bincount(labels, minlength=K * K).reshape(K, K)


wrong("confusion_matrix", "square of K = 10 only")(
    lambda labels, predicted, K: np.bincount(10 * labels + predicted, minlength=100).reshape(10, 10)[:K, :K]
)
right("confusion_matrix", "np.add.at")(lambda labels, predicted, K: _with_add_at(labels, predicted, K))


def _with_add_at(labels, predicted, K):
    C = np.zeros((K, K), dtype=np.int32)
    np.add.at(C, (labels, predicted), 1)
    return C


right("confusion_matrix", "one-hot product")(
    lambda labels, predicted, K: (
        (np.arange(K)[:, None] == labels).astype(int) @ (predicted[:, None] == np.arange(K)).astype(int)
    )
)
right("confusion_matrix", "Counter")(
    lambda labels, predicted, K: (lambda count: np.array([[count[i, j] for j in range(K)] for i in range(K)]))(
        Counter(zip(labels.tolist(), predicted.tolist(), strict=True))
    )
)
right("confusion_matrix", "masks")(
    lambda labels, predicted, K: np.array(
        [[np.sum((labels == i) & (predicted == j)) for j in range(K)] for i in range(K)]
    )
)

# --- most_confident_errors


def _errors(P, labels, m, sure=lambda P, labels: P.max(axis=1)):
    places = np.flatnonzero(P.argmax(axis=1) != labels)
    return places[np.argsort(-sure(P, labels)[places], kind="stable")][:m]


wrong("most_confident_errors", "least sure of the truth")(
    lambda P, labels, m: _errors(P, labels, m, lambda P, labels: -P[np.arange(len(P)), labels])
)
wrong("most_confident_errors", "by margin to the truth")(
    lambda P, labels, m: _errors(P, labels, m, lambda P, labels: P.max(axis=1) - P[np.arange(len(P)), labels])
)
wrong("most_confident_errors", "by margin to the second")(
    lambda P, labels, m: _errors(P, labels, m, lambda P, labels: np.diff(np.sort(P, axis=1)[:, -2:], axis=1)[:, 0])
)
wrong("most_confident_errors", "by entropy")(
    lambda P, labels, m: _errors(P, labels, m, lambda P, labels: (P * np.log(P + 1e-12)).sum(axis=1))
)
wrong("most_confident_errors", "rising order")(lambda P, labels, m: _errors(P, labels, m)[::-1])
wrong("most_confident_errors", "among all predictions")(lambda P, labels, m: np.argsort(-P.max(axis=1))[:m])
wrong("most_confident_errors", "m largest first, then errors among them")(
    lambda P, labels, m: np.array([i for i in np.argsort(-P.max(axis=1))[:m] if P[i].argmax() != labels[i]], dtype=int)
)
wrong("most_confident_errors", "places within the selection")(
    lambda P, labels, m: np.argsort(-P.max(axis=1)[P.argmax(axis=1) != labels])[:m]
)
wrong("most_confident_errors", "pads with -1")(
    lambda P, labels, m: np.pad(_errors(P, labels, m), (0, m - len(_errors(P, labels, m))), constant_values=-1)
)
wrong("most_confident_errors", "last m by a negative slice: all for none")(
    lambda P, labels, m: _errors(P, labels, m) if (P.argmax(axis=1) != labels).any() else np.arange(m)
)
wrong("most_confident_errors", "floats when there is none")(
    lambda P, labels, m: np.array([int(i) for i in _errors(P, labels, m)])
)
wrong("most_confident_errors", "rounded to 2 digits before sorting")(
    lambda P, labels, m: _errors(P, labels, m, lambda P, labels: np.round(P.max(axis=1), 2))
)
wrong("most_confident_errors", "overwrites right rows with zero")(lambda P, labels, m: _zeroes(P, labels, m))


def _zeroes(P, labels, m):
    wrong_rows = P.argmax(axis=1) != labels
    P[~wrong_rows] = 0
    return np.argsort(-P.max(axis=1), kind="stable")[: min(m, wrong_rows.sum())]


right("most_confident_errors", "argsort of the errors, reversed")(
    lambda P, labels, m: (lambda e: e[np.argsort(P[e].max(axis=1))[::-1]][:m])(
        np.flatnonzero(np.argmax(P, axis=1) != labels)
    )
)
right("most_confident_errors", "sorted with a key")(
    lambda P, labels, m: np.array(
        sorted((i for i in range(len(P)) if P[i].argmax() != labels[i]), key=lambda i: -P[i].max())[:m], dtype=int
    )
)
right("most_confident_errors", "right ones get -1")(
    lambda P, labels, m: np.argsort(np.where(P.argmax(axis=1) == labels, 1.0, -P.max(axis=1)), kind="stable")[
        : min(m, int((P.argmax(axis=1) != labels).sum()))
    ]
)
right("most_confident_errors", "lexsort")(
    lambda P, labels, m: np.lexsort((-P.max(axis=1), P.argmax(axis=1) == labels))[
        : min(m, np.count_nonzero(P.argmax(axis=1) != labels))
    ]
)
