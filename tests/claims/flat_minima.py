"""The empirical sentences of `flat_minima`."""

import functools

import numpy as np

from lectrain import data

from . import flat_minima_grid
from .claim import Claim
from .flat_minima_grid import (
    BATCH_SIZES,
    EARLY_STOPS,
    FIRST_PHOTOS,
    LINE_RATES,
    LINES,
    OTHER_NETWORKS,
    QUANTITIES,
    RATES,
    SEEDS,
    SMALL_RATES,
    STARTS,
    STOPS,
    small_network,
)
from .notebook import solved

RUN = range(len(FIRST_PHOTOS))
NO_RISE = 1e-3
"""The tolerance of the notebook."""


def _end(quantity, batch_size, lr, run, stop):
    """A quantity at the end of one training."""
    where = run, BATCH_SIZES.index(batch_size), RATES[batch_size].index(lr), STOPS.index(stop)
    return flat_minima_grid.ends()[(*where, QUANTITIES.index(quantity))]


def _line(name, seed, variant, lr=0.1):
    return flat_minima_grid.lines()[LINE_RATES.index(lr), SEEDS.index(seed), LINES.index(name), variant]


def _other_line(name, seed, variant, network):
    """A line between networks with other numbers of hidden units and of updates."""
    return flat_minima_grid.other_lines()[OTHER_NETWORKS.index(network), SEEDS.index(seed), LINES.index(name), variant]


def _line_from(start, seed):
    """A line from another start than those of the notebook."""
    return flat_minima_grid.lines_from_starts()[SEEDS.index(seed), STARTS.index(start)]


def barrier(line):
    """How far a line rises above the higher of its ends."""
    return line.max() - max(line[0], line[-1])


def solved_controls():
    """The stored lines of the notebook: four lines, test and training losses, α from -0.25 to 1.25."""
    return data.load_stored("06-flat-minima/controls")


def highest_rise(line):
    """The most that a value is above an earlier one."""
    return np.max(line - np.minimum.accumulate(line))


def falls(line):
    """Whether a line never rises by more than the tolerance of the notebook."""
    return highest_rise(line) <= NO_RISE


def the_loss_falls_from_nearly_all_starts(seed):
    """From all but at most one, and from all but one to the network of the notebook."""
    lines = flat_minima_grid.lines_from_random_starts()[SEEDS.index(seed)]
    exceptions = [line for line in lines if not falls(line)]
    rises = max(map(highest_rise, lines))
    return len(lines) == 40 and rises < 0.01 and len(exceptions) <= 1 and (seed != SEEDS[0] or len(exceptions) == 1)


def it_rises_from_most_starts(starts):
    """On the lines from these starts to the last network, which ended at a higher loss than the others."""
    *others, lines = flat_minima_grid.lines_from_random_starts()[:, starts]
    rises = [highest_rise(line) for line in lines]
    higher = lines[:, -1].min() > np.max([of_network[:, -1] for of_network in others])
    return higher and np.median(rises) > NO_RISE and max(rises) < 0.02


def rises_only_near_an_end(line):
    """Whether a line rises only in its first or last quarter, and by less than 0.01."""
    return falls(line[10:31]) and highest_rise(line) < 0.01


def toy_loss_after(shift):
    """The test losses at the wide and at the narrow minimum of the toy loss, if the test loss is shifted."""
    notebook = solved("flat_minima", "toy")
    return [notebook["toy_loss"]([np.array([minimum - shift])]) for minimum in (-2.0, 2.0)]


CURVATURES = "largest", "mean"


def smaller_batches_end_flatter(lr, run, stop):
    """For all batch sizes that were trained with this rate, by both curvatures."""
    sizes = [size for size in BATCH_SIZES if lr in RATES[size]]
    return np.all(np.diff([[_end(name, size, lr, run, stop) for size in sizes] for name in CURVATURES]) > 0)


def flatter_by(lr, run, stop):
    """The largest curvature of the full batch, divided by that of batches of 10 at the same rate."""
    if lr in SMALL_RATES:
        small = flat_minima_grid.ends_of_small_rates()[run, SMALL_RATES.index(lr), STOPS.index(stop)]
        full = small[QUANTITIES.index("largest")]
    else:
        full = _end("largest", 500, lr, run, stop)
    return full / _end("largest", 10, lr, run, stop)


def the_full_batch_seldom_ends_above_its_bound(run):
    """At most two of ten times, and never by half."""
    ends = np.array([[_end("largest", 500, lr, run, stop) * lr / 2 for lr in RATES[500]] for stop in STOPS])
    return np.sum(ends[[0, -1]] > 1) <= 2 and np.all(ends < 1.5)


def both_curvatures_agree(run, stop):
    """At the rate 0.1, both are smaller with mini-batches of 10."""
    return all(1.4 * _end(name, 10, 0.1, run, stop) < _end(name, 500, 0.1, run, stop) for name in CURVATURES)


def larger_rates_end_flatter(batch_size, run, stop):
    """By both curvatures, for rates that differ by a factor of at least 2.5."""
    ends = np.array([[_end(name, batch_size, lr, run, stop) for name in CURVATURES] for lr in RATES[batch_size]])
    return np.all(ends[2:] < ends[:-2])


def the_rate_hardly_matters(name, lr, run, stop):
    """Of the full batch, compared with the rate 0.1: the curvature differs by less than a tenth."""
    small = flat_minima_grid.ends_of_small_rates()[run, SMALL_RATES.index(lr), STOPS.index(stop)]
    return 0.9 < small[QUANTITIES.index(name)] / _end(name, 500, 0.1, run, stop) < 1.1


def flatter_and_worse(batch_size, rate, run):
    """From the first stop to the last, both curvatures fall, and the test loss rises."""
    lr = RATES[batch_size][rate]
    first, last = (
        np.array([_end(name, batch_size, lr, run, stop) for name in ("largest", "mean", "test loss")])
        for stop in (STOPS[0], STOPS[-1])
    )
    return np.all(last[:2] < first[:2]) and last[2] > first[2]


def best_accuracies(stop, runs, first_rate):
    """The accuracy of each batch size at the best of its rates: the mean over these sets of photos."""
    return [
        max(np.mean([_end("accuracy", size, lr, run, stop) for run in runs]) for lr in RATES[size][first_rate:])
        for size in BATCH_SIZES
    ]


def no_batch_size_is_clearly_the_best(stop, first_rate):
    return np.ptp(best_accuracies(stop, RUN, first_rate)) < 0.01


def the_full_batch_has_the_lowest_test_loss(stop):
    """At the rate of each batch size with the lowest mean test loss."""
    lowest = [
        min(np.mean([_end("test loss", B, lr, run, stop) for run in RUN]) for lr in RATES[B]) for B in BATCH_SIZES
    ]
    return np.argmin(lowest) == BATCH_SIZES.index(500)


def the_full_batch_sharpens_first(seed):
    ends = flat_minima_grid.early_ends()[seed, ..., QUANTITIES.index("largest")]
    return np.all(ends[:, EARLY_STOPS.index(0.3)] > ends[:, EARLY_STOPS.index(0.5)])


def _trained(first, seed, setting=(10, 0.1)):
    """The notebook's functions, and networks with this batch size and rate at the first and at the last stop."""
    notebook = small_network(first)
    ends = notebook["fitted"](*setting, seed)
    return notebook, ends[0][0], ends[-1][0]


def _largest(notebook, theta):
    return notebook["sharpest"](theta, notebook["X_few"], notebook["y_few"])[0]


@functools.cache
def _rescaled(first, seed):
    """Accuracies, largest curvatures and filter-normalized sharpness of a network for several c."""
    notebook, theta, _ = _trained(first, seed)
    found = []
    for c in (0.25, 0.5, 1.0, 2.0, 4.0):
        same = notebook["rescaled"](theta, c)
        answers = notebook["net14"].logits(same, notebook["X14_test"]).argmax(axis=1)
        normalized = notebook["normalized_sharpness"](same, 0.5, np.random.default_rng(3), 20)
        largest = _largest(notebook, same)
        found.append([np.mean(answers == notebook["labels_test"]), largest, normalized])
    return np.array(found).T


def a_factor_for_each_unit_changes_it(first, seed, factors):
    """The logits stay the same, and the filter-normalized sharpness becomes more than three times as large."""
    notebook, theta, _ = _trained(first, seed)
    c = 4 ** np.random.default_rng(factors).uniform(-1, 1, 64).astype(np.float32)
    same = [theta[0] * c, theta[1] * c, theta[2] / c[:, None], theta[3]]
    logits = [notebook["net14"].logits(network, notebook["X_few"]) for network in (theta, same)]
    sharpness = [notebook["normalized_sharpness"](t, 0.5, np.random.default_rng(3), 20) for t in (theta, same)]
    return np.allclose(*logits, atol=1e-3) and sharpness[1] > 3 * sharpness[0]


def the_hardest_photos_become_clear(first, seed, count, setting):
    """The mean probability of the right class on the hardest training photos, at the first and at the last stop."""
    notebook, *networks = _trained(first, seed, setting)
    X, y = notebook["X_few"], notebook["y_few"]
    right = [np.sort(notebook["hidden_and_probabilities"](t, X, y)[2][np.arange(500), y]) for t in networks]
    before, after = (np.mean(p[:count]) for p in right)
    return after > before + 0.2 and (count != 10 or (0.3 < before < 0.7 and after > 0.75))


def confidence_explains_most_of_the_rise(first, seed, setting):
    """With the best length of the logits at each stop, less than a fifth of the rise of the test loss is left."""
    notebook, *networks = _trained(first, seed, setting)
    labels, losses = notebook["labels_test"], []
    for theta in networks:
        Z = notebook["net14"].logits(theta, notebook["X14_test"]).astype(float)
        rescaled = [notebook["loss_head"](length * Z, labels)[0] for length in np.linspace(0.2, 1.0, 17)]
        losses.append([rescaled[-1], min(rescaled)])
    rise, rise_left = np.subtract(*losses[::-1])
    return rise_left < 0.2 * rise


@functools.cache
def normalized_sharpness_changes_by(first, seed, directions, radius):
    """By which factor, from the first stop to the last."""
    notebook, *networks = _trained(first, seed)
    before, after = (
        notebook["normalized_sharpness"](theta, radius, np.random.default_rng(directions), 40) for theta in networks
    )
    return after / before


@functools.cache
def _of_both_sides(first, radius, stop, setting):
    """The filter-normalized sharpness of this batch size and rate: the mean of steps to both sides."""
    notebook, *networks = _trained(first, SEEDS[0], setting)
    theta = networks[0 if stop == STOPS[0] else 1]
    both = radius, -radius
    return np.mean([notebook["normalized_sharpness"](theta, r, np.random.default_rng(3), 20) for r in both])


def normalized_ratio(first, radius, stop, setting):
    """Divided by that of batches of 10 at the rate 0.1."""
    return _of_both_sides(first, radius, stop, setting) / _of_both_sides(first, radius, stop, (10, 0.1))


def both_curvatures_fall(first, seed):
    notebook, *networks = _trained(first, seed)
    X, y = notebook["X_few"], notebook["y_few"]
    (most, mean), (most_after, mean_after) = (
        (_largest(notebook, theta), notebook["mean_curvature"](theta, X, y)) for theta in networks
    )
    return most_after < most and mean_after < mean


def one_direction_shows_roughly_the_mean(first, seed, direction):
    """A single random direction, compared with the mean of all eigenvalues and with the largest one."""
    notebook, theta, _ = _trained(first, seed)
    theta, X, y = [A.astype(float) for A in theta], notebook["X_few"].astype(float), notebook["y_few"]
    u = np.random.default_rng(direction).normal(size=sum(A.size for A in theta))
    u /= np.linalg.norm(u)
    moved = notebook["times_hessian"](theta, notebook["as_theta"](u, theta), X, y)
    curvature, mean = u @ np.concatenate([A.ravel() for A in moved]), notebook["mean_curvature"](theta, X, y)
    return 0.2 < curvature / mean < 3 and _rescaled(first, seed)[1, 2] > 2000 * mean  # c = 1


def the_same_function_is_ten_times_as_sharp(first, seed):
    accuracies, largest, _ = _rescaled(first, seed)
    return np.ptp(accuracies) == 0 and largest.max() > 10 * largest[2]  # c = 1


def normalized_sharpness_does_not_change(first, seed):
    normalized = _rescaled(first, seed)[2]
    return np.ptp(normalized) < 1e-3 * normalized.mean()


ANY_LINE = {"seed": SEEDS, "variant": (0, 1, 2)}
ANY_END = {"run": RUN, "stop": STOPS}
NETWORKS = {"first": FIRST_PHOTOS, "seed": SEEDS}
SETTINGS_OF_4 = {"setting": ((10, 0.1), (500, 0.5))}

CLAIMS = [
    Claim(
        "At the wide minimum the shift costs little, and the test loss there is 0.04.",
        lambda shift: toy_loss_after(shift)[0] < 0.1 and round(toy_loss_after(0.3)[0], 2) == 0.04,
        {"shift": (0.2, 0.3, 0.4)},
    ),
    Claim(
        "But at the narrow minimum the same shift throws us out of the hollow, up to 0.99.",
        lambda shift: toy_loss_after(shift)[1] > 0.8 and round(toy_loss_after(0.3)[1], 2) == 0.99,
        {"shift": (0.2, 0.3, 0.4)},
    ),
    Claim(
        "This looks like the slide's picture, because from $\\theta_0$ to $\\theta_f$ the training loss seems to fall all the way",
        lambda seed, lr: falls(_line("own", seed, 0, lr)),
        {"seed": SEEDS},
        {"lr": (0.02, 0.1)},
    ),
    Claim(
        "On the line to our network, the loss also falls from a start that this training never visited, and even from zeros,",
        lambda line, seed, variant, lr: falls(_line(line, seed, variant, lr)),
        ANY_LINE,
        {"line": ("other start", "zeros"), "lr": (0.02, 0.1)},
    ),
    Claim(
        "Of 40 more random starts, one was an exception, from which the loss first rose by less than 0.01.",
        the_loss_falls_from_nearly_all_starts,
        {"seed": SEEDS},
    ),
    Claim(
        "(On the lines to one other network, whose training ended at a higher loss, the loss rose slightly from most starts.",
        it_rises_from_most_starts,
        {"starts": (slice(0, 20), slice(10, 30), slice(20, 40))},
    ),
    Claim(
        "The loss also fell from starts with weights 0.3 to 10 times as large.",
        lambda start, seed: falls(_line_from(start, seed)),
        {"start": STARTS[:3], "seed": SEEDS},
    ),
    Claim(
        "One start was different: from $-\\theta_0$, the opposite of the network's own start, the loss first rose by about 0.1.",
        lambda seed: 0.07 < highest_rise(_line_from("opposite", seed)) < 0.17,
        {"seed": SEEDS},
    ),
    Claim(
        "Between our networks from two random starts there is a barrier (b in your second prediction), as in every",
        lambda seed, lr: barrier(_line("two starts", seed, 0, lr)) > 0.05,
        {"seed": SEEDS, "lr": LINE_RATES},
    ),
    Claim(
        "It was 0.25 to 0.6 high with other seeds,",
        lambda seed: 0.25 < barrier(_line("two starts", seed, 0)) < 0.4,
        {"seed": SEEDS},
    ),
    Claim(
        "On the line to our network, the loss also falls from a start that this training never visited,",  # for more units and for other updates
        lambda line, seed, variant, network: falls(_other_line(line, seed, variant, network)),
        {**ANY_LINE, "network": OTHER_NETWORKS[1:]},
        {"line": ("own", "other start", "zeros")},
    ),
    Claim(
        "It was 0.25 to 0.6 high with other seeds, with 32 or 256 hidden units,",
        lambda seed, network: 0.28 < barrier(_other_line("two starts", seed, 0, network)) < 0.64,
        {"seed": SEEDS, "network": OTHER_NETWORKS},
    ),
    Claim(
        "With a learning rate of 0.5, it was about 0.7 to 1.3 high.",
        lambda seed: 0.6 < barrier(_line("two starts", seed, 0, 0.5)) < 1.4,
        {"seed": SEEDS},
    ),
    Claim(
        "With a learning rate of 0.5, or with 32 hidden units, some of these lines rose a little near one end",
        lambda line, seed, variant: (
            rises_only_near_an_end(_line(line, seed, variant, 0.5))
            and rises_only_near_an_end(_other_line(line, seed, variant, OTHER_NETWORKS[0]))
        ),
        ANY_LINE,
        {"line": ("own", "other start", "zeros")},
    ),
    Claim(
        "It is the same function, with the same answer to every photo, and yet",
        lambda: 0.55 < barrier(solved_controls()[3, 1, 10:51]) < 0.65,
    ),
    Claim(
        "With random orders of the hidden units in place of the reverse one, we found ridges of about 0.3 to 0.8",
        lambda seed, variant: 0.35 < barrier(_line("renumbered", seed, variant)) < 0.65,
        ANY_LINE,
    ),
    Claim(
        "So the training never arrives at a minimum, and we choose where to stop",  # even at the last stop
        lambda batch_size, rate, run, stop: _end("slope", batch_size, RATES[batch_size][rate], run, stop) > 1e-3,
        {"rate": range(5), "batch_size": BATCH_SIZES, **ANY_END},
    ),
    Claim(
        "At the same learning rate of 0.1, our small batches ended flatter.",
        smaller_batches_end_flatter,
        {"lr": (0.05, 0.1, 0.2, 0.5, 0.7), **ANY_END},
        also=(
            "On raw pixels and at equal rates of 0.1 and more, our small batches ended with smaller curvatures, but so did large steps,",
        ),
    ),
    Claim("Both curvatures are smaller with $B = 10$", both_curvatures_agree, ANY_END),
    Claim(
        "At smaller rates, down to 0.02, small and full batches differed less in $\\lambda_{\\max}$,",
        lambda rates, run, stop: flatter_by(rates[0], run, stop) < flatter_by(rates[1], run, stop),
        {"rates": ((0.02, 0.05), (0.05, 0.1), (0.02, 0.2)), **ANY_END},
    ),
    Claim(
        "With tuned rates, at our late stops, all batch sizes were about equally accurate.",
        lambda run, stop, first_rate: np.ptp(best_accuracies(stop, (run,), first_rate)) < 0.01,
        {"first_rate": (0, 1, 2), **ANY_END},
    ),
    Claim(
        "With our 64 hidden units, $\\lambda_{\\max}$ was in all our settings more than a thousand times the mean curvature,",
        lambda batch_size, rate, run, stop: (
            _end("largest", batch_size, RATES[batch_size][rate], run, stop)
            > 1000 * _end("mean", batch_size, RATES[batch_size][rate], run, stop)
        ),
        {"batch_size": BATCH_SIZES, "rate": range(5), **ANY_END},
    ),
    Claim(
        "The full batch with `lr = 0.5` has none, and yet on these 500 photos its largest and mean curvature",
        lambda name, run, stop: _end(name, 500, 0.5, run, stop) < 1.25 * _end(name, 10, 0.1, run, stop),
        ANY_END,
        {"name": CURVATURES},
    ),
    Claim(
        "So large steps should leave sharp places without noise, too, and our full batches seldom ended above",
        the_full_batch_seldom_ends_above_its_bound,
        {"run": RUN},
    ),
    Claim(
        "But at the second stop, each of our networks is flatter than this bound demands",
        lambda batch_size, rate, run: all(
            _end("largest", batch_size, RATES[batch_size][rate], run, stop) < 2 / RATES[batch_size][rate]
            for stop in STOPS[1:]
        ),
        {"batch_size": BATCH_SIZES, "rate": range(5), "run": RUN},
    ),
    Claim(
        "At every batch size in this picture, a clearly larger rate ended with smaller curvatures.",
        larger_rates_end_flatter,
        {"batch_size": BATCH_SIZES, **ANY_END},
        also=(
            "On raw pixels and at equal rates of 0.1 and more, our small batches ended with smaller curvatures, but so did large steps,",
        ),
    ),
    Claim(
        "At smaller rates, down to 0.02, small and full batches differed less in $\\lambda_{\\max}$, and below 0.1 the rate of",
        the_rate_hardly_matters,
        {"lr": SMALL_RATES, **ANY_END},
        {"name": ("largest", "mean")},
    ),
    Claim(
        "Between our two late stops, both curvatures fell in every setting, while the test loss rose",
        flatter_and_worse,
        {"batch_size": BATCH_SIZES, "rate": range(5), "run": RUN},
    ),
    Claim(
        "Long before our stops, from a loss of 0.5 to 0.3, the full batch at 0.1",
        the_full_batch_sharpens_first,
        {"seed": SEEDS},
    ),
    Claim(
        "At our late stops and the rate 0.1, $B = 10$ was on average slightly more accurate than the full batch.",
        lambda stop: (
            0
            < np.mean([_end("accuracy", 10, 0.1, run, stop) - _end("accuracy", 500, 0.1, run, stop) for run in RUN])
            < 0.01
        ),
        {"stop": STOPS},
    ),
    Claim(
        "But if *each batch size uses its own best rate*, the three mean accuracies hardly differed",
        no_batch_size_is_clearly_the_best,
        {"stop": STOPS, "first_rate": (0, 1, 2)},
    ),
    Claim(
        "But if *each batch size uses its own best rate*, the three mean accuracies hardly differed, and the mean test loss",
        the_full_batch_has_the_lowest_test_loss,
        {"stop": STOPS},
    ),
    Claim(
        "The network also became surer about its hardest training photos, on which it had been undecided.",
        the_hardest_photos_become_clear,
        {"count": (5, 10, 20), **NETWORKS},
        {"setting": ((10, 0.1), (10, 0.3), (50, 0.7), (500, 0.5))},
    ),
    Claim(
        "Here the test loss rose mostly because the answers became more confident",
        confidence_explains_most_of_the_rise,
        NETWORKS,
        SETTINGS_OF_4,
    ),
    Claim(
        "Between the two stops of part 4, both curvatures of our networks with $B = 10$ fell.",
        both_curvatures_fall,
        NETWORKS,
    ),
    Claim(
        "Their filter-normalized sharpness fell, too, for relative steps of a fifth or less,",
        lambda radius, **network: normalized_sharpness_changes_by(radius=radius, **network) < 0.95,
        {"radius": (0.1, 0.15, 0.2), "directions": (3, 4, 5), **NETWORKS},
    ),
    Claim(
        "Their filter-normalized sharpness fell, too, for relative steps of a fifth or less, but for steps of a half",
        lambda radius, **network: normalized_sharpness_changes_by(radius=radius, **network) > 1,
        {"radius": (0.5, 0.7, 1.0), "directions": (3, 4, 5), **NETWORKS},
    ),
    Claim(
        "For $B = 10$ and the rate 0.1, single random directions had a fifth of the mean curvature",
        one_direction_shows_roughly_the_mean,
        {"direction": range(10), **NETWORKS},
    ),
    Claim(
        "Not a single answer to a single photo changed, and yet $\\lambda_{\\max}$ became more than ten times as large.",
        the_same_function_is_ten_times_as_sharp,
        NETWORKS,
    ),
    Claim(
        "Filter-normalized sharpness is one proposal, since it does not change with $c$.",
        normalized_sharpness_does_not_change,
        NETWORKS,
    ),
    Claim(
        "By it, too, $B = 10$ ended flatter than the full batch at the same rate of 0.1.",
        lambda first, radius, stop: normalized_ratio(first, radius, stop, (500, 0.1)) > 1.5,
        {"first": FIRST_PHOTOS, "radius": (0.02, 0.1, 0.5, 1.0)},
        {"stop": (STOPS[0], STOPS[-1])},
    ),
    Claim(
        "Compared with the full batch at 0.5, $B = 10$ was flatter for small changes of the weights, and about as flat",
        lambda first, radius, stop: (
            normalized_ratio(first, radius / 50, stop, (500, 0.5)) > 1.3
            and 0.8 < normalized_ratio(first, radius, stop, (500, 0.5)) < 1.25
        ),
        {"first": FIRST_PHOTOS, "radius": (0.5, 0.7, 1.0)},
        {"stop": (STOPS[0], STOPS[-1])},
    ),
    Claim(
        "When we gave every hidden unit a factor of its own, between ¼ and 4, the function was again the same,",
        a_factor_for_each_unit_changes_it,
        {"factors": (0, 1, 2), **NETWORKS},
    ),
]

SETTINGS = (
    "As the loss of the test data we take the same curve, shifted by 0.3",
    "Measure both minima of the toy loss, at a radius of 0.3",
    "The next three cells train the network from two random starts",
    "The third one took about 10 seconds here.",
    "The loss is a function of 101 770 numbers",
    "Draw the slice for your network, with 61 values of α",
    "Find four numbers `slow_climb`",
    "Steps below 0.1 add up",
    "The barrier of a line is its highest training loss",
    "Small batches may look better only because",
    "It shows one line in 101 770 dimensions",
    "The setting: we train a smaller network",
    "We look at every training twice, when its loss",
    "This took about 20 seconds here.",
    "Keskar et al. lost up to 5 percentage points",
)
