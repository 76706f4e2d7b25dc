"""Answers to the exercises of fashion_mnist."""

import numpy as np

from .common import TRANSPOSED, hot, say, sm, wrong


def rows_of(images):
    X = np.ones((len(images), 785), dtype=np.float32)
    X[:, :784] = images.reshape(len(images), 784) / np.float32(255)
    return X


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
