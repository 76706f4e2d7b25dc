"""Answers to the exercises of training_issues."""

import itertools
import math

import numpy as np

from .common import right, wrong

# --- diagnose


def _diagnose(train_loss, val_loss=None, runs=None, *, diverged=None, spread=None, over=None, jitter=None, late=None):
    first = train_loss[0]
    rows = [
        ("diverged", diverged or (lambda L: not np.isfinite(L).all() or L[-1] > 2 * L[0]), train_loss),
        ("different every time", spread or (lambda R: np.ptp(R[:, -1]) > 0.2 * first), runs),
        ("overfitting", over or (lambda V: V[-1] > 1.3 * V.min()), val_loss),
        ("jittery", jitter or (lambda L: np.abs(np.diff(L[len(L) // 2 :])).mean() > 0.03 * L[0]), train_loss),
        ("stopped early", late or (lambda L: L[3 * len(L) // 4] - L[-1] > 0.03 * L[0]), train_loss),
    ]
    return next((name for name, applies, curve in rows if curve is not None and applies(curve)), "healthy")


def _diagnoser(**rows):
    return lambda train_loss, val_loss=None, runs=None: _diagnose(train_loss, val_loss, runs, **rows)


wrong("diagnose", "only the last record is asked for nan")(
    _diagnoser(diverged=lambda L: not np.isfinite(L[-1]) or L[-1] > 2 * L[0])
)
wrong("diagnose", "inf is not found")(
    _diagnoser(diverged=lambda L: np.isnan(L).any() or (L[-1] > 2 * L[0] and np.isfinite(L[-1])))
)
wrong("diagnose", "the largest record instead of the last")(
    _diagnoser(diverged=lambda L: not np.isfinite(L).all() or L.max() > 2 * L[0])
)
right("diagnose", "minus inf, which no loss is, is not found")(
    _diagnoser(diverged=lambda L: np.isnan(L).any() or np.isposinf(L).any() or L[-1] > 2 * L[0])
)
wrong("diagnose", "the validation loss's second half only")(
    _diagnoser(over=lambda V: V[-1] > 1.3 * V[len(V) // 2 :].min())
)
wrong("diagnose", "the validation loss against its first")(_diagnoser(over=lambda V: V[-1] > 1.3 * V[0]))
wrong("diagnose", "the largest validation loss against the lowest, afterwards")(
    _diagnoser(over=lambda V: V[V.argmin() :].max() > 1.3 * V.min())
)
wrong("diagnose", "the last validation loss against the lowest of the first half")(
    _diagnoser(over=lambda V: V[-1] > 1.3 * V[: len(V) // 2].min())
)
wrong("diagnose", "validation against training: a gap")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, over=lambda V: V[-1] > 1.3 * train_loss[-1]
    )
)
wrong("diagnose", "standard deviation of the runs")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, spread=lambda R: R[:, -1].std() > 0.2 * train_loss[0]
    )
)
wrong("diagnose", "relative to the mean of the last losses")(
    _diagnoser(spread=lambda R: np.ptp(R[:, -1]) > 0.2 * R[:, -1].mean())
)
wrong("diagnose", "first and last run only")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, spread=lambda R: abs(R[0, -1] - R[-1, -1]) > 0.2 * train_loss[0]
    )
)
wrong("diagnose", "spread against the first run only")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, spread=lambda R: np.abs(R[:, -1] - R[0, -1]).max() > 0.3 * train_loss[0]
    )
)
wrong("diagnose", "spread anywhere, not at the end")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, spread=lambda R: np.ptp(R, axis=0).max() > 0.2 * train_loss[0]
    )
)
wrong("diagnose", "absolute threshold for the spread")(_diagnoser(spread=lambda R: np.ptp(R[:, -1]) > 0.2))
wrong("diagnose", "absolute threshold for jitter")(
    _diagnoser(jitter=lambda L: np.abs(np.diff(L[len(L) // 2 :])).mean() > 0.03)
)
wrong("diagnose", "jitter over the whole curve")(_diagnoser(jitter=lambda L: np.abs(np.diff(L)).mean() > 0.03 * L[0]))
wrong("diagnose", "jitter as the largest change")(
    _diagnoser(jitter=lambda L: np.abs(np.diff(L[len(L) // 2 :])).max() > 0.03 * L[0])
)
wrong("diagnose", "jitter as a mean of signed changes")(
    _diagnoser(jitter=lambda L: abs(np.diff(L[len(L) // 2 :]).mean()) > 0.03 * L[0])
)
wrong("diagnose", "jitter as upward changes only")(
    _diagnoser(jitter=lambda L: np.maximum(np.diff(L[len(L) // 2 :]), 0).mean() > 0.03 * L[0])
)
wrong("diagnose", "jitter as standard deviation")(_diagnoser(jitter=lambda L: L[len(L) // 2 :].std() > 0.03 * L[0]))
wrong("diagnose", "jitter relative to the last loss")(
    _diagnoser(jitter=lambda L: np.abs(np.diff(L[len(L) // 2 :])).mean() > 0.03 * L[-1])
)
wrong("diagnose", "the last quarter against the last loss")(
    _diagnoser(late=lambda L: L[3 * len(L) // 4] - L[-1] > 0.03 * L[-1])
)
wrong("diagnose", "the last half")(_diagnoser(late=lambda L: L[len(L) // 2] - L[-1] > 0.03 * L[0]))
wrong("diagnose", "the last ten records")(_diagnoser(late=lambda L: L[-10] - L[-1] > 0.03 * L[0] / 5))
wrong("diagnose", "any change in the last quarter, upward too")(
    _diagnoser(late=lambda L: abs(L[3 * len(L) // 4] - L[-1]) > 0.03 * L[0])
)


@wrong("diagnose", "replaces nan by 0 in the caller's training loss")
def _(train_loss, val_loss=None, runs=None):
    broken = ~np.isfinite(train_loss)
    train_loss[broken] = 0
    return "diverged" if broken.any() else _diagnose(train_loss, val_loss, runs)


@wrong("diagnose", "divides the caller's training loss by its first")
def _(train_loss, val_loss=None, runs=None):
    if runs is not None:
        runs = runs / train_loss[0]
    train_loss /= train_loss[0]
    return _diagnose(train_loss, val_loss, runs)


@wrong("diagnose", "overfitting before different every time")
def _(train_loss, val_loss=None, runs=None):
    name = _diagnose(train_loss, val_loss, None)
    return name if name in ("diverged", "overfitting") else _diagnose(train_loss, val_loss, runs)


@wrong("diagnose", "jittery before overfitting")
def _(train_loss, val_loss=None, runs=None):
    name = _diagnose(train_loss, None, None)
    other = _diagnose(train_loss, None, runs)
    return name if name == "jittery" and other == name else _diagnose(train_loss, val_loss, runs)


right("diagnose", "thresholds in the middle")(_diagnoser())
right("diagnose", "the lowest thresholds")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss,
        val_loss,
        runs,
        diverged=lambda L: not np.all(np.isfinite(L)) or L[-1] > 0.95 * L[0],
        spread=lambda R: R[:, -1].max() - R[:, -1].min() > 0.04 * train_loss[0],
        over=lambda V: V[-1] > 1.12 * np.min(V),
        jitter=lambda L: np.mean(np.abs(np.diff(L[len(L) // 2 :]))) > 0.012 * L[0],
        late=lambda L: L[3 * len(L) // 4] - L[-1] > 0.012 * L[0],
    )
)
right("diagnose", "the highest thresholds")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss,
        val_loss,
        runs,
        diverged=lambda L: np.any(np.isnan(L) | np.isinf(L)) or L[-1] >= 2.9 * L[0],
        spread=lambda R: max(R[:, -1]) - min(R[:, -1]) >= 0.39 * train_loss[0],
        over=lambda V: V[-1] / min(V) >= 1.48,
        jitter=lambda L: np.mean(np.abs(L[len(L) // 2 + 1 :] - L[len(L) // 2 : -1])) >= 0.058 * L[0],
        late=lambda L: L[3 * len(L) // 4] - L[-1] >= 0.048 * L[0],
    )
)


@right("diagnose", "plain Python on normalised copies")
def _(train_loss, val_loss=None, runs=None):
    first = float(train_loss[0])
    L = [float(x) / first for x in train_loss]
    T = len(L)
    if any(not math.isfinite(x) for x in L) or L[-1] > 1.5:
        return "diverged"
    if runs is not None:
        ends = sorted(float(r[-1]) / first for r in runs)
        if ends[-1] - ends[0] > 0.1:
            return "different every time"
    if val_loss is not None and val_loss[-1] > 1.25 * min(val_loss):
        return "overfitting"
    steps = [abs(b - a) for a, b in itertools.pairwise(L[T // 2 :])]
    if sum(steps) / len(steps) > 0.03:
        return "jittery"
    return "stopped early" if L[3 * T // 4] - L[-1] > 0.025 else "healthy"


# --- early_stopping_epoch


def _stop(val, patience, better=lambda new, old: new < old, stop=lambda waited, patience: waited >= patience):
    best = 0
    for t in range(len(val)):
        if better(val[t], val[best]):
            best = t
        elif stop(t - best, patience):
            break
    return best


wrong("early_stopping_epoch", "the argmin of all")(lambda val, patience: int(np.nanargmin(val)))
wrong("early_stopping_epoch", "ties move on")(
    lambda val, patience: _stop(val, patience, better=lambda new, old: new <= old)
)
wrong("early_stopping_epoch", "one more epoch of patience")(
    lambda val, patience: _stop(val, patience, stop=lambda w, p: w > p)
)
wrong("early_stopping_epoch", "one less")(
    lambda val, patience: _stop(val, patience, stop=lambda w, p: w >= max(p - 1, 1))
)
wrong("early_stopping_epoch", "nan counts as an improvement")(
    lambda val, patience: _stop(val, patience, better=lambda new, old: not new >= old)
)
wrong("early_stopping_epoch", "a tolerance: improvements below 1e-6 do not count")(
    lambda val, patience: _stop(val, patience, better=lambda new, old: new < old - 1e-6)
)
wrong("early_stopping_epoch", "relative improvements of 1 % only")(
    lambda val, patience: _stop(val, patience, better=lambda new, old: new < 0.99 * old)
)
wrong("early_stopping_epoch", "counts from 1")(lambda val, patience: _stop(val, patience) + 1)
wrong("early_stopping_epoch", "the loss, not the epoch")(lambda val, patience: val[_stop(val, patience)])


@wrong("early_stopping_epoch", "the epoch at which it stops")
def _(val, patience):
    best = 0
    for t in range(len(val)):
        if val[t] < val[best]:
            best = t
        elif t - best >= patience:
            return t
    return best


@wrong("early_stopping_epoch", "compares with the previous epoch")
def _(val, patience):
    bad = 0
    for t in range(1, len(val)):
        bad = 0 if val[t] < val[t - 1] else bad + 1
        if bad >= patience:
            return int(np.argmin(val[: t + 1]))
    return int(np.argmin(val))


@wrong("early_stopping_epoch", "the counter is never reset")
def _(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        else:
            bad += 1
            if bad >= patience:
                break
    return best


@wrong("early_stopping_epoch", "nan does not count as an epoch of waiting")
def _(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        if np.isnan(val[t]):
            continue
        if val[t] < val[best]:
            best, bad = t, 0
        else:
            bad += 1
            if bad >= patience:
                break
    return best


@wrong("early_stopping_epoch", "stops at the first nan")
def _(val, patience):
    finite = np.isfinite(val)
    return _stop(val[: finite.argmin()] if not finite.all() else val, patience)


@wrong("early_stopping_epoch", "starts at infinity: starts to wait one too late")
def _(val, patience):
    best, lowest, bad = 0, np.inf, -1
    for t, v in enumerate(val):
        if v < lowest:
            best, lowest, bad = t, v, bad if t == 0 else 0
        else:
            bad += 1
            if bad >= patience:
                break
    return best


@wrong("early_stopping_epoch", "replaces nan in the caller's array")
def _(val, patience):
    if val.dtype.kind == "f":
        val[np.isnan(val)] = np.inf
    return _stop(val, patience)


@wrong("early_stopping_epoch", "starts with the lowest at 1e9")
def _(val, patience):
    best, lowest, bad = 0, 1e9, 0
    for t, v in enumerate(val):
        if v < lowest:
            best, lowest, bad = t, v, 0
        else:
            bad += 1
            if bad >= patience:
                break
    return best


right("early_stopping_epoch", "the plain loop")(_stop)


@right("early_stopping_epoch", "a counter")
def _(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best, bad = t, 0
        else:
            bad += 1
        if bad == patience:
            break
    return best


@right("early_stopping_epoch", "windows after each record low")
def _(val, patience):
    best = 0
    while True:
        later = [t for t in range(best + 1, min(best + patience, len(val) - 1) + 1) if val[t] < val[best]]
        if not later:
            return best
        best = later[0]


@right("early_stopping_epoch", "enumerate with infinity")
def _(val, patience):
    best, lowest = 0, np.inf
    for t, v in enumerate(val):
        if v < lowest:
            best, lowest = t, v
        if t - best >= patience:
            return best
    return best
