"""The exercises of `06-flat-minima/flat_minima.ipynb`."""

import itertools
import math

import numpy as np

from autograder.judging.cases import FactoryArg, case
from autograder.judging.compare import describe_difference
from autograder.judging.counterexamples import Input, refute
from autograder.judging.model import Exercise, Rule
from autograder.judging.quizzes import choose_all, predict
from lectrain.shortcuts import SHORTCUTS

from ..factories import Landscape
from ..momentum.spec import check_item
from ..sgd.spec import generator_arg
from .directions import (
    NOT_THE_MEAN_RISE,
    check_distance,
    check_mean_rise,
    displacements,
    is_not_uniform,
    is_single_number,
    on_displacements,
)
from .landscapes import SHAPES, near_maximum, random_landscape, random_parameters

FLAT_SLIDE = "Hypothesis: SGD prefers large flat minima regions"
LINE_SLIDE = "Evidence of moving between flat regions"
SOFTMAX_SLIDE = "Softmax regression"

flat_predictions = predict("flat_predictions", "abc", questions=2, points=1, slide=LINE_SLIDE)

# --- sharpness(loss_fn, theta, radius, rng, num_dirs) -----------------------------------------------------------
# The mean of L(theta + radius u) - L(theta) over num_dirs directions u. Each u is drawn uniformly from the unit
# sphere in R^d, where d counts the numbers in all arrays of theta.


def random_direction(rng, theta):
    """A list of arrays like those of theta. Read as one vector, it has length 1."""
    arrays = [rng.normal(size=A.shape) for A in theta]
    length = math.sqrt(sum(float((A**2).sum()) for A in arrays))
    return [A / length for A in arrays]


def reference_sharpness(loss_fn, theta, radius, rng, num_dirs):
    directions = (random_direction(rng, theta) for _ in range(num_dirs))
    losses = [loss_fn([A + radius * U for A, U in zip(theta, u, strict=True)]) for u in directions]
    return float(np.mean(np.array(losses) - loss_fn(theta)))


FEW_SHAPES = ((2, 3), ())  # 7 parameters
MANY_DIRECTIONS = 300


def cases_small_and_large_radius(rng):
    """Arrays of 0 to 3 dimensions, and a point near a maximum, where the mean rise is negative."""
    theta = near_maximum(rng, SHAPES[0])
    centre = [A + rng.normal(0, 0.005, A.shape) for A in theta]  # gentle slope: in some directions, the loss rises
    args = random_landscape(rng, SHAPES[0], centre), theta, rng.uniform(0.005, 0.008), generator_arg(rng), 24
    yield case(*args, about="a small radius, near the top of a hill")
    for shapes, num_dirs in zip(SHAPES, (5, 3, 1), strict=True):
        args = random_landscape(rng, shapes), random_parameters(rng, shapes), rng.uniform(0.2, 2)
        yield case(*args, generator_arg(rng), num_dirs, about=f"num_dirs = {num_dirs} and {len(shapes)} arrays")
    theta = random_parameters(rng, ((3,),))
    args = random_landscape(rng, ((3,),)), theta, rng.uniform(5, 9), generator_arg(rng), 4
    yield case(*args, about="a large radius")
    args = random_landscape(rng, ((3,),)), random_parameters(rng, ((3,),)), -rng.uniform(0.2, 2)
    yield case(*args, generator_arg(rng), 3, about="a negative radius")


def cases_many_directions(rng):
    theta = [np.full((2, 3), 9.0), np.array(0.3)]  # directions must not depend on the size of the weights
    args = random_landscape(rng, FEW_SHAPES), theta, rng.uniform(0.2, 2)
    yield case(*args, generator_arg(rng), MANY_DIRECTIONS, about=f"num_dirs = {MANY_DIRECTIONS}")


def cases_repeated_calls(rng):
    """Two rounds of three calls. The generator of both rounds has the same seed.

    Sixteen directions: with only four, a wrong answer that steps along single axes could return the same number twice
    by chance, and its score would vary.
    """
    args = random_landscape(rng, FEW_SHAPES), random_parameters(rng, FEW_SHAPES), rng.uniform(0.02, 0.05)
    yield case(*args, generator_arg(rng), 16, rounds=(3, 3), about="three calls in a row")


def check_directions(call, value, steps):
    """There are num_dirs directions, all different, and they look uniformly distributed."""
    m = len(steps)
    if m != call.args[4]:
        return f"it tries {m} directions"
    if not steps.all():
        return "some directions leave a parameter unchanged"
    u = steps / np.sqrt((steps**2).sum(axis=1, keepdims=True))
    if abs(u @ u.T - np.eye(m)).max() > 1 - 1e-12:
        return "two of its directions are equal or opposite"
    return "its directions from theta are not uniformly distributed" if is_not_uniform(u) else None


def check_repeated_calls(call, value, calls):
    """Equal seeds give equal numbers, and every further call with the same generator gives a new number."""
    rounds = value if isinstance(value, list) else []
    calls = calls if isinstance(calls, list) else []
    if [len(r) if isinstance(r, list) else 0 for r in rounds] != list(call.rounds) or len(calls) != len(rounds):
        return "it does not return a single number"
    if not all(is_single_number(number) for r in rounds for number in r):
        return "it does not return a single number"
    for numbers, calls_of_round in zip(rounds, calls, strict=True):
        steps = displacements(call, calls_of_round)
        if steps is None or not len(steps) or check_mean_rise(call, sum(numbers) / len(numbers), steps):
            return NOT_THE_MEAN_RISE
        if len(set(map(float, numbers))) < len(numbers):
            return "it returns the same number more than once"
    return None if rounds[0] == rounds[1] else "it returns different numbers when rng has the same seed"


sharpness = Exercise(
    signature="sharpness(loss_fn, theta, radius, rng, num_dirs)",
    slide=FLAT_SLIDE,
    reference=reference_sharpness,
    rules=(
        Rule(
            "the mean rise of the loss",
            2,
            cases_small_and_large_radius,
            "On average over your random points, how much higher is the loss than at theta?",
            check_trace=on_displacements(check_mean_rise),
        ),
        Rule(
            "at the distance radius from theta",
            2,
            cases_small_and_large_radius,
            "All arrays of theta together are one long vector. How long must a step be?",
            check_trace=on_displacements(check_distance),
        ),
        Rule(
            "num_dirs uniformly distributed directions",
            1,
            cases_many_directions,
            "Is every direction equally likely, biases included, and is each one drawn anew?",
            check_trace=on_displacements(check_directions),
        ),
        Rule(
            "random numbers from rng alone",
            1,
            cases_repeated_calls,
            check_trace=check_repeated_calls,  # no hint about rng: an answer that is not the mean rise fails, too
        ),
        Rule(
            "correct, with theta unchanged",
            1,
            cases_small_and_large_radius,
            "Are the arrays of theta the same after the call as before it?",
            check_trace=on_displacements(check_mean_rise, check_distance),
            mutation="none",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- loss_head(Z, labels) ---------------------------------------------------------------------------------------
# The mean cross-entropy of a batch of logits Z (B, K), and its gradient with respect to Z. Both are exact, without
# a warning, for logits of any size.


def reference_loss_head(Z, labels):
    Z, B = np.asarray(Z, dtype=float), len(labels)
    losses, dZ = [], np.zeros(Z.shape)
    for i, k in enumerate(labels):
        loss, p = loss_and_probabilities(Z[i].tolist(), int(k))
        losses.append(loss)
        dZ[i] = p
        dZ[i, k] -= 1
    return math.fsum(losses) / B, dZ / B


def loss_and_probabilities(z, k):
    """The cross-entropy of one example with the true class k, and its softmax."""
    largest = max(z)
    exponentials = [math.exp(value - largest) for value in z]
    total = math.fsum(exponentials)
    return largest - z[k] + math.log(total), [e / total for e in exponentials]


def cases_batches(rng):
    for B, K in ((5, 3), (3, 4), (1, 5)):
        yield case(rng.uniform(-3, 3, (B, K)), random_labels(rng, B, K), about="one example" if B == 1 else "")
    yield case(rng.uniform(-3, 3, (4, 6)), np.array([4, 0, 2, 0]), about="classes that are missing from the batch")
    yield case(np.zeros((3, 4)), random_labels(rng, 3, 4), about="equal logits")
    yield case(np.array([[8.0, -8, 0, -12], [0, 11, -9, 1]]), np.array([1, 3]), about="tiny probabilities")
    # float32 rounds these logits, so that the loss changes by more than the tolerance of 1e-7.
    yield case(np.array([[20.3, 20.1, 19.9]]), np.array([0]), about="logits near 20")


def random_labels(rng, B, K):
    """Labels of which the first is not 0."""
    labels = rng.integers(K, size=B)
    labels[0] = rng.integers(1, K)
    return labels


def cases_large_logits(rng):
    for size in (1000.0, 90.0):
        Z = rng.uniform(-2, 2, (4, 3)) + size * np.array([1, -1, 0, 1])[rng.permutation(4), None]
        yield case(Z, np.array([2, 0, 1, 1]), about=f"rows of logits around ±{size:g}")
        Z = rng.uniform(-1, 1, (3, 4))
        Z[[0, 1, 2], [1, 3, 0]] += size
        yield case(Z, np.array([1, 2, 0]), about=f"a logit of {size:g} for the true class or another one")
    Z = 1e4 * rng.choice([-1.0, 1.0], (3, 5))
    Z[0, [2, 4]] = 1e4, -1e4
    yield case(Z, np.array([4, 1, 1]), about="logits of ±10000")
    yield case(np.array([[1e6, 0], [-1e6, 1e6]]), np.array([1, 1]), about="logits of ±1000000")
    yield case(np.array([[-1000.0, -1001], [-1002, -1000]]), np.array([1, 1]), about="only logits near -1000")


def cases_other_dtypes(rng):
    """float32, integers, uint8 labels; and K = 1."""
    yield case(rng.uniform(-3, 3, (4, 3)).astype(np.float32), np.array([2, 0, 2, 1]), about="float32")
    yield case(rng.integers(-3, 4, (3, 5)), np.array([4, 0, 3]), about="integer logits")
    yield case(rng.uniform(-3, 3, (3, 1)), np.array([0, 0, 0]), about="a single class")
    Z, labels = rng.uniform(-3, 3, (40, 7)), random_labels(rng, 40, 7)
    yield case(Z, labels.astype(np.uint8), about="40 labels of dtype uint8")


def check_loss_or_gradient(index, name):
    expected = "two values, the loss and dZ"
    return check_item(index, name, reference_loss_head, expected, rtol=1e-7, atol=1e-10)


loss_head = Exercise(
    signature="loss_head(Z, labels)",
    slide=SOFTMAX_SLIDE,
    reference=reference_loss_head,
    rules=(
        Rule(
            "the loss",
            1,
            cases_batches,
            "Is it the mean of -log p of the true class?",
            check=check_loss_or_gradient(0, "loss"),
            property="If every example occurs twice, the loss stays the same.",
        ),
        Rule(
            "its gradient dZ",
            2,
            cases_batches,
            "Compare an entry of dZ with (loss(Z + h) - loss(Z)) / h: loss is the mean of -log p, and h changes only "
            "that entry of Z.",
            check=check_loss_or_gradient(1, "dZ"),
            property="Each row of dZ adds up to 0.",
        ),
        Rule(
            "large logits, no warning",
            1,
            cases_large_logits,
            "What can you subtract from a row of logits without changing its probabilities?",
            atol=1e-12,
            warnings="none",
            property="Adding the same number to a row of Z changes neither the loss nor dZ.",
        ),
        Rule(
            "logits of any kind, inputs unchanged",
            1,
            cases_other_dtypes,
            "Is Z the same after the call, and does its dtype matter?",
            rtol=1e-7,
            atol=1e-10,
            mutation="none",
            property="Each row of dZ adds up to 0.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- interpolate(theta0, thetaf, alpha) -------------------------------------------------------------------------
# The point (1 - alpha) theta0 + alpha thetaf for any number alpha, as a list of new arrays.


def reference_interpolate(theta0, thetaf, alpha):
    return [A + np.multiply(alpha, B - A) for A, B in zip(theta0, thetaf, strict=True)]


def cases_between_ends(rng):
    """No alpha is near 0.5, where swapped ends would go unnoticed."""
    for shapes, alpha in zip(SHAPES, (0.3, rng.uniform(0.6, 0.9), rng.uniform(0.1, 0.2)), strict=True):
        theta0, thetaf = random_parameters(rng, shapes), random_parameters(rng, shapes)
        yield case(theta0, thetaf, alpha, about=f"alpha = {alpha:.4g}")


def cases_at_and_beyond_ends(rng):
    alphas = (0, 1, 0.0, 1.0, -0.25, 1.25, -2.0, 3.5, 1e-6, 1 - 1e-6)
    for shapes, alpha in zip(itertools.cycle(SHAPES), alphas, strict=False):
        yield case(random_parameters(rng, shapes), random_parameters(rng, shapes), alpha, about=f"alpha = {alpha}")
    theta0, thetaf = random_parameters(rng, SHAPES[0]), random_parameters(rng, SHAPES[0])
    thetaf[2] = theta0[2].copy()
    yield case(theta0, thetaf, 0.7, about="an array that is equal in theta0 and thetaf")
    theta0, thetaf = random_parameters(rng, ((3, 2), (3, 2))), random_parameters(rng, ((3, 2), (3, 2)))
    yield case(theta0, thetaf, 0.4, about="two arrays of the same shape")


interpolate = Exercise(
    signature="interpolate(theta0, thetaf, alpha)",
    slide=LINE_SLIDE,
    reference=reference_interpolate,
    rules=(
        Rule(
            "between the ends",
            1,
            cases_between_ends,
            "Which end is alpha = 0? In equal steps of alpha, does each number change by equal amounts, biases too?",
            atol=1e-12,
            property="In equal steps of alpha, each number changes by equal amounts.",
        ),
        Rule(
            "the ends, and beyond them",
            1,
            cases_at_and_beyond_ends,
            "Which parameters belong to alpha = 0, and which to alpha = 2?",
            atol=1e-12,
            property="In equal steps of alpha, each number changes by equal amounts.",
        ),
        Rule(
            "new arrays, inputs unchanged",
            1,
            cases_at_and_beyond_ends,
            "Are theta0 and thetaf unchanged, and is every returned array a new one?",
            atol=1e-12,
            mutation="none",
            sharing="none",
            property="In equal steps of alpha, each number changes by equal amounts.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- interpolation_curve(loss_fn, theta0, thetaf, alphas) -------------------------------------------------------
# The loss at the interpolated parameters, for each of the alphas in the given order: an array of floats (m,).


def reference_interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return np.array([loss_fn(reference_interpolate(theta0, thetaf, alpha)) for alpha in alphas], dtype=float)


def cases_evenly_spaced_alphas(rng):
    for shapes, alphas in zip(SHAPES, (np.linspace(0, 1, 15), np.linspace(-0.25, 1.25, 7), [0.3]), strict=True):
        theta0, thetaf = random_parameters(rng, shapes), random_parameters(rng, shapes)
        about = f"{len(alphas)} values of alpha"
        yield case(random_landscape(rng, shapes), theta0, thetaf, np.array(alphas), about=about)


def cases_unusual_alphas(rng):
    """Unsorted, repeated and integer alphas. All parameters have the same shapes, so cached losses would be wrong."""
    unsorted = rng.permutation([*rng.uniform(-0.5, 1.5, 3), 0.0, -2.5, 3.5])
    shapes = SHAPES[rng.integers(len(SHAPES))]
    for alphas, about in (
        (unsorted, "unsorted alphas"),
        (np.array([0, 1, 2]), "integer alphas"),
        ([0.25, 0.5, 0.25], "a list of alphas with a repeated value"),
        (np.array([0.5012, 0.5011, 0.501]), "alphas close to each other"),
        (np.array([0.0, 1e200]), "an alpha at which the loss is inf"),
    ):
        loss_fn = random_landscape(rng, shapes)
        yield case(loss_fn, random_parameters(rng, shapes), random_parameters(rng, shapes), alphas, about=about)
    zeros, twos = ([np.full(shape, number) for shape in shapes] for number in (0.0, 2.0))
    sum_of_squares = FactoryArg(Landscape, {"centre": zeros, "bends": twos, "ripple": 0.0})
    theta0, thetaf = ([np.rint(3 * A) for A in random_parameters(rng, shapes)] for _ in range(2))
    yield case(sum_of_squares, theta0, thetaf, np.array([0.0, 2.0, -1.0]), about="losses that are whole numbers")


def check_float_losses(call, value):
    """The losses are right, and they are floats even where they are whole numbers."""
    factory, *others = call.args
    loss_fn = factory.make()
    with np.errstate(over="ignore"):  # a loss may be inf
        losses = reference_interpolation_curve(loss_fn, *others)
    wrong = describe_difference(value, losses, rtol=1e-9, atol=1e-9)
    return wrong or (None if value.dtype.kind == "f" else f"it holds {value.dtype} values instead of floats")


interpolation_curve = Exercise(
    signature="interpolation_curve(loss_fn, theta0, thetaf, alphas)",
    slide=LINE_SLIDE,
    reference=reference_interpolation_curve,
    rules=(
        Rule(
            "the loss at every alpha",
            1,
            cases_evenly_spaced_alphas,
            "At which parameters is loss_fn called for each alpha?",
            atol=1e-9,
            property="Each loss depends on its own alpha alone.",
        ),
        Rule(
            "any alphas in the given order, inputs unchanged",
            1,
            cases_unusual_alphas,
            "The k-th loss belongs to the k-th alpha, whatever its value. Are the inputs unchanged after the call?",
            mutation="none",
            check=check_float_losses,
            property="Each loss depends on its own alpha alone.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- is_monotone_decreasing(v, tol) -----------------------------------------------------------------------------
# Whether no value of the curve v (m,) exceeds an earlier one by more than tol. False if any value is nan.


def reference_is_monotone_decreasing(v, tol):
    lowest = math.inf
    for value in np.asarray(v).tolist():
        if not value <= lowest + tol:  # True for nan as well
            return False
        lowest = min(lowest, value)
    return True


def falling_curve(rng, m):
    """A curve that falls by at least 0.1 at every step."""
    return 5 - np.cumsum(rng.uniform(0.1, 0.5, m))


def cases_falling_and_rising(rng):
    yield case(falling_curve(rng, 6), 0.0, about="a falling curve")
    yield case(-falling_curve(rng, 5), 0.01, about="a rising curve")
    hill = falling_curve(rng, 30)
    hill[rng.integers(2, 5)] += 3
    yield case(hill, 0.01, about="a curve with a hill")
    yield case(np.full(4, rng.normal()), 0.0, about="a constant curve")
    yield case(np.append(falling_curve(rng, 4) + 9, [2.0, 2.5]), 0.01, about="a curve that rises at its end")
    yield case(np.array([rng.normal()]), 0.0, about="a single value")
    rises_first = np.append(rng.uniform(1, 2), falling_curve(rng, 4) + 6)
    yield case(rises_first, 0.01, about="a curve that rises at its start")


def cases_small_rises(rng):
    """Rises around tol: in one step, in many small steps, relative to large and to tiny values."""
    tol = rng.uniform(0.05, 0.2)
    bumpy = falling_curve(rng, 6)
    bumpy[3] = bumpy[2] + 0.6 * tol
    yield case(bumpy, tol, about="a rise smaller than tol")
    yield case(bumpy, 0.5 * tol, about="a rise larger than tol")
    yield case(np.array([3.0, 2, 2 + 5e-13, 1]), 0.0, about="a tiny rise, and tol = 0")
    climb = np.append(falling_curve(rng, 3), 0) + 5
    climb = np.append(climb, climb[-1] + 0.4 * tol * np.arange(1, 6))
    yield case(climb, tol, about="small rises that add up to more than tol")
    fall = falling_curve(rng, 40)
    long = np.append(fall, fall[-1] + 0.06 * tol * np.arange(1, 31))
    yield case(long, tol, about="a long fall, then many small rises that add up to more than tol")
    climb_before = np.append(5 + 0.6 * tol * np.arange(4), 1.0)
    yield case(climb_before, tol, about="small rises that add up to more than tol, and then a deep fall")
    yield case(np.array([3.0, 2.0, 2.25, 1.0]), 0.25, about="a rise by exactly tol")
    yield case(1e6 + 0.4 * tol * np.arange(4), tol, about="values near a million that rise by more than tol")
    yield case(1e-6 * np.arange(3), 1e-3, about="tiny values")
    yield case(np.full(3, rng.normal()), tol, about="a constant curve, and tol above 0")
    yield case(5 + tol * np.array([0.6, 0, 1.2, 0.6]), tol, about="a wave higher than tol that ends where it began")
    climb = 5 + tol * np.array([0, 0.8, 0.7, 1.5])
    yield case(climb, tol, about="a zigzag that climbs by more than tol, each time by less")
    yield case(np.append(falling_curve(rng, 20) + 15, climb), tol, about="a long fall, then a zigzag that climbs")
    fall = 5 + tol * np.array([0, 0.8, -0.1, 0.7, -0.2])
    yield case(fall, tol, about="a zigzag that falls and never rises by more than tol")
    ripple = 3 + 0.45 * tol * np.resize([1.0, -1.0], 6)
    yield case(ripple, tol, about="a ripple smaller than tol")


def cases_nan_and_other_dtypes(rng):
    for index, where in ((0, "at the start"), (-1, "at the end"), (3, "near the end")):
        v = falling_curve(rng, 5)
        v[index] = np.nan
        yield case(v, 0.1, about=f"nan {where}")
    yield case(np.full(3, np.nan), 0.1, about="nothing but nan")
    yield case(np.array([np.nan]), 0.1, about="a single nan")
    yield case(np.append(falling_curve(rng, 3), np.inf), 0.1, about="inf at the end")
    yield case(np.append(np.inf, falling_curve(rng, 3)), 0.1, about="a fall from inf")  # inf - inf is nan
    yield case(np.array([np.inf, np.inf, 2]), 0.1, about="inf twice, then a fall")
    yield case(np.full(2, np.inf), 0.1, about="nothing but inf")
    yield case(np.array([2.0, 1, -np.inf]), 0.1, about="a fall to -inf")
    yield case(np.array([np.inf, 1, -np.inf]), 0.1, about="a fall from inf to -inf")
    yield case(np.array([4, 2, 4]), 1.5, about="integers that rise by 2, and tol = 1.5")
    yield case(falling_curve(rng, 6), 0.1, about="a falling curve")
    yield case(falling_curve(rng, 4).astype(np.float32), 0.0, about="float32")
    yield case(np.array([40_000, 300, 200, -1]), 0, about="integers")


is_monotone_decreasing = Exercise(
    signature="is_monotone_decreasing(v, tol)",
    slide=LINE_SLIDE,
    reference=reference_is_monotone_decreasing,
    rules=(
        Rule(
            "curves that fall, and curves that rise",
            1,
            cases_falling_and_rising,
            "Does the curve rise anywhere? Staying level is not a rise.",
            property="The answer is False if some value exceeds an earlier one by more than tol.",
        ),
        Rule(
            "rises of at most tol in total are allowed",
            1,
            cases_small_rises,
            "With which of the earlier values is each value compared?",
            property="The answer is False if some value exceeds an earlier one by more than tol, next to it or not.",
        ),
        Rule(
            "nan, inf and other dtypes, v unchanged",
            1,
            cases_nan_and_other_dtypes,
            "What does a comparison with nan give, and what is compared if v has a single value? Is v unchanged "
            "after the call?",
            mutation="none",
            property="A curve with nan is never decreasing.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- slow_climb -------------------------------------------------------------------------------------------------
# Four values for which comparing neighbours only is wrong, with tol = 0.1: they rise slowly, by more than tol in all.

slow_climb = refute(
    "slow_climb",
    {"v": Input(-100, 100, shape=(4,))},
    reference=lambda v: reference_is_monotone_decreasing(v, 0.1),
    wrong=lambda v: bool(np.all(v[1:] <= v[:-1] + 0.1)),
    answer=[1.0, 1.08, 1.16, 0.9],
    points=1,
    slide=LINE_SLIDE,
    hint="How far can a curve climb in several steps, if each is below tol? Steps of exactly 0.1 may be rounded up.",
)


# --- questions --------------------------------------------------------------------------------------------------

flat_quiz = choose_all(
    "flat_quiz",
    "ac",
    "abc",
    points=2,
    slide=LINE_SLIDE,
    hint="Test each claim on the networks you have trained.",
    explain={
        "a": "The output is a sum over the hidden units in any order, but halfway between two numberings each "
        "unit is a mixture of two different ones.",
        "b": "If the first layer is multiplied by c and the second divided by c, every answer stays the same, "
        "and the curvature changes.",
        "c": "In a random direction the curvature is a mean over all d eigenvalues with random weights, so on "
        "average the largest one enters only with weight 1/d.",
    },
)
