"""Answers to the exercises of sigmoid."""

import math

import numpy as np

from .common import right, s, wrong

# --- sigmoid


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


_seen_by_id: dict = {}


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
