"""The exercises of `06-flat-minima/flat_minima.ipynb`."""

import itertools
import math

import numpy as np

from ... import probe
from ...judging.compare import describe_difference
from ...judging.model import Exercise, FactoryArg, Mistake, Rule, case
from ...judging.quizzes import choose_all, fill_in, predict

WHY, FLAT = "Why SGD matters?", "Hypothesis: SGD prefers large flat minima regions"
LINE, SOFTMAX = "Evidence of moving between flat regions", "Softmax regression"
NO_SHORTCUTS = ("scipy.special", "scipy.stats", "sklearn", "torch", "tensorflow", "jax", "keras")

flat_predictions = predict("flat_predictions", "abc", questions=2, points=1, slide=LINE)

# --- parameters, which are lists of arrays ----------------------------------------------------------------------

SHAPES = (((4, 3), (3,), (3, 2), (2,)), ((2, 2, 3), (3, 3), ()), ((3, 2), (2,), (2, 4), (4,), (4, 1), (1,)))


def parameters(rng, shapes):
    return [rng.normal(size=shape) for shape in shapes]


def landscape(rng, shapes, centre=None):
    """A made-up loss of such a list: a bowl with ripples somewhere."""
    bends = [rng.uniform(0.5, 2, shape) for shape in shapes]
    return FactoryArg("Landscape", {"centre": centre or parameters(rng, shapes), "bends": bends, "ripple": 0.5})


def hilltop(rng, shapes):
    """Parameters on top of a ripple, each of them: from there the landscape falls on average."""
    return [np.pi / 6 + 2 * np.pi / 3 * rng.integers(-2, 3, shape) for shape in shapes]


# --- sharpness(loss_fn, theta, radius, rng, num_dirs) -----------------------------------------------------------

FEW, MANY = ((2, 3), ()), 300


def spheres(rng):
    theta = hilltop(rng, SHAPES[0])
    slope = [A + rng.normal(0, 0.005, A.shape) for A in theta]  # a gentle one: in some directions the loss does rise
    args = landscape(rng, SHAPES[0], centre=slope), theta, rng.uniform(0.005, 0.008), _generator(rng), 24
    yield case(*args, about="a small radius, near the top of a hill")
    for shapes, num_dirs in zip(SHAPES, (5, 3, 1), strict=True):
        args = landscape(rng, shapes), parameters(rng, shapes), rng.uniform(0.2, 2), _generator(rng), num_dirs
        yield case(*args, about=f"num_dirs = {num_dirs}, {len(shapes)} arrays")
    theta = parameters(rng, ((3,),))
    yield case(landscape(rng, ((3,),)), theta, rng.uniform(5, 9), _generator(rng), 4, about="a large radius")


def many_directions(rng):
    args = landscape(rng, FEW), parameters(rng, FEW), rng.uniform(0.2, 2), _generator(rng), MANY
    yield case(*args, about=f"num_dirs = {MANY}")


def same_and_further_draws(rng):
    args = landscape(rng, FEW), parameters(rng, FEW), rng.uniform(0.02, 0.05), _generator(rng), 4
    yield case(*args, rounds=(6, 6), about="six calls with one rng")


def _generator(rng):
    return FactoryArg("Generator", {"seed": int(rng.integers(2**31))})


def displacements(asked, record):
    """The places asked for beside theta, as rows (m, d) of differences from it; None if unread.

    The record comes from the student's process, so it may hold anything.
    """
    here = as_vector(asked.args[1])
    recorded = record[0] if isinstance(record, list) and record else None
    if not isinstance(recorded, list) or any(np.shape(place) != here.shape for place in recorded):
        return None
    try:
        steps = np.array(recorded, dtype=float).reshape(-1, len(here)) - here
    except (TypeError, ValueError):
        return None
    return steps[steps.any(axis=1)]


def rises_at(asked, steps):
    """What the loss rises by at each of the places."""
    given, here = asked.args[0].params, as_vector(asked.args[1])
    loss_fn = probe.Landscape([as_vector(given["centre"])], [as_vector(given["bends"])], given["ripple"])
    return np.array([loss_fn([here + step]) for step in steps]) - loss_fn([here])


def as_vector(theta):
    return np.concatenate([A.ravel() for A in theta])


def reads_a_number(value):
    return isinstance(value, int | float | np.ndarray | np.generic) and np.ndim(value) == 0


def replayed(*checks):
    """The property that each of these holds of the places asked for: ``(asked, value, steps) -> wrong``."""

    def replays(asked, value, record):
        if not reads_a_number(value):
            return "it does not return one number"
        steps = displacements(asked, record)
        if steps is None or not len(steps):
            return "it never asks loss_fn for the loss beside theta"
        if not np.isfinite(steps).all():
            return "it asks loss_fn for the loss at places that are nan or infinite"
        return next(filter(None, (check(asked, value, steps) for check in checks)), None)

    return replays


def is_the_mean_rise(asked, value, steps):
    wrong = describe_difference(value, float(np.mean(rises_at(asked, steps))), rtol=1e-7, atol=1e-9)
    return "what it returns is not the mean rise of the loss at the places it looked at" if wrong else None


def lies_on_the_sphere(asked, value, steps):
    lengths = np.sqrt((steps**2).sum(axis=1)) / asked.args[2]
    if np.allclose(lengths, 1, rtol=1e-6):
        return None
    same = np.allclose(lengths, lengths[0], rtol=1e-6)
    return f"it looks at places that lie {'all at another distance' if same else 'at various distances'} from theta"


def looks_in_every_direction(asked, value, steps):
    m = len(steps)
    if m != asked.args[4]:
        return f"it looks in {m} directions"
    if not steps.all():
        return "some of the parameters stay where they are"
    u = steps / np.sqrt((steps**2).sum(axis=1, keepdims=True))
    if abs(u @ u.T - np.eye(m)).max() > 1 - 1e-12:
        return "it looks along the same line more than once"
    return "it prefers some directions" if prefers_some(u) else None


def prefers_some(u):
    """Whether the directions have another mean, or other moments, than those of a sphere.

    Of the mean of m directions, m d times the squared length has no heavier tail than χ² with d degrees of freedom, and
    exp((d - x + d ln(x/d))/2) is a bound of that. The other moments are compared to seven standard errors. Either way
    chance fails less than one in 10⁹.
    """
    m, d = u.shape
    second, pair, fourth = 1 / d, 1 / d / (d + 2), 3 / d / (d + 2)
    eighth = fourth * 35 / (d + 4) / (d + 6)
    of_fourths = eighth * (1 + 3 * (d - 1) / 35) / d - fourth**2  # E[u₁⁴u₂⁴] is 3/35 of E[u₁⁸]
    error = np.full((d, d), math.sqrt(pair)) + np.eye(d) * (math.sqrt(fourth - second**2) - math.sqrt(pair))
    far = 7 / math.sqrt(m)
    mean = m * d * (u.mean(axis=0) ** 2).sum()
    return (
        (mean > d and d - mean + d * math.log(mean / d) < -2 * math.log(1e11))
        or (abs(u.T @ u / m - second * np.eye(d)) > far * error).any()
        or abs((u**4).mean() - fourth) > far * math.sqrt(of_fourths)
    )


def draws_from_rng(asked, value, record):
    """Two rounds of a few calls: alike from the same generator, and going on within a round."""
    rounds = value if isinstance(value, list) else []
    calls = record if isinstance(record, list) else []
    if [len(r) if isinstance(r, list) else 0 for r in rounds] != list(asked.rounds) or len(calls) != len(rounds):
        return "it does not return one number"
    if not all(reads_a_number(number) for r in rounds for number in r):
        return "it does not return one number"
    for numbers, recorded in zip(rounds, calls, strict=True):
        steps = displacements(asked, recorded)
        if steps is None or not len(steps) or is_the_mean_rise(asked, sum(numbers) / len(numbers), steps):
            return "what it returns is not the mean rise of the loss at the places it looked at"
        if len(set(map(float, numbers))) < len(numbers):
            return "it returns the same number again, where a further draw from rng gives others"
    return None if rounds[0] == rounds[1] else "it returns another number where rng begins anew"


def unit_direction(rng, theta):
    D = [rng.normal(size=A.shape) for A in theta]
    length = math.sqrt(sum(float((part**2).sum()) for part in D))
    return [part / length for part in D]


def rises_along(loss_fn, theta, radius, rng, num_dirs, direction=unit_direction, here=None):
    """What the loss rises by in each of the directions; the other directions are mistakes."""
    here = loss_fn(theta) if here is None else here
    places = ([A + radius * D for A, D in zip(theta, direction(rng, theta), strict=True)] for _ in range(num_dirs))
    return np.array([loss_fn(place) - here for place in places])


def mean_rise(loss_fn, theta, radius, rng, num_dirs):
    return float(rises_along(loss_fn, theta, radius, rng, num_dirs).mean())


def along(direction):
    """The mean rise in other directions: ``direction(rng, theta) -> list of arrays``."""
    return lambda loss_fn, theta, radius, rng, num_dirs: float(
        rises_along(loss_fn, theta, radius, rng, num_dirs, direction).mean()
    )


def not_normed(rng, theta):
    return [rng.normal(size=A.shape) for A in theta]


def normed_one_by_one(rng, theta):
    D = not_normed(rng, theta)
    return [part / np.linalg.norm(part) for part in D]


def normed_by_square(rng, theta):
    D = not_normed(rng, theta)
    return [part / sum(float((p**2).sum()) for p in D) for part in D]


def normed_by_largest(rng, theta):
    D = not_normed(rng, theta)
    return [part / max(float(abs(p).max()) for p in D) for part in D]


def normed_by_size(rng, theta):
    return [part / math.sqrt(sum(A.size for A in theta)) for part in not_normed(rng, theta)]


def positive_only(rng, theta):
    D = [rng.random(A.shape) for A in theta]
    length = math.sqrt(sum(float((part**2).sum()) for part in D))
    return [part / length for part in D]


def along_an_axis(rng, theta):
    D = [np.zeros(A.shape) for A in theta]
    i = rng.integers(len(D))
    D[i].flat[rng.integers(D[i].size)] = rng.choice([-1.0, 1.0])
    return D


def cube(rng, theta):
    D = [rng.uniform(-1, 1, size=A.shape) for A in theta]
    return [part / length_of_all(D) for part in D]


def signs_only(rng, theta):
    D = [rng.choice([-1.0, 1.0], size=A.shape) for A in theta]
    return [part / length_of_all(D) for part in D]


def same_in_every_row(rng, theta):
    D = [np.zeros(A.shape) + rng.normal(size=A.shape[-1:]) for A in theta]
    return [part / length_of_all(D) for part in D]


def there_and_back(loss_fn, theta, radius, rng, num_dirs):
    """Each direction and its opposite: half as many directions as asked for."""
    drawn = []

    def turned(rng, theta):
        drawn.append([-part for part in drawn[-1]] if len(drawn) % 2 else unit_direction(rng, theta))
        return drawn[-1]

    return along(turned)(loss_fn, theta, radius, rng, num_dirs)


def weights_moved_only(rng, theta):
    D = [rng.normal(size=A.shape) * (A.ndim > 1 or len(theta) == 1) for A in theta]
    length = math.sqrt(sum(float((part**2).sum()) for part in D))
    return [part / length for part in D]


def one_direction(loss_fn, theta, radius, rng, num_dirs):
    D = unit_direction(rng, theta)
    return along(lambda rng, theta: D)(loss_fn, theta, radius, rng, num_dirs)


def around_zero(loss_fn, theta, radius, rng, num_dirs):
    here, zero = loss_fn(theta), [np.zeros(A.shape) for A in theta]
    return float(rises_along(loss_fn, zero, radius, rng, num_dirs, here=here).mean())


def walks_away(loss_fn, theta, radius, rng, num_dirs):
    """Right at first, but every place is made from the one before."""
    here, place, rises = loss_fn(theta), theta, []
    for _ in range(num_dirs + 1):
        place = [A + radius * D for A, D in zip(place, unit_direction(rng, theta), strict=True)]
        rises.append(loss_fn(place) - here)
    return float(np.mean(rises))


def moves_theta(loss_fn, theta, radius, rng, num_dirs):
    """It steps away in theta itself and steps back, which leaves rounding errors and, here, the last step."""
    here, total = loss_fn(theta), 0.0
    for k in range(num_dirs):
        D = unit_direction(rng, theta)
        for A, part in zip(theta, D, strict=True):
            A += radius * part
        total += loss_fn(theta) - here
        if k < num_dirs - 1:
            for A, part in zip(theta, D, strict=True):
                A -= radius * part
    return total / num_dirs


def own_generator(loss_fn, theta, radius, rng, num_dirs):
    return mean_rise(loss_fn, theta, radius, np.random.default_rng(541), num_dirs)


def in_one_vector(loss_fn, theta, radius, rng, num_dirs):
    sizes = np.cumsum([A.size for A in theta])[:-1]
    total, here = 0.0, loss_fn(theta)
    for u in rng.standard_normal((num_dirs, sum(A.size for A in theta))):
        parts = np.split(radius * u / np.linalg.norm(u), sizes)
        total += loss_fn([A + part.reshape(A.shape) for A, part in zip(theta, parts, strict=True)]) - here
    return total / num_dirs


def asks_anew_each_time(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    while len(rises) < num_dirs:
        D = [rng.normal(0, 1, A.shape) for A in theta]
        scale = radius / np.sqrt(np.sum([np.sum(part**2) for part in D]))
        moved = [A.copy() for A in theta]
        for A, part in zip(moved, D, strict=True):
            A += scale * part
        rises.append(loss_fn(moved) - loss_fn(theta))
    return sum(rises) / len(rises)


def mean_of_losses_then_minus(loss_fn, theta, radius, rng, num_dirs):
    losses = []
    for _ in range(num_dirs):
        D = unit_direction(rng, theta)
        losses.append(loss_fn(tuple(A - radius * part for A, part in zip(theta, D, strict=True))))
    return np.mean(losses) - loss_fn(theta)


def all_directions_first(loss_fn, theta, radius, rng, num_dirs):
    D = [rng.normal(size=(num_dirs, *A.shape)) for A in theta]
    lengths = np.sqrt(sum((part.reshape(num_dirs, -1) ** 2).sum(axis=1) for part in D))
    D = [radius * part / lengths.reshape(-1, *[1] * (part.ndim - 1)) for part in D]
    losses = [loss_fn([A + part[k] for A, part in zip(theta, D, strict=True)]) for k in range(num_dirs)]
    return np.array(np.mean(losses) - loss_fn(theta))


def length_of_all(D):
    return np.linalg.norm([np.linalg.norm(part) for part in D])


sharpness = Exercise(
    signature="sharpness(loss_fn, theta, radius, rng, num_dirs)",
    slide=FLAT,
    reference=mean_rise,
    rules=(
        Rule(
            "the mean rise of the loss",
            2,
            spheres,
            "How much higher than at theta is the loss, on average over the places you look at?",
            check_trace=replayed(is_the_mean_rise),
        ),
        Rule(
            "at the distance radius from theta",
            2,
            spheres,
            "All parameters together are one long vector: which length must a step have?",
            check_trace=replayed(lies_on_the_sphere),
        ),
        Rule(
            "num_dirs directions, none preferred",
            1,
            many_directions,
            "Normal numbers for every parameter, the biases too, prefer no direction.",
            check_trace=replayed(looks_in_every_direction),
        ),
        Rule(
            "chance comes from rng alone",
            1,
            same_and_further_draws,
            "Draw from the rng that you are given, and from nothing else.",
            check_trace=draws_from_rng,
        ),
        Rule(
            "right, and theta left alone",
            1,
            spheres,
            "`A += ...` changes an array of theta itself.",
            check_trace=replayed(is_the_mean_rise, lies_on_the_sphere),
            mutation="none",
        ),
    ),
    mistakes={
        "not normed": Mistake(
            along(not_normed), "The directions are as long as they happen to be: divide by the length, then go radius."
        ),
        "each array normed by itself": Mistake(
            along(normed_one_by_one),
            "Each array is scaled to length 1 by itself: theta is one long vector, with one length.",
        ),
        "divided by the square": Mistake(along(normed_by_square), "It divides by the square of the length."),
        "divided by the largest": Mistake(
            along(normed_by_largest), "It divides by the largest element: what is the length of a vector?"
        ),
        "divided by √d": Mistake(
            along(normed_by_size), "√d is the length of such a direction on average only: divide by its own."
        ),
        "radius squared": Mistake(
            lambda loss_fn, theta, radius, rng, num_dirs: mean_rise(loss_fn, theta, radius**2, rng, num_dirs),
            "The distance is radius, not its square.",
        ),
        "radius forgotten": Mistake(
            lambda loss_fn, theta, radius, rng, num_dirs: mean_rise(loss_fn, theta, 1.0, rng, num_dirs),
            "radius is never used.",
        ),
        "positive only": Mistake(
            along(positive_only), "All parameters move upwards: numbers between 0 and 1 prefer one corner of the space."
        ),
        "along an axis": Mistake(along(along_an_axis), "Each step moves a single parameter: move all of them."),
        "cube": Mistake(
            along(cube), "Uniform numbers fill a cube, and prefer its corners: which numbers prefer no direction?"
        ),
        "signs only": Mistake(
            along(signs_only), "Every parameter moves equally far, up or down: these are few of all directions."
        ),
        "same in every row": Mistake(
            along(same_in_every_row), "The rows of a matrix all move alike: draw a number for every parameter."
        ),
        "there and back": Mistake(
            there_and_back, "Every other direction is the opposite of the one before: draw each direction anew."
        ),
        "weights only": Mistake(along(weights_moved_only), "The biases stay where they are: they are parameters too."),
        "one direction": Mistake(one_direction, "It looks num_dirs times in the same direction."),
        "one direction too many": Mistake(
            lambda loss_fn, theta, radius, rng, num_dirs: mean_rise(loss_fn, theta, radius, rng, num_dirs + 1),
            "It looks in one direction more than asked for.",
        ),
        "around zero": Mistake(around_zero, "It looks around zero: start from theta."),
        "walks away": Mistake(walks_away, "Each place is made from the one before: start from theta every time."),
        "loss, not rise": Mistake(
            lambda loss_fn, theta, radius, rng, num_dirs: float(
                rises_along(loss_fn, theta, radius, rng, num_dirs, here=0.0).mean()
            ),
            "This is the mean loss around theta: how much does it rise?",
        ),
        "sign": Mistake(lambda *args: -mean_rise(*args), "The sign is the other way round: a rise is positive."),
        "absolute values": Mistake(
            lambda *args: float(abs(rises_along(*args)).mean()), "Where the loss falls, the rise is negative."
        ),
        "largest": Mistake(
            lambda *args: float(rises_along(*args).max()), "It returns the largest rise: take the mean."
        ),
        "sum": Mistake(lambda *args: float(rises_along(*args).sum()), "It adds up over the directions: take the mean."),
        "all rises": Mistake(
            lambda *args: rises_along(*args), "These are the rises in each direction: return their mean."
        ),
        "divided by radius": Mistake(
            lambda loss_fn, theta, radius, rng, num_dirs: mean_rise(loss_fn, theta, radius, rng, num_dirs) / radius,
            "It divides by the radius: the rise itself was asked for.",
        ),
        "ratio": Mistake(
            lambda loss_fn, theta, radius, rng, num_dirs: (
                mean_rise(loss_fn, theta, radius, rng, num_dirs) / loss_fn(theta)
            ),
            "It divides by the loss at theta.",
        ),
        "own generator": Mistake(own_generator, "It makes a generator of its own: draw from `rng`."),
        "moves theta": Mistake(moves_theta, "It moves theta itself: make a new list of new arrays."),
    },
    variants={
        "list of arrays": lambda loss_fn, theta, radius, rng, num_dirs: mean_rise(
            loss_fn, theta, radius, rng, num_dirs
        ),
        "in one vector": in_one_vector,
        "asks anew each time": asks_anew_each_time,
        "mean of losses, then minus": mean_of_losses_then_minus,
        "all directions first": all_directions_first,
        "norm of norms": lambda loss_fn, theta, radius, rng, num_dirs: (
            np.mean(
                [
                    loss_fn([A + part * (radius / length_of_all(D)) for A, part in zip(theta, D, strict=True)])
                    for D in ([rng.standard_normal(A.shape) for A in theta] for _ in range(num_dirs))
                ]
            )
            - loss_fn(theta)
        ),
    },
    forbids=NO_SHORTCUTS,
)


# --- loss_head(Z, labels) ---------------------------------------------------------------------------------------


def batches(rng):
    for n, K in ((5, 3), (3, 4), (1, 5)):
        yield case(rng.uniform(-3, 3, (n, K)), _labels(rng, n, K), about="one example" if n == 1 else "")
    yield case(rng.uniform(-3, 3, (4, 6)), np.array([4, 0, 2, 0]), about="classes that no example has")
    yield case(np.zeros((3, 4)), _labels(rng, 3, 4), about="logits that are all equal")


def _labels(rng, n, K):
    """Mixed labels, the first of them not 0."""
    labels = rng.integers(K, size=n)
    labels[0] = rng.integers(1, K)
    return labels


def large_logits(rng):
    for size in (1000.0, 90.0):
        Z = rng.uniform(-2, 2, (4, 3)) + size * np.array([1, -1, 0, 1])[rng.permutation(4), None]
        yield case(Z, np.array([2, 0, 1, 1]), about=f"rows of logits around ±{size:g}")
        Z = rng.uniform(-1, 1, (3, 4))
        Z[[0, 1, 2], [1, 3, 0]] += size
        yield case(Z, np.array([1, 2, 0]), about=f"a logit of {size:g}, right and wrong")
    Z = 1e4 * rng.choice([-1.0, 1.0], (3, 5))
    Z[0, [2, 4]] = 1e4, -1e4
    yield case(Z, np.array([4, 1, 1]), about="logits of ±10000")


def other_batches(rng):
    yield case(rng.uniform(-3, 3, (4, 3)).astype(np.float32), np.array([2, 0, 2, 1]), about="float32")
    yield case(rng.integers(-3, 4, (3, 5)), np.array([4, 0, 3]), about="integer logits")
    yield case(rng.uniform(-3, 3, (3, 1)), np.array([0, 0, 0]), about="a single class")
    yield case(rng.uniform(-3, 3, (40, 7)), _labels(rng, 40, 7).astype(np.uint8), about="40 labels of dtype uint8")


def one_row(z, k):
    """Loss of one example, and the probabilities."""
    top = max(z)
    weights = [math.exp(value - top) for value in z]
    total = math.fsum(weights)
    return top - z[k] + math.log(total), [weight / total for weight in weights]


def head(Z, labels):
    Z, n = np.asarray(Z, dtype=float), len(labels)
    losses, dZ = [], np.zeros(Z.shape)
    for i, k in enumerate(labels):
        loss, p = one_row(Z[i].tolist(), int(k))
        losses.append(loss)
        dZ[i] = p
        dZ[i, k] -= 1
    return math.fsum(losses) / n, dZ / n


def item(number, what):
    """The property that one of the two returned items is right, whatever the other one is."""

    def holds(asked, value):
        if not isinstance(value, list | tuple) or len(value) != 2:
            return "it does not return two things, a loss and dZ"
        wrong = describe_difference(value[number], head(*asked.args)[number], rtol=1e-7, atol=1e-10)
        return f"{what}: {wrong}" if wrong else None

    return holds


def shares(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def slots(labels, K):
    return np.eye(K)[labels]


def from_shares(P, labels):
    """Loss and gradient from probabilities, as the slides write them."""
    return -np.mean(np.log(P[np.arange(len(labels)), labels])), (P - slots(labels, P.shape[1])) / len(labels)


def naive_head(Z, labels):
    E = np.exp(Z)
    return from_shares(E / E.sum(axis=1, keepdims=True), labels)


def with_global_maximum(Z, labels):
    E = np.exp(Z - np.max(Z))
    return from_shares(E / E.sum(axis=1, keepdims=True), labels)


def across_examples(Z, labels):
    E = np.exp(Z - np.max(Z, axis=0))
    return from_shares(E / E.sum(axis=0), labels)


def log_of_shares(Z, labels):
    return from_shares(shares(Z), labels)


def log_of_shares_plus_a_little(Z, labels):
    P = shares(Z)
    return -np.mean(np.log(P[np.arange(len(labels)), labels] + 1e-12)), head(Z, labels)[1]


def gap_filled(Z, labels):
    loss, dZ = head(Z, labels)
    return loss, dZ[:, : np.max(labels) + 1]


def works_in_Z(Z, labels):
    Z -= Z.max(axis=1, keepdims=True)
    loss = np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(labels)), labels])
    dZ = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    dZ[np.arange(len(labels)), labels] -= 1
    return loss, dZ / len(labels)


def column_of_each_label(Z, labels):
    P = shares(Z)
    dZ = P.copy()
    dZ[:, labels] -= 1
    return head(Z, labels)[0], dZ / len(labels)


def every_column_of_labels(Z, labels):
    log_P = np.log(np.maximum(shares(Z), 1e-300))
    return -np.mean(log_P[:, labels]), head(Z, labels)[1]


def labels_as_numbers(Z, labels):
    return head(Z, labels)[0], (shares(Z) - np.asarray(labels)[:, None]) / len(labels)


def with_sigmoid_slope(Z, labels):
    loss, dZ = head(Z, labels)
    P = shares(Z)
    return loss, dZ * P * (1 - P)


def log_shares_head(Z, labels):
    Z = np.asarray(Z)
    log_P = Z - np.max(Z, axis=1, keepdims=True)
    log_P = log_P - np.log(np.sum(np.exp(log_P), axis=1, keepdims=True))
    rows = np.arange(len(labels))
    dZ = np.exp(log_P)
    dZ[rows, labels] -= 1
    return -log_P[rows, labels].mean(), dZ / len(labels)


def one_hot_head(Z, labels):
    Y = np.eye(Z.shape[1])[labels]
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    return -np.sum(Y * log_P) / len(Y), (np.exp(log_P) - Y) / len(Y)


def choosing_by_where(Z, labels):
    here = np.asarray(labels)[:, None] == np.arange(Z.shape[1])
    shifted = Z - Z.max(axis=1)[:, None]
    normaliser = np.exp(shifted).sum(1)
    loss = float((np.log(normaliser) - np.where(here, shifted, 0).sum(axis=1)).mean())
    return [
        loss,
        np.where(here, np.exp(shifted) / normaliser[:, None] - 1, np.exp(shifted) / normaliser[:, None]) / len(Z),
    ]


def row_by_row(Z, labels):
    loss, dZ = 0.0, []
    for z, k in zip(Z, labels, strict=True):
        e = np.exp(z - z.max())
        p = e / e.sum()
        loss += np.log(e.sum()) - (z - z.max())[k]
        p[k] -= 1
        dZ.append(p)
    return loss / len(Z), np.array(dZ) / len(Z)


def einsum_head(Z, labels):
    Y = (np.asarray(labels).reshape(-1, 1) == np.arange(Z.shape[1])).astype(float)
    Z = Z - Z.max(axis=1, keepdims=True)
    log_sums = np.log(np.einsum("nk->n", np.exp(Z)))
    return (log_sums.sum() - np.einsum("nk,nk->", Z, Y)) / len(Z), (np.exp(Z - log_sums[:, None]) - Y) / len(Z)


loss_head = Exercise(
    signature="loss_head(Z, labels)",
    slide=SOFTMAX,
    reference=head,
    rules=(
        Rule("the loss", 1, batches, "Is it a mean over examples, of -log p of the true class?", check=item(0, "loss")),
        Rule(
            "its gradient dZ",
            2,
            batches,
            "The loss is a mean over the batch: where has its 1/B gone?",
            check=item(1, "dZ"),
        ),
        Rule(
            "large logits, no warning",
            1,
            large_logits,
            "What can you subtract from a row of logits without changing its probabilities?",
            rtol=1e-9,
            atol=1e-12,
            warnings="none",
        ),
        Rule(
            "logits of any kind, inputs unchanged",
            1,
            other_batches,
            "The logits belong to somebody else.",
            rtol=1e-7,
            atol=1e-10,
            mutation="none",
        ),
    ),
    mistakes={
        "1/B missing in dZ": Mistake(
            lambda Z, labels: (head(Z, labels)[0], len(labels) * head(Z, labels)[1]),
            "dZ is the gradient of the sum over the batch: the loss is a mean, so 1/B belongs to it as well.",
        ),
        "sum": Mistake(
            lambda Z, labels: (len(labels) * head(Z, labels)[0], len(labels) * head(Z, labels)[1]),
            "Both are sums over the batch: take the mean.",
        ),
        "loss is a sum": Mistake(
            lambda Z, labels: (len(labels) * head(Z, labels)[0], head(Z, labels)[1]),
            "The loss is a sum over the batch and dZ belongs to the mean.",
        ),
        "divided by K as well": Mistake(
            lambda Z, labels: (head(Z, labels)[0] / np.shape(Z)[1], head(Z, labels)[1] / np.shape(Z)[1]),
            "It divides by B times K: the mean is over examples, the classes are added up.",
        ),
        "Y - P": Mistake(
            lambda Z, labels: (head(Z, labels)[0], -head(Z, labels)[1]), "dZ points downhill: which minus which?"
        ),
        "P alone": Mistake(
            lambda Z, labels: (head(Z, labels)[0], shares(Z) / len(labels)),
            "dZ is positive everywhere: where is the label?",
        ),
        "true class alone": Mistake(
            lambda Z, labels: (head(Z, labels)[0], head(Z, labels)[1] * slots(labels, np.shape(Z)[1])),
            "dZ is 0 outside of the true class: the other logits matter too.",
        ),
        "P(1 - P) too much": Mistake(with_sigmoid_slope, "A factor p(1 - p) is left in dZ: it has cancelled."),
        "labels as numbers": Mistake(labels_as_numbers, "dZ subtracts the label's number: subtract its one-hot row."),
        "columns of all labels": Mistake(
            column_of_each_label, "dZ[:, labels] takes whole columns: pair each row with its own label."
        ),
        "loss over all labels": Mistake(
            every_column_of_labels, "P[:, labels] takes whole columns: pair each row with its own label."
        ),
        "sign of the loss": Mistake(
            lambda Z, labels: (-head(Z, labels)[0], head(Z, labels)[1]), "The loss is negative: where is the minus?"
        ),
        "log2": Mistake(
            lambda Z, labels: (head(Z, labels)[0] / math.log(2), head(Z, labels)[1]),
            "The slide's log is the natural one.",
        ),
        "one loss per example": Mistake(
            lambda Z, labels: (
                np.array([one_row(np.asarray(z, float).tolist(), k)[0] for z, k in zip(Z, labels, strict=True)]),
                head(Z, labels)[1],
            ),
            "The loss is one number: take the mean over examples.",
        ),
        "swapped": Mistake(lambda Z, labels: head(Z, labels)[::-1], "The loss comes first, then dZ."),
        "dZ alone": Mistake(lambda Z, labels: head(Z, labels)[1], "Return both, the loss and dZ."),
        "loss alone": Mistake(lambda Z, labels: head(Z, labels)[0], "Return both, the loss and dZ."),
        "no shift": Mistake(naive_head, "exp of a large logit overflows: shift each row first."),
        "one shift for all": Mistake(
            with_global_maximum, "It shifts all rows by the same number: a row far below it is all zeros."
        ),
        "over the examples": Mistake(across_examples, "It normalises over the examples: the classes of a row compete."),
        "log of P": Mistake(log_of_shares, "Where p is 0 its log is -inf: take the log before you exponentiate."),
        "log of P + 1e-12": Mistake(
            log_of_shares_plus_a_little,
            "Large losses are cut off, where they should grow with the logit: is p clipped, or a constant added to it?",
        ),
        "classes from the labels": Mistake(gap_filled, "dZ has as many columns as Z, whatever labels there are."),
        "works in Z": Mistake(works_in_Z, "It changes the logits that it was given, as `Z -= ...` does."),
    },
    variants={
        "log probabilities": log_shares_head,
        "one-hot": one_hot_head,
        "where": choosing_by_where,
        "row by row": row_by_row,
        "einsum": einsum_head,
    },
    forbids=(*NO_SHORTCUTS, "lectrain.check.numerical_gradient"),
)


# --- interpolate(theta0, thetaf, alpha) -------------------------------------------------------------------------


def between(rng):
    for shapes, alpha in zip(SHAPES, (0.3, rng.uniform(0.6, 0.9), rng.uniform(0.1, 0.2)), strict=True):
        yield case(parameters(rng, shapes), parameters(rng, shapes), alpha, about=f"alpha = {alpha:.2g}")


def ends_and_beyond(rng):
    for shapes, alpha in zip(itertools.cycle(SHAPES), (0, 1, 0.0, 1.0, -0.25, 1.25, -2.0, 3.5), strict=False):
        yield case(parameters(rng, shapes), parameters(rng, shapes), alpha, about=f"alpha = {alpha}")
    theta0, thetaf = parameters(rng, SHAPES[0]), parameters(rng, SHAPES[0])
    thetaf[2] = theta0[2].copy()
    yield case(theta0, thetaf, 0.7, about="ends that share an array's numbers")


def steps_of_the_way(theta0, thetaf, alpha):
    return [A + np.multiply(alpha, B - A) for A, B in zip(theta0, thetaf, strict=True)]


def clipped(theta0, thetaf, alpha):
    return steps_of_the_way(theta0, thetaf, min(max(alpha, 0), 1))


def weights_only(theta0, thetaf, alpha, rest=0):
    """The way for the matrices; biases stay those of one end."""
    ends = (theta0, thetaf)[rest]
    line = steps_of_the_way(theta0, thetaf, alpha)
    return [C if C.ndim > 1 else 1.0 * E for C, E in zip(line, ends, strict=True)]


def no_copy_at_the_ends(theta0, thetaf, alpha):
    if alpha in (0, 1):
        return [theta0, thetaf][int(alpha)]
    return steps_of_the_way(theta0, thetaf, alpha)


def moves_theta0(theta0, thetaf, alpha):
    for A, B in zip(theta0, thetaf, strict=True):
        A += alpha * (B - A)
    return theta0


def first_array_only(theta0, thetaf, alpha):
    return [*steps_of_the_way(theta0, thetaf, alpha)[:1], *(1.0 * A for A in theta0[1:])]


def appended(theta0, thetaf, alpha):
    theta = []
    for k in range(len(theta0)):
        theta.append(theta0[k] * (1 - alpha) + thetaf[k] * alpha)
    return theta


def copied_then_moved(theta0, thetaf, alpha):
    theta = [np.array(A, dtype=float) for A in theta0]
    for A, B in zip(theta, thetaf, strict=True):
        A += alpha * (B - A)
    return theta


interpolate = Exercise(
    signature="interpolate(theta0, thetaf, alpha)",
    slide=LINE,
    reference=steps_of_the_way,
    rules=(
        Rule("between the ends", 1, between, "Every array takes part, and which end is alpha = 0?", atol=1e-12),
        Rule("the ends, and beyond them", 1, ends_and_beyond, "The line goes on at both ends.", atol=1e-12),
        Rule(
            "new arrays, the ends left alone",
            1,
            ends_and_beyond,
            "theta0 and thetaf will be needed again: no array of theirs may be changed or handed out.",
            atol=1e-12,
            mutation="none",
            sharing="none",
        ),
    ),
    mistakes={
        "ends swapped": Mistake(
            lambda theta0, thetaf, alpha: steps_of_the_way(thetaf, theta0, alpha),
            "alpha = 0 gives thetaf: the line begins at theta0.",
        ),
        "weights only": Mistake(weights_only, "The biases stay those of theta0: they are parameters too."),
        "weights only, other biases": Mistake(
            lambda theta0, thetaf, alpha: weights_only(theta0, thetaf, alpha, 1), "The biases stay those of thetaf."
        ),
        "first array only": Mistake(first_array_only, "Only the first array moves."),
        "clipped": Mistake(clipped, "It stops at the ends: below 0 and above 1 the line goes on."),
        "halfway": Mistake(
            lambda theta0, thetaf, alpha: steps_of_the_way(theta0, thetaf, 0.5), "It is halfway whatever alpha is."
        ),
        "sum": Mistake(
            lambda theta0, thetaf, alpha: [A + alpha * B for A, B in zip(theta0, thetaf, strict=True)],
            "It adds a part of thetaf to the whole of theta0: at alpha = 1 theta0 should be gone.",
        ),
        "difference alone": Mistake(
            lambda theta0, thetaf, alpha: [alpha * (B - A) for A, B in zip(theta0, thetaf, strict=True)],
            "This is the step from theta0, not the place it leads to.",
        ),
        "step backwards": Mistake(
            lambda theta0, thetaf, alpha: [A - alpha * (B - A) for A, B in zip(theta0, thetaf, strict=True)],
            "It walks away from thetaf.",
        ),
        "geometric": Mistake(
            lambda theta0, thetaf, alpha: [
                np.sign(A) * abs(A) ** (1 - alpha) * abs(B) ** alpha for A, B in zip(theta0, thetaf, strict=True)
            ],
            "It multiplies powers: a straight line adds parts.",
        ),
        "alpha squared": Mistake(
            lambda theta0, thetaf, alpha: steps_of_the_way(theta0, thetaf, alpha**2), "alpha enters squared."
        ),
        "one vector": Mistake(
            lambda theta0, thetaf, alpha: np.concatenate([C.ravel() for C in steps_of_the_way(theta0, thetaf, alpha)]),
            "Return a list of arrays, as theta0 is.",
        ),
        "no copy at the ends": Mistake(
            no_copy_at_the_ends, "At alpha = 0 or 1 it returns the very arrays it was given: make new ones."
        ),
        "moves theta0": Mistake(moves_theta0, "It moves theta0 itself: after one call the line has another start."),
    },
    variants={
        "two parts": lambda theta0, thetaf, alpha: [
            (1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)
        ],
        "with a loop": appended,
        "copied, then moved": copied_then_moved,
        "a tuple": lambda theta0, thetaf, alpha: tuple(
            B + (1 - alpha) * (A - B) for A, B in zip(theta0, thetaf, strict=True)
        ),
        "map": lambda theta0, thetaf, alpha: list(map(lambda A, B: np.add(A * (1 - alpha), B * alpha), theta0, thetaf)),
        "einsum": lambda theta0, thetaf, alpha: [
            np.einsum("k,k...->...", np.array([1 - alpha, alpha]), np.stack(pair))
            for pair in zip(theta0, thetaf, strict=True)
        ],
    },
    forbids=NO_SHORTCUTS,
)


# --- interpolation_curve(loss_fn, theta0, thetaf, alphas) -------------------------------------------------------


def lines(rng):
    for shapes, alphas in zip(SHAPES, (np.linspace(0, 1, 15), np.linspace(-0.25, 1.25, 7), [0.3]), strict=True):
        theta0, thetaf = parameters(rng, shapes), parameters(rng, shapes)
        yield case(landscape(rng, shapes), theta0, thetaf, np.array(alphas), about=f"{len(alphas)} values of alpha")


def odd_alphas(rng):
    alphas = rng.permutation([*rng.uniform(-0.5, 1.5, 3), 0.0, -2.5, 3.5])
    shapes = SHAPES[rng.integers(len(SHAPES))]  # the same for all: losses of other ends must not be remembered
    for numbers, about in (
        (alphas, "alphas in no order"),
        (np.array([0, 1, 2]), "integers"),
        ([0.25, 0.5, 0.25], "a list, with a value twice"),
    ):
        yield case(landscape(rng, shapes), parameters(rng, shapes), parameters(rng, shapes), numbers, about=about)
    zeros, twos = ([np.full(shape, number) for shape in shapes] for number in (0.0, 2.0))
    squares = FactoryArg("Landscape", {"centre": zeros, "bends": twos, "ripple": 0.0})
    theta0, thetaf = ([np.rint(3 * A) for A in parameters(rng, shapes)] for _ in range(2))
    yield case(squares, theta0, thetaf, np.array([0.0, 2.0, -1.0]), about="losses that are whole numbers")


def are_floats_and_right(asked, value):
    made, *others = asked.args
    wrong = describe_difference(
        value, heights(probe.FACTORIES[made.name](**made.params), *others), rtol=1e-9, atol=1e-9
    )
    return wrong or (None if value.dtype.kind == "f" else f"it holds {value.dtype} values instead of floats")


def heights(loss_fn, theta0, thetaf, alphas):
    return np.array([loss_fn(steps_of_the_way(theta0, thetaf, alpha)) for alpha in alphas], dtype=float)


def at(line):
    """The heights at other places: ``line(theta0, thetaf, alpha) -> theta``."""
    return lambda loss_fn, theta0, thetaf, alphas: np.array(
        [loss_fn(line(theta0, thetaf, alpha)) for alpha in alphas], dtype=float
    )


def walks_along(loss_fn, theta0, thetaf, alphas):
    """Each place is made from the one before, in theta0 itself."""
    found = []
    for alpha in alphas:
        for A, B in zip(theta0, thetaf, strict=True):
            A += alpha * (B - A)
        found.append(loss_fn(theta0))
    return np.array(found, dtype=float)


def straight_between_the_losses(loss_fn, theta0, thetaf, alphas):
    start, end = loss_fn(theta0), loss_fn(thetaf)
    return start + np.asarray(alphas) * (end - start)


def returns_the_first(loss_fn, theta0, thetaf, alphas):
    for alpha in alphas:
        return np.array([loss_fn(steps_of_the_way(theta0, thetaf, alpha))])
    return np.array([])


def filled_in(loss_fn, theta0, thetaf, alphas):
    losses = np.empty(len(alphas))
    for k, alpha in enumerate(alphas):
        losses[k] = loss_fn([(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)])
    return losses


def into_the_type_of_alphas(loss_fn, theta0, thetaf, alphas):
    losses = np.zeros_like(np.asarray(alphas))
    losses[...] = heights(loss_fn, theta0, thetaf, alphas)
    return losses


def by_fromiter(loss_fn, theta0, thetaf, alphas):
    line = ([A - alpha * (A - B) for A, B in zip(theta0, thetaf, strict=True)] for alpha in alphas)
    return np.fromiter(map(loss_fn, line), dtype=float)


interpolation_curve = Exercise(
    signature="interpolation_curve(loss_fn, theta0, thetaf, alphas)",
    slide=LINE,
    reference=heights,
    rules=(
        Rule("the loss at every alpha", 2, lines, "One call of loss_fn for each alpha.", atol=1e-9),
        Rule(
            "any alphas, in their order; nothing changed",
            1,
            odd_alphas,
            "The k-th loss belongs to the k-th alpha, wherever that lies.",
            mutation="none",
            check=are_floats_and_right,
        ),
    ),
    mistakes={
        "ends swapped": Mistake(
            at(lambda theta0, thetaf, alpha: steps_of_the_way(thetaf, theta0, alpha)),
            "The curve runs the other way: alpha = 0 is theta0.",
        ),
        "weights only": Mistake(at(weights_only), "The biases stay those of theta0."),
        "clipped": Mistake(at(clipped), "It stops at the ends: below 0 and above 1 the line goes on."),
        "sorted": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: heights(loss_fn, theta0, thetaf, np.sort(alphas)),
            "It sorts the alphas: the losses should come in the order that was asked for.",
        ),
        "each alpha once": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: heights(loss_fn, theta0, thetaf, list(dict.fromkeys(alphas))),
            "It drops an alpha that is asked for twice.",
        ),
        "own alphas": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: heights(loss_fn, theta0, thetaf, np.linspace(0, 1, len(alphas))),
            "It makes alphas of its own.",
        ),
        "walks along": Mistake(
            walks_along, "Each place is made from the one before: start from theta0 every time, and leave it there."
        ),
        "line between the losses": Mistake(
            straight_between_the_losses, "It interpolates the two losses: interpolate the parameters, then ask loss_fn."
        ),
        "parameters, not losses": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: [steps_of_the_way(theta0, thetaf, a) for a in alphas],
            "These are the parameters along the line: the loss there was asked for.",
        ),
        "a list": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: heights(loss_fn, theta0, thetaf, alphas).tolist(),
            "Make an array of the list before you return it.",
        ),
        "a column": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: heights(loss_fn, theta0, thetaf, alphas)[:, None],
            "Return shape (m,), not (m, 1).",
        ),
        "pairs": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: np.column_stack(
                [np.asarray(alphas, float), heights(loss_fn, theta0, thetaf, alphas)]
            ),
            "It returns the alphas, too: the losses alone were asked for.",
        ),
        "returns inside the loop": Mistake(
            returns_the_first, "It returns after its first alpha: is the `return` indented too far?"
        ),
        "rise over the start": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: heights(loss_fn, theta0, thetaf, alphas) - loss_fn(theta0),
            "It subtracts the loss at theta0.",
        ),
        "scaled by the start": Mistake(
            lambda loss_fn, theta0, thetaf, alphas: heights(loss_fn, theta0, thetaf, alphas) / loss_fn(theta0),
            "It divides by the loss at theta0.",
        ),
        "halfway": Mistake(
            at(lambda theta0, thetaf, alpha: steps_of_the_way(theta0, thetaf, 0.5)), "It looks halfway every time."
        ),
        "integers stay integers": Mistake(
            into_the_type_of_alphas,
            "For integer alphas the losses are cut off: an array made like alphas takes over its dtype.",
        ),
    },
    variants={
        "comprehension": at(
            lambda theta0, thetaf, alpha: [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]
        ),
        "filled in": filled_in,
        "fromiter": by_fromiter,
        "tuples": at(lambda theta0, thetaf, alpha: tuple(steps_of_the_way(theta0, thetaf, alpha))),
    },
    forbids=NO_SHORTCUTS,
)


# --- is_monotone_decreasing(v, tol) -----------------------------------------------------------------------------


def falling(rng, m):
    """Heights that fall by at least 0.1 from one to the next."""
    return 5 - np.cumsum(rng.uniform(0.1, 0.5, m))


def plain_curves(rng):
    yield case(falling(rng, 6), 0.0, about="a curve that falls")
    yield case(-falling(rng, 5), 0.01, about="a curve that rises")
    hill = falling(rng, 7)
    hill[rng.integers(2, 5)] += 3
    yield case(hill, 0.01, about="a curve with a hill")
    yield case(np.full(4, rng.normal()), 0.0, about="a curve that stays level")
    yield case(np.append(falling(rng, 4) + 9, [2.0, 2.5]), 0.01, about="a curve that rises at its end")
    yield case(np.array([rng.normal()]), 0.0, about="a single height")
    yield case(np.append(rng.uniform(1, 2), falling(rng, 4) + 6), 0.01, about="a curve that rises at its start")


def small_rises(rng):
    tol = rng.uniform(0.05, 0.2)
    bumpy = falling(rng, 6)
    bumpy[3] = bumpy[2] + 0.6 * tol
    yield case(bumpy, tol, about="a rise smaller than tol")
    yield case(bumpy, 0.5 * tol, about="a rise larger than tol")
    yield case(np.array([3.0, 2, 2 + 1e-6, 1]), 0.0, about="a tiny rise, and tol = 0")
    climb = np.append(falling(rng, 3), 0) + 5
    climb = np.append(climb, climb[-1] + 0.4 * tol * np.arange(1, 6))
    yield case(climb, tol, about="a slow climb, by less than tol at each step but by more in all")
    fall = falling(rng, 40)
    long = np.append(fall, fall[-1] + 0.06 * tol * np.arange(1, 31))
    yield case(long, tol, about="a very slow climb after a long fall, by more than tol in all")
    yield case(np.array([3.0, 2.0, 2.25, 1.0]), 0.25, about="a rise by exactly tol")
    yield case(1e6 + 0.4 * tol * np.arange(4), tol, about="heights around a million that climb by more than tol")
    yield case(1e-6 * np.arange(3), 1e-3, about="tiny heights")
    yield case(np.full(3, rng.normal()), tol, about="a level curve, and a tol above 0")
    yield case(5 + tol * np.array([0.6, 0, 1.2, 0.6]), tol, about="a wave higher than tol that ends as it began")
    ripple = 3 + 0.45 * tol * np.resize([1.0, -1.0], 6)
    yield case(ripple, tol, about="a ripple smaller than tol")


def broken_curves(rng):
    for place, where in ((0, "first"), (-1, "last"), (2, "in the middle")):
        v = falling(rng, 5)
        v[place] = np.nan
        yield case(v, 0.1, about=f"a nan {where}")
    yield case(np.full(3, np.nan), 0.1, about="nothing but nan")
    yield case(np.array([np.nan]), 0.1, about="a single nan")
    yield case(np.append(falling(rng, 3), np.inf), 0.1, about="inf at the end")
    yield case(falling(rng, 6), 0.1, about="a curve that falls")
    yield case(falling(rng, 4).astype(np.float32), 0.0, about="float32")
    yield case(np.array([40_000, 300, 200, -1]), 0, about="integers")


def never_above_the_lowest(v, tol):
    lowest = math.inf
    for height in np.asarray(v).tolist():
        if not height <= lowest + tol:
            return False
        lowest = min(lowest, height)
    return True


def steps(v):
    return np.diff(np.asarray(v, dtype=float))


def all_pairs(v, tol):
    return all(v[j] <= v[i] + tol for i in range(len(v)) for j in range(i, len(v)))


def against_the_lowest_so_far(v, tol):
    return bool(np.all(v <= np.minimum.accumulate(v) + tol))


def nan_checked_first(v, tol):
    if np.isnan(v).any():
        return False
    return not any(v[k:].max() > v[k] + tol for k in range(len(v)))


def from_the_right(v, tol):
    highest_to_come = np.maximum.accumulate(v[::-1])[::-1]
    return np.all(highest_to_come - v <= tol)


is_monotone_decreasing = Exercise(
    signature="is_monotone_decreasing(v, tol)",
    slide=LINE,
    reference=never_above_the_lowest,
    rules=(
        Rule("curves that fall, and curves that rise", 1, plain_curves, "Does it ever go up? Level is not up."),
        Rule(
            "rises up to tol are forgiven, in all",
            1,
            small_rises,
            "Compare with every earlier height, not with the neighbour alone: a slow climb is a climb.",
            mutation="none",
        ),
        Rule("nan is no proof of anything", 1, broken_curves, "Every comparison with nan is False."),
    ),
    mistakes={
        "neighbours only": Mistake(
            lambda v, tol: bool(np.all(steps(v) <= tol)),
            "It compares neighbours only: a slow climb of many small steps passes.",
        ),
        "a nan passes": Mistake(
            lambda v, tol: not any(v[j] > v[i] + tol for i in range(len(v)) for j in range(i, len(v))),
            "It says True for heights that are nan: look for nan, or ask that all are low enough.",
        ),
        "neighbours, a nan passes": Mistake(
            lambda v, tol: not np.any(steps(v) > tol),
            "It looks for a rise between neighbours: a slow climb passes, and so does nan.",
        ),
        "strictly": Mistake(
            lambda v, tol: (
                all(v[j] < v[i] + tol for i in range(len(v)) for j in range(i + 1, len(v))) and not np.isnan(v).any()
            ),
            "Staying level is no rise: allow equality.",
        ),
        "increasing": Mistake(
            lambda v, tol: never_above_the_lowest(-np.asarray(v), tol), "It asks whether the curve rises."
        ),
        "tol ignored": Mistake(lambda v, tol: never_above_the_lowest(v, 0), "tol is never used."),
        "tol the wrong way": Mistake(
            lambda v, tol: never_above_the_lowest(v, -tol) if len(v) > 1 else True,
            "It demands a fall of tol at least: tol forgives small rises.",
        ),
        "tol relative": Mistake(
            lambda v, tol: (
                not np.isnan(v).any()
                and bool(np.all(v <= np.minimum.accumulate(v) + tol * abs(np.minimum.accumulate(v))))
            ),
            "It takes tol as a share of the height: it is an amount.",
        ),
        "tol twice": Mistake(lambda v, tol: never_above_the_lowest(v, 2 * tol), "It forgives twice tol."),
        "ends only": Mistake(lambda v, tol: bool(v[-1] <= v[0] + tol), "It compares the ends and never looks between."),
        "against the start": Mistake(
            lambda v, tol: bool(np.all(v <= v[0] + tol)),
            "It compares every height with the first: a hill on the way down passes.",
        ),
        "against the end": Mistake(
            lambda v, tol: bool(np.all(v >= v[-1] - tol)),
            "A hill on the way down passes: compare each height with the lowest before it.",
        ),
        "against the sorted heights": Mistake(
            lambda v, tol: bool(np.allclose(v, np.sort(v)[::-1], rtol=0, atol=tol)),
            "It compares with the sorted heights: a rise moves several of them by less than its own height.",
        ),
        "lowest so far in v itself": Mistake(
            lambda v, tol: bool(np.all(v.copy() <= np.minimum.accumulate(v, out=v) + tol)),
            "It writes into v: whoever called it has lost the curve.",
        ),
        "on average": Mistake(
            lambda v, tol: bool(not len(v) > 1 or np.mean(steps(v)) <= tol), "A fall on average may hide a rise."
        ),
        "an answer per step": Mistake(lambda v, tol: steps(v) <= tol, "That is an answer for each step: give one."),
        "a number": Mistake(lambda v, tol: int(never_above_the_lowest(v, tol)), "Return True or False, not a number."),
        "counts the rises": Mistake(lambda v, tol: int(np.sum(steps(v) > tol)), "Return True or False."),
    },
    variants={
        "all pairs": all_pairs,
        "lowest so far": against_the_lowest_so_far,
        "nan first": nan_checked_first,
        "from the right": from_the_right,
        "a NumPy bool": lambda v, tol: np.all(np.asarray(v) - np.fmin.accumulate(v) <= tol),
        "nested loops": lambda v, tol: all(
            earlier + tol >= later
            for k, later in enumerate(np.asarray(v).tolist())
            for earlier in np.asarray(v).tolist()[: k + 1]
        ),
    },
    forbids=NO_SHORTCUTS,
)


# --- questions --------------------------------------------------------------------------------------------------

# a λmax, b tr H, c tr H / d, d d λmax, e 1/c², f 1/c, g 1, h c, i c²
curvature_blanks = fill_in(
    "curvature_blanks",
    {"mean": "c", "worst": "a", "first layer": "e", "second layer": "i"},
    "abcdefghi",
    points=2,
    slide=FLAT,
    hint="For the first two take H diagonal; for the last two, a loss that is a square of W₁W₂.",
)

# true: b (linear in the parameters of the first layer), c, e, f. False: a SGD need not have gone there, d rescaling
flat_quiz = choose_all(
    "flat_quiz", "bcef", "abcdef", points=2, slide=LINE, hint="Try each claim on the networks that you have trained."
)
