"""Known answers to the exercises of `03-softmax/fashion_mnist.ipynb`."""

from functools import partial

import numpy as np

from autograder.judging.bend import on_argument, on_output
from autograder.judging.model import Catalogue, Mistake
from lectrain import data

from .spec import (
    count_pairs_once,
    reference_confusion_matrix,
    reference_prepare,
    reference_train,
)

# --- prepare ----------------------------------------------------------------------------------------------------


def append_constant(pixels, constant=1):
    X = pixels.reshape(len(pixels), 784)
    return np.append(X, np.full((len(X), 1), constant, np.float32), axis=1).astype(np.float32)


def append_ones_float32(pixels):
    return np.append(pixels, np.ones((len(pixels), 1), np.float32), axis=1)


def wrong_set_shape(images):
    images.shape = (len(images), 784)
    return append_constant(images / 255)


def wrong_overwrite_images(images):
    X = reference_prepare(images)
    images.fill(0)
    return X


def wrong_centre(images):
    return append_constant(images / 255 - (images / 255).mean(axis=(1, 2), keepdims=True))


def wrong_scale_each_image(images):
    return append_constant(images / np.maximum(images.max(axis=(1, 2), keepdims=True, initial=0), 1))


def right_column_stack(images):
    pixels = images.reshape(len(images), -1) if len(images) else np.empty((0, 784))
    return np.column_stack([pixels, np.full(len(images), 255)]).astype(np.float32) / 255


def right_hstack(images):
    pixels = images.astype(np.float32).reshape(-1, 784) / 255
    return np.hstack([pixels, np.ones((len(images), 1))]).astype("f4")


prepare = Catalogue(
    mistakes={
        "not scaled": Mistake(append_constant, "The grey levels go up to 255: scale them to 0 to 1."),
        "constant scaled too": Mistake(
            lambda images: append_constant(images / 255, 1 / 255), "The constant is divided, too: it should stay 1."
        ),
        "the 1 comes first": Mistake(
            on_output(reference_prepare, lambda X: np.roll(X, 1, axis=1)),
            "The constant is in the first column: it should be in the last.",
        ),
        "no 1": Mistake(
            on_output(reference_prepare, lambda X: X[:, :784]), "The constant feature is missing: X needs 785 columns."
        ),
        "a zero": Mistake(lambda images: append_constant(images / 255, 0), "With a constant 0 there is no bias."),
        "integer division": Mistake(
            lambda images: append_constant(images // 255), "The division cuts off fractions: all but white becomes 0."
        ),
        "column by column": Mistake(
            lambda images: append_constant(images.transpose(0, 2, 1) / 255),
            "The pixels are read column by column: reading order is row by row.",
        ),
        "divided by 256": Mistake(lambda images: append_constant(images / 256), "White is 255, and should become 1."),
        "reshape with -1": Mistake(
            lambda images: append_ones_float32(images.reshape(len(images), -1) / np.float32(255)),
            "Without an image, the number of columns cannot be inferred. Give the shape in full: (len(images), 784).",
        ),
        "divided by the largest": Mistake(
            lambda images: append_constant(images / max(images.max(initial=0), 1)),
            "It divides by the largest grey level that occurs: the row of an image depends on the other images.",
        ),
        "each image by its own maximum": Mistake(
            wrong_scale_each_image, "Each image is divided by its own largest grey level."
        ),
        "transposed": Mistake(on_output(reference_prepare, np.transpose), "It is transposed: each image is a row."),
        "not flattened": Mistake(lambda images: images / np.float32(255), "Each image should be one row of numbers."),
        "bytes": Mistake(
            lambda images: np.append(images.reshape(-1, 784), np.ones((len(images), 1), np.uint8), axis=1),
            "The numbers are still bytes: integers up to 255.",
        ),
        "inverted": Mistake(lambda images: append_constant(1 - images / 255), "Black and white are swapped."),
        "divides in place": Mistake(
            lambda images: np.true_divide(images, 255, out=images), "Bytes cannot hold fractions: make a new array."
        ),
        "overwrites the images": Mistake(wrong_overwrite_images, "It changes the caller's images: make a new array."),
        "assigns to images.shape": Mistake(
            wrong_set_shape,
            "Assigning to `images.shape` changes the caller's array: use `reshape`.",
            names=("images.shape =",),
            otherwise="It changes the shape of the caller's array: make a new one.",
        ),
        "from -1 to 1": Mistake(lambda images: append_constant(images / 127.5 - 1), "Black is -1: it should be 0."),
        "centred": Mistake(wrong_centre, "The grey levels are centred: black should stay 0."),
    },
    variants={
        "filled in": reference_prepare,
        "float64": lambda images: np.column_stack([images.reshape(len(images), 784) / 255, np.ones(len(images))]),
        "append": lambda images: append_ones_float32(images.reshape(len(images), 784) / np.float32(255)),
        "column_stack": right_column_stack,
        "hstack": right_hstack,
        "pad": lambda images: np.pad(
            images.reshape(-1, 784).astype(np.float32) / 255, ((0, 0), (0, 1)), constant_values=1
        ),
    },
)


# --- train ------------------------------------------------------------------------------------------------------


def naive_softmax(Z):
    with np.errstate(all="ignore"):
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def wrong_constant_class(X, labels):
    W = np.zeros((X.shape[1], 10))
    W[-1, 9] = 1
    return W


def wrong_sort_by_class(X, labels):
    order = np.argsort(labels, kind="stable")
    return reference_train(X[order], labels[order], num_epochs=1)


def wrong_forget_labels(X, labels):
    return reference_train(X, labels, num_epochs=1, Y=np.zeros((len(X), 10), X.dtype))


def wrong_other_images(X, labels):
    images, labels = data.load_fashion_mnist("train")
    return reference_train(reference_prepare(images[:1000]), labels[:1000], num_epochs=10)


def wrong_return_predictions(X, labels):
    return np.argmax(X @ reference_train(X, labels, num_epochs=1), axis=1)


def right_shuffle(X, labels):
    rng, W = np.random.default_rng(), None
    for _ in range(10):
        order = rng.permutation(len(X))
        W = reference_train(X[order], labels[order], num_epochs=1, W=W)
    return W


def right_random_start(X, labels):
    return reference_train(X, labels, W=np.random.default_rng().normal(0, 0.01, (X.shape[1], 10)))


train = Catalogue(
    mistakes={
        "zeros": Mistake(
            lambda X, labels: np.zeros((X.shape[1], 10)), "All weights are 0: is the result of each step assigned to W?"
        ),
        "a constant class": Mistake(wrong_constant_class, "Only the bias of one class is not 0."),
        "one step": Mistake(
            lambda X, labels: reference_train(X, labels, batch_size=len(X), num_epochs=1),
            "It takes a single step: take one for each slice in each epoch.",
        ),
        "tiny steps": Mistake(partial(reference_train, lr=1e-6, num_epochs=2), "The learning rate is far too small."),
        "uphill": Mistake(partial(reference_train, lr=-0.1, num_epochs=2), "It goes uphill: check the step's sign."),
        "labels one off": Mistake(
            lambda X, labels: reference_train(X, (labels + 1) % 10, num_epochs=2), "Every label is too high by one."
        ),
        "first image only": Mistake(
            lambda X, labels: reference_train(X[:1], labels[:1]), "It trains on the first image only."
        ),
        "overflow": Mistake(
            partial(reference_train, lr=50.0, batch_size=500, num_epochs=2, softmax=naive_softmax),
            "The weights are not finite: does an exponential overflow, or is lr too large?",
        ),
        "one class after another": Mistake(
            wrong_sort_by_class, "It trains on one class after another: the last steps see only the last class."
        ),
        "labels forgotten": Mistake(wrong_forget_labels, "The labels are never used: all columns of W are the same."),
        "transposed": Mistake(
            on_output(partial(reference_train, num_epochs=1), np.transpose),
            "It is transposed: rows of W are features, columns are classes.",
        ),
        "no bias": Mistake(
            on_argument(partial(reference_train, num_epochs=1), "X", lambda X: X[:, :784]),
            "The weights of the constant feature are missing: it is the last column of X.",
        ),
        "other images": Mistake(
            wrong_other_images, "It trains on other images and labels than those that it is given: use its arguments."
        ),
        "predictions": Mistake(wrong_return_predictions, "These are predictions for the training images: return W."),
        "weights and losses": Mistake(
            on_output(partial(reference_train, num_epochs=1), lambda W: (W, [1.0])), "Return W alone."
        ),
    },
    variants={
        "larger slices": partial(reference_train, batch_size=128),
        "more steps": partial(reference_train, lr=0.05, batch_size=50, num_epochs=10),
        "all rows at once": lambda X, labels: reference_train(X, labels, batch_size=len(X), num_epochs=60),
        "two at a time": partial(reference_train, lr=0.01, batch_size=2, num_epochs=6),
        "double precision": lambda X, labels: reference_train(X.astype(float), labels, num_epochs=8),
        "from random weights": right_random_start,
        "in another order": right_shuffle,
    },
)


# --- miscounted -------------------------------------------------------------------------------------------------


def pairs(labels, predicted):
    return {"labels": labels, "predicted": predicted}


miscounted = Catalogue(
    mistakes={
        "each pair once": Mistake(pairs([0, 1, 2], [0, 2, 2]), "Each pair of label and prediction occurs once here."),
        "one example": Mistake(pairs([1], [2]), "With one example, each entry is 0 or 1. Use more examples."),
        "every pair": Mistake(
            pairs([0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2] * 3), "All nine pairs occur, but each of them only once."
        ),
        "equal labels, different predictions": Mistake(
            pairs([0, 0], [1, 2]), "The label is the same, but the two predictions differ. Which pair occurs twice?"
        ),
        "different labels, equal predictions": Mistake(
            pairs([0, 1], [2, 2]), "The prediction is the same, but the two labels differ. Which pair occurs twice?"
        ),
        "class 3": Mistake(pairs([3, 3], [0, 0])),
        "negative": Mistake(pairs([-1, -1], [0, 0])),
        "no example": Mistake(pairs([], [])),
        "different lengths": Mistake(pairs([0, 0, 0], [1, 1])),
        "fractions": Mistake(pairs([0.5, 0.5], [1, 1])),
        "a pair of lists": Mistake(([0, 0], [1, 1])),
        "other names": Mistake({"true": [0, 0], "predicted": [1, 1]}),
        "too many": Mistake(pairs([0] * 101, [1] * 101)),
        "names of classes": Mistake(pairs(["0", "0"], ["1", "1"])),
    },
    variants={
        "correct predictions": pairs([2, 1, 2], [2, 1, 2]),
        "arrays": pairs(np.array([0, 1, 0, 1]), np.array([2, 2, 2, 2])),
        "floats, the other order": {"predicted": [1.0, 1.0, 0.0], "labels": [0.0, 0.0, 0.0]},
        "100 examples": pairs([0, 1] * 50, [1, 2] * 50),
    },
)


# --- confusion_matrix -------------------------------------------------------------------------------------------


def diagonal_of(C):
    return np.diag(np.diag(C))


def wrong_number_pairs_in_place(labels, predicted, K):
    labels *= K
    labels += predicted
    return np.bincount(labels, minlength=K * K).reshape(K, K)


def wrong_size_from_data(labels, predicted, K):
    return reference_confusion_matrix(labels, predicted, max(labels.max(), predicted.max()) + 1)


def right_add_at(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    np.add.at(C, (labels, predicted), 1)
    return C


def right_bincount(labels, predicted, K):
    return np.bincount(K * labels.astype(int) + predicted, minlength=K * K).reshape(K, K)


def right_one_hot_product(labels, predicted, K):
    Y, Y_predicted = ((np.asarray(classes)[:, None] == np.arange(K)).astype(int) for classes in (labels, predicted))
    return Y.T @ Y_predicted


def right_histogram(labels, predicted, K):
    return np.histogram2d(labels, predicted, bins=[np.arange(K + 1) - 0.5] * 2)[0].astype(np.int32)


confusion_matrix = Catalogue(
    mistakes={
        "repeated pairs count once": Mistake(
            count_pairs_once,
            "A pair that occurs often counts once: with index arrays, `+= 1` adds 1 to each entry only once.",
            names=("+= 1",),
            otherwise="A pair that occurs often counts only once.",
        ),
        "transposed": Mistake(
            on_output(reference_confusion_matrix, np.transpose), "It is transposed: rows are the true classes."
        ),
        "shares": Mistake(
            on_output(reference_confusion_matrix, lambda C: C / np.maximum(C.sum(axis=1, keepdims=True), 1)),
            "These are shares of each row: return counts.",
        ),
        "K from the data": Mistake(
            wrong_size_from_data, "The size is computed from the classes that occur. How many classes are there?"
        ),
        "only correct predictions": Mistake(
            on_output(reference_confusion_matrix, diagonal_of), "Only correct predictions are counted."
        ),
        "only errors": Mistake(
            on_output(reference_confusion_matrix, lambda C: C - diagonal_of(C)),
            "Correct predictions are missing on the diagonal.",
        ),
        "floats": Mistake(on_output(reference_confusion_matrix, lambda C: C * 1.0), "Counts are integers, not floats."),
        "class counts": Mistake(
            on_output(reference_confusion_matrix, lambda C: C.sum(axis=1)), "This is how often each class occurs."
        ),
        "booleans": Mistake(
            on_output(reference_confusion_matrix, lambda C: C > 0), "True is not a count: how often does a pair occur?"
        ),
        "a list": Mistake(on_output(reference_confusion_matrix, np.ndarray.tolist), "Return an array, not a list."),
        "counted from 1": Mistake(
            on_output(reference_confusion_matrix, lambda C: np.pad(C, ((1, 0), (1, 0)))),
            "There is one row and one column too many: classes are counted from 0.",
        ),
        "changes labels": Mistake(
            wrong_number_pairs_in_place, "It changes an array of the caller in place: make a new one."
        ),
        "counts in uint8": Mistake(
            on_output(reference_confusion_matrix, lambda C: C.astype(np.uint8)),
            "uint8 stores 0 to 255: counts from 256 on are wrong.",
            names=("uint8",),
            otherwise="Counts from 256 on are wrong: a single byte cannot store them.",
        ),
        "every label with every prediction": Mistake(
            lambda labels, predicted, K: np.outer(*(np.bincount(part, minlength=K) for part in (labels, predicted))),
            "It pairs each label with each prediction: pair them with the prediction of the same example.",
        ),
        "first example only": Mistake(
            lambda labels, predicted, K: reference_confusion_matrix(labels[:1], predicted[:1], K),
            "Only the first example is counted: does the function end too early?",
        ),
        "share of all": Mistake(
            lambda labels, predicted, K: reference_confusion_matrix(labels, predicted, K) / max(len(labels), 1),
            "These are shares of all examples: return counts.",
        ),
    },
    variants={
        "loop": reference_confusion_matrix,
        "add.at": right_add_at,
        "bincount": right_bincount,
        "slots": right_one_hot_product,
        "cell by cell": lambda labels, predicted, K: np.array(
            [[np.sum((labels == i) & (predicted == j)) for j in range(K)] for i in range(K)]
        ),
        "histogram": right_histogram,
    },
)
