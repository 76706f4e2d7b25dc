"""200 wrong answers to the function exercises of all notebooks, written from the notebooks' prompts and docstrings alone.

`words` is a pattern (whatever the case of letters) for what a right diagnosis has to mention. Neither answers nor
patterns were touched after the judge had seen them: where it finds other words for the tutor's thing, it counts as wrong.
"""

import math
from collections.abc import Callable
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np
from numpy import clip, exp, log, log1p, mean

from tests.judging.held_out.held_back import HeldBack

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


# --- 01-sigmoid ---------------------------------------------------------------------------------------------------

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

# --- 02-bce -------------------------------------------------------------------------------------------------------


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

# --- 03-softmax, iris ---------------------------------------------------------------------------------------------


@wrong(
    "encode_labels",
    "the classes are in the order in which they turn up: sort them",
    r"\bsort|alphabet|appear|occurr|turns? up|order of the rows|come[s]? first",
)
def encode_labels_as_they_come(names):
    classes = list(dict.fromkeys(names.tolist()))
    return np.array([classes.index(name) for name in names]), np.array(classes)


@wrong(
    "encode_labels",
    "the two results are in the wrong order: codes first, then classes",
    r"swap|exchang|revers|wrong order|other way|wrong way|codes (come )?first|classes first|codes, (then )?classes|interchang|order of (the|what)",
)
def encode_labels_classes_first(names):
    return np.unique(names, return_inverse=True)


@wrong(
    "encode_labels",
    "the codes count from 1: they go from 0 to K − 1",
    r"from 0|from 1|starts? (at|with) [01]|0 to K|K ?[−-] ?1|one too|off by one|too large",
)
def encode_labels_from_one(names):
    classes, codes = np.unique(names, return_inverse=True)
    return codes + 1, classes


@wrong(
    "encode_labels",
    "return_index gives the place where each class turns up first, not a code for each name",
    r"return_in|inverse|first (place|occurr|position|appear|row)|(one|a) (code|number) (for|per) (each|every)|as many|per (name|example|class)",
)
def encode_labels_return_index(names):
    classes, codes = np.unique(names, return_index=True)
    return codes, classes


@wrong("encode_labels", "classes is a list: it should be an array", r"\blist\b|np\.array|ndarray|not an array|an array")
def encode_labels_list(names):
    classes = sorted(set(names.tolist()))
    return np.array([classes.index(name) for name in names]), classes


say(
    "one_hot",
    "labels outside of 0 to K − 1 are not refused: −1 silently becomes the last class",
    r"ValueError|refus|negative|rais|[−-]1\b|check|outside|valid|out of range",
    lambda labels, K: np.eye(K)[labels],
)


@wrong(
    "one_hot",
    "the number of slots is taken from the labels, not from K: classes that do not occur lose theirs",
    r"largest label|labels\.max|\bmax\(|K (itself|given|as)|takes? K|use K|from the labels|occur|appear|ignores? K|number of (columns|slots|classes)|fewer"
    r"|K columns|K slots",
)
def one_hot_as_many_as_occur(labels, K):
    if np.any(labels < 0) or np.any(labels >= K):
        raise ValueError("label out of range")
    return np.eye(labels.max() + 1)[labels]


@wrong(
    "one_hot",
    "an assert raises AssertionError: a ValueError was asked for",
    r"ValueError|assert|(kind|type|sort) of (error|exception)",
)
def one_hot_assert(labels, K):
    assert np.all((labels >= 0) & (labels < K)), "label out of range"
    return np.eye(K)[labels]


@wrong(
    "one_hot",
    "Y[:, labels] = 1 fills whole columns: each row gets the ones of all labels",
    r"(every|all|each|in all) (of the )?rows?|whole columns?|np\.arange|arange|pairs?\b|one 1|exactly one|more than one|several|Y\[:",
)
def one_hot_columns(labels, K):
    if np.any(labels < 0) or np.any(labels >= K):
        raise ValueError("label out of range")
    Y = np.zeros((len(labels), K))
    Y[:, labels] = 1
    return Y


@wrong(
    "one_hot",
    "examples are columns here, as on the slide: they should be rows",
    TRANSPOSED
    + r"|\(K, ?n\)|examples? (are|as|in|is) (a )?columns?|columns? (instead|where|rather)|row for each label",
)
def one_hot_transposed(labels, K):
    if np.any(labels < 0) or np.any(labels >= K):
        raise ValueError("label out of range")
    return np.eye(K)[:, labels]


@wrong(
    "softmax",
    "the sum runs over the examples (axis 0), not over the classes of a row",
    r"axis|column|(over|across|down|among).{0,15}(examples|rows)|row by row|per row|rather than (the )?classes|within (a|each) row|along",
)
def softmax_axis(Z):
    E = exp(Z - Z.max(axis=0))
    return E / E.sum(axis=0)


say(
    "softmax",
    "exp overflows for large logits: subtract the largest of each row first",
    r"overflow|exponential|exp\(|shift|subtract|largest (of|logit|in|one)",
    lambda Z: exp(Z) / exp(Z).sum(axis=1, keepdims=True),
)


@wrong(
    "softmax",
    "all rows are shifted by the largest logit of the whole array: a row far below is left with zeros only",
    r"whole (array|matrix|batch|Z)|global|own (max|largest|shift)|row by row|per row|single (max|shift)|(every|each) row.{0,25}(own|by|max|largest)"
    r"|underflow|of its own|one (max|shift|number) for all|all rows|axis|0 ?/ ?0",
)
def softmax_one_shift(Z):
    E = exp(Z - Z.max())
    return E / E.sum(axis=1, keepdims=True)


@wrong(
    "softmax",
    "without keepdims the maxima and sums have shape (n,) and do not fit the rows",
    r"keepdims|broadcast|\(n, ?1\)|\[:, ?None\]|column vector|\(n,\)|square",
)
def softmax_without_keepdims(Z):
    E = exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1)


@wrong("softmax", "Z -= … changes the logits of the caller: make a new array", IN_PLACE + r"|-=")
def softmax_in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    E = exp(Z)
    return E / E.sum(axis=1, keepdims=True)


@wrong(
    "softmax",
    "divided by the sum of the whole array: each row should sum to 1 by itself",
    r"whole|entire|axis|total|row by row|per row|by itself|all (of )?(the )?(entries|rows|examples|exponentials|logits)|its own sum|grand|add(s)? up to 1 together"
    r"|all together",
)
def softmax_whole_sum(Z):
    E = exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum()


@wrong(
    "cross_entropy",
    "the mean runs over all nK entries: it is too small by a factor K",
    r"\bn ?[·*]? ?K\b|K times|factor (of )?K|1/K|by K\b|too small|number of classes|all (the )?entries|mean of the matrix|divid|whole matrix",
)
def cross_entropy_matrix_mean(Z, labels):
    return -mean(hot(labels, Z.shape[1]) * (Z - lse(Z)[:, None]))


@wrong("cross_entropy", "this is the sum of the losses: take the mean", NO_MEAN)
def cross_entropy_sum(Z, labels):
    return np.sum(lse(Z) - own(Z, labels))


@wrong(
    "cross_entropy",
    "a probability that is 0 in float64 has no logarithm: take the logarithm on paper, of the sum of exponentials",
    r"log ?\(?0|underflow|rounds? to 0|exactly 0|log-?sum|logsumexp|log(arithm)? of (a |the )?(prob|0|softmax|P\b)|from (the )?(prob|P\b)"
    r"|before the log|on paper|probabilit.{0,25}\b0\b|from the logits",
)
def cross_entropy_of_probabilities(Z, labels):
    return -mean(log(own(sm(Z), labels)))


@wrong(
    "cross_entropy",
    "Z[:, labels] picks n whole columns: one logit from each row is wanted",
    r"Z\[:, ?labels\]|arange|columns|own (label|logit|class)|pairs?\b|n ?[×x*] ?n|n by n|\(n, ?n\)|every row|one (logit|number|entry) (from|of|per|for) each|other examples",
)
def cross_entropy_columns(Z, labels):
    return mean(lse(Z)[:, None] - Z[:, labels])


@wrong(
    "cross_entropy",
    "a constant inside the logarithm caps the loss of confidently wrong answers",
    r"constant|added|adds|\bcap|clip|1e-|small (number|amount)|\beps|ε|limit|bounded|at most",
)
def cross_entropy_with_constant(Z, labels):
    return -mean(log(own(sm(Z), labels) + 1e-12))


@wrong(
    "cross_entropy",
    "the largest logit is subtracted inside the exponentials, but not added back after the logarithm",
    r"back|shift|maxim|\bmax\b|\bm\b|subtract",
)
def cross_entropy_shift_not_undone(Z, labels):
    return mean(log(exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1)) - own(Z, labels))


say(
    "softmax_grad",
    "the sum over the examples is not divided by n",
    NO_MEAN,
    lambda W, X, labels: X.T @ (sm(X @ W) - hot(labels, W.shape[1])),
)
say(
    "softmax_grad",
    "the sign is wrong: the error is P - Y",
    SIGN + r"|Y ?[−-] ?P|P ?[−-] ?Y",
    lambda W, X, labels: X.T @ (hot(labels, W.shape[1]) - sm(X @ W)) / len(X),
)
say(
    "softmax_grad",
    "the number of classes is taken from the labels, and the last may be missing from the batch: W knows it",
    r"largest label|labels\.max|\bmax\(|W\.shape|from W|W knows|from (the )?labels|number of classes|how many classes|len\(set|columns of W",
    lambda W, X, labels: X.T @ (sm(X @ W) - hot(labels, labels.max() + 1)) / len(X),
)
say(
    "softmax_grad",
    "the product is the wrong way round: X.T @ (P - Y) has the shape of W, (d, K)",
    TRANSPOSED + r"|\(K, ?d\)|\(d, ?K\)|shape",
    lambda W, X, labels: (sm(X @ W) - hot(labels, W.shape[1])).T @ X / len(X),
)
say(
    "softmax_grad",
    "np.mean over the matrix of errors divides by K as well: only by n",
    r"(divid|factor|times|\bby|too small).{0,40}(\bK\b|class)|K times|\bn ?[·*]? ?K\b|1/K|number of classes",
    lambda W, X, labels: X.T @ (sm(X @ W) - hot(labels, W.shape[1])) / (len(X) * W.shape[1]),
)
say(
    "softmax_grad",
    "softmax is missing: the errors are probabilities minus Y, not logits minus Y",
    r"(without|forgot|missing|no|apply|through|not|lacks|skips?|left out)\b.{0,25}(softmax|probabilit)|softmax (is|was) (missing|left out|forgotten|not)"
    r"|squared|linear|raw logits|logits? (instead|minus|−|themselves|rather|where)|(Z|XW|X ?@ ?W) ?[−-] ?Y|instead of (the )?(P\b|prob|softmax)|MSE",
    lambda W, X, labels: X.T @ (X @ W - hot(labels, W.shape[1])) / len(X),
)


@wrong("fit", "W -= … changes W0 itself: start from a copy", IN_PLACE + r"|-=")
def fit_in_place(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for _ in range(num_steps):
        W -= lr * grad_fn(W, X, labels)
    return W


@wrong(
    "fit",
    "every step uses the gradient at W0: ask for it at the current weights",
    r"current|at the start|same gradient|initial|start weights|at W0|of W0|not (the )?(latest|updated)|old weights"
    r"|first gradient|never asks? again|always (the same|at)|stale",
)
def fit_gradient_of_w0(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps):
        W = W - lr * grad_fn(W0, X, labels)
    return W


@wrong(
    "fit",
    "one step too few: range(1, num_steps) has only num_steps − 1 numbers",
    r"(one|a) step|too few|one (fewer|short|less|too)|range\(|off by one|fewer|num_steps ?[−-] ?1|last step|step (is )?(missing|short)",
)
def fit_one_too_few(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(1, num_steps):
        W = W - lr * grad_fn(W, X, labels)
    return W


@wrong(
    "fit",
    "grad_fn returns the mean gradient already: do not divide by n again",
    r"divid|len\(X|/ ?n\b|\bmean|twice|again|second time|too (short|small)|shorter|smaller",
)
def fit_divides_again(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps):
        W = W - lr * grad_fn(W, X, labels) / len(X)
    return W


@wrong(
    "fit",
    "the return stands inside of the loop: it comes back after the first step",
    r"(first|one|single) step|(inside|indent|within).{0,20}(loop|for)|return.{0,30}(loop|inside|indent|early|first)|only (one|once|1)|(?-i:\bNone\b)",
)
def fit_returns_in_the_loop(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps):
        W = W - lr * grad_fn(W, X, labels)
        return W


say(
    "accuracy",
    "argmax runs down the columns (axis 0): the prediction is the largest of each row",
    r"axis|column|(each|every|per|a|its|along the) rows?|over (the )?examples|(over|across|down|among) the rows",
    lambda W, X, labels: float(np.mean(np.argmax(X @ W, axis=0) == labels)),
)
say(
    "accuracy",
    "these are percent: a share lies between 0 and 1",
    r"percent|%|\b100\b|between 0 and 1|share|fraction",
    lambda W, X, labels: 100 * float(np.mean(np.argmax(X @ W, axis=1) == labels)),
)
say(
    "accuracy",
    "this is the number of right answers: divide by n",
    NO_MEAN + r"|count|share|fraction|number of (right|correct)|between 0 and 1",
    lambda W, X, labels: float(np.sum(np.argmax(X @ W, axis=1) == labels)),
)
say(
    "accuracy",
    "the largest probability wins, it need not be above 0.5",
    r"0\.5|½|\bhalf|largest (prob|of|logit|one)|argmax|most probable|majority|threshold",
    lambda W, X, labels: float(np.mean(own(sm(X @ W), labels) > 0.5)),
)

say(
    "shift_to_zero",
    "W[0] is the first row, the weights of a feature: class 0 has the first column",
    r"first row|row 0|W\[0|rows? (instead|rather|where|not)|a row\b|not (a |the )?(row|column)|W\[:, ?0\]|transpos|(number|entry) (for|per) (each )?(feature|class)"
    r"|d numbers|K numbers",
    lambda W: -W[0],
)
say(
    "shift_to_zero",
    "subtracting the mean of all columns makes the rows sum to 0, but does not make column 0 vanish",
    r"\bmean|average|row sums?|sums? to 0|centr|center",
    lambda W: -W.mean(axis=1),
)
say(
    "shift_to_zero",
    "this is the moved W: what is asked for is c, one number for each feature",
    r"moved|shifted|W itself|new W|whole (matrix|W)|\bc\b|what (is|was|to) add|not W\b|already|weights themselves|result of",
    lambda W: W - W[:, :1],
)
say(
    "shift_to_zero",
    "c has the shape (d, 1): it should be a flat array (d,)",
    r"shape|\(d, ?1\)|one-dimensional|1-?d\b|flat|column vector|keep|2-?d\b|two-dimensional|two axes|dimension",
    lambda W: -W[:, :1],
)

# --- 03-softmax, fashion_mnist ------------------------------------------------------------------------------------


def rows_of(images):
    X = np.ones((len(images), 785), dtype=np.float32)
    X[:, :784] = images.reshape(len(images), 784) / np.float32(255)
    return X


say(
    "prepare",
    "np.ones makes float64, and with it everything: say dtype=np.float32",
    r"float64|float32|dtype|precision|memory",
    lambda images: np.column_stack([images.reshape(len(images), 784) / 255, np.ones(len(images))]),
)
say(
    "prepare",
    "the constant 1 for the bias is missing",
    r"\bones\b|constant|bias|784\b",
    lambda images: images.reshape(len(images), 784) / np.float32(255),
)


@wrong(
    "prepare",
    "the pixels are not divided by 255",
    r"\b255|divid|scal|fraction|between 0 and 1|grey level",
)
def prepare_grey_levels(images):
    X = np.ones((len(images), 785), dtype=np.float32)
    X[:, :784] = images.reshape(len(images), 784)
    return X


@wrong(
    "prepare",
    "// cuts the fractions off, so everything that is not white becomes 0",
    r"//|integer|whole|floor|fraction|truncat|cut off|black",
)
def prepare_whole_numbers(images):
    X = np.ones((len(images), 785), dtype=np.float32)
    X[:, :784] = images.reshape(len(images), 784) // 255
    return X


@wrong(
    "prepare",
    "reshape(784, -1).T keeps the shape but mixes pixels of different pictures: reshape(n, 784)",
    r"reshape|\bmix|scrambl|(several|different|other|neighbouring|many) pictures|transpos|\border\b",
)
def prepare_mixed_pixels(images):
    X = np.ones((len(images), 785), dtype=np.float32)
    X[:, :784] = images.reshape(784, -1).T / np.float32(255)
    return X


@wrong(
    "prepare",
    "with no picture reshape cannot find out what -1 stands for: say 784",
    r"(?<!\d)[−-]1\b|reshape|infer|guess|cannot tell|say 784",
)
def prepare_minus_one(images):
    X = np.ones((len(images), 785), dtype=np.float32)
    X[:, :784] = images.reshape(len(images), -1) / np.float32(255)
    return X


def descend(X, labels, lr, num_epochs, shown=None):
    W, shown = np.zeros((X.shape[1], 10), dtype=np.float32), X if shown is None else shown
    for _ in range(num_epochs):
        for start in range(0, len(X), 128):
            rows = slice(start, start + 128)
            error = sm(shown[rows] @ W) - hot(labels[rows], 10)
            W = W - lr * shown[rows].T @ error / len(error)
    return W


say(
    "train",
    "a learning rate of 0.001 and one epoch: the weights have hardly left the start",
    r"learning rate|\blr\b|few|epoch|\bsteps?\b|slow|too early|(not|hardly) (been )?trained|longer|too short",
    lambda X, labels: descend(X, labels, 0.001, 1),
)


@wrong(
    "train",
    "the trained weights are thrown away: it returns the zeros it began with",
    r"zero|unchanged|thrown away|at the start|started|not (been )?trained|untrained|initial|discard|chance|guess|all (classes|logits) (are )?(equal|the same)"
    r"|same (class|answer|prediction)",
)
def train_returns_the_start(X, labels):
    W = np.zeros((X.shape[1], 10), dtype=np.float32)
    descend(X, labels, 0.1, 2)
    return W


say(
    "train",
    "the weights are transposed: a column for each class",
    TRANSPOSED + r"|\(10, ?785\)|column for each class|shape",
    lambda X, labels: descend(X, labels, 0.1, 20).T,
)
say(
    "train",
    "the pictures are shuffled without their labels, so nothing can be learned",
    r"shuffl|permut|match|belong|go(es)? with|stay with|out of step|paired|wrong label|own label|mixed up|labels? of (other|another)",
    lambda X, labels: descend(X, labels, 0.1, 20, np.random.default_rng(0).permutation(X)),
)


@wrong(
    "confusion_matrix",
    "C[labels, predicted] += 1 counts a pair once, however often it occurs",
    r"repeat|duplicat|\bonce\b|same (pair|entry|place)|add\.at|buffer|\+=|more than once|at most 1|only 1|several times|how often|bincount",
)
def confusion_matrix_once(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    C[labels, predicted] += 1
    return C


@wrong(
    "confusion_matrix",
    "rows and columns are swapped: rows are the true classes",
    TRANSPOSED + r"|rows are (the )?(true|predicted)|true classes (are|as|belong|in)",
)
def confusion_matrix_transposed(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    np.add.at(C, (predicted, labels), 1)
    return C


@wrong(
    "confusion_matrix",
    "these are shares of each class: counts are wanted",
    r"\bshares?\b|fraction|normali|divid|percent|\brates?\b|proportion|whole number|integer|float|not counts|instead of counts|counts? are|relative",
)
def confusion_matrix_shares(labels, predicted, K):
    C = np.zeros((K, K))
    for true, guess in zip(labels, predicted, strict=True):
        C[true, guess] += 1
    return C / np.maximum(C.sum(axis=1, keepdims=True), 1)


@wrong("confusion_matrix", "np.zeros makes floats: counts are integers", r"float|\bints?\b|integer|dtype|whole")
def confusion_matrix_floats(labels, predicted, K):
    C = np.zeros((K, K))
    for true, guess in zip(labels, predicted, strict=True):
        C[true, guess] += 1
    return C


@wrong(
    "confusion_matrix",
    "the size is taken from the labels that occur, not from K",
    r"\bK\b (rows|itself|given|and|as|columns)|use K|largest|\bmax\(|occur|appear|from the (labels|data)|ignores? K|size|too few|K × K|\(K, ?K\)|shape",
)
def confusion_matrix_of_what_occurs(labels, predicted, K):
    classes = np.unique(np.append(labels, predicted))
    return np.array([[np.sum((labels == a) & (predicted == b)) for b in classes] for a in classes])


@wrong(
    "most_confident_errors",
    "these are places among the errors: translate them back into rows of P",
    r"(among|within|in) the (errors|selection|wrong|subset|sorted)|\bmap|original|errors\[|c[ao]me from|subset|back (in)?to|into (the )?(rows|places)|translat|selection",
)
def most_confident_errors_places_in_selection(P, labels, m):
    errors = np.flatnonzero(P.argmax(axis=1) != labels)
    return np.argsort(-P[errors].max(axis=1))[:m]


@wrong(
    "most_confident_errors",
    "argsort sorts from small to large, so these are the least sure errors",
    r"ascend|smallest|\bleast|revers|descend|largest (one )?(first|come)|wrong end|other end|backwards|from small|unsure|lowest",
)
def most_confident_errors_least_sure(P, labels, m):
    errors = np.flatnonzero(P.argmax(axis=1) != labels)
    return errors[np.argsort(P[errors].max(axis=1))[:m]]


@wrong(
    "most_confident_errors",
    "sorted by the probability of the true class: how sure it was is the probability of its own answer",
    r"true (class|label)|own (answer|prediction|choice)|predicted class|of the (label|prediction)|smallest prob|lowest prob|largest prob|\bits own|P\[.*labels",
)
def most_confident_errors_by_true_class(P, labels, m):
    errors = np.flatnonzero(P.argmax(axis=1) != labels)
    return errors[np.argsort(own(P, labels)[errors])[:m]]


say(
    "most_confident_errors",
    "right predictions are among them: select the errors first",
    r"right (one|pred|answer)|correct|only (the )?(errors|wrong)|filter|not (all )?(an )?errors?\b|errors first|misclass|all (rows|predictions|examples)|are right|is right",
    lambda P, labels, m: np.argsort(-P.max(axis=1))[:m],
)


@wrong(
    "most_confident_errors",
    "if there are fewer than m errors, right predictions fill the places",
    r"fewer|right (one|pred|answer)|correct|all errors|not (an )?errors?\b|\bpad|\bfill|only as many|too many|no errors?\b|are right|is right",
)
def most_confident_errors_filled_up(P, labels, m):
    sure = np.where(P.argmax(axis=1) != labels, P.max(axis=1), 0.0)
    return np.argsort(-sure)[:m]


say(
    "most_confident_errors",
    "the first m errors as they come: sort them by how sure the model was",
    r"\bsort|order of|first m|in (the )?order|regardless|any (m|errors)|not (the )?(surest|most)|how sure|as they come|by (their )?prob",
    lambda P, labels, m: np.flatnonzero(P.argmax(axis=1) != labels)[:m],
)

# --- 04-sgd, sgd --------------------------------------------------------------------------------------------------


def shuffled(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


say(
    "minibatches",
    "nothing is shuffled: every epoch has the same batches",
    r"shuffl|permut|random|same (batches|order)|in order|never mixed|sorted",
    lambda n, batch_size, rng: [np.arange(n)[start : start + batch_size] for start in range(0, n, batch_size)],
)
say(
    "minibatches",
    "the last batch is left out if it is not full",
    r"last (batch|one|indices|examples)|left.?over|remain|incomplete|drop|smaller batch|\brest\b|not full|partial|lost",
    lambda n, batch_size, rng: [batch for batch in shuffled(n, batch_size, rng) if len(batch) == batch_size],
)


@wrong(
    "minibatches",
    "np.random decides, not rng: equal generators do not give equal batches",
    r"\brng\b|global|np\.random|generator|own random|seed",
)
def minibatches_global_random(n, batch_size, rng):
    order = np.random.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


say(
    "minibatches",
    "drawn with replacement: some examples come twice in an epoch and others never",
    r"replac|twice|more than once|repeat|(every|each) (example|index) (comes )?(exactly )?once|duplicat|missing|left out|never|sampl",
    lambda n, batch_size, rng: [rng.integers(n, size=min(batch_size, n - i)) for i in range(0, n, batch_size)],
)
say(
    "minibatches",
    "np.array_split makes batches as equal as possible: all but the last should be full",
    r"array_split|even|equal|\bsizes?\b|full|split|balanc",
    lambda n, batch_size, rng: np.array_split(rng.permutation(n), -(-n // batch_size)),
)
say(
    "minibatches",
    "a generator made anew with a fixed seed shuffles the same way in every call: draw from rng",
    r"seed|same (batches|order|way|shuffl|permut|every)|every (call|epoch)|own generator|ignor|fixed|anew|default_rng|does not (use|draw)|from rng",
    lambda n, batch_size, rng: shuffled(n, batch_size, np.random.default_rng(541)),
)


@wrong("train_sgd", "w -= … changes w0 itself: start from a copy", IN_PLACE + r"|-=")
def train_sgd_in_place(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for batch in shuffled(len(y), batch_size, rng):
            w -= lr * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "train_sgd",
    "one epoch too many: range(num_epochs) ends one earlier",
    r"(one|an) (epoch )?(too many|more|extra)|num_epochs \+ 1|range\(|off by one|too many|extra epoch|epoch more",
)
def train_sgd_one_epoch_more(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs + 1):
        for batch in shuffled(len(y), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "train_sgd",
    "shuffled once, before the loop over epochs: shuffle anew in each",
    r"anew|\bonce\b|same (order|batch)|outside|before the loop|reshuffl|shuffl\w* (again|every|in (every|each)|for (every|each)|each|at the start)|(every|each) epoch",
)
def train_sgd_shuffled_once(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, batches = np.array(w0), shuffled(len(y), batch_size, rng)
    for _ in range(num_epochs):
        for batch in batches:
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "train_sgd",
    "the examples are shuffled, the labels are not: index both with the batch",
    r"belong|match|go(es)? with|stay with|own label|wrong label|labels? of (other|another)|mixed up|out of step|not (the )?labels|same (rows|indices|order|permut)|y\[batch\]"
    r"|labels (are|stay|in|do) ",
)
def train_sgd_labels_in_order(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs):
        start = 0
        for batch in shuffled(len(y), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[start : start + len(batch)])
            start += len(batch)
    return w


@wrong(
    "train_sgd",
    "one update at the end of an epoch, with the sum of its gradients: update after every batch",
    r"after (every|each) batch|(every|each) batch|once (per|an|in (each|every)|every) epoch|end of (an|the|each|every) epoch|accumul|collect|one (update|step)"
    r"|(same|not change|unchanged|stay).{0,30}epoch|within an epoch|too few updates",
)
def train_sgd_one_update_an_epoch(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs):
        total = np.zeros(w.shape)
        for batch in shuffled(len(y), batch_size, rng):
            total = total + grad_fn(w, X[batch], y[batch])
        w = w - lr * total
    return w


@wrong(
    "train_sgd",
    "batches are drawn with replacement: in an epoch every example should come once",
    r"replac|twice|more than once|(every|each) example|whole epoch|sampl|each example once|left out|never|repeat",
)
def train_sgd_sampling(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs):
        for start in range(0, len(y), batch_size):
            batch = rng.integers(len(y), size=min(batch_size, len(y) - start))
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "train_sgd",
    "grad_fn returns the mean gradient already: do not divide by the size of the batch again",
    r"divid|\bmean\b.{0,30}(already|twice|again)|already|twice|again|second time|len\(batch|too (small|short)|shorter|smaller",
)
def train_sgd_divides_again(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs):
        for batch in shuffled(len(y), batch_size, rng):
            w = w - lr / len(batch) * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "all_minibatch_gradients",
    "these are choices with replacement, in which an example may come twice in a batch",
    r"replac|twice|more than once|repeat|different|too many|same (example|index)|with itself|combinations\b",
)
def all_minibatch_gradients_with_replacement(per_example, batch_size):
    choices = combinations_with_replacement(range(len(per_example)), batch_size)
    return np.array([per_example[list(some)].mean(axis=0) for some in choices])


say(
    "all_minibatch_gradients",
    "neighbouring rows only: every choice of different examples is a batch",
    r"consecutive|neighbou?r|contiguous|slice|window|adjacent|(every|all) (the )?(possible )?(choice|batch|subset|combination)|too few|C\(n|in a row|side by side|combinations",
    lambda per_example, batch_size: np.array(
        [per_example[i : i + batch_size].mean(axis=0) for i in range(len(per_example) - batch_size + 1)]
    ),
)
say(
    "all_minibatch_gradients",
    "a tuple is an index for each axis: make a list of it before it picks rows",
    r"tuple|list\(|\blist of|make a list|index for each|each axis|indices|IndexError",
    lambda per_example, batch_size: np.array(
        [np.mean(per_example[some], axis=0) for some in combinations(range(len(per_example)), batch_size)]
    ),
)
say(
    "all_minibatch_gradients",
    "the sum over the batch: divide by its size",
    NO_MEAN + r"|/ ?B\b|by B\b|batch_size times|B times",
    lambda per_example, batch_size: np.array(
        [per_example[list(some)].sum(axis=0) for some in combinations(range(len(per_example)), batch_size)]
    ),
)


@wrong(
    "largest_batch",
    "this is the size that crashed: return the last one that worked",
    r"crash|fail|(did|does) not (work|fit)|too far|last (one |size )?(that|which)? ?(worked|fits)|twice|\bhalf|one doubling|went through|no longer",
)
def largest_batch_that_crashed(try_step, start, max_batch=None):
    try_step(start)
    batch = start
    while max_batch is None or 2 * batch <= max_batch:
        batch *= 2
        try:
            try_step(batch)
        except MemoryError:
            break
    return batch


@wrong(
    "largest_batch",
    "a bare except swallows every error: only MemoryError means that memory ran out",
    r"\bbare|`except`?|except:|except (clause|Exception|takes|catch|without)|swallow|other (kinds? of )?error|other exception|any (other )?error|every error|catch|\bhid|all errors",
)
def largest_batch_bare_except(try_step, start, max_batch=None):
    try_step(start)
    batch = start
    while max_batch is None or 2 * batch <= max_batch:
        try:
            try_step(2 * batch)
        except:  # noqa: E722
            break
        batch *= 2
    return batch


@wrong(
    "largest_batch",
    "if start itself does not fit, the MemoryError should go through to the caller",
    r"\bstart (itself|does|that|is|did|which)|first (size|try|attempt|batch)|MemoryError|\brais|go(es)? through|not fit|caller",
)
def largest_batch_half_of_start(try_step, start, max_batch=None):
    batch = start
    try:
        while max_batch is None or batch <= max_batch:
            try_step(batch)
            batch *= 2
    except MemoryError:
        pass
    return batch // 2


@wrong(
    "largest_batch",
    "max_batch itself may be tried: <= and not <",
    r"max_batch itself|<=|≤|equal|exactly|strict|itself|inclu|one doubling|too early|allowed|is fine|may be (tried|reached)|reach",
)
def largest_batch_below_max(try_step, start, max_batch=None):
    try_step(start)
    batch = start
    while max_batch is None or 2 * batch < max_batch:
        try:
            try_step(2 * batch)
        except MemoryError:
            break
        batch *= 2
    return batch


@wrong(
    "largest_batch",
    "it ends at max_batch itself, which is none of start, 2 start, 4 start, …",
    r"2 ?[·*×]? ?start|start ?[·*×]|2\^k|2ᵏ|power|doubl|twice|max_batch (itself|instead)|none of|not one of|multiple|returns? max_batch|cut (down|off)|min\(|capp",
)
def largest_batch_capped(try_step, start, max_batch=None):
    try_step(start)
    batch = start
    while True:
        bigger = 2 * batch if max_batch is None else min(2 * batch, max_batch)
        if bigger == batch:
            return batch
        try:
            try_step(bigger)
        except MemoryError:
            return batch
        batch = bigger


say(
    "scaled_lr",
    "the ratio is upside down: a larger batch gets a larger rate",
    r"upside down|invers|invert|wrong way|other way|reciprocal|swap|exchang|\bfalls|shrinks|smaller|numerator|revers|opposite|turned",
    lambda base_lr, base_batch, batch: base_lr * base_batch / batch,
)
say(
    "scaled_lr",
    "the rule is in proportion, not with the square root",
    r"sqrt|\broot|√",
    lambda base_lr, base_batch, batch: base_lr * np.sqrt(batch / base_batch),
)
say(
    "scaled_lr",
    "// cuts the ratio off to a whole number: smaller batches get the rate 0",
    r"//|integer|whole|floor|round|truncat|cut off|fraction",
    lambda base_lr, base_batch, batch: base_lr * (batch // base_batch),
)

say(
    "num_updates",
    "what is left over does not wait for the next epoch: round up within each, then multiply",
    r"(each|every|per|an|one|next|whole|over all|within) (epoch|training)|epochs? (by|one)|new batch|across|carr|before (you )?multipl|round.{0,20}(first|before|after)|then multipl",
    lambda n, batch_size, num_epochs: math.ceil(n * num_epochs / batch_size),
)
say(
    "num_updates",
    "np.ceil returns a float: a number of updates is an int",
    r"float|\bint\b|integer|whole number|\btype\b",
    lambda n, batch_size, num_epochs: np.ceil(n / batch_size) * num_epochs,
)
say(
    "num_updates",
    "one batch too many where batch_size divides n",
    r"divides|divisible|exact|one (batch |update )?(too many|more|extra)|multiple|no (rest|remainder)|nothing (is )?left|\beven|always adds|empty|too many",
    lambda n, batch_size, num_epochs: num_epochs * (n // batch_size + 1),
)

say(
    "exponential_decay",
    "epochs count from 0, and the first one has the whole lr0: c ** epoch, not epoch + 1",
    r"epoch \+ 1|e \+ 1|one (epoch|factor|power|multipl|c)|(first|earliest) epoch|too (early|often|much)|off by one|epoch 0|(whole|all of|full) lr0|once too|from 0",
    lambda lr0, c, epoch: lr0 * c ** (np.asarray(epoch) + 1.0),
)
say(
    "exponential_decay",
    "multiplied by the epoch: c has to be raised to its power",
    r"power|\*\*|c\^|cᵉ|linear|multipl|product|raise|exponent\b",
    lambda lr0, c, epoch: lr0 * c * epoch,
)
say(
    "exponential_decay",
    "this is exp(-c e): the base of the power is c itself",
    r"exp\(|\be\^|e⁻|Euler|natural|c ?\*\*|power|\bbase|c\^|c itself|cᵉ",
    lambda lr0, c, epoch: lr0 * exp(-c * np.asarray(epoch)),
)


@wrong(
    "exponential_decay",
    "range(epoch) counts to a single epoch only: ** works on arrays, too",
    r"range\(|\bloop|single (epoch|number)|one (epoch|number)\b|only (for |takes |works for )?(a |an |one )?(single|int|number|scalar)|\*\*|element"
    r"|(not|fails?) (for|on|with)? ?(an )?arrays?|takes? (an )?array|arrays? too",
)
def exponential_decay_loop(lr0, c, epoch):
    lr = lr0
    for _ in range(epoch):
        lr *= c
    return lr


# --- 04-sgd, training_issues --------------------------------------------------------------------------------------


def diagnose_with(slip):
    """The table of the notebook with one slip."""

    def diagnose(train_loss, val_loss=None, runs=None):
        T, first = len(train_loss), train_loss[0]
        unit = 1.0 if slip == "units" else first
        if train_loss[-1] > 2 * first or (slip != "nan" and not np.isfinite(train_loss).all()):
            return "diverged"

        def overfits():
            if val_loss is None:
                return False
            if slip == "gap":
                return val_loss[-1] > 1.3 * train_loss[-1]
            return val_loss[-1] > 1.3 * val_loss.min()

        def differs():
            if runs is None:
                return False
            ends = runs if slip == "all records" else runs[:, -1]
            return ends.max() - ends.min() > 0.2 * unit

        if slip == "order" and overfits():
            return "overfitting"
        if differs():
            return "different every time"
        if overfits():
            return "overfitting"
        changes = np.diff(train_loss if slip == "whole curve" else train_loss[T // 2 :])
        if np.mean(changes if slip == "signed" else np.abs(changes)) > 0.03 * unit:
            return "jittery"
        if train_loss[3 * T // 4] - train_loss[-1] > 0.03 * unit:
            return "stopped early"
        return "healthy"

    return diagnose


say(
    "diagnose",
    "a loss that becomes nan has diverged: comparisons with nan are False, so ask np.isfinite",
    r"\bnan\b|finite",
    diagnose_with("nan"),
)
say(
    "diagnose",
    "the thresholds are not compared with the first loss, so it depends on the unit",
    r"\bunits?\b|(of|with|by|to) the first loss|relative|scale|absolute|divid|euro|cents|share of|times larger|multipl",
    diagnose_with("units"),
)
say(
    "diagnose",
    "the rows are in another order: “different every time” comes before overfitting",
    r"\border|before|preced|priorit|above (it|that)|from the top|\brank|comes first|rows? [1-6] |wins|earlier row|first row that|too early|checked",
    diagnose_with("order"),
)
say(
    "diagnose",
    "compares the validation loss with the training loss: a gap is not overfitting, look at its own lowest",
    r"\bgap\b|lowest|minimum|smallest|\.min\(|best validation|(with|to|than|from|above) the training|difference between|distance between",
    diagnose_with("gap"),
)
say(
    "diagnose",
    "without the absolute value ups and downs cancel, and no curve is jittery",
    r"\babs|\bsign|cancel|up (and|or) down|magnitude|size of (the|each) change|net (change|fall)|direction",
    diagnose_with("signed"),
)
say(
    "diagnose",
    "the fall at the beginning counts as jitter: look at the second half only",
    r"second half|whole (curve|training|loss)|\bhalf\b|beginning|early (fall|part|drop)|at the start|T ?// ?2|all (the )?records|first half|entire",
    diagnose_with("whole curve"),
)
say(
    "diagnose",
    "the last losses of the runs are to be compared, not all of their records",
    r"last loss|last record|last (one|value|column|entr)|\[:, ?-1\]|\bends?\b|final|whole (curve|run|array)|all (the |of the )?(records|losses|entries)|(every|each|any) record|entire"
    r"|beginning",
    diagnose_with("all records"),
)

say(
    "early_stopping_epoch",
    "np.argmin looks at everything: what comes after the stop was never computed",
    r"argmin|ignor|whole|after the stop|never (computed|seen|stop|happen|trained)|future|of all|all (the )?epochs|global|not (use|stop)|too late|entire|overall|looks? at"
    r"|after (it|training) (has |would have )?stop|patience (is|plays|has|makes) (no|not)",
    lambda val, patience: int(np.argmin(np.where(np.isnan(val), np.inf, val))),
)


@wrong(
    "early_stopping_epoch",
    "an equal loss is no improvement: < and not <=, the first of them counts",
    r"\bties?\b|equal|<=|≤|strict|first of|same loss|as low|as good|first one|no improvement",
)
def early_stopping_epoch_last_of_ties(val, patience):
    best, waited = 0, 0
    for t in range(1, len(val)):
        if val[t] <= val[best]:
            best, waited = t, 0
        else:
            waited += 1
            if waited >= patience:
                break
    return best


@wrong(
    "early_stopping_epoch",
    "it waits one epoch too long: stop at patience epochs without improvement, >= and not >",
    r"one (epoch |record )?(too )?(late|long|more|many)|off by one|>=|≥|too (late|long|patient)|patience \+ 1|strict|later than|one epoch|already",
)
def early_stopping_epoch_one_too_long(val, patience):
    best = 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        elif t - best > patience:
            break
    return best


@wrong(
    "early_stopping_epoch",
    "this is the epoch where training stops: what is kept is the best one before",
    r"where (it|training|you) (would )?stop|stop\w*.{0,40}(instead|rather|\bnot\b)|(instead|rather|\bnot\b).{0,40}stop|epoch of the stop|at which|when (it|training) (stop|end)"
    r"|returns? the (last|stop|final)|best (one|epoch|so far|of)|(epoch|one) (with|of) the (lowest|best)|last epoch",
)
def early_stopping_epoch_of_the_stop(val, patience):
    best = 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        elif t - best >= patience:
            return t
    return len(val) - 1


@wrong(
    "early_stopping_epoch",
    "each epoch is compared with the one before: compare it with the best so far",
    r"previous|(one|epoch|loss|it) before|neighbou?r|preced|best so far|lowest so far|best epoch|last epoch|the best|one after the other",
)
def early_stopping_epoch_neighbours(val, patience):
    best, waited = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[t - 1]:
            best, waited = t, 0
        else:
            waited += 1
            if waited >= patience:
                break
    return best


@wrong(
    "early_stopping_epoch",
    "the counter is never set back to 0: patience counts epochs in a row",
    r"in a row|reset|consecutive|in total|back to 0|to zero|altogether|accumul|counter|set back|start(s)? (over|again)|all epochs without",
)
def early_stopping_epoch_counts_all(val, patience):
    best, waited = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        else:
            waited += 1
            if waited >= patience:
                break
    return best


# --- 05-momentum --------------------------------------------------------------------------------------------------

say(
    "quadratic_grad",
    "the ½ cancels the 2 of the square: H w, not 2 H w",
    r"twice|factor (of )?2|½|\bhalf|1/2|doubl|two times|2 times|the 2\b",
    lambda H, w: 2 * H @ w,
)
say(
    "quadratic_grad",
    "only the diagonal of H is used: off the diagonal it couples the weights",
    r"diagonal|diag\(|turned|H ?@ ?w|coupl",
    lambda H, w: np.diag(H) * w,
)
say(
    "quadratic_grad",
    "this is f itself, one number, and not its gradient",
    r"\bloss\b|height|value of f|f itself|scalar|(one|single) number|function itself|½ ?w|one slope for each",
    lambda H, w: w @ H @ w / 2,
)

say(
    "condition_number",
    "the diagonal is not the eigenvalues, unless H is diagonal",
    r"diagonal|eigen",
    lambda H: float(np.max(np.diag(H)) / np.min(np.diag(H))),
)
say(
    "condition_number",
    "upside down: the largest over the smallest",
    r"upside down|invers|invert|wrong way|other way|reciprocal|swap|exchang|numerator|revers|turned|at least 1|below 1|smallest (over|by|divided)",
    lambda H: float(np.linalg.eigvalsh(H)[0] / np.linalg.eigvalsh(H)[-1]),
)
say(
    "condition_number",
    "eigvals has no particular order: take its maximum and minimum, or use eigvalsh",
    r"\border|\bsort|ascend|eigvalsh|max\(|largest and (the )?smallest|first and (the )?last|not (always )?the (largest|smallest)",
    lambda H: float(np.linalg.eigvals(H)[-1] / np.linalg.eigvals(H)[0]),
)
say(
    "condition_number",
    "the ratio is asked for, not the difference",
    r"(the|a|its|their) difference|ratio|divid|quotient|subtract|minus|taller|scale",
    lambda H: float(np.linalg.eigvalsh(H)[-1] - np.linalg.eigvalsh(H)[0]),
)


def scaled(X, mu, sigma):
    return (X - mu) / np.where(sigma > 0, sigma, 1.0)


say(
    "standardize",
    "the test set is scaled by its own mean and deviation: use those of the training set",
    r"own (mean|stat|std|dev)|statistics (of|from)|training (set's |set |data's |data |rows' |rows )?(statistics|mean|μ)|X_train's|(from|of) X_train|of the test|\b(its|their) own|by (itself|themselves)|the training",
    lambda X_train, X_test: (
        scaled(X_train, X_train.mean(axis=0), X_train.std(axis=0)),
        scaled(X_test, X_test.mean(axis=0), X_test.std(axis=0)),
    ),
)


@wrong(
    "standardize",
    "ddof=1 divides by n − 1: here the mean of the squares is over n",
    r"ddof|n ?[−-] ?1|divid\w* by n|sample|unbiased|Bessel",
)
def standardize_ddof(X_train, X_test):
    mu, sigma = X_train.mean(axis=0), X_train.std(axis=0, ddof=1)
    return scaled(X_train, mu, sigma), scaled(X_test, mu, sigma)


@wrong(
    "standardize",
    "a constant column has deviation 0, and is divided by it: divide by 1 there",
    r"divi(de|ding|sion|ded) by (0|zero|its|it\b)|0 ?/ ?0|(deviation|std|σ|sigma).{0,25}(\b0\b|zero)|constant.{0,60}(nan|inf|divi|scal)|nothing to (be )?scal|divide by 1",
)
def standardize_constant(X_train, X_test):
    mu, sigma = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mu) / sigma, (X_test - mu) / sigma


@wrong(
    "standardize",
    "a small constant in the denominator is no cure: it changes every column, and blows up a constant one",
    r"small (constant|number|amount)|constant (is )?(added|in the)|added|adds|\beps|ε|1e-|denominator|blow|divide by 1|huge|scale.{0,40}constant|constant.{0,60}(scal|divi|shift)",
)
def standardize_eps(X_train, X_test):
    mu, sigma = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mu) / (sigma + 1e-8), (X_test - mu) / (sigma + 1e-8)


@wrong(
    "standardize",
    "one mean and one deviation for the whole table: each column has its own (axis=0)",
    r"axis|whole (table|array|matrix)|global|(each|every|per) (feature|column)|of its own|one mean|single mean|all (the )?(entries|features|numbers|columns)|overall|entire",
)
def standardize_without_axis(X_train, X_test):
    return scaled(X_train, X_train.mean(), X_train.std()), scaled(X_test, X_train.mean(), X_train.std())


@wrong(
    "momentum_step",
    "the weights move by the old V: they should move by the new one",
    r"(the |by |with )old\b|new (V|one)|V_new|previous|stale|not yet|before (V|it|the)|updated V|too late|one step (late|behind)",
)
def momentum_step_old_v(W, V, grad, lr, alpha):
    return W - V, lr * grad + alpha * V


@wrong(
    "momentum_step",
    "the learning rate multiplies the old V as well, which carries its own already",
    r"(lr|learning rate|ε).{0,60}(\bold\b|\bV\b|already|too\b|twice|also|again|both|whole|bracket)|already",
)
def momentum_step_lr_twice(W, V, grad, lr, alpha):
    V_new = lr * (grad + alpha * V)
    return W - V_new, V_new


@wrong(
    "momentum_step",
    "no 1 − alpha before the gradient: on the slide the weights do not add up to 1",
    r"1 ?[−-] ?(alpha|α)|averag|\bdamp|\bema\b|add up to 1",
)
def momentum_step_average(W, V, grad, lr, alpha):
    V_new = alpha * V + (1 - alpha) * lr * grad
    return W - V_new, V_new


@wrong("momentum_step", "V *= alpha changes the array of the caller: make a new one", IN_PLACE + r"|\*=|-=|\+=")
def momentum_step_in_place(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    return W - V, V


@wrong(
    "momentum_step",
    "this is PyTorch's buffer: on the slide the learning rate is inside of V",
    r"torch|without (the )?(lr|learning rate|ε)|(lr|learning rate|ε).{0,40}(belongs|missing|\bin\b|into|inside|enters|is not|outside|later|only when|part of|carr|lack|not)"
    r"|(belongs|missing|lacks?|includes?|contains?|carr(y|ies)|forgot|without).{0,30}(lr\b|learning rate|ε)",
)
def momentum_step_pytorch(W, V, grad, lr, alpha):
    V_new = alpha * V + grad
    return W - lr * V_new, V_new


def torch_with(slip):
    """The box of the slide, repaired, with one slip."""

    def torch_sgd_step(
        theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
    ):
        if lr < 0 or momentum < 0 or weight_decay < 0:
            raise ValueError("lr, momentum and weight_decay must not be negative")
        if nesterov and slip != "nesterov unchecked" and (momentum <= 0 or dampening != 0):
            raise ValueError("nesterov needs a momentum and no dampening")
        g, old = -grad if maximize and slip != "late sign" else grad, buf
        if weight_decay != 0 and slip != "decoupled":
            g = g + weight_decay * theta
        if momentum != 0 or slip == "always a buffer":
            if buf is not None:
                buf = momentum * buf + (1 if slip == "undamped" else 1 - dampening) * g
            elif slip == "damped from the start":
                buf = (1 - dampening) * g
            else:
                buf = g if slip == "alias" else np.array(g)
            g = g + momentum * (old if slip == "old buffer" and old is not None else buf) if nesterov else buf
        if slip == "decoupled":
            theta = theta - lr * weight_decay * theta
        return theta + lr * g if maximize and slip == "late sign" else theta - lr * g, buf

    return torch_sgd_step


say(
    "torch_sgd_step",
    "dampening begins at the second step: the first buffer is the whole first gradient",
    r"(damp|τ).{0,80}(first|second|t = 1|beginning|\bstart)|(first|t = 1|\bstart).{0,80}(damp|τ)|whole (first )?gradient",
    torch_with("damped from the start"),
)
say(
    "torch_sgd_step",
    "with maximize the sign is changed at the end, so weight decay makes the weights grow: change it before the decay",
    r"(decay|λ|penalty).{0,80}(\bsign|grow|away|before|flip|turn(s|ed)|negat|climb)|(\bsign|flip|negat|before).{0,80}(decay|λ|penalty)"
    r"|slide's (box|slip)|\bgrow",
    torch_with("late sign"),
)
say(
    "torch_sgd_step",
    "nesterov adds the old buffer: it should be the new one",
    r"(old|new|updated|previous|current) (buffer|b\b|buf\b|one)|buffer (before|after|just|that|of the)|\bb_?t\b|bₜ|one step (too )?(late|old|behind)",
    torch_with("old buffer"),
)
say(
    "torch_sgd_step",
    "the first buffer is grad itself: make a copy",
    r"\bcop(y|ies)|itself|own array|array of its own|buffer of its own|same (array|memory|object)|alias|shar(e|es|ing)\b.{0,20}memory|memory",
    torch_with("alias"),
)
say(
    "torch_sgd_step",
    "the weight decay goes past the buffer (as in AdamW): it belongs to the gradient before the buffer is made",
    r"decoupl|AdamW|(into|through|past|around|before|enters?) (the )?(buffer|gradient|momentum)|(buffer|gradient|momentum).{0,40}(without|lacks?|misses|ignores).{0,20}(decay|λ)|without (the )?(weight )?decay|(decay|λ).{0,60}(into|through|part of|belongs|past|around|missing|added to|before).{0,30}(buffer|gradient|momentum)",
    torch_with("decoupled"),
)
say(
    "torch_sgd_step",
    "dampening is ignored: later gradients enter the buffer with the factor 1 − τ",
    r"(damp|τ).{0,60}(ignor|missing|forgot|not (used|applied|in|multipl|taken)|left out|never|without|factor|whole|unused|no effect)|(ignor|missing|forgot|without|factor|never).{0,60}(damp|τ)"
    r"|1 ?[−-] ?(dampening|τ|tau)",
    torch_with("undamped"),
)
say(
    "torch_sgd_step",
    "with momentum = 0 the buffer should come back as it went in: it is overwritten",
    r"\b(buf|buffer|b)\b.{0,80}(as it (went|was|came)|unchanged|untouched|(?-i:None)|comes? back|stay|kept|not (be )?touch|should not|overwr|alone|updated|changed)|never touch"
    r"|returned? (as|unchanged)",
    torch_with("always a buffer"),
)
say(
    "torch_sgd_step",
    "nesterov without momentum, or with dampening, is not refused",
    r"refus|ValueError|\brais|check|allow|accept|valid|illegal|reject|forbid",
    torch_with("nesterov unchecked"),
)

# --- 06-flat-minima -----------------------------------------------------------------------------------------------


def around(theta, radius, rng):
    u = [rng.normal(size=A.shape) for A in theta]
    length = math.sqrt(sum(np.sum(D**2) for D in u))
    return [A + radius / length * D for A, D in zip(theta, u, strict=True)]


@wrong(
    "sharpness",
    "each array is scaled to the radius by itself: all arrays together are one vector, with one length",
    r"(each|every|per) array|separate|all arrays|together|one (long )?vector|\bjoint|own length|by itself|of its own|array by array|single vector|sqrt|√",
)
def sharpness_each_array(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    for _ in range(num_dirs):
        u = [rng.normal(size=A.shape) for A in theta]
        moved = [A + radius * D / np.linalg.norm(D) for A, D in zip(theta, u, strict=True)]
        rises.append(loss_fn(moved) - loss_fn(theta))
    return float(np.mean(rises))


say(
    "sharpness",
    "this is the loss there, not its rise: subtract the loss at theta",
    r"minus|subtract|loss (at|of) (theta|θ|the (centre|center|start|place))|L\(θ\)|not (the|its|a|by how much).{0,10}(rise|rises)|(instead of|rather than) (the|its|a) rise"
    r"|\blevel|difference|absolute|loss itself|height",
    lambda loss_fn, theta, radius, rng, num_dirs: float(
        np.mean([loss_fn(around(theta, radius, rng)) for _ in range(num_dirs)])
    ),
)


@wrong(
    "sharpness",
    "uniform numbers prefer the corners of a cube: draw normal ones",
    r"uniform|normal (number|distrib|random)|rng\.normal|corner|cube|prefer|gauss|distribut|box",
)
def sharpness_uniform(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    for _ in range(num_dirs):
        u = [rng.uniform(-1, 1, size=A.shape) for A in theta]
        length = math.sqrt(sum(np.sum(D**2) for D in u))
        rises.append(loss_fn([A + radius / length * D for A, D in zip(theta, u, strict=True)]) - loss_fn(theta))
    return float(np.mean(rises))


@wrong(
    "sharpness",
    "the directions are not divided by their length, so it goes too far",
    r"normali|length|\bunit\b|divid|too far|norm\b|how far|farther|further|distance is|not (at )?(the |that )?(distance|radius)|instead of (the )?radius|times (the )?radius",
)
def sharpness_any_length(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    for _ in range(num_dirs):
        moved = [A + radius * rng.normal(size=A.shape) for A in theta]
        rises.append(loss_fn(moved) - loss_fn(theta))
    return float(np.mean(rises))


say(
    "sharpness",
    "the largest rise instead of the mean",
    r"max|largest|worst|highest|not the (mean|average)|(instead of|rather than) (the |their )?(mean|average)|steepest",
    lambda loss_fn, theta, radius, rng, num_dirs: float(
        max(loss_fn(around(theta, radius, rng)) for _ in range(num_dirs)) - loss_fn(theta)
    ),
)


@wrong(
    "sharpness",
    "one direction, drawn before the loop, serves all: draw a new one each time",
    r"same direction|\bonce\b|independent|(each|new|another|every|different) direction|num_dirs|outside|(one|a single|only one|only 1) direction|anew|redraw|again|before the loop",
)
def sharpness_one_direction(loss_fn, theta, radius, rng, num_dirs):
    moved = around(theta, radius, rng)
    return float(np.mean([loss_fn(moved) - loss_fn(theta) for _ in range(num_dirs)]))


def shifted_head(Z):
    Z = Z - Z.max(axis=1, keepdims=True)
    return Z, exp(Z), exp(Z).sum(axis=1, keepdims=True)


@wrong(
    "loss_head",
    "dZ belongs to the mean of the losses: divide it by B",
    r"divid|1 ?/ ?B|/ ?B\b|by B\b|batch size|B times|1 ?/ ?n|/ ?n\b|len\(|number of (rows|examples)|average|\bsums? (instead|rather|over|of|where|not)|a sum\b|not (a |the )?mean|instead of (a |the |their )?mean|mean is missing",
)
def loss_head_without_mean(Z, labels):
    shifted, E, total = shifted_head(Z)
    return mean(log(total[:, 0]) - own(shifted, labels)), E / total - hot(labels, Z.shape[1])


@wrong(
    "loss_head",
    "log of a probability that may be 0: take the logarithm of the sum",
    r"log ?\(?0|underflow|rounds? to 0|exactly 0|log-?sum|logsumexp|log(arithm)? of (a |the )?(prob|0|softmax|P\b|sum)|from (the )?(prob|P\b)|probabilit.{0,25}\b0\b"
    r"|before the log",
)
def loss_head_log_of_p(Z, labels):
    P = sm(Z)
    return -mean(log(own(P, labels))), (P - hot(labels, Z.shape[1])) / len(Z)


@wrong(
    "loss_head",
    "P[:, labels] -= 1 works on whole columns: one entry in each row",
    r"P\[:, ?labels\]|\[:, ?labels|arange|(every|all|whole|each) (the )?(rows?|columns?)|own label|columns|pairs?\b|other examples|labels of",
)
def loss_head_columns(Z, labels):
    shifted, E, total = shifted_head(Z)
    dZ = E / total
    dZ[:, labels] -= 1
    return mean(log(total[:, 0]) - own(shifted, labels)), dZ / len(Z)


@wrong("loss_head", "the sign of dZ is wrong: P - Y", SIGN + r"|Y ?[−-] ?P|P ?[−-] ?Y")
def loss_head_sign(Z, labels):
    shifted, E, total = shifted_head(Z)
    return mean(log(total[:, 0]) - own(shifted, labels)), (hot(labels, Z.shape[1]) - E / total) / len(Z)


say(
    "interpolate",
    "the ends are swapped: alpha = 0 is theta0",
    SWAP + r"|other end|backward|alpha = 0|α = 0|alpha belongs|1 ?[−-] ?(α|alpha)|theta0 (gets|has|belongs)",
    lambda theta0, thetaf, alpha: [alpha * A + (1 - alpha) * B for A, B in zip(theta0, thetaf, strict=True)],
)
say(
    "interpolate",
    "the biases stay where they are: mix every array, not only the weights",
    r"\bbias|(every|all|each) (the )?arrays?|one-dimensional|1-?d\b|vectors?\b|second array|some arrays|only (the )?(first|weights|matri)",
    lambda theta0, thetaf, alpha: [
        (1 - alpha) * A + alpha * B if A.ndim > 1 else A.copy() for A, B in zip(theta0, thetaf, strict=True)
    ],
)
say(
    "interpolate",
    "alpha is cut off to 0 to 1: the line has no ends",
    r"clip|clamp|no ends|\[0, 1\]|limit|cut|bound|below 0|above 1|stops? at|beyond|goes on",
    lambda theta0, thetaf, alpha: [
        (1 - clip(alpha, 0, 1)) * A + clip(alpha, 0, 1) * B for A, B in zip(theta0, thetaf, strict=True)
    ],
)


@wrong("interpolate", "A += … changes theta0 itself: make new arrays", IN_PLACE + r"|\+=|new array")
def interpolate_in_place(theta0, thetaf, alpha):
    for A, B in zip(theta0, thetaf, strict=True):
        A += alpha * (B - A)
    return theta0


def on_line(theta0, thetaf, alpha):
    return [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]


say(
    "interpolation_curve",
    "this mixes the losses of the two ends: mix the parameters, then take the loss",
    r"\bmix|(between|of) (the )?two (losses|ends)|losses (at|of) the (two )?ends|straight|parameters|linear|interpolat\w* (the |between )?(the )?loss|line between|chord",
    lambda loss_fn, theta0, thetaf, alphas: np.array([(1 - a) * loss_fn(theta0) + a * loss_fn(thetaf) for a in alphas]),
)
say(
    "interpolation_curve",
    "the alphas are sorted first: the losses should come in the order of alphas",
    r"\bsort|\border",
    lambda loss_fn, theta0, thetaf, alphas: np.array([loss_fn(on_line(theta0, thetaf, a)) for a in np.sort(alphas)]),
)
say(
    "interpolation_curve",
    "only the length of alphas is used: the losses are those of an even grid from 0 to 1",
    r"ignor|linspace|own (grid|alphas|α)|(given|these) alphas|not (the )?(given|those|use|at)|evenly|equally|even grid|instead of (the )?alphas|0 to 1|0 and 1",
    lambda loss_fn, theta0, thetaf, alphas: np.array(
        [loss_fn(on_line(theta0, thetaf, a)) for a in np.linspace(0, 1, len(alphas))]
    ),
)

say(
    "is_monotone_decreasing",
    "neighbours only: many small rises add up to a large one",
    r"neighbou?r|lowest so far|any earlier|climb|creep|adjacent|consecutive|next|adds? up|small rises|small steps|accumul|several|one step",
    lambda v, tol: bool(np.all(np.diff(v) <= tol)) and not bool(np.isnan(v).any()),
)
say(
    "is_monotone_decreasing",
    "a nan passes: comparisons with nan are False, so ask whether all are low enough",
    r"\bnan\b",
    lambda v, tol: not bool(np.any(v > np.minimum.accumulate(v) + tol)),
)
say(
    "is_monotone_decreasing",
    "staying level is fine, and so is a rise of exactly tol: <= and not <",
    r"\blevel|equal|<=|≤|strict|exactly|\bflat|\bties?\b|same height",
    lambda v, tol: bool(np.all(v[1:] < np.minimum.accumulate(v)[:-1] + tol)),
)
say(
    "is_monotone_decreasing",
    "each height is compared with the first only: compare it with the lowest so far",
    r"first (height|value|one|point|entry|only|of)|v\[0\]|the (very )?(start|first)\b|lowest so far|any earlier|beginning|in between|later (rise|climb)",
    lambda v, tol: bool(np.all(v <= v[0] + tol)),
)
