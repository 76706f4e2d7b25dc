"""Answers to the exercises of iris."""

import math

import numpy as np

from .common import ce_each, right, s, sm, wrong

# --- encode_labels


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


@wrong("encode_labels", "alphabetical order without regard to capitals")
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
