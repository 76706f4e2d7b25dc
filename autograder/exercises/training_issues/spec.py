"""The exercises of `04-sgd/training_issues.ipynb`."""

import functools
import math
from itertools import cycle, pairwise

import numpy as np

from ...judging.model import Exercise, Mistake, Rule, case
from ...judging.quizzes import choose_all, fill_in, predict

ISSUES, WATCH = "Visual Examples of Training issues", "Pro tip: watch the loss function"
NAMES = ("diverged", "different every time", "overfitting", "jittery", "stopped early", "healthy")

issues_predictions = predict("issues_predictions", "abc", questions=2, points=1, slide=ISSUES)

# a diverged, b jittery, c stopped before convergence, d overfitting, e different every time
first_look = fill_in("first_look", {"A": "b", "B": "e", "C": "a", "D": "d", "E": "c"}, "abcde", points=2, slide=ISSUES)


# --- the patients, trained as in the notebook -------------------------------------------------------------------

PATIENTS: dict[str, dict[str, float]] = {
    "A": {"feature_scale": 1, "lr": 1.0, "batch_size": 1, "num_steps": 400},
    "B": {"hidden": 2, "lr": 0.1, "num_steps": 300},
    "C": {"feature_scale": 100, "lr": 0.1, "batch_size": 200, "num_steps": 100},
    "D": {"num_train": 40, "lr": 0.05, "num_steps": 300},
    "E": {"feature_scale": 1, "lr": 0.001, "batch_size": 200, "num_steps": 400},
}
LIMITS = {  # lowest and highest: a rerun takes half a second at most
    "lr": (1e-9, 100),
    "feature_scale": (0.001, 1000),
    "batch_size": (1, 200),
    "num_steps": (1, 10_000),
    "num_train": (1, 400),
    "hidden": (1, 64),
}


def mse(path, X, y):
    return ((X @ path.T - y[:, None]) ** 2).mean(axis=0)


def train(X, y, lr, batch_size, num_steps):
    """The weights on the way, (num_steps + 1, d): least squares, the batch drawn with replacement."""
    rng, w = np.random.default_rng(541), np.zeros(X.shape[1])
    path = [w]
    for _ in range(num_steps):
        rows = slice(None) if batch_size == len(y) else rng.integers(len(y), size=batch_size)
        error = X[rows] @ w - y[rows]
        w = w - lr * 2 * (error @ X[rows]) / len(error)
        path.append(w)
    return np.array(path)


@functools.cache
def circle():
    rng = np.random.default_rng(541)
    angle = rng.uniform(0, 2 * np.pi, 200)
    X = 0.8 * np.column_stack([np.cos(angle), np.sin(angle)])
    return X, X @ [2, -1] + 0.5 * rng.normal(size=200)


def train_circle(feature_scale, lr, batch_size, num_steps):
    """The training loss of patients A, C and E."""
    X, y = circle()
    return mse(train(feature_scale * X, y, lr, batch_size, num_steps), feature_scale * X, y)


@functools.cache
def many_features():
    rng = np.random.default_rng(2)
    w = rng.normal(size=60)
    X = rng.normal(size=(900, 60))
    return X, X @ w / np.linalg.norm(w) + 0.6 * rng.normal(size=900)


def train_many(num_train, lr, num_steps):
    """Training and validation loss of patient D."""
    X, y = many_features()
    path = train(X[:num_train], y[:num_train], lr, num_train, num_steps)
    return mse(path, X[:num_train], y[:num_train]), mse(path, X[400:], y[400:])


def train_xor(hidden, lr, num_steps, seeds=range(30)):
    """The training losses of patient B, one row per seed: networks with one layer of ReLUs learn XOR."""
    X, y = np.array([[-1.0, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1]]), np.array([[-1.0], [1], [1], [-1]])
    starts = [np.random.default_rng(seed) for seed in seeds]
    U = np.array([rng.normal(0, 0.7, (3, hidden)) for rng in starts])
    v = np.array([rng.normal(0, 0.7, (hidden, 1)) for rng in starts])
    c = np.zeros((len(starts), 1, 1))
    losses = []
    for _ in range(num_steps + 1):
        active = np.maximum(X @ U, 0)
        error = active @ v + c - y
        losses.append((error**2).mean(axis=(1, 2)))
        dU = X.T @ (error @ v.transpose(0, 2, 1) * (active > 0))
        v = v - lr * active.transpose(0, 2, 1) @ error / 2
        c, U = c - lr * error.sum(axis=1, keepdims=True) / 2, U - lr * dU / 2
    return np.array(losses).T


# --- diagnose(train_loss, val_loss=None, runs=None) -------------------------------------------------------------


def has_diverged(loss):
    return not np.isfinite(loss).all() or loss[-1] > 1.5 * loss[0]


def runs_differ(loss, runs):
    return np.ptp(runs[:, -1]) > 0.1 * loss[0]


def turns_up(val_loss):
    return val_loss[-1] > 1.25 * val_loss.min()


def jumps(loss):
    return np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.02 * loss[0]


def still_falls(loss):
    return loss[len(loss) * 3 // 4] - loss[-1] > 0.02 * loss[0]


def verdict_of(train_loss, val_loss=None, runs=None):
    if has_diverged(train_loss):
        return "diverged"
    if runs is not None and runs_differ(train_loss, runs):
        return "different every time"
    if val_loss is not None and turns_up(val_loss):
        return "overfitting"
    if jumps(train_loss):
        return "jittery"
    return "stopped early" if still_falls(train_loss) else "healthy"


# Curves to judge, all beginning near 1. What the notebook promises of them is checked in tests/exercises.


def ripple(rng, T):
    return rng.uniform(-0.002, 0.002, T)


def falling(rng, T):
    """From 1 to 0, flat from the middle on."""
    t = np.arange(T) / T
    shapes = (
        lambda: np.exp(-rng.uniform(12, 20) * t),
        lambda: (1 + rng.uniform(40, 80) * t) ** -2,
        lambda: 1 / (1 + np.exp(40 * (t - rng.uniform(0.2, 0.35)))),  # first a plateau
    )
    return shapes[rng.integers(3)]()


def healthy(rng, T, floor):
    return floor + (1 - floor) * falling(rng, T) + ripple(rng, T)


def hump(rng, T):
    """Early on, and two to three times as high as the first loss."""
    t = np.arange(T) / T
    return rng.uniform(2, 3) * np.e * 20 * t * np.exp(-20 * t)


def stopped(rng, T):
    t = np.arange(T) / T
    shapes = (
        lambda: np.exp(-rng.uniform(0.6, 1.8) * t),
        lambda: 1 - rng.uniform(0.4, 0.7) * t,
        lambda: 1 - rng.uniform(0.7, 1.1) * np.maximum(t - 0.5, 0),  # a plateau comes first
    )
    return 0.05 + 0.95 * shapes[rng.integers(3)]() + ripple(rng, T)


def jumping(rng, T):
    size = rng.uniform(0.2, 0.3)
    jumps = rng.uniform(-size, size, T) if rng.integers(2) else size * up_and_down(T)
    loss = 0.1 + size + (0.9 - size) * falling(rng, T) + jumps
    loss[0] = 1
    return loss


def jumping_on_its_way_down(rng, T):
    t = np.arange(T) / T
    return 0.25 + rng.uniform(1, 1.2) * np.minimum(1 - t, 0.5) + 0.08 * up_and_down(T)


def up_and_down(T):
    return np.where(np.arange(T) % 2, 0.9, -0.9)


def growing(rng, T):
    return np.exp(np.log(rng.uniform(4, 1000)) * np.arange(T) / (T - 1)) * (1 + ripple(rng, T))


def growing_after_a_fall(rng, T):
    """At the very end only."""
    t = np.arange(T) / (T - 1)
    return np.exp(-3 * t) + rng.uniform(4, 6) * t**16


def just_diverged(rng, T):
    return np.exp(np.log(rng.uniform(3.1, 3.4)) * np.arange(T) / (T - 1)) * (1 + ripple(rng, T))


def just_jumping(rng, T):
    """By a little more than 6 % of the first loss, but not of the largest one."""
    return 0.3 + 0.7 * falling(rng, T) + hump(rng, T) + rng.uniform(0.036, 0.039) * up_and_down(T)


def jumping_at_first(rng, T):
    t = np.arange(T)
    return healthy(rng, T, 0.3) + np.where((t > 0) & (t < 0.45 * T), 0.25, 0) * up_and_down(T)


def just_stopped(rng, T):
    return 1 - rng.uniform(0.24, 0.26) * np.arange(T) / T + ripple(rng, T)


def spiking(rng, T):
    """Now and then it jumps up and back: the mean change is large, most changes are small."""
    return 0.3 + 0.7 * falling(rng, T) + rng.uniform(0.27, 0.3) * (np.arange(T) % 8 == 5) + ripple(rng, T) / 2


def just_calm(rng, T):
    """It jumps, and falls over its last quarter, by a little less than 1 % of the first loss."""
    T = T // 8 * 8 + 1  # so that the last quarter begins and ends with a jump in the same direction
    t = np.arange(T) / T
    low = 0.06 + 0.94 * np.exp(-rng.uniform(12, 20) * t) - rng.uniform(0.028, 0.03) * t
    return low + rng.uniform(0.0043, 0.0046) * up_and_down(T)


def rising_in_the_end(rng, T):
    """By less than it fell, and with a single peak on the way."""
    t = np.arange(T) / T
    loss = healthy(rng, T, 0.3) + rng.uniform(0.3, 0.5) * np.maximum(t - 0.75, 0)
    loss[int(rng.uniform(0.92, 0.97) * T)] += rng.uniform(0.08, 0.1)
    return loss


def falling_for_long(rng, T):
    return 0.1 + 0.9 * np.maximum(1 - np.arange(T) / (0.7 * T), 0) + ripple(rng, T)


def overfitted(rng, T, rise):
    """A validation loss with its lowest point early on, that ends about `rise` times higher."""
    t = np.arange(T) / T
    low, turn = rng.uniform(0.3, 0.36), rng.uniform(0.1, 0.3)
    up = np.maximum(t - turn, 0) / (1 - turn)
    return (1 - low) * np.exp(-t / turn * 6) + low * (1 + (rise - 1) * up) + ripple(rng, T)


def settled(rng, T, rise):
    """A validation loss with its lowest point early on, that has risen by its middle and then stays."""
    t = np.arange(T) / T
    low, turn = rng.uniform(0.3, 0.36), rng.uniform(0.1, 0.2)
    up = np.clip((t - turn) / (0.45 - turn), 0, 1)
    return (1 - low) * np.exp(-t / turn * 6) + low * (1 + (rise - 1) * up) + ripple(rng, T)


def repeated(rng, T, floors):
    """One run for each floor, from clearly different starts."""
    starts = rng.permutation([0.85, 1.15, *rng.uniform(0.8, 1.2, len(floors) - 2)])
    pairs = zip(floors, starts, strict=True)
    return np.array([floor + (start - floor) * falling(rng, T) + ripple(rng, T) for floor, start in pairs])


def alike(rng):
    return rng.uniform(0.1, 0.3) + rng.uniform(-0.005, 0.005, rng.integers(5, 9))


def unlike(rng):
    """Apart from each other, but the first and the last are equal."""
    floors = rng.permutation([0.03, 0.6, 0.03, 0.5])
    return np.array([*floors, *rng.uniform(0.03, 0.6, rng.integers(1, 5)), floors[0]])


def one_apart(rng, T):
    """Many runs that fall to the same loss. One begins far above the others, and only the last one rises again."""
    starts = np.append(16, rng.uniform(0.95, 1.05, 29))
    runs = np.array([0.1 + (start - 0.1) * falling(rng, T) for start in starts])
    runs[-1] += rng.uniform(0.44, 0.46) * starts[1] * np.clip(4 * np.arange(T) / T - 2, 0, 1)
    return runs


def one_late(rng, T):
    """Runs that end alike, of which the last one has spent most of its time on a plateau."""
    runs = repeated(rng, T, alike(rng))
    end, t = runs[-1, -1], np.arange(T) / T
    runs[-1] = end + (1 - end) / (1 + np.exp(40 * (t - 0.8)))
    return runs


def length(rng):
    return int(rng.integers(150, 400))


def asked(scale, loss, about, **others):
    return case(scale * loss, **{name: scale * curves for name, curves in others.items()}, about=about)


def scale(rng):
    return rng.uniform(0.8, 1.25)


def training_curves(rng):
    T = length(rng)
    yield asked(scale(rng), healthy(rng, T, rng.uniform(0.05, 0.5)), "a loss that falls and then stays low")
    yield asked(scale(rng), healthy(rng, T, 0.2) + hump(rng, T), "a loss that rises at first, then falls and stays low")
    yield asked(scale(rng), growing(rng, T), "a loss that grows all the time")
    yield asked(scale(rng), growing_after_a_fall(rng, T), "a loss that falls at first and then grows")
    yield asked(scale(rng), jumping(rng, length(rng)), "a loss that jumps up and down")
    yield asked(scale(rng), spiking(rng, length(rng)), "a loss that jumps up and back now and then")
    what = "a loss that jumps up and down, and is on its way down"
    yield asked(scale(rng), jumping_on_its_way_down(rng, length(rng)), what)
    for _ in range(3):
        yield asked(scale(rng), stopped(rng, length(rng)), "a loss that is still on its way down")
    for loss, what in (
        (just_diverged(rng, T), "a loss that ends a little above three times the first"),
        (just_jumping(rng, T), "a loss that jumps by a little more than 6 % of the first"),
        (jumping_at_first(rng, 380), "a loss that jumps in its first half only"),
        (just_stopped(rng, T), "a loss that falls slowly"),
        (just_calm(rng, T), "a loss that jumps, and falls, by less than 1 % of the first"),
        (rising_in_the_end(rng, T), "a loss with a single peak that rises a little in the end"),
        (falling_for_long(rng, 112), "a loss that stays low in its last quarter only"),
        (falling_for_long(rng, 380), "a loss that stays low in its last quarter only"),
        (healthy(rng, T, 0.85), "a loss that falls little and then stays"),
    ):
        yield asked(scale(rng), loss, what)


def with_validation(rng):
    for rise, where in ((2.0, "to below its start"), (6.0, "to above its start")):
        T = length(rng)
        what = f"a validation loss that falls and then rises again, {where}"
        yield asked(scale(rng), healthy(rng, T, 0.02), what, val_loss=overfitted(rng, T, rise))
    for shape, what in ((stopped, "is still on its way down"), (jumping, "jumps")):
        T = length(rng)
        what = f"a validation loss that rises while the training loss {what}"
        yield asked(scale(rng), shape(rng, T), what, val_loss=overfitted(rng, T, 2.0))
    for loss, what in (
        (healthy(rng, length(rng), 0.1), "a validation loss above the training loss, and just as flat"),
        (stopped(rng, length(rng)), "two losses that are still on their way down"),
        (growing(rng, length(rng)), "two losses that grow"),
        (healthy(rng, length(rng), 0.4), "a validation loss a little above the training loss, and just as flat"),
    ):
        above = rng.uniform(0.3, 0.5) + ripple(rng, len(loss))
        yield asked(scale(rng), loss, what, val_loss=loss + above)
    for shape, rise, what in (
        (overfitted, 1.07, "a validation loss that hardly rises"),
        (settled, 1.57, "a validation loss that rises a little, and then stays"),
    ):
        T = length(rng)
        yield asked(scale(rng), healthy(rng, T, 0.02), what, val_loss=shape(rng, T, rise))


def with_runs(rng):
    runs = repeated(rng, length(rng), unlike(rng))
    yield asked(scale(rng), runs[0], "runs that end at different losses", runs=runs)
    runs = one_apart(rng, 120)
    yield asked(scale(rng), runs[1], "many runs of which one ends elsewhere", runs=runs)
    runs = one_late(rng, length(rng))
    yield asked(scale(rng), runs[0], "runs that end at nearly the same loss", runs=runs)
    T = len(runs[0])
    what = "runs that end at nearly the same loss, and a validation loss that rises"
    yield asked(scale(rng), runs[0], what, val_loss=overfitted(rng, T, 2.0), runs=runs)
    runs = repeated(rng, T, [0.6, *unlike(rng)])
    what = "runs that end at different losses, and a validation loss that rises"
    yield asked(scale(rng), runs[0], what, val_loss=overfitted(rng, T, 1.9), runs=runs)
    runs = repeated(rng, T, rng.permutation([0.003, 0.009, 0.015, 0.021]))
    yield asked(scale(rng), runs[0], "runs that end a little apart", runs=runs)
    runs = stopped(rng, T) + ripple(rng, 5)[:, None]
    yield asked(scale(rng), runs[0], "runs that are still on their way down together", runs=runs)
    runs = np.array([growing(rng, T) for _ in range(5)])
    yield asked(scale(rng), runs[0], "runs that all grow, each at its own speed", runs=runs)


def cut(rng, loss, *ends):
    """The loss with its tail replaced, in equal parts, by each of the ends."""
    loss, tail = loss.copy(), np.arange(rng.integers(len(loss) // 2, len(loss) - 5), len(loss))
    for part, end in zip(np.array_split(tail, len(ends)), ends, strict=True):
        loss[part] = end
    return loss


def not_finite(rng):
    for loss, ends, what in (
        (growing(rng, length(rng)), (np.inf, np.nan), "a loss that grows, is inf and then nan"),
        (healthy(rng, length(rng), 0.2), (np.nan,), "a loss that falls and then is nan"),
        (stopped(rng, length(rng)), (np.inf,), "a loss that falls and then is inf"),
    ):
        yield asked(scale(rng), cut(rng, loss, *ends), what)
    loss = cut(rng, healthy(rng, length(rng), 0.2), np.nan)
    yield asked(scale(rng), loss, "two losses that fall and then are nan", val_loss=loss + 0.1)
    for odd in (np.nan, np.inf):
        loss = healthy(rng, length(rng), 0.2)
        loss[len(loss) // 3] = odd
        yield asked(scale(rng), loss, f"a loss that is {odd} once, and falls and stays low otherwise")
    loss = growing(rng, length(rng))
    loss[-1] = np.inf
    yield asked(scale(rng), loss, "a loss whose last record is inf", runs=np.array([loss, loss]))
    yield asked(scale(rng), healthy(rng, length(rng), 0.2), "a loss that stays finite")


def in_other_units(rng):
    for draw in (training_curves, with_validation, with_runs):
        for times, one in zip(cycle((1e-9, 1000.0, 10.0)), draw(rng), strict=False):
            others = {name: times * curves for name, curves in one.kwargs.items()}
            yield case(times * one.args[0], **others, about=f"{one.about}, all of it times {times:g}")


def says_so(one, value):
    """The answer is the reference's name, in any spelling of it."""
    value = value.item() if isinstance(value, np.ndarray | np.generic) and value.ndim == 0 else value
    if not isinstance(value, str):
        return "it does not return one of the six names"
    name = " ".join(value.lower().replace("_", " ").replace("-", " ").split())
    if name not in NAMES:
        return f"it returns {value[:40]!r}, which is none of the six names"
    return None if name == verdict_of(*one.args, **one.kwargs) else f"it says {name!r}"


def with_other(**tests):
    """The reference with some of its tests replaced."""

    def answer(train_loss, val_loss=None, runs=None):
        with np.errstate(all="ignore"):
            if tests.get("diverged", has_diverged)(train_loss):
                return "diverged"
            if runs is not None and tests.get("describe_difference", runs_differ)(train_loss, runs):
                return "different every time"
            if val_loss is not None and tests.get("rises", turns_up)(val_loss):
                return "overfitting"
            if tests.get("jitters", jumps)(train_loss):
                return "jittery"
            return "stopped early" if tests.get("falls", still_falls)(train_loss) else "healthy"

    return answer


def mostly_changes_direction(loss):
    steps = np.diff(loss[len(loss) // 2 :])
    return np.mean(steps[1:] * steps[:-1] < 0) > 0.3


def compares_the_two(train_loss, val_loss=None, runs=None):
    if val_loss is not None and not has_diverged(train_loss) and val_loss[-1] > 1.25 * train_loss[-1]:
        return "overfitting"
    return verdict_of(train_loss, None, runs)


def runs_first(train_loss, val_loss=None, runs=None):
    if runs is not None and runs_differ(train_loss, runs):
        return "different every time"
    return verdict_of(train_loss, val_loss, runs)


def runs_last(train_loss, val_loss=None, runs=None):
    name = verdict_of(train_loss, val_loss)
    return verdict_of(train_loss, val_loss, runs) if name == "healthy" else name


def validation_last(train_loss, val_loss=None, runs=None):
    name = verdict_of(train_loss, None, runs)
    return verdict_of(train_loss, val_loss, runs) if name == "healthy" else name


def scales_its_curves(train_loss, val_loss=None, runs=None):
    first = train_loss[0]
    for curves in (train_loss, val_loss, runs):
        if curves is not None:
            curves /= first
    return verdict_of(train_loss, val_loss, runs)


def falls_first(train_loss, val_loss=None, runs=None):
    if np.isfinite(train_loss).all() and still_falls(train_loss):
        return "stopped early"
    return verdict_of(train_loss, val_loss, runs)


def validation_first(train_loss, val_loss=None, runs=None):
    if val_loss is not None:
        return "overfitting" if turns_up(val_loss) else "healthy"
    return verdict_of(train_loss, None, runs)


def drops_nan(train_loss, val_loss=None, runs=None):
    return verdict_of(train_loss[np.isfinite(train_loss)], val_loss, runs)


def by_the_validation_loss(train_loss, val_loss=None, runs=None):
    return verdict_of(train_loss if val_loss is None else val_loss, val_loss, runs)


def with_slopes(train_loss, val_loss=None, runs=None):
    loss = np.asarray(train_loss, dtype=float)
    if not np.all(np.isfinite(loss)) or loss[-5:].mean() > loss[0]:
        return "diverged"
    loss = loss / loss[0]
    T = len(loss)
    if runs is not None and np.std(runs[:, -1]) / train_loss[0] > 0.05:
        return "different every time"
    if val_loss is not None and np.mean(val_loss[-5:]) / np.min(val_loss) - 1 > 0.2:
        return "overfitting"
    if np.std(np.diff(loss[T // 2 :])) > 0.03:
        return "jittery"
    slope = np.polyfit(np.arange(T - T * 3 // 4), loss[T * 3 // 4 :], 1)[0]
    return "stopped early" if -slope * T / 4 > 0.03 else "healthy"


def with_select(train_loss, val_loss=None, runs=None):
    first, T = train_loss[0], len(train_loss)
    with np.errstate(invalid="ignore"):
        hints = [
            not (train_loss[-1] <= 2 * first and np.isfinite(train_loss.sum())),
            runs is not None and (max(runs[:, -1]) - min(runs[:, -1])) / first > 0.2,
            val_loss is not None and val_loss[-1] > 1.3 * np.nanmin(val_loss),
            sum(abs(train_loss[T // 2 + 1 :] - train_loss[T // 2 : -1])) / (T - T // 2 - 1) > 0.03 * first,
            train_loss[-T // 4] - train_loss[-1] > 0.03 * first,
            True,
        ]
    return np.array(NAMES)[np.argmax(hints)]


def in_plain_python(train_loss, val_loss=None, runs=None):
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


diagnose = Exercise(
    signature="diagnose(train_loss, val_loss=None, runs=None)",
    slide=ISSUES,
    reference=verdict_of,
    rules=(
        Rule(
            "training losses",
            2,
            training_curves,
            "Work out the numbers of the table for this kind of curve by hand: which row applies first?",
            check=says_so,
        ),
        Rule(
            "with a validation loss",
            1,
            with_validation,
            "What does the table compare the last validation loss with?",
            check=says_so,
        ),
        Rule(
            "with repeated runs", 1, with_runs, "Where do the runs end, and which row comes before it?", check=says_so
        ),
        Rule("nan and inf", 1, not_finite, "A comparison with nan is always False. Which row is first?", check=says_so),
        Rule(
            "in other units",
            1,
            in_other_units,
            "The same training with the loss in cents instead of euros has the same issue.",
            mutation="none",
            check=says_so,
        ),
    ),
    mistakes={
        "always healthy": Mistake(lambda train_loss, val_loss=None, runs=None: "healthy", "It says so of every curve."),
        "nan unnoticed": Mistake(
            with_other(diverged=lambda loss: loss[-1] > 1.5 * loss[0]),
            "With nan in it every comparison is False: look for nan and inf before you compare.",
        ),
        "nan only": Mistake(
            with_other(diverged=lambda loss: np.isnan(loss).any()),
            "It finds nan, but neither inf nor a loss that has only grown.",
        ),
        "nan and inf only": Mistake(
            with_other(diverged=lambda loss: not np.isfinite(loss).all()),
            "A loss need not be inf to have diverged: it may just have grown.",
        ),
        "not finite at the end": Mistake(
            with_other(diverged=lambda loss: not np.isfinite(loss[-1]) or loss[-1] > 1.5 * loss[0]),
            "It looks at the last record alone: a loss that was nan or inf once has diverged.",
        ),
        "inf unnoticed": Mistake(
            with_other(diverged=lambda loss: np.isnan(loss).any() or loss[-1] > 1.5 * loss[0]),
            "It finds nan, but no inf that is not the last record.",
        ),
        "five times the first": Mistake(
            with_other(diverged=lambda loss: not np.isfinite(loss).all() or loss[-1] > 5 * loss[0]),
            "It has diverged at three times the first loss: see the table.",
        ),
        "nan dropped": Mistake(drops_nan, "It drops the records that are not finite: they are the symptom."),
        "the largest loss": Mistake(
            with_other(diverged=lambda loss: not np.isfinite(loss).all() or loss.max() > 1.5 * loss[0]),
            "A loss may rise at first and recover: where does it end?",
        ),
        "absolute numbers": Mistake(
            with_other(jitters=lambda loss: np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.03),
            "It compares changes with a fixed number: compare with the first loss.",
        ),
        "absolute fall": Mistake(
            with_other(falls=lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.02),
            "It compares the fall with a fixed number: compare with the first loss.",
        ),
        "absolute spread": Mistake(
            with_other(describe_difference=lambda loss, runs: np.ptp(runs[:, -1]) > 0.1),
            "It compares the spread of the runs with a fixed number: compare with the first loss.",
        ),
        "jumps of the whole curve": Mistake(
            with_other(jitters=lambda loss: np.abs(np.diff(loss)).mean() > 0.035 * loss[0]),
            "It counts jumps of the first half, too: the second half alone counts.",
        ),
        "runs last": Mistake(runs_last, "Runs that end far apart may have other issues, too: which row comes first?"),
        "validation last": Mistake(
            validation_last, "A validation loss may rise while the training loss falls or jumps: which row comes first?"
        ),
        "curves of the caller": Mistake(
            scales_its_curves, "It divides the caller's own arrays by the first loss: make new ones."
        ),
        "changes of direction": Mistake(
            with_other(jitters=mostly_changes_direction),
            "It counts ups and downs however small they are: every mini-batch loss has some.",
        ),
        "spread for jitter": Mistake(
            with_other(jitters=lambda loss: loss[len(loss) // 2 :].std() > 0.02 * loss[0]),
            "A loss that falls steadily has a spread too: compare each record with the one before.",
        ),
        "jitter forgotten": Mistake(
            with_other(jitters=lambda loss: False),
            "It misses losses that jump up and down: do ups and downs both count?",
        ),
        "any fall": Mistake(
            with_other(falls=lambda loss: loss[-1] < 0.9 * loss[0]),
            "Every training that learns ends below its start: is it still falling at the end?",
        ),
        "last two records": Mistake(
            with_other(falls=lambda loss: loss[-2] - loss[-1] > 0.02 * loss[0]),
            "From one record to the next a falling loss falls very little: look further back.",
        ),
        "the gap": Mistake(
            compares_the_two,
            "A validation loss that falls, and stays above the training loss, is normal: how far has it risen since?",
        ),
        "above its start": Mistake(
            with_other(rises=lambda val: val[-1] > val[0]),
            "The validation loss need not get worse than it was at the start.",
        ),
        "any rise": Mistake(
            with_other(rises=lambda val: val.argmin() < len(val) - 1),
            "The lowest record is hardly ever the last one: how far has it risen since?",
        ),
        "val_loss ignored": Mistake(
            with_other(rises=lambda val: False), "It misses a validation loss that has risen from its lowest: row 3."
        ),
        "train_loss ignored": Mistake(validation_first, "With a validation loss it forgets the training loss."),
        "val_loss for train_loss": Mistake(
            by_the_validation_loss, "It looks for the other issues in the validation loss: they are in train_loss."
        ),
        "runs ignored": Mistake(
            with_other(describe_difference=lambda loss, runs: False), "It misses runs that end far apart: row 2."
        ),
        "spread of the starts": Mistake(
            with_other(describe_difference=lambda loss, runs: np.ptp(runs[:, 0]) > 0.1 * loss[0]),
            "It compares where the runs start: they have different weights there.",
        ),
        "spread of all records": Mistake(
            with_other(describe_difference=lambda loss, runs: np.ptp(runs) > 0.1 * loss[0]),
            "Runs that end alike are not different, whatever they did before: how far apart are their ends?",
        ),
        "runs first": Mistake(runs_first, "Runs that all diverge end at different losses: which row comes first?"),
        "fall before jitter": Mistake(
            falls_first, "A loss that jumps may fall at the same time: which row comes first?"
        ),
        "another name": Mistake(
            lambda train_loss, val_loss=None, runs=None: verdict_of(train_loss, val_loss, runs).replace(
                "stopped early", "stopped before convergence"
            ),
            "Use the six names of the table, letter by letter.",
        ),
        "a number": Mistake(
            lambda train_loss, val_loss=None, runs=None: NAMES.index(verdict_of(train_loss, val_loss, runs)),
            "Return the name of the issue, not its number.",
        ),
        "a list": Mistake(
            lambda train_loss, val_loss=None, runs=None: [verdict_of(train_loss, val_loss, runs)],
            "Return a single name, not a list.",
        ),
    },
    variants={
        "other thresholds": with_other(
            diverged=lambda loss: not np.isfinite(loss).all() or loss[-1] > 2.5 * loss[0],
            describe_difference=lambda loss, runs: np.ptp(runs[:, -1]) > 0.25 * loss[0],
            rises=lambda val: val[-1] > 1.45 * val.min(),
            jitters=lambda loss: np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.055 * loss[0],
            falls=lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.045 * loss[0],
        ),
        "thresholds at the other end": with_other(
            diverged=lambda loss: not np.isfinite(loss).all() or loss[-1] > 0.92 * loss[0],
            describe_difference=lambda loss, runs: np.ptp(runs[:, -1]) > 0.04 * loss[0],
            rises=lambda val: val[-1] > 1.12 * val.min(),
            jitters=lambda loss: np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.011 * loss[0],
            falls=lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.012 * loss[0],
        ),
        "slopes and deviations": with_slopes,
        "all questions at once": with_select,
        "plain Python": in_plain_python,
    },
)


# --- repairs ----------------------------------------------------------------------------------------------------


def settings_with(patient, value):
    """The patient's settings with some of them replaced, or in words what is wrong with the new ones."""
    if not isinstance(value, dict):
        return 'answer with a dict, such as {"num_steps": 50}'
    settings = dict(PATIENTS[patient])
    for name, new in value.items():
        if name not in settings:
            return f"patient {patient} has no setting {str(name)[:40]!r}, only {', '.join(settings)}"
        new = new.item() if isinstance(new, np.ndarray | np.generic) and new.size == 1 else new
        if type(new) not in (int, float):
            return f"{name} is not a number"
        low, high = LIMITS[name]
        if not low <= new <= high:  # nan is neither
            return f"{name} must lie between {low:g} and {high:g}"
        if name not in ("lr", "feature_scale") and new != int(new):
            return f"{name} must be a whole number"
        settings[name] = new if name in ("lr", "feature_scale") else int(new)
    return settings


@functools.cache
def lowest_on_the_circle():
    X, y = circle()
    return float(np.mean((X @ np.linalg.lstsq(X, y)[0] - y) ** 2))


@functools.cache
def lowest_of_patient_D():
    return float(train_many(**PATIENTS["D"])[1].min())


TOLERANCE = 1.001  # another machine may round otherwise


def stays_low(**settings):
    loss = train_circle(**settings)
    last_quarter = loss[len(loss) * 3 // 4 :]
    if np.all(last_quarter <= 1.1 * TOLERANCE * lowest_on_the_circle()):
        return None
    return "in its last quarter the loss is not yet, or not always, within 10 % of the smallest possible one"


def ends_low(**settings):
    val_loss = train_many(**settings)[1]
    if val_loss[-1] <= 1.05 * TOLERANCE * lowest_of_patient_D():
        return None
    return "the validation loss does not end within 5 % of the patient's lowest"


def ends_alike(**settings):
    ends = train_xor(**settings)[:, -1]
    failed = np.sum(~(ends <= 0.05 * TOLERANCE))
    return f"{failed} of the 30 runs do not end below 0.05" if failed else None


@functools.lru_cache(maxsize=1024)
def rerun(criterion, settings):
    """What is wrong with a patient under these settings. A class has few of them."""
    with np.errstate(all="ignore"):
        return criterion(**dict(settings))


def cures(patient, criterion):
    """The property that a patient, trained again with the student's settings, meets the criterion."""

    def holds(_, value):
        settings = settings_with(patient, value)
        return settings if isinstance(settings, str) else rerun(criterion, tuple(settings.items()))

    return holds


def repair(name, patient, criterion, reference, hint, mistakes, variants):
    """A dict of settings to change. Any that meet the criterion pass: the training is run again to see."""
    rule = Rule(f"patient {patient} is cured", 1, hint=hint, check=cures(patient, criterion))
    mistakes = {
        "unchanged": Mistake({}, "These are the patient's own settings."),
        "endless": Mistake({"num_steps": 10**9}, "There is a limit to every setting: see the table."),
        "steps backwards": Mistake({"num_steps": -100}, "A number of steps is positive."),
        "uphill": Mistake({"lr": -0.1}, "With a negative learning rate it walks uphill."),
        "a text": Mistake({"lr": "0.1"}, "Numbers have no quotation marks."),
        "a pair": Mistake(("lr", 0.1), 'Write a dict: {"lr": 0.1}.'),
        "a number": Mistake(0.1, "A dict says which setting the number is for."),
        "nan": Mistake({"lr": math.nan}),
        "another patient's": Mistake({"seed": 1}, "The seed is no setting here: a cure must not depend on it."),
        "half a step": Mistake({"num_steps": 50.5}, "Steps come in whole numbers."),
        "yes": Mistake({"lr": True}),
        "nothing": Mistake(None),
    } | {label: Mistake(*mistake) for label, mistake in mistakes.items()}
    return Exercise(name, ISSUES, reference, (rule,), mistakes, variants)


fix_A = repair(
    "fix_A",
    "A",
    stays_low,
    {"lr": 0.02},
    "What makes the steps of SGD noisy, and what makes them long?",
    {
        "more steps": ({"num_steps": 10_000}, "It jumps for as long as it runs."),
        "a little slower": ({"lr": 0.5}, "It still jumps, half as far."),
        "slow, but not slow enough": ({"lr": 0.1}, "Better: now compare the largest losses with the smallest."),
        "too slow": ({"lr": 1e-4}, "Now it is calm because it hardly moves."),
        "two examples": ({"batch_size": 2}, "Two examples are calmer than one, but not calm."),
        "larger features": ({"feature_scale": 10}, "Larger features make the steps longer."),
    },
    {
        "all examples": {"batch_size": 200},
        "a large batch": {"batch_size": 100},
        "some of both": {"batch_size": 16, "lr": 0.1},
        "slow and long": {"lr": 0.005, "num_steps": 4000},
        "as NumPy has them": {"lr": np.float64(0.05), "batch_size": np.int64(20)},
        "whole floats": {"batch_size": 200.0},
    },
)

fix_B = repair(
    "fix_B",
    "B",
    ends_alike,
    {"hidden": 8},
    "What do the runs that get stuck lack?",
    {
        "more steps": ({"num_steps": 10_000}, "The stuck runs stay where they are: they are in a minimum."),
        "smaller steps": ({"lr": 0.02, "num_steps": 2000}, "Smaller steps lead into the same minima."),
        "one more unit": ({"hidden": 3}, "Fewer runs are stuck now, but some are."),
        "two more units": ({"hidden": 4}, "Nearly: count the runs that are stuck."),
        "one unit": ({"hidden": 1}, "Now all runs are alike: all of them fail."),
        "no time": ({"hidden": 8, "num_steps": 5}, "Enough units, but not enough steps."),
        "too fast": ({"hidden": 16, "lr": 10.0}, "With this learning rate the runs diverge."),
    },
    {
        "ten": {"hidden": 10},
        "twelve": {"hidden": 12, "num_steps": 500},
        "many, slowly": {"hidden": 32, "lr": 0.02, "num_steps": 2000},
        "sixteen": {"hidden": np.int64(16), "lr": 0.05},
    },
)

fix_C = repair(
    "fix_C",
    "C",
    stays_low,
    {"lr": 1e-5},
    "The gradient of a feature that is 100 times larger is how much larger, and where is the minimum now?",
    {
        "a tenth": ({"lr": 0.01}, "It takes more than a factor of 10: how does the gradient grow with the features?"),
        "a hundredth": ({"lr": 0.001}, "Features 100 times larger: once through X, once through the error."),
        "far too slow": ({"lr": 1e-8}, "It does not diverge any more, and does not learn either."),
        "fewer steps": ({"num_steps": 5}, "It diverges from the first step: stopping earlier hides it."),
        "more steps": ({"num_steps": 1000}, "What has diverged does not come back."),
        "one example": ({"batch_size": 1}, "Smaller batches are noisier, their steps are no shorter."),
        "tiny features": ({"feature_scale": 0.001}, "Now the features are too small to learn from at this rate."),
        "larger features": ({"feature_scale": 200}, "The other way."),
    },
    {
        "scaled": {"feature_scale": 1},
        "both": {"feature_scale": 10, "lr": 0.001},
        "larger rate": {"lr": 1e-4},
        "scaled to length 1": {"feature_scale": 1.25, "num_steps": 200},
        "one at a time": {"lr": 1e-6, "batch_size": 1, "num_steps": 5000},
    },
)

fix_D = repair(
    "fix_D",
    "D",
    ends_low,
    {"num_train": 400},
    "Look at the validation loss: where is it lowest, and what moves the whole curve?",
    {
        "more steps": ({"num_steps": 3000}, "The longer it trains, the better it knows the 40 examples by heart."),
        "a little shorter": ({"num_steps": 100}, "Still far past the lowest validation loss."),
        "one step": ({"num_steps": 1}, "Now it stops before it has learned much."),
        "faster": ({"lr": 0.1}, "A higher learning rate gets to the same place sooner."),
        "too slow": ({"lr": 1e-5}, "Now it hardly moves away from its start."),
        "few more examples": ({"num_train": 60}, "As many examples as features: the worst of all places."),
        "fewer examples": ({"num_train": 20}, "With fewer examples there is less to learn from."),
        "ten times the data": ({"num_train": 40_000}, "There are 400 examples at most."),
    },
    {
        "stopped in time": {"num_steps": 8},
        "half of them": {"num_train": 200},
        "slower": {"lr": 0.0015},
        "ten steps": {"num_steps": 10},
        "two of three": {"num_train": 300, "num_steps": 50},
    },
)

fix_E = repair(
    "fix_E",
    "E",
    stays_low,
    {"lr": 0.1},
    "How far does it get in a step, and how many steps are there?",
    {
        "a few more steps": ({"num_steps": 1000}, "Further, but still on its way."),
        "twice the rate": ({"lr": 0.002}, "Further, but still on its way."),
        "too fast": ({"lr": 10.0}, "Now it diverges."),
        "one example": ({"batch_size": 1}, "Smaller batches do not get further in the same number of updates."),
        "smaller features": ({"feature_scale": 0.1}, "Smaller features make smaller steps."),
        "larger features only": ({"feature_scale": 2}, "Further, but not there yet."),
        "fewer steps": ({"num_steps": 100}, "It needs more time, not less."),
    },
    {
        "more steps": {"num_steps": 10_000},
        "some of both": {"lr": 0.01, "num_steps": 1000},
        "a large rate": {"lr": 1.0},
        "larger features": {"feature_scale": 10},
        "larger batches change nothing": {"lr": 0.05, "batch_size": 100, "num_steps": 1000},
    },
)


# --- early_stopping_epoch(val, patience) ------------------------------------------------------------------------


def dips(rng):
    """Fall to a lowest loss, then stay above it until the patience is over."""
    for patience in (3, 5):
        best = int(rng.integers(patience + 2, 12))
        down = np.sort(rng.uniform(0.5, 2, best))[::-1]
        yield case(
            np.concatenate([down, [0.4], rng.uniform(0.5, 2, 8)]), patience, about="a loss that falls, then rises"
        )
    down = np.sort(rng.uniform(0.5, 2, 7))[::-1]
    yield case(down, 4, about="a loss that falls to the end")
    yield case(np.append(down, rng.uniform(2, 3, 2)), 4, about="a loss that ends before the patience is over")
    yield case(np.append(down[:4], [3.0, 2.5, 2.2, 0.3, 2.1]), 6, about="a bump that the patience outlasts")


def later_minima(rng):
    for patience in (2, 4):
        down = np.sort(rng.uniform(1, 2, int(rng.integers(2, 6))))[::-1]
        bump = rng.uniform(2, 3, patience)
        what = "a better loss just {} the patience is over"
        yield case(np.concatenate([down, bump, [0.5, 0.4]]), patience, about=what.format("after"))
        yield case(np.concatenate([down, bump[1:], [0.5], bump]), patience, about=what.format("before"))
        twice = np.concatenate([down, bump[1:], [0.5], bump[1:], [0.3]])
        yield case(twice, patience, about=what.format("before, twice"))
    down = np.sort(rng.uniform(1, 2, 4))[::-1]
    creeping = np.concatenate([down, [2.9, 2.8, 2.7, 2.6], [0.1]])
    yield case(creeping, 3, about="a loss that falls again, but not below the best so far")
    pairs = np.ravel(np.column_stack([np.linspace(2, 1, 5), rng.uniform(2, 3, 5)]))
    yield case(pairs, 2, about="a loss that improves every other epoch")


def edges(rng):
    yield case(np.array([3.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]), 5, about="the lowest loss three times")
    yield case(np.array([3.0, 1.0, 1.0, 1.0, 0.5]), 2, about="a loss that stays exactly the same")
    yield case(np.array([2.0, 1.0, np.nan, 0.8, np.nan, np.nan, 0.5, 0.4]), 2, about="nan between the losses")
    yield case(rng.uniform(1, 2, 1), 2, about="a single epoch")
    yield case(1 - 2.0**-50 * np.arange(6), 2, about="tiny improvements")
    yield case(1e200 * np.array([5.0, 3, 4, 2, 6]), 3, about="enormous losses")
    yield case(np.array([2.0, 3.0, 1.0]), 1, about="patience 1")
    yield case(np.array([5, 4, 3, 4, 4, 2]), 4, about="integers")
    yield case(np.array([2, 1.5, np.nan, 1.7, 1.4, 1.8], dtype=np.float32), 10, about="float32, nan and long patience")


def stop_early(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def last_seen(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch
    return len(val) - 1


def last_of_ties(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] <= val[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def begins_at_a_thousand(val, patience):
    best, lowest, waited = 0, 1000.0, 0
    for epoch, loss in enumerate(val):
        if loss < lowest:
            best, lowest, waited = epoch, loss, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return best


def rises_in_a_row(val, patience):
    best, rises = 0, 0
    for epoch in range(1, len(val)):
        best = epoch if val[epoch] < val[best] else best
        rises = 0 if val[epoch] < val[epoch - 1] else rises + 1
        if rises >= patience:
            break
    return best


def rises_in_all(val, patience):
    best, rises = 0, 0
    for epoch in range(1, len(val)):
        if val[epoch] < val[best]:
            best = epoch
        else:
            rises += 1
        if rises >= patience:
            break
    return best


def with_another_count(val, patience, counted):
    """With a counter of epochs without improvement, which ``counted(waited, loss, lowest)`` raises, or not."""
    best, waited = 0, 0
    for epoch in range(1, len(val)):
        if val[epoch] < val[best]:
            best, waited = epoch, 0
        else:
            waited = counted(waited, val[epoch], val[best])
        if waited >= patience:
            break
    return best


def before_the_first_rise(val, patience):
    epoch = 0
    while epoch + 1 < len(val) and val[epoch + 1] < val[epoch]:
        epoch += 1
    return epoch


def end_minus_patience(val, patience):
    return max(last_seen(val, patience) - patience, 0)


def raises_if_never_stopped(val, patience):
    best = stop_early(val, patience)
    return best if last_seen(val, patience) - best >= patience else None


def nan_is_best(val, patience):
    return int(np.argmin(val[: last_seen(val, patience) + 1]))


def with_counter(val, patience):
    best, best_loss, waited = 0, float("inf"), 0
    for epoch, loss in enumerate(val):
        if loss < best_loss:
            best, best_loss, waited = epoch, loss, 0
        else:
            waited += 1
            if waited == patience:
                return best
    return best


def with_windows(val, patience):
    val = np.where(np.isnan(val), np.inf, np.asarray(val, dtype=float))
    for epoch in range(len(val)):
        ahead = val[epoch + 1 : epoch + 1 + patience]
        if not (ahead < val[: epoch + 1].min()).any():
            return int(np.argmin(val[: epoch + 1]))


def with_running_minimum(val, patience):
    lowest = np.fmin.accumulate(np.asarray(val, dtype=float))
    improved = np.append(True, lowest[1:] < lowest[:-1])
    when = np.flatnonzero(improved)
    long = np.flatnonzero(np.diff(when) > patience)
    return when[long[0]] if len(long) else when[-1]


def recursively(val, patience, epoch=0, best=0):
    if epoch == len(val) or epoch - best > patience:
        return best
    return recursively(val, patience, epoch + 1, epoch if val[epoch] < val[best] else best)


early_stopping_epoch = Exercise(
    signature="early_stopping_epoch(val, patience)",
    slide=ISSUES,
    reference=stop_early,
    rules=(
        Rule("the best epoch", 1, dips, "Which epoch's weights would you keep?"),
        Rule("patience", 1, later_minima, "Count, on paper, the epochs since the best one. When do you stop looking?"),
        Rule(
            "ties, nan and other edges",
            1,
            edges,
            "Better means lower: is an equal loss better? Is nan?",
            mutation="none",
        ),
    ),
    mistakes={
        "lowest of all": Mistake(
            lambda val, patience: int(np.nanargmin(val)), "It looks at epochs that never ran: training had stopped."
        ),
        "lowest of all, with nan": Mistake(
            lambda val, patience: int(np.argmin(val)), "It looks at all epochs, and np.argmin takes nan for the lowest."
        ),
        "a least improvement": Mistake(
            lambda val, patience: stop_early(np.round(val, 6), patience),
            "It overlooks tiny improvements: a loss below the best so far is an improvement, however small.",
        ),
        "begins at 1000": Mistake(
            begins_at_a_thousand, "Its best loss begins at some number: losses may be larger than that."
        ),
        "where it stops": Mistake(last_seen, "That is the last epoch that ran, not the best one."),
        "one epoch too patient": Mistake(
            lambda val, patience: stop_early(val, patience + 1), "It waits one epoch longer than the patience says."
        ),
        "one epoch too impatient": Mistake(
            lambda val, patience: stop_early(val, patience - 1), "It gives up one epoch before the patience is over."
        ),
        "counted from 1": Mistake(lambda val, patience: stop_early(val, patience) + 1, "Epochs count from 0."),
        "the loss": Mistake(
            lambda val, patience: val[stop_early(val, patience)], "That is the lowest loss: the epoch is asked for."
        ),
        "last of ties": Mistake(last_of_ties, "An equal loss is no improvement: the first of them counts."),
        "a tie is good enough": Mistake(
            lambda val, patience: with_another_count(
                val, patience, lambda waited, loss, lowest: 0 if loss == lowest else waited + 1
            ),
            "An equal loss is no improvement: it counts against the patience.",
        ),
        "nan does not count": Mistake(
            lambda val, patience: with_another_count(
                val, patience, lambda waited, loss, lowest: waited if np.isnan(loss) else waited + 1
            ),
            "An epoch whose loss is nan is an epoch without improvement: it counts against the patience.",
        ),
        "compares with the epoch before": Mistake(
            rises_in_a_row, "It counts rises from epoch to epoch: compare with the best loss so far."
        ),
        "never starts anew": Mistake(
            rises_in_all, "It adds up all epochs without improvement: an improvement resets the count."
        ),
        "first rise": Mistake(before_the_first_rise, "It stops at the first rise whatever the patience."),
        "end minus patience": Mistake(
            end_minus_patience, "If training ends before the patience is over, the best epoch is elsewhere."
        ),
        "nothing without a stop": Mistake(
            raises_if_never_stopped, "It returns nothing if the patience never runs out."
        ),
        "nan is lowest": Mistake(
            nan_is_best,
            "A loss that is nan is no improvement. (np.argmin takes it for the lowest.)",
        ),
        "highest": Mistake(lambda val, patience: int(np.nanargmax(val)), "That is the worst epoch."),
        "the last": Mistake(lambda val, patience: len(val) - 1, "That is the last epoch."),
    },
    variants={
        "break": stop_early,
        "counter": with_counter,
        "windows": with_windows,
        "running minimum": with_running_minimum,
        "recursive": recursively,
        "np.int64": lambda val, patience: np.int64(stop_early(val, patience)),
        "as a float array": lambda val, patience: np.array(stop_early(list(val), patience)),
    },
    forbids=("keras", "tensorflow", "torch", "lightning", "pytorch_lightning"),
)


# --- questions --------------------------------------------------------------------------------------------------

issues_quiz = choose_all("issues_quiz", "bdf", "abcdef", points=2, slide=ISSUES)
