"""Answers to the exercises of iris."""

import numpy as np
from numpy import exp, log, mean

from .common import IN_PLACE, NO_MEAN, SIGN, TRANSPOSED, hot, lse, own, say, sm, wrong


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
