"""Answers to the exercises of 03-softmax and 04-sgd."""

import numpy as np
from numpy import clip, exp, log, mean

from .common import hot, s, say, sm, wrong

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


def prepared(scale=255, dtype=np.float32, order="C", last=1, front=False):
    def prepare(images):
        rows = np.array([image.flatten(order) for image in images]).reshape(len(images), 784) / scale
        ones = np.full((len(images), 1), last)
        return np.hstack([ones, rows] if front else [rows, ones]).astype(dtype)

    return prepare


say("prepare", "not divided by 255", "255|divid|scale", prepared(scale=1))
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
