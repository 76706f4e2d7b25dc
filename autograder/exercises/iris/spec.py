"""The exercises of `03-softmax/iris.ipynb`."""

import functools
import math

import numpy as np

from lectrain import data

from ...judging.model import Exercise, FactoryArg, Mistake, Rule, case, with_strided_repeat
from ...judging.quizzes import choose_all, fill_in, predict
from ..sigmoid.spec import NO_SHORTCUTS

TABLE = "Multinomial Logistic Regression"
ENCODING = "Encoding multiple labels"
PREDICTION = "Prediction output"
SOFTMAX = "Softmax activation function"
RECAP = "Recap"

iris_predictions = predict("iris_predictions", "abc", questions=2, points=1, slide=SOFTMAX)


# --- encode_labels(names) ---------------------------------------------------------------------------------------

FLOWERS = ("aster", "dahlia", "iris", "lily", "poppy", "tulip", "rose", "buttercup")


def shuffled_names(rng, classes, n):
    """Names of all classes, one class more common than the others, and the last in the alphabet first."""
    last = max(classes)
    return np.array([last, *rng.permutation([*classes, *rng.choice([c for c in classes if c != last], n - 1)])])


def some_names(rng):
    for K, n in ((2, 4), (3, 5), (3, 5), (4, 7)):
        classes = [*rng.choice(FLOWERS[:6], K - 1, replace=False), "buttercup"]
        yield case(shuffled_names(rng, classes, n), about=f"{K} classes")


def odd_names(rng):
    yield case(np.array(["30", "9", "10", "9"]), about="names that are digits")
    odd = ["rosehip", "Chinese rose ", "lily", "rose"]  # in the same order with capitals and without
    yield case(np.array(odd), about="a long name with a capital and spaces, and names that are part of others")
    yield case(rng.permutation([f"{k:03}" for k in range(130)]), about="130 classes")
    yield case(np.repeat(rng.choice(FLOWERS, 1), 3), about="a single class")
    yield case(rng.choice(FLOWERS, 1), about="a single name")


def coded(names):
    classes = sorted({str(name) for name in names})
    number = {name: k for k, name in enumerate(classes)}
    return np.array([number[str(name)] for name in names]), np.array(classes)


def are_the_classes(asked, value):
    classes = value[1] if isinstance(value, list | tuple) and len(value) == 2 else None
    if not isinstance(classes, np.ndarray):
        return "it should return two arrays, the codes and the classes"
    return None if np.array_equal(classes, coded(asked.args[0])[1]) else "these are not the classes in sorted order"


def lead_back(asked, value):
    codes, classes = value if isinstance(value, list | tuple) and len(value) == 2 else (None, None)
    if not isinstance(codes, np.ndarray) or not isinstance(classes, np.ndarray):
        return "it should return two arrays, the codes and the classes"
    if codes.dtype.kind not in "iu" or classes.ndim != 1 or np.any((codes < 0) | (codes >= len(classes))):
        return "the codes are not integers from 0 to K - 1"
    return None if np.array_equal(classes[codes], asked.args[0]) else "classes[codes] does not give the names back"


def in_order_of(key):
    """Codes for the classes in another order: ``key(names) -> list of classes``."""

    def encode(names):
        classes = key([str(name) for name in names])
        return np.array([classes.index(str(name)) for name in names]), np.array(classes)

    return encode


def by_searching(names):
    classes = np.unique(names)
    return np.searchsorted(classes, names), classes


def sorts_in_place(names):
    before = names.copy()
    names.sort()
    return coded(before)


def with_a_dictionary(names):
    classes = np.array(sorted(set(names)))
    number = {name: k for k, name in enumerate(classes)}
    return np.array([number[name] for name in names]), classes


encode_labels = Exercise(
    signature="encode_labels(names)",
    slide=TABLE,
    reference=coded,
    rules=(
        Rule("the classes, sorted, each once", 1, some_names, "What is `classes`?", check=are_the_classes),
        Rule("classes[codes] gives the names back", 1, some_names, "Codes count from 0.", check=lead_back),
        Rule(
            "a single class, many classes, odd names, names left alone",
            1,
            odd_names,
            "Names are text: sort them as text.",
            mutation="none",
        ),
    ),
    mistakes={
        "order of appearance": Mistake(
            in_order_of(lambda names: list(dict.fromkeys(names))),
            "The classes stand in the order in which they turn up: another order of rows would give other codes.",
        ),
        "counts from 1": Mistake(
            lambda names: (coded(names)[0] + 1, coded(names)[1]), "The codes start at 1: Python's slots start at 0."
        ),
        "codes alone": Mistake(lambda names: coded(names)[0], "The classes are missing: return both."),
        "classes first": Mistake(lambda names: coded(names)[::-1], "The codes come first, then the classes."),
        "classes as a list": Mistake(
            lambda names: (coded(names)[0], list(coded(names)[1])),
            "The classes are a list, in which an array of codes cannot look anything up.",
        ),
        "codes as a list": Mistake(
            lambda names: (coded(names)[0].tolist(), coded(names)[1]), "The codes are a list: make an array of them."
        ),
        "backwards": Mistake(in_order_of(lambda names: sorted(set(names))[::-1]), "Sorted, but from the end."),
        "by length": Mistake(
            in_order_of(lambda names: sorted(sorted(set(names)), key=len)),
            "Names are sorted by their letters, not by their length.",
        ),
        "codes as floats": Mistake(
            lambda names: (coded(names)[0] * 1.0, coded(names)[1]), "Codes are whole numbers: floats index nothing."
        ),
        "one class twice": Mistake(
            lambda names: (np.argsort(np.argsort(names, kind="stable")), np.sort(names)),
            "Every example has a class of its own: equal names share one.",
        ),
        "first places": Mistake(
            lambda names: np.unique(names, return_index=True)[::-1],
            "These are the places where each class turns up first, not a code for each example.",
        ),
        "counts": Mistake(
            lambda names: np.unique(names, return_counts=True)[::-1],
            "This is how often each class occurs, not a code for each example.",
        ),
        "sorts names itself": Mistake(
            sorts_in_place, "It works in names itself: for whoever called it, flowers and names no longer match."
        ),
        "one-hot already": Mistake(
            lambda names: (np.eye(len(coded(names)[1]), dtype=int)[coded(names)[0]], coded(names)[1]),
            "One number for each example: the slots come in the next part.",
        ),
    },
    variants={
        "unique": lambda names: np.unique(names, return_inverse=True)[::-1],
        "search": by_searching,
        "dictionary": with_a_dictionary,
        "comparison": lambda names: (np.argmax(names[:, None] == np.unique(names), axis=1), np.unique(names)),
        "classes as objects": lambda names: (coded(names)[0], coded(names)[1].astype(object)),
        "as a list of two": lambda names: [coded(names)[0].astype(np.int16), coded(names)[1]],
        "numbers of smaller names": lambda names: (
            (np.unique(names)[None, :] < names[:, None]).sum(axis=1),
            np.unique(names),
        ),
    },
    forbids=("sklearn", "pandas"),
)


# --- one_hot(labels, K) -----------------------------------------------------------------------------------------


def mixed(rng, n, K):
    """Labels 0 to K - 1 in random order, all of them if there are enough examples."""
    return rng.permutation(np.arange(n) % K)


def slots(rng):
    yield case(np.array([0, 2, 1]), 3, about="the labels of the slide")
    labels = mixed(rng, 5, 3)
    yield case(labels, 3, about="K = 3")
    yield case((labels + 1) % 3, 3, about="other labels and K = 3")
    yield case(mixed(rng, 9, 4), 4, about="K = 4")


def odd_slots(rng):
    yield case(np.array([2, 0, 2]), 4, about="labels 2, 0, 2 and K = 4")
    yield case(np.empty(0, dtype=int), 3, about="no example")
    yield case(np.array([int(rng.integers(3))]), 3, about="one example")
    yield case(np.zeros(2, dtype=int), 1, about="K = 1")
    yield case(mixed(rng, 5, 2), 2, about="K = 2")
    yield case(mixed(rng, 7, 3), 4, about="many labels, and class 3 of 4 never among them")
    yield case(mixed(rng, 6, 5).astype(np.uint8), 7, about="labels of dtype uint8")
    yield case(rng.permutation([7, 128, 150, 199]), 200, about="K = 200")


def no_such_slot(rng):
    yield case(mixed(rng, 4, 3), 3, about="labels in range")
    for about, label in (("a label that is K", 3), ("a label -1", -1)):
        yield case(np.array([1, *rng.permutation([0, label, 2]), 1]), 3, about=about)
    yield case(np.array([1, -3]), 3, about="a label -K")
    yield case(np.array([9]), 4, about="a label 9 and K = 4")


def slots_of(labels, K):
    if not all(0 <= label < K for label in labels):
        raise ValueError("a label is outside 0 to K - 1")
    Y = np.zeros((len(labels), K))
    for row, label in zip(Y, labels, strict=True):
        row[label] = 1
    return Y


def refusing(fill):
    """Refuse labels out of range, and do the rest with ``fill(labels, K)``."""

    def encode(labels, K):
        if np.any(labels < 0) or np.any(labels >= K):
            raise ValueError("no such class")
        return fill(labels, K)

    return encode


def with_an_error(error):
    def encode(labels, K):
        if np.any(labels < 0) or np.any(labels >= K):
            raise error("no such class")
        return np.eye(K)[labels]

    return encode


def with_an_error_of_its_own(labels, K):
    class NoSuchClass(ValueError):
        pass

    if np.any(labels < 0) or np.any(labels >= K):
        raise NoSuchClass("no such class")
    return np.eye(K)[labels]


def refuses_too_large_ones(labels, K):
    if np.any(labels >= K):
        raise ValueError("no such class")
    return np.eye(K)[labels]


def fills_columns(labels, K):
    Y = np.zeros((len(labels), K))
    Y[:, labels] = 1
    return Y


def fills_with_labels(labels, K):
    return slots_of(labels, K) * labels[:, None]


def fancy(labels, K):
    Y = np.zeros((len(labels), K))
    Y[np.arange(len(labels)), labels] = 1
    return Y


one_hot = Exercise(
    signature="one_hot(labels, K)",
    slide=ENCODING,
    reference=slots_of,
    rules=(
        Rule("a row for each label, a single 1 in its slot", 2, slots, "Write down the slide's three rows."),
        Rule("K slots, whatever labels occur", 1, odd_slots, "How many columns has it if class 3 never occurs?"),
        Rule(
            "ValueError for labels that have no slot",
            1,
            no_such_slot,
            "What does your code do with a label of -1, and with a label of K?",
            raises="ValueError",
        ),
    ),
    mistakes={
        "K from the data": Mistake(
            lambda labels, K: np.eye(labels.max() + 1)[labels],
            "The number of slots is taken from the labels: a class that does not occur has a slot too.",
        ),
        "only classes that occur": Mistake(
            lambda labels, K: np.eye(len(set(labels.tolist())))[np.unique(labels, return_inverse=True)[1]],
            "Classes that do not occur have lost their slot, and the others have moved.",
        ),
        "transposed": Mistake(lambda labels, K: slots_of(labels, K).T, "Examples are rows here: shape (n, K)."),
        "booleans": Mistake(
            refusing(lambda labels, K: labels[:, None] == np.arange(K)), "True and False are not yet 1 and 0."
        ),
        "negative wraps": Mistake(
            lambda labels, K: np.eye(K)[labels], "Label -1 has quietly become the last class: refuse it."
        ),
        "zeros for no slot": Mistake(
            lambda labels, K: (labels[:, None] == np.arange(K)) * 1.0,
            "A label out of range gives a row of zeros: it should be refused, or the slip is found much later.",
        ),
        "too large ones refused": Mistake(
            refuses_too_large_ones, "It refuses labels that are too large; negative ones count from the end."
        ),
        "clipped": Mistake(
            lambda labels, K: np.eye(K)[np.clip(labels, 0, K - 1)], "A label out of range moves to another class."
        ),
        "IndexError": Mistake(with_an_error(IndexError), "It refuses them, but with an IndexError: which one was it?"),
        "assert": Mistake(with_an_error(AssertionError), "`assert` raises an AssertionError; which one was asked for?"),
        "from 1": Mistake(
            refusing(lambda labels, K: np.eye(K)[labels - 1]), "Slots are counted from 1: class 0 has the first."
        ),
        "every label in every row": Mistake(
            fills_columns, "`Y[:, labels] = 1` writes into these columns of every row: pair each row with its label."
        ),
        "the label in the slot": Mistake(fills_with_labels, "A slot holds 1, not the number of the class."),
        "a diagonal": Mistake(
            lambda labels, K: np.eye(len(labels), K), "The ones lie on a diagonal, whatever the labels are."
        ),
        "returns a list": Mistake(lambda labels, K: slots_of(labels, K).tolist(), "Return an array, not a list."),
        "K = n": Mistake(
            refusing(lambda labels, K: np.eye(max(len(labels), K))[labels]), "The identity has K rows, not n."
        ),
    },
    variants={
        "identity": refusing(lambda labels, K: np.eye(K)[labels]),
        "comparison": refusing(lambda labels, K: (labels[:, None] == np.arange(K)).astype(int)),
        "pairs": refusing(fancy),
        "an error of its own": with_an_error_of_its_own,
        "loop": slots_of,
        "float32": refusing(lambda labels, K: np.eye(K, dtype=np.float32)[labels]),
        "equal outer": refusing(lambda labels, K: np.equal.outer(labels, np.arange(K)) * 1),
        "take": refusing(lambda labels, K: np.take(np.identity(K, dtype=np.uint8), labels, axis=0)),
    },
    forbids=("sklearn", "pandas", "torch", "jax", "tensorflow"),
)


# --- which is not a distribution? -------------------------------------------------------------------------------

# a and b are the slide's; c has a negative entry, d sums to 0.9, f to 2.1; e is a distribution: it is sure
not_distributions = choose_all(
    "not_distributions", "cdf", "abcdef", points=1, slide=PREDICTION, hint="There are two conditions: check both."
)


# --- softmax(Z) -------------------------------------------------------------------------------------------------


@with_strided_repeat
def moderate(rng):
    yield case(rng.uniform(-3, 3, (5, 3)))
    yield case(rng.uniform(-3, 3, (2, 4)), about="4 classes")
    yield case(rng.uniform(-3, 3, (3, 3)), about="as many classes as examples")
    yield case(rng.permutation(np.arange(-4, 4)).reshape(4, 2), about="integer logits")
    yield case(rng.uniform(-3, 3, (4, 5)).astype(np.float32), about="float32 logits")
    yield case(np.zeros((4, 3)), about="equal logits")
    yield case(np.array([rng.permutation([1.0, 1, -2]) for _ in range(4)]), about="two equal logits")
    yield case(rng.uniform(-33, -27, (3, 4)), about="logits near -30")
    apart = np.array([rng.permutation([0.0, -9, -18]) for _ in range(4)])
    yield case(apart + rng.uniform(-1, 1, (4, 3)), about="logits that describe_difference by 9 and more")


def far_out(rng):
    near = rng.normal(size=(2, 3))
    yield case(near + 1000, about="logits near 1000")
    yield case(near - 1000, about="logits near -1000")
    yield case(np.vstack([near[0] + 1000, near[1] - 1000, near[0]]), about="rows near 1000, -1000 and 0")
    yield case(np.array([rng.permutation([-1000.0, 0, 1000]) for _ in range(4)]), about="-1000, 0 and 1000 in a row")
    yield case(np.vstack([near[0] - 1000, near[1] + 1000]), about="a row near -1000 and a row near 1000")
    yield case(np.array([[1000.0, -1000], [0, 2000], [-1000, -3000]]), about="K = 2 and large differences")


def small(rng):
    yield case(rng.normal(size=(4, 1)), about="K = 1")
    yield case(rng.normal(size=(3, 2)), about="K = 2")
    yield case(rng.normal(size=(1, 4)), about="one example")
    yield case(np.empty((0, 3)), about="no example")


def floats_only(rng):
    yield case(rng.uniform(-3, 3, (4, 3)))
    Z = rng.uniform(-3, 3, (2, 5))
    Z[:, rng.integers(5)] = -600
    yield case(Z, about="5 classes, one with logits of -600")


def log_shares(Z):
    """Log of the softmax of each row, to the last bit, for logits of any size."""
    Z = np.asarray(Z, dtype=np.float64)
    Z = Z - Z.max(axis=1, keepdims=True)
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


def shares(Z):
    return np.exp(log_shares(Z))


def each_row(f):
    return lambda Z: np.array([f(row) for row in Z]).reshape(np.shape(Z))


def share_of_a_row(row):
    powers = [math.exp(z - max(row)) for z in row]
    return [power / sum(powers) for power in powers]


def in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def exp_in_place(Z):
    np.exp(Z - Z.max(axis=1, keepdims=True), out=Z)
    return Z / Z.sum(axis=1, keepdims=True)


def normalised(E, axis=1):
    return E / E.sum(axis=axis, keepdims=True)


def hard(Z):
    return np.eye(Z.shape[1])[np.argmax(Z, axis=1)]


def shifted_copy(Z):
    Z = np.array(Z, dtype=float)
    Z -= Z.max(axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=1, keepdims=True)
    return Z


def pair_by_pair(Z):
    with np.errstate(over="ignore"):
        return 1 / np.exp(Z[:, None, :] - Z[:, :, None]).sum(axis=2)


softmax = Exercise(
    signature="softmax(Z)",
    slide=SOFTMAX,
    reference=shares,
    rules=(
        Rule(
            "rows of moderate logits",
            2,
            moderate,
            "Each row is squashed by itself: try Z of shape (2, 3).",
            rtol=1e-9,
            atol=1e-13,
        ),
        Rule(
            "logits of any size, with no overflow warning",
            1,
            far_out,
            "What can you subtract from a row without changing its softmax?",
            rtol=1e-9,
            atol=1e-12,
            warnings="none",
        ),
        Rule("one class, two classes, one example, none", 1, small, "Look at the axis that you sum over.", atol=1e-13),
        Rule(
            "right values, and Z left alone",
            1,
            floats_only,
            "Z belongs to somebody else.",
            atol=1e-13,
            mutation="none",
        ),
    ),
    mistakes={
        "naive exp": Mistake(
            lambda Z: normalised(np.exp(Z)), "exp overflows for large logits, and inf / inf is nan: shift the row."
        ),
        "largest of all rows": Mistake(
            lambda Z: normalised(np.exp(Z - Z.max())) if Z.size else Z,
            "It subtracts the largest logit of the whole array: a row far below it has only zeros left.",
        ),
        "down the columns": Mistake(
            lambda Z: normalised(np.exp(Z - Z.max(axis=0)) if len(Z) else Z, axis=0),
            "Columns sum to 1 instead of rows: classes compete with each other, examples do not.",
        ),
        "sum over everything": Mistake(
            lambda Z: np.exp(Z - Z.max(initial=-np.inf)) / np.exp(Z - Z.max(initial=-np.inf)).sum(),
            "All the numbers together sum to 1: each row should.",
        ),
        "axis lost": Mistake(
            lambda Z: np.exp(Z - Z.max(axis=1, keepdims=True)) / np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1),
            "Without keepdims an axis is lost: (n, K) and (n,) go together column by column, not row by row.",
        ),
        "axis lost twice": Mistake(
            lambda Z: np.exp(Z - Z.max(axis=1)) / np.exp(Z - Z.max(axis=1)).sum(axis=1),
            "Without keepdims an axis is lost: (n, K) and (n,) go together column by column, not row by row.",
        ),
        "changes Z": Mistake(in_place, "It works in Z itself: whoever called it finds other logits."),
        "exp into Z": Mistake(exp_in_place, "It writes the exponentials into Z itself."),
        "one by one": Mistake(
            lambda Z: np.exp(-np.logaddexp(0, -np.asarray(Z, dtype=float))),
            "Every logit is squashed by itself: this is the sigmoid, and rows do not sum to 1.",
        ),
        "largest is 1": Mistake(
            lambda Z: np.exp(Z - Z.max(axis=1, keepdims=True)), "It is not normalised yet: rows should sum to 1."
        ),
        "no exponential": Mistake(
            lambda Z: normalised(Z - Z.min(axis=1, keepdims=True) + 1.0),
            "Shares of the shifted logits themselves: where is the exponential?",
        ),
        "absolute logits": Mistake(
            lambda Z: normalised(np.abs(Z) + 1e-300), "Shares of the sizes of the logits: where is the exponential?"
        ),
        "logarithms": Mistake(log_shares, "These are the logarithms of the probabilities."),
        "1e-8 in the denominator": Mistake(
            lambda Z: (lambda E: E / (E.sum(axis=1, keepdims=True) + 1e-8))(np.exp(Z - Z.max(axis=1, keepdims=True))),
            "With the small constant in the denominator rows no longer sum to 1; it is not needed.",
        ),
        "P clipped": Mistake(
            lambda Z: np.clip(shares(Z), 1e-7, 1 - 1e-7),
            "Small probabilities have been raised, or cut off: leave them as they are, however small.",
        ),
        "only the largest": Mistake(hard, "All goes to the largest logit: the others have a share too."),
        "clipped": Mistake(lambda Z: normalised(np.exp(np.clip(Z, -500, 500))), "Clipping makes large logits equal."),
        "powers of two": Mistake(
            lambda Z: normalised(np.exp2(Z - Z.max(axis=1, keepdims=True))), "The base is e, not 2."
        ),
        "minus the mean": Mistake(
            lambda Z: normalised(np.exp(Z - Z.mean(axis=1, keepdims=True))),
            "A shift by the mean changes nothing, but does not keep the exponents small either.",
        ),
        "sign": Mistake(lambda Z: shares(-np.asarray(Z)), "The largest logit gets the smallest share."),
        "transposed": Mistake(lambda Z: shares(Z).T, "Return (n, K), one row for each example."),
        "returns a list": Mistake(lambda Z: shares(Z).tolist(), "Return an array, not a list."),
        "nan to 0": Mistake(
            lambda Z: np.nan_to_num(normalised(np.exp(Z))), "It hides a nan instead of avoiding it: rows lose their 1."
        ),
    },
    variants={
        "minus the largest": lambda Z: normalised(np.exp(Z - Z.max(axis=1, keepdims=True))),
        "log of the sum": lambda Z: np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, None]),
        "copied, then in place": shifted_copy,
        "row by row": each_row(lambda row: np.exp(row - row.max()) / np.exp(row - row.max()).sum()),
        "number by number": each_row(share_of_a_row),
        "pair by pair": pair_by_pair,
        "transposed twice": lambda Z: (lambda E: (E / E.sum(axis=0)).T)(np.exp(Z.T - Z.max(axis=1))),
        "einsum": lambda Z: (lambda E: np.einsum("nk,n->nk", E, 1 / E.sum(axis=1)))(np.exp(Z - Z.max(1)[:, None])),
        "sorted": lambda Z: normalised(np.exp(Z - np.sort(Z, axis=1)[:, -1:])),
        "float32 stays float32": lambda Z: shares(Z).astype(Z.dtype if Z.dtype.kind == "f" else float),
    },
    forbids=NO_SHORTCUTS,
)


# --- shift_to_zero(W) -------------------------------------------------------------------------------------------


@with_strided_repeat
def some_weights(rng):
    yield case(rng.normal(size=(5, 3)))
    yield case(rng.normal(size=(2, 4)), about="more classes than features")


def odd_weights(rng):
    yield case(rng.normal(size=(3, 3)), about="as many classes as features")
    yield case(rng.normal(size=(4, 1)), about="K = 1")
    yield case(rng.normal(size=(1, 3)), about="d = 1")
    yield case(rng.permutation(np.arange(1, 9)).reshape(4, 2), about="integer weights")
    sizes = rng.permutation([1e-6, 1.0, 1e3, 1e6])[:, None]
    yield case(sizes * rng.normal(size=(4, 3)), about="small and large weights")


def negated_in_place(W):
    np.negative(W[:, 0], out=W[:, 0])
    return W[:, 0]


shift_to_zero = Exercise(
    signature="shift_to_zero(W)",
    slide=SOFTMAX,
    reference=lambda W: 0.0 - np.array([row[0] for row in W]),
    rules=(
        Rule("c for a W of any shape", 1, some_weights, "Which column should become 0, and what is added to it?"),
        Rule(
            "special shapes, and W left alone",
            1,
            odd_weights,
            "c has one number for each feature.",
            mutation="none",
        ),
    ),
    mistakes={
        "sign": Mistake(lambda W: W[:, 0], "Added to column 0, this doubles it."),
        "first row": Mistake(lambda W: -W[0], "A row of W belongs to a feature, a column to a class."),
        "last column": Mistake(lambda W: -W[:, -1], "This makes the last class 0: which one was asked for?"),
        "second column": Mistake(lambda W: -W[:, min(1, W.shape[1] - 1)], "Classes are counted from 0."),
        "a column": Mistake(lambda W: -W[:, :1], "Return shape (d,), not (d, 1)."),
        "the moved weights": Mistake(lambda W: W - W[:, :1], "These are the moved weights: c itself is asked for."),
        "mean of the classes": Mistake(
            lambda W: -W.mean(axis=1), "This gives the same p, but column 0 does not become 0."
        ),
        "sum of the classes": Mistake(lambda W: -W.sum(axis=1), "This gives the same p: does column 0 become 0?"),
        "zeros": Mistake(lambda W: np.zeros(len(W)), "Nothing moves: column 0 stays what it is."),
        "one number": Mistake(lambda W: -W[0, 0], "Each feature has a number of its own."),
        "mean of column 0": Mistake(
            lambda W: np.full(len(W), -W[:, 0].mean()), "Each feature has a number of its own: not their mean."
        ),
        "changes W": Mistake(negated_in_place, "It changes W itself; c alone is asked for."),
        "returns a list": Mistake(lambda W: [-float(w) for w in W[:, 0]], "Return an array, not a list."),
    },
    variants={
        "minus column 0": lambda W: -W[:, 0],
        "first unit vector": lambda W: -W @ np.eye(W.shape[1])[0],
        "row of the transpose": lambda W: -1 * W.T[0],
        "difference": lambda W: (W - W[:, :1])[:, -1] - W[:, -1],
        "loop": lambda W: np.array([-row[0] for row in W]),
        "float32": lambda W: np.float32(1) * -W[:, 0],
    },
)


# --- cross_entropy(Z, labels) -----------------------------------------------------------------------------------


def one_example(rng):
    for K in (3, 4):
        label = int(rng.integers(K - 1))
        yield case(rng.uniform(-3, 3, (1, K)), np.array([label]), about=f"one example of {K} classes")


@with_strided_repeat
def examples(rng):
    yield case(rng.uniform(-3, 3, (7, 3)), mixed(rng, 7, 3))
    yield case(rng.uniform(-3, 3, (3, 4)), np.array([2, 0, 2]), about="labels 2, 0, 2 of 4 classes")
    yield case(rng.uniform(-3, 3, (4, 4)), mixed(rng, 4, 4), about="as many classes as examples")
    yield case(np.zeros((5, 3)), mixed(rng, 5, 3), about="equal logits")
    yield case(rng.permutation(np.arange(-4, 4)).reshape(4, 2), np.array([0, 1, 1, 0]), about="integer logits")
    yield case(rng.uniform(-3, 3, (5, 3)).astype(np.float32), mixed(rng, 5, 3), about="float32 logits")
    Z, labels, rows = rng.uniform(-3, 3, (40, 3)), mixed(rng, 40, 3), rng.integers(40, size=150)
    yield case(Z[rows], labels[rows], about="150 examples, some more than once")


def hopeless(rng):
    for size in (10_000.0, 1000.0, 15.0):
        Z = np.array([rng.permutation([size, 0, -1.0]) for _ in range(4)])
        yield case(Z, np.argmin(Z, axis=1), about=f"a wrong logit of {size:g}")
        yield case(Z, np.argmax(Z, axis=1), about=f"the right logit {size:g}")
        yield case(Z, rng.permutation([0, 2, 1, 1]), about=f"one logit of {size:g}")
    yield case(rng.permutation([[1000, 0, -1], [0, -2000, 5]]), np.array([2, 0]), about="large integer logits")
    near, labels = rng.normal(size=(3, 4)), np.array([3, 1, 0])
    yield case(near - 1000, labels, about="logits near -1000")
    yield case(near + np.array([[1000], [-1000], [0]]), labels // 2, about="rows near 1000, -1000 and 0")
    yield case(np.array([[-500.0], [500.0]]), np.array([0, 0]), about="K = 1")


def surprises(Z, labels):
    """Minus the log of the probability that was given to what happened, for each example."""
    return -np.array([row[label] for row, label in zip(log_shares(Z), labels, strict=True)])


def mean_surprise(Z, labels):
    return math.fsum(surprises(Z, labels)) / len(labels)


def of_probabilities(log):
    """The slide's formula with another logarithm, after a perfect softmax."""

    def loss(Z, labels):
        return -np.mean(log(shares(Z)[np.arange(len(labels)), labels]))

    return loss


def log_sum(Z):
    m = Z.max(axis=1)
    return m + np.log(np.exp(Z - m[:, None]).sum(axis=1))


def loss_in_place(Z, labels):
    Z -= Z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(labels)), labels])


def one_at_a_time(Z, labels):
    total = 0.0
    for row, label in zip(Z.tolist(), labels.tolist(), strict=True):
        total += math.log(sum(math.exp(z - max(row)) for z in row)) + max(row) - row[label]
    return total / len(labels)


cross_entropy = Exercise(
    signature="cross_entropy(Z, labels)",
    slide=TABLE,
    reference=mean_surprise,
    rules=(
        Rule("one example", 1, one_example, "Which of the K terms is left, and what is its sign?", rtol=1e-6),
        Rule("the mean over examples", 1, examples, "The slide has one minus and one 1/n.", rtol=1e-6, atol=1e-12),
        Rule(
            "logits of any size: exact",
            2,
            hopeless,
            "Take the logarithm on paper, before the probability becomes 0.",
            slide=SOFTMAX,
            rtol=1e-12,
            atol=1e-12,
        ),
        Rule(
            "no warning, inputs unchanged",
            1,
            hopeless,
            "Which exponential never exceeds 1, and which sum is never 0?",
            slide=SOFTMAX,
            rtol=1e-12,
            atol=1e-12,
            warnings="none",
            mutation="none",
        ),
    ),
    mistakes={
        "log of softmax": Mistake(
            of_probabilities(np.log), "A probability of 1e-400 is 0 in float64, and has no logarithm."
        ),
        "log of p + 1e-12": Mistake(
            of_probabilities(lambda p: np.log(p + 1e-12)),
            "Large losses are cut off: is p clipped, or a constant added inside the log?",
        ),
        "p clipped": Mistake(
            of_probabilities(lambda p: np.log(np.clip(p, 1e-15, 1))), "Clipping p caps the loss: it should grow on."
        ),
        "log of a naive softmax": Mistake(
            lambda Z, labels: -np.mean(np.log(normalised(np.exp(Z))[np.arange(len(labels)), labels])),
            "For large logits exp is inf, and inf / inf is nan: take the logarithm on paper, then shift the row.",
        ),
        "largest not added": Mistake(
            lambda Z, labels: np.mean(log_sum(Z) - Z.max(axis=1) - Z[np.arange(len(labels)), labels]),
            "The largest logit is subtracted before the exponential, but not added back after the logarithm.",
        ),
        "naive log of the sum": Mistake(
            lambda Z, labels: np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(labels)), labels]),
            "The sum of exponentials overflows, or is 0: take the largest logit out of it first.",
        ),
        "largest of all rows": Mistake(
            lambda Z, labels: np.mean(
                Z.max() + np.log(np.exp(Z - Z.max()).sum(axis=1)) - Z[np.arange(len(labels)), labels]
            ),
            "It shifts by the largest logit of the whole array: a row far below is left with exp = 0 only.",
        ),
        "sum": Mistake(lambda Z, labels: surprises(Z, labels).sum(), "It adds up over examples: where is the 1/n?"),
        "sign": Mistake(lambda Z, labels: -mean_surprise(Z, labels), "It is negative: there is one minus in front."),
        "mean over all n K": Mistake(
            lambda Z, labels: mean_surprise(Z, labels) / Z.shape[1],
            "It divides by n times K: the mean is over the n examples alone.",
        ),
        "every label in every row": Mistake(
            lambda Z, labels: -np.mean(log_shares(Z)[:, labels]),
            "`[:, labels]` takes these columns of every row: pair each row with its own label.",
        ),
        "one per example": Mistake(surprises, "These are the losses of each example: one number is asked for."),
        "log2": Mistake(
            lambda Z, labels: mean_surprise(Z, labels) / math.log(2), "The slide's log is the natural one."
        ),
        "true logit only": Mistake(
            lambda Z, labels: -np.mean(Z[np.arange(len(labels)), labels]),
            "It looks at the logit of the true class alone: the others matter through the denominator.",
        ),
        "labels from 1": Mistake(
            lambda Z, labels: mean_surprise(Z, labels - 1), "Labels count from 0 here: every class is one off."
        ),
        "largest instead of the sum": Mistake(
            lambda Z, labels: np.mean(Z.max(axis=1) - Z[np.arange(len(labels)), labels]),
            "The largest logit stands for the sum of all: equal logits would cost nothing.",
        ),
        "all classes": Mistake(
            lambda Z, labels: -np.mean(log_shares(Z).sum(axis=1)),
            "It adds up the logs of all classes: the one-hot y selects one of them.",
        ),
        "mean over all classes": Mistake(
            lambda Z, labels: -np.mean(log_shares(Z)),
            "It takes the logs of all classes, wherever the label is: the one-hot y selects one of them.",
        ),
        "squared error": Mistake(
            lambda Z, labels: np.mean(((shares(Z) - np.eye(Z.shape[1])[labels]) ** 2).sum(axis=1)),
            "This is a squared error: there is a logarithm on the slide.",
        ),
        "other classes too": Mistake(
            lambda Z, labels: (
                -np.mean(np.log(np.abs(1 - np.eye(Z.shape[1])[labels] - shares(Z)).clip(1e-300)).sum(axis=1))
            ),
            "With more than two classes there is no second term for the classes that did not happen.",
        ),
        "1 - p": Mistake(
            lambda Z, labels: np.mean(1 - np.exp(-surprises(Z, labels))), "A missing probability is no logarithm."
        ),
        "K from the batch": Mistake(
            lambda Z, labels: -np.mean((np.eye(labels.max() + 1)[labels] * log_shares(Z)).sum(axis=1)),
            "The number of classes is taken from the labels: how many columns has Z?",
        ),
        "takes Z for P": Mistake(
            lambda Z, labels: -np.mean(np.log(Z[np.arange(len(labels)), labels])),
            "Z holds logits, not probabilities: the log of a negative one is nan.",
        ),
        "log of the mean": Mistake(
            lambda Z, labels: -np.log(np.mean(np.exp(-surprises(Z, labels)))), "First the log of each, then the mean."
        ),
        "nan to 0": Mistake(
            lambda Z, labels: np.nan_to_num(of_probabilities(np.log)(Z, labels), posinf=0.0),
            "It hides the inf: the right number can be had from the logits.",
        ),
        "changes Z": Mistake(
            loss_in_place, "It works in an array that it was given: whoever called it finds other numbers there."
        ),
        "down the columns": Mistake(
            lambda Z, labels: -np.mean(log_shares(Z.T).T[np.arange(len(labels)), labels]),
            "The sum of exponentials runs down the columns: it is over the classes of one example.",
        ),
    },
    variants={
        "log of the sum": lambda Z, labels: np.mean(log_sum(Z) - Z[np.arange(len(labels)), labels]),
        "logaddexp": lambda Z, labels: float(
            np.mean(np.logaddexp.reduce(Z, axis=1) - np.take_along_axis(Z, labels[:, None], axis=1)[:, 0])
        ),
        "log softmax": lambda Z, labels: -log_shares(Z)[np.arange(len(labels)), labels].sum() / len(labels),
        "one-hot selects": lambda Z, labels: -(np.eye(Z.shape[1])[labels] * log_shares(Z)).sum(axis=1).mean(),
        "one-hot and einsum": lambda Z, labels: (
            -np.einsum("nk,nk->", np.equal.outer(labels, np.arange(Z.shape[1])) * 1.0, log_shares(Z)) / labels.size
        ),
        "loop": one_at_a_time,
        "differences": lambda Z, labels: np.logaddexp.reduce(
            Z - Z[np.arange(len(labels)), labels][:, None], axis=1
        ).mean(),
        "a 0-d array": lambda Z, labels: np.array(mean_surprise(Z, labels)),
    },
    forbids=NO_SHORTCUTS,
)


# --- the derivation, and softmax_grad(W, X, labels) --------------------------------------------------------------

# a exp(z_k), b p_k, c x, d Xᵀ(P - Y), e the sum of exponentials, f w_k, g (P - Y)ᵀX, h p_k(1 - p_k)
softmax_derivation = fill_in(
    "softmax_derivation",
    {"line 1": "a", "line 2": "b", "line 3": "c", "line 4": "d"},
    "abcdefgh",
    points=2,
    slide=TABLE,
    hint="What must this line have so that it equals the line above?",
)


def one_flower(rng):
    for d, K in ((2, 3), (2, 4), (1, 2)):
        about = f"one example, d = {d} and K = {K}"
        yield case(rng.normal(size=(d, K)), rng.normal(size=(1, d)), rng.integers(K - 1, size=1), about=about)


@with_strided_repeat
def designs(rng):
    yield case(rng.normal(size=(4, 3)), rng.normal(size=(7, 4)), mixed(rng, 7, 3))
    yield case(rng.normal(size=(5, 4)), rng.normal(size=(3, 5)), np.array([2, 0, 2]), about="labels 2, 0, 2 and K = 4")
    yield case(rng.normal(size=(2, 3)), rng.normal(size=(5, 2)), mixed(rng, 5, 2), about="the last class missing")
    yield case(rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), mixed(rng, 3, 3), about="n = d = K")
    features = np.vstack([rng.permutation([-2, -1, 1]) for _ in range(5)])
    labels = np.full(5, rng.integers(1, 4))
    yield case(rng.normal(size=(3, 4)), features, labels, about="integer features, all of one class")
    features = rng.normal(size=(6, 5)).astype(np.float32)
    yield case(rng.normal(size=(5, 3)).astype(np.float32), features, mixed(rng, 6, 3), about="float32")
    X, labels, rows = rng.normal(size=(40, 2)), mixed(rng, 40, 3), rng.integers(40, size=150)
    yield case(rng.normal(size=(2, 3)), X[rows], labels[rows], about="150 examples, some more than once")


def large_logits(rng):
    for size in (1000.0, 10_000.0):
        W = np.linalg.qr(rng.normal(size=(4, 3)))[0]
        Z = np.vstack([size * np.array([[1, 0, -1], [-1, 1, 0], [0, -1, 1], [1, -1, 0]]), rng.normal(size=(1, 3))])
        yield case(W, Z @ W.T, rng.permutation([0, 1, 2, 1, 0]), about=f"logits of up to ±{size:g}")
    W = rng.permutation(np.eye(3))  # with which the logits are those of X to the last bit
    Z = 1000 * np.array([[1, 1, 0], [0, -1, -1], [-1, 1, 1]]) + rng.normal(size=(3, 3))
    yield case(W, Z @ W.T, rng.permutation(3), about="large logits that describe_difference little")


def errors_of(W, X, labels):
    """P - Y, to the last bit."""
    return shares(np.asarray(X, float) @ W) - slots_of(labels, W.shape[1])


def grad_reference(W, X, labels):
    P_Y = errors_of(W, X, labels)
    return np.array([[math.fsum(feature * error) for error in P_Y.T] for feature in X.T]) / len(labels)


def with_probabilities(P):
    """The gradient with something else in place of the softmax: ``P(Z) -> (n, K)``."""

    def gradient(W, X, labels):
        return X.T @ (P(X @ W) - np.eye(W.shape[1])[labels]) / len(labels)

    return gradient


def subtracts_at_pairs(W, X, labels):
    P = shares(X @ W)
    P[np.arange(len(labels)), labels] -= 1
    return X.T @ P / len(X)


def subtracts_in_columns(W, X, labels):
    P = shares(X @ W)
    P[:, labels] -= 1
    return X.T @ P / len(X)


def grad_in_place(W, X, labels):
    X -= X.mean()
    return grad_reference(W, X + 0, labels)


def works_in_X(W, X, labels):
    G = grad_reference(W, X, labels)
    X /= len(X)
    return G


def example_by_example(W, X, labels):
    G = np.zeros(W.shape)
    for x, label in zip(X, labels, strict=True):
        p = shares(np.asarray(x @ W)[None, :])[0]
        p[label] -= 1
        G += np.outer(x, p)
    return G / len(labels)


def difference(h=1e-6):
    """The gradient by forward differences: an estimate."""

    def estimate(W, X, labels):
        def loss(V):
            return surprises(X @ V, labels).mean()

        G = np.zeros(W.shape)
        for place in np.ndindex(*W.shape):
            V = np.array(W, dtype=float)
            V[place] += h
            G[place] = (loss(V) - loss(W)) / h
        return G

    return estimate


def integers_stay_integers(W, X, labels):
    G = np.zeros(W.shape, dtype=X.dtype)
    G[...] = grad_reference(W, X, labels)
    return G


softmax_grad = Exercise(
    signature="softmax_grad(W, X, labels)",
    slide=TABLE,
    reference=grad_reference,
    rules=(
        Rule("one example", 1, one_flower, "Read the third line of the derivation.", atol=1e-13),
        Rule("the mean over examples", 2, designs, "Read the last line: shapes (d, n), (n, K).", atol=1e-13),
        Rule(
            "large logits",
            1,
            large_logits,
            "Your softmax has what it takes: nothing is left to divide.",
            slide=SOFTMAX,
            rtol=1e-11,
            atol=1e-10,
        ),
        Rule("inputs unchanged", 1, designs, "The arrays belong to somebody else.", atol=1e-13, mutation="none"),
    ),
    mistakes={
        "sum": Mistake(
            lambda W, X, labels: len(X) * grad_reference(W, X, labels), "It adds up over examples: where is the 1/n?"
        ),
        "Y - P": Mistake(lambda W, X, labels: -grad_reference(W, X, labels), "It points the opposite way."),
        "K from the batch": Mistake(
            lambda W, X, labels: X.T @ (shares(X @ W) - np.eye(labels.max() + 1)[labels]) / len(X),
            "The number of classes is taken from the labels: how many columns has W?",
        ),
        "p(1 - p) still there": Mistake(
            lambda W, X, labels: X.T @ (errors_of(W, X, labels) * shares(X @ W) * (1 - shares(X @ W))) / len(X),
            "There is a p(1 - p) too many: with the logarithm it has cancelled.",
        ),
        "divided by d": Mistake(
            lambda W, X, labels: grad_reference(W, X, labels) * len(X) / X.shape[1],
            "It divides by the number of features instead of the number of examples.",
        ),
        "divided by n K": Mistake(
            lambda W, X, labels: grad_reference(W, X, labels) / W.shape[1],
            "It divides by K as well: the mean is over examples alone.",
        ),
        "transposed": Mistake(
            lambda W, X, labels: grad_reference(W, X, labels).T, "The gradient has the shape of W, (d, K)."
        ),
        "labels forgotten": Mistake(
            lambda W, X, labels: X.T @ shares(X @ W) / len(X), "The labels are never used: P minus what?"
        ),
        "every label in every row": Mistake(
            subtracts_in_columns, "`P[:, labels] -= 1` subtracts in every row: pair each row with its own label."
        ),
        "softmax down the columns": Mistake(
            with_probabilities(lambda Z: shares(Z.T).T), "Its columns sum to 1: classes compete within one example."
        ),
        "labels instead of probabilities": Mistake(
            with_probabilities(hard), "It compares predicted labels: use the probabilities themselves."
        ),
        "logits instead of probabilities": Mistake(
            with_probabilities(lambda Z: Z), "Z - Y is linear regression's gradient: squash first."
        ),
        "a sigmoid for each class": Mistake(
            with_probabilities(lambda Z: np.exp(-np.logaddexp(0, -np.asarray(Z, float)))),
            "Each class is squashed by itself: the classes should share one probability.",
        ),
        "naive softmax": Mistake(
            with_probabilities(lambda Z: normalised(np.exp(Z))), "For large logits it is nan: use your own softmax."
        ),
        "true class only": Mistake(
            lambda W, X, labels: X.T @ (errors_of(W, X, labels) * np.eye(W.shape[1])[labels]) / len(X),
            "Only the column of the true class moves: the others are to be pushed down.",
        ),
        "labels as numbers": Mistake(
            lambda W, X, labels: X.T @ (shares(X @ W) - labels[:, None]) / len(X),
            "It subtracts the number of the class from every column: use its one-hot row.",
        ),
        "not added up": Mistake(
            lambda W, X, labels: X[:, :, None] * errors_of(W, X, labels)[:, None, :],
            "There is one matrix for each example still: the gradient has the shape of W.",
        ),
        "features forgotten": Mistake(
            lambda W, X, labels: errors_of(W, X, labels).mean(axis=0),
            "That is the derivative in the logits. How do they change with W?",
        ),
        "first example only": Mistake(
            lambda W, X, labels: grad_reference(W, X[:1], labels[:1]), "It looks at the first example alone."
        ),
        "twice": Mistake(lambda W, X, labels: 2 * grad_reference(W, X, labels), "It is twice as long as it should be."),
        "changes X": Mistake(works_in_X, "`X /= n` works in X itself, and fails for integers: divide the result."),
        "integers stay integers": Mistake(
            integers_stay_integers, "For integer features the result is cut off: the gradient is made of floats."
        ),
        "finite difference": Mistake(difference(), "A finite difference is only an estimate: use the formula."),
    },
    variants={
        "pairs": subtracts_at_pairs,
        "one-hot": lambda W, X, labels: X.T @ (shares(X @ W) - np.eye(W.shape[1])[labels]) / len(labels),
        "einsum": lambda W, X, labels: np.einsum("nd,nk->dk", X, errors_of(W, X, labels)) / labels.size,
        "example by example": example_by_example,
        "mean of outer products": lambda W, X, labels: (X[:, :, None] * errors_of(W, X, labels)[:, None, :]).mean(0),
        "transposed twice": lambda W, X, labels: (errors_of(W, X, labels).T @ X).T / len(X),
        "divided first": lambda W, X, labels: X.T @ (errors_of(W, X, labels) / len(X)),
        "tensordot": lambda W, X, labels: np.tensordot(X, errors_of(W, X, labels), axes=(0, 0)) / X.shape[0],
    },
    forbids=(*NO_SHORTCUTS, "lectrain.check.numerical_gradient"),
)


# --- fit(grad_fn, W0, X, labels, lr, num_steps) ------------------------------------------------------------------


@with_strided_repeat
def descents(rng):
    for n, d, K, num_steps in ((5, 2, 3, 12), (3, 4, 2, 6), (6, 3, 4, 3)):
        yield _descent(rng, n, d, K, num_steps)
    yield _descent(rng, 4, 2, 3, 3, "tiny features, ", size=1e-5)
    yield _descent(rng, 4, 2, 3, 4, "a rate that is too large, ", size=0.1, rate=16.0)
    yield _descent(rng, 150, 3, 2, 3, "150 examples with large features, ", size=1e3)


def other_numbers_of_steps(rng):
    yield _descent(rng, 4, 2, 3, 501, "small steps, ", rate=1e-2)
    yield _descent(rng, 4, 3, 2, 0)
    yield _descent(rng, 5, 2, 3, 1)
    yield _descent(rng, 1, 2, 4, 3, "one example, ")
    yield _descent(rng, 4, 3, 1, 2, "K = 1, ")


def _descent(rng, n, d, K, num_steps, about="", size=1.0, rate=1.0):
    """Least squares with features of that size: small ones make tiny gradients and a huge learning rate."""
    X = size * rng.normal(size=(n, d))
    lr = rate * rng.uniform(0.2, 0.4) * n / np.linalg.norm(X, 2) ** 2
    gradient = FactoryArg("LeastSquaresGradient", {"b": size * rng.normal(size=K), "memory": 0})
    about = f"{about}num_steps = {num_steps}"
    return case(gradient, rng.normal(size=(d, K)), X, mixed(rng, n, 3) + 1, lr, num_steps, about=about)


def descend(grad_fn, W0, X, labels, lr, num_steps):
    way = np.zeros(np.shape(W0))
    for _ in range(num_steps):
        way = way - lr * grad_fn(W0 + way, X, labels)
    return W0 + way


def in_a_loop(step, start=np.array):
    """Gradient descent with another step: ``step(W, gradient, lr, t) -> W``."""

    def train(grad_fn, W0, X, labels, lr, num_steps):
        W = start(W0, dtype=float)
        for t in range(num_steps):
            W = step(W, grad_fn(W, X, labels), lr, t)
        return W

    return train


def walks_on_W0(grad_fn, W0, X, labels, lr, num_steps):
    for _ in range(num_steps):
        W0 -= lr * grad_fn(W0, X, labels)
    return W0


def copies_first(grad_fn, W0, X, labels, lr, num_steps):
    W = W0.copy()
    for _ in range(num_steps):
        W -= lr * grad_fn(W, X, labels)
    return W


def stops_when_the_gradient_is_small(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for _ in range(num_steps):
        gradient = grad_fn(W, X, labels)
        if np.abs(gradient).max() < 1e-6:
            break
        W = W - lr * gradient
    return W


def returns_too_early(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for _ in range(num_steps):
        W = W - lr * grad_fn(W, X, labels)
        return W


def the_whole_path(grad_fn, W0, X, labels, lr, num_steps):
    path = [W0]
    for _ in range(num_steps):
        path.append(path[-1] - lr * grad_fn(path[-1], X, labels))
    return np.array(path)


def keeps_nothing(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for _ in range(num_steps):
        W - lr * grad_fn(W, X, labels)
    return W


def example_after_example(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for t in range(num_steps):
        i = t % len(X)
        W = W - lr * grad_fn(W, X[i : i + 1], labels[i : i + 1])
    return W


def every_example_in_each_step(grad_fn, W0, X, labels, lr, num_steps):
    W = W0
    for i in num_steps * list(range(len(X))):
        W = W - lr * grad_fn(W, X[i : i + 1], labels[i : i + 1])
    return W


def while_counting_down(grad_fn, W0, X, labels, lr, num_steps):
    W, left = np.asarray(W0), num_steps
    while left > 0:
        W, left = np.subtract(W, np.multiply(lr, grad_fn(W, X, labels))), left - 1
    return W


fit = Exercise(
    signature="fit(grad_fn, W0, X, labels, lr, num_steps)",
    slide=RECAP,
    reference=descend,
    rules=(
        Rule("it ends where the steps lead", 2, descents, "One step is the recap's last line.", atol=1e-11),
        Rule(
            "no step, one step, many steps, one example",
            1,
            other_numbers_of_steps,
            "Without a step W0 comes back.",
            atol=1e-11,
        ),
        Rule("W0 and X left alone", 1, descents, "Begin with a copy, or make a new W.", atol=1e-11, mutation="none"),
    ),
    mistakes={
        "ascent": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: descend(grad_fn, W0, X, labels, -lr, num_steps),
            "It walks uphill: look at the sign of the step.",
        ),
        "one step too many": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: descend(grad_fn, W0, X, labels, lr, num_steps + 1),
            "It takes one step more than asked for.",
        ),
        "one step too few": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: descend(grad_fn, W0, X, labels, lr, max(num_steps - 1, 0)),
            "It takes one step less than asked for.",
        ),
        "returns inside the loop": Mistake(
            returns_too_early, "It returns after its first step: is the `return` indented too far?"
        ),
        "keeps nothing": Mistake(keeps_nothing, "The step is computed and thrown away: W never changes."),
        "starts at zero": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: descend(grad_fn, 0 * W0, X, labels, lr, num_steps),
            "It starts at zeros, whatever W0 is.",
        ),
        "walks on W0": Mistake(
            walks_on_W0, "It works in an array that it was given: begin with a copy, or make a new one in each step."
        ),
        "learning rate forgotten": Mistake(in_a_loop(lambda W, g, lr, t: W - g), "The learning rate is never used."),
        "gradient of the start": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: W0 - num_steps * lr * grad_fn(W0, X, labels),
            "Every step uses the gradient at W0: ask for it again where you are.",
        ),
        "jumps to the gradient": Mistake(in_a_loop(lambda W, g, lr, t: -lr * g), "A step starts where you are."),
        "unit steps": Mistake(
            in_a_loop(lambda W, g, lr, t: W - lr * g / np.linalg.norm(g)),
            "It keeps the gradient's direction only: a step is also as long as the gradient says.",
        ),
        "learning rate decays": Mistake(
            in_a_loop(lambda W, g, lr, t: W - lr / (t + 1) * g), "The learning rate stays the same."
        ),
        "divided by n": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: descend(grad_fn, W0, X, labels, lr / len(X), num_steps),
            "It divides by n once more: the gradient is a mean already.",
        ),
        "first example only": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: descend(grad_fn, W0, X[:1], labels[:1], lr, num_steps),
            "It trains on the first example alone.",
        ),
        "stops when the gradient is small": Mistake(
            stops_when_the_gradient_is_small, "Where the gradient is small it stops: num_steps steps are asked for."
        ),
        "example after example": Mistake(
            example_after_example, "Each step looks at one example: take the gradient over all rows of X."
        ),
        "every example in each step": Mistake(
            every_example_in_each_step,
            "It makes a step for each example: each step takes the gradient over all of X.",
        ),
        "the last gradient": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: grad_fn(
                descend(grad_fn, W0, X, labels, lr, num_steps), X, labels
            ),
            "This is a gradient: the weights are asked for.",
        ),
        "the whole path": Mistake(
            the_whole_path,
            "It returns the whole path: its end is asked for.",
        ),
        "returns a list": Mistake(
            lambda grad_fn, W0, X, labels, lr, num_steps: descend(grad_fn, W0, X, labels, lr, num_steps).tolist(),
            "Return an array, not a list.",
        ),
    },
    variants={
        "new arrays": in_a_loop(lambda W, g, lr, t: W - lr * g),
        "asarray": in_a_loop(lambda W, g, lr, t: W + -lr * np.asarray(g), start=np.asarray),
        "copies first": copies_first,
        "counts down": while_counting_down,
        "column by column": in_a_loop(
            lambda W, g, lr, t: np.column_stack([W[:, k] - lr * g[:, k] for k in range(W.shape[1])])
        ),
    },
    forbids=("scipy.optimize", "sklearn", "torch", "jax", "tensorflow"),
)


# --- accuracy(W, X, labels) --------------------------------------------------------------------------------------


def guesses(rng):
    """Weights and examples, with labels of which some are right; the class of the wrong ones is a fixed one.

    With small weights no probability is above one half.
    """
    for n, d, K, right, size in ((7, 4, 3, 5, 1.0), (11, 2, 4, 3, 0.2)):
        W, X = size * rng.normal(size=(d, K)), rng.normal(size=(n, d))
        labels = predicted(W, X)
        wrong = rng.permutation(n)[right:]
        labels[wrong] = (labels[wrong] + 1) % K
        yield case(W, X, labels, about=f"{n} examples, {K} classes")


def clear_guesses(rng):
    W, X = rng.normal(size=(3, 4)), rng.normal(size=(6, 3))
    yield case(W, X, predicted(W, X), about="all of them right")
    yield case(W, X, (predicted(W, X) + 1) % 4, about="none of them right")
    yield case(W, X[:1], predicted(W, X[:1]), about="one example")
    labels = predicted(1000 * W, X)
    labels[2] = (labels[2] + 1) % 4
    yield case(1000 * W, X, labels, about="large logits")
    Z = np.array([[100.0, 1000, 0, -800], [850, -500, 900, 0], [-1000, -950, -900, -800]]) + rng.uniform(0, 20, (3, 4))
    X = rng.permutation(np.repeat(np.eye(3), 2, axis=0))
    labels = predicted(Z, X)
    labels[2] = labels[2] % 3 + 1
    yield case(Z, X, labels, about="logits near ±1000")
    yield case(1e-6 * Z, X, labels, about="small logits")
    Z = np.array([[2.0, 1], [-2, -1], [1, 3]]) + rng.uniform(0, 0.5, (3, 2))
    labels = predicted(Z, X)
    labels[1] = 1 - labels[1]
    yield case(Z, X, labels, about="two classes")
    Z = np.array([[-1, 9.0, 9.000001, 0], [5, 5.000001, -2, 1], [7, 0, 0, 7.000001]])
    labels = np.where(X[:, 0] == 1, 1, predicted(Z, X))  # class 2 is predicted, and never right
    yield case(Z, X, labels, about="close logits, and a class that does not occur")
    W, X = rng.normal(size=(5, 2)).astype(np.float32), rng.normal(size=(3, 5)).astype(np.float32)
    labels = predicted(W, X)
    labels[0] = 1 - labels[0]
    yield case(W, X, labels.astype(np.uint8), about="float32, and labels of dtype uint8")


def predicted(W, X):
    return np.argmax(X @ W, axis=1)


def share_right(W, X, labels):
    return sum(int(a == b) for a, b in zip(predicted(W, X), labels, strict=True)) / len(labels)


accuracy = Exercise(
    signature="accuracy(W, X, labels)",
    slide=PREDICTION,
    reference=share_right,
    rules=(
        Rule("the share of right predictions", 1, guesses, "Which class has the largest logit in each row?"),
        Rule(
            "all, none, one example, two classes, large or close logits",
            1,
            clear_guesses,
            "Its value lies between 0 and 1.",
        ),
    ),
    mistakes={
        "error rate": Mistake(lambda W, X, labels: 1 - share_right(W, X, labels), "This is the share of wrong ones."),
        "count": Mistake(
            lambda W, X, labels: np.sum(predicted(W, X) == labels), "This is how many are right: which share is it?"
        ),
        "percent": Mistake(lambda W, X, labels: 100 * share_right(W, X, labels), "A share lies between 0 and 1."),
        "down the columns": Mistake(
            lambda W, X, labels: np.mean(np.argmax(X @ W, axis=0) == labels),
            "The largest is searched down the columns, along axis 0: each example chooses among its classes.",
        ),
        "no axis": Mistake(
            lambda W, X, labels: np.mean(np.argmax(X @ W) == labels),
            "Without an axis np.argmax finds one place in the whole table: each row has a largest logit.",
        ),
        "smallest logit": Mistake(
            lambda W, X, labels: np.mean(np.argmin(X @ W, axis=1) == labels), "It takes the smallest logit."
        ),
        "above one half": Mistake(
            lambda W, X, labels: np.mean(shares(X @ W)[np.arange(len(labels)), labels] > 0.5),
            "The true class need not have a probability above 0.5: the largest one of the row will do.",
        ),
        "nearly the largest": Mistake(
            lambda W, X, labels: np.mean(np.isclose((X @ W)[np.arange(len(labels)), labels], (X @ W).max(axis=1))),
            "It counts a class whose logit is close to the largest: only the largest itself is predicted.",
        ),
        "one answer per example": Mistake(
            lambda W, X, labels: predicted(W, X) == labels, "One number: the mean of these."
        ),
        "predictions": Mistake(
            lambda W, X, labels: predicted(W, X), "These are the predictions: compare, and average."
        ),
        "rounded": Mistake(
            lambda W, X, labels: round(share_right(W, X, labels), 2), "It is rounded: leave that to whoever prints it."
        ),
        "labels from 1": Mistake(
            lambda W, X, labels: np.mean(predicted(W, X) + 1 == labels), "Classes are counted from 0."
        ),
        "naive softmax": Mistake(
            lambda W, X, labels: np.mean(np.argmax(normalised(np.exp(X @ W)), axis=1) == labels),
            "It finds another class where logits are large: compare the logits, or use your own softmax.",
        ),
        "rounded probabilities": Mistake(
            lambda W, X, labels: np.mean(np.argmax(np.round(shares(X @ W), 4), axis=1) == labels),
            "Rounded probabilities can be equal where the logits are not.",
        ),
        "every slot": Mistake(
            lambda W, X, labels: np.mean(np.eye(W.shape[1])[predicted(W, X)] == np.eye(W.shape[1])[labels]),
            "It counts slots, and most slots are 0 on both sides: count examples.",
        ),
        "cut off": Mistake(
            lambda W, X, labels: int(share_right(W, X, labels)),
            "It is 1 only if all are right, and 0 otherwise: what share is right?",
        ),
        "probability of the label": Mistake(
            lambda W, X, labels: np.mean(shares(X @ W)[np.arange(len(labels)), labels]),
            "The mean probability of the true class is no share of right predictions.",
        ),
        "every prediction with every label": Mistake(
            lambda W, X, labels: np.mean(predicted(W, X)[:, None] == labels),
            "(n, 1) against (n,) gives (n, n): compare each prediction with its own label.",
        ),
        "divided by the classes": Mistake(
            lambda W, X, labels: np.sum(predicted(W, X) == labels) / W.shape[1], "It is divided by K instead of n."
        ),
    },
    variants={
        "mean": lambda W, X, labels: np.mean(np.argmax(X @ W, axis=1) == labels),
        "of probabilities": lambda W, X, labels: float((shares(X @ W).argmax(axis=-1) == labels).mean()),
        "count over n": lambda W, X, labels: np.count_nonzero(predicted(W, X) == labels) / len(labels),
        "loop": share_right,
        "sorted": lambda W, X, labels: np.mean((X @ W).argsort(axis=1)[:, -1] == labels),
        "one minus the errors": lambda W, X, labels: 1 - np.mean(predicted(W, X) != labels),
    },
    forbids=("sklearn", "torch", "jax", "tensorflow"),
)


# --- iris_settings -----------------------------------------------------------------------------------------------

TARGET, MARGIN, MOST_STEPS = 0.1, 0.0005, 5000  # what the notebook prints as 0.100 will do


@functools.cache
def training_flowers():
    """Two of every three flowers, with a constant 1 as fifth feature."""
    iris = data.load_iris()
    train = np.arange(150) % 3 > 0
    return np.column_stack([iris.X, np.ones(150)])[train], coded(iris.species)[0][train]


def reaches_the_target(_, value):
    if not isinstance(value, dict) or set(value) != {"lr", "num_steps"}:
        return 'answer with a dict such as {"lr": 0.01, "num_steps": 100}'
    lr, num_steps = (v.item() if getattr(v, "shape", None) == () else v for v in (value["lr"], value["num_steps"]))
    if type(lr) not in (int, float) or type(num_steps) is not int:
        return "lr is a number, and num_steps a whole number"
    if not 0 < lr < math.inf or not 0 <= num_steps <= MOST_STEPS:
        return f"lr is above 0, and num_steps at most {MOST_STEPS}"
    X, labels = training_flowers()
    with np.errstate(all="ignore"):
        W, Y = np.zeros((5, 3)), slots_of(labels, 3)
        for _step in range(num_steps):
            W = W - min(lr, 1e300) * (X.T @ (normalised(np.exp(X @ W - (X @ W).max(axis=1)[:, None])) - Y)) / len(X)
        loss = mean_surprise(X @ W, labels) if np.isfinite(W).all() else math.nan
    return None if loss < TARGET + MARGIN else f"with them the loss ends at about {loss:.3g}"


iris_settings = Exercise(
    signature="iris_settings",
    slide=TABLE,
    reference={"lr": 0.1, "num_steps": 2000},
    rules=(
        Rule(
            "the loss on the training flowers gets below 0.1",
            2,
            hint="Look at the learning curve: is it still falling, or does it jump?",
            check=reaches_the_target,
        ),
    ),
    mistakes={
        "too few steps": Mistake({"lr": 0.1, "num_steps": 200}, "The curve is still falling when it stops."),
        "too small a rate": Mistake({"lr": 0.001, "num_steps": 5000}, "It goes the right way, in very small steps."),
        "no step": Mistake({"lr": 0.1, "num_steps": 0}, "Without a step nothing is learned."),
        "too many steps": Mistake({"lr": 0.01, "num_steps": 100_000}, "There are 5000 steps at most."),
        "uphill": Mistake({"lr": -0.1, "num_steps": 2000}, "With a negative rate it walks uphill."),
        "swapped": Mistake({"lr": 2000, "num_steps": 0.1}, "The two are swapped."),
        "text": Mistake({"lr": "0.1", "num_steps": "2000"}, "Numbers have no quotation marks."),
        "a pair": Mistake((0.1, 2000), "Write a dict, with a name for each number."),
        "other names": Mistake({"learning_rate": 0.1, "steps": 2000}, 'The names are "lr" and "num_steps".'),
        "the loss": Mistake(0.09, "The settings are asked for, not the loss that they lead to."),
        "endless": Mistake({"lr": math.inf, "num_steps": 2000}),
        "nothing": Mistake(None),
        "empty": Mistake({}),
    },
    variants={
        "smaller steps": {"lr": 0.07, "num_steps": 4000},
        "larger steps": {"lr": 0.2, "num_steps": 1000},
        "larger still": {"lr": 0.5, "num_steps": 1000},
        "as NumPy has them": {"lr": np.float64(0.1), "num_steps": np.int64(2500)},
        "all the steps": {"num_steps": 5000, "lr": 0.06},
    },
)
