"""Answers to the exercises of flat_minima."""

import math

import numpy as np

from .common import ce_each, right, sm, wrong

# --- sharpness


def _directions(theta, rng, num_dirs, draw=lambda rng, shape: rng.normal(size=shape)):
    for _ in range(num_dirs):
        U = [draw(rng, A.shape) for A in theta]
        length = np.sqrt(sum((u**2).sum() for u in U))
        yield [u / length for u in U]


def _rises(loss_fn, theta, radius, rng, num_dirs, **draw):
    base = loss_fn(theta)
    return np.array(
        [
            loss_fn([A + radius * u for A, u in zip(theta, U, strict=True)]) - base
            for U in _directions(theta, rng, num_dirs, **draw)
        ]
    )


def _sharp(change, **draw):
    return lambda loss_fn, theta, radius, rng, num_dirs: change(_rises(loss_fn, theta, radius, rng, num_dirs, **draw))


wrong("sharpness", "uniform numbers prefer the corners")(
    _sharp(np.mean, draw=lambda rng, shape: rng.uniform(-1, 1, size=shape))
)
wrong("sharpness", "positive directions only")(_sharp(np.mean, draw=lambda rng, shape: np.abs(rng.normal(size=shape))))
wrong("sharpness", "signs only")(_sharp(np.mean, draw=lambda rng, shape: rng.choice([-1.0, 1.0], size=shape)))
wrong("sharpness", "normal numbers around 0.5")(_sharp(np.mean, draw=lambda rng, shape: rng.normal(0.5, size=shape)))
wrong("sharpness", "Cauchy numbers prefer the axes")(
    _sharp(np.mean, draw=lambda rng, shape: rng.standard_cauchy(size=shape))
)
wrong("sharpness", "absolute rises")(_sharp(lambda r: np.mean(np.abs(r))))
wrong("sharpness", "falls count as 0")(_sharp(lambda r: np.mean(np.maximum(r, 0))))
wrong("sharpness", "the largest rise")(_sharp(np.max))
wrong("sharpness", "the median")(_sharp(np.median))
wrong("sharpness", "the sum")(_sharp(np.sum))
wrong("sharpness", "one direction more")(
    lambda loss_fn, theta, radius, rng, num_dirs: np.mean(_rises(loss_fn, theta, radius, rng, num_dirs + 1))
)
wrong("sharpness", "the mean loss, not the rise")(
    lambda loss_fn, theta, radius, rng, num_dirs: (
        np.mean(_rises(loss_fn, theta, radius, rng, num_dirs)) + loss_fn(theta)
    )
)
wrong("sharpness", "relative to the loss")(
    lambda loss_fn, theta, radius, rng, num_dirs: (
        np.mean(_rises(loss_fn, theta, radius, rng, num_dirs)) / abs(loss_fn(theta))
    )
)
wrong("sharpness", "one direction for all")(
    lambda loss_fn, theta, radius, rng, num_dirs: np.mean(np.repeat(_rises(loss_fn, theta, radius, rng, 1), num_dirs))
)


@wrong("sharpness", "pairs of opposite directions")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for U in _directions(theta, rng, -(-num_dirs // 2)):
        for sign in (1, -1):
            rises.append(loss_fn([A + sign * radius * u for A, u in zip(theta, U, strict=True)]) - base)
    return np.mean(rises[:num_dirs])


@wrong("sharpness", "each array has a direction of its own length")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for _ in range(num_dirs):
        U = [rng.normal(size=A.shape) for A in theta]
        rises.append(loss_fn([A + radius * u / np.linalg.norm(u) for A, u in zip(theta, U, strict=True)]) - base)
    return np.mean(rises)


@wrong("sharpness", "divided by the root of d instead of its length")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, d = loss_fn(theta), sum(A.size for A in theta)
    return np.mean(
        [loss_fn([A + radius * rng.normal(size=A.shape) / np.sqrt(d) for A in theta]) - base for _ in range(num_dirs)]
    )


@wrong("sharpness", "a uniform distance up to the radius")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for U in _directions(theta, rng, num_dirs):
        r = radius * rng.random()
        rises.append(loss_fn([A + r * u for A, u in zip(theta, U, strict=True)]) - base)
    return np.mean(rises)


@wrong("sharpness", "only the first array is moved")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for U in _directions(theta[:1], rng, num_dirs):
        rises.append(loss_fn([theta[0] + radius * U[0], *theta[1:]]) - base)
    return np.mean(rises)


@wrong("sharpness", "a generator of its own")
def _(loss_fn, theta, radius, rng, num_dirs):
    return np.mean(_rises(loss_fn, theta, radius, np.random.default_rng(0), num_dirs))


@wrong("sharpness", "walks on from point to point")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, here, rises = loss_fn(theta), theta, []
    for U in _directions(theta, rng, num_dirs):
        here = [A + radius * u for A, u in zip(here, U, strict=True)]
        rises.append(loss_fn(here) - base)
    return np.mean(rises)


@wrong("sharpness", "moves theta in place and back, with rounding left")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for U in _directions(theta, rng, num_dirs):
        for A, u in zip(theta, U, strict=True):
            A += radius * u
        rises.append(loss_fn(theta) - base)
        for A, u in zip(theta, U, strict=True):
            A -= radius * u
    return np.mean(rises)


@wrong("sharpness", "the same numbers in every array of a direction")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for _ in range(num_dirs):
        numbers = rng.normal(size=max(A.size for A in theta))
        U = [numbers[: A.size].reshape(A.shape) for A in theta]
        length = np.sqrt(sum((u**2).sum() for u in U))
        rises.append(loss_fn([A + radius * u / length for A, u in zip(theta, U, strict=True)]) - base)
    return np.mean(rises)


right("sharpness", "list comprehension")(_sharp(np.mean))


@right("sharpness", "one long vector")
def _(loss_fn, theta, radius, rng, num_dirs):
    sizes, total = [A.size for A in theta], 0.0
    for _ in range(num_dirs):
        u = rng.standard_normal(sum(sizes))
        parts = np.split(radius * u / np.linalg.norm(u), np.cumsum(sizes)[:-1])
        total += loss_fn([A + p.reshape(A.shape) for A, p in zip(theta, parts, strict=True)])
    return total / num_dirs - loss_fn(theta)


@right("sharpness", "all directions drawn first")
def _(loss_fn, theta, radius, rng, num_dirs):
    U = [rng.normal(size=(num_dirs, *A.shape)) for A in theta]
    lengths = np.sqrt(sum((u.reshape(num_dirs, -1) ** 2).sum(axis=1) for u in U))
    losses = [loss_fn([A + radius * u[k] / lengths[k] for A, u in zip(theta, U, strict=True)]) for k in range(num_dirs)]
    return float(np.mean(losses) - loss_fn(theta))


@right("sharpness", "subtracts the base each time, calls it each time")
def _(loss_fn, theta, radius, rng, num_dirs):
    return sum(
        (loss_fn([A + radius * u for A, u in zip(theta, U, strict=True)]) - loss_fn(theta)) / num_dirs
        for U in _directions(theta, rng, num_dirs)
    )


# --- loss_head


def _head(Z, labels):
    return np.mean(ce_each(Z, labels)), (sm(np.asarray(Z, float)) - np.eye(Z.shape[1])[labels]) / len(Z)


wrong("loss_head", "1/B forgotten in dZ")(lambda Z, labels: (_head(Z, labels)[0], len(Z) * _head(Z, labels)[1]))
wrong("loss_head", "sum")(lambda Z, labels: tuple(len(Z) * part for part in _head(Z, labels)))
wrong("loss_head", "1/K in dZ")(lambda Z, labels: (_head(Z, labels)[0], _head(Z, labels)[1] / Z.shape[1]))
wrong("loss_head", "Y - P")(lambda Z, labels: (_head(Z, labels)[0], -_head(Z, labels)[1]))
wrong("loss_head", "log of clipped probabilities")(
    lambda Z, labels: (-np.mean(np.log(np.maximum(sm(Z), 1e-12)[np.arange(len(Z)), labels])), _head(Z, labels)[1])
)
wrong("loss_head", "softmax over the batch")(
    lambda Z, labels: (_head(Z, labels)[0], (sm(Z.T * 1.0).T - np.eye(Z.shape[1])[labels]) / len(Z))
)
wrong("loss_head", "float32 input gives the float16 loss")(
    lambda Z, labels: (lambda a, b: (np.float64(np.float16(a)), b) if Z.dtype == np.float32 else (a, b))(
        *_head(Z, labels)
    )
)
wrong("loss_head", "swapped")(lambda Z, labels: _head(Z, labels)[::-1])
wrong("loss_head", "the mean over classes present only")(
    lambda Z, labels: (_head(Z, labels)[0], _head(Z, labels)[1] * np.isin(np.arange(Z.shape[1]), labels))
)
wrong("loss_head", "dZ only at the true class")(
    lambda Z, labels: (_head(Z, labels)[0], _head(Z, labels)[1] * np.eye(Z.shape[1])[labels])
)
wrong("loss_head", "one shift for the whole batch")(
    lambda Z, labels: (
        np.mean(np.log(np.exp(Z - Z.max()).sum(axis=1)) + Z.max() - Z[np.arange(len(Z)), labels]),
        (np.exp(Z - Z.max()) / np.exp(Z - Z.max()).sum(axis=1, keepdims=True) - np.eye(Z.shape[1])[labels]) / len(Z),
    )
)


@wrong("loss_head", "shifts Z in place")
def _(Z, labels):
    if Z.dtype.kind == "f":
        Z -= Z.max(axis=1, keepdims=True)
    return _head(Z, labels)


@wrong("loss_head", "dZ has the dtype of Z, integers too")
def _(Z, labels):
    dZ = np.zeros_like(Z)
    dZ[...] = _head(Z, labels)[1]
    return _head(Z, labels)[0], dZ


@wrong("loss_head", "probabilities below 1e-6 are set to 0")
def _(Z, labels):
    P = np.where(sm(Z) < 1e-6, 0, sm(Z))
    return _head(Z, labels)[0], (P - np.eye(Z.shape[1])[labels]) / len(Z)


@right("loss_head", "shared exponentials")
def _(Z, labels):
    n = len(Z)
    S = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(S)
    total = E.sum(axis=1)
    dZ = E / total[:, None]
    dZ[np.arange(n), labels] -= 1
    return (np.log(total) - S[np.arange(n), labels]).mean(), dZ / n


right("loss_head", "one-hot")(_head)
right("loss_head", "a list of two, a Python float")(lambda Z, labels: [float(_head(Z, labels)[0]), _head(Z, labels)[1]])


@right("loss_head", "log probabilities")
def _(Z, labels):
    log_p = Z - np.logaddexp.reduce(np.asarray(Z, dtype=float), axis=1, keepdims=True)
    Y = (labels[:, None] == np.arange(Z.shape[1])).astype(float)
    return -(log_p * Y).sum() / len(Z), (np.exp(log_p) - Y) / len(Z)


# --- interpolate, interpolation_curve, is_monotone_decreasing

wrong("interpolate", "ends swapped")(
    lambda theta0, thetaf, alpha: [alpha * A + (1 - alpha) * B for A, B in zip(theta0, thetaf, strict=True)]
)
wrong("interpolate", "alpha clipped to 0 and 1")(
    lambda theta0, thetaf, alpha: [A + min(max(alpha, 0), 1) * (B - A) for A, B in zip(theta0, thetaf, strict=True)]
)
wrong("interpolate", "alpha clipped to -0.25 and 1.25")(
    lambda theta0, thetaf, alpha: [
        A + min(max(alpha, -0.25), 1.25) * (B - A) for A, B in zip(theta0, thetaf, strict=True)
    ]
)
wrong("interpolate", "the ends are returned themselves")(
    lambda theta0, thetaf, alpha: (
        list(theta0)
        if alpha == 0
        else list(thetaf)
        if alpha == 1
        else [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]
    )
)
wrong("interpolate", "isclose to the ends returns copies of them")(
    lambda theta0, thetaf, alpha: (
        [A.copy() for A in theta0]
        if np.isclose(alpha, 0, atol=1e-2)
        else [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]
    )
)
wrong("interpolate", "matrices only")(
    lambda theta0, thetaf, alpha: [
        (1 - alpha) * A + alpha * B if np.ndim(A) > 1 else A.copy() for A, B in zip(theta0, thetaf, strict=True)
    ]
)
wrong("interpolate", "one long vector")(
    lambda theta0, thetaf, alpha: np.concatenate(
        [((1 - alpha) * A + alpha * B).ravel() for A, B in zip(theta0, thetaf, strict=True)]
    )
)
wrong("interpolate", "in place")(lambda theta0, thetaf, alpha: _walk(theta0, thetaf, alpha))
wrong("interpolate", "spherical")(
    lambda theta0, thetaf, alpha: [
        np.sqrt(abs(1 - alpha)) * A + np.sqrt(abs(alpha)) * B for A, B in zip(theta0, thetaf, strict=True)
    ]
)
wrong("interpolate", "single precision")(
    lambda theta0, thetaf, alpha: [
        ((1 - alpha) * A + alpha * B).astype(np.float32).astype(float) for A, B in zip(theta0, thetaf, strict=True)
    ]
)
wrong("interpolate", "the first array for all shapes alike")(
    lambda theta0, thetaf, alpha: (
        [(1 - alpha) * theta0[0] + alpha * thetaf[0]]
        + [(1 - alpha) * A + alpha * A for A, _ in zip(theta0[1:], thetaf[1:], strict=True)]
    )
)


def _walk(theta0, thetaf, alpha):
    for A, B in zip(theta0, thetaf, strict=True):
        A += alpha * (B - A)
    return theta0


right("interpolate", "two weights")(
    lambda theta0, thetaf, alpha: [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]
)
right("interpolate", "start plus difference")(
    lambda theta0, thetaf, alpha: [A + alpha * (B - A) for A, B in zip(theta0, thetaf, strict=True)]
)
right("interpolate", "in place on copies, by index")(
    lambda theta0, thetaf, alpha: _walk([A.copy() for A in theta0], thetaf, alpha)
)
right("interpolate", "a tuple of arrays")(
    lambda theta0, thetaf, alpha: list(map(lambda A, B: np.add((1 - alpha) * A, alpha * B), theta0, thetaf))
)


def _curve(loss_fn, theta0, thetaf, alphas):
    return np.array(
        [loss_fn([(1 - a) * A + a * B for A, B in zip(theta0, thetaf, strict=True)]) for a in alphas], dtype=float
    )


wrong("interpolation_curve", "the line between two losses")(
    lambda loss_fn, theta0, thetaf, alphas: (
        (1 - np.asarray(alphas)) * loss_fn(theta0) + np.asarray(alphas) * loss_fn(thetaf)
    )
)
wrong("interpolation_curve", "sorted alphas")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, np.sort(alphas))
)
wrong("interpolation_curve", "sorts the caller's alphas in place")(
    lambda loss_fn, theta0, thetaf, alphas: (alphas.sort(), _curve(loss_fn, theta0, thetaf, alphas))[1]
)
wrong("interpolation_curve", "evenly spaced from 0 to 1")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, np.linspace(0, 1, len(alphas)))
)
wrong("interpolation_curve", "evenly spaced from the smallest to the largest")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(
        loss_fn, theta0, thetaf, np.linspace(np.min(alphas), np.max(alphas), len(alphas))
    )
)
wrong("interpolation_curve", "a list")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, alphas).tolist()
)
wrong("interpolation_curve", "clipped to the segment")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, np.clip(alphas, 0, 1))
)
wrong("interpolation_curve", "swapped ends")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, thetaf, theta0, alphas)
)
wrong("interpolation_curve", "integers")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, alphas).astype(int)
)
wrong("interpolation_curve", "the running minimum")(
    lambda loss_fn, theta0, thetaf, alphas: np.minimum.accumulate(_curve(loss_fn, theta0, thetaf, alphas))
)
wrong("interpolation_curve", "duplicates once")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, dict.fromkeys(np.asarray(alphas).tolist()))
)
wrong("interpolation_curve", "theta0 moves along")(
    lambda loss_fn, theta0, thetaf, alphas: np.array([loss_fn(_walk(theta0, thetaf, a)) for a in alphas])
)
right("interpolation_curve", "comprehension")(_curve)
right("interpolation_curve", "a table to fill")(
    lambda loss_fn, theta0, thetaf, alphas: _filled(loss_fn, theta0, thetaf, alphas)
)
right("interpolation_curve", "np.fromiter")(
    lambda loss_fn, theta0, thetaf, alphas: np.fromiter(
        (loss_fn([A + a * (B - A) for A, B in zip(theta0, thetaf, strict=True)]) for a in alphas), float
    )
)
right("interpolation_curve", "computes differences once, in reverse order")(
    lambda loss_fn, theta0, thetaf, alphas: np.array(
        [
            loss_fn(
                [A + a * D for A, D in zip(theta0, [B - A for A, B in zip(theta0, thetaf, strict=True)], strict=True)]
            )
            for a in list(alphas)[::-1]
        ]
    )[::-1]
)


def _filled(loss_fn, theta0, thetaf, alphas):
    losses = np.empty(len(alphas))
    for i in range(len(alphas)):
        losses[i] = loss_fn([(1 - alphas[i]) * A + alphas[i] * B for A, B in zip(theta0, thetaf, strict=True)])
    return losses


wrong("is_monotone_decreasing", "neighbours")(lambda v, tol: bool(np.all(np.diff(v) <= tol)))
wrong("is_monotone_decreasing", "none is too high: nan passes")(
    lambda v, tol: not np.any(v > np.minimum.accumulate(v) + tol)
)
wrong("is_monotone_decreasing", "nanmin ignores nan")(
    lambda v, tol: bool(np.all((v := v[~np.isnan(v)]) <= np.minimum.accumulate(v) + tol))
)
wrong("is_monotone_decreasing", "strictly below")(
    lambda v, tol: bool(np.all(v < np.minimum.accumulate(v) + tol)) or len(v) == 1
)
wrong("is_monotone_decreasing", "ignores tol")(lambda v, tol: bool(np.all(v <= np.minimum.accumulate(v))))
wrong("is_monotone_decreasing", "tol relative to the height")(
    lambda v, tol: bool(np.all(v <= np.minimum.accumulate(v) * (1 + tol)))
)
wrong("is_monotone_decreasing", "last against first")(
    lambda v, tol: bool(v[-1] <= v[0] + tol and not np.isnan(v).any())
)
wrong("is_monotone_decreasing", "neighbours and two apart")(
    lambda v, tol: bool(np.all(np.diff(v) <= tol) and np.all(v[2:] - v[:-2] <= tol) and not np.isnan(v).any())
)
wrong("is_monotone_decreasing", "level is not falling")(
    lambda v, tol: bool(np.all(np.diff(v) < 0)) if tol == 0 else bool(np.all(v <= np.minimum.accumulate(v) + tol))
)
wrong("is_monotone_decreasing", "nan only at the ends")(
    lambda v, tol: bool(
        np.all(np.nan_to_num(v, nan=-np.inf)[1:] <= np.fmin.accumulate(v)[:-1] + tol) and not np.isnan(v[[0, -1]]).any()
    )
)
wrong("is_monotone_decreasing", "a single height of nan")(
    lambda v, tol: len(v) == 1 or bool(np.all(v <= np.minimum.accumulate(v) + tol))
)
wrong("is_monotone_decreasing", "compares with the first height only")(lambda v, tol: bool(np.all(v <= v[0] + tol)))
wrong("is_monotone_decreasing", "one more rounding: isclose")(
    lambda v, tol: bool(
        np.all((v <= np.minimum.accumulate(v) + tol) | np.isclose(v, np.minimum.accumulate(v) + tol, rtol=1e-3))
    )
)
wrong("is_monotone_decreasing", "inf or nan at once: isfinite")(
    lambda v, tol: bool(np.isfinite(v).all() and np.all(np.diff(v) <= tol))
)
right("is_monotone_decreasing", "minimum.accumulate")(lambda v, tol: bool(np.all(v <= np.minimum.accumulate(v) + tol)))
right("is_monotone_decreasing", "all pairs")(
    lambda v, tol: all(v[j] <= v[i] + tol for j in range(len(v)) for i in range(j + 1))
)
right("is_monotone_decreasing", "a loop with the lowest")(lambda v, tol: _falls(v, tol))
right("is_monotone_decreasing", "NumPy's boolean")(lambda v, tol: np.all(v <= np.minimum.accumulate(v) + tol))
wrong("is_monotone_decreasing", "largest difference: inf - inf is nan")(
    lambda v, tol: np.max(v - np.minimum.accumulate(v)) <= tol
)


def _falls(v, tol):
    lowest = v[0]
    for height in v:
        if math.isnan(height) or height > lowest + tol:
            return False
        lowest = min(lowest, height)
    return True
