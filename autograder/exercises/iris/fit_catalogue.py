"""Known answers to `fit`, an exercise of `03-softmax/iris.ipynb`."""

import numpy as np

from ...judging.bend import on_argument, on_output
from ...judging.model import Catalogue, Mistake
from .spec import reference_fit, reference_one_hot, reference_softmax

OWN_GRADIENT = "It computes a gradient of its own, which only fits softmax: call grad_fn, whatever gradient it returns."


def descend_with(step, start=np.array):
    """Gradient descent with another step: ``step(W, gradient, lr, t) -> W``."""

    def descend(grad_fn, W0, X, labels, lr, num_steps):
        W = start(W0, dtype=float)
        for t in range(num_steps):
            W = step(W, grad_fn(W, X, labels), lr, t)
        return W

    return descend


def wrong_update_in_place(grad_fn, W0, X, labels, lr, num_steps):
    for _ in range(num_steps):
        W0 -= lr * grad_fn(W0, X, labels)
    return W0


def wrong_return_inside_the_loop(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for _ in range(num_steps):
        W = W - lr * grad_fn(W, X, labels)
        return W


def wrong_whole_path(grad_fn, W0, X, labels, lr, num_steps):
    path = [W0]
    for _ in range(num_steps):
        path.append(path[-1] - lr * grad_fn(path[-1], X, labels))
    return np.array(path)


def wrong_gradient_of_the_start(grad_fn, W0, X, labels, lr, num_steps):
    return W0 - num_steps * lr * grad_fn(W0, X, labels)


def wrong_gradient_at_the_end(grad_fn, W0, X, labels, lr, num_steps):
    return grad_fn(reference_fit(grad_fn, W0, X, labels, lr, num_steps), X, labels)


def wrong_division_by_n(grad_fn, W0, X, labels, lr, num_steps):
    return reference_fit(grad_fn, W0, X, labels, lr / len(X), num_steps)


def wrong_first_example_only(grad_fn, W0, X, labels, lr, num_steps):
    return reference_fit(grad_fn, W0, X[:1], labels[:1], lr, num_steps)


def wrong_example_after_example(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for t in range(num_steps):
        i = t % len(X)
        W = W - lr * grad_fn(W, X[i : i + 1], labels[i : i + 1])
    return W


def wrong_step_for_every_example(grad_fn, W0, X, labels, lr, num_steps):
    return wrong_example_after_example(grad_fn, W0, X, labels, lr, num_steps * len(X))


def descend_on_cross_entropy(encode):
    """Gradient descent on the cross-entropy with this encoding of the labels, whatever grad_fn is."""

    def descend(grad_fn, W0, X, labels, lr, num_steps):
        W = W0
        for _ in range(num_steps):
            W = W - lr * X.T @ (reference_softmax(X @ W) - encode(labels, W0.shape[1])) / len(X)
        return W

    return descend


def wrong_momentum(grad_fn, W0, X, labels, lr, num_steps):
    W, V = W0, 0 * W0
    for _ in range(num_steps):
        V = 0.9 * V - lr * grad_fn(W, X, labels)
        W = W + V
    return W


def right_copy_first(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps):
        W -= lr * grad_fn(W, X, labels)
    return W


def right_count_down(grad_fn, W0, X, labels, lr, num_steps):
    W, left = np.asarray(W0), num_steps
    while left > 0:
        W, left = np.subtract(W, np.multiply(lr, grad_fn(W, X, labels))), left - 1
    return W


fit = Catalogue(
    mistakes={
        "ascent": Mistake(on_argument(reference_fit, "lr", lambda lr: -lr), "It goes uphill: check the step's sign."),
        "one step too many": Mistake(
            on_argument(reference_fit, "num_steps", lambda n: n + 1), "It takes one step too many."
        ),
        "one step too few": Mistake(
            on_argument(reference_fit, "num_steps", lambda n: max(n - 1, 0)), "It takes one step too few."
        ),
        "returns inside the loop": Mistake(
            wrong_return_inside_the_loop, "It returns after its first step: is the `return` indented too far?"
        ),
        "update discarded": Mistake(
            descend_with(lambda W, g, lr, t: W), "It always returns W0: is the result of a step assigned to W?"
        ),
        "starts at zero": Mistake(on_argument(reference_fit, "W0", lambda W0: 0 * W0), "It starts at 0, not at W0."),
        "updates W0 in place": Mistake(
            wrong_update_in_place, "It changes an array of the caller in place: start from a copy, or make a new one."
        ),
        "changes the gradient": Mistake(
            descend_with(lambda W, g, lr, t: W - np.multiply(g, lr, out=g)),
            "`g *= lr` changes the array that grad_fn returned. Write `lr * g`, which makes a new array.",
        ),
        "learning rate forgotten": Mistake(descend_with(lambda W, g, lr, t: W - g), "The learning rate is not used."),
        "gradient of the start": Mistake(
            wrong_gradient_of_the_start, "Every step uses the gradient at W0. At which weights should it be computed?"
        ),
        "forgets the current weights": Mistake(
            descend_with(lambda W, g, lr, t: -lr * g), "Each step replaces W: start it at the current weights."
        ),
        "unit steps": Mistake(
            descend_with(lambda W, g, lr, t: W - lr * g / np.linalg.norm(g)),
            "Only the direction of the gradient is used. What happens to its length?",
        ),
        "learning rate decays": Mistake(
            descend_with(lambda W, g, lr, t: W - lr / (t + 1) * g), "The learning rate should stay the same."
        ),
        "momentum": Mistake(wrong_momentum, "It adds earlier steps, as with momentum: use the new gradient alone."),
        "clipped": Mistake(
            descend_with(lambda W, g, lr, t: W - lr * g / max(1.0, np.linalg.norm(g))),
            "Long gradients are clipped: use the whole gradient.",
        ),
        "weight decay": Mistake(
            descend_with(lambda W, g, lr, t: W - lr * (g + 0.01 * W)),
            "Each step shrinks the weights, as weight decay does. What does grad_fn return?",
        ),
        "a gradient of its own, eye": Mistake(
            descend_on_cross_entropy(lambda labels, K: np.eye(K)[labels]), OWN_GRADIENT
        ),
        "a gradient of its own, one_hot": Mistake(descend_on_cross_entropy(reference_one_hot), OWN_GRADIENT),
        "a gradient of its own, compared": Mistake(
            descend_on_cross_entropy(lambda labels, K: np.equal.outer(labels, np.arange(K))), OWN_GRADIENT
        ),
        "divided by n": Mistake(wrong_division_by_n, "It divides by n once more: the gradient is a mean already."),
        "first example only": Mistake(wrong_first_example_only, "It trains on the first example alone."),
        "stops when the gradient is small": Mistake(
            descend_with(lambda W, g, lr, t: W if np.abs(g).max() < 1e-6 else W - lr * g),
            "It stops early when the gradient is small: take num_steps steps.",
        ),
        "example after example": Mistake(
            wrong_example_after_example, "Each step uses one example: take the gradient over all rows of X."
        ),
        "every example in each step": Mistake(
            wrong_step_for_every_example, "It takes a step for each example: take each step over all rows of X."
        ),
        "the last gradient": Mistake(wrong_gradient_at_the_end, "This is a gradient: return the weights."),
        "the whole path": Mistake(wrong_whole_path, "It returns the whole path: return the last weights only."),
        "returns a list": Mistake(on_output(reference_fit, np.ndarray.tolist), "Return an array, not a list."),
    },
    variants={
        "new arrays": descend_with(lambda W, g, lr, t: W - lr * g),
        "asarray": descend_with(lambda W, g, lr, t: W + -lr * np.asarray(g), start=np.asarray),
        "copies first": right_copy_first,
        "counts down": right_count_down,
        "column by column": descend_with(
            lambda W, g, lr, t: np.column_stack([W[:, k] - lr * g[:, k] for k in range(W.shape[1])])
        ),
    },
)
