"""The exercises of `03-softmax/fashion_mnist.ipynb`."""

import functools

import numpy as np
from threadpoolctl import threadpool_limits  # which scikit-learn brings

from lectrain import data

from ...judging.compare import describe_difference
from ...judging.model import Exercise, Mistake, Rule, case, with_strided_repeat
from ...judging.quizzes import choose_all, predict

HW2, PREDICTION = "Softmax regression", "Prediction output"
LIBRARIES = ("sklearn", "torch", "jax", "tensorflow")

fashion_predictions = predict("fashion_predictions", "abc", questions=2, points=1, slide=HW2)


# --- prepare(images) --------------------------------------------------------------------------------------------


@with_strided_repeat
def some_images(rng):
    for n in (3, 5):
        brightest = rng.permutation(np.linspace(100, 250, n).astype(int))[:, None, None]  # none is white
        yield case(rng.integers(0, brightest, (n, 28, 28)).astype(np.uint8), about=f"{n} pictures")


def none_or_two(rng):
    yield case(np.empty((0, 28, 28), np.uint8), about="no picture")
    yield case(rng.integers(0, 255, (2, 28, 28)).astype(np.uint8), about="two pictures")


def odd_images(rng):
    yield case(np.stack([np.zeros((28, 28)), np.full((28, 28), 255)]).astype(np.uint8), about="black and white")
    yield case(rng.integers(0, 255, (1, 28, 28)).astype(np.uint8), about="one picture")
    yield case(rng.integers(0, 2, (3, 28, 28)).astype(np.uint8), about="grey levels 0 and 1 alone")


def features(images):
    """Pixels in reading order from 0 to 1, then a 1."""
    X = np.ones((len(images), 785), np.float32)
    X[:, :784] = images.reshape(len(images), 784)
    X[:, :784] /= 255
    return X


def is_single(asked, value):
    wrong = describe_difference(value, features(asked.args[0]), rtol=1e-5, atol=1e-6)
    if wrong:
        return wrong
    return None if value.dtype == np.float32 else f"its dtype is {value.dtype}, not float32"


def with_ones(pixels, ones=1):
    flat = pixels.reshape(len(pixels), 784)
    return np.append(flat, np.full((len(flat), 1), ones, np.float32), axis=1).astype(np.float32)


prepare = Exercise(
    signature="prepare(images)",
    slide=HW2,
    reference=features,
    rules=(
        Rule(
            "grey levels from 0 to 1 in reading order, then a 1",
            2,
            some_images,
            "Look at one row: its largest number, its last number.",
            rtol=1e-6,
            atol=1e-7,
        ),
        Rule("the right numbers, as float32", 1, none_or_two, "Which dtype has each of the parts?", check=is_single),
        Rule(
            "black, white, one picture; images left alone",
            1,
            odd_images,
            "What is 255 divided by, whatever else is in the pictures?",
            rtol=1e-5,
            atol=1e-6,
            mutation="none",
        ),
    ),
    mistakes={
        "not scaled": Mistake(lambda images: with_ones(images), "Grey levels up to 255 are left: divide them."),
        "everything scaled": Mistake(
            lambda images: with_ones(images / 255, 1 / 255), "The constant is divided too: it should stay 1."
        ),
        "the 1 comes first": Mistake(
            lambda images: np.roll(features(images), 1, axis=1), "The constant stands in front: it comes last."
        ),
        "no 1": Mistake(lambda images: features(images)[:, :784], "The constant feature is missing: 785 columns."),
        "a zero": Mistake(lambda images: with_ones(images / 255, 0), "A constant 0 makes no bias."),
        "whole numbers": Mistake(
            lambda images: with_ones(images // 255), "Whole numbers are left: nearly every grey level becomes 0."
        ),
        "column by column": Mistake(
            lambda images: with_ones(images.transpose(0, 2, 1) / 255), "The pixels run down the columns."
        ),
        "divided by 256": Mistake(lambda images: with_ones(images / 256), "White is 255, and should become 1."),
        "-1 for the pixels": Mistake(
            lambda images: np.append(
                images.reshape(len(images), -1) / np.float32(255), np.ones((len(images), 1), np.float32), axis=1
            ),
            "With no picture there is nothing to work the -1 of reshape out from: write how many pixels there are.",
        ),
        "float64": Mistake(
            lambda images: features(images).astype(np.float64),
            "The numbers are right, in double precision: 60 000 pictures would take 377 MB instead of 188.",
        ),
        "divided by the largest": Mistake(
            lambda images: with_ones(images / max(images.max(initial=0), 1)),
            "It divides by the largest grey level that occurs: a picture's row would depend on the others.",
        ),
        "picture by picture": Mistake(
            lambda images: with_ones(images / np.maximum(images.max(axis=(1, 2), keepdims=True, initial=0), 1)),
            "Each picture is divided by its own largest grey level.",
        ),
        "transposed": Mistake(lambda images: features(images).T, "Pictures are rows."),
        "still pictures": Mistake(lambda images: images / np.float32(255), "One row of numbers for each picture."),
        "bytes": Mistake(
            lambda images: np.append(images.reshape(-1, 784), np.ones((len(images), 1), np.uint8), axis=1),
            "It is still made of bytes: whole numbers up to 255.",
        ),
        "black is 1": Mistake(lambda images: with_ones(1 - images / 255), "Black and white are swapped."),
        "divides in place": Mistake(
            lambda images: np.true_divide(images, 255, out=images), "Bytes cannot hold fractions: make a new array."
        ),
        "whites out": Mistake(
            lambda images: (lambda X: (images.fill(0), X)[1])(features(images)), "It changes the pictures it is given."
        ),
        "from -1 to 1": Mistake(
            lambda images: with_ones(images / 127.5 - 1), "Black has become -1: grey levels go from 0 to 1."
        ),
        "centred": Mistake(
            lambda images: with_ones(images / 255 - (images / 255).mean(axis=(1, 2), keepdims=True)),
            "The mean is subtracted: 0 should stay 0.",
        ),
    },
    variants={
        "filled in": features,
        "append": lambda images: np.append(
            images.reshape(len(images), 784) / np.float32(255), np.ones((len(images), 1), np.float32), axis=1
        ),
        "column_stack": lambda images: (
            np.column_stack(
                [images.reshape(len(images), -1) if len(images) else np.empty((0, 784)), np.full(len(images), 255)]
            ).astype(np.float32)
            / 255
        ),
        "hstack": lambda images: np.hstack(
            [images.astype(np.float32).reshape(-1, 784) / 255, np.ones((len(images), 1))]
        ).astype("f4"),
        "pad": lambda images: np.pad(
            images.reshape(-1, 784).astype(np.float32) / 255, ((0, 0), (0, 1)), constant_values=1
        ),
    },
    forbids=LIBRARIES,
)


# --- train(X, labels) -------------------------------------------------------------------------------------------

SOME, ENOUGH = 0.55, 0.65  # a constant answer has 0.1, a single step from zero up to 0.5, a good run above 0.7


@functools.cache
def clothes(split):
    return data.load_fashion_mnist(split)


@functools.cache
def test_features():
    return features(clothes("test")[0])


def fresh_pictures(rng):
    """Pictures whose classes have other numbers: weights that lie ready, such as those in `data/`, are of no use."""
    images, labels = clothes("train")
    rows = rng.choice(len(images), 1000, replace=False)
    rows[0] = rng.choice(np.flatnonzero(labels == 0))  # so `shift_of` knows by how much
    X = features(images[rows])
    X[:, 0] = 0  # a corner that is black everywhere, as it nearly always is
    renumbered = (labels[rows] + rng.integers(1, 10)) % 10
    yield case(X, renumbered.astype(labels.dtype), about="1000 training pictures")


def shift_of(asked):
    return int(asked.args[1][0])


def other_pictures(rng):
    """A second call: one that trains once only is found out."""
    yield from fresh_pictures(rng)


@functools.lru_cache(maxsize=8)
def answers_with(weights):
    """What weights, given as bytes, say of the test pictures."""
    return np.argmax(test_features() @ np.frombuffer(weights, np.float32).reshape(785, 10), axis=1)


def reaches(share):
    def holds(asked, W):
        if isinstance(W, tuple | list):
            return f"it returns a {type(W).__name__}: the weights alone are asked for"
        if not isinstance(W, np.ndarray) or W.dtype.kind != "f":
            return "it returns no array of floats"
        if W.shape != (785, 10):
            return f"it returns shape {W.shape} instead of (785, 10)"
        with np.errstate(over="ignore"):
            single = W.astype(np.float32)
        if not np.isfinite(single).all():
            return "its weights are not finite"
        predicted = answers_with(single.tobytes())
        right = np.mean((predicted - shift_of(asked)) % 10 == clothes("test")[1])
        told = "it gives one class to every test picture" if len(set(predicted)) == 1 else ""
        return None if right >= share else told or f"the test accuracy is {right:.2f}"

    return holds


def shares(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def naive_shares(Z):
    with np.errstate(all="ignore"):
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def in_slices(X, labels, lr=0.1, batch_size=100, num_epochs=15, squash=shares, W=None, Y=None):
    """Softmax regression on slices of the rows in turn."""
    W = np.zeros((X.shape[1], 10), X.dtype) if W is None else W
    Y = np.eye(10, dtype=X.dtype)[labels] if Y is None else Y
    with threadpool_limits(1):  # several threads make products as small as these slower
        for start in num_epochs * list(range(0, len(X), batch_size)):
            rows = slice(start, start + batch_size)
            W = W - lr * (X[rows].T @ (squash(X[rows] @ W) - Y[rows])) / len(X[rows])
    return W


def shuffled(X, labels):
    rng, W = np.random.default_rng(), None
    for _ in range(10):
        order = rng.permutation(len(X))
        W = in_slices(X[order], labels[order], num_epochs=1, W=W)
    return W


def one_class_after_another(X, labels):
    order = np.argsort(labels, kind="stable")
    return in_slices(X[order], labels[order], num_epochs=1)


def always(k):
    def constant(X, labels):
        W = np.zeros((X.shape[1], 10))
        W[-1, k] = 1
        return W

    return constant


train = Exercise(
    signature="train(X, labels)",
    slide=HW2,
    reference=in_slices,
    rules=(
        Rule(
            "weights that have learned something: test accuracy 0.55",
            2,
            fresh_pictures,
            "Print the loss during training: does it fall?",
            check=reaches(SOME),
        ),
        Rule(
            "weights from 1000 pictures: test accuracy 0.65",
            3,
            other_pictures,
            "More epochs, or another learning rate?",
            check=reaches(ENOUGH),
        ),
    ),
    mistakes={
        "zeros": Mistake(
            lambda X, labels: np.zeros((X.shape[1], 10)), "The weights are all 0: is the result of a step kept?"
        ),
        "a constant class": Mistake(always(9), "Only the bias of one class is not 0."),
        "one step": Mistake(
            lambda X, labels: in_slices(X, labels, batch_size=len(X), num_epochs=1),
            "It takes a single step: one for each epoch and slice, please.",
        ),
        "tiny steps": Mistake(
            lambda X, labels: in_slices(X, labels, lr=1e-6, num_epochs=2), "The learning rate is far too small."
        ),
        "uphill": Mistake(lambda X, labels: in_slices(X, labels, lr=-0.1, num_epochs=2), "It walks uphill."),
        "labels one off": Mistake(
            lambda X, labels: in_slices(X, (labels + 1) % 10, num_epochs=2), "Every label is one too high."
        ),
        "the first picture": Mistake(
            lambda X, labels: in_slices(X[:1], labels[:1]), "It has seen the first picture only."
        ),
        "overflow": Mistake(
            lambda X, labels: in_slices(X, labels, lr=50.0, batch_size=500, num_epochs=2, squash=naive_shares),
            "The weights are not finite: does an exponential overflow, or is lr too large?",
        ),
        "one class after another": Mistake(
            one_class_after_another, "The pictures are sorted by class: at the end only the last class was seen."
        ),
        "labels forgotten": Mistake(
            lambda X, labels: in_slices(X, labels, num_epochs=1, Y=np.zeros((len(X), 10), X.dtype)),
            "The labels are never used: all columns are the same.",
        ),
        "transposed": Mistake(
            lambda X, labels: in_slices(X, labels, num_epochs=1).T, "Rows of W are features, columns are classes."
        ),
        "no bias": Mistake(
            lambda X, labels: in_slices(X[:, :784], labels, num_epochs=1), "The last feature is part of X: keep it."
        ),
        "predictions": Mistake(
            lambda X, labels: np.argmax(X @ in_slices(X, labels, num_epochs=1), axis=1),
            "These are predictions for the training pictures: the weights are asked for.",
        ),
        "weights and losses": Mistake(lambda X, labels: (in_slices(X, labels, num_epochs=1), [1.0]), "Return W alone."),
    },
    variants={
        "larger slices": lambda X, labels: in_slices(X, labels, batch_size=128),
        "more steps": lambda X, labels: in_slices(X, labels, lr=0.05, batch_size=50, num_epochs=10),
        "all rows at once": lambda X, labels: in_slices(X, labels, lr=0.1, batch_size=len(X), num_epochs=60),
        "two at a time": lambda X, labels: in_slices(X, labels, lr=0.01, batch_size=2, num_epochs=6),
        "double precision": lambda X, labels: in_slices(X.astype(float), labels, num_epochs=8),
        "from random weights": lambda X, labels: in_slices(
            X, labels, W=np.random.default_rng().normal(0, 0.01, (X.shape[1], 10))
        ),
        "in another order": shuffled,
    },
    forbids=LIBRARIES,
)


# --- confusion_matrix(labels, predicted, K) ---------------------------------------------------------------------


@with_strided_repeat
def answers(rng):
    for n, K in ((30, 5), (20, 3)):
        labels = rng.permutation(np.append(np.arange(K), rng.integers(0, K - 1, n)))  # class K - 1 occurs once
        predicted = np.where(rng.uniform(size=len(labels)) < 0.5, labels, (labels + 1) % K)
        yield case(labels, predicted, K, about=f"{K} classes")
    yield case(rng.permutation(40) % 20, rng.permutation(40) % 20, 20, about="20 classes")


def odd_answers(rng):
    yield case(np.array([2, 0, 2, 2]), np.array([0, 0, 2, 0]), 4, about="classes 1 and 3 never seen")
    yield case(np.empty(0, dtype=int), np.empty(0, dtype=int), 3, about="no picture")
    yield case(np.array([1, 0]), np.array([0, 0]), 2, about="two pictures")
    yield case(np.zeros(3, dtype=int), np.zeros(3, dtype=int), 1, about="K = 1")
    yield case(np.zeros(300, np.uint8), np.zeros(300, np.uint8), 2, about="300 times the same, in bytes")


def counted(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    for k, guess in zip(labels, predicted, strict=True):
        C[k, guess] += 1
    return C


def counts_pairs_once(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    C[labels, predicted] += 1
    return C


def numbers_pairs_in_place(labels, predicted, K):
    labels *= K
    labels += predicted
    return np.bincount(labels, minlength=K * K).reshape(K, K)


def added_at(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    np.add.at(C, (labels, predicted), 1)
    return C


def slots(labels, K):
    return (np.asarray(labels)[:, None] == np.arange(K)).astype(int)


confusion_matrix = Exercise(
    signature="confusion_matrix(labels, predicted, K)",
    slide=PREDICTION,
    reference=counted,
    rules=(
        Rule("counts: rows true, columns predicted", 2, answers, "Try labels 0, 0, 1 and predictions 1, 1, 1."),
        Rule("K rows and columns, whatever occurs", 1, odd_answers, "What if a class is never seen?", mutation="none"),
    ),
    mistakes={
        "repeated pairs count once": Mistake(
            counts_pairs_once,
            "A pair that occurs often counts once: with arrays as indices, `+= 1` adds 1 once to each place.",
        ),
        "transposed": Mistake(lambda labels, predicted, K: counted(predicted, labels, K), "Rows are the true classes."),
        "shares": Mistake(
            lambda labels, predicted, K: (
                counted(labels, predicted, K) / np.maximum(counted(labels, predicted, K).sum(axis=1, keepdims=True), 1)
            ),
            "These are shares of each row: counts are asked for.",
        ),
        "K from the data": Mistake(
            lambda labels, predicted, K: counted(labels, predicted, max(labels.max(), predicted.max()) + 1),
            "It has as many classes as occur: K says how many there are.",
        ),
        "only right ones": Mistake(
            lambda labels, predicted, K: np.diag(np.diag(counted(labels, predicted, K))),
            "Only right predictions are counted.",
        ),
        "only errors": Mistake(
            lambda labels, predicted, K: (
                counted(labels, predicted, K) - np.diag(np.diag(counted(labels, predicted, K)))
            ),
            "Right predictions belong on the diagonal.",
        ),
        "floats": Mistake(
            lambda labels, predicted, K: counted(labels, predicted, K) * 1.0, "Counts are whole numbers."
        ),
        "one number for each class": Mistake(
            lambda labels, predicted, K: counted(labels, predicted, K).sum(axis=1),
            "This is how often each class occurs.",
        ),
        "yes or no": Mistake(
            lambda labels, predicted, K: counted(labels, predicted, K) > 0, "How often? True is not a count."
        ),
        "a list": Mistake(
            lambda labels, predicted, K: counted(labels, predicted, K).tolist(), "Return an array, not a list."
        ),
        "counted from 1": Mistake(
            lambda labels, predicted, K: np.pad(counted(labels, predicted, K), ((1, 0), (1, 0))),
            "There is a row and a column too many: classes count from 0.",
        ),
        "changes labels": Mistake(
            numbers_pairs_in_place,
            "It works in an array that it was given: whoever called it finds other classes there.",
        ),
        "share of all": Mistake(
            lambda labels, predicted, K: counted(labels, predicted, K) / max(len(labels), 1),
            "These are shares of all pictures: counts are asked for.",
        ),
    },
    variants={
        "loop": counted,
        "add.at": added_at,
        "bincount": lambda labels, predicted, K: np.bincount(
            K * labels.astype(int) + predicted, minlength=K * K
        ).reshape(K, K),
        "slots": lambda labels, predicted, K: slots(labels, K).T @ slots(predicted, K),
        "cell by cell": lambda labels, predicted, K: np.array(
            [[np.sum((labels == i) & (predicted == j)) for j in range(K)] for i in range(K)]
        ),
        "histogram": lambda labels, predicted, K: np.histogram2d(labels, predicted, bins=[np.arange(K + 1) - 0.5] * 2)[
            0
        ].astype(np.int32),
    },
    forbids=("sklearn", "pandas", "torch"),
)


# --- most_confident_errors(P, labels, m) ------------------------------------------------------------------------


def judgements(rng, n, K, right):
    """Probabilities (n, K) and labels, of which the given number is right."""
    P = rng.dirichlet(np.ones(K), n)
    labels = P.argmax(axis=1)
    wrong = rng.permutation(n)[right:]
    labels[wrong] = (labels[wrong] + rng.integers(1, K, len(wrong))) % K
    return P, labels


def many_errors(rng):
    for n, K, m in ((40, 4, 6), (600, 3, 300), (60, 2, 12)):
        yield case(*judgements(rng, n, K, n // 3), m, about=f"the first {m} of many")


def few_errors(rng):
    yield case(*judgements(rng, 9, 3, 6), 5, about="fewer errors than asked for")
    yield case(*judgements(rng, 5, 4, 5), 3, about="no error at all")
    yield case(*judgements(rng, 12, 4, 4), 8, about="as many as there are")
    yield case(*judgements(rng, 4, 3, 1), 6, about="m larger than n")
    P, labels = judgements(rng, 30, 3, 30)
    least_sure = np.argsort(P.max(axis=1))[:4]
    labels[least_sure] = (labels[least_sure] + 1) % 3
    yield case(P, labels, 1, about="m = 1, and right ones that are all surer than the errors")
    P = judgements(rng, 8, 3, 8)[0]
    P = P[np.argsort(-P.max(axis=1))]
    right, second = P.argmax(axis=1), np.arange(8) % 2  # each row twice: once right, once wrong
    labels = np.append(right + second, right + 1 - second) % 3
    yield case(np.vstack([P, P]), labels, 4, about="right ones that are just as sure as the errors")
    P, labels = judgements(rng, 20, 3, 5)
    yield case(P.astype(np.float32), labels, 4, about="float32")


def ranked(P, labels, m):
    wrong = [(-max(row), i) for i, (row, label) in enumerate(zip(P.tolist(), labels, strict=True))
             if row.index(max(row)) != label]  # fmt: skip
    return np.array([i for _, i in sorted(wrong)[:m]], dtype=int)


def by(key):
    """The errors in the order of another number, smallest first: ``key(P, labels) -> (n,)``."""

    def choose(P, labels, m):
        wrong = np.flatnonzero(P.argmax(axis=1) != labels)
        return wrong[np.argsort(key(P, labels)[wrong], kind="stable")][:m]

    return choose


def places_among_the_errors(P, labels, m):
    wrong = P.argmax(axis=1) != labels
    return np.argsort(-P.max(axis=1)[wrong])[:m]


def with_right_ones_last(P, labels, m):
    wrong = P.argmax(axis=1) != labels
    order = np.argsort(np.where(wrong, -P.max(axis=1), 0), kind="stable")
    return order[: min(m, wrong.sum())]


def wipes_out_right_ones(P, labels, m):
    P[P.argmax(axis=1) == labels] = 0
    sure = P.max(axis=1)
    order = np.argsort(-sure, kind="stable")
    return order[sure[order] > 0][:m]


most_confident_errors = Exercise(
    signature="most_confident_errors(P, labels, m)",
    slide=PREDICTION,
    reference=ranked,
    rules=(
        Rule("the m surest errors, the surest first", 2, many_errors, "Which pictures are wrong? Sort those."),
        Rule(
            "fewer errors than m, none, m = 1, float32, P left alone",
            1,
            few_errors,
            "A right prediction is never among them.",
            mutation="none",
        ),
    ),
    mistakes={
        "right ones too": Mistake(
            lambda P, labels, m: np.argsort(-P.max(axis=1))[:m], "Right predictions are among them: errors only."
        ),
        "least sure first": Mistake(by(lambda P, labels: P.max(axis=1)), "It begins with the least sure error."),
        "by the true class": Mistake(
            by(lambda P, labels: P[np.arange(len(P)), labels]),
            "It looks for the smallest probability of the true class: how sure was the model of its own answer?",
        ),
        "places among the errors": Mistake(
            places_among_the_errors, "These are places in the list of errors: which pictures are they?"
        ),
        "least sure turned round": Mistake(
            lambda P, labels, m: by(lambda P, labels: P.max(axis=1))(P, labels, m)[::-1],
            "It takes the m least sure errors and turns these round: turn all errors round, then take m.",
        ),
        "the first errors": Mistake(by(lambda P, labels: np.arange(len(P))), "They are not sorted by probability."),
        "probabilities": Mistake(
            lambda P, labels, m: P.max(axis=1)[ranked(P, labels, m)], "These are probabilities: the places, please."
        ),
        "predicted classes": Mistake(
            lambda P, labels, m: P.argmax(axis=1)[ranked(P, labels, m)], "These are classes: the places, please."
        ),
        "changes P": Mistake(
            wipes_out_right_ones, "It writes into P itself: whoever called it has lost the other probabilities."
        ),
        "yes or no": Mistake(
            lambda P, labels, m: P.argmax(axis=1) != labels, "This says which are wrong: pick m of them, sorted."
        ),
        "all of them": Mistake(lambda P, labels, m: ranked(P, labels, len(P)), "At most m are asked for."),
        "one too few": Mistake(lambda P, labels, m: ranked(P, labels, m - 1), "There is one missing."),
        "the surest right ones": Mistake(
            lambda P, labels, m: (lambda order: order[(P.argmax(axis=1) == labels)[order]][:m])(
                np.argsort(-P.max(axis=1))
            ),
            "These are right predictions.",
        ),
        "the least sure errors last": Mistake(
            lambda P, labels, m: ranked(P, labels, m)[::-1], "The right ones, in the wrong order: the surest first."
        ),
        "chosen before the errors": Mistake(
            lambda P, labels, m: (lambda order: order[(P.argmax(axis=1) != labels)[order]])(
                np.argsort(-P.max(axis=1))[:m]
            ),
            "It takes the m surest predictions, then the errors among these: choose the errors first.",
        ),
        "returns a list": Mistake(lambda P, labels, m: ranked(P, labels, m).tolist(), "Return an array, not a list."),
    },
    variants={
        "errors, then sorted": by(lambda P, labels: -P.max(axis=1)),
        "right ones last": with_right_ones_last,
        "sorted, then errors": lambda P, labels, m: (lambda order: order[(P.argmax(axis=1) != labels)[order]][:m])(
            np.argsort(P.max(axis=1))[::-1]
        ),
        "loop": ranked,
        "list comprehension": lambda P, labels, m: np.array(
            [i for i in np.argsort(-P.max(1)) if P[i].argmax() != labels[i]][:m], dtype=np.int32
        ),
    },
    forbids=("sklearn", "torch"),
)


# --- questions --------------------------------------------------------------------------------------------------

# d: rows are the true classes; e: an accuracy is a share of pictures, not a probability of each
fashion_quiz = choose_all(
    "fashion_quiz", "abc", "abcde", points=2, slide=HW2, hint="Try each claim: all that you need is in this notebook."
)
