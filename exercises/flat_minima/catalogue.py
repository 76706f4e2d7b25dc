"""Known answers to the exercises of `06-flat-minima/flat_minima.ipynb`."""

import math
from itertools import pairwise

import numpy as np

from autograder.judging.bend import on_argument, on_output
from autograder.judging.model import Catalogue, Mistake

from .spec import (
    loss_and_probabilities,
    loss_rises,
    losses_around,
    normal_arrays,
    normalise,
    random_direction,
    reference_interpolate,
    reference_interpolation_curve,
    reference_is_monotone_decreasing,
    reference_loss_head,
    reference_sharpness,
)

# --- sharpness(loss_fn, theta, radius, rng, num_dirs) -----------------------------------------------------------


def in_directions(draw_direction):
    """Make an answer with directions from ``draw_direction(rng, theta)``, which returns a list of arrays."""

    def answer(loss_fn, theta, radius, rng, num_dirs):
        return float(loss_rises(loss_fn, theta, radius, rng, num_dirs, draw_direction).mean())

    return answer


def scaled_by(factor):
    """Make a function that draws normal arrays and multiplies them by ``factor(arrays)``."""

    def draw_direction(rng, theta):
        arrays = normal_arrays(rng, theta)
        return [A * factor(arrays) for A in arrays]

    return draw_direction


def axis_direction(rng, theta):
    arrays = [np.zeros(A.shape) for A in theta]
    A = arrays[rng.integers(len(arrays))]
    A.flat[rng.integers(A.size)] = rng.choice([-1.0, 1.0])
    return arrays


def weight_direction(rng, theta):
    """Biases do not move, unless theta is a single array."""
    return normalise([rng.normal(size=A.shape) * (A.ndim > 1 or len(theta) == 1) for A in theta])


def wrong_opposite_directions(loss_fn, theta, radius, rng, num_dirs):
    drawn = []

    def draw_direction(rng, theta):
        drawn.append([-U for U in drawn[-1]] if len(drawn) % 2 else random_direction(rng, theta))
        return drawn[-1]

    return in_directions(draw_direction)(loss_fn, theta, radius, rng, num_dirs)


def wrong_one_direction(loss_fn, theta, radius, rng, num_dirs):
    u = random_direction(rng, theta)
    return in_directions(lambda rng, theta: u)(loss_fn, theta, radius, rng, num_dirs)


def wrong_around_zero(loss_fn, theta, radius, rng, num_dirs):
    zeros = [np.zeros(A.shape) for A in theta]
    return float((losses_around(loss_fn, zeros, radius, rng, num_dirs) - loss_fn(theta)).mean())


def wrong_random_walk(loss_fn, theta, radius, rng, num_dirs):
    """The first point is right."""
    loss, point, rises = loss_fn(theta), theta, []
    for _ in range(num_dirs):
        point = [A + radius * U for A, U in zip(point, random_direction(rng, theta), strict=True)]
        rises.append(loss_fn(point) - loss)
    return float(np.mean(rises))


def wrong_changes_theta(loss_fn, theta, radius, rng, num_dirs):
    """It steps back after each direction but the last."""
    loss, total = loss_fn(theta), 0.0
    for k in range(num_dirs):
        u = random_direction(rng, theta)
        for A, U in zip(theta, u, strict=True):
            A += radius * U
        total += loss_fn(theta) - loss
        if k < num_dirs - 1:
            for A, U in zip(theta, u, strict=True):
                A -= radius * U
    return total / num_dirs


def wrong_replaces_arrays_of_theta(loss_fn, theta, radius, rng, num_dirs):
    """`moved = theta` is a second name of the caller's list."""
    loss, rises = loss_fn(theta), []
    for _ in range(num_dirs):
        moved, u = theta, random_direction(rng, theta)
        for k in range(len(theta)):
            moved[k] = theta[k] + radius * u[k]
        rises.append(loss_fn(moved) - loss)
    return float(np.mean(rises))


def right_in_one_vector(loss_fn, theta, radius, rng, num_dirs):
    cuts = np.cumsum([A.size for A in theta])[:-1]
    total, loss = 0.0, loss_fn(theta)
    for u in rng.standard_normal((num_dirs, sum(A.size for A in theta))):
        parts = np.split(radius * u / np.linalg.norm(u), cuts)
        total += loss_fn([A + part.reshape(A.shape) for A, part in zip(theta, parts, strict=True)]) - loss
    return total / num_dirs


def right_loss_at_theta_recomputed(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    while len(rises) < num_dirs:
        D = [rng.normal(0, 1, A.shape) for A in theta]
        scale = radius / np.sqrt(np.sum([np.sum(part**2) for part in D]))
        moved = [A.copy() for A in theta]
        for A, part in zip(moved, D, strict=True):
            A += scale * part
        rises.append(loss_fn(moved) - loss_fn(theta))
    return sum(rises) / len(rises)


def right_mean_of_losses(loss_fn, theta, radius, rng, num_dirs):
    losses = []
    for _ in range(num_dirs):
        u = random_direction(rng, theta)
        losses.append(loss_fn(tuple(A - radius * U for A, U in zip(theta, u, strict=True))))
    return np.mean(losses) - loss_fn(theta)


def right_all_directions_first(loss_fn, theta, radius, rng, num_dirs):
    D = [rng.normal(size=(num_dirs, *A.shape)) for A in theta]
    lengths = np.sqrt(sum((part.reshape(num_dirs, -1) ** 2).sum(axis=1) for part in D))
    D = [radius * part / lengths.reshape(-1, *[1] * (part.ndim - 1)) for part in D]
    losses = [loss_fn([A + part[k] for A, part in zip(theta, D, strict=True)]) for k in range(num_dirs)]
    return np.array(np.mean(losses) - loss_fn(theta))


def right_norm_of_norms(loss_fn, theta, radius, rng, num_dirs):
    losses = []
    for _ in range(num_dirs):
        D = [rng.standard_normal(A.shape) for A in theta]
        scale = radius / np.linalg.norm([np.linalg.norm(part) for part in D])
        losses.append(loss_fn([A + part * scale for A, part in zip(theta, D, strict=True)]))
    return np.mean(losses) - loss_fn(theta)


sharpness = Catalogue(
    mistakes={
        "not normalised": Mistake(
            in_directions(normal_arrays),
            "The directions are not divided by their length. How long is a step?",
        ),
        "each array normalised separately": Mistake(
            in_directions(lambda rng, theta: [A / np.linalg.norm(A) for A in normal_arrays(rng, theta)]),
            "Each array is scaled to length 1 separately. All arrays together are one vector: what is its length?",
        ),
        "each array of the same length": Mistake(
            in_directions(
                lambda rng, theta: [A / np.linalg.norm(A) / math.sqrt(len(theta)) for A in normal_arrays(rng, theta)]
            ),
            "Each array is normalised separately, so all change by the same length: normalise them as one vector.",
        ),
        "divided by the square": Mistake(
            in_directions(scaled_by(lambda arrays: 1 / sum(float((A**2).sum()) for A in arrays))),
            "It divides by the square of the length.",
        ),
        "divided by the largest": Mistake(
            in_directions(scaled_by(lambda arrays: 1 / max(float(abs(A).max()) for A in arrays))),
            "It divides by the largest element. How is the length of a vector defined?",
        ),
        "divided by √d": Mistake(
            in_directions(scaled_by(lambda arrays: 1 / math.sqrt(sum(A.size for A in arrays)))),
            "A normal random vector has a length near √d, but not exactly √d: divide by its own length.",
        ),
        "radius squared": Mistake(
            on_argument(reference_sharpness, "radius", lambda radius: radius**2),
            "The distance is the square of radius.",
        ),
        "radius forgotten": Mistake(
            on_argument(reference_sharpness, "radius", lambda radius: 1.0), "radius is never used."
        ),
        "positive only": Mistake(
            in_directions(lambda rng, theta: normalise([rng.random(A.shape) for A in theta])),
            "No parameter ever decreases. Which random numbers are negative as often as positive?",
        ),
        "along an axis": Mistake(
            in_directions(axis_direction), "Each step changes a single parameter: change all of them."
        ),
        "uniform in a cube": Mistake(
            in_directions(lambda rng, theta: normalise([rng.uniform(-1, 1, A.shape) for A in theta])),
            "Uniform numbers fill a cube and favour its corners. Which distribution has no preferred direction?",
        ),
        "signs only": Mistake(
            in_directions(lambda rng, theta: normalise([rng.choice([-1.0, 1.0], A.shape) for A in theta])),
            "All parameters change by the same amount, up or down. Most directions are never drawn.",
        ),
        "same in every row": Mistake(
            in_directions(
                lambda rng, theta: normalise([np.zeros(A.shape) + rng.normal(size=A.shape[-1:]) for A in theta])
            ),
            "All rows of a matrix change in the same way: draw a number for every parameter.",
        ),
        "same in every column": Mistake(
            in_directions(
                lambda rng, theta: normalise(
                    [np.zeros(A.shape) + rng.normal(size=A.shape[:1] + (1,) * (A.ndim - 1)) for A in theta]
                )
            ),
            "All columns of a matrix change in the same way: draw a number for every parameter.",
        ),
        "opposite directions": Mistake(
            wrong_opposite_directions, "Every second direction is the opposite of the one before: draw each one anew."
        ),
        "weights only": Mistake(in_directions(weight_direction), "The biases do not change: they are parameters too."),
        "one direction": Mistake(wrong_one_direction, "It uses one direction only: draw a new one num_dirs times."),
        "one direction too many": Mistake(
            on_argument(reference_sharpness, "num_dirs", lambda num_dirs: num_dirs + 1),
            "It uses one direction more than num_dirs.",
        ),
        "around zero": Mistake(wrong_around_zero, "Its points are around zero: start from theta."),
        "random walk": Mistake(
            wrong_random_walk, "Each step starts at the previous point. Start at theta in every direction."
        ),
        "loss, not rise": Mistake(
            on_output(losses_around, lambda losses: float(losses.mean())),
            "This is the mean loss around theta. How much higher is it than the loss at theta?",
        ),
        "sign": Mistake(
            on_output(reference_sharpness, lambda rise: -rise), "It has the opposite sign: a rise is positive."
        ),
        "absolute values": Mistake(
            on_output(loss_rises, lambda rises: float(abs(rises).mean())),
            "It averages absolute values. Where the loss falls, the rise is negative.",
        ),
        "largest": Mistake(
            on_output(loss_rises, lambda rises: float(rises.max())), "It returns the largest rise: take the mean."
        ),
        "sum": Mistake(
            on_output(loss_rises, lambda rises: float(rises.sum())),
            "It returns the sum over the directions: take the mean.",
        ),
        "all rises": Mistake(loss_rises, "It returns the rise in each direction: return their mean."),
        "median": Mistake(
            on_output(loss_rises, lambda rises: float(np.median(rises))), "It returns the median rise: take the mean."
        ),
        "squared": Mistake(on_output(loss_rises, lambda rises: float((rises**2).mean())), "It squares the rises."),
        "divided by radius": Mistake(
            lambda loss_fn, theta, radius, rng, num_dirs: (
                reference_sharpness(loss_fn, theta, radius, rng, num_dirs) / radius
            ),
            "It divides the rise by radius.",
        ),
        "ratio": Mistake(
            lambda loss_fn, theta, radius, rng, num_dirs: (
                reference_sharpness(loss_fn, theta, radius, rng, num_dirs) / loss_fn(theta)
            ),
            "It divides the rise by the loss at theta.",
        ),
        "own generator": Mistake(
            on_argument(reference_sharpness, "rng", lambda rng: np.random.default_rng(541)),
            "Its directions do not come from rng: draw from rng.",
        ),
        "changes theta": Mistake(wrong_changes_theta, "It changes theta in place: make a new list of new arrays."),
        "replaces the arrays of theta": Mistake(
            wrong_replaces_arrays_of_theta,
            "It replaces arrays in the caller's list theta. Make a new list.",
        ),
    },
    variants={
        "list of arrays": reference_sharpness,
        "in one vector": right_in_one_vector,
        "loss at theta recomputed": right_loss_at_theta_recomputed,
        "mean of losses first": right_mean_of_losses,
        "all directions first": right_all_directions_first,
        "norm of norms": right_norm_of_norms,
    },
)


# --- loss_head(Z, labels) ---------------------------------------------------------------------------------------


def on_parts(change):
    """Make an answer that returns ``change(loss, dZ, P, Y)``, with the softmax P and the one-hot rows Y (B, K)."""

    def answer(Z, labels):
        return change(*reference_loss_head(Z, labels), softmax(Z), one_hot(labels, np.shape(Z)[1]))

    return answer


def softmax(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def one_hot(labels, K):
    return np.eye(K)[labels]


def from_probabilities(P, labels):
    """The loss and its gradient from probabilities, as the slides write them."""
    return -np.mean(np.log(P[np.arange(len(labels)), labels])), (P - one_hot(labels, P.shape[1])) / len(labels)


def wrong_no_shift(Z, labels):
    E = np.exp(Z)
    return from_probabilities(E / E.sum(axis=1, keepdims=True), labels)


def wrong_global_maximum(Z, labels):
    E = np.exp(Z - np.max(Z))
    return from_probabilities(E / E.sum(axis=1, keepdims=True), labels)


def wrong_softmax_over_examples(Z, labels):
    E = np.exp(Z - np.max(Z, axis=0))
    return from_probabilities(E / E.sum(axis=0), labels)


def wrong_log_of_probability(Z, labels):
    return from_probabilities(softmax(Z), labels)


def wrong_log_of_probability_plus_constant(Z, labels):
    P = softmax(Z)
    return -np.mean(np.log(P[np.arange(len(labels)), labels] + 1e-12)), reference_loss_head(Z, labels)[1]


def wrong_classes_from_labels(Z, labels):
    loss, dZ = reference_loss_head(Z, labels)
    return loss, dZ[:, : np.max(labels) + 1]


def wrong_changes_Z(Z, labels):
    Z -= Z.max(axis=1, keepdims=True)
    loss = np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(labels)), labels])
    dZ = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    dZ[np.arange(len(labels)), labels] -= 1
    return loss, dZ / len(labels)


def wrong_columns_of_dZ(Z, labels):
    dZ = softmax(Z)
    dZ[:, labels] -= 1
    return reference_loss_head(Z, labels)[0], dZ / len(labels)


def wrong_columns_of_P(Z, labels):
    log_P = Z - np.logaddexp.reduce(np.asarray(Z, dtype=float), axis=1, keepdims=True)
    return -np.mean(log_P[:, labels]), reference_loss_head(Z, labels)[1]


def wrong_rounded_to_float32(Z, labels):
    return right_log_softmax(np.asarray(Z).astype(np.float32), labels)


def wrong_labels_as_numbers(Z, labels):
    dZ = (softmax(Z) - np.asarray(labels)[:, None]) / len(labels)
    return reference_loss_head(Z, labels)[0], dZ


def wrong_loss_per_example(Z, labels):
    rows = zip(np.asarray(Z, float).tolist(), labels, strict=True)
    return np.array([loss_and_probabilities(z, k)[0] for z, k in rows]), reference_loss_head(Z, labels)[1]


def right_log_softmax(Z, labels):
    Z = np.asarray(Z)
    log_P = Z - np.max(Z, axis=1, keepdims=True)
    log_P = log_P - np.log(np.sum(np.exp(log_P), axis=1, keepdims=True))
    rows = np.arange(len(labels))
    dZ = np.exp(log_P)
    dZ[rows, labels] -= 1
    return -log_P[rows, labels].mean(), dZ / len(labels)


def right_one_hot(Z, labels):
    Y = np.eye(Z.shape[1])[labels]
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    return -np.sum(Y * log_P) / len(Y), (np.exp(log_P) - Y) / len(Y)


def right_where(Z, labels):
    is_label = np.asarray(labels)[:, None] == np.arange(Z.shape[1])
    shifted = Z - Z.max(axis=1)[:, None]
    sums = np.exp(shifted).sum(1)
    P = np.exp(shifted) / sums[:, None]
    loss = float((np.log(sums) - np.where(is_label, shifted, 0).sum(axis=1)).mean())
    return [loss, np.where(is_label, P - 1, P) / len(Z)]


def right_row_by_row(Z, labels):
    loss, dZ = 0.0, []
    for z, k in zip(Z, labels, strict=True):
        e = np.exp(z - z.max())
        p = e / e.sum()
        loss += np.log(e.sum()) - (z - z.max())[k]
        p[k] -= 1
        dZ.append(p)
    return loss / len(Z), np.array(dZ) / len(Z)


def right_einsum(Z, labels):
    Y = (np.asarray(labels).reshape(-1, 1) == np.arange(Z.shape[1])).astype(float)
    Z = Z - Z.max(axis=1, keepdims=True)
    log_sums = np.log(np.einsum("nk->n", np.exp(Z)))
    return (log_sums.sum() - np.einsum("nk,nk->", Z, Y)) / len(Z), (np.exp(Z - log_sums[:, None]) - Y) / len(Z)


SHIFTED_ONCE = "The largest logit is subtracted on one side of the loss alone: the logit of the true class, or the sum."

loss_head = Catalogue(
    mistakes={
        "1/B missing in dZ": Mistake(
            on_parts(lambda loss, dZ, P, Y: (loss, len(Y) * dZ)),
            "dZ is the gradient of the sum over the batch, but the loss is a mean. What becomes of its 1/B?",
        ),
        "sum": Mistake(
            on_parts(lambda loss, dZ, P, Y: (len(Y) * loss, len(Y) * dZ)),
            "Loss and dZ are those of the sum over the batch: take the mean.",
        ),
        "loss is a sum": Mistake(
            on_parts(lambda loss, dZ, P, Y: (len(Y) * loss, dZ)),
            "The loss is a sum over the batch, while dZ is the gradient of the mean.",
        ),
        "divided by K as well": Mistake(
            on_parts(lambda loss, dZ, P, Y: (loss / Y.shape[1], dZ / Y.shape[1])),
            "It divides by B times K. The mean is over the examples, not over the classes.",
        ),
        "Y - P": Mistake(
            on_parts(lambda loss, dZ, P, Y: (loss, -dZ)),
            "dZ has the opposite sign: it should be negative for the true class alone.",
        ),
        "P alone": Mistake(
            on_parts(lambda loss, dZ, P, Y: (loss, P / len(P))),
            "dZ is positive everywhere: where do the labels enter?",
        ),
        "true class alone": Mistake(
            on_parts(lambda loss, dZ, P, Y: (loss, dZ * Y)),
            "dZ is 0 for all classes but the true one. The loss depends on the other logits too.",
        ),
        "wrong predictions alone": Mistake(
            on_parts(lambda loss, dZ, P, Y: (loss, dZ * (P.argmax(axis=1) != Y.argmax(axis=1))[:, None])),
            "dZ is 0 for correctly predicted examples. Their loss depends on Z, too.",
        ),
        "extra factor P(1 - P)": Mistake(
            on_parts(lambda loss, dZ, P, Y: (loss, dZ * P * (1 - P))),
            "dZ has an extra factor p(1 - p): the gradient of cross-entropy has none.",
        ),
        "labels as numbers": Mistake(
            wrong_labels_as_numbers, "dZ is P minus the label itself, a number: take its one-hot row."
        ),
        "columns of all labels": Mistake(
            wrong_columns_of_dZ,
            "`[:, labels]` selects whole columns: pair each row with its own label.",
            names=("[:, labels]",),
            otherwise="It uses whole columns, so each row gets the labels of all rows: pair it with its own label.",
        ),
        "loss over all labels": Mistake(
            wrong_columns_of_P,
            "`[:, labels]` selects whole columns: pair each row with its own label.",
            names=("[:, labels]",),
            otherwise="It uses whole columns, so each row gets the labels of all rows: pair it with its own label.",
        ),
        "sign of the loss": Mistake(
            on_parts(lambda loss, dZ, P, Y: (-loss, dZ)), "The loss is negative: is a minus missing?"
        ),
        "log2": Mistake(
            on_parts(lambda loss, dZ, P, Y: (loss / math.log(2), dZ)), "The logarithm of the slides is the natural one."
        ),
        "one loss per example": Mistake(
            wrong_loss_per_example, "It returns one loss per example: take the mean over the examples."
        ),
        "swapped": Mistake(on_parts(lambda loss, dZ, P, Y: (dZ, loss)), "Return the loss first, then dZ."),
        "dZ alone": Mistake(on_parts(lambda loss, dZ, P, Y: dZ), "Return both, the loss and dZ."),
        "loss alone": Mistake(on_parts(lambda loss, dZ, P, Y: loss), "Return both, the loss and dZ."),
        "no shift": Mistake(wrong_no_shift, "exp overflows for large logits: shift each row first."),
        "largest not added": Mistake(
            lambda Z, labels: (
                np.mean(np.log(np.exp(Z - Z.max(axis=1)[:, None]).sum(axis=1)) - Z[np.arange(len(Z)), labels]),
                reference_loss_head(Z, labels)[1],
            ),
            (
                "The loss is wrong by the largest logit of each row. The shift concerns the logit of the "
                "true class and the sum."
            ),
        ),
        "largest subtracted from one logit": Mistake(
            lambda Z, labels: (
                np.mean(np.log(np.exp(Z).sum(axis=1)) - (Z - Z.max(axis=1)[:, None])[np.arange(len(Z)), labels]),
                reference_loss_head(Z, labels)[1],
            ),
            (
                "The loss is wrong by the largest logit of each row. The shift concerns the logit of the "
                "true class and the sum."
            ),
        ),
        "one shift for all": Mistake(
            wrong_global_maximum,
            (
                "In a row far below the largest logit of all, every exp underflows to 0: shift each row by "
                "its own number."
            ),
        ),
        "softmax over the examples": Mistake(
            wrong_softmax_over_examples,
            "The probabilities sum to 1 over the examples instead of the classes.",
        ),
        "log of P": Mistake(
            wrong_log_of_probability,
            "A probability that underflows to 0 has the log -inf. Can you compute log p without computing p?",
        ),
        "log of P + 1e-12": Mistake(
            wrong_log_of_probability_plus_constant,
            "Large losses are cut off. Is p clipped, or is a constant added to it?",
        ),
        "rounded to float32": Mistake(
            wrong_rounded_to_float32, "The results have the precision of float32. Do not convert Z."
        ),
        "classes from the labels": Mistake(
            wrong_classes_from_labels,
            "dZ needs as many columns as Z, even if the last classes have no examples.",
        ),
        "changes Z": Mistake(wrong_changes_Z, "It changes Z in place: make a new array."),
    },
    variants={
        "log probabilities": right_log_softmax,
        "one-hot": right_one_hot,
        "where": right_where,
        "row by row": right_row_by_row,
        "einsum": right_einsum,
    },
)


# --- interpolate(theta0, thetaf, alpha) -------------------------------------------------------------------------


def for_each_pair(mix):
    """Make an answer that returns ``mix(A, B, alpha)`` for each pair of arrays of theta0 and thetaf."""
    return lambda theta0, thetaf, alpha: [mix(A, B, alpha) for A, B in zip(theta0, thetaf, strict=True)]


def swap_ends(theta0, thetaf, alpha):
    return reference_interpolate(thetaf, theta0, alpha)


def interpolate_weights(theta0, thetaf, alpha):
    line = reference_interpolate(theta0, thetaf, alpha)
    return [C if C.ndim > 1 else 1.0 * A for C, A in zip(line, theta0, strict=True)]


def clip_alpha(theta0, thetaf, alpha):
    return reference_interpolate(theta0, thetaf, min(max(alpha, 0), 1))


def go_halfway(theta0, thetaf, alpha):
    return reference_interpolate(theta0, thetaf, 0.5)


def wrong_biases_of_thetaf(theta0, thetaf, alpha):
    line = reference_interpolate(theta0, thetaf, alpha)
    return [C if C.ndim > 1 else 1.0 * B for C, B in zip(line, thetaf, strict=True)]


def wrong_no_copy_at_the_ends(theta0, thetaf, alpha):
    if alpha in (0, 1):
        return [theta0, thetaf][int(alpha)]
    return reference_interpolate(theta0, thetaf, alpha)


def wrong_changes_theta0(theta0, thetaf, alpha):
    for A, B in zip(theta0, thetaf, strict=True):
        A += alpha * (B - A)
    return theta0


def wrong_first_array_only(theta0, thetaf, alpha):
    return [*reference_interpolate(theta0, thetaf, alpha)[:1], *(1.0 * A for A in theta0[1:])]


def right_loop(theta0, thetaf, alpha):
    theta = []
    for k in range(len(theta0)):
        theta.append(theta0[k] * (1 - alpha) + thetaf[k] * alpha)
    return theta


def right_copy_then_move(theta0, thetaf, alpha):
    theta = [np.array(A, dtype=float) for A in theta0]
    for A, B in zip(theta, thetaf, strict=True):
        A += alpha * (B - A)
    return theta


interpolate = Catalogue(
    mistakes={
        "ends swapped": Mistake(swap_ends, "alpha = 0 gives thetaf: the line starts at theta0."),
        "weights only": Mistake(interpolate_weights, "The biases remain those of theta0: they are parameters too."),
        "weights only, other biases": Mistake(wrong_biases_of_thetaf, "The biases remain those of thetaf."),
        "first array only": Mistake(wrong_first_array_only, "Only the first array is interpolated."),
        "two arrays only": Mistake(
            on_output(reference_interpolate, lambda theta: theta[:2]),
            "It returns the first two arrays only: theta0 and thetaf may have any number of them.",
        ),
        "return in the loop": Mistake(
            on_output(reference_interpolate, lambda theta: theta[:1]),
            "Only the first pair of arrays is used: does the function end too early?",
        ),
        "clipped": Mistake(clip_alpha, "It stops at the ends. For alpha below 0 and above 1 the line goes on."),
        "alpha rounded": Mistake(
            on_argument(reference_interpolate, "alpha", lambda alpha: round(alpha, 2)),
            "For some alphas, it returns the point of another alpha nearby: is alpha rounded?",
        ),
        "halfway": Mistake(go_halfway, "It returns the midpoint for every alpha."),
        "sum": Mistake(
            for_each_pair(lambda A, B, alpha: A + alpha * B),
            "It adds a part of thetaf to all of theta0. What should remain of theta0 at alpha = 1?",
        ),
        "difference alone": Mistake(
            for_each_pair(lambda A, B, alpha: alpha * (B - A)),
            "It returns the step from theta0, not the point where the step ends.",
        ),
        "step backwards": Mistake(
            for_each_pair(lambda A, B, alpha: A - alpha * (B - A)), "It moves away from thetaf: check the signs."
        ),
        "geometric": Mistake(
            for_each_pair(lambda A, B, alpha: np.sign(A) * abs(A) ** (1 - alpha) * abs(B) ** alpha),
            "It multiplies powers of theta0 and thetaf. On a straight line, two multiples are added.",
        ),
        "alpha squared": Mistake(
            on_argument(reference_interpolate, "alpha", lambda alpha: alpha**2), "It uses the square of alpha."
        ),
        "one vector": Mistake(
            on_output(reference_interpolate, lambda theta: np.concatenate([C.ravel() for C in theta])),
            "It returns one vector: return a list of arrays with the shapes of theta0's.",
        ),
        "no copy at the ends": Mistake(
            wrong_no_copy_at_the_ends, "At alpha = 0 or 1 it returns the arrays of theta0 or thetaf: make new ones."
        ),
        "changes theta0": Mistake(
            wrong_changes_theta0, "It changes theta0 in place, so the next call starts elsewhere."
        ),
    },
    variants={
        "two parts": for_each_pair(lambda A, B, alpha: (1 - alpha) * A + alpha * B),
        "with a loop": right_loop,
        "copied, then moved": right_copy_then_move,
        "a tuple": on_output(for_each_pair(lambda A, B, alpha: B + (1 - alpha) * (A - B)), tuple),
        "map": lambda theta0, thetaf, alpha: list(map(lambda A, B: np.add(A * (1 - alpha), B * alpha), theta0, thetaf)),
        "einsum": for_each_pair(
            lambda A, B, alpha: np.einsum("k,k...->...", np.array([1 - alpha, alpha]), np.stack((A, B)))
        ),
    },
)


# --- interpolation_curve(loss_fn, theta0, thetaf, alphas) -------------------------------------------------------


def along(line):
    """Make an answer that returns the losses at the parameters ``line(theta0, thetaf, alpha)``."""

    def answer(loss_fn, theta0, thetaf, alphas):
        return np.array([loss_fn(line(theta0, thetaf, alpha)) for alpha in alphas], dtype=float)

    return answer


def wrong_from_previous_point(loss_fn, theta0, thetaf, alphas):
    losses = []
    for alpha in alphas:
        for A, B in zip(theta0, thetaf, strict=True):
            A += alpha * (B - A)
        losses.append(loss_fn(theta0))
    return np.array(losses, dtype=float)


def wrong_line_between_losses(loss_fn, theta0, thetaf, alphas):
    start, end = loss_fn(theta0), loss_fn(thetaf)
    return start + np.asarray(alphas) * (end - start)


def wrong_return_in_loop(loss_fn, theta0, thetaf, alphas):
    for alpha in alphas:
        return np.array([loss_fn(reference_interpolate(theta0, thetaf, alpha))])
    return np.array([])


def wrong_dtype_of_alphas(loss_fn, theta0, thetaf, alphas):
    losses = np.zeros_like(np.asarray(alphas))
    losses[...] = reference_interpolation_curve(loss_fn, theta0, thetaf, alphas)
    return losses


def wrong_with_alphas(loss_fn, theta0, thetaf, alphas):
    losses = reference_interpolation_curve(loss_fn, theta0, thetaf, alphas)
    return np.column_stack([np.asarray(alphas, float), losses])


def wrong_arrays_only(loss_fn, theta0, thetaf, alphas):
    losses = np.zeros(alphas.shape)
    for k, alpha in enumerate(alphas):
        losses[k] = loss_fn(reference_interpolate(theta0, thetaf, alpha))
    return losses


def right_filled_in(loss_fn, theta0, thetaf, alphas):
    losses = np.empty(len(alphas))
    for k, alpha in enumerate(alphas):
        losses[k] = loss_fn([(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)])
    return losses


def right_fromiter(loss_fn, theta0, thetaf, alphas):
    line = ([A - alpha * (A - B) for A, B in zip(theta0, thetaf, strict=True)] for alpha in alphas)
    return np.fromiter(map(loss_fn, line), dtype=float)


interpolation_curve = Catalogue(
    mistakes={
        "ends swapped": Mistake(along(swap_ends), "The curve runs backwards: alpha = 0 belongs to theta0."),
        "weights only": Mistake(along(interpolate_weights), "The biases remain those of theta0."),
        "clipped": Mistake(along(clip_alpha), "It stops at the ends. For alpha below 0 and above 1 the line goes on."),
        "sorted": Mistake(
            on_argument(reference_interpolation_curve, "alphas", np.sort),
            "The losses are in the order of increasing alphas: return them in the given order.",
        ),
        "arrays of alphas only": Mistake(wrong_arrays_only, "It fails if alphas is a list. Make an array of it first."),
        "each alpha once": Mistake(
            on_argument(reference_interpolation_curve, "alphas", lambda alphas: list(dict.fromkeys(alphas))),
            "It drops repeated alphas.",
        ),
        "own alphas": Mistake(
            on_argument(reference_interpolation_curve, "alphas", lambda alphas: np.linspace(0, 1, len(alphas))),
            "It ignores the given alphas and uses evenly spaced ones from 0 to 1.",
        ),
        "from the previous point": Mistake(
            wrong_from_previous_point,
            "Each step starts at the previous point. Start at theta0 for every alpha, and do not change theta0.",
        ),
        "line between the losses": Mistake(
            wrong_line_between_losses,
            "It interpolates the losses of the two ends: interpolate the parameters, then call loss_fn.",
        ),
        "parameters, not losses": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: [reference_interpolate(theta0, thetaf, alpha) for alpha in alphas],
            "It returns the parameters along the line: return the losses there.",
        ),
        "a list": Mistake(
            on_output(reference_interpolation_curve, np.ndarray.tolist), "It returns a list: make an array of it."
        ),
        "a column": Mistake(
            on_output(reference_interpolation_curve, lambda losses: losses[:, None]), "Return shape (m,), not (m, 1)."
        ),
        "pairs": Mistake(wrong_with_alphas, "It returns the alphas as well: return the losses only."),
        "returns inside the loop": Mistake(
            wrong_return_in_loop, "It returns the loss for the first alpha alone: does the function end too early?"
        ),
        "minus the loss at theta0": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: (
                reference_interpolation_curve(loss_fn, theta0, thetaf, alphas) - loss_fn(theta0)
            ),
            "Every loss is too small by the loss at theta0.",
        ),
        "divided by the loss at theta0": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: (
                reference_interpolation_curve(loss_fn, theta0, thetaf, alphas) / loss_fn(theta0)
            ),
            "It divides by the loss at theta0.",
        ),
        "halfway": Mistake(along(go_halfway), "It computes the loss at the midpoint for every alpha."),
        "integers stay integers": Mistake(
            wrong_dtype_of_alphas,
            "For integer alphas the losses are truncated to integers: they are floats.",
        ),
    },
    variants={
        "comprehension": along(for_each_pair(lambda A, B, alpha: (1 - alpha) * A + alpha * B)),
        "filled in": right_filled_in,
        "fromiter": right_fromiter,
        "tuples": along(on_output(reference_interpolate, tuple)),
    },
)


# --- is_monotone_decreasing(v, tol) -----------------------------------------------------------------------------


def steps_of(v):
    return np.diff(np.asarray(v, dtype=float))


def wrong_strict(v, tol):
    falls = all(v[j] < v[i] + tol for i in range(len(v)) for j in range(i + 1, len(v)))
    return falls and not np.isnan(v).any()


def wrong_last_local_minimum(v, tol):
    lowest = v[0]
    for before, after in pairwise(v):
        lowest = after if after < before else lowest
        if not after <= lowest + tol:
            return False
    return not np.isnan(v).any()


def wrong_relative_tolerance(v, tol):
    lowest = np.minimum.accumulate(v)
    return not np.isnan(v).any() and bool(np.all(v <= lowest + tol * abs(lowest)))


def right_all_pairs(v, tol):
    return all(v[j] <= v[i] + tol for i in range(len(v)) for j in range(i, len(v)))


def right_lowest_so_far(v, tol):
    return bool(np.all(v <= np.minimum.accumulate(v) + tol))


def right_nan_first(v, tol):
    if np.isnan(v).any():
        return False
    return not any(v[k:].max() > v[k] + tol for k in range(len(v)))


def right_from_the_right(v, tol):
    highest_to_come = np.maximum.accumulate(v[::-1])[::-1]
    return np.all(highest_to_come <= v + tol)


def right_nested_loops(v, tol):
    values = np.asarray(v).tolist()
    return all(earlier + tol >= later for k, later in enumerate(values) for earlier in values[: k + 1])


is_monotone_decreasing = Catalogue(
    mistakes={
        "neighbours only": Mistake(
            lambda v, tol: bool(np.all(steps_of(v) <= tol)),
            "It accepts a slow rise in many small steps: is each value compared only with its neighbour?",
        ),
        "last local minimum": Mistake(
            wrong_last_local_minimum,
            "It accepts a zigzag that climbs. With which of the earlier values is each value compared?",
        ),
        "a nan passes": Mistake(
            lambda v, tol: not any(v[j] > v[i] + tol for i in range(len(v)) for j in range(i, len(v))),
            "It returns True for a curve with nan: look for nan, or require that all comparisons are True.",
        ),
        "a single nan passes": Mistake(
            lambda v, tol: bool(np.all(v[1:] <= np.minimum.accumulate(v)[:-1] + tol)),
            "It returns True for a single nan: with one value, there is nothing to compare. Test for nan as well.",
        ),
        "inf minus inf": Mistake(
            lambda v, tol: bool(np.all(v - np.minimum.accumulate(v) <= tol)),
            "It is wrong for a curve with several inf: inf − inf is nan. Compare values without a subtraction.",
        ),
        "nan to inf": Mistake(
            lambda v, tol: right_lowest_so_far(np.nan_to_num(v, nan=np.inf), tol),
            "A curve that starts with nan seems to fall: is nan replaced by inf?",
        ),
        "neighbours, a nan passes": Mistake(
            lambda v, tol: not np.any(steps_of(v) > tol),
            "It accepts a slow rise in small steps, and nan.",
        ),
        "strictly": Mistake(wrong_strict, "Staying level is not a rise: allow equality."),
        "increasing": Mistake(
            on_argument(reference_is_monotone_decreasing, "v", lambda v: -np.asarray(v)),
            "It tests whether the curve rises.",
        ),
        "tol ignored": Mistake(
            on_argument(reference_is_monotone_decreasing, "tol", lambda tol: 0), "tol is never used."
        ),
        "0.1 for tol": Mistake(
            on_argument(reference_is_monotone_decreasing, "tol", lambda tol: 0.1), "It uses 0.1 instead of tol."
        ),
        "tol plus a small number": Mistake(
            on_argument(reference_is_monotone_decreasing, "tol", lambda tol: tol + 1e-9),
            "It accepts a rise that is slightly higher than tol. Is a small number added to tol?",
        ),
        "inf dropped": Mistake(
            lambda v, tol: right_lowest_so_far(v[~np.isinf(v)], tol),
            "It accepts a rise to inf: are such values left out?",
        ),
        "tol the wrong way": Mistake(
            lambda v, tol: reference_is_monotone_decreasing(v, -tol) if len(v) > 1 else True,
            "It rejects a fall by less than tol, but tol allows small rises: check its sign.",
        ),
        "tol relative": Mistake(
            wrong_relative_tolerance, "It allows larger rises of larger values, but tol is an absolute amount."
        ),
        "tol twice": Mistake(
            on_argument(reference_is_monotone_decreasing, "tol", lambda tol: 2 * tol), "It allows rises of twice tol."
        ),
        "ends only": Mistake(
            lambda v, tol: bool(v[-1] <= v[0] + tol),
            "It accepts every curve that ends lower than it starts: what about the values between?",
        ),
        "against the start": Mistake(
            lambda v, tol: bool(np.all(v <= v[0] + tol)),
            "It accepts a hill on the way down that stays below the first value: look at the lowest one before it.",
        ),
        "against the end": Mistake(
            lambda v, tol: bool(np.all(v >= v[-1] - tol)),
            "It accepts a hill on the way down: compare each value with the lowest one before it.",
        ),
        "against the sorted values": Mistake(
            lambda v, tol: bool(np.allclose(v, np.sort(v)[::-1], rtol=0, atol=tol)),
            "It accepts some rises of more than tol: compare each value with the lowest one before it.",
        ),
        "changes v": Mistake(
            lambda v, tol: bool(np.all(v.copy() <= np.minimum.accumulate(v, out=v) + tol)), "It changes v in place."
        ),
        "on average": Mistake(
            lambda v, tol: bool(not len(v) > 1 or np.mean(steps_of(v)) <= tol),
            "It accepts a curve that falls on average, but such a curve may still rise somewhere.",
        ),
        "an answer per step": Mistake(
            lambda v, tol: steps_of(v) <= tol, "It returns an answer for each step: return a single one."
        ),
        "a number": Mistake(
            on_output(reference_is_monotone_decreasing, int), "It returns a number: return True or False."
        ),
        "sum of the rises": Mistake(
            lambda v, tol: not np.isnan(v).any() and bool(np.maximum(steps_of(v), 0).sum() <= tol),
            (
                "It rejects several small rises with falls between them: compare each value with the "
                "lowest one before it."
            ),
        ),
        "counts the rises": Mistake(lambda v, tol: int(np.sum(steps_of(v) > tol)), "Return True or False."),
    },
    variants={
        "all pairs": right_all_pairs,
        "lowest so far": right_lowest_so_far,
        "nan first": right_nan_first,
        "from the right": right_from_the_right,
        "a NumPy bool": lambda v, tol: np.all(np.asarray(v) <= np.fmin.accumulate(v) + tol),
        "nested loops": right_nested_loops,
    },
)


# --- slow_climb -------------------------------------------------------------------------------------------------

slow_climb = Catalogue(
    mistakes={
        "falling": Mistake([4, 3, 2, 1], "A falling curve is judged correctly by both versions."),
        "level": Mistake([1, 1, 1, 1], "A level curve does not rise at all."),
        "rising": Mistake([1, 2, 3, 4], "Each of its steps is higher than tol, so the friend's version notices them."),
        "one peak": Mistake([1, 0.5, 3, 0.2], "Its step up is higher than tol, so the friend's version notices it."),
        "steps of 0.1": Mistake([5, 4, 4.1, 4.2], "In floats, 4.1 + 0.1 is below 4.2: take steps smaller than 0.1."),
        "falls back": Mistake([1.0, 1.1, 1.0, 1.1], "It never is more than 0.1 above an earlier number."),
        "steps too low": Mistake([1, 1.02, 1.04, 1.06], "All its steps together are not higher than tol."),
        "falls in between": Mistake([1, 1.09, 1, 1.09], "It falls again before it is more than tol above the lowest."),
        "nan": Mistake([1.0, float("nan"), 0.5, 0.2], "All values must be numbers."),
        "three values": Mistake([1, 1.08, 1.16]),
        "a single number": Mistake(1.16),
        "too large": Mistake([1000, 1000.08, 1000.16, 999]),
        "text": Mistake("1, 1.08, 1.16, 0.9"),
    },
    variants={
        "an array": np.array([1.0, 1.08, 1.16, 1.24]),
        "a tuple": (0.0, 0.06, 0.12, 0.12),
        "after a fall": [5.0, 0.0, 0.09, 0.18],
        "negative": [-3.0, -2.95, -2.9, -2.85],
    },
)
