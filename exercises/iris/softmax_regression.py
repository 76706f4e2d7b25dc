"""Softmax regression: the logarithm of softmax and the loss of each example, exact."""

import numpy as np


def log_softmax(Z):
    """The logarithm of each row's softmax, without overflow and with a small relative error for logits of any size."""
    Z = np.asarray(Z, dtype=np.float64)
    Z = Z - Z.max(axis=1, keepdims=True)
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


def example_losses(Z, labels):
    """The loss of each example: minus the log of the probability given to its true class."""
    return -np.array([row[label] for row, label in zip(log_softmax(Z), labels, strict=True)])


def normalise(E, axis=1):
    """Divide by the sum along an axis."""
    return E / E.sum(axis=axis, keepdims=True)
