"""A multi-layer perceptron that takes your loss: it back-propagates the gradient that your function returns."""

from collections.abc import Callable
from typing import Any

import numpy as np

Theta = list[np.ndarray]


class MLP:
    """Layers Z = XW + b with ReLU between them, and your loss on top (slide: Evidence of moving between flat regions).

    `sizes` are the numbers of inputs, of units in each hidden layer, and of outputs, such as `[784, 128, 10]`.
    `loss_head(Z, labels)` returns the loss of the logits `Z` (n, K) and its gradient `dZ` (n, K).

    The parameters are a list `theta` = [W₁, b₁, W₂, b₂, …] of arrays, which each other method takes and none modifies.

    >>> def half_mean_square(Z, targets):
    ...     return np.mean((Z - targets) ** 2) / 2, (Z - targets) / Z.size
    >>> net = MLP([4, 8, 3], half_mean_square)
    >>> theta = net.init(np.random.default_rng(541))
    >>> loss, grad = net.gradient(theta, np.ones((5, 4), np.float32), np.zeros((5, 3)))
    >>> theta = [A - 0.1 * dA for A, dA in zip(theta, grad)]
    """

    def __init__(self, sizes: list[int], loss_head: Callable[[np.ndarray, Any], tuple[Any, np.ndarray]]):
        self.sizes, self.loss_head = list(sizes), loss_head

    def init(self, rng: np.random.Generator, dtype: Any = np.float32) -> Theta:
        """Draw initial parameters: weights of variance 2 / inputs (He et al., 2015), biases 0."""
        theta = []
        for inputs, outputs in zip(self.sizes, self.sizes[1:], strict=False):
            W = rng.normal(size=(inputs, outputs)) * np.sqrt(2 / inputs)
            theta += [W.astype(dtype), np.zeros(outputs, dtype)]
        return theta

    def logits(self, theta: Theta, X: np.ndarray) -> np.ndarray:
        """The logits `Z` (n, K) of the examples in the rows of `X` (n, d)."""
        return self._forward(theta, X)[1]

    def loss(self, theta: Theta, X: np.ndarray, labels: Any) -> float:
        """The loss of the logits of `X`, a single number."""
        return float(self.loss_head(self.logits(theta, X), labels)[0])

    def gradient(self, theta: Theta, X: np.ndarray, labels: Any) -> tuple[float, Theta]:
        """The loss and its gradient (a list with the shapes of `theta`), by back-propagation of `dZ`."""
        layers, Z = self._forward(theta, X)
        loss, dZ = self.loss_head(Z, labels)
        dZ = np.asarray(dZ, dtype=Z.dtype)
        if dZ.shape != Z.shape:
            raise ValueError(f"loss_head returned dZ of shape {dZ.shape} for logits of shape {Z.shape}")
        grad: Theta = []
        for W, A in zip(theta[-2::-2], reversed(layers), strict=True):
            grad = [A.T @ dZ, dZ.sum(axis=0), *grad]
            if A is not X:  # the inputs need no gradient
                dZ = (dZ @ W.T) * (A > 0)  # the slope of ReLU
        return float(loss), grad

    def _forward(self, theta: Theta, X: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """The inputs of each layer, and the logits."""
        layers = [X]
        for W, b in zip(theta[:-2:2], theta[1:-2:2], strict=True):
            layers.append(np.maximum(layers[-1] @ W + b, 0))
        return layers, layers[-1] @ theta[-2] + theta[-1]
