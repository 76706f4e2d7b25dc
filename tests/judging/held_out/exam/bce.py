"""Answers to the exercises of bce."""

import numpy as np
from numpy import clip, exp, log, log1p, mean

from .common import NO_MEAN, SIGN, SWAP, s, say, wrong


@wrong("mse_grad", "the sum over the examples is not divided by n", NO_MEAN)
def mse_grad_sum(w, X, y):
    p = s(X @ w)
    return X.T @ ((p - y) * p * (1 - p))


say(
    "mse_grad",
    "the slope of the sigmoid, p (1 - p), is missing: this is the gradient of the log-loss",
    r"slope of (the |its )?sigmoid|p ?[·*]? ?\(1|σ ?[·*]? ?\(1|σ′|σ'|chain rule|factor|log-?loss|cross.entropy|\bbce|attenuat|derivative of",
    lambda w, X, y: X.T @ (s(X @ w) - y) / len(y),
)


@wrong(
    "mse_grad",
    "the factor 1 - p of the sigmoid's slope is missing",
    r"1 ?[−-] ?(p|σ|ŷ)|\(1 ?[−-]|factor|slope of (the |its )?sigmoid|half of the slope",
)
def mse_grad_without_one_minus_p(w, X, y):
    p = s(X @ w)
    return X.T @ ((p - y) * p) / len(y)


@wrong("mse_grad", "the sign is wrong: the error is p - y", SIGN + r"|y ?[−-] ?p|p ?[−-] ?y")
def mse_grad_sign(w, X, y):
    p = s(X @ w)
    return X.T @ ((y - p) * p * (1 - p)) / len(y)


@wrong(
    "mse_grad",
    "twice too long: the ½ of the loss cancels the 2 of the square",
    r"twice|factor (of )?2|½|\bhalf|1/2|doubl|two times|2 times|the 2\b",
)
def mse_grad_twice(w, X, y):
    p = s(X @ w)
    return 2 / len(y) * X.T @ ((p - y) * p * (1 - p))


@wrong(
    "mse_grad",
    "np.mean without an axis mixes all the weights: there is one slope for each of them",
    r"axis|scalar|(single|one) number|all (the )?(entries|elements|weights|features)|over (the )?features|(one|a) (slope|number) for each|shape",
)
def mse_grad_one_number(w, X, y):
    p = s(X @ w)
    return np.mean(X * ((p - y) * p * (1 - p))[:, None])


@wrong(
    "gradient_descent",
    "the array is changed in place, so that all rows of the path are the last point: store copies",
    r"in.place|alias|same (array|object)|\bcop(y|ies)|(every|all) (the )?rows?|overwr|rows? (is|are) (all )?(the same|equal)",
)
def gradient_descent_same_array(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w)
    return np.array(path)


@wrong(
    "gradient_descent",
    "the start is missing from the path: row 0 is w0",
    r"\bstart|row 0|w0\b|first row|num_steps \+ 1|one (row|point) (too few|short|is missing|less|fewer)|initial",
)
def gradient_descent_without_start(grad_fn, w0, lr, num_steps):
    w, path = np.array(w0, dtype=float), np.zeros((num_steps, len(w0)))
    for t in range(num_steps):
        w = w - lr * grad_fn(w)
        path[t] = w
    return path


@wrong("gradient_descent", "it goes uphill: subtract the gradient", SIGN + r"|subtract|up the|plus")
def gradient_descent_uphill(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        path.append(path[-1] + lr * grad_fn(path[-1]))
    return np.array(path)


@wrong(
    "gradient_descent",
    "every step uses the gradient at the start: ask for it at the current weights",
    r"current|at the start|at w0|of w0|same gradient|initial|first gradient|not (the )?(latest|updated)|always (the same|at)"
    r"|never asks? again|only once|stale",
)
def gradient_descent_first_gradient(grad_fn, w0, lr, num_steps):
    path, g = [np.array(w0, dtype=float)], grad_fn(np.array(w0, dtype=float))
    for _ in range(num_steps):
        path.append(path[-1] - lr * g)
    return np.array(path)


@wrong(
    "gradient_descent",
    "with integers in w0 the table holds integers, and every point is cut off to whole numbers",
    r"integer|\bints?\b|dtype|truncat|whole number|rounded",
)
def gradient_descent_integers(grad_fn, w0, lr, num_steps):
    path = np.tile(w0, (num_steps + 1, 1))
    for t in range(num_steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path


say(
    "bce_from_probs",
    "this is the sum of the losses: take the mean",
    NO_MEAN,
    lambda p, y: -np.sum(y * log(p) + (1 - y) * log(1 - p)),
)
say(
    "bce_from_probs",
    "the second term is missing: examples with label 0 cost nothing",
    r"(second|other) (term|half)|both terms|1 ?[−-] ?y|1 ?[−-] ?p|cost nothing|costs? 0|ignor|left out|missing|only (the )?(examples|first|y|label)",
    lambda p, y: -mean(y * log(p)),
)
say(
    "bce_from_probs",
    "the minus stands before the first term only: it belongs before both",
    r"minus|\bsigns?\b|bracket|parenthes|negat|both terms",
    lambda p, y: mean(-y * log(p) + (1 - y) * log(1 - p)),
)
say(
    "bce_from_probs",
    "a small constant inside the logarithms changes the loss",
    r"constant|added|\beps|ε|inside (of )?the log|clip|small number|\bcap|1e-",
    lambda p, y: -mean(y * log(p + 1e-7) + (1 - y) * log(1 - p + 1e-7)),
)
say(
    "bce_from_probs",
    "the labels select the wrong term: y belongs to log p",
    SWAP + r"|wrong (term|class|label)|other (term|class|label)|y belongs|log ?\(?p\)? (goes|belongs)",
    lambda p, y: -mean(y * log(1 - p) + (1 - y) * log(p)),
)


@wrong(
    "bce_with_logits",
    "p is exactly 0 or 1 for large logits, so the log is infinite: start from z, not from p",
    r"log ?\(?0|from (the )?(probabilit|p\b)|exactly [01]|rounds? to|saturat|(directly )?from (the )?(logit|z\b)|through p|sigmoid first"
    r"|information|probabilit.{0,30}(0|1)\b|by way of|detour",
)
def bce_with_logits_by_p(z, y):
    p = s(z)
    return -mean(y * log(p) + (1 - y) * log(1 - p))


@wrong(
    "bce_with_logits",
    "clipping p caps the loss: beyond some z it grows no more",
    r"clip|\bcap|bounded|limit|at most|constant|flat|1e-",
)
def bce_with_logits_clipped(z, y):
    p = clip(s(z), 1e-12, 1 - 1e-12)
    return -mean(y * log(p) + (1 - y) * log(1 - p))


say(
    "bce_with_logits",
    "exp(a) overflows for large a: take a out of the logarithm",
    r"overflow|exponential|exp\(|e\^a|eᵃ",
    lambda z, y: mean(log1p(exp((1 - 2 * y) * z))),
)
say(
    "bce_with_logits",
    "a has the wrong sign, so right answers cost and wrong ones do not: a = (1 − 2y) z",
    SIGN + "|" + SWAP + r"|1 ?[−-] ?2 ?[·*]? ?y|wrong class|other class",
    lambda z, y: mean(np.logaddexp(0, (2 * y - 1) * z)),
)
say(
    "bce_with_logits",
    "max(a, 0) is missing: confidently wrong examples should cost a",
    r"max\(|maximum|np\.max|linear|grows?|first term|(term|part) (is )?(missing|left out)|missing|left out|forgot|confidently wrong|\ba \+|\+ a\b",
    lambda z, y: mean(log1p(exp(-np.abs(z)))),
)


@wrong(
    "bce_grad",
    "the factor p (1 - p) belongs to MSE: with the log-loss it cancels",
    r"\bMSE|p ?[·*]? ?\(1|σ ?[·*]? ?\(1|cancel|attenuat|slope of (the |its )?sigmoid|σ′|σ'|factor|squared",
)
def bce_grad_of_mse(w, X, y):
    p = s(X @ w)
    return X.T @ ((p - y) * p * (1 - p)) / len(y)


say(
    "bce_grad",
    "the sign is wrong: the error is p - y",
    SIGN + r"|y ?[−-] ?p|p ?[−-] ?y",
    lambda w, X, y: X.T @ (y - s(X @ w)) / len(y),
)
say(
    "bce_grad",
    "ŷ is not the logit: the sigmoid is missing, this is linear regression",
    r"sigmoid|squash|linear regression|σ\(|linear model|logits? (instead|themselves|itself|rather|where|minus|−)",
    lambda w, X, y: X.T @ (X @ w - y) / len(y),
)
say(
    "bce_grad",
    "the sum over the examples is not divided by n",
    NO_MEAN,
    lambda w, X, y: X.T @ (s(X @ w) - y),
)
say(
    "bce_grad",
    "divided by the number of features: the mean is over the examples",
    r"(number|count|by the|how many) (of )?(the )?(features|weights|columns)|len\(w|by d\b|shape\[1\]|/ ?d\b|(instead of|not|rather than) (by )?n\b"
    r"|d (instead|where|rather)|wrong (number|axis)",
    lambda w, X, y: X.T @ (s(X @ w) - y) / X.shape[1],
)
