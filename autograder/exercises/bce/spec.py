"""The exercises of `02-bce/bce.ipynb`."""

import math
from itertools import pairwise

import numpy as np

from ... import probe
from ...judging.compare import describe_difference
from ...judging.model import Exercise, FactoryArg, Mistake, Rule, case, with_strided_repeat
from ...judging.quizzes import choose_all, fill_in, predict
from ..sigmoid.spec import NO_SHORTCUTS, reference_sigmoid

WHY_NOT_MSE = "Why not to use MSE as loss function?"
DETAILS = "Gradient descent for logistic regression: Details"
ATTENUATED = "Attenuated gradient"
LOG_LOSS = "Log loss"
DERIVATION = "Gradient descent for logistic regression with log-loss"
LOSS = "Logistic Regression: loss function"
RECAP = "Recap"
TABLE = "Linear regression versus logistic regression"
TRIVIA = "Logistic Regression: Trivia"

bce_predictions = predict("bce_predictions", "abc", questions=2, points=1, slide=WHY_NOT_MSE)


# --- inputs that the two gradients share ------------------------------------------------------------------------


def mixed(rng, n):
    """Labels of both classes, one twice as common, in random order."""
    return rng.permutation((np.arange(n) % 3 > 0).astype(int))


def one_example(rng):
    for y in (0, 1):
        yield case(rng.normal(size=4), rng.normal(size=(1, 4)), np.array([y]), about=f"one example with y = {y}")
    yield case(rng.normal(size=1), rng.normal(size=(1, 1)), np.array([0]), about="one example with one feature")


@with_strided_repeat
def designs(rng):
    yield case(rng.normal(size=3), rng.normal(size=(7, 3)), mixed(rng, 7))
    yield case(rng.normal(size=6), rng.normal(size=(4, 6)), mixed(rng, 4), about="fewer examples than features")
    yield case(rng.normal(size=3), rng.normal(size=(150, 3)), mixed(rng, 150) * 1.0, about="150 labels 0.0 and 1.0")
    square, y = rng.normal(size=(4, 4)), np.full(4, rng.integers(2))
    yield case(rng.normal(size=4), square, y, about="as many examples as features, all of one class")
    features = np.vstack([rng.permutation([-2, -1, 1]) for _ in range(5)])
    yield case(rng.normal(size=3), features, mixed(rng, 5), about="integer features")
    features = rng.normal(size=(6, 5)).astype(np.float32)
    yield case(rng.normal(size=5), features, mixed(rng, 6), about="float32 features")
    X, y, rows = rng.normal(size=(5, 2)), mixed(rng, 5), [0, 1, 2, 3, 4, 0, 2, 0]
    yield case(rng.normal(size=2), X[rows], y[rows], about="some examples more than once")


def saturated(rng):
    for size, dtype in ((1000, int), (40, float)):
        w = rng.normal(size=3)
        z = np.append([size, -size, size, -size], rng.normal(0, 2, 3))
        X = rng.normal(0, 300, (7, 3))
        X += np.outer(z - X @ w, w) / (w @ w)  # now X @ w is z
        order = rng.permutation(7)
        y = np.append([0, 0, 1, 1], rng.permutation([0, 1, 1])).astype(dtype)
        yield case(w, X[order], y[order], about=f"large features and logits of up to ±{size}")


def residual(w, X, y):
    """p - y, to the last bit: 1 - p is the sigmoid of -z."""
    return np.where(np.asarray(y) == 1, -reference_sigmoid(-(X @ w)), reference_sigmoid(X @ w))


def slope(z):
    return reference_sigmoid(z) * reference_sigmoid(-z)


def column(v):
    return np.reshape(v, (-1, 1))


def bce(z, y):
    return np.mean(np.logaddexp(0, np.where(np.asarray(y) == 1, -z, z)))


def difference(loss, h=1e-6):
    """The gradient by forward differences: an estimate."""

    def estimate(w, X, y):
        return np.array([(loss(w + h * unit, X, y) - loss(w, X, y)) / h for unit in np.eye(len(w))])

    return estimate


def row_by_row(gradient):
    """Adds up the gradient example by example, in Python."""

    def loop(w, X, y):
        total = np.zeros(len(w))
        for x, label in zip(X, y, strict=True):
            total += gradient(x, reference_sigmoid(x @ w), label)
        return total / len(y)

    return loop


# --- mse_grad(w, X, y) ------------------------------------------------------------------------------------------


def mse_reference(w, X, y):
    factors = residual(w, X, y) * slope(X @ w)
    return np.array([math.fsum(factors * feature) for feature in X.T]) / len(y)


def mse_with_residual(r, w, X):
    return X.T @ (r * slope(X @ w)) / len(X)


def mse_in_place(w, X, y):
    y -= reference_sigmoid(X @ w)
    return -mse_with_residual(y, w, X)


def mse_in_floats_in_place(w, X, y):
    return mse_in_place(w, X, np.asarray(y, dtype=float))


def mse_into_the_type_of_X(w, X, y):
    total = np.zeros_like(X[0])
    total[...] = mse_reference(w, X, y)
    return total


def mse_in_columns(w, X, y):
    p = reference_sigmoid(X @ column(w))
    return (X.T @ ((p - column(y)) * p * (1 - p)))[:, 0] / len(y)


mse_grad = Exercise(
    signature="mse_grad(w, X, y)",
    slide=DETAILS,
    reference=mse_reference,
    rules=(
        Rule(
            "one example: the slide's formula",
            1,
            one_example,
            "The last line of the slide is a product of four factors.",
            atol=1e-13,
        ),
        Rule("the mean over examples", 2, designs, "The loss is a mean over the rows of X.", atol=1e-13),
        Rule(
            "large logits, inputs unchanged",
            1,
            saturated,
            "Where p is 0 or 1 the gradient is 0, not nan, and the arrays you get belong to somebody else.",
            slide=ATTENUATED,
            atol=1e-9,
            mutation="none",
        ),
    ),
    mistakes={
        "no half": Mistake(
            lambda w, X, y: 2 * mse_reference(w, X, y),
            "It is twice as long as it should be: the loss here carries a factor in front of the square.",
        ),
        "no slope of the sigmoid": Mistake(
            lambda w, X, y: X.T @ residual(w, X, y) / len(y),
            "The chain rule passes through the sigmoid too: its slope is missing.",
        ),
        "sign": Mistake(lambda w, X, y: -mse_reference(w, X, y), "It points the opposite way: which minus which?"),
        "sum": Mistake(lambda w, X, y: len(y) * mse_reference(w, X, y), "It adds up over examples: take the mean."),
        "divided by d": Mistake(
            lambda w, X, y: mse_reference(w, X, y) * len(y) / len(w),
            "It divides by the number of features: len(w) is not the number of examples.",
        ),
        "only p of the slope": Mistake(
            lambda w, X, y: X.T @ (residual(w, X, y) * reference_sigmoid(X @ w)) / len(y),
            "The slope of the sigmoid has two factors.",
        ),
        "only 1 - p of the slope": Mistake(
            lambda w, X, y: X.T @ (residual(w, X, y) * reference_sigmoid(-(X @ w))) / len(y),
            "The slope of the sigmoid is a product: one factor of it is missing.",
        ),
        "square kept": Mistake(
            lambda w, X, y: mse_with_residual(residual(w, X, y) ** 2, w, X),
            "Differentiating a square lowers its power.",
        ),
        "slope taken at p": Mistake(
            lambda w, X, y: X.T @ (residual(w, X, y) * slope(reference_sigmoid(X @ w))) / len(y),
            "It takes the slope of the sigmoid at p; the sigmoid was applied to z.",
        ),
        "logits instead of probabilities": Mistake(
            lambda w, X, y: mse_with_residual(X @ w - y, w, X), "z - y is no error of a probability: squash z first."
        ),
        "linear regression": Mistake(
            lambda w, X, y: X.T @ (X @ w - y) / len(y), "This is linear regression's gradient: the sigmoid is missing."
        ),
        "mean over features": Mistake(
            lambda w, X, y: (X * column(residual(w, X, y) * slope(X @ w))).mean(axis=1),
            "It averages over the features: one number per example is left instead of one per weight.",
        ),
        "the loss": Mistake(
            lambda w, X, y: np.mean((reference_sigmoid(X @ w) - y) ** 2) / 2,
            "This is the loss itself: how fast it changes with each weight is asked for.",
        ),
        "not added up": Mistake(
            lambda w, X, y: X * column(residual(w, X, y) * slope(X @ w)),
            "There is one row per example still: the gradient has the shape of w.",
        ),
        "features forgotten": Mistake(
            lambda w, X, y: np.mean(residual(w, X, y) * slope(X @ w)),
            "That is the derivative in z. How does z change with w?",
        ),
        "outer difference": Mistake(
            lambda w, X, y: X.T @ ((reference_sigmoid(X @ w)[:, None] - y).mean(axis=1) * slope(X @ w)) / len(y),
            "Every p meets every y, as where (n, 1) minus (n,) gives (n, n).",
        ),
        "a column": Mistake(lambda w, X, y: column(mse_reference(w, X, y)), "Return shape (d,), not (d, 1)."),
        "squeezed": Mistake(
            lambda w, X, y: np.squeeze(column(mse_reference(w, X, y))),
            "With a single feature squeeze() leaves a plain number: the gradient has the shape of w.",
        ),
        "y -= p": Mistake(mse_in_place, "`y -= p` works in y itself: it changes the labels, and fails for integers."),
        "y -= p with float labels": Mistake(
            mse_in_floats_in_place, "np.asarray makes no copy of what is a float array already: `-=` changes y."
        ),
        "integers stay integers": Mistake(
            mse_into_the_type_of_X, "For integer features the result is cut off: zeros_like takes over the dtype."
        ),
        "finite difference": Mistake(
            difference(lambda w, X, y: np.mean((reference_sigmoid(X @ w) - y) ** 2) / 2),
            "A finite difference is only an estimate: use the formula.",
        ),
    },
    variants={
        "X transposed": lambda w, X, y: (lambda p: X.T @ ((p - y) * p * (1 - p)) / len(y))(reference_sigmoid(X @ w)),
        "row vector times X": lambda w, X, y: (residual(w, X, y) * slope(X @ w)) @ X / X.shape[0],
        "mean of rows": lambda w, X, y: (X * column(residual(w, X, y) * slope(X @ w))).mean(axis=0),
        "einsum": lambda w, X, y: np.einsum("nd,n,n->d", X, residual(w, X, y), slope(X @ w)) / len(y),
        "loop": row_by_row(lambda x, p, y: x * (p - y) * p * (1 - p)),
        "p - p²": lambda w, X, y: (lambda p: np.dot(p - p**2, X * column(p - y)) / y.size)(reference_sigmoid(X.dot(w))),
        "naive sigmoid": lambda w, X, y: (lambda p: X.T @ ((p - y) * p * (1 - p)) / len(y))(1 / (1 + np.exp(-X @ w))),
        "labels as floats": lambda w, X, y: mse_with_residual(reference_sigmoid(X @ w) - y.astype(float), w, X),
        "columns inside": mse_in_columns,
    },
    forbids=(*NO_SHORTCUTS, "lectrain.check.numerical_gradient"),
)


# --- gradient_descent(grad_fn, w0, lr, num_steps) ---------------------------------------------------------------


def quadratics(rng):
    for d, num_steps, flat in ((2, 6, 1), (4, 3, 1e8), (3, 1, 1), (2, 3, 1e-10)):
        yield _descent(rng, rng.normal(size=d), num_steps, flat=flat)
    yield _descent(rng, np.zeros(3), 4, "the start at the lowest point", lowest=True)
    yield _descent(rng, rng.normal(size=3), 4, "a learning rate so large that it climbs", pace=25)


def odd_starts(rng):
    yield _descent(rng, rng.normal(size=3), 0)
    yield _descent(rng, np.array([3, -2]), 4, "integer w0")
    yield _descent(rng, np.array([3, -2]), 0, "integer w0")
    yield _descent(rng, rng.normal(size=1), 501, "one weight")
    yield _descent(rng, rng.normal(size=2), 200, "a small learning rate", pace=0.01)


def _descent(rng, w0, num_steps, about="", flat=1.0, lowest=False, pace=1.0):
    """A bowl, as flat as asked for: a flat one has tiny gradients and a huge learning rate, a steep one the reverse."""
    d = len(w0)
    root = rng.normal(size=(d, d))
    A = flat * (root @ root.T / d + 0.5 * np.eye(d))
    b = flat * rng.normal(size=d)
    lr = pace * rng.uniform(0.1, 0.5) / np.linalg.norm(A, 2)
    gradients = {1e-10: "tiny gradients", 1e8: "huge gradients"}.get(flat)
    about = ", ".join(filter(None, [about, gradients, f"num_steps = {num_steps}"]))
    gradient = FactoryArg("AffineGradient", {"A": A, "b": 0 * b if lowest else b, "memory": 0})
    return case(gradient, w0, lr, num_steps, about=about)


def descend(grad_fn, w0, lr, num_steps):
    """Each row of the path is a new array, so that none can be an alias of another."""
    rows = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        rows.append(rows[-1] - lr * np.asarray(grad_fn(rows[-1])))
    return np.array(rows)


def ends_right(asked, value):
    made, w0, lr, num_steps = asked.args
    want = descend(probe.FACTORIES[made.name](**made.params), w0, lr, num_steps)[-1]
    try:
        end = np.atleast_2d(np.asarray(value, dtype=float))[-1]
    except (TypeError, ValueError, OverflowError, IndexError):
        return "it returns no array of numbers"
    if end.shape != want.shape:
        return f"what it returns last has shape {end.shape} instead of {want.shape}"
    return None if np.allclose(end, want, rtol=1e-9, atol=1e-12) else "its last point is not where the steps lead"


def is_a_path_of_floats(asked, value):
    made, w0, lr, num_steps = asked.args
    wrong = describe_difference(
        value, descend(probe.FACTORIES[made.name](**made.params), w0, lr, num_steps), atol=1e-12
    )
    return wrong or (None if value.dtype.kind == "f" else "it holds integers instead of floats")


def in_a_loop(step, start=np.array):
    """Gradient descent with another step: ``step(w, grad_fn, lr, t) -> w``."""

    def descent(grad_fn, w0, lr, num_steps):
        w = start(w0, dtype=float)
        path = [w]
        for t in range(num_steps):
            w = step(w, grad_fn, lr, t)
            path.append(w)
        return np.array(path)

    return descent


def aliases(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w)
    return np.array(path)


def walks_on_w0(grad_fn, w0, lr, num_steps):
    path = [w0.copy()]
    for _ in range(num_steps):
        w0 -= lr * grad_fn(w0)
        path.append(w0.copy())
    return np.array(path)


def stops_when_the_gradient_is_small(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        gradient = grad_fn(path[-1])
        if np.linalg.norm(gradient) < 1e-6:
            break
        path.append(path[-1] - lr * gradient)
    return np.array(path)


def stops_when_it_hardly_moves(grad_fn, w0, lr, num_steps):
    path = descend(grad_fn, w0, lr, num_steps)
    short = np.linalg.norm(np.diff(path, axis=0), axis=1) < 1e-6
    return path[: np.argmax(short) + 1] if short.any() else path


def in_the_type_of_w0(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)), dtype=w0.dtype)
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path


def preallocated(grad_fn, w0, lr, num_steps):
    path = np.empty((num_steps + 1, len(w0)))
    path[0] = w0
    for before, after in pairwise(path):
        after[:] = before - lr * grad_fn(before)
    return path


def copies_in_place(grad_fn, w0, lr, num_steps):
    w = w0.astype(float)
    path = [w.copy()]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w.copy())
    return np.array(path)


def stacked(grad_fn, w0, lr, num_steps):
    path = np.asarray(w0)[None, :].astype(float)
    while len(path) <= num_steps:
        path = np.concatenate([path, [path[-1] - lr * grad_fn(path[-1])]])
    return path


def without_a_step(otherwise):
    """Right, but for num_steps = 0 it does something else."""
    return lambda grad_fn, w0, lr, num_steps: (
        descend(grad_fn, w0, lr, num_steps) if num_steps else otherwise(np.array(w0, dtype=float))
    )


gradient_descent = Exercise(
    signature="gradient_descent(grad_fn, w0, lr, num_steps)",
    slide=RECAP,
    reference=descend,
    rules=(
        Rule("it ends where the steps lead", 1, quadratics, "One step is the recap's last line.", check=ends_right),
        Rule(
            "the whole path, a row per step",
            2,
            quadratics,
            "The first row is the start, and every row stays what it was when it was written.",
            atol=1e-12,
        ),
        Rule(
            "no step, many steps, one weight, an integer start, w0 unchanged",
            1,
            odd_starts,
            "Begin with a float copy of w0; without a step the path is the start alone.",
            mutation="none",
            check=is_a_path_of_floats,
        ),
    ),
    mistakes={
        "start missing": Mistake(
            lambda *args: descend(*args)[1:], "The path begins after the first step: the start belongs to it."
        ),
        "end missing": Mistake(
            lambda *args: descend(*args)[:-1], "It stops one step early: the path has num_steps + 1 rows."
        ),
        "one step too many": Mistake(
            lambda grad_fn, w0, lr, num_steps: descend(grad_fn, w0, lr, num_steps + 1),
            "It takes one step more than asked for.",
        ),
        "ascent": Mistake(
            lambda grad_fn, w0, lr, num_steps: descend(grad_fn, w0, -lr, num_steps),
            "It walks uphill: look at the sign of the step.",
        ),
        "aliases": Mistake(
            aliases, "All rows show the same point: `w -= ...` changes the very array that the path holds already."
        ),
        "only the end": Mistake(lambda *args: descend(*args)[-1], "It returns the last point: the path was asked for."),
        "a list": Mistake(lambda *args: list(descend(*args)), "Make one array of the list before you return it."),
        "transposed": Mistake(lambda *args: descend(*args).T, "Rows are steps, columns are weights."),
        "changes w0": Mistake(
            walks_on_w0, "It walks on w0 itself: whoever called it finds another w0, and integers cannot take it."
        ),
        "integers stay integers": Mistake(
            in_the_type_of_w0, "An integer w0 makes an integer path, and every step is cut off."
        ),
        "learning rate forgotten": Mistake(
            in_a_loop(lambda w, grad_fn, lr, t: w - grad_fn(w)), "The learning rate is never used."
        ),
        "gradient of the start": Mistake(
            lambda grad_fn, w0, lr, num_steps: w0 - lr * np.arange(num_steps + 1.0)[:, None] * grad_fn(w0),
            "Every step uses the gradient at w0: ask for it again where you are.",
        ),
        "unit steps": Mistake(
            in_a_loop(lambda w, grad_fn, lr, t: w - lr * (g := grad_fn(w)) / np.linalg.norm(g)),
            "It keeps the gradient's direction only: a step is also as long as the gradient says.",
        ),
        "learning rate decays": Mistake(
            in_a_loop(lambda w, grad_fn, lr, t: w - lr / (t + 1) * grad_fn(w)), "The learning rate stays the same."
        ),
        "gradients": Mistake(
            lambda grad_fn, *args: np.array([grad_fn(w) for w in descend(grad_fn, *args)]),
            "These are the gradients along the path, not the points.",
        ),
        "jumps to the gradient": Mistake(
            in_a_loop(lambda w, grad_fn, lr, t: -lr * grad_fn(w)), "The step is added to where you are."
        ),
        "steps": Mistake(
            lambda *args: np.diff(descend(*args), axis=0, prepend=0),
            "These are the steps, not the points they lead to.",
        ),
        "stops when the gradient is small": Mistake(
            stops_when_the_gradient_is_small,
            "Where the gradient is small it stops: take all num_steps steps, so that the path has all its rows.",
        ),
        "stops when it hardly moves": Mistake(
            stops_when_it_hardly_moves,
            "Where a step is short it stops: take all num_steps steps, so that the path has all its rows.",
        ),
        "nothing without a step": Mistake(
            without_a_step(lambda w: np.empty((0, len(w)))), "With num_steps = 0 there is the start still: one row."
        ),
        "flat without a step": Mistake(
            without_a_step(lambda w: w), "With num_steps = 0 the path has one row: it is still a table."
        ),
    },
    variants={
        "list of new arrays": in_a_loop(lambda w, grad_fn, lr, t: w - lr * grad_fn(w)),
        "preallocated": preallocated,
        "in place, rows copied": copies_in_place,
        "stacked": stacked,
        "asarray": in_a_loop(lambda w, grad_fn, lr, t: w + -lr * np.asarray(grad_fn(w)), start=np.asarray),
        "one weight at a time": in_a_loop(
            lambda w, grad_fn, lr, t: np.array([a - lr * b for a, b in zip(w, grad_fn(w), strict=True)])
        ),
    },
    forbids=("scipy.optimize", "sklearn", "torch", "jax", "tensorflow"),
)


# --- stall_start ------------------------------------------------------------------------------------------------

LR, NUM_STEPS = 1.0, 1000


def stalls(z):
    """Gradient descent with MSE on the one example x = 1, y = 0 is still above p = 0.5 at the end."""
    for _ in range(NUM_STEPS):
        p = math.exp(min(z, 0)) / (1 + math.exp(-abs(z)))
        z -= LR * p**2 * (1 - p)
    return z > 0


def smallest_that_stalls(_, value):
    try:
        number = np.asarray(value)
    except ValueError:
        number = np.empty(0)
    if number.size != 1 or number.dtype.kind not in "iuf" or not np.isfinite(number).all():
        return "answer with a number, such as 2.5"
    z0 = float(number.reshape(()))
    if not stalls(z0):
        return "from this start it does get to p = 0.5 or below"
    return "from a start 0.1 below it stalls too" if stalls(z0 - 0.1) else None


stall_start = Exercise(
    signature="stall_start",
    slide=ATTENUATED,
    reference=6.9,
    rules=(
        Rule(
            "the smallest start that stalls",
            2,
            hint="Run the criterion, with your own mse_grad, at your answer and at 0.1 less.",
            check=smallest_that_stalls,
        ),
    ),
    mistakes={
        "no half": Mistake(7.6, "This is the start for a gradient that is twice as long: check mse_grad."),
        "just before": Mistake(6.8, "You are very close: from here it gets away just in time."),
        "just after": Mistake(7.0, "You are very close: is it the smallest one?"),
        "a tenth of the time": Mistake(4.5, "Have you changed the learning rate, or the number of steps?"),
        "half of the time": Mistake(6.2, "It gets away from here if it is given all its steps."),
        "p instead of z": Mistake(reference_sigmoid(6.9), "This is a probability: the start is a logit."),
        "of the other side": Mistake(-6.9, "Here p is near 0, and y = 0: nothing is wrong there."),
        "zero": Mistake(0.0, "At z = 0 the gradient is far from small."),
        "far out": Mistake(40.0, "It stalls, but so does many a smaller start."),
        "a text": Mistake("6.9", "A number has no quotation marks."),
        "both neighbours": Mistake([6.8, 6.9], "One number, please."),
        "nothing": Mistake(None),
        "nan": Mistake(math.nan),
        "never": Mistake(math.inf, "There is one: try starts up to 10."),
        "yes": Mistake(True, "The start itself is asked for."),
    },
    variants={
        "float32": np.float32(6.9),
        "float64": np.float64(6.9),
        "0-d": np.array(6.9),
        "weights": np.array([6.9]),
        "of arange": np.arange(0, 10, 0.1)[69],
        "bisected": 6.8819,
        "two decimals": 6.95,
    },
)


# --- bce_from_probs(p, y) ---------------------------------------------------------------------------------------


def one_probability(rng):
    for y in (0, 1):
        yield case(rng.uniform(0.1, 0.9, 1), np.array([y]), about=f"one example with y = {y}")
    yield case(np.array([1e-200]), np.array([1]), about="one example with y = 1 and p just above 0")
    yield case(np.array([1 - 2.0**-45]), np.array([0]), about="one example with y = 0 and p just below 1")


def probabilities(rng):
    yield case(rng.uniform(0.05, 0.95, 7), mixed(rng, 7))
    yield case(rng.uniform(0.05, 0.95, 4), mixed(rng, 4) * 1.0, about="labels 0.0 and 1.0")
    yield case(rng.uniform(0.05, 0.95, 6).astype(np.float32), mixed(rng, 6), about="float32 input")
    p, y, rows = rng.uniform(0.05, 0.95, 5), mixed(rng, 5), [0, 1, 2, 3, 4, 0, 2, 0]
    yield case(p[rows], y[rows], about="some examples more than once")
    y = mixed(rng, 40)
    yield case(np.where(y == 1, 1e-9, 1 - 1e-9), y, about="40 surprises")  # the product of these p is 0 in float64


def surprise(p, y):
    """Minus the log of the probability that was given to what happened."""
    p = np.asarray(p, dtype=float)
    return -np.log(np.where(np.asarray(y) == 1, p, 1 - p))


def logarithms_in_place(p, y):
    p[y == 0] = 1 - p[y == 0]
    return -np.mean(np.log(p, out=p))


bce_from_probs = Exercise(
    signature="bce_from_probs(p, y)",
    slide=LOG_LOSS,
    reference=lambda p, y: surprise(p, y).mean(),
    rules=(
        Rule("one example: y selects the term", 1, one_probability, "Which term is active for this y?"),
        Rule(
            "the mean over examples, and its inputs left alone",
            1,
            probabilities,
            "See the sum and what stands before it.",
            slide=LOSS,
            mutation="none",
        ),
    ),
    mistakes={
        "sum": Mistake(lambda p, y: surprise(p, y).sum(), "It adds up over examples: what stands before the sum?"),
        "sign": Mistake(lambda p, y: -surprise(p, y).mean(), "It is negative: a loss is at least 0 here."),
        "labels swapped": Mistake(lambda p, y: surprise(p, 1 - y).mean(), "y = 1 goes with p, y = 0 with 1 - p."),
        "log2": Mistake(lambda p, y: surprise(p, y).mean() / np.log(2), "The slide's log is the natural one."),
        "log10": Mistake(lambda p, y: surprise(p, y).mean() / np.log(10), "log is natural here: np.log."),
        "first term only": Mistake(
            lambda p, y: -np.mean(y * np.log(p)), "Examples with y = 0 cost nothing: the second term is missing."
        ),
        "second term only": Mistake(
            lambda p, y: -np.mean((1 - y) * np.log(1 - p)), "Examples with y = 1 cost nothing: a term is missing."
        ),
        "one per example": Mistake(surprise, "These are the losses of each example: one number is asked for."),
        "minus on one term": Mistake(
            lambda p, y: np.mean(-y * np.log(p) + (1 - y) * np.log(1 - p)), "The minus stands before the whole bracket."
        ),
        "outer product": Mistake(
            lambda p, y: np.mean(-column(y) * np.log(p) - (1 - column(y)) * np.log(1 - p)),
            "Every p meets every y, as where (n, 1) times (n,) gives (n, n).",
        ),
        "takes logarithms in place": Mistake(
            logarithms_in_place, "It overwrites p: whoever called it finds other numbers there afterwards."
        ),
        "squared error": Mistake(lambda p, y: np.mean((p - y) ** 2), "This is the MSE, which the slide replaces."),
        "half the squared error": Mistake(
            lambda p, y: np.mean((p - y) ** 2) / 2, "This is still the MSE with its half."
        ),
        "absolute error": Mistake(lambda p, y: np.mean(np.abs(p - y)), "There is a logarithm on the slide."),
        "y and p exchanged": Mistake(
            lambda p, y: -np.mean(p * np.log(y) + (1 - p) * np.log(1 - y)),
            "It is infinite for every p: is the logarithm of y taken, which is 0 or 1?",
        ),
        "takes p for a logit": Mistake(bce, "p is a probability already: no sigmoid here."),
        "log of the mean": Mistake(
            lambda p, y: -np.log(np.mean(np.where(y == 1, p, 1 - p))), "First the log of each, then the mean."
        ),
        "log of the product": Mistake(
            lambda p, y: -np.log(np.prod(np.where(y == 1, p, 1 - p))) / len(y),
            "The product of many probabilities is 0 in float64: add up the logarithms instead.",
        ),
        "1e-12 inside the log": Mistake(
            lambda p, y: -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12)),
            "A small constant inside the logarithm caps the loss: add nothing.",
        ),
        "1e-7 inside the log": Mistake(
            lambda p, y: -np.mean(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7)),
            "The small constant inside the logarithm changes every loss: add nothing.",
        ),
        "p clipped": Mistake(
            lambda p, y: surprise(np.clip(p, 1e-12, 1 - 1e-12), y).mean(),
            "Clipping p caps the loss: p is strictly between 0 and 1 already.",
        ),
        "divided twice": Mistake(
            lambda p, y: surprise(p, y).mean() / len(y), "np.mean divides by n already: it is done twice."
        ),
    },
    variants={
        "the slide": lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
        "log1p": lambda p, y: -(y * np.log(p) + (1 - y) * np.log1p(-p)).sum() / len(y),
        "where": lambda p, y: float(np.where(y == 1, -np.log(p), -np.log(1 - p)).mean()),
        "chosen": lambda p, y: -np.concatenate([np.log(p[y == 1]), np.log(1 - p[y == 0])]).mean(),
        "dot": lambda p, y: -(np.log(p) @ y + np.log(1 - p) @ (1 - y)) / p.size,
        "loop": lambda p, y: (
            -sum(math.log(a) if b else math.log(1 - a) for a, b in zip(p.tolist(), y.tolist(), strict=True)) / len(y)
        ),
        "powers": lambda p, y: -np.log(p**y * (1 - p) ** (1 - y)).mean(),
        "distance to the other label": lambda p, y: -np.log(np.abs(1 - y - p)).mean(),
        "a 0-d array": lambda p, y: np.array(surprise(p, y).mean()),
    },
    forbids=NO_SHORTCUTS,
)


# --- bce_with_logits(z, y) --------------------------------------------------------------------------------------


def moderate_logits(rng):
    yield case(rng.uniform(-4, 4, 7), mixed(rng, 7))
    yield case(rng.uniform(-4, 4, 4), mixed(rng, 4) * 1.0, about="labels 0.0 and 1.0")
    yield case(rng.uniform(-4, 4, 1), np.array([1]), about="one example")
    yield case(rng.uniform(-4, 4, 3), np.ones(3, dtype=int), about="all of class 1")
    yield case(rng.uniform(-4, 4, 4), np.zeros(4, dtype=int), about="all of class 0")
    yield case(np.zeros(5), mixed(rng, 5), about="z = 0")
    yield case(rng.uniform(-4, 4, 6).astype(np.float32), mixed(rng, 6), about="float32 input")
    z, y, rows = rng.uniform(-4, 4, 5), mixed(rng, 5), [0, 1, 2, 3, 4, 0, 2, 0]
    yield case(z[rows], y[rows], about="some examples more than once")


def extreme_logits(rng):
    for size in (10_000.0, 1000.0, 710.0, 15.5):
        yield case(np.array([size]), np.array([0]), about=f"z = {size:g} and y = 0")
        yield case(np.array([-size]), np.array([1]), about=f"z = -{size:g} and y = 1")
        yield case(np.array([size, -size]), np.array([1, 0]), about=f"confidently right z = ±{size:g}")
        z = np.array([size, -size, size, -size])
        order = rng.permutation(4)
        yield case(z[order], np.array([0, 0, 1, 1])[order], about=f"z = ±{size:g}, half of it right")
        z = np.append(rng.normal(0, 2, 3), [size, -size])
        order = rng.permutation(5)
        y = np.array([0.0, 1, 1, 1, 0])[order]
        yield case(z[order], y, about=f"moderate z and confidently right z = ±{size:g}")


def from_probabilities(log):
    """The slide's formula with another logarithm, after a perfect sigmoid."""

    def loss(z, y):
        p = reference_sigmoid(z)
        return -np.mean(y * log(p) + (1 - y) * log(1 - p))

    return loss


def both_branches(z, y):
    softplus = np.where(z > 0, z + np.log1p(np.exp(-z)), np.log1p(np.exp(z)))
    return np.mean(softplus - y * z)


def masked_loss(z, y):
    margin = np.where(y == 1, z, -z).astype(float)
    losses = np.empty_like(margin)
    right = margin > 0
    losses[right] = np.log1p(np.exp(-margin[right]))
    losses[~right] = -margin[~right] + np.log1p(np.exp(margin[~right]))
    return losses.mean()


def flips_z_in_place(z, y):
    z[y == 1] *= -1
    return np.mean(np.logaddexp(0, z))


def one_logit_at_a_time(z, y):
    total = 0.0
    for logit, label in zip(z.tolist(), y.tolist(), strict=True):
        wrong = -logit if label else logit
        total += max(wrong, 0) + math.log1p(math.exp(-abs(wrong)))
    return total / len(y)


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


bce_with_logits = Exercise(
    signature="bce_with_logits(z, y)",
    slide=LOSS,
    reference=bce,
    rules=(
        Rule("moderate logits", 2, moderate_logits, "Compare with bce_from_probs(sigmoid(z), y).", rtol=1e-6),
        Rule(
            "large logits: exact on both sides",
            2,
            extreme_logits,
            "Write the loss with z before you take any logarithm: p has lost what you need.",
            rtol=1e-12,
            atol=1e-12,
        ),
        Rule(
            "no warning, inputs unchanged",
            1,
            extreme_logits,
            "Which exponential never exceeds 1?",
            rtol=1e-12,
            atol=1e-12,
            warnings="none",
            mutation="none",
        ),
    ),
    mistakes={
        "log of p": Mistake(
            from_probabilities(np.log), "Where p is exactly 0 or 1, log gives -inf, and 0 times -inf is nan."
        ),
        "log of p + 1e-8": Mistake(
            from_probabilities(lambda p: np.log(p + 1e-8)), "The small constant caps the loss: it should keep growing."
        ),
        "log of p + 1e-12": Mistake(
            from_probabilities(lambda p: np.log(p + 1e-12)),
            "Large losses are cut off: is p clipped, or a constant added inside the log?",
        ),
        "log of one sigmoid": Mistake(
            lambda z, y: -np.mean(np.log(reference_sigmoid(np.where(y == 1, z, -z)))),
            "One sigmoid that y selects is half of the way, but sigmoid(-1000) is 0 and has no logarithm.",
        ),
        "p clipped": Mistake(
            from_probabilities(lambda p: np.log(np.clip(p, 1e-15, 1 - 1e-15))),
            "Clipping p caps the loss: for a confidently wrong example it should keep growing with z.",
        ),
        "p clipped harder": Mistake(
            from_probabilities(lambda p: np.log(np.clip(p, 1e-7, 1 - 1e-7))), "Clipping p stops the loss from growing."
        ),
        "nan to 0": Mistake(
            lambda z, y: np.nan_to_num(from_probabilities(np.log)(z, y)), "It hides a nan instead of avoiding it."
        ),
        "nan to 0 in each term": Mistake(
            lambda z, y: (
                -np.mean(
                    np.nan_to_num(y * np.log(reference_sigmoid(z)))
                    + np.nan_to_num((1 - y) * np.log(1 - reference_sigmoid(z)))
                )
            ),
            "It turns -inf into a huge number: the right one can be had from z.",
        ),
        "z clipped": Mistake(lambda z, y: bce(np.clip(z, -500, 500), y), "Clipping z stops the loss from growing."),
        "z clipped harder": Mistake(lambda z, y: bce(np.clip(z, -30, 30), y), "Clipping z caps the loss too early."),
        "naive softplus": Mistake(
            lambda z, y: np.mean(np.log(1 + np.exp(z)) - y * z), "exp(z) overflows for large z: keep exponents below 0."
        ),
        "naive softplus of the margin": Mistake(
            lambda z, y: np.mean(np.log(1 + np.exp(np.where(y == 1, -z, z)))), "The exponential overflows: bound it."
        ),
        "both branches of where": Mistake(
            both_branches, "np.where computes both branches for every z: the one not chosen overflows."
        ),
        "labels -1 and 1": Mistake(
            lambda z, y: np.mean(np.logaddexp(0, -y * z)), "This is the formula for labels -1 and 1: here y is 0 or 1."
        ),
        "max left out": Mistake(
            lambda z, y: np.mean(np.log1p(np.exp(-np.abs(z)))),
            "It never gets above log 2, however wrong z is: the large part that was taken out of the log is missing.",
        ),
        "right ones cost too": Mistake(
            lambda z, y: np.mean(np.maximum((1 - 2 * y) * z, 0) + np.logaddexp(0, (2 * y - 1) * z)),
            "An example that is right costs as much as one that is wrong: what grows here if a is very negative?",
        ),
        "first term only": Mistake(
            lambda z, y: np.mean(y * softplus(-z)), "Examples with y = 0 cost nothing: the second term is missing."
        ),
        "no log term": Mistake(
            lambda z, y: np.mean(np.maximum(z, 0) - y * z), "At z = 0 it costs nothing, but p = 0.5 is not certain."
        ),
        "sum": Mistake(lambda z, y: len(y) * bce(z, y), "It adds up over examples: take the mean."),
        "sign": Mistake(lambda z, y: -bce(z, y), "It is negative: check the minus before the bracket."),
        "labels swapped": Mistake(lambda z, y: bce(z, 1 - y), "It punishes the right side: which z goes with y = 1?"),
        "log2": Mistake(lambda z, y: bce(z, y) / np.log(2), "The slide's log is the natural one."),
        "outer difference": Mistake(
            lambda z, y: np.mean(softplus(z)[:, None] - y * z[:, None]),
            "Every z meets every y, as where (n, 1) times (n,) gives (n, n).",
        ),
        "one per example": Mistake(
            lambda z, y: softplus(z) - y * z, "These are the losses of each example: take their mean."
        ),
        "takes z for p": Mistake(
            lambda z, y: -np.mean(y * np.log(z) + (1 - y) * np.log(1 - z)), "z is a logit: the log of it is undefined."
        ),
        "y selects nothing": Mistake(
            lambda z, y: np.mean(np.logaddexp(0, -z)), "It is the loss for y = 1 whatever y says."
        ),
        "changes z": Mistake(flips_z_in_place, "It flips signs in z itself: work on a new array."),
    },
    variants={
        "logaddexp": lambda z, y: np.mean(np.logaddexp(0, z) - y * z),
        "max and log1p": lambda z, y: np.mean(softplus(z) - y * z),
        "margin": lambda z, y: float(np.logaddexp(0, (1 - 2 * y) * z).mean()),
        "two terms": lambda z, y: (y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)).sum() / z.size,
        "masked": masked_loss,
        "loop": one_logit_at_a_time,
        "dot": lambda z, y: np.array((softplus(z).sum() - y @ z) / len(z)),
        "where without a warning": lambda z, y: np.mean(np.where(y == 1, softplus(-z), softplus(z))),
        "warning silenced": lambda z, y: silently(both_branches, z, y),
    },
    forbids=NO_SHORTCUTS,
)


def silently(f, *args):
    with np.errstate(over="ignore"):
        return f(*args)


# --- the derivation, and bce_grad(w, X, y) ----------------------------------------------------------------------

# a x(ŷ - y), b xσ, c y - σ, d σ(1 - σ), e xσ(1 - σ), f x(1 - σ), g x(ŷ - y)ŷ(1 - ŷ), h σ, i 1 - σ, j yσ
bce_derivation = fill_in(
    "bce_derivation",
    {"line 1": "h", "line 2": "e", "line 3": "f", "line 4": "j", "line 5": "c", "line 6": "a"},
    "abcdefghij",
    points=3,
    slide=DERIVATION,
    hint="What must this line have so that it equals the line above?",
)


def bce_reference(w, X, y):
    return np.array([math.fsum(residual(w, X, y) * feature) for feature in X.T]) / len(y)


def divided_and_multiplied(w, X, y):
    p = reference_sigmoid(X @ w)
    return X.T @ ((p - y) / (p * (1 - p)) * (p * (1 - p))) / len(y)


def bce_in_place(w, X, y):
    y -= reference_sigmoid(X @ w)
    return -X.T @ y / len(X)


def bce_in_floats_in_place(w, X, y):
    return bce_in_place(w, X, np.asarray(y, dtype=float))


def bce_in_X(w, X, y):
    X *= column(residual(w, X, y))
    return X.mean(axis=0)


def bce_into_the_type_of_X(w, X, y):
    total = np.zeros_like(X[0])
    total[...] = bce_reference(w, X, y)
    return total


bce_grad = Exercise(
    signature="bce_grad(w, X, y)",
    slide=DERIVATION,
    reference=bce_reference,
    rules=(
        Rule("one example: the slide's formula", 1, one_example, "Read the last line of the derivation.", atol=1e-13),
        Rule("the mean over examples", 2, designs, "The loss is a mean over the rows of X.", slide=LOSS, atol=1e-13),
        Rule(
            "large logits",
            1,
            saturated,
            "A confidently wrong example pulls with all its x: nothing is divided by p(1 - p).",
            slide=ATTENUATED,
            atol=1e-9,
        ),
        Rule(
            "inputs unchanged, labels of any dtype",
            1,
            designs,
            "The arrays you get belong to somebody else.",
            atol=1e-13,
            mutation="none",
        ),
    ),
    mistakes={
        "sign": Mistake(lambda w, X, y: -bce_reference(w, X, y), "It points the opposite way: which minus which?"),
        "sum": Mistake(lambda w, X, y: len(y) * bce_reference(w, X, y), "It adds up over examples: take the mean."),
        "divided by d": Mistake(
            lambda w, X, y: bce_reference(w, X, y) * len(y) / len(w),
            "It divides by the number of features instead of the number of examples.",
        ),
        "sigmoid forgotten": Mistake(
            lambda w, X, y: X.T @ (X @ w - y) / len(y),
            "This is linear regression's gradient: it looks the same, but what is the prediction here?",
        ),
        "gradient of the MSE": Mistake(
            mse_reference, "p(1 - p) is still there: with the log-loss it cancels. This is the other loss."
        ),
        "twice": Mistake(lambda w, X, y: 2 * bce_reference(w, X, y), "It is twice as long as it should be."),
        "square kept": Mistake(
            lambda w, X, y: X.T @ residual(w, X, y) ** 2 / len(y), "There is no square in the derivation's last line."
        ),
        "no slope of the sigmoid": Mistake(
            lambda w, X, y: X.T @ (residual(w, X, y) / slope(X @ w)) / len(y),
            "The chain rule passes through the sigmoid too: its slope is missing.",
        ),
        "mean over features": Mistake(
            lambda w, X, y: (X * column(residual(w, X, y))).mean(axis=1),
            "It averages over the features: one number per example is left instead of one per weight.",
        ),
        "the loss": Mistake(
            lambda w, X, y: bce(X @ w, y), "This is the loss itself: how fast it changes with each weight is asked for."
        ),
        "labels instead of probabilities": Mistake(
            lambda w, X, y: X.T @ ((X @ w >= 0) * 1.0 - y) / len(y),
            "It compares predicted labels: use the probabilities before the threshold.",
        ),
        "only where y is 1": Mistake(
            lambda w, X, y: -X.T @ (y * reference_sigmoid(-(X @ w))) / len(y),
            "Examples with y = 0 pull too: a term is missing.",
        ),
        "only where y is 0": Mistake(
            lambda w, X, y: X.T @ ((1 - y) * reference_sigmoid(X @ w)) / len(y),
            "Examples with y = 1 pull too: a term is missing.",
        ),
        "divides by p(1 - p)": Mistake(
            divided_and_multiplied, "Where p is 0 or 1 it divides 0 by 0: cancel on paper, not in code."
        ),
        "not added up": Mistake(
            lambda w, X, y: X * column(residual(w, X, y)),
            "There is one row per example still: the gradient has the shape of w.",
        ),
        "features forgotten": Mistake(
            lambda w, X, y: residual(w, X, y).mean(), "That is the derivative in z. How does z change with w?"
        ),
        "outer difference": Mistake(
            lambda w, X, y: X.T @ (reference_sigmoid(X @ w)[:, None] - y).mean(axis=1) / len(y),
            "Every p meets every y, as where (n, 1) minus (n,) gives (n, n).",
        ),
        "a column": Mistake(lambda w, X, y: column(bce_reference(w, X, y)), "Return shape (d,), not (d, 1)."),
        "squeezed": Mistake(
            lambda w, X, y: np.squeeze(column(bce_reference(w, X, y))),
            "With a single feature squeeze() leaves a plain number: the gradient has the shape of w.",
        ),
        "y -= p": Mistake(bce_in_place, "`y -= p` works in y itself: it changes the labels, and fails for integers."),
        "y -= p with float labels": Mistake(
            bce_in_floats_in_place, "np.asarray makes no copy of what is a float array already: `-=` changes y."
        ),
        "X *= p - y": Mistake(bce_in_X, "It works in X itself: `X *= ...` changes the features."),
        "integers stay integers": Mistake(
            bce_into_the_type_of_X, "For integer features the result is cut off: zeros_like takes over the dtype."
        ),
        "first example only": Mistake(
            lambda w, X, y: bce_reference(w, X[:1], y[:1]), "It looks at the first example alone."
        ),
        "finite difference": Mistake(
            difference(lambda w, X, y: bce(X @ w, y)), "A finite difference is only an estimate: use the formula."
        ),
    },
    variants={
        "X transposed": lambda w, X, y: X.T @ (reference_sigmoid(X @ w) - y) / len(y),
        "row vector times X": lambda w, X, y: (reference_sigmoid(np.dot(X, w)) - y) @ X / X.shape[0],
        "mean of rows": lambda w, X, y: np.mean(X * (reference_sigmoid(X @ w) - y)[:, None], axis=0),
        "einsum": lambda w, X, y: np.einsum("n,nd->d", reference_sigmoid(X @ w) - y, X) / y.size,
        "loop": row_by_row(lambda x, p, y: x * (p - y)),
        "minus x(y - p)": lambda w, X, y: -(X.T.dot(y - reference_sigmoid(X @ w))) / len(X),
        "naive sigmoid": lambda w, X, y: X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(y),
        "columns inside": lambda w, X, y: (X.T @ (reference_sigmoid(X @ column(w)) - column(y))).ravel() / len(y),
        "two terms": lambda w, X, y: (lambda p: -X.T @ (y * (1 - p) - (1 - y) * p) / len(y))(reference_sigmoid(X @ w)),
    },
    forbids=(*NO_SHORTCUTS, "lectrain.check.numerical_gradient"),
)


# --- questions --------------------------------------------------------------------------------------------------

# a x(ŷ - y), b log-loss, c σ(xᵀw), d regression, e MSE, f xᵀw, g x(ŷ - y)ŷ(1 - ŷ), h classification
glm_table = fill_in(
    "glm_table",
    {
        "linear use": "d",
        "linear prediction": "f",
        "linear loss": "e",
        "linear gradient": "a",
        "logistic use": "h",
        "logistic prediction": "c",
        "logistic loss": "b",
        "logistic gradient": "a",
    },
    "abcdefgh",
    points=2,
    slide=TABLE,
)

trivia = choose_all("trivia", "bc", "abcd", points=1, slide=TRIVIA)
