"""The exercises of `01-sigmoid/sigmoid.ipynb`."""

import math

import numpy as np

from ...judging.compare import describe_difference
from ...judging.model import Exercise, Mistake, Rule, case, with_strided_repeat
from ...judging.quizzes import choose_all, fill_in, predict

SQUASHING, SIGMOID, MODEL = "Sigmoid: a “squashing” function", "Logistic sigmoid", "Logistic Regression"
NO_SHORTCUTS = ("scipy.special", "scipy.stats", "sklearn", "torch", "jax", "tensorflow")


def exact(z):
    """Sigmoid to the last bit that float64 allows, for every z."""
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=np.float64)))


# --- sigmoid(z) -------------------------------------------------------------------------------------------------


@with_strided_repeat
def moderate(rng):
    yield case(rng.uniform(-8, 8, (3, 4)), about="an array of shape (3, 4)")
    yield case(rng.uniform(-8, 8, 7))
    yield case(np.array([0.0]), about="z = 0")


def any_shape(rng):
    yield case(rng.uniform(-8, 8, (2, 1, 3)), about="an array of shape (2, 1, 3)")
    yield case(np.array(rng.uniform(-8, 8)), about="a 0-d array")
    yield case(float(rng.uniform(-8, 8)), about="a Python float")
    yield case(-1000, about="the plain number -1000")
    yield case(rng.permutation(np.arange(-3, 4)), about="integers")
    yield case(rng.uniform(-8, 8, 5).astype(np.float32), about="float32 input")
    yield case(np.empty((0, 3)), about="an empty array")


def tails(rng):
    for size in (10_000, 1000, 710, 100, 40, 25):
        yield case(np.array([-size, size]) * 1.0, about=f"z = ±{size}")
    yield case(rng.permutation([-1000.0, -30, 0, 30, 1000]), about="an array with moderate and large |z|")


def left_alone(rng):
    yield case(rng.uniform(-8, 8, 7))
    yield case(rng.uniform(-8, 8, (3, 4)), about="an array of shape (3, 4)")
    yield case(rng.permutation([-1000.0, -3, 0, 3, 600]), about="an array with moderate and large |z|")
    yield case(rng.permutation([-1000, -300, 40, 600]), about="large integers")  # also right if p is cut off


def masked(z):
    z = np.asarray(z, dtype=float)
    p = np.empty(z.shape)
    positive = z >= 0
    p[positive] = 1 / (1 + np.exp(-z[positive]))
    p[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
    return p


def one_at_a_time(z):
    z = np.asarray(z, dtype=float)
    return np.array([math.exp(min(v, 0)) / (1 + math.exp(-abs(v))) for v in z.ravel()]).reshape(z.shape)


def without_a_warning(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def keeps_single_precision(z):
    z = np.asarray(z)
    return exact(z).astype(z.dtype if z.dtype.kind == "f" else float)


def both_branches(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


def in_place(z):
    z = np.asarray(z)
    np.negative(z, out=z)
    return np.exp(-np.logaddexp(0, z))


def clips_in_place(z):
    z = np.asarray(z, dtype=float)
    z[z > 500] = 500
    z[z < -500] = -500
    return 1 / (1 + np.exp(-z))


def zeros_and_ones_in_place(p, threshold=0.5):
    above = p >= threshold
    p[above], p[~above] = 1, 0
    return p.astype(int)


def with_an_if(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


def softmax(z):
    powers = np.exp(z - np.max(z, initial=-np.inf))
    return powers / powers.sum()


def indexes_a_number(z):
    p = np.empty(np.shape(z))
    p[z >= 0] = 1 / (1 + np.exp(-z[z >= 0]))
    p[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return p


def with_math_for_a_number(z):
    return 1 / (1 + math.exp(-z)) if isinstance(z, int | float) else exact(z)


def in_the_order_of_memory(z):
    return np.array([exact(v) for v in np.nditer(z, flags=["zerosize_ok"])]).reshape(np.shape(z))


def keeps_integers(z):
    p = np.zeros_like(z)
    p[...] = exact(z)
    return p


sigmoid = Exercise(
    signature="sigmoid(z)",
    slide=SQUASHING,
    reference=exact,
    rules=(
        Rule("values for moderate z", 1, moderate, "Try z = 0 and z of shape (3, 4).", rtol=1e-12, atol=1e-12),
        Rule(
            "numbers, integers, any shape",
            1,
            any_shape,
            "Call it with 0, with np.array(0.5) and with np.arange(3).",
            rtol=1e-12,
            atol=1e-12,
        ),
        Rule(
            "large |z|, with no overflow warning",
            1,
            tails,
            "What does exp(1000) give, and which exponential stays small?",
            slide=SIGMOID,
            rtol=1e-12,
            atol=1e-12,
            warnings="none",
        ),
        Rule("right values, and its input left alone", 1, left_alone, rtol=1e-12, atol=1e-12, mutation="none"),
    ),
    mistakes={
        "naive exp": Mistake(
            lambda z: 1 / (1 + np.exp(-z)),
            "exp(-z) overflows for very negative z. Which exponential stays below 1 there?",
        ),
        "exp over 1 + exp": Mistake(
            lambda z: np.exp(z) / (1 + np.exp(z)), "For large z both exponentials are infinite, and inf / inf is nan."
        ),
        "both branches of where": Mistake(
            both_branches, "np.where computes both branches for every z before it chooses: the wrong one overflows."
        ),
        "sign of z": Mistake(lambda z: exact(-np.asarray(z)), "It falls where it should rise: look at the sign of z."),
        "clipped": Mistake(lambda z: exact(np.clip(z, -10, 10)), "Clipping z changes the tails: they stop too early."),
        "clips z itself": Mistake(
            clips_in_place, "np.asarray makes no copy of floats: `z[z > …] = …` changes the z of whoever called it."
        ),
        "tanh": Mistake(lambda z: np.tanh(z), "It runs from -1 to 1: this is tanh, not yet squashed into (0, 1)."),
        "tanh without halving": Mistake(
            lambda z: 0.5 * (1 + np.tanh(z)), "The curve is twice as steep as it should be at 0: halve something."
        ),
        "returns a list": Mistake(
            lambda z: [float(p) for p in np.ravel(exact(z))], "Return a NumPy array of the shape of z, not a list."
        ),
        "hard sigmoid": Mistake(
            lambda z: np.clip(0.5 + np.asarray(z) / 4, 0, 1), "Straight lines are no smooth transition."
        ),
        "changes its input": Mistake(in_place, "It negates z itself: whoever called it finds another z afterwards."),
        "integers stay integers": Mistake(
            keeps_integers, "For integer z the result is cut off to integers: make the output float."
        ),
        "flattens": Mistake(lambda z: np.ravel(exact(z)), "The result has lost the shape of z."),
        "labels": Mistake(
            lambda z: (np.asarray(z) >= 0) * 1.0, "This is the threshold already; the probability comes first."
        ),
        "plus one outside": Mistake(
            lambda z: 1 / np.exp(-np.clip(z, -700, 700)) + 1, "Check the brackets around 1 + exp(-z)."
        ),
        "math.exp": Mistake(
            lambda z: 1 / (1 + math.exp(-z)), "math.exp takes a single number: NumPy has one that takes arrays."
        ),
        "math.exp for a plain number": Mistake(
            with_math_for_a_number, "A plain number can be large, too: math.exp(1000) is an error, not a warning."
        ),
        "in the order of memory": Mistake(
            in_the_order_of_memory,
            "It reads z in the order of memory, as np.nditer does: rows need not lie there one after the other.",
        ),
        "an if over the array": Mistake(
            with_an_if, "`if z >= 0` asks for one truth value, but every element of z has its own."
        ),
        "softmax": Mistake(softmax, "Every z is squashed by itself: nothing is summed over z."),
        "indexes a number": Mistake(
            indexes_a_number, "A plain number cannot be indexed with a mask: make it an array first."
        ),
    },
    variants={
        "exp of -logaddexp": exact,
        "tanh": lambda z: 0.5 * (1 + np.tanh(np.asarray(z) / 2)),
        "masked": masked,
        "exp(-|z|)": lambda z: np.where(z < 0, np.exp(-np.abs(z)), 1.0) / (1 + np.exp(-np.abs(z))),
        "one at a time": one_at_a_time,
        "naive without a warning": without_a_warning,
        "clipped where it cannot show": lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
        "vectorize": np.vectorize(lambda z: math.exp(min(z, 0)) / (1 + math.exp(-abs(z))), otypes=[float]),
        "exp(min(z, 0))": lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))),
        "float32 stays float32": keeps_single_precision,
    },
    forbids=NO_SHORTCUTS,
)


# --- the derivative ---------------------------------------------------------------------------------------------


@with_strided_repeat
def near_zero(rng):
    yield case(rng.normal(0, 2, (2, 3)), about="an array of shape (2, 3)")
    yield case(rng.normal(0, 2, 6))
    yield case(np.array([0.0]), about="z = 0")
    yield case(rng.permutation(np.arange(-3, 4)), about="integers")
    yield case(np.array(rng.normal()), about="a 0-d array")


def far_out(rng):
    yield case(np.array([-30.0, -25.0, 25.0]), about="z = -30, -25 and 25")
    yield case(np.array([-1000.0, 1000.0]), about="z = ±1000")
    yield case(np.array([-800.0, -400.0, -100.0, 0.5, 100.0, 400.0, 800.0]), about="|z| = 100, 400 and 800")


def slope(z):
    return exact(z) * exact(-np.asarray(z))


def difference(h):
    return lambda z: (exact(np.asarray(z) + h) - exact(np.asarray(z) - h)) / (2 * h)


sigmoid_prime = Exercise(
    signature="sigmoid_prime(z)",
    slide=SIGMOID,
    reference=slope,
    rules=(
        Rule("the slope of sigmoid", 3, near_zero, "Compare with (sigmoid(z + h) - sigmoid(z - h)) / 2h.", rtol=1e-8),
        Rule(
            "small, never nan, in the tails",
            1,
            far_out,
            "Write it with sigmoid(z) alone: no exponential of your own.",
            slide=SQUASHING,
            rtol=1e-2,
            atol=1e-15,
        ),
    ),
    mistakes={
        "takes p": Mistake(
            lambda z: np.asarray(z) * (1 - np.asarray(z)), "It treats z as if it were the probability: squash it first."
        ),
        "1 - p²": Mistake(
            lambda z: 1 - exact(z) ** 2, "That is tanh's rule. Which product does the derivation end with?"
        ),
        "quotient overflows on the left": Mistake(
            lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2, "exp(-z) overflows for very negative z, and inf / inf is nan."
        ),
        "quotient overflows on the right": Mistake(
            lambda z: np.exp(z) / (1 + np.exp(z)) ** 2, "exp(z) overflows for very large z, and inf / inf is nan."
        ),
        "p(1 + p)": Mistake(
            lambda z: exact(z) * (1 + exact(z)), "It grows with z. What does 1 + p do where p is near 1?"
        ),
        "sign": Mistake(lambda z: -slope(z), "It is negative, but the sigmoid rises everywhere."),
        "sigmoid itself": Mistake(exact, "This is the sigmoid, not its slope."),
        "1 - p": Mistake(lambda z: 1 - exact(z), "One factor is missing: it should be symmetric in z."),
        "slope of tanh": Mistake(lambda z: 1 - np.tanh(z) ** 2, "Its top is 1: the sigmoid is never that steep."),
        "coarse difference": Mistake(difference(0.1), "A finite difference is only an estimate: use the formula."),
        "p²": Mistake(lambda z: exact(z) ** 2, "One of the two factors is 1 - p."),
        "sigmoid of 1 - z": Mistake(
            lambda z: exact(z) * exact(1 - np.asarray(z)), "It is 1 minus sigmoid(z), not sigmoid of 1 minus z."
        ),
        "1 - 2p": Mistake(
            lambda z: 1 - 2 * exact(z), "That is one derivative too many: it is the slope of p(1 - p) along p."
        ),
        "np.gradient": Mistake(
            lambda z: np.gradient(exact(z), np.asarray(z)),
            "np.gradient compares neighbours in the array, but the slope at z depends on that z alone.",
        ),
        "twice": Mistake(lambda z: 2 * slope(z), "It is twice too steep."),
        "returns a list": Mistake(
            lambda z: [float(s) for s in np.ravel(slope(z))], "Return an array of the shape of z."
        ),
    },
    variants={
        "p(1 - p)": lambda z: exact(z) * (1 - exact(z)),
        "p - p²": lambda z: exact(z) - exact(z) ** 2,
        "cosh": lambda z: 0.25 / np.cosh(np.clip(np.asarray(z) / 2, -300, 300)) ** 2,
        "tanh": lambda z: (lambda p: p * (1 - p))(0.5 * (1 + np.tanh(np.asarray(z) / 2))),
        "exp(-|z|)": lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2,
        "one at a time": lambda z: np.array([slope(v) for v in np.ravel(z)]).reshape(np.shape(z)),
    },
    forbids=NO_SHORTCUTS,
)

sigmoid_prime_step = fill_in(
    "sigmoid_prime_step",
    {"missing line": "c"},
    "abcd",
    points=1,
    slide=SIGMOID,
    hint="Divide numerator and denominator of the first factor by the same thing.",
)


# --- the model --------------------------------------------------------------------------------------------------


@with_strided_repeat
def designs(rng):
    yield case(rng.normal(size=(5, 3)), rng.normal(size=3))
    yield case(rng.normal(size=(3, 6)), rng.normal(size=6), about="fewer rows than features")
    yield case(rng.integers(-2, 3, (4, 2)), rng.normal(size=2), about="integer features")


def special_designs(rng):
    yield case(rng.normal(size=(1, 4)), rng.normal(size=4), about="a single row")
    yield case(rng.normal(size=(6, 1)), rng.normal(size=1), about="a single feature")
    yield case(rng.normal(size=(4, 4)), rng.normal(size=4), about="as many rows as features")
    yield case(np.empty((0, 3)), rng.normal(size=3), about="no row at all")
    w = rng.normal(size=2)
    z = rng.permutation([-1000.0, -20, 0, 20, 1000])
    yield case(np.outer(z, w) / (w @ w), w, about="large logits")


predict_proba = Exercise(
    signature="predict_proba(X, w)",
    slide=MODEL,
    reference=lambda X, w: exact(X @ w),
    rules=(
        Rule(
            "one probability per row",
            2,
            designs,
            "First the logits, one per row of X, then squash.",
            rtol=1e-9,
            atol=1e-12,
        ),
        Rule(
            "one row, one feature, a square X, large logits",
            1,
            special_designs,
            "Look at the shapes: (n, d) times (d,). And your sigmoid is right for every z.",
            atol=1e-12,
        ),
    ),
    mistakes={
        "logits": Mistake(lambda X, w: X @ w, "These are the logits: they are not squashed yet."),
        "X transposed": Mistake(lambda X, w: exact(X.T @ w), "X.T @ w adds up over examples instead of features."),
        "a column": Mistake(lambda X, w: exact(X @ w)[:, None], "Return shape (n,), not (n, 1)."),
        "squashes first": Mistake(lambda X, w: exact(X) @ w, "Squash after the weighted sum, not before it."),
        "squashes each term": Mistake(
            lambda X, w: exact(X * w).sum(axis=1), "Squash the weighted sum, not each of its terms."
        ),
        "no sum": Mistake(lambda X, w: exact(X * w), "The features are not added up yet."),
        "labels": Mistake(lambda X, w: (X @ w >= 0) * 1.0, "These are labels: the threshold comes later."),
        "sign": Mistake(lambda X, w: exact(-(X @ w)), "This is the probability of class 0."),
        "normalised over rows": Mistake(
            lambda X, w: exact(X @ w) / exact(X @ w).sum(),
            "Each row has a probability of its own: rows need not add up to 1.",
        ),
        "mean of features": Mistake(lambda X, w: exact((X * w).mean(axis=1)), "It is a sum over features, not a mean."),
        "softmax over rows": Mistake(
            lambda X, w: np.exp(X @ w) / np.exp(X @ w).sum(),
            "Rows do not compete: squash each logit by itself, with your sigmoid.",
        ),
        "sums over examples": Mistake(
            lambda X, w: exact((X * w).sum(axis=0)), "The sum runs down the columns: it should run along each row."
        ),
        "squeezed": Mistake(
            lambda X, w: exact(X @ w[:, None]).squeeze(), "squeeze() drops the only row as well: (1,) becomes ()."
        ),
        "one number": Mistake(lambda X, w: exact((X @ w).sum()), "There should be one probability for each row."),
        "exp over 1 + exp": Mistake(
            lambda X, w: np.exp(X @ w) / (1 + np.exp(X @ w)),
            "For large logits both exponentials are infinite, and inf / inf is nan: your sigmoid is right for every z.",
        ),
        "last weight as bias": Mistake(
            lambda X, w: exact(X[:, :-1] @ w[:-1] + w[-1]),
            "The last weight has a feature too: X already holds what it needs.",
        ),
    },
    variants={
        "dot": lambda X, w: exact(np.dot(X, w)),
        "einsum": lambda X, w: exact(np.einsum("nd,d->n", X, w)),
        "loop": lambda X, w: np.array([exact(sum(a * b for a, b in zip(x, w, strict=True))) for x in X]),
        "sum": lambda X, w: exact((X * w).sum(axis=1)),
        "naive exp": lambda X, w: 1 / (1 + np.exp(-X @ w)),
    },
    forbids=NO_SHORTCUTS,
)


def clear_cut(rng):
    yield case(rng.permutation([0.0, 0.1, 0.4999, 0.5, 0.5001, 0.9, 1.0]))
    yield case(np.array([0.3]), about="a single p")
    yield case(np.array([0.7]), about="a single p")


def thresholds(rng):
    for threshold in (0.25, 0.75):
        about = f"threshold = {threshold}"
        yield case(rng.permutation([0.05, 0.2, 0.4, 0.6, 0.95]), threshold, about=about)
        yield case(rng.permutation([0.1, 0.3, 0.55, 0.9]), threshold=threshold, about=about + " by name")
    yield case(rng.permutation([0.1, 0.3, 1.0]), 0.0, about="threshold = 0")


def ties(rng):
    yield case(rng.permutation([0.2, 0.5 - 1e-13, 0.5, 0.8]), about="p = 0.5, and just below")
    yield case(rng.permutation([0.1, 0.75, 0.9]), 0.75, about="p = threshold = 0.75")


def one_label_for_each(asked, value):
    """Either label will do for p = 0.5: another rule asks for that."""
    (p,) = asked.args
    want = (p >= 0.5).astype(int)
    if isinstance(value, np.ndarray) and value.shape == p.shape:
        want[(p == 0.5) & (value == 0)] = 0
    return describe_difference(value, want)


predict_label = Exercise(
    signature="predict_label(p, threshold=0.5)",
    slide=MODEL,
    reference=lambda p, threshold=0.5: (p >= threshold).astype(int),
    rules=(
        Rule(
            "the threshold is used",
            1,
            thresholds,
            "Where does your code read `threshold`, and on which side of it is class 1?",
            dtype="any",
        ),
        Rule("p = threshold gives 1", 1, ties, "In which row of the slide's brace is p = 0.5?", dtype="any"),
        Rule(
            "one label per p, as integers",
            1,
            clear_cut,
            "Which shape and dtype has your result?",
            mutation="none",
            check=one_label_for_each,
        ),
    ),
    mistakes={
        "above": Mistake(
            lambda p, threshold=0.5: (p > threshold).astype(int), "p equal to the threshold belongs to class 1."
        ),
        "round": Mistake(
            lambda p, threshold=0.5: np.round(p).astype(int),
            "It splits at 0.5 whatever the threshold is, and puts 0.5 itself into class 0, as np.round does.",
        ),
        "booleans": Mistake(lambda p, threshold=0.5: p >= threshold, "True and False are not yet 1 and 0."),
        "floats": Mistake(lambda p, threshold=0.5: (p >= threshold) * 1.0, "Labels are integers, not 0.0 and 1.0."),
        "always 0.5": Mistake(
            lambda p, threshold=0.5: (p >= 0.5).astype(int), "The argument `threshold` is never used."
        ),
        "below": Mistake(lambda p, threshold=0.5: (p < threshold).astype(int), "The classes are swapped."),
        "minus one": Mistake(
            lambda p, threshold=0.5: np.where(p >= threshold, 1, -1), "The classes are called 0 and 1."
        ),
        "cut off": Mistake(lambda p, threshold=0.5: p.astype(int), "astype(int) cuts off: only p = 1 survives."),
        "one label": Mistake(lambda p, threshold=0.5: int(p.mean() >= threshold), "One label for each p, please."),
        "returns a list": Mistake(
            lambda p, threshold=0.5: [int(v >= threshold) for v in p], "Return an array, not a list."
        ),
        "changes p": Mistake(
            zeros_and_ones_in_place, "It writes the labels into p itself: whoever called it has lost the probabilities."
        ),
        "0 is no threshold": Mistake(
            lambda p, threshold=0.5: (p >= (threshold or 0.5)).astype(int),
            "A threshold of 0 is one too, but `threshold or 0.5` and `if threshold` take it for none.",
        ),
        "adds threshold": Mistake(
            lambda p, threshold=0.5: np.floor(p + threshold).astype(int),
            "It is 1 from p = 1 - threshold on: that is the threshold only if it is 0.5.",
        ),
    },
    variants={
        "astype": lambda p, threshold=0.5: (p >= threshold).astype(np.int32),
        "where": lambda p, threshold=0.5: np.where(p < threshold, 0, 1),
        "one minus": lambda p, threshold=0.5: 1 - (p < threshold),
        "digitize": lambda p, threshold=0.5: np.digitize(p, [threshold]),
        "times one": lambda p, threshold=0.5: (p >= threshold) * 1,
        "loop": lambda p, threshold=0.5: np.array([1 if v >= threshold else 0 for v in p]),
        "unsigned": lambda p, threshold=0.5: (p >= threshold).astype(np.uint8),
        "heaviside": lambda p, threshold=0.5: np.heaviside(p - threshold, 1).astype(int),
    },
    forbids=NO_SHORTCUTS,
)


# --- questions --------------------------------------------------------------------------------------------------

sigmoid_predictions = predict("sigmoid_predictions", "abc", questions=2, points=1, slide=SQUASHING)

# c is false since sigmoid(37) is exactly 1.0 in float64; e since p = 0.5 is where z = 0, a straight line
sigmoid_quiz = choose_all(
    "sigmoid_quiz", "abd", "abcde", points=2, slide=MODEL, hint="Try each claim with your own functions."
)
