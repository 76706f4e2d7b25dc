"""The empirical sentences of `momentum`."""

import functools

import numpy as np

from . import momentum_grid
from .claim import Claim
from .momentum_grid import (
    ALPHAS,
    BATCH_TARGETS,
    BATCHES,
    FACTORS,
    FIRST_PHOTOS,
    FLOOR_BATCHES,
    FLOOR_LOSSES,
    FLOOR_RATES,
    FLOOR_SEEDS,
    NEVER,
    OTHER_PHOTOS,
    PIXELS,
    TARGETS,
    TEST_PHOTOS,
    TEST_PIXELS,
    best_steps,
    of_pixels,
)
from .notebook import solved

KAPPAS = (10, 30, 100, 1000, 10_000)
STARTS = (541, 1, 2)
"""Seeds of the angle by which the valley is turned."""
PHOTOS = range(len(FIRST_PHOTOS))
EVERY = (1, 2, 3)
"""All of the 29 learning rates, every second and every third."""


@functools.cache
def _notebook():
    cells = "bowl", "quadratic-grad-solution", "momentum-step-solution", "momentum-path", "steps", "momentum-steps"
    more = "condition-number-solution", "standardize-solution", "cures", "torch-sgd-step-solution", "two-traces"
    return solved("momentum", *cells, *more)


@functools.cache
def _fewest(photos, pixels, every):
    """The steps of each alpha to each target at the best rate: (alphas, targets)."""
    return best_steps(momentum_grid.steps(), every)[photos, PIXELS.index(pixels)]


def _steps(target, alpha, photos, pixels, every):
    return _fewest(photos, pixels, every)[ALPHAS.index(alpha), TARGETS.index(target)]


def _valley(kappa, seed):
    """A valley with condition number kappa, turned by a random angle, and its steepest curvature."""
    angle = np.random.default_rng(seed).uniform(0, np.pi)
    R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return R @ np.diag([1.0, kappa]) @ R.T


@functools.cache
def _plain_steps(kappa, seed):
    return _notebook()["descent_steps"](_valley(kappa, seed), 2 / (kappa + 1))


@functools.cache
def _momentum_steps(kappa, seed):
    notebook = _notebook()
    return notebook["momentum_steps"](_valley(kappa, seed), *notebook["formula"](kappa, kappa))


def momentum_needs_about_ten_roots(kappa, seed):
    return 8 * np.sqrt(kappa) <= _momentum_steps(kappa, seed) <= 11 * np.sqrt(kappa)


def _first_steps(kappa, lr, alpha):
    """The first losses from (1, 1), divided by that of the start."""
    path = _notebook()["momentum_path"](np.diag([1.0, kappa]), [1.0, 1.0], lr / kappa, alpha, 400)
    losses = path**2 @ [1.0, kappa]
    return losses / losses[0]


def at_first_the_loss_rises(kappa):
    """With the pair of the formula, and more than a thousandfold in the narrowest valley."""
    highest = _first_steps(kappa, *_notebook()["formula"](kappa, 1.0)).max()
    return highest > (1000 if kappa == 10_000 else 1.5)


def the_ball_swings_for_ever(start):
    """On a convex loss with slopes of 25, 1 and 25, where the second derivative is never below 1 or above 25."""
    notebook = _notebook()

    def last(lr, alpha):
        W, V = np.array([start]), np.zeros(1)
        for _ in range(2000):
            slope = np.where(W < 1, 25 * W, np.where(W < 2, W + 24, 25 * W - 24))
            W, V = notebook["momentum_step"](W, V, slope, lr, alpha)
        return abs(W[0])

    return last(*notebook["formula"](25, 25)) > 0.1 and last(2 / 26, 0.0) < 1e-6


@functools.cache
def _errors_in_a_valley(kappa, alpha):
    """After each of 399 steps, as a share of the first, for 60 learning rates: (steps + 1, rates)."""
    lr = np.geomspace(0.01, 4, 60)[:, None] / kappa
    w, v, errors = np.ones((60, 2)), np.zeros((60, 2)), [np.ones(60)]
    for _ in range(399):
        v = lr * np.array([1.0, kappa]) * w + alpha * v
        w = w - v
        errors.append(np.abs(w).max(axis=1))
    return np.array(errors)


def _steps_in_a_valley(kappa, alpha, error):
    """The fewest steps until the error stays below a share of the first, at the best of the learning rates."""
    stays_below = np.maximum.accumulate(_errors_in_a_valley(kappa, alpha)[::-1])[::-1] <= error
    return np.flatnonzero(stays_below.any(axis=1))[0]


def in_a_wide_valley_friction_matters(kappa, error):
    """Each alpha with its best rate: that of the formula is faster than plain descent, and 0.9 is slower."""
    by_formula = _notebook()["formula"](kappa, kappa)[1]
    ours, plain, ball = (_steps_in_a_valley(kappa, alpha, error) for alpha in (by_formula, 0.0, 0.9))
    return ours < plain < ball


def the_guess_beats_plain_descent(kappa, seed):
    """At a rate of its own, α = 0.9 needs fewer steps to 1e-6 than plain descent at its best rate."""
    steps, H = _notebook()["momentum_steps"], _valley(kappa, seed)
    return min(steps(H, lr / kappa, 0.9, 1000) for lr in np.geomspace(0.5, 3.5, 12)) < _plain_steps(kappa, seed)


def pytorch_slows_down_at_once(step, divisor, lr):
    """The first step after the cut is at least twice as long with the lecture's momentum as with PyTorch's."""
    notebook, H = _notebook(), np.diag([1.0, 25.0])
    W, V, theta, buf = np.ones(2), np.zeros(2), np.ones(2), None
    for t in range(step + 1):
        rate = lr if t < step else lr / divisor
        W_old, theta_old = W, theta
        W, V = notebook["momentum_step"](W, V, H @ W, rate, 0.9)
        theta, buf = notebook["torch_sgd_step"](theta, H @ theta, buf, lr=rate, momentum=0.9)
    return np.linalg.norm(W - W_old) > 2 * np.linalg.norm(theta - theta_old)


def highest_after(cut):
    """The highest loss of the lecture's momentum from the second step after the cut to a tenth on."""
    lecture, _ = _notebook()["two_traces"](np.where(np.arange(80) < cut, 0.01, 0.001))
    return np.max(lecture[cut + 2 :])


def is_the_lecture_ahead(cut, later):
    """Whether its loss is lower than PyTorch's, this number of steps after the cut to a tenth."""
    lecture, pytorch = _notebook()["two_traces"](np.where(np.arange(80) < cut, 0.01, 0.001))
    return lecture[cut + later] < pytorch[cut + later]


def nesterov_swings_less(lr, alpha):
    """With lr · curvature = lr."""
    ends = {}
    for nesterov in (False, True):
        theta, buf, path = np.ones(1), None, []
        for _ in range(200):
            theta, buf = _notebook()["torch_sgd_step"](theta, theta, buf, lr=lr, momentum=alpha, nesterov=nesterov)
            path.append(theta[0])
        ends[nesterov] = np.min(path)
    return ends[True] > ends[False]


def standardizing_cures(correlation, scale, offset, seed):
    """Scales and offsets, of one feature or of both, are cured; the correlated valley stays as narrow as it was."""
    notebook = _notebook()
    u = np.random.default_rng(seed).normal(size=(500, 2))
    correlated = np.column_stack([u[:, 0], correlation * u[:, 0] + np.sqrt(1 - correlation**2) * u[:, 1]])

    def kappas(X):
        return [notebook["condition_number"](notebook["hessian"](A)) for A in (X, notebook["standardize"](X, X)[0])]

    cured = all(kappas(X)[1] < 1.5 for X in (u * [1, scale], u + np.array([offset, 0]), u + offset))
    before, after = kappas(correlated)
    return cured and 0.75 * before < after < 1.25 * before


def an_offset_narrows_more_with_a_bias(offset, features, seed):
    """Of the first one or of both features, compared with the same table without a column of ones."""
    notebook, u = _notebook(), np.random.default_rng(seed).normal(size=(500, 2))
    X = u + offset * (np.arange(2) < features)
    centred, plain, biased = (notebook["condition_number"](H) for H in (u.T @ u, X.T @ X, notebook["hessian"](X)))
    return centred < plain < biased / 2


def large_friction_creeps_and_small_friction_swings(step):
    """On one eigenvector, with lr · curvature = step: no change of sign; the fastest; changes of sign."""
    path = _notebook()["momentum_path"]
    critical = (1 - np.sqrt(step)) ** 2
    errors = {alpha: path(np.eye(1), [1.0], step, alpha, 200)[:, 0] for alpha in (0.3 * critical, critical, 0.97)}
    creeping, arriving, swinging = errors.values()
    last = [np.flatnonzero(np.abs(e) > 0.01)[-1] for e in (creeping, arriving, swinging)]
    return np.all(creeping > 0) and np.any(swinging < 0) and last[1] < min(last[0], last[2])


def the_target_can_be_reached(lr):
    """For this learning rate there is an alpha of the slider with which the ball arrives in 25 steps."""
    notebook = _notebook()
    paths = (notebook["momentum_path"](np.diag([1.0, 20.0]), [9.0, 1.5], lr, a, 100) for a in np.arange(0, 0.96, 0.05))
    return any(np.all(np.linalg.norm(path[25:], axis=1) < 0.1) for path in paths)


def little_friction_swings(lr):
    """With α = 0.95 the ball passes the minimum again and again along the valley."""
    along = _notebook()["momentum_path"](np.diag([1.0, 20.0]), [9.0, 1.5], lr, 0.95, 100)[:, 0]
    return np.count_nonzero(along[1:] * along[:-1] < 0) >= 3


def a_short_race(photos, every):
    """Plain descent needs about six steps to 0.8 on centred pixels."""
    return 5 <= _steps(0.8, 0.0, photos, "centred", every) <= 8


def ahead_on_a_long_way(plain, ball):
    """Whether momentum is ahead, if plain descent arrives and needs more than 20 steps."""
    return not 20 < plain < np.inf or ball < plain


def ahead_for_other_photos(photos, pixels, target):
    """The same for other numbers of photos or pixels."""
    fewest = best_steps(momentum_grid.steps_for_other_photos())
    place = OTHER_PHOTOS.index(photos), PIXELS[1:].index(pixels), slice(None), TARGETS.index(target)
    return ahead_on_a_long_way(*fewest[place])


@functools.cache
def _fewest_from(start, pixels):
    """The steps of plain descent and of alpha = 0.9 to each target on 250 photos, at every third rate."""
    return best_steps(of_pixels(0, pixels, (0.0, 0.9), FACTORS[4:-4:3], 250, 4, start))


def steps_to_a_test_loss(above, photos, pixels):
    """The steps of α = 0 and 0.9 to a test loss this far above the lowest one, each at its best rate."""
    losses = momentum_grid.test_losses()[TEST_PIXELS.index(pixels), :, :, photos].astype(float)
    arrived = losses <= losses.min() + above
    return np.where(arrived.any(axis=2), arrived.argmax(axis=2), np.inf).min(axis=1)


def test_losses_ask_for_momentum_in_narrow_valleys(pixels, **knobs):
    plain, ball = steps_to_a_test_loss(pixels=pixels, **knobs)
    return plain < ball if pixels == "standardized" else ball < plain


def ahead_from_another_start(start, target, pixels):
    return ahead_on_a_long_way(*_fewest_from(start, pixels)[:, TARGETS.index(target)])


def a_third_on_raw_pixels(start):
    plain, ball = _fewest_from(start, "raw")[:, TARGETS.index(0.8)]
    return ball < plain / 3


@functools.cache
def _with_batches(pixels, size, every):
    """The mean steps of plain descent and alpha = 0.9 to each target, each at its best rate: (2, targets)."""
    steps = momentum_grid.steps_with_batches()[PIXELS.index(pixels), BATCHES.index(size)].astype(float)
    return np.where(steps == NEVER, np.inf, steps).mean(axis=2)[:, ::every].min(axis=1)


def batches_of_ten_save_at_most_a_quarter(pixels, target, every):
    plain, ball = _with_batches(pixels, 10, every)[:, BATCH_TARGETS.index(target)]
    return ball >= 0.75 * plain


def mean_saved(pixels, size, seeds, every):
    """By which share, the mean over the targets, each method at the rate that is best for these seeds."""
    steps = momentum_grid.steps_with_batches()[PIXELS.index(pixels), BATCHES.index(size)].astype(float)
    steps = np.where(steps == NEVER, np.inf, steps)[:, ::every, seeds].mean(axis=2).min(axis=1)
    return np.mean(1 - steps[1] / steps[0])


def smaller_batches_save_less(pixels, seeds, every):
    """Batches of 10 less than those of 100, and these less than all photos."""
    plain, ball = (_fewest(0, pixels, every)[ALPHAS.index(alpha), -len(BATCH_TARGETS) :] for alpha in (0.0, 0.9))
    ten, hundred = (mean_saved(pixels, size, seeds, every) for size in BATCHES)
    return ten + 0.1 < hundred < np.mean(1 - ball / plain) - 0.1


def _floor(losses, pixels, size, rate):
    """The mean last losses of plain descent and of alpha = 0.9: (alphas, seeds)."""
    where = PIXELS.index(pixels), FLOOR_BATCHES.index(size), FLOOR_RATES.index(rate)
    return momentum_grid.last_losses()[where][..., FLOOR_LOSSES.index(losses)].astype(float)


def momentum_lowers_the_loss(losses, pixels, size, rate):
    """By which share, for each seed."""
    plain, ball = _floor(losses, pixels, size, rate)
    return 1 - ball / plain


def small_rates_give_equal_losses(losses, pixels, size, rate):
    return np.all(np.abs(momentum_lowers_the_loss(losses, pixels, size, rate)) < 0.04)


def momentum_helps_where_the_rate_is_too_large(losses, pixels, size, rate):
    """Whether the mean loss is lower with momentum, if that of plain descent is lower at the next smaller rate."""
    smaller = FLOOR_RATES[FLOOR_RATES.index(rate) - 1]
    plain, ball = _floor(losses, pixels, size, rate).mean(axis=1)
    return plain <= _floor(losses, pixels, size, smaller)[0].mean() or ball < 0.97 * plain


def better_at_the_rate_1(losses, pixels, seeds):
    """The mean over seeds: about a tenth with batches of 10, a quarter with batches of 100."""
    few, many = (momentum_lowers_the_loss(losses, pixels, size, 1.0)[seeds].mean() for size in (10, 100))
    return 0.05 < few < 0.15 and 0.18 < many < 0.3


AT_ITS_BEST = {"photos": PHOTOS, "every": EVERY}
TUNED_FOR = {"seeds": (slice(0, 3), slice(0, 2), slice(1, 3)), "every": EVERY}
WELL_PREPARED = ("centred", "standardized")


def _compared(relation):
    """A test of the steps of plain descent and alpha = 0.9 to a target."""
    return lambda target, pixels, photos, every: relation(
        *(_steps(target, alpha, photos, pixels, every) for alpha in (0.0, 0.9))
    )


CLAIMS = [
    Claim(
        "In these valleys gradient descent needs about $7\\kappa$ steps",
        lambda kappa, seed: 6 * kappa <= _plain_steps(kappa, seed) <= 7.5 * kappa,
        {"kappa": KAPPAS, "seed": STARTS},
        also=(
            "In a bowl of two weights with a condition number $\\kappa$ of 10 to 10 000, gradient descent at its best constant rate",
        ),
    ),
    Claim(
        "In these valleys gradient descent needs about $7\\kappa$ steps, so a condition number ten times as large means ten times as many.",
        lambda kappa, seed: 9 <= _plain_steps(10 * kappa, seed) / _plain_steps(kappa, seed) <= 11,
        {"kappa": (10, 100, 1000), "seed": STARTS},
    ),
    Claim(
        "In your first prediction, valley B has a condition number 100 times that of A",
        lambda kappa, seed: 90 <= _plain_steps(100 * kappa, seed) / _plain_steps(kappa, seed) <= 110,
        {"kappa": (10, 30, 100), "seed": STARTS},
    ),
    Claim(
        "An offset matters more with a bias:",
        an_offset_narrows_more_with_a_bias,
        {"offset": (1, 3, 5, 50), "seed": (541, 1, 2)},
        {"features": (1, 2)},
    ),
    Claim(
        "In these tables of 500 rows, scales and offsets are cured, down to a $\\kappa$ of about 1",
        standardizing_cures,
        {"correlation": (0.9, 0.99, 0.999), "scale": (5, 30, 100), "offset": (3, 5, 50), "seed": (541, 1, 2)},
        also=(
            "In linear regression, standardizing widens a valley made by different scales or offsets, but not one made",
        ),
    ),
    Claim(
        "With $\\alpha = 0.95$ the ball hardly loses its velocity here",
        little_friction_swings,
        {"lr": (0.02, 0.05, 0.1, 0.15)},
    ),
    Claim("Target: be closer than 0.1", the_target_can_be_reached, {"lr": (0.06, 0.08, 0.1, 0.12)}),
    Claim(
        "With too much friction (overdamped) it creeps back",
        large_friction_creeps_and_small_friction_swings,
        {"step": (0.01, 0.02, 0.05, 0.1, 0.2)},
    ),
    Claim(
        "Instead of $7\\kappa$ steps to an error of $10^{-6}$, momentum with this formula needs about $10\\sqrt\\kappa$ in our four",
        momentum_needs_about_ten_roots,
        {"kappa": KAPPAS, "seed": STARTS},
        also=("With Polyak's $\\epsilon$ and $\\alpha$ it needed about $10\\sqrt\\kappa$ steps in these bowls.",),
    ),
    Claim(
        "In the narrowest of them it is more than 60 times as fast",
        lambda seed: _plain_steps(10_000, seed) / _momentum_steps(10_000, seed) > 60,
        {"seed": STARTS},
    ),
    Claim("But this is the long run: from our start its loss first rises", at_first_the_loss_rises, {"kappa": KAPPAS}),
    Claim(
        "From the same start, plain descent with $\\epsilon = \\frac1L$ has less than a tenth of its loss left after a single step.",
        lambda kappa: _first_steps(kappa, 1.0, 0.0)[1] < 0.1,
        {"kappa": KAPPAS},
    ),
    Claim(
        "It is made for bowls, and on other losses, even convex ones, the ball may swing for ever.",
        the_ball_swings_for_ever,
        {"start": (-7.8, 3.2, 3.3, 3.4)},
    ),
    Claim(
        "The lecture's version, which is fast at step 20, rolls",  # to a loss of about 3
        lambda: 2.5 < highest_after(20) < 3.5,
    ),
    Claim(
        "PyTorch keeps the learning rate out of the buffer and multiplies all of $\\mathbf{b}$ by the new one, so here",
        pytorch_slows_down_at_once,
        {"step": (15, 20, 25, 30), "divisor": (5, 10, 100), "lr": (0.005, 0.01, 0.02)},
    ),
    Claim(
        "Later, and after cuts at other steps, the lecture's version is sometimes ahead.",
        lambda cut: 0 < np.mean([is_the_lecture_ahead(cut, later) for later in range(2, 40)]) < 0.5,
        {"cut": (4, 8, 10, 15, 16, 20)},
    ),
    Claim(
        "As long as the learning rate times the curvature is below 1, it also swings less.",
        nesterov_swings_less,
        {"lr": (0.02, 0.1, 0.2, 0.5, 0.7, 0.9), "alpha": (0.7, 0.8, 0.9, 0.95, 0.99)},
    ),
    Claim(
        "At a training loss of 0.8, our first conclusion holds in this race:",
        _compared(lambda plain, ball: abs(ball - plain) <= 2),
        AT_ITS_BEST,
        {"target": (0.8,), "pixels": WELL_PREPARED},
    ),
    Claim(
        "But to each of the four lowest targets, from 0.5 down, it is ahead of plain descent on all",
        _compared(lambda plain, ball: ball < plain),
        AT_ITS_BEST,
        {"target": (0.6, 0.5, 0.45, 0.4, 0.35), "pixels": PIXELS},
    ),
    Claim(
        "In our race with all 2000 photos in every step, $\\alpha = 0.9$ gained nothing on well-prepared pixels down to",
        _compared(lambda plain, ball: ball >= plain),
        {},
        {"photos": (0,), "every": (1,), "target": (0.8,), "pixels": WELL_PREPARED},
    ),
    Claim(
        "In our race with all 2000 photos in every step, $\\alpha = 0.9$ gained nothing",  # with other photos, two steps at most
        _compared(lambda plain, ball: ball >= plain - 2),
        AT_ITS_BEST,
        {"target": (0.8,), "pixels": WELL_PREPARED},
    ),
    Claim(
        "In a bowl with $\\kappa = 10$, $\\alpha = 0.9$ at its best rate needs even more steps to $10^{-6}$ than plain",
        in_a_wide_valley_friction_matters,
        {"kappa": (3, 5, 10), "error": (0.1, 1e-2, 1e-4, 1e-6)},
    ),
    Claim(
        "In a bowl with $\\kappa = 10$, $\\alpha = 0.9$ at its best rate",  # from about κ = 40 on, it needs fewer
        the_guess_beats_plain_descent,
        {"kappa": (40, 50, 100, 300, 1000), "seed": STARTS},
    ),
    Claim("On centred pixels the way to 0.8 would then lead mostly down the walls", a_short_race, AT_ITS_BEST),
    Claim(
        "On raw pixels the valley seems so narrow that plain descent crawls from the start, and even to 0.8",
        _compared(lambda plain, ball: ball < plain / 3),
        AT_ITS_BEST,
        {"target": (0.8,), "pixels": ("raw",)},
    ),
    Claim(
        "On raw pixels the valley seems so narrow that plain descent crawls from the start, and even to 0.8, $\\alpha = 0.9$",
        a_third_on_raw_pixels,
        {"start": ((0.0, 541), (0.03, 541), (0.1, 1))},
    ),
    Claim(
        "On average, $\\alpha = 0.9$ saved less with smaller batches,",
        smaller_batches_save_less,
        {"pixels": PIXELS, **TUNED_FOR},
    ),
    Claim(
        "On average, $\\alpha = 0.9$ saved less with smaller batches, and with batches of 10 at most about a quarter",
        batches_of_ten_save_at_most_a_quarter,
        {"pixels": PIXELS, "target": BATCH_TARGETS, "every": EVERY},
    ),
    Claim(
        "In this race, it paid off wherever plain descent needed more than 20 steps to a *training* loss.",
        _compared(ahead_on_a_long_way),
        {"target": TARGETS, "pixels": PIXELS, **AT_ITS_BEST},
        also=(
            "The number of steps to the same loss changed, but wherever plain descent needed more than 20 in these races, momentum",
        ),
    ),
    Claim(
        "To come close to the lowest *test* loss (not drawn), it needed fewer steps on raw pixels, but mostly more on standardized ones.",
        test_losses_ask_for_momentum_in_narrow_valleys,
        {"above": (0.05, 0.03, 0.02, 0.01), "photos": range(len(TEST_PHOTOS))},
        {"pixels": TEST_PIXELS},
    ),
    Claim(
        "So tune $\\alpha$, too: at none of our targets was 0.5 slower than plain descent.",
        lambda target, pixels, photos, every: (
            _steps(target, 0.5, photos, pixels, every) <= _steps(target, 0.0, photos, pixels, every)
        ),
        {"target": TARGETS, "pixels": PIXELS, **AT_ITS_BEST},
    ),
    Claim(
        "The number of steps to the same loss changed, but wherever plain descent needed more than 20",
        ahead_for_other_photos,
        {"photos": OTHER_PHOTOS, "target": TARGETS},
        {"pixels": WELL_PREPARED},
    ),
    Claim(
        "The number of steps to the same loss changed, but wherever plain descent needed more than 20 in these races,",
        ahead_from_another_start,
        {"start": ((0.03, 541), (0.1, 1), (0.3, 2)), "target": TARGETS},
        {"pixels": WELL_PREPARED},
    ),
    Claim(
        "At the effective rate of 0.1, the losses are the same, 0.36 with and without momentum.",
        lambda losses, seed: np.all(
            np.abs(_floor(losses, "standardized", 10, 0.1)[:, seed] - 0.36) < (0.01 if losses == 40 else 0.04)
        ),
        {"losses": FLOOR_LOSSES, "seed": range(len(FLOOR_SEEDS))},
    ),
    Claim(
        "They nearly agreed, too, with six seeds, with a rate of 0.03, and with batches of 30 and 100,",
        small_rates_give_equal_losses,
        {"losses": FLOOR_LOSSES, "size": FLOOR_BATCHES, "pixels": PIXELS},
        {"rate": (0.03, 0.1)},
    ),
    Claim(
        "At the rate 1, momentum is better, although our single run hardly shows it:",
        better_at_the_rate_1,
        {"losses": FLOOR_LOSSES, "seeds": (slice(0, 6), slice(0, 4), slice(2, 6))},
        {"pixels": ("standardized",)},
    ),
    Claim(
        "On average over these seeds, momentum helped at all of our rates that were too large for plain descent,",
        momentum_helps_where_the_rate_is_too_large,
        {"losses": FLOOR_LOSSES, "size": FLOOR_BATCHES, "pixels": PIXELS, "rate": FLOOR_RATES[1:]},
    ),
]

SETTINGS = (
    "This race uses all 2000 photos in every step, so it has no noise.",
    "Then the curvature, the second derivative in a direction, is 1",
    "Above a certain learning rate the walk diverges",
    "Find a symmetric 2 × 2 matrix",
    "These are already the best constant learning rates, so either the valley must become wider, which is part 2",
    "Goodfellow, Bengio and Courville",
    "In the first, the features have different scales",
    "A feature with values near 5",
    "Trap: the slide calls $\\mathbf{V}$ a “moving average”",
    "If you raise $\\alpha$ from 0 to 0.9",
    "In steps 2 and 3",
    "Drive it yourself through the valley",
    "Leave the start where it is, set the learning rate to 0.1",
    "Polyak (1964) chose",
    "In part 1 the factor was",
    "And it needs $m$ and $L$, which are rarely known",
    "Part 5 tests how well this guess works on 2000 photos.",
    "Now we cut the learning rate to a tenth after 20 steps",
    "Now we train softmax regression on 2000 photos",
    "To be fair, each method tries 13",
    "At first we chose 0.8",
    "A line that ends before 0.35",
    '`"to 0.8"`',
    '`"to 0.4"`',
    '`"first at 0.6"`',
    "Each answer earns 1 point.",
)
