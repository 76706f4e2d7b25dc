"""Answers to the exercises of flat_minima."""

import math

import numpy as np
from numpy import clip, exp, log, mean

from .common import IN_PLACE, SIGN, SWAP, hot, own, say, sm, wrong


def around(theta, radius, rng):
    u = [rng.normal(size=A.shape) for A in theta]
    length = math.sqrt(sum(np.sum(D**2) for D in u))
    return [A + radius / length * D for A, D in zip(theta, u, strict=True)]


@wrong(
    "sharpness",
    "each array is scaled to the radius by itself: all arrays together are one vector, with one length",
    r"(each|every|per) array|separate|all arrays|together|one (long )?vector|\bjoint|own length|by itself|of its own|array by array|single vector|sqrt|√",
)
def sharpness_each_array(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    for _ in range(num_dirs):
        u = [rng.normal(size=A.shape) for A in theta]
        moved = [A + radius * D / np.linalg.norm(D) for A, D in zip(theta, u, strict=True)]
        rises.append(loss_fn(moved) - loss_fn(theta))
    return float(np.mean(rises))


say(
    "sharpness",
    "this is the loss there, not its rise: subtract the loss at theta",
    r"minus|subtract|loss (at|of) (theta|θ|the (centre|center|start|place))|L\(θ\)|not (the|its|a|by how much).{0,10}(rise|rises)|(instead of|rather than) (the|its|a) rise"
    r"|\blevel|difference|absolute|loss itself|height",
    lambda loss_fn, theta, radius, rng, num_dirs: float(
        np.mean([loss_fn(around(theta, radius, rng)) for _ in range(num_dirs)])
    ),
)


@wrong(
    "sharpness",
    "uniform numbers prefer the corners of a cube: draw normal ones",
    r"uniform|normal (number|distrib|random)|rng\.normal|corner|cube|prefer|gauss|distribut|box",
)
def sharpness_uniform(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    for _ in range(num_dirs):
        u = [rng.uniform(-1, 1, size=A.shape) for A in theta]
        length = math.sqrt(sum(np.sum(D**2) for D in u))
        rises.append(loss_fn([A + radius / length * D for A, D in zip(theta, u, strict=True)]) - loss_fn(theta))
    return float(np.mean(rises))


@wrong(
    "sharpness",
    "the directions are not divided by their length, so it goes too far",
    r"normali|length|\bunit\b|divid|too far|norm\b|how far|farther|further|distance is|not (at )?(the |that )?(distance|radius)|instead of (the )?radius|times (the )?radius",
)
def sharpness_any_length(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    for _ in range(num_dirs):
        moved = [A + radius * rng.normal(size=A.shape) for A in theta]
        rises.append(loss_fn(moved) - loss_fn(theta))
    return float(np.mean(rises))


say(
    "sharpness",
    "the largest rise instead of the mean",
    r"max|largest|worst|highest|not the (mean|average)|(instead of|rather than) (the |their )?(mean|average)|steepest",
    lambda loss_fn, theta, radius, rng, num_dirs: float(
        max(loss_fn(around(theta, radius, rng)) for _ in range(num_dirs)) - loss_fn(theta)
    ),
)


@wrong(
    "sharpness",
    "one direction, drawn before the loop, serves all: draw a new one each time",
    r"same direction|\bonce\b|independent|(each|new|another|every|different) direction|num_dirs|outside|(one|a single|only one|only 1) direction|anew|redraw|again|before the loop",
)
def sharpness_one_direction(loss_fn, theta, radius, rng, num_dirs):
    moved = around(theta, radius, rng)
    return float(np.mean([loss_fn(moved) - loss_fn(theta) for _ in range(num_dirs)]))


def shifted_head(Z):
    Z = Z - Z.max(axis=1, keepdims=True)
    return Z, exp(Z), exp(Z).sum(axis=1, keepdims=True)


@wrong(
    "loss_head",
    "dZ belongs to the mean of the losses: divide it by B",
    r"divid|1 ?/ ?B|/ ?B\b|by B\b|batch size|B times|1 ?/ ?n|/ ?n\b|len\(|number of (rows|examples)|average|\bsums? (instead|rather|over|of|where|not)|a sum\b|not (a |the )?mean|instead of (a |the |their )?mean|mean is missing",
)
def loss_head_without_mean(Z, labels):
    shifted, E, total = shifted_head(Z)
    return mean(log(total[:, 0]) - own(shifted, labels)), E / total - hot(labels, Z.shape[1])


@wrong(
    "loss_head",
    "log of a probability that may be 0: take the logarithm of the sum",
    r"log ?\(?0|underflow|rounds? to 0|exactly 0|log-?sum|logsumexp|log(arithm)? of (a |the )?(prob|0|softmax|P\b|sum)|from (the )?(prob|P\b)|probabilit.{0,25}\b0\b"
    r"|before the log",
)
def loss_head_log_of_p(Z, labels):
    P = sm(Z)
    return -mean(log(own(P, labels))), (P - hot(labels, Z.shape[1])) / len(Z)


@wrong(
    "loss_head",
    "P[:, labels] -= 1 works on whole columns: one entry in each row",
    r"P\[:, ?labels\]|\[:, ?labels|arange|(every|all|whole|each) (the )?(rows?|columns?)|own label|columns|pairs?\b|other examples|labels of",
)
def loss_head_columns(Z, labels):
    shifted, E, total = shifted_head(Z)
    dZ = E / total
    dZ[:, labels] -= 1
    return mean(log(total[:, 0]) - own(shifted, labels)), dZ / len(Z)


@wrong("loss_head", "the sign of dZ is wrong: P - Y", SIGN + r"|Y ?[−-] ?P|P ?[−-] ?Y")
def loss_head_sign(Z, labels):
    shifted, E, total = shifted_head(Z)
    return mean(log(total[:, 0]) - own(shifted, labels)), (hot(labels, Z.shape[1]) - E / total) / len(Z)


say(
    "interpolate",
    "the ends are swapped: alpha = 0 is theta0",
    SWAP + r"|other end|backward|alpha = 0|α = 0|alpha belongs|1 ?[−-] ?(α|alpha)|theta0 (gets|has|belongs)",
    lambda theta0, thetaf, alpha: [alpha * A + (1 - alpha) * B for A, B in zip(theta0, thetaf, strict=True)],
)
say(
    "interpolate",
    "the biases stay where they are: mix every array, not only the weights",
    r"\bbias|(every|all|each) (the )?arrays?|one-dimensional|1-?d\b|vectors?\b|second array|some arrays|only (the )?(first|weights|matri)",
    lambda theta0, thetaf, alpha: [
        (1 - alpha) * A + alpha * B if A.ndim > 1 else A.copy() for A, B in zip(theta0, thetaf, strict=True)
    ],
)
say(
    "interpolate",
    "alpha is cut off to 0 to 1: the line has no ends",
    r"clip|clamp|no ends|\[0, 1\]|limit|cut|bound|below 0|above 1|stops? at|beyond|goes on",
    lambda theta0, thetaf, alpha: [
        (1 - clip(alpha, 0, 1)) * A + clip(alpha, 0, 1) * B for A, B in zip(theta0, thetaf, strict=True)
    ],
)


@wrong("interpolate", "A += … changes theta0 itself: make new arrays", IN_PLACE + r"|\+=|new array")
def interpolate_in_place(theta0, thetaf, alpha):
    for A, B in zip(theta0, thetaf, strict=True):
        A += alpha * (B - A)
    return theta0


def on_line(theta0, thetaf, alpha):
    return [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]


say(
    "interpolation_curve",
    "this mixes the losses of the two ends: mix the parameters, then take the loss",
    r"\bmix|(between|of) (the )?two (losses|ends)|losses (at|of) the (two )?ends|straight|parameters|linear|interpolat\w* (the |between )?(the )?loss|line between|chord",
    lambda loss_fn, theta0, thetaf, alphas: np.array([(1 - a) * loss_fn(theta0) + a * loss_fn(thetaf) for a in alphas]),
)
say(
    "interpolation_curve",
    "the alphas are sorted first: the losses should come in the order of alphas",
    r"\bsort|\border",
    lambda loss_fn, theta0, thetaf, alphas: np.array([loss_fn(on_line(theta0, thetaf, a)) for a in np.sort(alphas)]),
)
say(
    "interpolation_curve",
    "only the length of alphas is used: the losses are those of an even grid from 0 to 1",
    r"ignor|linspace|own (grid|alphas|α)|(given|these) alphas|not (the )?(given|those|use|at)|evenly|equally|even grid|instead of (the )?alphas|0 to 1|0 and 1",
    lambda loss_fn, theta0, thetaf, alphas: np.array(
        [loss_fn(on_line(theta0, thetaf, a)) for a in np.linspace(0, 1, len(alphas))]
    ),
)

say(
    "is_monotone_decreasing",
    "neighbours only: many small rises add up to a large one",
    r"neighbou?r|lowest so far|any earlier|climb|creep|adjacent|consecutive|next|adds? up|small rises|small steps|accumul|several|one step",
    lambda v, tol: bool(np.all(np.diff(v) <= tol)) and not bool(np.isnan(v).any()),
)
say(
    "is_monotone_decreasing",
    "a nan passes: comparisons with nan are False, so ask whether all are low enough",
    r"\bnan\b",
    lambda v, tol: not bool(np.any(v > np.minimum.accumulate(v) + tol)),
)
say(
    "is_monotone_decreasing",
    "staying level is fine, and so is a rise of exactly tol: <= and not <",
    r"\blevel|equal|<=|≤|strict|exactly|\bflat|\bties?\b|same height",
    lambda v, tol: bool(np.all(v[1:] < np.minimum.accumulate(v)[:-1] + tol)),
)
say(
    "is_monotone_decreasing",
    "each height is compared with the first only: compare it with the lowest so far",
    r"first (height|value|one|point|entry|only|of)|v\[0\]|the (very )?(start|first)\b|lowest so far|any earlier|beginning|in between|later (rise|climb)",
    lambda v, tol: bool(np.all(v <= v[0] + tol)),
)
