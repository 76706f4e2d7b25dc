"""Known wrong and right answers to the exercises of `02-bce/bce.ipynb`."""

import math
from itertools import pairwise

import numpy as np

from autograder.judging.bend import on_argument, on_output
from autograder.judging.model import Catalogue, Mistake

from ..sigmoid.spec import reference_sigmoid, reference_sigmoid_prime
from .paths import reference_gradient_descent
from .spec import (
    log_losses,
    reference_bce_from_probs,
    reference_bce_grad,
    reference_bce_with_logits,
    reference_mse_grad,
    residual,
)

# --- shared by several exercises --------------------------------------------------------------------------------

SIGN = "The gradient points the opposite way. Is the error p - y or y - p?"
SUM = "It sums over examples. Take the mean."
DIVIDED_BY_D = "It divides by the number of features instead of the number of examples."
SLOPE_MISSING = "The chain rule goes through the sigmoid, too. Its slope is missing."
TWICE = "The gradient is twice as long as it should be."
MEAN_OVER_FEATURES = "It averages over features. The gradient has one number per weight, not one per example."
LOSS_ITSELF = "This is the loss itself. How fast does it change with each weight?"
NOT_SUMMED = "It still has one row per example. The gradient has the shape of w."
FEATURES_MISSING = "This is the derivative with respect to z. How does z change with w?"
OUTER_DIFFERENCE = "Every y is subtracted from every p: (n, 1) minus (n,) broadcasts to (n, n)."
COLUMN = "Return shape (d,), not (d, 1)."
SQUEEZED = "With a single feature squeeze() leaves a 0-d array. The gradient has the shape of w."
LABELS_IN_PLACE = "`y -= p` changes the caller's labels, and it fails for integers."
FLOAT_LABELS_IN_PLACE = "np.asarray does not copy a float array, so `-=` changes the caller's y."
INTEGER_RESULT = "For integer features the result is truncated. Does zeros_like make an array of integers there?"
LAST_EXAMPLE = "Only the last example contributes. In a loop, `=` replaces the sum, and `+=` adds to it."
FINITE_DIFFERENCE = "A finite difference is only an estimate. Use the formula."
FIRST_TERM_ONLY = "Examples with y = 0 cost nothing: the second term is missing."
LOG2 = "The slide's log is the natural logarithm."


def column(v):
    return np.reshape(v, (-1, 1))


def mse_grad_of(errors, w, X):
    """The gradient of the MSE with these errors in place of p - y."""
    return X.T @ (errors * reference_sigmoid_prime(X @ w)) / len(X)


def bce_grad_of(errors, w, X):
    """The gradient of the log-loss with these errors in place of p - y."""
    return X.T @ errors / len(X)


def wrong_sum(gradient):
    return lambda w, X, y: len(y) * gradient(w, X, y)


def wrong_division_by_d(gradient):
    return lambda w, X, y: gradient(w, X, y) * len(y) / len(w)


def wrong_squeeze(gradient):
    return on_output(gradient, lambda g: np.squeeze(column(g)))


def wrong_last_example(gradient):
    return lambda w, X, y: gradient(w, X[-1:], y[-1:]) / len(y)


def wrong_integer_result(gradient):
    def answer(w, X, y):
        total = np.zeros_like(X[0])
        total[...] = gradient(w, X, y)
        return total

    return answer


def wrong_labels_in_place(gradient_of):
    def answer(w, X, y):
        y -= reference_sigmoid(X @ w)
        return -gradient_of(y, w, X)

    return answer


def wrong_float_labels_in_place(gradient_of):
    return on_argument(wrong_labels_in_place(gradient_of), "y", lambda y: np.asarray(y, dtype=float))


def wrong_central_difference(loss, h=1e-5):
    def answer(w, X, y):
        return np.array([loss(w + h * unit, X, y) - loss(w - h * unit, X, y) for unit in np.eye(len(w))]) / (2 * h)

    return answer


def right_loop(term):
    """The mean over examples of ``term(x, p, y)``, in a Python loop."""

    def answer(w, X, y):
        total = np.zeros(len(w))
        for x, label in zip(X, y, strict=True):
            total += term(x, reference_sigmoid(x @ w), label)
        return total / len(y)

    return answer


# --- mse_grad(w, X, y) ------------------------------------------------------------------------------------------


def right_mse_grad_in_columns(w, X, y):
    p = reference_sigmoid(X @ column(w))
    return (X.T @ ((p - column(y)) * p * (1 - p)))[:, 0] / len(y)


mse_grad = Catalogue(
    mistakes={
        "no half": Mistake(
            on_output(reference_mse_grad, lambda gradient: 2 * gradient),
            "The gradient is twice as long as it should be. Which factor does the loss have in front of the square?",
        ),
        "no slope of the sigmoid": Mistake(lambda w, X, y: X.T @ residual(w, X, y) / len(y), SLOPE_MISSING),
        "sign": Mistake(on_output(reference_mse_grad, np.negative), SIGN),
        "sum": Mistake(wrong_sum(reference_mse_grad), SUM),
        "divided by d": Mistake(wrong_division_by_d(reference_mse_grad), DIVIDED_BY_D),
        "only p of the slope": Mistake(
            lambda w, X, y: X.T @ (residual(w, X, y) * reference_sigmoid(X @ w)) / len(y),
            "The slope of the sigmoid has two factors. This has only p.",
        ),
        "only 1 - p of the slope": Mistake(
            lambda w, X, y: X.T @ (residual(w, X, y) * reference_sigmoid(-(X @ w))) / len(y),
            "The slope of the sigmoid has two factors. This has only 1 - p.",
        ),
        "square kept": Mistake(
            lambda w, X, y: mse_grad_of(residual(w, X, y) ** 2, w, X),
            "The error is still squared. Differentiating a square lowers its power.",
        ),
        "slope taken at p": Mistake(
            lambda w, X, y: X.T @ (residual(w, X, y) * reference_sigmoid_prime(reference_sigmoid(X @ w))) / len(y),
            "It takes the slope of the sigmoid at p. What was the sigmoid applied to?",
        ),
        "logits instead of probabilities": Mistake(
            lambda w, X, y: mse_grad_of(X @ w - y, w, X), "It uses z - y as the error. Squash z first."
        ),
        "linear regression": Mistake(
            lambda w, X, y: X.T @ (X @ w - y) / len(y),
            "This is the gradient of linear regression. The sigmoid is missing.",
        ),
        "mean over features": Mistake(
            lambda w, X, y: (X * column(residual(w, X, y) * reference_sigmoid_prime(X @ w))).mean(axis=1),
            MEAN_OVER_FEATURES,
        ),
        "the loss": Mistake(lambda w, X, y: np.mean((reference_sigmoid(X @ w) - y) ** 2) / 2, LOSS_ITSELF),
        "not added up": Mistake(
            lambda w, X, y: X * column(residual(w, X, y) * reference_sigmoid_prime(X @ w)), NOT_SUMMED
        ),
        "features forgotten": Mistake(
            lambda w, X, y: np.mean(residual(w, X, y) * reference_sigmoid_prime(X @ w)), FEATURES_MISSING
        ),
        "outer difference": Mistake(
            lambda w, X, y: mse_grad_of((reference_sigmoid(X @ w)[:, None] - y).mean(axis=1), w, X),
            "It pairs every y with every p, as (n, 1) and (n,) do. Pair each p with its own y.",
        ),
        "a column": Mistake(on_output(reference_mse_grad, column), COLUMN),
        "squeezed": Mistake(
            wrong_squeeze(reference_mse_grad),
            "With a single feature squeeze() leaves a 0-d array. The gradient has the shape of w.",
            names=("squeeze",),
            otherwise="With a single feature the result is a number. The gradient has the shape of w.",
        ),
        "y -= p": Mistake(
            wrong_labels_in_place(mse_grad_of),
            "`-=` changes the caller's labels, and it fails for integers. Make a new array.",
            names=("-=",),
            otherwise="It changes the caller's labels in place, and it fails for integers. Make a new array.",
        ),
        "y -= p with float labels": Mistake(
            wrong_float_labels_in_place(mse_grad_of),
            "np.asarray does not copy a float array, so `-=` changes the caller's y.",
            names=(
                "asarray",
                "-=",
            ),
            otherwise="It changes the caller's y if y holds floats. Make a new array.",
        ),
        "integers stay integers": Mistake(
            wrong_integer_result(reference_mse_grad),
            "For integer features the result is truncated. Does zeros_like make an array of integers there?",
            names=("zeros_like",),
            otherwise="For integer features the result is truncated to integers. It needs floats.",
        ),
        "last example only": Mistake(
            wrong_last_example(reference_mse_grad),
            "Only the last example contributes. Is each example added to those before it?",
        ),
        "finite difference": Mistake(
            wrong_central_difference(lambda w, X, y: np.mean((reference_sigmoid(X @ w) - y) ** 2) / 2),
            "It is only an estimate, as from a finite difference. Use the formula.",
        ),
    },
    variants={
        "X transposed": lambda w, X, y: (lambda p: X.T @ ((p - y) * p * (1 - p)) / len(y))(reference_sigmoid(X @ w)),
        "row vector times X": lambda w, X, y: (residual(w, X, y) * reference_sigmoid_prime(X @ w)) @ X / X.shape[0],
        "mean of rows": lambda w, X, y: (X * column(residual(w, X, y) * reference_sigmoid_prime(X @ w))).mean(axis=0),
        "einsum": lambda w, X, y: np.einsum("nd,n,n->d", X, residual(w, X, y), reference_sigmoid_prime(X @ w)) / len(y),
        "loop": right_loop(lambda x, p, y: x * (p - y) * p * (1 - p)),
        "p - p²": lambda w, X, y: (lambda p: np.dot(p - p**2, X * column(p - y)) / y.size)(reference_sigmoid(X.dot(w))),
        "naive sigmoid": lambda w, X, y: (lambda p: X.T @ ((p - y) * p * (1 - p)) / len(y))(1 / (1 + np.exp(-X @ w))),
        "labels as floats": lambda w, X, y: mse_grad_of(reference_sigmoid(X @ w) - y.astype(float), w, X),
        "columns inside": right_mse_grad_in_columns,
    },
)


# --- gradient_descent(grad_fn, w0, lr, num_steps) ---------------------------------------------------------------


def descent_with(step, start=np.array):
    """Gradient descent with another step, ``step(w, grad_fn, lr, t)``, which returns the next point."""

    def answer(grad_fn, w0, lr, num_steps):
        w = start(w0, dtype=float)
        path = [w]
        for t in range(num_steps):
            w = step(w, grad_fn, lr, t)
            path.append(w)
        return np.array(path)

    return answer


def wrong_aliases(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w)
    return np.array(path)


def wrong_updates_w0(grad_fn, w0, lr, num_steps):
    path = [w0.copy()]
    for _ in range(num_steps):
        w0 -= lr * grad_fn(w0)
        path.append(w0.copy())
    return np.array(path)


def wrong_stop_at_small_gradient(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        gradient = grad_fn(path[-1])
        if np.linalg.norm(gradient) < 1e-6:
            break
        path.append(path[-1] - lr * gradient)
    return np.array(path)


def wrong_stop_at_small_step(grad_fn, w0, lr, num_steps):
    path = reference_gradient_descent(grad_fn, w0, lr, num_steps)
    short = np.linalg.norm(np.diff(path, axis=0), axis=1) < 1e-6
    return path[: np.argmax(short) + 1] if short.any() else path


def wrong_break(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        if np.allclose(grad_fn(path[t]), 0):
            break
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path


def wrong_dtype_of_w0(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)), dtype=w0.dtype)
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path


def wrong_changes_row_t(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        path[t] -= lr * grad_fn(path[t])
        path[t + 1] = path[t]
    return path


def wrong_fills_row_t(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        path[t] = path[t] - lr * grad_fn(path[t])
    return path


def wrong_steps_from_w0(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = w0 - lr * grad_fn(path[t])
    return path


def wrong_for_zero_steps(path_of_start):
    """Gradient descent that returns ``path_of_start(w0)`` if num_steps is 0."""
    return lambda grad_fn, w0, lr, num_steps: (
        reference_gradient_descent(grad_fn, w0, lr, num_steps)
        if num_steps
        else path_of_start(np.array(w0, dtype=float))
    )


def right_preallocated(grad_fn, w0, lr, num_steps):
    path = np.empty((num_steps + 1, len(w0)))
    path[0] = w0
    for before, after in pairwise(path):
        after[:] = before - lr * grad_fn(before)
    return path


def right_copied_rows(grad_fn, w0, lr, num_steps):
    w = w0.astype(float)
    path = [w.copy()]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w.copy())
    return np.array(path)


def right_break(grad_fn, w0, lr, num_steps):
    path = np.tile(np.asarray(w0, dtype=float), (num_steps + 1, 1))
    for t in range(num_steps):
        gradient = grad_fn(path[t])
        if not np.any(gradient):
            break
        path[t + 1 :] = path[t] - lr * gradient
    return path


def right_concatenation(grad_fn, w0, lr, num_steps):
    path = np.asarray(w0)[None, :].astype(float)
    while len(path) <= num_steps:
        path = np.concatenate([path, [path[-1] - lr * grad_fn(path[-1])]])
    return path


gradient_descent = Catalogue(
    mistakes={
        "start missing": Mistake(
            on_output(reference_gradient_descent, lambda path: path[1:]),
            "The path begins after the first step. The start belongs to it, too.",
        ),
        "end missing": Mistake(
            on_output(reference_gradient_descent, lambda path: path[:-1]),
            "It stops one step early. The path has num_steps + 1 rows.",
        ),
        "one step too many": Mistake(
            on_argument(reference_gradient_descent, "num_steps", lambda num_steps: num_steps + 1),
            "It takes one step too many.",
        ),
        "ascent": Mistake(
            on_argument(reference_gradient_descent, "lr", np.negative), "It goes uphill. Look at the sign of the step."
        ),
        "aliases": Mistake(
            wrong_aliases,
            "All rows show the same point: `-=` changes an array in place, and all rows hold the same array.",
            names=("-=",),
            otherwise="All rows show the same point: are they all the same array? Make a new one for each point.",
        ),
        "changes row t": Mistake(
            wrong_changes_row_t, "It changes row t, which already holds a point. Write to row t + 1 only."
        ),
        "fills row t": Mistake(
            wrong_fills_row_t, "Step t starts from row t and writes to row t again. Which row should it fill?"
        ),
        "steps from w0": Mistake(
            wrong_steps_from_w0, "Every step starts from w0 again. Start from the point that the last step reached."
        ),
        "only the end": Mistake(
            on_output(reference_gradient_descent, lambda path: path[-1]),
            "It returns the last point only. Return the whole path.",
        ),
        "a list": Mistake(
            on_output(reference_gradient_descent, list), "Make one array of the list before you return it."
        ),
        "transposed": Mistake(
            on_output(reference_gradient_descent, np.transpose), "Rows are steps, columns are weights."
        ),
        "changes w0": Mistake(
            wrong_updates_w0, "It updates w0 in place: this changes the caller's w0, and it fails for integers."
        ),
        "changes the gradient": Mistake(
            descent_with(lambda w, grad_fn, lr, t: w - np.multiply(g := grad_fn(w), lr, out=g)),
            "It changes the array that grad_fn returned. Write `lr * g`, which makes a new array.",
        ),
        "integers stay integers": Mistake(
            wrong_dtype_of_w0, "An integer w0 makes an integer path, and every step is truncated."
        ),
        "learning rate forgotten": Mistake(
            descent_with(lambda w, grad_fn, lr, t: w - grad_fn(w)), "The learning rate is never used."
        ),
        "gradient of the start": Mistake(
            lambda grad_fn, w0, lr, num_steps: w0 - lr * np.arange(num_steps + 1.0)[:, None] * grad_fn(w0),
            "Every step uses the gradient at w0. Compute it again at the current point.",
        ),
        "unit steps": Mistake(
            descent_with(lambda w, grad_fn, lr, t: w - lr * (g := grad_fn(w)) / np.linalg.norm(g)),
            "Every step has length lr. A step should be proportional to the gradient.",
        ),
        "learning rate decays": Mistake(
            descent_with(lambda w, grad_fn, lr, t: w - lr / (t + 1) * grad_fn(w)),
            "The learning rate decays. It should be constant.",
        ),
        "gradients": Mistake(
            lambda grad_fn, *args: np.array([grad_fn(w) for w in reference_gradient_descent(grad_fn, *args)]),
            "These are the gradients along the path, not the points.",
        ),
        "jumps to the gradient": Mistake(
            descent_with(lambda w, grad_fn, lr, t: -lr * grad_fn(w)),
            "It replaces the point by the step. Add the step to the current point.",
        ),
        "steps": Mistake(
            on_output(reference_gradient_descent, lambda path: np.diff(path, axis=0, prepend=0)),
            "These are the steps, not the points they lead to.",
        ),
        "stops when the gradient is small": Mistake(
            wrong_stop_at_small_gradient,
            "It stops where the gradient is small. Take all num_steps steps, so that the path has all its rows.",
        ),
        "stops when it hardly moves": Mistake(
            wrong_stop_at_small_step,
            "It stops where a step is short. Take all num_steps steps, so that the path has all its rows.",
        ),
        "leaves the loop": Mistake(
            wrong_break, "Where the gradient is small, the last rows are still 0. Fill every row."
        ),
        "always 0.1": Mistake(
            on_argument(reference_gradient_descent, "lr", lambda lr: 0.1),
            "Its learning rate is always 0.1. Use the argument `lr`.",
        ),
        "nothing without a step": Mistake(
            wrong_for_zero_steps(lambda w: np.empty((0, len(w)))),
            "With num_steps = 0 the path still has one row: the start.",
        ),
        "flat without a step": Mistake(
            wrong_for_zero_steps(lambda w: w), "With num_steps = 0 the path is still a table, with one row."
        ),
    },
    variants={
        "list of new arrays": descent_with(lambda w, grad_fn, lr, t: w - lr * grad_fn(w)),
        "preallocated": right_preallocated,
        "in place, rows copied": right_copied_rows,
        "stacked": right_concatenation,
        "rows filled before a break": right_break,
        "asarray": descent_with(lambda w, grad_fn, lr, t: w + -lr * np.asarray(grad_fn(w)), start=np.asarray),
        "one weight at a time": descent_with(
            lambda w, grad_fn, lr, t: np.array([a - lr * b for a, b in zip(w, grad_fn(w), strict=True)])
        ),
    },
)


# --- bce_from_probs(p, y) ---------------------------------------------------------------------------------------


def wrong_logarithms_in_place(p, y):
    p[y == 0] = 1 - p[y == 0]
    return -np.mean(np.log(p, out=p))


def wrong_constant_in_log(constant):
    return lambda p, y: -np.mean(y * np.log(p + constant) + (1 - y) * np.log(1 - p + constant))


bce_from_probs = Catalogue(
    mistakes={
        "sum": Mistake(
            lambda p, y: log_losses(p, y).sum(),
            "It sums over examples. Which factor does the slide have in front of the sum?",
        ),
        "sign": Mistake(
            on_output(reference_bce_from_probs, np.negative), "It is negative, but this loss is never below 0."
        ),
        "labels swapped": Mistake(
            on_argument(reference_bce_from_probs, "y", lambda y: 1 - y),
            "The two terms are swapped. Which one should y = 1 select?",
        ),
        "log2": Mistake(on_output(reference_bce_from_probs, lambda loss: loss / np.log(2)), LOG2),
        "log10": Mistake(
            on_output(reference_bce_from_probs, lambda loss: loss / np.log(10)),
            "This looks like log10. Use the natural logarithm, np.log.",
        ),
        "log1p(p)": Mistake(
            lambda p, y: -np.mean(y * np.log1p(p) + (1 - y) * np.log1p(-p)),
            "np.log1p(p) is log(1 + p). Which logarithm does the first term have?",
            names=("log1p",),
            otherwise="The first term has log(1 + p). Which logarithm does it have on the slide?",
        ),
        "log1p in both terms": Mistake(
            lambda p, y: -np.mean(y * np.log1p(p) + (1 - y) * np.log1p(1 - p)),
            "np.log1p(p) is log(1 + p). Which logarithms do the two terms have?",
            names=("log1p",),
            otherwise="A term has log(1 + p). Which logarithms do the two terms have on the slide?",
        ),
        "first term only": Mistake(lambda p, y: -np.mean(y * np.log(p)), FIRST_TERM_ONLY),
        "second term only": Mistake(
            lambda p, y: -np.mean((1 - y) * np.log(1 - p)),
            "Examples with y = 1 cost nothing: the first term is missing.",
        ),
        "one per example": Mistake(log_losses, "These are the losses of each example. Return one number."),
        "minus on one term": Mistake(
            lambda p, y: np.mean(-y * np.log(p) + (1 - y) * np.log(1 - p)),
            "Only one of the terms has a minus. On the slide it stands before the whole bracket.",
        ),
        "outer product": Mistake(
            lambda p, y: np.mean(-column(y) * np.log(p) - (1 - column(y)) * np.log(1 - p)),
            "It pairs every p with every y, as (n, 1) and (n,) do. Pair each p with its own y.",
        ),
        "takes logarithms in place": Mistake(
            wrong_logarithms_in_place, "It overwrites p, which changes the caller's array. Work on a new array."
        ),
        "squared error": Mistake(lambda p, y: np.mean((p - y) ** 2), "This is the MSE, which the slide replaces."),
        "half the squared error": Mistake(
            lambda p, y: np.mean((p - y) ** 2) / 2, "This is half the MSE, which the slide replaces."
        ),
        "absolute error": Mistake(
            lambda p, y: np.mean(np.abs(p - y)), "This is the mean absolute error. The slide has a logarithm."
        ),
        "y and p exchanged": Mistake(
            lambda p, y: -np.mean(p * np.log(y) + (1 - p) * np.log(1 - y)),
            "It is infinite for every p. Do you take the logarithm of y, which is 0 or 1?",
        ),
        "p used as a logit": Mistake(
            reference_bce_with_logits, "It uses p as a logit, but p is a probability already: no sigmoid here."
        ),
        "log of the mean": Mistake(
            lambda p, y: -np.log(np.mean(np.where(y == 1, p, 1 - p))),
            "It takes the logarithm of a mean. Which of the two comes first on the slide?",
        ),
        "log of the product": Mistake(
            lambda p, y: -np.log(np.prod(np.where(y == 1, p, 1 - p))) / len(y),
            (
                "With many examples the loss is infinite: the product of many probabilities is 0 in "
                "float64. Sum the logarithms instead."
            ),
        ),
        "1e-12 inside the log": Mistake(
            wrong_constant_in_log(1e-12),
            "The loss has an upper limit: is a small constant added inside the logarithm? Add nothing.",
        ),
        "1e-12 inside one log": Mistake(
            lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p + 1e-12)),
            (
                "The loss has an upper limit for y = 0: is a small constant added inside the second "
                "logarithm? Add nothing."
            ),
        ),
        "1e-7 inside the log": Mistake(
            wrong_constant_in_log(1e-7),
            "Every loss is slightly wrong: is a small constant added inside the logarithm? Add nothing.",
        ),
        "p clipped": Mistake(
            on_argument(reference_bce_from_probs, "p", lambda p: np.clip(p, 1e-12, 1 - 1e-12)),
            "The loss has an upper limit: is p clipped? p is already strictly between 0 and 1.",
        ),
        "divided twice": Mistake(
            lambda p, y: reference_bce_from_probs(p, y) / len(y), "It divides by n twice: a mean already does it once."
        ),
    },
    variants={
        "the slide": lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
        "log1p": lambda p, y: -(y * np.log(p) + (1 - y) * np.log1p(-p)).sum() / len(y),
        "where": lambda p, y: float(np.where(y == 1, -np.log(p), -np.log(1 - p)).mean()),
        "chosen": lambda p, y: -np.concatenate([np.log(p[y == 1]), np.log(1 - p[y == 0])]).mean(),
        "dot": lambda p, y: -(np.log(p) @ y + np.log(1 - p) @ (1 - y)) / p.size,
        "loop": lambda p, y: (
            -sum(math.log(a) if b else math.log(1 - a) for a, b in zip(p.tolist(), y.tolist(), strict=True)) / len(y)
        ),
        "powers": lambda p, y: -np.log(p**y * (1 - p) ** (1 - y)).mean(),
        "distance to the other label": lambda p, y: -np.log(np.abs(1 - y - p)).mean(),
        "a 0-d array": on_output(reference_bce_from_probs, np.array),
    },
)


# --- bce_with_logits(z, y) --------------------------------------------------------------------------------------


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def wrong_from_probabilities(log):
    """The slide's formula on the exact probabilities, with another logarithm."""

    def answer(z, y):
        p = reference_sigmoid(z)
        return -np.mean(y * log(p) + (1 - y) * log(1 - p))

    return answer


def wrong_nan_to_num_in_terms(z, y):
    p = reference_sigmoid(z)
    return -np.mean(np.nan_to_num(y * np.log(p)) + np.nan_to_num((1 - y) * np.log(1 - p)))


def wrong_both_branches(z, y):
    losses = np.where(z > 0, z + np.log1p(np.exp(-z)), np.log1p(np.exp(z)))
    return np.mean(losses - y * z)


def wrong_one_branch_for_all(z, y):
    a = (1 - 2 * y) * z
    if np.any(a > 0):
        return np.mean(a + np.log1p(np.exp(-a)))
    return np.mean(np.log1p(np.exp(a)))


def wrong_flips_z_in_place(z, y):
    z[y == 1] *= -1
    return np.mean(np.logaddexp(0, z))


def right_masks(z, y):
    margin = np.where(y == 1, z, -z).astype(float)
    losses = np.empty_like(margin)
    right = margin > 0
    losses[right] = np.log1p(np.exp(-margin[right]))
    losses[~right] = -margin[~right] + np.log1p(np.exp(margin[~right]))
    return losses.mean()


def right_one_at_a_time(z, y):
    total = 0.0
    for logit, label in zip(z.tolist(), y.tolist(), strict=True):
        wrong = -logit if label else logit
        total += max(wrong, 0) + math.log1p(math.exp(-abs(wrong)))
    return total / len(y)


def right_silenced_warning(z, y):
    with np.errstate(over="ignore"):
        return wrong_both_branches(z, y)


bce_with_logits = Catalogue(
    mistakes={
        "log of p": Mistake(
            wrong_from_probabilities(np.log), "Where p is exactly 0 or 1, log gives -inf, and 0 times -inf is nan."
        ),
        "log of p + 1e-8": Mistake(
            wrong_from_probabilities(lambda p: np.log(p + 1e-8)),
            "The loss has an upper limit: is a small constant added inside the logarithm? It should keep growing.",
        ),
        "log of p + 1e-12": Mistake(
            wrong_from_probabilities(lambda p: np.log(p + 1e-12)),
            "Large losses are capped. Is p clipped, or a constant added inside the log?",
        ),
        "log of one sigmoid": Mistake(
            lambda z, y: -np.mean(np.log(reference_sigmoid(np.where(y == 1, z, -z)))),
            "sigmoid(-1000) is 0, and the log of 0 is -inf. Simplify the log of a sigmoid on paper first.",
        ),
        "p clipped": Mistake(
            wrong_from_probabilities(lambda p: np.log(np.clip(p, 1e-15, 1 - 1e-15))),
            (
                "The loss has an upper limit: is p clipped? For a confidently wrong example it should keep "
                "growing with |z|."
            ),
        ),
        "p clipped harder": Mistake(
            wrong_from_probabilities(lambda p: np.log(np.clip(p, 1e-7, 1 - 1e-7))),
            "The loss stops growing too early: is p clipped?",
        ),
        "nan to 0": Mistake(
            on_output(wrong_from_probabilities(np.log), np.nan_to_num),
            "Some confident examples cost 0: is a nan replaced by 0? Avoid the nan instead.",
        ),
        "nan to 0 in each term": Mistake(
            wrong_nan_to_num_in_terms,
            "Some losses are a huge number: is inf or -inf replaced? The correct loss can be computed from z.",
        ),
        "z clipped": Mistake(
            on_argument(reference_bce_with_logits, "z", lambda z: np.clip(z, -500, 500)),
            "The loss stops growing: is z clipped?",
        ),
        "z clipped harder": Mistake(
            on_argument(reference_bce_with_logits, "z", lambda z: np.clip(z, -30, 30)),
            "The loss stops growing too early: is z clipped?",
        ),
        "naive softplus": Mistake(
            lambda z, y: np.mean(np.log(1 + np.exp(z)) - y * z),
            "exp(z) overflows for large z. Keep every exponent at or below 0.",
        ),
        "naive softplus of the margin": Mistake(
            lambda z, y: np.mean(np.log(1 + np.exp(np.where(y == 1, -z, z)))),
            "The exponential overflows for confidently wrong examples. Keep its exponent at or below 0.",
        ),
        "both branches of where": Mistake(
            wrong_both_branches,
            "np.where computes both formulas for every z before it chooses. The one not chosen overflows.",
            names=("np.where",),
            otherwise="An exponential overflows although its result is not used. Keep every exponent at or below 0.",
        ),
        "one branch for all": Mistake(
            wrong_one_branch_for_all,
            (
                "It is wrong if small and large losses occur together: is one formula chosen for all "
                "examples? Choose one for each."
            ),
        ),
        "labels -1 and 1": Mistake(
            lambda z, y: np.mean(np.logaddexp(0, -y * z)), "This is the formula for labels -1 and 1. Here y is 0 or 1."
        ),
        "max term missing": Mistake(
            lambda z, y: np.mean(np.log1p(np.exp(-np.abs(z)))),
            "The loss never exceeds log 2, however wrong z is. The term taken out of the logarithm is missing.",
        ),
        "right examples cost, too": Mistake(
            lambda z, y: np.mean(np.maximum((1 - 2 * y) * z, 0) + np.logaddexp(0, (2 * y - 1) * z)),
            "A confidently right example costs as much as a wrong one. Which term grows if a is very negative?",
        ),
        "first term only": Mistake(lambda z, y: np.mean(y * softplus(-z)), FIRST_TERM_ONLY),
        "log term dropped": Mistake(
            lambda z, y: np.mean(np.where((a := (1 - 2 * y) * z) > 3, a, np.logaddexp(0, a))),
            "For larger a it returns a alone. The second term, log(1 + exp(-a)), is small there, but not 0.",
        ),
        "no log term": Mistake(
            lambda z, y: np.mean(np.maximum(z, 0) - y * z),
            "A right prediction costs nothing, however close z is to 0. Which term is missing?",
        ),
        "sum": Mistake(lambda z, y: len(y) * reference_bce_with_logits(z, y), SUM),
        "sign": Mistake(
            on_output(reference_bce_with_logits, np.negative), "It is negative. Check the minus before the bracket."
        ),
        "labels swapped": Mistake(
            on_argument(reference_bce_with_logits, "y", lambda y: 1 - y),
            "The labels are swapped. Which sign of z is right for y = 1?",
        ),
        "log2": Mistake(on_output(reference_bce_with_logits, lambda loss: loss / np.log(2)), LOG2),
        "outer difference": Mistake(
            lambda z, y: np.mean(softplus(z)[:, None] - y * z[:, None]),
            "It pairs every z with every y, as (n, 1) and (n,) do. Pair each z with its own y.",
        ),
        "one per example": Mistake(
            lambda z, y: softplus(z) - y * z, "These are the losses of each example. Take their mean."
        ),
        "z used as p": Mistake(
            lambda z, y: -np.mean(y * np.log(z) + (1 - y) * np.log(1 - z)),
            "It is nan for most z: does it take the logarithm of z, which may be negative? z is a logit, not a "
            "probability.",
        ),
        "y ignored": Mistake(
            lambda z, y: np.mean(np.logaddexp(0, -z)), "It returns the loss for y = 1, whatever y is."
        ),
        "changes z": Mistake(wrong_flips_z_in_place, "It changes the caller's z. Work on a new array."),
    },
    variants={
        "logaddexp": lambda z, y: np.mean(np.logaddexp(0, z) - y * z),
        "max and log1p": lambda z, y: np.mean(softplus(z) - y * z),
        "margin": lambda z, y: float(np.logaddexp(0, (1 - 2 * y) * z).mean()),
        "two terms": lambda z, y: (y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)).sum() / z.size,
        "masked": right_masks,
        "loop": right_one_at_a_time,
        "dot": lambda z, y: np.array((softplus(z).sum() - y @ z) / len(z)),
        "where without a warning": lambda z, y: np.mean(np.where(y == 1, softplus(-z), softplus(z))),
        "warning silenced": right_silenced_warning,
    },
)


# --- clipped_pair -----------------------------------------------------------------------------------------------

clipped_pair = Catalogue(
    mistakes={
        "a right prediction": Mistake({"z": 30, "y": 1}, "The model is right there, so both losses are almost 0."),
        "a right prediction of 0": Mistake(
            {"z": -30, "y": 0}, "The model is right there, so both losses are almost 0."
        ),
        "just clipped": Mistake(
            {"z": 17, "y": 0}, "p is clipped there, but the loss is only a little larger than its limit."
        ),
        "the limit of the clipped loss": Mistake({"z": 16.118, "y": 0}, "At this z clipping begins. Go 10 further."),
        "10 in place of a difference of 10": Mistake({"z": 10, "y": 0}, "The loss is 10 there, but p is not clipped."),
        "almost": Mistake({"z": -26.1, "y": 1}, "Almost: the loss must exceed its limit by 10."),
        "p instead of z": Mistake({"z": 1e-8, "y": 1}, "z is a logit. Near 0 its p is 0.5."),
        "exponent": Mistake({"z": 1e7, "y": 0}),
        "label -1": Mistake({"z": 30, "y": -1}),
        "label False": Mistake({"z": 30, "y": False}, "y is a truth value: write the number 0 or 1."),
        "a label between": Mistake({"z": 30, "y": 0.5}),
        "one key": Mistake({"z": 30}),
        "no names": Mistake([30, 0]),
        "two logits": Mistake({"z": [30, 40], "y": [0, 0]}),
        "text": Mistake({"z": "30", "y": 0}),
    },
    variants={
        "label 1": {"z": -30, "y": 1},
        "at the limit": {"z": 26.2, "y": 0},
        "large": {"z": 1000.0, "y": 0.0},
        "arrays": {"z": [-500], "y": [1]},
        "another order": {"y": 0, "z": 27},
    },
)


# --- bce_grad(w, X, y) ------------------------------------------------------------------------------------------


def wrong_divides_by_slope(w, X, y):
    p = reference_sigmoid(X @ w)
    return X.T @ ((p - y) / (p * (1 - p)) * (p * (1 - p))) / len(y)


def wrong_nan_to_0(w, X, y):
    p = reference_sigmoid(X @ w)
    slope = p * (1 - p)
    return -X.T @ np.nan_to_num(y * slope / p - (1 - y) * slope / (1 - p)) / len(y)


def wrong_features_in_place(w, X, y):
    X *= column(residual(w, X, y))
    return X.mean(axis=0)


bce_grad = Catalogue(
    mistakes={
        "sign": Mistake(on_output(reference_bce_grad, np.negative), SIGN),
        "sum": Mistake(wrong_sum(reference_bce_grad), SUM),
        "mean over the classes": Mistake(
            lambda w, X, y: np.mean([reference_bce_grad(w, X[y == k], y[y == k]) for k in np.unique(y)], axis=0),
            "It averages over the classes. Every example counts the same, also in a class with many examples.",
        ),
        "divided by d": Mistake(wrong_division_by_d(reference_bce_grad), DIVIDED_BY_D),
        "sigmoid forgotten": Mistake(
            lambda w, X, y: X.T @ (X @ w - y) / len(y),
            "This is the gradient of linear regression. It looks the same, but what is the prediction here?",
        ),
        "gradient of the MSE": Mistake(
            reference_mse_grad,
            "This is the gradient of the MSE, with the factor p(1 - p). With the log-loss it cancels.",
        ),
        "twice": Mistake(on_output(reference_bce_grad, lambda gradient: 2 * gradient), TWICE),
        "square kept": Mistake(
            lambda w, X, y: X.T @ residual(w, X, y) ** 2 / len(y),
            "There is no square in the last line of the derivation.",
        ),
        "no slope of the sigmoid": Mistake(
            lambda w, X, y: X.T @ (residual(w, X, y) / reference_sigmoid_prime(X @ w)) / len(y), SLOPE_MISSING
        ),
        "mean over features": Mistake(lambda w, X, y: (X * column(residual(w, X, y))).mean(axis=1), MEAN_OVER_FEATURES),
        "the loss": Mistake(lambda w, X, y: reference_bce_with_logits(X @ w, y), LOSS_ITSELF),
        "labels instead of probabilities": Mistake(
            lambda w, X, y: X.T @ ((X @ w >= 0) * 1.0 - y) / len(y),
            "It compares predicted labels with y. Use the probabilities, before the threshold.",
        ),
        "only where y is 1": Mistake(
            lambda w, X, y: -X.T @ (y * reference_sigmoid(-(X @ w))) / len(y),
            "Examples with y = 0 contribute nothing. A term is missing.",
        ),
        "only where y is 0": Mistake(
            lambda w, X, y: X.T @ ((1 - y) * reference_sigmoid(X @ w)) / len(y),
            "Examples with y = 1 contribute nothing. A term is missing.",
        ),
        "divides by p(1 - p)": Mistake(
            wrong_divides_by_slope, "Where p is 0 or 1 the result is nan, as from 0 / 0. Cancel on paper, not in code."
        ),
        "not added up": Mistake(lambda w, X, y: X * column(residual(w, X, y)), NOT_SUMMED),
        "features forgotten": Mistake(lambda w, X, y: residual(w, X, y).mean(), FEATURES_MISSING),
        "outer difference": Mistake(
            lambda w, X, y: bce_grad_of((reference_sigmoid(X @ w)[:, None] - y).mean(axis=1), w, X),
            "It pairs every y with every p, as (n, 1) and (n,) do. Pair each p with its own y.",
        ),
        "a column": Mistake(on_output(reference_bce_grad, column), COLUMN),
        "squeezed": Mistake(
            wrong_squeeze(reference_bce_grad),
            "With a single feature squeeze() leaves a 0-d array. The gradient has the shape of w.",
            names=("squeeze",),
            otherwise="With a single feature the result is a number. The gradient has the shape of w.",
        ),
        "y -= p": Mistake(
            wrong_labels_in_place(bce_grad_of),
            "`-=` changes the caller's labels, and it fails for integers. Make a new array.",
            names=("-=",),
            otherwise="It changes the caller's labels in place, and it fails for integers. Make a new array.",
        ),
        "y -= p with float labels": Mistake(
            wrong_float_labels_in_place(bce_grad_of),
            "np.asarray does not copy a float array, so `-=` changes the caller's y.",
            names=(
                "asarray",
                "-=",
            ),
            otherwise="It changes the caller's y if y holds floats. Make a new array.",
        ),
        "X *= p - y": Mistake(
            wrong_features_in_place,
            "`X *= …` changes the caller's features. Work on a new array.",
            names=("X *=",),
            otherwise="It changes the caller's features. Work on a new array.",
        ),
        "integers stay integers": Mistake(
            wrong_integer_result(reference_bce_grad),
            "For integer features the result is truncated. Does zeros_like make an array of integers there?",
            names=("zeros_like",),
            otherwise="For integer features the result is truncated to integers. It needs floats.",
        ),
        "first example only": Mistake(
            lambda w, X, y: reference_bce_grad(w, X[:1], y[:1]), "It uses the first example only."
        ),
        "last example only": Mistake(
            wrong_last_example(reference_bce_grad),
            "Only the last example contributes. Is each example added to those before it?",
        ),
        "nan to 0": Mistake(
            wrong_nan_to_0,
            "A confidently wrong example contributes 0: is 0 / 0 replaced by 0? Cancel on paper instead.",
        ),
        "p clipped": Mistake(
            lambda w, X, y: bce_grad_of(np.clip(reference_sigmoid(X @ w), 1e-7, 1 - 1e-7) - y, w, X),
            (
                "The gradient is wrong where p is near 0 or 1: is p clipped? There is no logarithm and no "
                "quotient that needs it."
            ),
        ),
        "finite difference": Mistake(
            wrong_central_difference(lambda w, X, y: reference_bce_with_logits(X @ w, y)),
            "It is only an estimate, as from a finite difference. Use the formula.",
        ),
    },
    variants={
        "X transposed": lambda w, X, y: X.T @ (reference_sigmoid(X @ w) - y) / len(y),
        "row vector times X": lambda w, X, y: (reference_sigmoid(np.dot(X, w)) - y) @ X / X.shape[0],
        "mean of rows": lambda w, X, y: np.mean(X * (reference_sigmoid(X @ w) - y)[:, None], axis=0),
        "einsum": lambda w, X, y: np.einsum("n,nd->d", reference_sigmoid(X @ w) - y, X) / y.size,
        "loop": right_loop(lambda x, p, y: x * (p - y)),
        "minus x(y - p)": lambda w, X, y: -(X.T.dot(y - reference_sigmoid(X @ w))) / len(X),
        "naive sigmoid": lambda w, X, y: X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(y),
        "columns inside": lambda w, X, y: (X.T @ (reference_sigmoid(X @ column(w)) - column(y))).ravel() / len(y),
        "two terms": lambda w, X, y: (lambda p: -X.T @ (y * (1 - p) - (1 - y) * p) / len(y))(reference_sigmoid(X @ w)),
    },
)
