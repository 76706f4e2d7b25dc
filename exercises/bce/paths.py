"""The path of gradient descent: the right one, and checks of an answer's path."""

import numpy as np

from autograder.judging.compare import describe_difference

from ..descent_steps import ATOL, RTOL, find_departure


def reference_gradient_descent(grad_fn, w0, lr, num_steps):
    rows = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        rows.append(rows[-1] - lr * np.asarray(grad_fn(rows[-1])))
    return np.array(rows)


def expected_path(call):
    factory_arg, w0, lr, num_steps = call.args
    return reference_gradient_descent(factory_arg.make(), w0, lr, num_steps)


def check_end_point(call, value):
    """The last row is the point after num_steps steps, whatever the rows before it are."""
    expected = expected_path(call)[-1]
    try:
        end = np.atleast_2d(value)[-1]
    except (TypeError, ValueError, OverflowError, IndexError):
        return "it does not return an array of numbers"
    if end.dtype.kind not in "iuf":
        return "it does not return an array of numbers"
    if end.shape != expected.shape:
        return f"the shape of its last row is {end.shape} instead of {expected.shape}"
    if np.allclose(end, expected, rtol=1e-9, atol=1e-12):
        return None
    return f"wrong point in the last row{first_wrong_step(call, np.asarray(value, dtype=float))}"


def first_wrong_step(call, path):
    """The first wrong step, if the answer is a path with as many steps as the right one."""
    factory_arg, w0, lr, num_steps = call.args
    if path.shape != (num_steps + 1, len(w0)):
        return ""
    gradient = factory_arg.make()
    expected = np.array([w0, *(w - lr * gradient(w) for w in path[:-1])])
    if not np.allclose(path[0], w0, rtol=1e-6):  # float32 is reported below
        return ": row 0 is not the start"
    t = int(np.argmin(np.isclose(path, expected, RTOL, ATOL).all(axis=1)))
    if t and np.array_equal(path[t], path[t - 1]):  # the path does not show whether the weights moved nevertheless
        return f": update {t - 1} leaves the weights unchanged in the path, where rows {t - 1} and {t} are equal"
    if t and not path[t:].any():
        return f": row {t} is all 0" if t == num_steps else f": rows {t} to {num_steps} are all 0"
    departure = find_departure(path, expected, {"lr": np.full(num_steps, lr)})
    return f": {departure}" if departure else ""


def check_path_of_floats(call, value):
    """The path agrees with the reference and holds floats. Integers with the right values fail."""
    expected = expected_path(call)
    if difference := describe_difference(value, expected, atol=1e-12):
        is_path = isinstance(value, np.ndarray) and value.dtype.kind in "fiu" and value.shape == expected.shape
        return difference + (first_wrong_step(call, value) if is_path else "")
    return None if value.dtype.kind == "f" else "it holds integers instead of floats"
