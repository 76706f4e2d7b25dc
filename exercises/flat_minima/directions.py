"""The points at which `sharpness` calls loss_fn: displacements from theta, rises of the loss, and uniformity."""

import math

import numpy as np

from autograder.judging.compare import describe_difference

from ..factories import Landscape
from .landscapes import flatten


def on_displacements(*checks):
    """Make a trace check that applies every ``check(case, value, steps)`` to the displacements from theta."""

    def check_trace(case, value, calls):
        if not is_single_number(value):
            return "it does not return a single number"
        steps = displacements(case, calls)
        if steps is None or not len(steps):
            return "it never calls loss_fn at a point other than theta"
        if not np.isfinite(steps).all():
            return "it calls loss_fn with parameters that are nan or infinite"
        return next(filter(None, (check(case, value, steps) for check in checks)), None)

    return check_trace


def displacements(case, calls):
    """The points at which loss_fn was called minus theta, as rows (m, d), without the calls at theta itself.

    None if the record is not a list of points of the shape of theta.
    """
    theta = flatten(case.args[1])
    points = calls[0] if isinstance(calls, list) and calls else None
    if not isinstance(points, list) or any(np.shape(point) != theta.shape for point in points):
        return None
    steps = np.array(points, dtype=float).reshape(-1, len(theta)) - theta
    at_theta = (abs(steps) <= 1e-12).all(axis=1)  # an answer may move theta and move it back, with rounding errors
    return steps[~at_theta]  # nan is elsewhere


def is_single_number(value):
    return isinstance(value, int | float | np.ndarray | np.generic) and np.ndim(value) == 0


def rises_at(case, steps):
    """The loss at each displacement (m, d) from theta, minus the loss at theta."""
    loss_of_step = loss_around_theta(case)
    return np.array([loss_of_step(step) for step in steps]) - loss_of_step(0)


def loss_around_theta(case):
    """The loss at theta plus a step, as a function of the step."""
    landscape, theta = case.args[0].params, flatten(case.args[1])
    loss_fn = Landscape([flatten(landscape["centre"])], [flatten(landscape["bends"])], landscape["ripple"])
    return lambda step: loss_fn([theta + step])


def check_distance(case, value, steps):
    """Every displacement has the length radius, which may be negative."""
    lengths = np.sqrt((steps**2).sum(axis=1)) / abs(case.args[2])
    if np.allclose(lengths, 1, rtol=1e-6):
        return None
    if np.allclose(lengths, lengths[0], rtol=1e-6):
        return "all its points are at the same wrong distance from theta"
    jumps = np.diff(steps, axis=0, prepend=0 * steps[:1])
    if np.allclose((jumps**2).sum(axis=1), case.args[2] ** 2, rtol=1e-6):
        return "it walks on from point to point, and does not start each step at theta"
    return "its points are at different distances from theta"


NOT_THE_MEAN_RISE = "it does not return the mean rise of the loss at the points that it visits"
OTHER_RESULTS = (
    ("the sum of the rises", lambda rises, radius, loss: rises.sum()),
    ("minus the mean rise", lambda rises, radius, loss: -rises.mean()),
    ("the median rise", lambda rises, radius, loss: np.median(rises)),
    ("the largest rise", lambda rises, radius, loss: rises.max()),
    ("the smallest rise", lambda rises, radius, loss: rises.min()),
    ("the last rise", lambda rises, radius, loss: rises[-1]),
    ("the mean of the absolute rises", lambda rises, radius, loss: abs(rises).mean()),
    ("the mean of the squared rises", lambda rises, radius, loss: (rises**2).mean()),
    ("the standard deviation of the rises", lambda rises, radius, loss: rises.std()),
    ("the mean rise divided by radius", lambda rises, radius, loss: rises.mean() / radius),
    ("the mean rise divided by the square of radius", lambda rises, radius, loss: rises.mean() / radius**2),
    ("the mean rise divided by the loss at theta", lambda rises, radius, loss: rises.mean() / loss),
    ("the mean loss at its points", lambda rises, radius, loss: rises.mean() + loss),
    ("the mean in which every fall counts as 0", lambda rises, radius, loss: np.maximum(rises, 0).mean()),
    ("the mean without the falls", lambda rises, radius, loss: rises[rises > 0].sum() / max((rises > 0).sum(), 1)),
    ("the mean loss minus the loss at its first point", lambda rises, radius, loss: rises.mean() - rises[0]),
)


def check_mean_rise(case, value, steps):
    """The returned number is the mean rise of the loss at the points at which loss_fn was called."""
    rises = rises_at(case, steps)
    if not describe_difference(value, float(rises.mean()), rtol=1e-7, atol=1e-9):
        return None
    loss = loss_around_theta(case)(0)
    results = ((name, result(rises, case.args[2], loss)) for name, result in OTHER_RESULTS)
    found = next((name for name, result in results if np.isclose(value, result, rtol=1e-7, atol=0)), None)
    return f"it returns {found} instead of the mean rise" if found else NOT_THE_MEAN_RISE


def is_not_uniform(u):
    """Whether the moments of m directions (m, d) differ from those of the uniform distribution on the unit sphere.

    For uniform directions, m d times the squared length of their mean has no heavier tail than χ² with d degrees of
    freedom: it exceeds x with a probability of at most exp((d - x + d ln(x/d))/2). The second and fourth moments must
    be within seven standard errors. A correct answer is rejected with a probability below 10⁻⁹.
    """
    m, d = u.shape
    second, mixed_fourth, fourth = 1 / d, 1 / d / (d + 2), 3 / d / (d + 2)  # E[u₁²], E[u₁²u₂²], E[u₁⁴]
    eighth = fourth * 35 / (d + 4) / (d + 6)
    variance = eighth * (1 + 3 * (d - 1) / 35) / d - fourth**2  # of the mean of u⁴, as E[u₁⁴u₂⁴] is 3/35 of E[u₁⁸]
    deviation = np.full((d, d), math.sqrt(mixed_fourth))
    deviation += np.eye(d) * (math.sqrt(fourth - second**2) - math.sqrt(mixed_fourth))
    limit = 7 / math.sqrt(m)
    x = m * d * (u.mean(axis=0) ** 2).sum()
    return (
        (x > d and d - x + d * math.log(x / d) < -2 * math.log(1e11))
        or (abs(u.T @ u / m - second * np.eye(d)) > limit * deviation).any()
        or abs((u**4).mean() - fourth) > limit * math.sqrt(variance)
    )
