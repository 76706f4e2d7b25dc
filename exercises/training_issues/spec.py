"""The exercises of `04-sgd/training_issues.ipynb`: name training issues by their loss curves, then repair them."""

import functools
from itertools import cycle

import numpy as np

from autograder.judging.cases import case
from autograder.judging.counterexamples import Input, refute
from autograder.judging.model import Exercise, Rule
from autograder.judging.quizzes import choose_all, predict
from lectrain.shortcuts import SHORTCUTS

from .curves import (
    FALLS,
    STAIRS,
    barely_healthy_loss,
    barely_jumping_and_falling_loss,
    barely_jumping_loss,
    barely_stopped_loss,
    different_floors,
    dipping_loss,
    dipping_val_loss,
    early_peak,
    exponentially_stopped_loss,
    fall_late,
    falling_loss_with_peak,
    falling_then_growing_loss,
    finally_flat_loss,
    finally_overfitting_val_loss,
    finally_rising_loss,
    growing_loss,
    healthy_loss,
    healthy_runs,
    high_early_peak,
    initially_jumping_loss,
    irregularly_jumping_loss,
    jumping_and_falling_loss,
    jumping_in_the_third_quarter,
    jumping_loss,
    large_val_loss,
    late_healthy_loss,
    late_minimum_val_loss,
    long_falling_loss,
    loss_with_late_step,
    loss_with_single_peak,
    loss_with_step_up,
    nearly_equal_runs,
    noise,
    overfitting_val_loss,
    replace_tail,
    returning_val_loss,
    rising_last_val_loss,
    runs_with_latecomer,
    runs_with_outlier,
    sawtooth_loss,
    small_overfitting_val_loss,
    spiking_loss,
    steeply_falling_loss,
    stopped_loss,
    stopped_loss_after_plateau,
    tripling_loss,
)
from .patients import (
    InvalidSettings,
    changed_settings,
    lowest_val_loss_of_patient_D,
    smallest_loss_on_circle,
    train_circle,
    train_many_features,
    train_xor,
)

ISSUES = "Visual Examples of Training issues"


# --- issues_predictions -----------------------------------------------------------------------------------------

issues_predictions = predict("issues_predictions", "abc", questions=2, points=1, slide=ISSUES)


# --- diagnose(train_loss, val_loss=None, runs=None) -------------------------------------------------------------
# The name of the first row of the notebook's table that applies. A row about a curve that is None does not apply.
# No curve falls between the two thresholds of a row, so every threshold between them is accepted.

NAMES = ("diverged", "different every time", "overfitting", "jittery", "stopped early", "healthy")


def has_diverged(train_loss):
    return not np.isfinite(train_loss).all() or train_loss[-1] > 1.5 * train_loss[0]


def runs_differ(train_loss, runs):
    return np.ptp(runs[:, -1]) > 0.1 * train_loss[0]


def has_overfitted(val_loss):
    return val_loss[-1] > 1.25 * val_loss.min()


def is_jittery(train_loss):
    return np.abs(np.diff(train_loss[len(train_loss) // 2 :])).mean() > 0.02 * train_loss[0]


def still_falls(train_loss):
    return train_loss[len(train_loss) * 3 // 4] - train_loss[-1] > 0.02 * train_loss[0]


def reference_diagnose(train_loss, val_loss=None, runs=None):
    if has_diverged(train_loss):
        return "diverged"
    if runs is not None and runs_differ(train_loss, runs):
        return "different every time"
    if val_loss is not None and has_overfitted(val_loss):
        return "overfitting"
    if is_jittery(train_loss):
        return "jittery"
    return "stopped early" if still_falls(train_loss) else "healthy"


def num_records(rng):
    return int(rng.integers(390, 410))


def first_loss(rng):
    return rng.uniform(0.8, 1.25)


def scaled_case(scale, train_loss, about, **curves):
    """A case in which all curves are multiplied by the same number."""
    return case(scale * train_loss, **{name: scale * curve for name, curve in curves.items()}, about=about)


def cases_training_loss(rng):
    """Clear examples first, then curves close to a threshold or with a feature that could mislead."""
    T = num_records(rng)
    for fall in FALLS:
        loss = healthy_loss(rng, T, rng.uniform(0.05, 0.5), fall)
        yield scaled_case(first_loss(rng), loss, "a loss that falls and then stays low")
    about = "a loss that rises at first, then falls and stays low"
    yield scaled_case(first_loss(rng), healthy_loss(rng, T, 0.2) + early_peak(rng, T), about)
    yield scaled_case(first_loss(rng), growing_loss(rng, T), "a loss that keeps growing")
    yield scaled_case(first_loss(rng), falling_then_growing_loss(rng, T), "a loss that falls at first and then grows")
    for curve in (jumping_loss, irregularly_jumping_loss):
        yield scaled_case(first_loss(rng), curve(rng, num_records(rng)), "a loss that jumps up and down")
    for direction, change, jump in ((1, "rise", "fall"), (-1, "fall", "rise")):
        about = f"a loss that jumps: four small {change}s, one large {jump}, and so on"
        yield scaled_case(first_loss(rng), sawtooth_loss(rng, num_records(rng), direction), about)
    yield scaled_case(first_loss(rng), spiking_loss(rng, num_records(rng)), "a loss with a spike every eight records")
    about = "a loss that jumps up and down while it falls"
    yield scaled_case(first_loss(rng), jumping_and_falling_loss(rng, num_records(rng)), about)
    for curve in (exponentially_stopped_loss, stopped_loss, stopped_loss_after_plateau):
        yield scaled_case(first_loss(rng), curve(rng, num_records(rng)), "a loss that is still falling at the end")
    for loss, about in (
        (barely_jumping_loss(rng, T), "a loss that jumps by a little more than 6 % of the first loss"),
        (barely_jumping_and_falling_loss(rng, 104), "a loss that jumps by a little more than 6 % while it falls"),
        (initially_jumping_loss(rng, 380), "a loss that jumps only in its first half"),
        (jumping_in_the_third_quarter(rng, T), "a loss that jumps only in its third quarter"),
        (barely_stopped_loss(rng, T), "a loss that falls slowly until the end"),
        (barely_healthy_loss(rng, T), "a loss that jumps and falls by less than 1 % of the first loss"),
        (finally_rising_loss(rng, T), "a loss that rises a little at the end and has a single peak"),
        (long_falling_loss(rng, 112), "a loss that is flat only in its last quarter"),
        (long_falling_loss(rng, 380), "a loss that is flat only in its last quarter"),
        (healthy_loss(rng, T, 0.85), "a loss that falls a little and then stays flat"),
        (loss_with_late_step(rng, 600), "a loss that falls only at the beginning of its last quarter"),
        (finally_flat_loss(T), "a loss that falls in its last quarter and is flat in its last tenth"),
        (barely_stopped_loss(rng, T) + high_early_peak(rng, T), "a loss that falls slowly after a high early peak"),
        (falling_loss_with_peak(rng, T), "a loss that falls until the end, with a single peak"),
        (dipping_loss(rng, T), "a loss that falls and rises again in its last quarter"),
        (loss_with_step_up(rng, T), "a loss that rises within its last quarter and falls back"),
        (loss_with_single_peak(rng, T), "a loss that is flat at the end but for one high peak in its third quarter"),
    ):
        yield scaled_case(first_loss(rng), loss, about)
    yield case(tripling_loss(T), about="a loss that ends at exactly three times the first loss")


def cases_validation_loss(rng):
    """Overfitting alone and together with other issues, then validation losses without overfitting."""
    for rise, end, floor in ((1.6, "below", 0.85), (6.0, "above", 0.02)):
        T = num_records(rng)
        about = f"a validation loss that falls and then rises again, ending {end} its first value"
        yield scaled_case(
            first_loss(rng), healthy_loss(rng, T, floor), about, val_loss=overfitting_val_loss(rng, T, rise)
        )
    for curve, verb in ((stopped_loss, "is still falling"), (jumping_loss, "jumps")):
        T = num_records(rng)
        about = f"a validation loss that rises while the training loss {verb}"
        yield scaled_case(first_loss(rng), curve(rng, T), about, val_loss=overfitting_val_loss(rng, T, 1.6))
    for loss, about in (
        (healthy_loss(rng, num_records(rng), 0.1), "a validation loss that stays far above the training loss"),
        (steeply_falling_loss(rng, num_records(rng)), "a training and a validation loss that are still falling"),
        (growing_loss(rng, num_records(rng)), "a training and a validation loss that keep growing"),
        (healthy_loss(rng, num_records(rng), 0.4), "a validation loss that stays above the training loss"),
    ):
        gap = rng.uniform(0.3, 0.5) + noise(len(loss))
        yield scaled_case(first_loss(rng), loss, about, val_loss=loss + gap)
    settled_val_loss = functools.partial(overfitting_val_loss, latest_minimum=0.2, end_of_rise=0.45)
    for curve, rise, about in (
        (overfitting_val_loss, 1.07, "a validation loss that rises by a few percent"),
        (settled_val_loss, 1.57, "a validation loss that rises and then stays flat"),
    ):
        T = num_records(rng)
        yield scaled_case(first_loss(rng), fall_late(healthy_loss(rng, T, 0.02)), about, val_loss=curve(rng, T, rise))
    for curve, about in (
        (returning_val_loss, "a validation loss that rises and then falls to its lowest value again"),
        (late_minimum_val_loss, "a validation loss that is lowest after three quarters of its records"),
        (finally_overfitting_val_loss, "a validation loss that rises in the last tenth of its records"),
        (dipping_val_loss, "a validation loss with a single low record"),
        (rising_last_val_loss, "a validation loss whose last record alone is high"),
        (small_overfitting_val_loss, "a small validation loss that ends at about twice its lowest value"),
        (large_val_loss, "a large validation loss that rises by a few percent"),
    ):
        T = num_records(rng)
        yield scaled_case(first_loss(rng), late_healthy_loss(rng, T, 0.3), about, val_loss=curve(rng, T))


def cases_repeated_runs(rng):
    """Runs that end at different losses, and runs that differ only in other ways."""
    runs = healthy_runs(rng, num_records(rng), different_floors(rng))
    about = "runs that end at different losses"
    yield scaled_case(first_loss(rng), runs[np.argmax(runs[:, -1])], about, runs=runs)
    for place, rise, about in (
        (0, 0.45, "another loss"),
        (-1, 0.45, "another loss"),
        (14, 5, "more than three times the first loss"),
    ):
        runs = runs_with_outlier(rng, 120, place, rise)
        yield scaled_case(first_loss(rng), runs[1], f"many runs, one of which ends at {about}", runs=runs)
    for floors, about in (
        ((0.6, 0.1), "two runs that end at different losses"),
        ((0.2, 0.2), "two runs that end at nearly the same loss"),
        ((0.2,), "a single run"),
    ):
        runs = healthy_runs(rng, num_records(rng), floors)
        yield scaled_case(first_loss(rng), runs[-1], about, runs=runs)
    runs = healthy_runs(rng, num_records(rng), [0.6, 0.6, 0.1] + 27 * [0.6])
    yield scaled_case(first_loss(rng), runs[0], "runs most of which end at the same high loss", runs=runs)
    runs = runs_with_latecomer(rng, num_records(rng))
    yield scaled_case(first_loss(rng), runs[0], "runs that end at nearly the same loss", runs=runs)
    T = len(runs[0])
    about = "runs that end at nearly the same loss, and a validation loss that rises"
    val_loss = overfitting_val_loss(rng, T, 12.0, latest_minimum=0.2, end_of_rise=0.45)
    yield scaled_case(first_loss(rng), runs[0], about, val_loss=val_loss, runs=runs)
    runs = healthy_runs(rng, T, STAIRS)
    runs[0, 0] = 1
    yield scaled_case(first_loss(rng), runs[0], "runs that end at different losses, in small steps", runs=runs)
    about = "runs that end at different losses, and a validation loss that rises"
    yield scaled_case(first_loss(rng), runs[0], about, val_loss=overfitting_val_loss(rng, T, 12.0), runs=runs)
    runs = fall_late(healthy_runs(rng, T, [0.009, *rng.permutation([0.003, 0.015, 0.021])]))
    yield scaled_case(first_loss(rng), runs[0], "runs that end at slightly different losses", runs=runs)
    runs = steeply_falling_loss(rng, T) + noise(5)[:, None]
    yield scaled_case(first_loss(rng), runs[0], "nearly equal runs that are still falling", runs=runs)
    runs = np.array([growing_loss(rng, T) for _ in range(5)])
    yield scaled_case(first_loss(rng), runs[0], "runs that grow, each at its own rate", runs=runs)


def cases_nan_and_inf(rng):
    # No finite curve is so large that its sum is infinite: `np.isfinite(train_loss.sum())` is right, too.
    for loss, values, about in (
        (growing_loss(rng, num_records(rng)), (np.inf, np.nan), "a loss that grows, becomes inf and then nan"),
        (healthy_loss(rng, num_records(rng), 0.2), (np.nan,), "a loss that falls and then becomes nan"),
        (stopped_loss(rng, num_records(rng)), (np.inf,), "a loss that falls and then becomes inf"),
    ):
        yield scaled_case(first_loss(rng), replace_tail(loss, *values), about)
    loss = replace_tail(healthy_loss(rng, num_records(rng), 0.2), np.nan)
    about = "a training and a validation loss that fall and then become nan"
    yield scaled_case(first_loss(rng), loss, about, val_loss=loss + 0.1)
    for place, value in ((131, np.nan), (131, np.inf), (20, np.nan)):
        loss = healthy_loss(rng, num_records(rng), 0.2)
        loss[place] = value
        yield scaled_case(first_loss(rng), loss, f"a loss that is {value} once and otherwise falls and stays low")
    loss = healthy_loss(rng, num_records(rng), 0.2)
    loss[-1] = np.inf
    yield scaled_case(first_loss(rng), loss, "a loss that stays low and ends at inf", runs=np.array([loss, loss]))
    runs = nearly_equal_runs(num_records(rng))
    about = "a training and a validation loss and two runs, all of which fall a little and then stay flat"
    yield scaled_case(first_loss(rng), runs[0], about, val_loss=runs[1], runs=runs)
    yield scaled_case(first_loss(rng), late_healthy_loss(rng, num_records(rng), 0.2), "a loss that stays finite")


def cases_other_units(rng):
    """New curves of the first three kinds, each with all its losses multiplied by the same number."""
    for draw in (cases_training_loss, cases_validation_loss, cases_repeated_runs):
        for unit, call in zip(cycle((1e-9, 1000.0, 10.0)), draw(rng), strict=False):
            yield scaled_case(unit, *call.args, f"{call.about}, with all losses multiplied by {unit:g}", **call.kwargs)


def check_name(call, value):
    """The name of the first row that applies. Capitals, hyphens and underscores make no difference."""
    value = value.item() if isinstance(value, np.ndarray | np.generic) and value.ndim == 0 else value
    if not isinstance(value, str):
        return "it does not return one of the six names"
    name = " ".join(value.lower().replace("_", " ").replace("-", " ").split())
    if name not in NAMES:
        return f"it returns {value[:40]!r}, which is not one of the six names"
    return None if name == reference_diagnose(*call.args, **call.kwargs) else f"it returns {name!r}"


diagnose = Exercise(
    signature="diagnose(train_loss, val_loss=None, runs=None)",
    slide=ISSUES,
    reference=reference_diagnose,
    rules=(
        Rule(
            "training losses",
            2,
            cases_training_loss,
            "Compute the numbers of the table for such a curve by hand. Which row applies first?",
            check=check_name,
        ),
        Rule(
            "with a validation loss",
            1,
            cases_validation_loss,
            "Which loss does the table compare the last validation loss with? Which rows come before that one?",
            check=check_name,
        ),
        Rule(
            "with repeated runs",
            1,
            cases_repeated_runs,
            "How far apart are the last losses of the runs? Which row comes before the row about runs?",
            check=check_name,
        ),
        Rule(
            "nan and inf, curves unchanged",
            1,
            cases_nan_and_inf,
            "Comparisons such as nan > 1 are always False. Which row of the table comes first? "
            "Which arrays does your code write to?",
            mutation="none",
            check=check_name,
        ),
        Rule(
            "in other units",
            1,
            cases_other_units,
            "Does the name change if all losses are multiplied by 1000? "
            "If not, first correct what the other rules report.",
            check=check_name,
        ),
    ),
    forbids=SHORTCUTS,
)


# --- fix_A, …, fix_E --------------------------------------------------------------------------------------------
# A dict of settings to change. Any that meet the patient's criterion are accepted: the check trains the patient again.

MIN_STEPS = 100
TOLERANCE = 1.001  # another machine may round differently


def check_stays_low(**settings):
    """With at least 100 steps, the loss of the last quarter is at most 1.1 times the smallest possible loss.

    With fewer steps, a loss that jumps may stay low by luck.
    """
    if settings["num_steps"] < MIN_STEPS:
        return f"the training has fewer than {MIN_STEPS} steps"
    loss = train_circle(**settings)
    last_quarter = loss[len(loss) * 3 // 4 :]
    times = last_quarter.max() / smallest_loss_on_circle()
    if times <= 1.1 * TOLERANCE:  # False for nan
        return None
    if not last_quarter.min() <= loss[0]:
        return "the loss grows"
    third = len(last_quarter) // 3
    falls = last_quarter[-third:].max() < last_quarter[:third].min()  # it may also jump a little
    high = f"the last quarter reaches {times:.4f} times the smallest loss, at most 1.10 times is allowed"
    return f"{high}; the loss {'still falls' if falls else 'jumps or rises'}"


def check_val_loss_ends_low(**settings):
    """The last validation loss is at most 5 % above the lowest validation loss of patient D."""
    val_loss = train_many_features(**settings)[1]
    times = val_loss[-1] / lowest_val_loss_of_patient_D()
    if times <= 1.05 * TOLERANCE:
        return None
    return f"the validation loss ends at {times:.4g} times the lowest of patient D, at most 1.05 times is allowed"


def check_all_runs_end_low(**settings):
    """All 30 runs end at 0.05 or below."""
    last_losses = train_xor(**settings)[:, -1]
    failed = np.sum(~(last_losses <= 0.05 * TOLERANCE))
    diverged = np.sum(~(last_losses <= 1e3))
    return f"{failed} of 30 runs do not end at 0.05 or below; {diverged} of them diverge" if failed else None


@functools.lru_cache(maxsize=1024)
def check_training(criterion, settings):
    """Train with the settings and check the criterion. Cached, because many students choose the same settings."""
    with np.errstate(all="ignore"):
        return criterion(**dict(settings))


def repair(patient, criterion, reference, hint):
    """An exercise: change the patient's settings so that its training meets the criterion."""

    def check_patient(_, changes):
        try:
            settings = changed_settings(patient, changes)
        except InvalidSettings as error:
            return str(error)
        return check_training(criterion, tuple(settings.items()))

    rule = Rule(f"patient {patient} is cured", 1, hint=hint, check=check_patient)
    return Exercise(signature=f"fix_{patient}", slide=ISSUES, reference=reference, rules=(rule,))


fix_A = repair("A", check_stays_low, {"lr": 0.02}, "What makes the steps of SGD noisy, and what makes them long?")
fix_B = repair(
    "B",
    check_all_runs_end_low,
    {"hidden": 8},
    "Why do some of the runs get stuck at a high loss: too few units, or steps that are too long?",
)
fix_C = repair("C", check_stays_low, {"lr": 1e-5}, "By what factor does XᵀX grow if all features are 100 times larger?")
fix_D = repair(
    "D", check_val_loss_ends_low, {"num_train": 400}, "When is the validation loss lowest? What lowers the whole curve?"
)
fix_E = repair("E", check_stays_low, {"lr": 0.1}, "How far does a step move the weights, and how many steps are there?")


# --- early_stopping_epoch(val, patience) ------------------------------------------------------------------------
# The epoch with the lowest validation loss before training stops, the first of them if there are several. Training
# stops as soon as `patience` epochs in a row have not improved on the lowest loss so far. A nan is not an improvement.


def reference_early_stopping_epoch(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def falling_val_loss(rng, low, num_epochs):
    return np.sort(rng.uniform(low, 2, num_epochs))[::-1]


def cases_global_minimum(rng):
    """Training reaches the lowest of all losses before it stops."""
    for patience in (3, 5):
        fall_to_minimum = falling_val_loss(rng, 0.5, int(rng.integers(patience + 2, 12)))
        val = np.concatenate([fall_to_minimum, [0.4], rng.uniform(0.5, 2, 8)])
        yield case(val, patience, about="a loss that falls and then stays above its lowest value")
    val = falling_val_loss(rng, 0.5, 7)
    yield case(val, 4, about="a loss that falls until the end")
    yield case(np.append(val, rng.uniform(2, 3, 2)), 4, about="losses that end before the patience runs out")
    yield case(np.append(val[:4], [3.0, 2.5, 2.2, 0.3, 2.1]), 6, about="a bump that is shorter than the patience")


def cases_later_minimum(rng):
    """A lower loss follows a bump. Whether training stops before it depends on the patience."""
    for patience in (2, 40):
        start = falling_val_loss(rng, 1, int(rng.integers(2, 6)))
        bump = rng.uniform(2, 3, patience)
        val = np.concatenate([start, bump, [0.5, 0.4]])
        yield case(val, patience, about="a lower loss just after the patience runs out")
        val = np.concatenate([start, bump[1:], [0.5], bump])
        yield case(val, patience, about="a lower loss just before the patience runs out")
        val = np.concatenate([start, bump[1:], [0.5], bump[1:], [0.3]])
        yield case(val, patience, about="a lower loss just before the patience runs out, twice")
    yield case(np.array([2, 1, 0.999, 0.998, 0.997, 1.5, 0.5]), 2, about="improvements by 0.1 %, then a lower loss")
    val = np.concatenate([falling_val_loss(rng, 1, 4), [2.9, 2.8, 2.7, 2.6], [0.1]])
    yield case(val, 3, about="a loss that falls again, but not below the lowest so far")
    val = np.ravel(np.column_stack([np.linspace(2, 1, 5), rng.uniform(2, 3, 5)]))
    yield case(val, 2, about="a loss that improves every other epoch")


def cases_edge(rng):
    yield case(np.array([3.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]), 5, about="a lowest loss that occurs three times")
    yield case(np.array([3.0, 1.0, 1.0, 1.0, 0.5]), 2, about="three equal losses in a row")
    val = 1e100 * np.array([2.0, 1.0, np.nan, 0.8, np.nan, np.nan, 0.5, 0.4])
    yield case(val, 2, about="nan between large losses")
    yield case(np.array([2.0, 1.5, 1.0, np.nan, np.nan, np.nan, 0.5, 0.4]), 3, about="three nan in a row")
    yield case(rng.uniform(1, 2, 1), 2, about="a single epoch")
    yield case(1 - 2.0**-50 * np.arange(6), 2, about="tiny improvements")
    yield case(1e200 * np.array([5.0, 3, 4, 2, 6]), 3, about="enormous losses")
    yield case(np.array([2.0, 3.0, 1.0]), 1, about="patience 1")
    yield case(np.array([5, 4, 3, 4, 4, 2]), 4, about="integer losses")
    yield case(np.array([2, 1.5, np.nan, 1.7, 1.4, 1.8], dtype=np.float32), 10, about="float32 losses, one of them nan")


early_stopping_epoch = Exercise(
    signature="early_stopping_epoch(val, patience)",
    slide=ISSUES,
    reference=reference_early_stopping_epoch,
    rules=(
        Rule(
            "the best epoch",
            1,
            cases_global_minimum,
            "Which epoch's weights would you keep?",
            property="No epoch before the best one has a lower or equal loss.",
        ),
        Rule(
            "patience",
            1,
            cases_later_minimum,
            "On paper, write beside each epoch how many epochs ago the best one was. When does training stop?",
            property="Training stops after `patience` epochs in a row without a new lowest loss.",
        ),
        Rule(
            "ties, nan and other edge cases, val unchanged",
            1,
            cases_edge,
            "An improvement is a lower loss. Is an equal loss an improvement? Is nan? Is val unchanged after the call?",
            mutation="none",
            property="Only a loss below the lowest so far counts as a new lowest one.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- late_minimum -----------------------------------------------------------------------------------------------
# Six losses whose lowest comes after early stopping with patience 2 has stopped.

late_minimum = refute(
    "late_minimum",
    {"val": Input(0, 10, shape=(6,))},
    reference=lambda val: reference_early_stopping_epoch(val, 2),
    wrong=np.argmin,
    answer=[5, 3, 4, 4, 2, 1],
    points=1,
    slide=ISSUES,
    hint="With patience 2, which losses are never computed?",
    otherwise="both versions keep the same epoch",
)


# --- issues_quiz ------------------------------------------------------------------------------------------------

issues_quiz = choose_all(
    "issues_quiz",
    "bd",
    "abcd",
    points=2,
    slide=ISSUES,
    explain={
        "a": "Whatever is computed with nan is nan, so no learning rate can bring such weights back.",
        "b": "Where a run is stuck its gradient is practically 0, so further steps leave it there, while other "
        "runs reach a loss near 0.",
        "c": "The curvature of the loss grows with the square of the features, so the largest stable rate becomes "
        "100² = 10 000 times smaller.",
        "d": "More patience only lets training see more epochs, and the lowest loss of more epochs is never higher.",
    },
)
