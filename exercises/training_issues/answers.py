"""Known right and wrong answers to the exercises of `04-sgd/training_issues.ipynb`."""

import math
from itertools import pairwise

NAMES = "diverged", "different every time", "overfitting", "jittery", "stopped early", "healthy"

def has_diverged(loss):
    return not np.isfinite(loss).all() or loss[-1] > 1.5 * loss[0]

def runs_differ(loss, runs):
    return np.ptp(runs[:, -1]) > 0.1 * loss[0]

def has_overfitted(val, loss):
    return val[-1] > 1.25 * val.min()

def is_jittery(loss):
    return np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.02 * loss[0]

def still_falls(loss):
    return loss[len(loss) * 3 // 4] - loss[-1] > 0.02 * loss[0]

def right_diagnose(train_loss, val_loss=None, runs=None):
    with np.errstate(all="ignore"):
        if has_diverged(train_loss):
            return "diverged"
        if runs is not None and runs_differ(train_loss, runs):
            return "different every time"
        if val_loss is not None and has_overfitted(val_loss, train_loss):
            return "overfitting"
        if is_jittery(train_loss):
            return "jittery"
        return "stopped early" if still_falls(train_loss) else "healthy"

diagnose = right_diagnose

def right_early_stopping_epoch(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best

def last_epoch_that_ran(val, patience):
    return min(right_early_stopping_epoch(val, patience) + patience, len(val) - 1)

# %% wrong diagnose: always healthy
# hint: It returns "healthy" for every curve.
def diagnose(train_loss, val_loss=None, runs=None):
    return "healthy"

# %% wrong diagnose: jumps of the last quarter only
# hint: It misses jumps before the last quarter. The row says: second half.
def is_jittery(loss):
    return np.abs(np.diff(loss[len(loss) * 3 // 4 :])).mean() > 0.02 * loss[0]

# %% wrong diagnose: nan unnoticed
# hint: It misses a loss that was nan or inf. What does a comparison with nan give?
def has_diverged(loss):
    return loss[-1] > 1.5 * loss[0]

# %% wrong diagnose: nan and inf only
# hint: A loss can diverge without becoming inf: what if it has only grown?
def has_diverged(loss):
    return not np.isfinite(loss).all()

# %% wrong diagnose: not finite at the end
# hint: It misses a loss that was nan or inf once. Which records does it check?
def has_diverged(loss):
    return not np.isfinite(loss[-1]) or loss[-1] > 1.5 * loss[0]

# %% wrong diagnose: inf unnoticed
# hint: It misses an inf before the last record. Which records does it check for inf?
def has_diverged(loss):
    return np.isnan(loss).any() or loss[-1] > 1.5 * loss[0]

# %% wrong diagnose: five times the first
# hint: It misses a loss that ends at three times the first loss: see row 1.
def has_diverged(loss):
    return not np.isfinite(loss).all() or loss[-1] > 5 * loss[0]

# %% wrong diagnose: nan dropped
# hint: It misses losses that were nan or inf at any time. What becomes of such records?
def diagnose(train_loss, val_loss=None, runs=None):
    return right_diagnose(train_loss[np.isfinite(train_loss)], val_loss, runs)

# %% wrong diagnose: the largest loss
# hint: A loss that rises at first and then recovers has not diverged. Which record decides?
def has_diverged(loss):
    return not np.isfinite(loss).all() or loss.max() > 1.5 * loss[0]

# %% wrong diagnose: absolute jumps
# hint: Its answer depends on the unit of the loss. With what does the table compare the jumps?
def is_jittery(loss):
    return np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.03

# %% wrong diagnose: absolute spread
# hint: Its answer depends on the unit of the loss. With what does the table compare the runs?
def runs_differ(loss, runs):
    return np.ptp(runs[:, -1]) > 0.1

# %% wrong diagnose: jumps of the whole curve
# hint: It finds jitter in a loss that jumps only in its first half. Which records count?
def is_jittery(loss):
    return np.abs(np.diff(loss)).mean() > 0.035 * loss[0]

# %% wrong diagnose: runs last
# hint: Runs that end far apart may have other issues, too. Which row comes first?
def diagnose(train_loss, val_loss=None, runs=None):
    name = right_diagnose(train_loss, val_loss)
    return right_diagnose(train_loss, val_loss, runs) if name == "healthy" else name

# %% wrong diagnose: validation last
# hint: A validation loss may rise while the training loss falls or jumps. Which row comes first?
def diagnose(train_loss, val_loss=None, runs=None):
    name = right_diagnose(train_loss, None, runs)
    return right_diagnose(train_loss, val_loss, runs) if name == "healthy" else name

# %% wrong diagnose: in place
# hint: It changes an array of the caller: create a new one.
def diagnose(train_loss, val_loss=None, runs=None):
    first = train_loss[0]
    for curves in (train_loss, val_loss, runs):
        if curves is not None:
            curves /= first
    return right_diagnose(train_loss, val_loss, runs)

# %% wrong diagnose: runs sorted in place
# hint: It changes the caller's runs. Find the largest and the smallest last loss without changing the array.
def diagnose(train_loss, val_loss=None, runs=None):
    if runs is not None:
        runs.sort(axis=0)
    return right_diagnose(train_loss, val_loss, runs)

# %% wrong diagnose: nan replaced in place
# hint: It changes the caller's array where the loss is nan or inf. Test for them without changing it.
def diagnose(train_loss, val_loss=None, runs=None):
    broken = ~np.isfinite(train_loss)
    train_loss[broken] = 0
    return "diverged" if broken.any() else right_diagnose(train_loss, val_loss, runs)

# %% wrong diagnose: first half of val_loss
# hint: It misses overfitting if the validation loss is lowest late. Which records does it search?
def has_overfitted(val, loss):
    return val[-1] > 1.25 * val[: len(val) // 2].min()

# %% wrong diagnose: highest of val_loss
# hint: It finds overfitting although the last validation loss is the lowest. Which record does row 3 compare?
def has_overfitted(val, loss):
    return val[val.argmin() :].max() > 1.25 * val.min()

# %% wrong diagnose: largest jump
# hint: It finds jitter in a loss with a single peak. Row 4 is about the mean change, not the largest one.
def is_jittery(loss):
    return np.abs(np.diff(loss[len(loss) // 2 :])).max() > 0.04 * loss[0]

# %% wrong diagnose: as many rises as falls
# hint: It misses a loss that jumps without rising as often as it falls. Is that a condition of row 4?
def is_jittery(loss):
    changes = np.diff(loss[len(loss) // 2 :])
    return np.abs(changes).mean() > 0.02 * loss[0] and abs(np.mean(changes > 0) - 0.5) < 0.1

# %% wrong diagnose: mean rise
# hint: It finds jitter in a loss that rises only once. Over which changes does row 4 take the mean?
def is_jittery(loss):
    rises = [after - before for before, after in pairwise(loss[len(loss) // 2 :]) if after > before]
    return bool(rises) and np.mean(rises) > 0.02 * loss[0]

# %% wrong diagnose: standard deviation
# hint: It finds jitter in a loss that falls steadily. Between which records does the table measure jumps?
def is_jittery(loss):
    return loss[len(loss) // 2 :].std() > 0.02 * loss[0]

# %% wrong diagnose: never jittery
# hint: It misses losses that jump up and down: do both directions count?
def is_jittery(loss):
    return False

# %% wrong diagnose: any fall
# hint: It returns "stopped early" for a loss that stays low. Is the loss still falling at the end?
def still_falls(loss):
    return loss[-1] < 0.9 * loss[0]

# %% wrong diagnose: fall or rise
# hint: It returns "stopped early" for a loss that rises in its last quarter. Is it falling?
def still_falls(loss):
    return abs(loss[len(loss) * 3 // 4] - loss[-1]) > 0.02 * loss[0]

# %% wrong diagnose: share of the quarter
# hint: It returns "stopped early" for a low loss that hardly falls. Of which loss is 5 % a share in row 5?
def still_falls(loss):
    return loss[len(loss) * 3 // 4] - loss[-1] > 0.04 * loss[len(loss) * 3 // 4]

# %% wrong diagnose: record 150
# hint: Curves have different lengths. At which index does the last quarter of each begin?
def still_falls(loss):
    return loss[150] - loss[-1] > 0.02 * loss[0]

# %% wrong diagnose: mean of the last quarter
# hint: It misses a loss that falls at the beginning of its last quarter. Which two records does row 5 compare?
def still_falls(loss):
    return loss[len(loss) * 3 // 4 :].mean() - loss[-1] > 0.02 * loss[0]

# %% wrong diagnose: the gap
# hint: It finds overfitting where the validation loss has hardly risen. How far is it above its lowest value?
def has_overfitted(val, loss):
    return val[-1] > 1.25 * loss[-1]

# %% wrong diagnose: above its start
# hint: It misses some validation losses that have risen. Row 3: which loss must have risen, and how far?
def has_overfitted(val, loss):
    return val[-1] > val[0]

# %% wrong diagnose: rise as a share of the first loss
# hint: Is the rise of the validation loss compared with the first loss? With what does row 3 compare the last?
def has_overfitted(val, loss):
    return val[-1] - val.min() > 0.1 * loss[0]

# %% wrong diagnose: val_loss ignored
# hint: It misses a validation loss that has risen from its lowest value: see row 3.
def has_overfitted(val, loss):
    return False

# %% wrong diagnose: train_loss ignored
# hint: With a validation loss, it misses issues of the training loss. Which rows come first?
def diagnose(train_loss, val_loss=None, runs=None):
    if val_loss is not None:
        return "overfitting" if has_overfitted(val_loss, train_loss) else "healthy"
    return right_diagnose(train_loss, None, runs)

# %% wrong diagnose: largest minus mean
# hint: Is the largest last loss compared with the mean of all? The row says: minus the smallest.
def runs_differ(loss, runs):
    return runs[:, -1].max() - runs[:, -1].mean() > 0.2 * loss[0]

# %% wrong diagnose: runs ignored
# hint: It misses runs that end far apart: see row 2.
def runs_differ(loss, runs):
    return False

# %% wrong diagnose: two runs ignored
# hint: It misses two runs that end far apart. How many runs does row 2 need?
def runs_differ(loss, runs):
    return len(runs) > 2 and np.ptp(runs[:, -1]) > 0.1 * loss[0]

# %% wrong diagnose: share of the runs
# hint: It finds that runs differ although all end at low losses. Of which loss is 40 % a share in row 2?
def runs_differ(loss, runs):
    return np.ptp(runs[:, -1]) > 0.2 * runs[:, -1].max()

# %% wrong diagnose: spread of the starts
# hint: It misses that the runs end at nearly the same loss. Which records of the runs does it compare?
def runs_differ(loss, runs):
    return np.ptp(runs[:, 0]) > 0.1 * loss[0]

# %% wrong diagnose: spread of all records
# hint: It misses that the runs end at nearly the same loss. Which records of the runs does it compare?
def runs_differ(loss, runs):
    return np.ptp(runs) > 0.1 * loss[0]

# %% wrong diagnose: runs first
# hint: Runs that all diverge end at different losses. Which row comes first?
def diagnose(train_loss, val_loss=None, runs=None):
    if runs is not None and runs_differ(train_loss, runs):
        return "different every time"
    return right_diagnose(train_loss, val_loss, runs)

# %% wrong diagnose: jitter before overfitting
# hint: A loss may jump while the validation loss rises. Which of the two rows comes first?
def diagnose(train_loss, val_loss=None, runs=None):
    name = right_diagnose(train_loss, val_loss, runs)
    return "jittery" if name == "overfitting" and is_jittery(train_loss) else name

# %% wrong diagnose: fall before jitter
# hint: A loss that jumps may fall at the same time. Which row comes first?
def diagnose(train_loss, val_loss=None, runs=None):
    if np.isfinite(train_loss).all() and still_falls(train_loss):
        return "stopped early"
    return right_diagnose(train_loss, val_loss, runs)

# %% right diagnose: other thresholds
def has_diverged(loss):
    return not np.isfinite(loss).all() or loss[-1] > 2.5 * loss[0]

def runs_differ(loss, runs):
    return np.ptp(runs[:, -1]) > 0.25 * loss[0]

def has_overfitted(val, loss):
    return val[-1] > 1.45 * val.min()

def is_jittery(loss):
    return np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.055 * loss[0]

def still_falls(loss):
    return loss[len(loss) * 3 // 4] - loss[-1] > 0.045 * loss[0]

# %% right diagnose: thresholds at the other end
def has_diverged(loss):
    return not np.isfinite(loss).all() or loss[-1] > 0.92 * loss[0]

def runs_differ(loss, runs):
    return np.ptp(runs[:, -1]) > 0.04 * loss[0]

def has_overfitted(val, loss):
    return val[-1] > 1.12 * val.min()

def is_jittery(loss):
    return np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.011 * loss[0]

def still_falls(loss):
    return loss[len(loss) * 3 // 4] - loss[-1] > 0.012 * loss[0]

# %% right diagnose: indices rounded up
def is_jittery(loss):
    return np.abs(np.diff(loss[(len(loss) + 1) // 2 :])).mean() > 0.02 * loss[0]

def still_falls(loss):
    return loss[-(len(loss) // 4)] - loss[-1] > 0.02 * loss[0]

# %% right diagnose: all rows at once
def diagnose(train_loss, val_loss=None, runs=None):
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

# %% right diagnose: plain Python
def diagnose(train_loss, val_loss=None, runs=None):
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

# %% wrong fix_A, fix_B, fix_C, fix_D, fix_E: unchanged
# hint: An empty dict changes nothing.
fix_A = {}

# %% wrong fix_A, fix_B, fix_C, fix_D, fix_E: negative learning rate
# hint: With a negative learning rate, training goes uphill.
fix_A = {"lr": -0.1}

# %% wrong fix_A, fix_B, fix_C, fix_D, fix_E: a string
# hint: Write numbers without quotation marks.
fix_A = {"lr": "0.1"}

# %% wrong fix_A: more steps
# hint: The loss keeps jumping, however long the training is.
fix_A = {"num_steps": 10000}

# %% wrong fix_A: half the learning rate
# hint: The loss still jumps, only less.
fix_A = {"lr": 0.5}

# %% wrong fix_A: a tenth of the learning rate
# hint: Almost. How far above the smallest possible loss are the largest losses of the last quarter?
fix_A = {"lr": 0.1}

# %% wrong fix_A: too small a learning rate
# hint: The loss is calm because the weights hardly move.
fix_A = {"lr": 0.0001}

# %% wrong fix_A: a few lucky steps
# hint: The loss still jumps. It is low by luck: the last quarter has only four records.
fix_A = {"lr": 0.5, "num_steps": 13}

# %% wrong fix_A: two examples
# hint: Steps with two examples are less noisy, but still too noisy.
fix_A = {"batch_size": 2}

# %% right fix_A: all examples
fix_A = {"batch_size": 200}

# %% right fix_A: some of both
fix_A = {"batch_size": 16, "lr": 0.1}

# %% right fix_A: NumPy numbers
fix_A = {"lr": np.float64(0.05), "batch_size": np.int64(20)}

# %% right fix_A: whole floats
fix_A = {"batch_size": 200.0}

# %% wrong fix_B: more steps
# hint: The runs that are stuck have reached a minimum: they stay there.
fix_B = {"num_steps": 10000}

# %% wrong fix_B: smaller steps
# hint: Smaller steps lead to the same minima.
fix_B = {"lr": 0.02, "num_steps": 2000}

# %% wrong fix_B: one more unit
# hint: Fewer runs get stuck now, but some still do.
fix_B = {"hidden": 3}

# %% wrong fix_B: two more units
# hint: Almost: how many runs are still stuck?
fix_B = {"hidden": 4}

# %% wrong fix_B: one unit
# hint: Now the runs agree, but all of them fail.
fix_B = {"hidden": 1}

# %% wrong fix_B: too few steps
# hint: There are enough units, but not enough steps.
fix_B = {"hidden": 8, "num_steps": 5}

# %% wrong fix_B: too large a learning rate
# hint: With this learning rate the runs diverge.
fix_B = {"hidden": 16, "lr": 10.0}

# %% right fix_B: ten units
fix_B = {"hidden": 10}

# %% right fix_B: many units, small steps
fix_B = {"hidden": 32, "lr": 0.02, "num_steps": 2000}

# %% right fix_B: sixteen units
fix_B = {"hidden": np.int64(16), "lr": 0.05}

# %% wrong fix_C: a tenth of the learning rate
# hint: It takes more than a factor of 10: how does the gradient grow with the features?
fix_C = {"lr": 0.01}

# %% wrong fix_C: a hundredth of the learning rate
# hint: Features that are 100 times larger enter the gradient twice: in X and in the error.
fix_C = {"lr": 0.001}

# %% wrong fix_C: too small a learning rate
# hint: The loss no longer diverges, but it does not fall either.
fix_C = {"lr": 1e-08}

# %% wrong fix_C: fewer steps
# hint: The loss grows from the first step on: fewer steps only hide this.
fix_C = {"num_steps": 5}

# %% wrong fix_C: one example
# hint: Smaller batches make the steps noisier, not shorter.
fix_C = {"batch_size": 1}

# %% wrong fix_C: tiny features
# hint: Now the features are too small for this learning rate: the weights hardly move.
fix_C = {"feature_scale": 0.001}

# %% right fix_C: scaled
fix_C = {"feature_scale": 1}

# %% right fix_C: some of both
fix_C = {"feature_scale": 10, "lr": 0.001}

# %% right fix_C: one example per step
fix_C = {"lr": 1e-06, "batch_size": 1, "num_steps": 5000}

# %% wrong fix_D: more steps
# hint: Longer training fits the noise of the 40 examples even better.
fix_D = {"num_steps": 3000}

# %% wrong fix_D: somewhat fewer steps
# hint: Training still ends far past the lowest validation loss.
fix_D = {"num_steps": 100}

# %% wrong fix_D: one step
# hint: Now training stops before it has learned much.
fix_D = {"num_steps": 1}

# %% wrong fix_D: a larger learning rate
# hint: A larger learning rate only overfits sooner.
fix_D = {"lr": 0.1}

# %% wrong fix_D: too small a learning rate
# hint: Now the weights hardly move.
fix_D = {"lr": 1e-05}

# %% wrong fix_D: a few more examples
# hint: With as many examples as features, the weights still fit the noise.
fix_D = {"num_train": 60}

# %% wrong fix_D: fewer examples
# hint: With fewer examples there is less to learn from.
fix_D = {"num_train": 20}

# %% right fix_D: stopped in time
fix_D = {"num_steps": 8}

# %% right fix_D: half of the examples
fix_D = {"num_train": 200}

# %% right fix_D: a small learning rate
fix_D = {"lr": 0.0015}

# %% wrong fix_E: a few more steps
# hint: The loss gets lower, but is still falling at the end.
fix_E = {"num_steps": 1000}

# %% wrong fix_E: twice the learning rate
# hint: The loss gets lower, but is still falling at the end.
fix_E = {"lr": 0.002}

# %% wrong fix_E: too large a learning rate
# hint: Now the loss diverges.
fix_E = {"lr": 10.0}

# %% wrong fix_E: one example
# hint: Smaller batches do not get further in the same number of steps.
fix_E = {"batch_size": 1}

# %% wrong fix_E: slightly larger features
# hint: The loss gets lower, but not low enough.
fix_E = {"feature_scale": 2}

# %% right fix_E: more steps
fix_E = {"num_steps": 10000}

# %% right fix_E: a large learning rate
fix_E = {"lr": 1.0}

# %% right fix_E: larger features
fix_E = {"feature_scale": 10}

# %% wrong early_stopping_epoch: lowest of all
# hint: It looks at epochs that were never trained: training had already stopped.
def early_stopping_epoch(val, patience):
    return int(np.nanargmin(val))

# %% wrong early_stopping_epoch: minimum improvement
# hint: It ignores tiny improvements: a loss below the lowest so far is an improvement, however small.
def early_stopping_epoch(val, patience):
    return right_early_stopping_epoch(np.round(val, 6), patience)

# %% wrong early_stopping_epoch: initial best loss
# hint: It is wrong if all losses are large: with which best loss does it start?
def early_stopping_epoch(val, patience):
    best, lowest, waited = 0, 1000.0, 0
    for epoch, loss in enumerate(val):
        if loss < lowest:
            best, lowest, waited = epoch, loss, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return best

# %% wrong early_stopping_epoch: where it stops
# hint: This is the last epoch that ran, not the best one.
def early_stopping_epoch(val, patience):
    return last_epoch_that_ran(val, patience)

# %% wrong early_stopping_epoch: one epoch too impatient
# hint: It stops one epoch before the patience runs out.
def early_stopping_epoch(val, patience):
    return right_early_stopping_epoch(val, patience - 1)

# %% wrong early_stopping_epoch: the loss
# hint: This is the lowest loss: return its epoch.
def early_stopping_epoch(val, patience):
    return val[right_early_stopping_epoch(val, patience)]

# %% wrong early_stopping_epoch: last of ties
# hint: An equal loss is not an improvement: return the first epoch with the lowest loss.
def early_stopping_epoch(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] <= val[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best

# %% wrong early_stopping_epoch: count reset by ties
# hint: An equal loss is not an improvement: it counts against the patience.
def early_stopping_epoch(val, patience):
    best, waited = 0, 0
    for epoch in range(1, len(val)):
        best = epoch if val[epoch] < val[best] else best
        waited = 0 if val[epoch] <= val[best] else waited + 1
        if waited >= patience:
            break
    return best

# %% wrong early_stopping_epoch: nan not counted
# hint: An epoch whose loss is nan is an epoch without improvement: it counts against the patience.
def early_stopping_epoch(val, patience):
    best, waited = 0, 0
    for epoch in range(1, len(val)):
        if val[epoch] < val[best]:
            best, waited = epoch, 0
        elif not np.isnan(val[epoch]):
            waited += 1
        if waited >= patience:
            break
    return best

# %% wrong early_stopping_epoch: first epoch counted
# hint: It counts epoch 0 against the patience, but no earlier epoch exists.
def early_stopping_epoch(val, patience):
    best, waited = 0, 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return best

# %% wrong early_stopping_epoch: compared with the epoch before
# hint: A fall after a rise is an improvement only below the lowest loss so far: compare with that one.
def early_stopping_epoch(val, patience):
    best, rises = 0, 0
    for epoch in range(1, len(val)):
        best = epoch if val[epoch] < val[best] else best
        rises = 0 if val[epoch] < val[epoch - 1] else rises + 1
        if rises >= patience:
            break
    return best

# %% wrong early_stopping_epoch: count never reset
# hint: It stops too early: an improvement resets the count of epochs without one.
def early_stopping_epoch(val, patience):
    best, waited = 0, 0
    for epoch in range(1, len(val)):
        if val[epoch] < val[best]:
            best = epoch
        else:
            waited += 1
        if waited >= patience:
            break
    return best

# %% wrong early_stopping_epoch: first rise
# hint: It stops at the first rise, even if the patience is longer.
def early_stopping_epoch(val, patience):
    epoch = 0
    while epoch + 1 < len(val) and val[epoch + 1] < val[epoch]:
        epoch += 1
    return epoch

# %% wrong early_stopping_epoch: last epoch minus patience
# hint: If the losses end before the patience runs out, the best epoch is a different one.
def early_stopping_epoch(val, patience):
    return max(last_epoch_that_ran(val, patience) - patience, 0)

# %% wrong early_stopping_epoch: None without a stop
# hint: It returns None if the patience never runs out.
def early_stopping_epoch(val, patience):
    best = right_early_stopping_epoch(val, patience)
    return best if last_epoch_that_ran(val, patience) - best >= patience else None

# %% wrong early_stopping_epoch: nan is lowest
# hint: A loss that is nan is not an improvement. (np.argmin treats it as the lowest value.)
# names: argmin
# otherwise: A loss that is nan is not an improvement.
def early_stopping_epoch(val, patience):
    return int(np.argmin(val[: last_epoch_that_ran(val, patience) + 1]))

# %% wrong early_stopping_epoch: the last epoch
# hint: This is the last epoch.
def early_stopping_epoch(val, patience):
    return len(val) - 1

# %% right early_stopping_epoch: break
def early_stopping_epoch(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best

# %% right early_stopping_epoch: counter
def early_stopping_epoch(val, patience):
    best, best_loss, waited = 0, float("inf"), 0
    for epoch, loss in enumerate(val):
        if loss < best_loss:
            best, best_loss, waited = epoch, loss, 0
        else:
            waited += 1
            if waited == patience:
                return best
    return best

# %% right early_stopping_epoch: windows
def early_stopping_epoch(val, patience):
    val = np.where(np.isnan(val), np.inf, np.asarray(val, dtype=float))
    for epoch in range(len(val)):
        ahead = val[epoch + 1 : epoch + 1 + patience]
        if not (ahead < val[: epoch + 1].min()).any():
            return int(np.argmin(val[: epoch + 1]))

# %% right early_stopping_epoch: running minimum
def early_stopping_epoch(val, patience):
    lowest = np.fmin.accumulate(np.asarray(val, dtype=float))
    improvements = np.flatnonzero(np.append(True, lowest[1:] < lowest[:-1]))
    too_long = np.flatnonzero(np.diff(improvements) > patience)
    return improvements[too_long[0]] if len(too_long) else improvements[-1]

# %% right early_stopping_epoch: 0-d array
def early_stopping_epoch(val, patience):
    return np.array(right_early_stopping_epoch(list(val), patience))

# %% wrong late_minimum: falls until the end
# hint: Every epoch improves, so training never stops.
late_minimum = [6, 5, 4, 3, 2, 1]

# %% wrong late_minimum: lowest first
# hint: The lowest loss comes before training stops.
late_minimum = [1, 2, 3, 4, 5, 6]

# %% wrong late_minimum: one bad epoch
# hint: With patience 2, one epoch without improvement is not enough.
late_minimum = [5, 3, 4, 2, 6, 7]

# %% wrong late_minimum: a tie
# hint: Both versions keep the first of several equal losses.
late_minimum = [5, 3, 3, 3, 3, 3]

# %% wrong late_minimum: just in time
# hint: An improvement resets the count: training reaches the last epoch.
late_minimum = [5, 4, 6, 3, 6, 2]

# %% wrong late_minimum: an equal loss later
# hint: A later loss must be lower than the best so far.
late_minimum = [5, 3, 4, 4, 3, 3]

# %% right late_minimum: a drop at the end
late_minimum = [5, 4, 6, 7, 8, 0]

# %% right late_minimum: an array
late_minimum = np.array([2, 1, 1, 1, 0.5, 0.5])

# %% right late_minimum: a tuple
late_minimum = 1, 1, 1, 1, 1, 0.999

# %% right late_minimum: a late stop
late_minimum = [4, 3, 2, 2, 2, 1]
