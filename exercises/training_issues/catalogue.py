"""Known right and wrong answers to the exercises of `04-sgd/training_issues.ipynb`."""

import math
from itertools import pairwise

import numpy as np

from autograder.judging.bend import on_argument, on_output
from autograder.judging.model import Catalogue, Mistake

from .spec import (
    NAMES,
    has_diverged,
    has_overfitted,
    is_jittery,
    reference_diagnose,
    reference_early_stopping_epoch,
    runs_differ,
    still_falls,
)

# --- diagnose ---------------------------------------------------------------------------------------------------


def with_criteria(**replaced):
    """The reference with some of its criteria replaced, each given by the name of its function."""

    def answer(train_loss, val_loss=None, runs=None):
        with np.errstate(all="ignore"):
            if replaced.get("has_diverged", has_diverged)(train_loss):
                return "diverged"
            if runs is not None and replaced.get("runs_differ", runs_differ)(train_loss, runs):
                return "different every time"
            if val_loss is not None and replaced.get("has_overfitted", has_overfitted)(val_loss):
                return "overfitting"
            if replaced.get("is_jittery", is_jittery)(train_loss):
                return "jittery"
            return "stopped early" if replaced.get("still_falls", still_falls)(train_loss) else "healthy"

    return answer


def jumps_in_the_last_quarter(loss):
    return np.abs(np.diff(loss[len(loss) * 3 // 4 :])).mean() > 0.02 * loss[0]


def often_changes_direction(loss):
    steps = np.diff(loss[len(loss) // 2 :])
    return np.mean(steps[1:] * steps[:-1] < 0) > 0.3


def mean_rise(loss):
    rises = [after - before for before, after in pairwise(loss) if after > before]
    return np.mean(rises) if rises else 0


def wrong_gap(train_loss, val_loss=None, runs=None):
    last = train_loss[-1]
    return with_criteria(has_overfitted=lambda val: val[-1] > 1.25 * last)(train_loss, val_loss, runs)


def wrong_runs_first(train_loss, val_loss=None, runs=None):
    if runs is not None and runs_differ(train_loss, runs):
        return "different every time"
    return reference_diagnose(train_loss, val_loss, runs)


def wrong_runs_last(train_loss, val_loss=None, runs=None):
    name = reference_diagnose(train_loss, val_loss)
    return reference_diagnose(train_loss, val_loss, runs) if name == "healthy" else name


def wrong_validation_first(train_loss, val_loss=None, runs=None):
    if val_loss is not None:
        return "overfitting" if has_overfitted(val_loss) else "healthy"
    return reference_diagnose(train_loss, None, runs)


def wrong_validation_last(train_loss, val_loss=None, runs=None):
    name = reference_diagnose(train_loss, None, runs)
    return reference_diagnose(train_loss, val_loss, runs) if name == "healthy" else name


def wrong_fall_first(train_loss, val_loss=None, runs=None):
    if np.isfinite(train_loss).all() and still_falls(train_loss):
        return "stopped early"
    return reference_diagnose(train_loss, val_loss, runs)


def wrong_jitter_before_overfitting(train_loss, val_loss=None, runs=None):
    name = reference_diagnose(train_loss, val_loss, runs)
    return "jittery" if name == "overfitting" and is_jittery(train_loss) else name


def wrong_rise_as_share_of_first(train_loss, val_loss=None, runs=None):
    first = train_loss[0]
    return with_criteria(has_overfitted=lambda val: val[-1] - val.min() > 0.1 * first)(train_loss, val_loss, runs)


def wrong_val_loss_for_train_loss(train_loss, val_loss=None, runs=None):
    return reference_diagnose(train_loss if val_loss is None else val_loss, val_loss, runs)


def wrong_in_place(train_loss, val_loss=None, runs=None):
    first = train_loss[0]
    for curves in (train_loss, val_loss, runs):
        if curves is not None:
            curves /= first
    return reference_diagnose(train_loss, val_loss, runs)


def wrong_sorted_in_place(train_loss, val_loss=None, runs=None):
    if runs is not None:
        runs.sort(axis=0)
    return reference_diagnose(train_loss, val_loss, runs)


def jumps_up_as_often_as_down(loss):
    changes = np.diff(loss[len(loss) // 2 :])
    return np.abs(changes).mean() > 0.02 * loss[0] and abs(np.mean(changes > 0) - 0.5) < 0.1


def wrong_nan_in_place(train_loss, val_loss=None, runs=None):
    broken = ~np.isfinite(train_loss)
    train_loss[broken] = 0
    return "diverged" if broken.any() else reference_diagnose(train_loss, val_loss, runs)


def right_all_rows_at_once(train_loss, val_loss=None, runs=None):
    first, T = train_loss[0], len(train_loss)
    with np.errstate(invalid="ignore"):
        applies = [
            not (train_loss[-1] <= 2 * first and np.isfinite(train_loss.sum())),
            runs is not None and (max(runs[:, -1]) - min(runs[:, -1])) / first > 0.2,
            val_loss is not None and val_loss[-1] > 1.3 * np.nanmin(val_loss),
            sum(abs(train_loss[T // 2 + 1 :] - train_loss[T // 2 : -1])) / (T - T // 2 - 1) > 0.03 * first,
            train_loss[-T // 4] - train_loss[-1] > 0.03 * first,
            True,
        ]
    return np.array(NAMES)[np.argmax(applies)]


def right_plain_python(train_loss, val_loss=None, runs=None):
    loss = [float(value) for value in train_loss]
    if any(math.isnan(value) or math.isinf(value) for value in loss) or loss[-1] >= loss[0]:
        return "diverged"
    if runs is not None:
        ends = sorted(float(run[-1]) for run in runs)
        if ends[-1] - ends[0] > 0.15 * loss[0]:
            return "different every time"
    if val_loss is not None and val_loss[-1] / min(val_loss) > 1.4:
        return "overfitting"
    half = loss[len(loss) // 2 :]
    if sum(abs(after - before) for before, after in pairwise(half)) / len(half) > 0.05 * loss[0]:
        return "jittery"
    return "stopped early" if half[len(half) // 2] - half[-1] > 0.015 * loss[0] else "healthy"


diagnose = Catalogue(
    mistakes={
        "always healthy": Mistake(
            lambda train_loss, val_loss=None, runs=None: "healthy", 'It returns "healthy" for every curve.'
        ),
        "jumps of the last quarter only": Mistake(
            with_criteria(is_jittery=jumps_in_the_last_quarter),
            "It misses jumps before the last quarter. The row says: second half.",
        ),
        "largest minus own last loss": Mistake(
            with_criteria(runs_differ=lambda loss, runs: runs[:, -1].max() - loss[-1] > 0.1 * loss[0]),
            "Is the largest last loss compared with that of train_loss? The row says: minus the smallest.",
        ),
        "nan unnoticed": Mistake(
            with_criteria(has_diverged=lambda loss: loss[-1] > 1.5 * loss[0]),
            "It misses a loss that was nan or inf. What does a comparison with nan give?",
        ),
        "nan only": Mistake(
            with_criteria(has_diverged=lambda loss: np.isnan(loss).any()),
            "It finds nan, but it misses inf and a finite loss that has grown.",
        ),
        "nan and inf only": Mistake(
            with_criteria(has_diverged=lambda loss: not np.isfinite(loss).all()),
            "A loss can diverge without becoming inf: what if it has only grown?",
        ),
        "not finite at the end": Mistake(
            with_criteria(has_diverged=lambda loss: not np.isfinite(loss[-1]) or loss[-1] > 1.5 * loss[0]),
            "It misses a loss that was nan or inf once. Which records does it check?",
        ),
        "inf unnoticed": Mistake(
            with_criteria(has_diverged=lambda loss: np.isnan(loss).any() or loss[-1] > 1.5 * loss[0]),
            "It misses an inf before the last record. Which records does it check for inf?",
        ),
        "five times the first": Mistake(
            with_criteria(has_diverged=lambda loss: not np.isfinite(loss).all() or loss[-1] > 5 * loss[0]),
            "It misses a loss that ends at three times the first loss: see row 1.",
        ),
        "nan dropped": Mistake(
            on_argument(reference_diagnose, "train_loss", lambda loss: loss[np.isfinite(loss)]),
            "It misses losses that were nan or inf at any time. What becomes of such records?",
        ),
        "the largest loss": Mistake(
            with_criteria(has_diverged=lambda loss: not np.isfinite(loss).all() or loss.max() > 1.5 * loss[0]),
            "A loss that rises at first and then recovers has not diverged. Which record decides?",
        ),
        "absolute jumps": Mistake(
            with_criteria(is_jittery=lambda loss: np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.03),
            "Its answer depends on the unit of the loss. With what does the table compare the jumps?",
        ),
        "absolute fall": Mistake(
            with_criteria(still_falls=lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.02),
            "Its answer depends on the unit of the loss. With what does the table compare the fall?",
        ),
        "absolute spread": Mistake(
            with_criteria(runs_differ=lambda loss, runs: np.ptp(runs[:, -1]) > 0.1),
            "Its answer depends on the unit of the loss. With what does the table compare the runs?",
        ),
        "jumps of the whole curve": Mistake(
            with_criteria(is_jittery=lambda loss: np.abs(np.diff(loss)).mean() > 0.035 * loss[0]),
            "It finds jitter in a loss that jumps only in its first half. Which records count?",
        ),
        "runs last": Mistake(
            wrong_runs_last, "Runs that end far apart may have other issues, too. Which row comes first?"
        ),
        "validation last": Mistake(
            wrong_validation_last,
            "A validation loss may rise while the training loss falls or jumps. Which row comes first?",
        ),
        "in place": Mistake(wrong_in_place, "It changes an array of the caller: create a new one."),
        "runs sorted in place": Mistake(
            wrong_sorted_in_place,
            "It changes the caller's runs. Find the largest and the smallest last loss without changing the array.",
        ),
        "nan replaced in place": Mistake(
            wrong_nan_in_place,
            "It changes the caller's array where the loss is nan or inf. Test for them without changing it.",
        ),
        "first half of val_loss": Mistake(
            with_criteria(has_overfitted=lambda loss: loss[-1] > 1.25 * loss[: len(loss) // 2].min()),
            "It misses overfitting if the validation loss is lowest late. Which records does it search?",
        ),
        "second half of val_loss": Mistake(
            with_criteria(has_overfitted=lambda loss: loss[-1] > 1.25 * loss[len(loss) // 2 :].min()),
            "It misses overfitting if the validation loss was lowest early. Which records does it search?",
        ),
        "highest of val_loss": Mistake(
            with_criteria(has_overfitted=lambda loss: loss[loss.argmin() :].max() > 1.25 * loss.min()),
            "It finds overfitting although the last validation loss is the lowest. Which record does row 3 compare?",
        ),
        "largest jump": Mistake(
            with_criteria(is_jittery=lambda loss: np.abs(np.diff(loss[len(loss) // 2 :])).max() > 0.04 * loss[0]),
            "It finds jitter in a loss with a single peak. Row 4 is about the mean change, not the largest one.",
        ),
        "as many rises as falls": Mistake(
            with_criteria(is_jittery=jumps_up_as_often_as_down),
            "It misses a loss that jumps without rising as often as it falls. Is that a condition of row 4?",
        ),
        "mean rise": Mistake(
            with_criteria(is_jittery=lambda loss: mean_rise(loss[len(loss) // 2 :]) > 0.02 * loss[0]),
            "It finds jitter in a loss that rises only once. Over which changes does row 4 take the mean?",
        ),
        "changes of direction": Mistake(
            with_criteria(is_jittery=often_changes_direction),
            "It finds jitter in losses whose jumps are tiny. How large must they be?",
        ),
        "standard deviation": Mistake(
            with_criteria(is_jittery=lambda loss: loss[len(loss) // 2 :].std() > 0.02 * loss[0]),
            "It finds jitter in a loss that falls steadily. Between which records does the table measure jumps?",
        ),
        "never jittery": Mistake(
            with_criteria(is_jittery=lambda loss: False),
            "It misses losses that jump up and down: do both directions count?",
        ),
        "any fall": Mistake(
            with_criteria(still_falls=lambda loss: loss[-1] < 0.9 * loss[0]),
            'It returns "stopped early" for a loss that stays low. Is the loss still falling at the end?',
        ),
        "last three quarters": Mistake(
            with_criteria(still_falls=lambda loss: loss[len(loss) // 4] - loss[-1] > 0.02 * loss[0]),
            'It returns "stopped early" for a loss that is flat in its last quarter. Where does this quarter begin?',
        ),
        "fall or rise": Mistake(
            with_criteria(still_falls=lambda loss: abs(loss[len(loss) * 3 // 4] - loss[-1]) > 0.02 * loss[0]),
            'It returns "stopped early" for a loss that rises in its last quarter. Is it falling?',
        ),
        "share of the quarter": Mistake(
            with_criteria(
                still_falls=lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.04 * loss[len(loss) * 3 // 4]
            ),
            'It returns "stopped early" for a low loss that hardly falls. Of which loss is 5 % a share in row 5?',
        ),
        "record 150": Mistake(
            with_criteria(still_falls=lambda loss: loss[150] - loss[-1] > 0.02 * loss[0]),
            "Curves have different lengths. At which index does the last quarter of each begin?",
        ),
        "mean of the last quarter": Mistake(
            with_criteria(still_falls=lambda loss: loss[len(loss) * 3 // 4 :].mean() - loss[-1] > 0.02 * loss[0]),
            "It misses a loss that falls at the beginning of its last quarter. Which two records does row 5 compare?",
        ),
        "last two records": Mistake(
            with_criteria(still_falls=lambda loss: loss[-2] - loss[-1] > 0.02 * loss[0]),
            "It misses a loss that is still falling at the end. Over how many records is the fall measured?",
        ),
        "the gap": Mistake(
            wrong_gap,
            "It finds overfitting where the validation loss has hardly risen. How far is it above its lowest value?",
        ),
        "mean of the last quarter of val_loss": Mistake(
            with_criteria(has_overfitted=lambda val: val[len(val) * 3 // 4 :].mean() > 1.25 * val.min()),
            "It misses a validation loss that rises in its last records. Which record does row 3 compare?",
        ),
        "above its start": Mistake(
            with_criteria(has_overfitted=lambda val: val[-1] > val[0]),
            "It misses some validation losses that have risen. Row 3: which loss must have risen, and how far?",
        ),
        "any rise": Mistake(
            with_criteria(has_overfitted=lambda val: val.argmin() < len(val) - 1),
            "It finds overfitting where the validation loss has hardly risen. How far must it have risen?",
        ),
        "rise as a share of the first loss": Mistake(
            wrong_rise_as_share_of_first,
            "Is the rise of the validation loss compared with the first loss? With what does row 3 compare the last?",
        ),
        "absolute rise": Mistake(
            with_criteria(has_overfitted=lambda val: val[-1] - val.min() > 0.1),
            "Its answer depends on the unit of the loss. With what does row 3 compare the last validation loss?",
        ),
        "val_loss ignored": Mistake(
            with_criteria(has_overfitted=lambda val: False),
            "It misses a validation loss that has risen from its lowest value: see row 3.",
        ),
        "train_loss ignored": Mistake(
            wrong_validation_first,
            "With a validation loss, it misses issues of the training loss. Which rows come first?",
        ),
        "val_loss for train_loss": Mistake(
            wrong_val_loss_for_train_loss,
            "The validation loss changes its answer about the training loss. Which loss does each row use?",
        ),
        "largest minus mean": Mistake(
            with_criteria(runs_differ=lambda loss, runs: runs[:, -1].max() - runs[:, -1].mean() > 0.2 * loss[0]),
            "Is the largest last loss compared with the mean of all? The row says: minus the smallest.",
        ),
        "runs ignored": Mistake(
            with_criteria(runs_differ=lambda loss, runs: False), "It misses runs that end far apart: see row 2."
        ),
        "two runs ignored": Mistake(
            with_criteria(runs_differ=lambda loss, runs: len(runs) > 2 and np.ptp(runs[:, -1]) > 0.1 * loss[0]),
            "It misses two runs that end far apart. How many runs does row 2 need?",
        ),
        "share of the runs": Mistake(
            with_criteria(runs_differ=lambda loss, runs: np.ptp(runs[:, -1]) > 0.2 * runs[:, -1].max()),
            "It finds that runs differ although all end at low losses. Of which loss is 40 % a share in row 2?",
        ),
        "spread of the starts": Mistake(
            with_criteria(runs_differ=lambda loss, runs: np.ptp(runs[:, 0]) > 0.1 * loss[0]),
            "It misses that the runs end at nearly the same loss. Which records of the runs does it compare?",
        ),
        "spread of all records": Mistake(
            with_criteria(runs_differ=lambda loss, runs: np.ptp(runs) > 0.1 * loss[0]),
            "It misses that the runs end at nearly the same loss. Which records of the runs does it compare?",
        ),
        "runs first": Mistake(
            wrong_runs_first, "Runs that all diverge end at different losses. Which row comes first?"
        ),
        "jitter before overfitting": Mistake(
            wrong_jitter_before_overfitting,
            "A loss may jump while the validation loss rises. Which of the two rows comes first?",
        ),
        "fall before jitter": Mistake(
            wrong_fall_first, "A loss that jumps may fall at the same time. Which row comes first?"
        ),
        "another name": Mistake(
            on_output(reference_diagnose, lambda name: name.replace("stopped early", "stopped before convergence")),
            "Spell the six names exactly as in the table.",
        ),
        "a number": Mistake(
            on_output(reference_diagnose, lambda name: NAMES.index(name)),
            "Return the name of the issue, not its number.",
        ),
        "a list": Mistake(on_output(reference_diagnose, lambda name: [name]), "Return a single name, not a list."),
    },
    variants={
        "other thresholds": with_criteria(
            has_diverged=lambda loss: not np.isfinite(loss).all() or loss[-1] > 2.5 * loss[0],
            runs_differ=lambda loss, runs: np.ptp(runs[:, -1]) > 0.25 * loss[0],
            has_overfitted=lambda val: val[-1] > 1.45 * val.min(),
            is_jittery=lambda loss: np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.055 * loss[0],
            still_falls=lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.045 * loss[0],
        ),
        "thresholds at the other end": with_criteria(
            has_diverged=lambda loss: not np.isfinite(loss).all() or loss[-1] > 0.92 * loss[0],
            runs_differ=lambda loss, runs: np.ptp(runs[:, -1]) > 0.04 * loss[0],
            has_overfitted=lambda val: val[-1] > 1.12 * val.min(),
            is_jittery=lambda loss: np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.011 * loss[0],
            still_falls=lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.012 * loss[0],
        ),
        "indices rounded up": with_criteria(
            is_jittery=lambda loss: np.abs(np.diff(loss[(len(loss) + 1) // 2 :])).mean() > 0.02 * loss[0],
            still_falls=lambda loss: loss[-(len(loss) // 4)] - loss[-1] > 0.02 * loss[0],
        ),
        "all rows at once": right_all_rows_at_once,
        "plain Python": right_plain_python,
    },
)


# --- fix_A, …, fix_E --------------------------------------------------------------------------------------------

WRONG_FOR_EVERY_PATIENT = {
    "unchanged": Mistake({}, "An empty dict changes nothing."),
    "too many steps": Mistake({"num_steps": 10**9}, "Every setting has a limit: see the table."),
    "negative number of steps": Mistake({"num_steps": -100}, "The number of steps must be positive."),
    "negative learning rate": Mistake({"lr": -0.1}, "With a negative learning rate, training goes uphill."),
    "a string": Mistake({"lr": "0.1"}, "Write numbers without quotation marks."),
    "a tuple": Mistake(("lr", 0.1), 'Write a dict: {"lr": 0.1}.'),
    "a number": Mistake(0.1, "Write a dict: it names the setting that the number is for."),
    "nan": Mistake({"lr": math.nan}),
    "the seed": Mistake({"seed": 1}, "The seed is not a setting: a repair must not depend on it."),
    "half a step": Mistake({"num_steps": 50.5}, "The number of steps must be a whole number."),
    "a boolean": Mistake({"lr": True}),
    "None": Mistake(None),
}

fix_A = Catalogue(
    mistakes={
        **WRONG_FOR_EVERY_PATIENT,
        "more steps": Mistake({"num_steps": 10_000}, "The loss keeps jumping, however long the training is."),
        "half the learning rate": Mistake({"lr": 0.5}, "The loss still jumps, only less."),
        "a tenth of the learning rate": Mistake(
            {"lr": 0.1}, "Almost. How far above the smallest possible loss are the largest losses of the last quarter?"
        ),
        "too small a learning rate": Mistake({"lr": 1e-4}, "The loss is calm because the weights hardly move."),
        "a few lucky steps": Mistake(
            {"lr": 0.5, "num_steps": 13},
            "The loss still jumps. It is low by luck: the last quarter has only four records.",
        ),
        "two examples": Mistake({"batch_size": 2}, "Steps with two examples are less noisy, but still too noisy."),
        "larger features": Mistake({"feature_scale": 10}, "Larger features make the steps longer."),
    },
    variants={
        "all examples": {"batch_size": 200},
        "a hundred steps": {"batch_size": 200, "num_steps": 100},
        "a large batch": {"batch_size": 100},
        "some of both": {"batch_size": 16, "lr": 0.1},
        "slow and long": {"lr": 0.005, "num_steps": 4000},
        "NumPy numbers": {"lr": np.float64(0.05), "batch_size": np.int64(20)},
        "whole floats": {"batch_size": 200.0},
    },
)

fix_B = Catalogue(
    mistakes={
        **WRONG_FOR_EVERY_PATIENT,
        "more steps": Mistake(
            {"num_steps": 10_000}, "The runs that are stuck have reached a minimum: they stay there."
        ),
        "smaller steps": Mistake({"lr": 0.02, "num_steps": 2000}, "Smaller steps lead to the same minima."),
        "one more unit": Mistake({"hidden": 3}, "Fewer runs get stuck now, but some still do."),
        "two more units": Mistake({"hidden": 4}, "Almost: how many runs are still stuck?"),
        "one unit": Mistake({"hidden": 1}, "Now the runs agree, but all of them fail."),
        "too few steps": Mistake({"hidden": 8, "num_steps": 5}, "There are enough units, but not enough steps."),
        "too large a learning rate": Mistake({"hidden": 16, "lr": 10.0}, "With this learning rate the runs diverge."),
    },
    variants={
        "ten units": {"hidden": 10},
        "twelve units": {"hidden": 12, "num_steps": 500},
        "many units, small steps": {"hidden": 32, "lr": 0.02, "num_steps": 2000},
        "sixteen units": {"hidden": np.int64(16), "lr": 0.05},
    },
)

fix_C = Catalogue(
    mistakes={
        **WRONG_FOR_EVERY_PATIENT,
        "a tenth of the learning rate": Mistake(
            {"lr": 0.01}, "It takes more than a factor of 10: how does the gradient grow with the features?"
        ),
        "a hundredth of the learning rate": Mistake(
            {"lr": 0.001}, "Features that are 100 times larger enter the gradient twice: in X and in the error."
        ),
        "too small a learning rate": Mistake({"lr": 1e-8}, "The loss no longer diverges, but it does not fall either."),
        "fewer steps": Mistake({"num_steps": 5}, "The loss grows from the first step on: fewer steps only hide this."),
        "more steps": Mistake({"num_steps": 1000}, "A loss that has diverged does not recover."),
        "one example": Mistake({"batch_size": 1}, "Smaller batches make the steps noisier, not shorter."),
        "tiny features": Mistake(
            {"feature_scale": 0.001}, "Now the features are too small for this learning rate: the weights hardly move."
        ),
        "larger features": Mistake({"feature_scale": 200}, "Larger features make the steps even longer."),
    },
    variants={
        "scaled": {"feature_scale": 1},
        "some of both": {"feature_scale": 10, "lr": 0.001},
        "a larger learning rate": {"lr": 1e-4},
        "scaled to length 1": {"feature_scale": 1.25, "num_steps": 200},
        "one example per step": {"lr": 1e-6, "batch_size": 1, "num_steps": 5000},
    },
)

fix_D = Catalogue(
    mistakes={
        **WRONG_FOR_EVERY_PATIENT,
        "more steps": Mistake({"num_steps": 3000}, "Longer training fits the noise of the 40 examples even better."),
        "somewhat fewer steps": Mistake({"num_steps": 100}, "Training still ends far past the lowest validation loss."),
        "one step": Mistake({"num_steps": 1}, "Now training stops before it has learned much."),
        "a larger learning rate": Mistake({"lr": 0.1}, "A larger learning rate only overfits sooner."),
        "too small a learning rate": Mistake({"lr": 1e-5}, "Now the weights hardly move."),
        "a few more examples": Mistake(
            {"num_train": 60}, "With as many examples as features, the weights still fit the noise."
        ),
        "fewer examples": Mistake({"num_train": 20}, "With fewer examples there is less to learn from."),
        "too many examples": Mistake({"num_train": 40_000}, "There are 400 training examples at most."),
    },
    variants={
        "stopped in time": {"num_steps": 8},
        "half of the examples": {"num_train": 200},
        "a small learning rate": {"lr": 0.0015},
        "ten steps": {"num_steps": 10},
        "more examples, fewer steps": {"num_train": 300, "num_steps": 50},
    },
)

fix_E = Catalogue(
    mistakes={
        **WRONG_FOR_EVERY_PATIENT,
        "a few more steps": Mistake({"num_steps": 1000}, "The loss gets lower, but is still falling at the end."),
        "twice the learning rate": Mistake({"lr": 0.002}, "The loss gets lower, but is still falling at the end."),
        "too large a learning rate": Mistake({"lr": 10.0}, "Now the loss diverges."),
        "one example": Mistake({"batch_size": 1}, "Smaller batches do not get further in the same number of steps."),
        "smaller features": Mistake({"feature_scale": 0.1}, "Smaller features make the steps shorter."),
        "slightly larger features": Mistake({"feature_scale": 2}, "The loss gets lower, but not low enough."),
        "fewer steps": Mistake({"num_steps": 100}, "Fewer steps stop the training even earlier."),
    },
    variants={
        "more steps": {"num_steps": 10_000},
        "some of both": {"lr": 0.01, "num_steps": 1000},
        "a large learning rate": {"lr": 1.0},
        "larger features": {"feature_scale": 10},
        "smaller batches, more steps": {"lr": 0.05, "batch_size": 100, "num_steps": 1000},
    },
)


# --- early_stopping_epoch ---------------------------------------------------------------------------------------


def wrong_last_epoch_that_ran(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch
    return len(val) - 1


def wrong_last_of_ties(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] <= val[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def wrong_initial_best_loss(val, patience):
    best, lowest, waited = 0, 1000.0, 0
    for epoch, loss in enumerate(val):
        if loss < lowest:
            best, lowest, waited = epoch, loss, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return best


def wrong_comparison_with_the_epoch_before(val, patience):
    best, rises = 0, 0
    for epoch in range(1, len(val)):
        best = epoch if val[epoch] < val[best] else best
        rises = 0 if val[epoch] < val[epoch - 1] else rises + 1
        if rises >= patience:
            break
    return best


def with_other_count(val, patience, count_if_not_lower, count_if_lower=lambda waited: 0):
    """Stop when a count of epochs reaches the patience. The two functions update the count."""
    best, waited = 0, 0
    for epoch in range(1, len(val)):
        if val[epoch] < val[best]:
            best, waited = epoch, count_if_lower(waited)
        else:
            waited = count_if_not_lower(waited, val[epoch], val[best])
        if waited >= patience:
            break
    return best


def wrong_first_epoch_counted(val, patience):
    best, waited = 0, 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return best


def wrong_count_never_reset(val, patience):
    return with_other_count(val, patience, lambda waited, loss, lowest: waited + 1, lambda waited: waited)


def wrong_count_reset_by_ties(val, patience):
    return with_other_count(val, patience, lambda waited, loss, lowest: 0 if loss == lowest else waited + 1)


def wrong_nan_not_counted(val, patience):
    return with_other_count(val, patience, lambda waited, loss, lowest: waited if np.isnan(loss) else waited + 1)


def wrong_stop_at_first_rise(val, patience):
    epoch = 0
    while epoch + 1 < len(val) and val[epoch + 1] < val[epoch]:
        epoch += 1
    return epoch


def wrong_last_epoch_minus_patience(val, patience):
    return max(wrong_last_epoch_that_ran(val, patience) - patience, 0)


def wrong_none_without_stop(val, patience):
    best = reference_early_stopping_epoch(val, patience)
    return best if wrong_last_epoch_that_ran(val, patience) - best >= patience else None


def wrong_nan_is_lowest(val, patience):
    return int(np.argmin(val[: wrong_last_epoch_that_ran(val, patience) + 1]))


def right_counter(val, patience):
    best, best_loss, waited = 0, float("inf"), 0
    for epoch, loss in enumerate(val):
        if loss < best_loss:
            best, best_loss, waited = epoch, loss, 0
        else:
            waited += 1
            if waited == patience:
                return best
    return best


def right_windows(val, patience):
    val = np.where(np.isnan(val), np.inf, np.asarray(val, dtype=float))
    for epoch in range(len(val)):
        ahead = val[epoch + 1 : epoch + 1 + patience]
        if not (ahead < val[: epoch + 1].min()).any():
            return int(np.argmin(val[: epoch + 1]))


def right_running_minimum(val, patience):
    lowest = np.fmin.accumulate(np.asarray(val, dtype=float))
    improvements = np.flatnonzero(np.append(True, lowest[1:] < lowest[:-1]))
    too_long = np.flatnonzero(np.diff(improvements) > patience)
    return improvements[too_long[0]] if len(too_long) else improvements[-1]


def right_recursion(val, patience, epoch=0, best=0):
    if epoch == len(val) or epoch - best > patience:
        return best
    return right_recursion(val, patience, epoch + 1, epoch if val[epoch] < val[best] else best)


early_stopping_epoch = Catalogue(
    mistakes={
        "lowest of all": Mistake(
            lambda val, patience: int(np.nanargmin(val)),
            "It looks at epochs that were never trained: training had already stopped.",
        ),
        "lowest of all, with nan": Mistake(
            lambda val, patience: int(np.argmin(val)),
            "It looks at all epochs, and np.argmin treats nan as the lowest value.",
            names=("argmin",),
            otherwise="It looks at all epochs, also those never trained, and treats nan as the lowest value.",
        ),
        "minimum improvement": Mistake(
            on_argument(reference_early_stopping_epoch, "val", lambda val: np.round(val, 6)),
            "It ignores tiny improvements: a loss below the lowest so far is an improvement, however small.",
        ),
        "initial best loss": Mistake(
            wrong_initial_best_loss, "It is wrong if all losses are large: with which best loss does it start?"
        ),
        "where it stops": Mistake(wrong_last_epoch_that_ran, "This is the last epoch that ran, not the best one."),
        "one epoch too patient": Mistake(
            on_argument(reference_early_stopping_epoch, "patience", lambda patience: patience + 1),
            "It waits one epoch longer than the patience.",
        ),
        "one epoch too impatient": Mistake(
            on_argument(reference_early_stopping_epoch, "patience", lambda patience: patience - 1),
            "It stops one epoch before the patience runs out.",
        ),
        "counted from 1": Mistake(
            on_output(reference_early_stopping_epoch, lambda epoch: epoch + 1), "Epochs are counted from 0."
        ),
        "the loss": Mistake(
            lambda val, patience: val[reference_early_stopping_epoch(val, patience)],
            "This is the lowest loss: return its epoch.",
        ),
        "last of ties": Mistake(
            wrong_last_of_ties, "An equal loss is not an improvement: return the first epoch with the lowest loss."
        ),
        "count reset by ties": Mistake(
            wrong_count_reset_by_ties, "An equal loss is not an improvement: it counts against the patience."
        ),
        "nan not counted": Mistake(
            wrong_nan_not_counted,
            "An epoch whose loss is nan is an epoch without improvement: it counts against the patience.",
        ),
        "first epoch counted": Mistake(
            wrong_first_epoch_counted,
            "It counts epoch 0 against the patience, but no earlier epoch exists.",
        ),
        "compared with the epoch before": Mistake(
            wrong_comparison_with_the_epoch_before,
            "A fall after a rise is an improvement only below the lowest loss so far: compare with that one.",
        ),
        "count never reset": Mistake(
            wrong_count_never_reset, "It stops too early: an improvement resets the count of epochs without one."
        ),
        "first rise": Mistake(wrong_stop_at_first_rise, "It stops at the first rise, even if the patience is longer."),
        "last epoch minus patience": Mistake(
            wrong_last_epoch_minus_patience,
            "If the losses end before the patience runs out, the best epoch is a different one.",
        ),
        "None without a stop": Mistake(wrong_none_without_stop, "It returns None if the patience never runs out."),
        "nan is lowest": Mistake(
            wrong_nan_is_lowest,
            "A loss that is nan is not an improvement. (np.argmin treats it as the lowest value.)",
            names=("argmin",),
            otherwise="A loss that is nan is not an improvement.",
        ),
        "highest": Mistake(lambda val, patience: int(np.nanargmax(val)), "This is the epoch with the highest loss."),
        "the last epoch": Mistake(lambda val, patience: len(val) - 1, "This is the last epoch."),
    },
    variants={
        "break": reference_early_stopping_epoch,
        "counter": right_counter,
        "windows": right_windows,
        "running minimum": right_running_minimum,
        "recursion": right_recursion,
        "np.int64": on_output(reference_early_stopping_epoch, np.int64),
        "0-d array": lambda val, patience: np.array(reference_early_stopping_epoch(list(val), patience)),
    },
)


# --- late_minimum -----------------------------------------------------------------------------------------------

late_minimum = Catalogue(
    mistakes={
        "falls until the end": Mistake([6, 5, 4, 3, 2, 1], "Every epoch improves, so training never stops."),
        "lowest first": Mistake([1, 2, 3, 4, 5, 6], "The lowest loss comes before training stops."),
        "one bad epoch": Mistake([5, 3, 4, 2, 6, 7], "With patience 2, one epoch without improvement is not enough."),
        "a tie": Mistake([5, 3, 3, 3, 3, 3], "Both versions keep the first of several equal losses."),
        "just in time": Mistake(
            [5, 4, 6, 3, 6, 2], "An improvement resets the count: training reaches the last epoch."
        ),
        "an equal loss later": Mistake([5, 3, 4, 4, 3, 3], "A later loss must be lower than the best so far."),
        "seven losses": Mistake([5, 3, 4, 4, 2, 1, 1], "Write six losses."),
        "a negative loss": Mistake([5, 3, 4, 4, 2, -1], "The losses are from 0 to 10."),
        "an epoch": Mistake(4, "Write the six losses themselves."),
        "nan": Mistake([5, 3, 4, 4, math.nan, 1]),
    },
    variants={
        "a drop at the end": [5, 4, 6, 7, 8, 0],
        "an array": np.array([2, 1, 1, 1, 0.5, 0.5]),
        "a tuple": (1, 1, 1, 1, 1, 0.999),
        "a late stop": [4, 3, 2, 2, 2, 1],
    },
)
