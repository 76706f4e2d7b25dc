"""Answers to the exercises of bce."""

import numpy as np
from numpy import clip, exp, log, log1p, mean

from .common import s, say, wrong

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
