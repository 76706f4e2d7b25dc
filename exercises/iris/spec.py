"""Specification of the exercises of `03-softmax/iris.ipynb`."""

import math

import numpy as np

from autograder.judging.cases import case, with_strided_repeat
from autograder.judging.counterexamples import Input, refute
from autograder.judging.model import Exercise, Rule
from autograder.judging.quizzes import choose_all, fill_in, predict
from lectrain.shortcuts import SHORTCUTS

from .softmax_regression import example_losses, log_softmax, normalise

TABLE = "Multinomial Logistic Regression"
ENCODING = "Encoding multiple labels"
PREDICTION = "Prediction output"
SOFTMAX = "Softmax activation function"

iris_predictions = predict("iris_predictions", "abc", questions=2, points=1, slide=SOFTMAX)


# --- encode_labels(names) -> codes (n,), classes (K,) -----------------------------------------------------------
# The classes are the distinct names in the order of `sorted`. The code of an example is the index of its class.

FLOWERS = ("aster", "dahlia", "iris", "lily", "poppy", "tulip", "rose", "buttercup")
TWO_ARRAYS = "it does not return two arrays (codes, classes)"


def reference_encode_labels(names):
    classes = sorted({str(name) for name in names})
    code = {name: k for k, name in enumerate(classes)}
    return np.array([code[str(name)] for name in names]), np.array(classes)


def draw_names(rng, classes, n):
    """Names in random order, the last in the alphabet first. Each class occurs, and some occur more than once."""
    last = max(classes)
    return np.array([last, *rng.permutation([*classes, *rng.choice([c for c in classes if c != last], n - 1)])])


def cases_names(rng):
    for K, n in ((2, 4), (3, 5), (3, 5), (4, 7)):
        classes = [*rng.choice(FLOWERS[:6], K - 1, replace=False), "buttercup"]
        yield case(draw_names(rng, classes, n), about=f"{K} classes")


def cases_odd_names(rng):
    yield case(np.array(["30", "9", "10", "9"]), about="names made of digits")
    names = ["rosehip", "Chinese rose ", "lily", "rose", "rose of the high mountains of China"]
    yield case(np.array(names), about="a long name, a capital, spaces, and a name that begins another name")
    names = rng.permutation(["rose", "Rose", "ROSE", "rose ", " rose", "lily"])
    yield case(names, about="names that differ only in capitals or spaces")
    yield case(rng.permutation(["aster", "Rose", "lily", "Iris", "4 o'clock"]), about="names with capitals or digits")
    yield case(rng.permutation([f"{k:03}" for k in range(130)]), about="130 classes")
    yield case(np.repeat(rng.choice(FLOWERS, 1), 3), about="a single class")
    yield case(rng.choice(FLOWERS, 1), about="a single name")


def check_classes(call, value):
    """The classes are the distinct names in sorted order."""
    classes = value[1] if isinstance(value, list | tuple) and len(value) == 2 else None
    if not isinstance(classes, np.ndarray):
        return TWO_ARRAYS
    expected = reference_encode_labels(*call.args)[1]
    return None if np.array_equal(classes, expected) else "`classes` does not hold each name once in sorted order"


def check_round_trip(call, value):
    """Looking up the codes in the classes gives the names back."""
    codes, classes = value if isinstance(value, list | tuple) and len(value) == 2 else (None, None)
    if not isinstance(codes, np.ndarray) or not isinstance(classes, np.ndarray):
        return TWO_ARRAYS
    if codes.dtype.kind not in "iu" or classes.ndim != 1 or np.any((codes < 0) | (codes >= len(classes))):
        return "the codes are not integers from 0 to K - 1"
    is_right = codes.shape == call.args[0].shape and np.array_equal(classes[codes], call.args[0])
    return None if is_right else "`classes[codes]` is not equal to `names`"


encode_labels = Exercise(
    signature="encode_labels(names)",
    slide=TABLE,
    reference=reference_encode_labels,
    rules=(
        Rule("the classes, sorted, each once", 1, cases_names, "Is each name there once, sorted?", check=check_classes),
        Rule(
            "classes[codes] gives the names back", 1, cases_names, "Which name has the code 0?", check=check_round_trip
        ),
        Rule(
            "a single class, many classes, odd names, names unchanged",
            1,
            cases_odd_names,
            'In which order does sorted put "10" and "9", or "aster" and "Rose"? Is every character kept? Is names '
            "unchanged after the call?",
            mutation="none",
            property="`classes[codes]` is equal to `names`.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- one_hot(labels, K) -> Y (n, K) -----------------------------------------------------------------------------
# Row i has a 1 in the slot of labels[i] and 0 elsewhere. Labels outside 0 to K - 1 raise a ValueError.


def reference_one_hot(labels, K):
    if not all(0 <= label < K for label in labels):
        raise ValueError("a label is outside 0 to K - 1")
    Y = np.zeros((len(labels), K))
    for row, label in zip(Y, labels, strict=True):
        row[label] = 1
    return Y


def draw_labels(rng, n, K):
    """Labels 0 to K - 1 in random order. Each occurs if there are enough examples."""
    return rng.permutation(np.arange(n) % K)


def cases_labels(rng):
    yield case(np.array([0, 2, 1]), 3, about="the labels of the slide")
    labels = draw_labels(rng, 5, 3)
    yield case(labels, 3, about="K = 3")
    yield case((labels + 1) % 3, 3, about="other labels and K = 3")
    yield case(draw_labels(rng, 9, 4), 4, about="K = 4")
    yield case(np.array([1, 2, 0]), 3, about="as many labels as classes")


def cases_special_labels(rng):
    """Classes that do not occur, few or many classes, few examples, another integer dtype."""
    yield case(np.array([2, 0, 2]), 4, about="labels 2, 0, 2 and K = 4")
    yield case(np.empty(0, dtype=int), 3, about="no example")
    yield case(np.array([int(rng.integers(3))]), 3, about="one example")
    yield case(np.zeros(2, dtype=int), 1, about="K = 1")
    yield case(draw_labels(rng, 5, 2), 2, about="K = 2")
    yield case(draw_labels(rng, 7, 3), 4, about="many labels, and class 3 of 4 missing")
    yield case(draw_labels(rng, 6, 5).astype(np.uint8), 7, about="labels of dtype uint8")
    yield case(rng.permutation([7, 128, 150, 199]), 200, about="K = 200")


def cases_labels_out_of_range(rng):
    yield case(draw_labels(rng, 4, 3), 3, about="labels in range")
    for about, label in (("a label equal to K", 3), ("a label -1", -1)):
        yield case(np.array([1, *rng.permutation([0, label, 2]), 1]), 3, about=about)
    yield case(np.array([1, -3]), 3, about="a label -K")
    yield case(np.array([9]), 4, about="a label 9 and K = 4")


one_hot = Exercise(
    signature="one_hot(labels, K)",
    slide=ENCODING,
    reference=reference_one_hot,
    rules=(
        Rule(
            "a row for each label, a single 1 in its slot",
            2,
            cases_labels,
            "Write down the slide's three rows.",
            property="Each row has a single 1.",
        ),
        Rule(
            "K slots, whatever labels occur",
            1,
            cases_special_labels,
            "How wide is Y if class 3 never occurs? What is its shape without an example?",
            property="There are as many columns as classes, whether or not they occur.",
        ),
        Rule(
            "ValueError for labels that have no slot",
            1,
            cases_labels_out_of_range,
            "What does your code do with a label of -1, and with a label of K?",
            raises="ValueError",
            property="Each row has a single 1.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- not_distributions: which vectors are not probability distributions? ----------------------------------------
# a is a distribution: one class has the probability 1. b has a negative entry, c sums to about 2.

not_distributions = choose_all(
    "not_distributions",
    "bc",
    "abc",
    points=1,
    slide=PREDICTION,
    hint="There are two conditions: check both.",
    explain={
        "a": "It is a distribution, because no number is negative and they add up to 1: it is certain of the "
        "third class.",
        "b": "The numbers add up to 1, but −0.1 is not a probability.",
        "c": "Each number is a probability, but σ(1) + σ(0) + σ(1) is about 1.96, not 1.",
    },
)


# --- softmax(Z) -> P (n, K) -------------------------------------------------------------------------------------
# Each row of logits becomes a row of probabilities, for logits of any size and without an overflow warning.


def reference_softmax(Z):
    return np.exp(log_softmax(Z))


@with_strided_repeat
def cases_moderate_logits(rng):
    yield case(rng.uniform(-3, 3, (5, 3)))
    yield case(rng.uniform(-3, 3, (2, 4)), about="4 classes")
    yield case(rng.uniform(-3, 3, (3, 3)), about="as many classes as examples")
    yield case(rng.permutation(np.arange(-4, 4)).reshape(4, 2), about="integer logits")
    yield case(rng.uniform(-3, 3, (4, 5)).astype(np.float32), about="float32 logits")
    yield case(np.zeros((4, 3)), about="equal logits")
    yield case(np.array([rng.permutation([1.0, 1, -2]) for _ in range(4)]), about="two equal logits")
    yield case(rng.uniform(-33, -27, (3, 4)), about="logits near -30")
    spread = np.array([rng.permutation([0.0, -9, -18]) for _ in range(4)])
    yield case(spread + rng.uniform(-1, 1, (4, 3)), about="logits that differ by 7 or more")


def cases_large_logits(rng):
    # None is near 1e9: there, exp(Z - logsumexp(Z)) keeps only seven digits, although the formula is right.
    small = rng.normal(size=(2, 3))
    yield case(small + 1000, about="logits near 1000")
    yield case(small - 1000, about="logits near -1000")
    yield case(np.vstack([small[0] + 1000, small[1] - 1000, small[0]]), about="rows near 1000, -1000 and 0")
    Z = np.array([rng.permutation([-1000.0, -1000, 999, 1000]) for _ in range(4)])
    yield case(Z, about="-1000, 999 and 1000 in a row")
    yield case(np.vstack([small[0] - 1000, small[1] + 1000]), about="a row near -1000 and a row near 1000")
    yield case(np.array([[1000.0, -1000], [0, 2000], [-1000, -3000]]), about="K = 2 and large differences")
    Z = np.array([rng.permutation([0.0, -45, -150, -600]) for _ in range(4)]) + rng.normal(size=(4, 4))
    yield case(Z, about="small probabilities")
    yield case(np.array([[0.0, 45], [50, 0]]) + rng.normal(size=(2, 2)), about="K = 2 and small probabilities")


def cases_small_shapes(rng):
    yield case(rng.normal(size=(4, 1)), about="K = 1")
    yield case(rng.normal(size=(3, 2)), about="K = 2")
    yield case(rng.normal(size=(1, 4)), about="one example")
    yield case(np.empty((0, 3)), about="no example")


def cases_writable_Z(rng):
    """Float64 logits, which an in-place operation can overwrite. If it is undone, rounding changes some of them."""
    yield case(rng.uniform(-3, 3, (4, 3)) / rng.choice([1, 7, 300], (4, 3)))
    Z = rng.uniform(-3, 3, (2, 5)) / rng.choice([1, 7, 300], (2, 5))
    Z[:, rng.integers(5)] = -600
    yield case(Z, about="5 classes, one with logits of -600")


softmax = Exercise(
    signature="softmax(Z)",
    slide=SOFTMAX,
    reference=reference_softmax,
    rules=(
        Rule(
            "rows of moderate logits",
            2,
            cases_moderate_logits,
            "Does each row sum to 1 for shape (2, 3)?",
            property="Equal logits have equal shares.",
            atol=1e-13,
        ),
        Rule(
            "logits of any size, with no overflow warning",
            1,
            cases_large_logits,
            "What can you subtract from a row without changing its softmax? Is a small probability kept?",
            atol=1e-300,
            warnings="none",
            property="Adding the same number to a whole row changes nothing.",
        ),
        Rule(
            "one or two classes, one or no example",
            1,
            cases_small_shapes,
            "Try Z of the shapes (4, 1), (3, 2), (1, 4) and (0, 3). Along which axis is the sum?",
            atol=1e-13,
            property="Each row sums to 1.",
        ),
        Rule(
            "right values, Z unchanged",
            1,
            cases_writable_Z,
            "Which arrays does it write to?",
            atol=1e-13,
            mutation="none",
            property="Each row sums to 1.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- breaking_logits: (2, 2) logits for which it is wrong to subtract the largest of all rows -------------------
# If a row is more than about 700 below the largest logit, its exponentials round to 0 or lose digits.


def softmax_global_shift(Z):
    return normalise(np.exp(Z - np.max(Z)))


breaking_logits = refute(
    "breaking_logits",
    {"Z": Input(-10_000, 10_000, (2, 2))},
    reference=reference_softmax,
    wrong=softmax_global_shift,
    answer=[[1000, 1000], [0, 1]],
    points=1,
    slide=SOFTMAX,
    hint="When do all exponentials of a row become 0?",
    otherwise="both versions give the same probabilities",
)


# --- cross_entropy(Z, labels) -> loss ---------------------------------------------------------------------------
# The mean of -log of the probability that softmax(Z) gives to the true class, exact for logits of any size.


def reference_cross_entropy(Z, labels):
    return math.fsum(example_losses(Z, labels)) / len(labels)


def cases_single_loss(rng):
    for K in (3, 4):
        Z, k = rng.uniform(-1, 0, (1, K)), rng.integers(K - 1, size=1)
        Z[0, k], Z[0, k + 1] = -2.5, 2.5  # p of class k is nearly the same for every draw
        yield case(Z, k, about=f"one example of {K} classes")


@with_strided_repeat
def cases_mean_loss(rng):
    yield case(rng.uniform(-3, 3, (7, 3)), draw_labels(rng, 7, 3))
    yield case(rng.uniform(-3, 3, (3, 4)), np.array([2, 0, 2]), about="labels 2, 0, 2 of 4 classes")
    yield case(rng.uniform(-3, 3, (4, 4)), draw_labels(rng, 4, 4), about="as many classes as examples")
    yield case(np.zeros((5, 3)), draw_labels(rng, 5, 3), about="equal logits")
    yield case(np.array([[3, -4], [-2, 2], [1, 0], [-3, -1]]), np.array([0, 1, 1, 0]), about="integer logits")
    yield case(rng.uniform(-3, 3, (5, 3)).astype(np.float32), draw_labels(rng, 5, 3), about="float32 logits")
    Z, labels, rows = rng.uniform(-3, 3, (40, 3)), draw_labels(rng, 40, 3), rng.integers(40, size=150)
    yield case(Z[rows], labels[rows], about="150 examples, some more than once")
    yield case(rng.uniform(-3, 3, (3, 100)), np.array([70, 0, 99]), about="100 classes")  # np.choose takes 32 or 64


def cases_extreme_loss(rng):
    """Confident predictions, right and wrong: the probability of the true class rounds to 1 or to 0."""
    for size in (100_000.0, 1000.0, 17.0):
        Z = np.array([rng.permutation([size, 0, -1.0]) for _ in range(4)])
        yield case(Z, np.argmin(Z, axis=1), about=f"a logit of {size:g} for a wrong class")
        yield case(Z, np.argmax(Z, axis=1), about=f"a logit of {size:g} for the true class")
        yield case(Z, rng.permutation([0, 2, 1, 1]), about=f"one logit of {size:g} in each row")
    yield case(rng.permutation([[1000, 0, -1], [0, -2000, 5]]), np.array([2, 0]), about="large integer logits")
    yield case(np.array([[1000.0, 1000, 0]]), np.array([2]), about="two equal largest logits of wrong classes")
    small, labels = rng.normal(size=(3, 4)), np.array([3, 1, 0])
    yield case(small - 1000, labels, about="logits near -1000")
    yield case(small + np.array([[1000], [-1000], [0]]), labels // 2, about="rows near 1000, -1000 and 0")
    yield case(np.array([[-500.0], [500.0]]), np.array([0, 0]), about="K = 1")


cross_entropy = Exercise(
    signature="cross_entropy(Z, labels)",
    slide=TABLE,
    reference=reference_cross_entropy,
    rules=(
        Rule(
            "one example",
            1,
            cases_single_loss,
            "Which of the K terms remains, and what is its sign? Over which classes does the softmax sum?",
            property="K equal logits cost log K.",
            rtol=1e-6,
        ),
        Rule(
            "the mean over examples",
            1,
            cases_mean_loss,
            "Is the loss of each row alone right? What is in front of the sum?",
            rtol=1e-6,
            atol=1e-12,
            property="If every example occurs twice, the loss stays the same.",
        ),
        Rule(
            "logits of any size: exact",
            2,
            cases_extreme_loss,
            "Does a number on the way to the loss overflow, or round to 0 or 1? Is a tiny loss kept?",
            slide=SOFTMAX,
            rtol=1e-12,
            atol=1e-12,
            property="Adding the same number to a whole row changes nothing.",
        ),
        Rule(
            "no warning, inputs unchanged",
            1,
            cases_extreme_loss,
            "Which exponential never exceeds 1, and which sum is never 0? Which arrays does your code write to?",
            slide=SOFTMAX,
            rtol=1e-12,
            atol=1e-12,
            warnings="none",
            mutation="none",
            property="Adding the same number to a whole row changes nothing.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- softmax_derivation: four blanks ----------------------------------------------------------------------------
# a is exp(z_k), b p_k, c x, d Xᵀ(P - Y), e the sum of the exponentials, f w_k, g (P - Y)ᵀX, h y_k.

softmax_derivation = fill_in(
    "softmax_derivation",
    {"line 1": "h", "line 2": "a", "line 3": "c", "line 4": "d"},
    "abcdefgh",
    points=2,
    slide=TABLE,
    hint="Which expression makes the equation in this line true?",
    explain={
        "line 1": "The logit of the true class changes with z_k only if k is the true class, so the derivative is 1 "
        "there and else 0, and that is y_k.",
        "line 2": "Only one term of S contains z_k, namely exp(z_k), and it is its own derivative.",
        "line 3": "The logit z_k is xᵀw_k, and its gradient with respect to w_k is x.",
        "line 4": "Each example adds x times its row of P − Y, and Xᵀ(P − Y) is this sum, in the shape (d, K) of W.",
    },
)


# --- softmax_grad(W, X, labels) -> gradient (d, K) --------------------------------------------------------------
# The gradient of the mean cross-entropy of softmax(X W) with respect to W: Xᵀ(P - Y) / n.


def probability_errors(W, X, labels):
    """P - Y, with an absolute error of about 1e-16 apart from the rounding of X W."""
    return reference_softmax(np.asarray(X, float) @ W) - reference_one_hot(labels, W.shape[1])


def reference_softmax_grad(W, X, labels):
    errors = probability_errors(W, X, labels)
    return np.array([[math.fsum(feature * error) for error in errors.T] for feature in X.T]) / len(labels)


def cases_single_gradient(rng):
    for d, K in ((2, 3), (2, 4), (1, 2)):
        about = f"one example, d = {d} and K = {K}"
        yield case(rng.normal(size=(d, K)), rng.normal(size=(1, d)), rng.integers(K - 1, size=1), about=about)


@with_strided_repeat
def cases_mean_gradient(rng):
    yield case(rng.normal(size=(4, 3)), rng.normal(size=(7, 4)), draw_labels(rng, 7, 3))
    yield case(rng.normal(size=(5, 4)), rng.normal(size=(3, 5)), np.array([2, 0, 2]), about="labels 2, 0, 2 and K = 4")
    yield case(rng.normal(size=(2, 3)), rng.normal(size=(5, 2)), draw_labels(rng, 5, 2), about="the last class missing")
    yield case(rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), draw_labels(rng, 3, 3), about="n = d = K")
    X = np.vstack([rng.permutation([-2, -1, 1]) for _ in range(5)])
    labels = np.full(5, rng.integers(1, 4))
    yield case(rng.normal(size=(3, 4)), X, labels, about="integer features, all of one class")
    X = rng.normal(size=(6, 5)).astype(np.float32)
    yield case(rng.normal(size=(5, 3)).astype(np.float32), X, draw_labels(rng, 6, 3), about="float32")
    X, labels, rows = rng.normal(size=(40, 2)), draw_labels(rng, 40, 3), rng.integers(40, size=150)
    X[rows[0]] = 20, -20
    w = rng.normal(size=3)  # the logits of this example are 19, 0 and -19: no limit of at least 20 changes them
    W = np.array([w + rng.permutation([0.95, 0.0, -0.95]), w])
    yield case(W, X[rows], labels[rows], about="150 examples, some more than once")


def cases_extreme_gradient(rng):
    for size in (1000.0, 10_000.0):
        W = np.linalg.qr(rng.normal(size=(4, 3)))[0]
        Z = np.vstack([size * np.array([[1, 0, -1], [-1, 1, 0], [0, -1, 1], [1, -1, 0]]), rng.normal(size=(1, 3))])
        yield case(W, Z @ W.T, rng.permutation([0, 1, 2, 1, 0]), about=f"logits of up to ±{size:g}")
    W = rng.permutation(np.eye(3))  # a permutation matrix, so that X @ W is exact
    Z = 1000 * np.array([[1, 1, 0], [0, -1, -1], [-1, 1, 1]]) + rng.normal(size=(3, 3))
    yield case(W, Z @ W.T, rng.permutation(3), about="large logits that differ little")


softmax_grad = Exercise(
    signature="softmax_grad(W, X, labels)",
    slide=TABLE,
    reference=reference_softmax_grad,
    rules=(
        Rule(
            "one example",
            1,
            cases_single_gradient,
            "Which number multiplies x in column k?",
            atol=1e-13,
            property="In each row of the gradient, the numbers add up to 0.",
        ),
        Rule(
            "the mean over examples",
            2,
            cases_mean_gradient,
            "In line 4 of “four blanks”, which shapes are multiplied, and what divides the product?",
            atol=1e-13,
            property="If every example occurs twice, the gradient stays the same.",
        ),
        Rule(
            "large logits",
            1,
            cases_extreme_gradient,
            "Are your probabilities right?",
            slide=SOFTMAX,
            rtol=1e-11,
            atol=1e-10,
            property="In each row of the gradient, the numbers add up to 0.",
        ),
        Rule(
            "inputs unchanged",
            1,
            cases_mean_gradient,
            "Which arrays are written to?",
            atol=1e-13,
            mutation="none",
            property="If every example occurs twice, the gradient stays the same.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- accuracy(W, X, labels) -> share ----------------------------------------------------------------------------
# The share of examples whose most probable class is the true one.


def predict_labels(W, X):
    return np.argmax(X @ W, axis=1)


def reference_accuracy(W, X, labels):
    return sum(int(a == b) for a, b in zip(predict_labels(W, X), labels, strict=True)) / len(labels)


def cases_some_correct(rng):
    """Some predictions are correct: their number is drawn. With the small weights, no probability is above one half."""
    for n, d, K, size in ((7, 4, 3, 1.0), (11, 2, 4, 0.2)):
        num_correct = int(rng.integers(3, n - 1))
        W, X = size * rng.normal(size=(d, K)), rng.normal(size=(n, d))
        labels = predict_labels(W, X)
        wrong = 1 + rng.permutation(n - 2)[num_correct - 2 :]  # the first and the last prediction are correct
        labels[wrong] = (labels[wrong] + 1) % K
        yield case(W, X, labels, about=f"{n} examples, {K} classes")
    labels = np.array([1, 2, 0, 0, 1])  # each class is predicted as often as it occurs
    yield case(rng.uniform(1, 2) * np.eye(3), np.eye(3)[[0, 1, 2, 0, 1]], labels, about="5 examples, 3 classes")
    W, X = np.array([[1.0, 0, 1], [0, 0, 2.0**-30]]), np.array([[1.0, 1], [1, -1], [-1, 1]])
    yield case(W, X, np.array([2, 0, 2]), about="logits that differ in the tenth digit")


def cases_special_predictions(rng):
    """All or none correct, one example, large, small, close or equal logits, two classes, a missing class, float32."""
    W, X = rng.normal(size=(3, 4)), rng.normal(size=(6, 3))
    yield case(W, X, predict_labels(W, X), about="all predictions correct")
    yield case(W, X, (predict_labels(W, X) + 1) % 4, about="no prediction correct")
    yield case(W, X[:1], predict_labels(W, X[:1]), about="one example")
    labels = predict_labels(1000 * W, X)
    labels[2] = (labels[2] + 1) % 4
    yield case(1000 * W, X, labels, about="large logits")
    Z = np.array([[100.0, 1000, 0, -800], [850, -500, 900, 0], [-1000, -950, -900, -800]]) + rng.uniform(0, 20, (3, 4))
    X = rng.permutation(np.repeat(np.eye(3), 2, axis=0))
    labels = predict_labels(Z, X)
    labels[2] = labels[2] % 3 + 1
    yield case(Z, X, labels, about="logits near ±1000")
    yield case(1e-6 * Z, X, labels, about="small logits")
    Z = np.array([[2.0, 1], [-2, -1], [1, 3]]) + rng.uniform(0, 0.5, (3, 2))
    labels = predict_labels(Z, X)
    labels[1] = 1 - labels[1]
    yield case(Z, X, labels, about="two classes")
    Z = np.array([[-1, 9.0, 9.000001, 0], [5, 5.000001, -2, 1], [7, 0, 0, 7.000001]])
    labels = np.where(X[:, 0] == 1, 1, predict_labels(Z, X))  # class 2 is predicted, but it is never the true class
    yield case(Z, X, labels, about="close logits, and a class that does not occur")
    tiny = 1e-13 * np.array([[0.0, 2, 1], [0, 1, 2], [1, 0, 2]])
    yield case(tiny, np.eye(3), np.array([2, 1, 2]), about="logits near 1e-13")  # 1, 2, 2 are predicted
    labels = rng.permutation(600) % 3  # any one class has 200 labels, a random class for each example has others
    yield case(np.zeros((3, 3)), rng.normal(size=(600, 3)), labels, about="equal logits")
    W, X = rng.normal(size=(5, 2)).astype(np.float32), rng.normal(size=(3, 5)).astype(np.float32)
    labels = predict_labels(W, X)
    labels[0] = 1 - labels[0]
    yield case(W, X, labels.astype(np.uint8), about="float32, and labels of dtype uint8")


def has_clear_predictions(W, X, labels):
    """Whether each row has one largest logit, since any of several may be the prediction, and all labels exist."""
    Z = X @ W
    is_clear = ((Z.max(axis=1, keepdims=True) == Z).sum(axis=1) == 1).all()
    return bool(is_clear and (labels < W.shape[1]).all())


accuracy = Exercise(
    signature="accuracy(W, X, labels)",
    slide=PREDICTION,
    reference=reference_accuracy,
    rules=(
        Rule(
            "the share of correct predictions",
            1,
            cases_some_correct,
            "Which logit of each row is the largest?",
            property="The share times the number of examples is a whole number.",
        ),
        Rule(
            "all or none correct, one example, two classes, large, close or equal logits",
            1,
            cases_special_predictions,
            "Which class is predicted if two logits are close? Is it always the same one if they are equal?",
            property="The class with the largest logit is predicted, however small the lead is.",
        ),
    ),
    forbids=SHORTCUTS,
    allows=has_clear_predictions,
)
