"""Answers to the exercises of training_issues."""

import numpy as np

from .common import say, wrong


def diagnose_with(slip):
    """The table of the notebook with one slip."""

    def diagnose(train_loss, val_loss=None, runs=None):
        T, first = len(train_loss), train_loss[0]
        unit = 1.0 if slip == "units" else first
        if train_loss[-1] > 2 * first or (slip != "nan" and not np.isfinite(train_loss).all()):
            return "diverged"

        def overfits():
            if val_loss is None:
                return False
            if slip == "gap":
                return val_loss[-1] > 1.3 * train_loss[-1]
            return val_loss[-1] > 1.3 * val_loss.min()

        def differs():
            if runs is None:
                return False
            ends = runs if slip == "all records" else runs[:, -1]
            return ends.max() - ends.min() > 0.2 * unit

        if slip == "order" and overfits():
            return "overfitting"
        if differs():
            return "different every time"
        if overfits():
            return "overfitting"
        changes = np.diff(train_loss if slip == "whole curve" else train_loss[T // 2 :])
        if np.mean(changes if slip == "signed" else np.abs(changes)) > 0.03 * unit:
            return "jittery"
        if train_loss[3 * T // 4] - train_loss[-1] > 0.03 * unit:
            return "stopped early"
        return "healthy"

    return diagnose


say(
    "diagnose",
    "a loss that becomes nan has diverged: comparisons with nan are False, so ask np.isfinite",
    r"\bnan\b|finite",
    diagnose_with("nan"),
)
say(
    "diagnose",
    "the thresholds are not compared with the first loss, so it depends on the unit",
    r"\bunits?\b|(of|with|by|to) the first loss|relative|scale|absolute|divid|euro|cents|share of|times larger|multipl",
    diagnose_with("units"),
)
say(
    "diagnose",
    "the rows are in another order: “different every time” comes before overfitting",
    r"\border|before|preced|priorit|above (it|that)|from the top|\brank|comes first|rows? [1-6] |wins|earlier row|first row that|too early|checked",
    diagnose_with("order"),
)
say(
    "diagnose",
    "compares the validation loss with the training loss: a gap is not overfitting, look at its own lowest",
    r"\bgap\b|lowest|minimum|smallest|\.min\(|best validation|(with|to|than|from|above) the training|difference between|distance between",
    diagnose_with("gap"),
)
say(
    "diagnose",
    "without the absolute value ups and downs cancel, and no curve is jittery",
    r"\babs|\bsign|cancel|up (and|or) down|magnitude|size of (the|each) change|net (change|fall)|direction",
    diagnose_with("signed"),
)
say(
    "diagnose",
    "the fall at the beginning counts as jitter: look at the second half only",
    r"second half|whole (curve|training|loss)|\bhalf\b|beginning|early (fall|part|drop)|at the start|T ?// ?2|all (the )?records|first half|entire",
    diagnose_with("whole curve"),
)
say(
    "diagnose",
    "the last losses of the runs are to be compared, not all of their records",
    r"last loss|last record|last (one|value|column|entr)|\[:, ?-1\]|\bends?\b|final|whole (curve|run|array)|all (the |of the )?(records|losses|entries)|(every|each|any) record|entire"
    r"|beginning",
    diagnose_with("all records"),
)

say(
    "early_stopping_epoch",
    "np.argmin looks at everything: what comes after the stop was never computed",
    r"argmin|ignor|whole|after the stop|never (computed|seen|stop|happen|trained)|future|of all|all (the )?epochs|global|not (use|stop)|too late|entire|overall|looks? at"
    r"|after (it|training) (has |would have )?stop|patience (is|plays|has|makes) (no|not)",
    lambda val, patience: int(np.argmin(np.where(np.isnan(val), np.inf, val))),
)


@wrong(
    "early_stopping_epoch",
    "an equal loss is no improvement: < and not <=, the first of them counts",
    r"\bties?\b|equal|<=|≤|strict|first of|same loss|as low|as good|first one|no improvement",
)
def early_stopping_epoch_last_of_ties(val, patience):
    best, waited = 0, 0
    for t in range(1, len(val)):
        if val[t] <= val[best]:
            best, waited = t, 0
        else:
            waited += 1
            if waited >= patience:
                break
    return best


@wrong(
    "early_stopping_epoch",
    "it waits one epoch too long: stop at patience epochs without improvement, >= and not >",
    r"one (epoch |record )?(too )?(late|long|more|many)|off by one|>=|≥|too (late|long|patient)|patience \+ 1|strict|later than|one epoch|already",
)
def early_stopping_epoch_one_too_long(val, patience):
    best = 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        elif t - best > patience:
            break
    return best


@wrong(
    "early_stopping_epoch",
    "this is the epoch where training stops: what is kept is the best one before",
    r"where (it|training|you) (would )?stop|stop\w*.{0,40}(instead|rather|\bnot\b)|(instead|rather|\bnot\b).{0,40}stop|epoch of the stop|at which|when (it|training) (stop|end)"
    r"|returns? the (last|stop|final)|best (one|epoch|so far|of)|(epoch|one) (with|of) the (lowest|best)|last epoch",
)
def early_stopping_epoch_of_the_stop(val, patience):
    best = 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        elif t - best >= patience:
            return t
    return len(val) - 1


@wrong(
    "early_stopping_epoch",
    "each epoch is compared with the one before: compare it with the best so far",
    r"previous|(one|epoch|loss|it) before|neighbou?r|preced|best so far|lowest so far|best epoch|last epoch|the best|one after the other",
)
def early_stopping_epoch_neighbours(val, patience):
    best, waited = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[t - 1]:
            best, waited = t, 0
        else:
            waited += 1
            if waited >= patience:
                break
    return best


@wrong(
    "early_stopping_epoch",
    "the counter is never set back to 0: patience counts epochs in a row",
    r"in a row|reset|consecutive|in total|back to 0|to zero|altogether|accumul|counter|set back|start(s)? (over|again)|all epochs without",
)
def early_stopping_epoch_counts_all(val, patience):
    best, waited = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        else:
            waited += 1
            if waited >= patience:
                break
    return best
