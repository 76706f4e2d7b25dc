"""Answers to the exercises of fashion_mnist."""

from collections import Counter

import numpy as np

from .common import right, sm, wrong

# --- prepare


def _prepared(images, dtype=np.float32):
    X = np.ones((len(images), 785), dtype=dtype)
    X[:, :-1] = images.reshape(len(images), 784) / np.float32(255)
    return X


right("prepare", "float64")(lambda images: _prepared(images, float))
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
right("prepare", "float64 for an empty stack")(lambda images: _prepared(images) if len(images) else np.ones((0, 785)))
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

# --- train


def _train(X, labels, lr=0.1, epochs=15, size=64, W0=None, seed=0):
    W = np.zeros((X.shape[1], 10), dtype=np.float32) if W0 is None else W0
    Y, rng = np.eye(10, dtype=np.float32)[labels], np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), size):
            J = order[i : i + size]
            W = W - np.float32(lr) * (X[J].T @ (sm(X[J] @ W) - Y[J])) / np.float32(len(J))
    return W


wrong("train", "zeros")(lambda X, labels: np.zeros((785, 10)))
wrong("train", "one epoch with a tiny rate")(lambda X, labels: _train(X, labels, lr=1e-5, epochs=1))
wrong("train", "trains on 12 rows")(lambda X, labels: _train(X[:12], labels[:12]))
wrong("train", "shuffles the labels against the rows")(lambda X, labels: _train(X, np.roll(labels, 1)))
wrong("train", "climbs")(lambda X, labels: _train(X, labels, lr=-0.1))
wrong("train", "nan weights")(lambda X, labels: _train(X, labels) * np.nan)
wrong("train", "transposed")(lambda X, labels: _train(X, labels).T)
wrong("train", "only two classes are learned")(lambda X, labels: _train(X[labels < 2], labels[labels < 2]))
wrong("train", "the classes are taken to be in the usual order")(lambda X, labels: _train(X, (labels + 1) % 10))
wrong("train", "random weights")(lambda X, labels: np.random.default_rng(0).normal(size=(785, 10)))
right("train", "15 epochs at 0.1")(lambda X, labels: _train(X, labels))
right("train", "full batches")(lambda X, labels: _train(X, labels, lr=0.2, epochs=60, size=10**6))
right("train", "from small random weights")(
    lambda X, labels: _train(X, labels, W0=np.random.default_rng(1).normal(0, 0.01, (785, 10)).astype(np.float32))
)
right("train", "float64 and nearest class means, whitened by ridge regression")(
    lambda X, labels: np.linalg.solve(X.T.astype(float) @ X + 10 * np.eye(785), X.T.astype(float) @ np.eye(10)[labels])
)
