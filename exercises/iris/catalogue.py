"""Known answers to the exercises of `03-softmax/iris.ipynb`."""

import math

import numpy as np

from autograder.judging.bend import on_argument, on_output
from autograder.judging.model import Catalogue, Mistake

from .softmax_regression import example_losses, log_softmax, normalise
from .spec import (
    predict_labels,
    probability_errors,
    reference_accuracy,
    reference_cross_entropy,
    reference_encode_labels,
    reference_one_hot,
    reference_softmax,
    reference_softmax_grad,
)

# --- encode_labels ----------------------------------------------------------------------------------------------


def change_codes(change):
    return on_output(reference_encode_labels, lambda answer: (change(answer[0]), answer[1]))


def change_classes(change):
    return on_output(reference_encode_labels, lambda answer: (answer[0], change(answer[1])))


def encode_in_order(order):
    """Codes for the classes in another order: ``order(names) -> list of classes``."""

    def encode(names):
        classes = order([str(name) for name in names])
        return np.array([classes.index(str(name)) for name in names]), np.array(classes)

    return encode


def wrong_three_classes(names):
    classes = np.unique(names)
    return np.where(names == classes[0], 0, np.where(names == classes[1 % len(classes)], 1, 2)), classes


def wrong_sort_in_place(names):
    before = names.copy()
    names.sort()
    return reference_encode_labels(before)


def right_search(names):
    classes = np.unique(names)
    return np.searchsorted(classes, names), classes


def right_dictionary(names):
    classes = np.array(sorted(set(names)))
    code = {name: k for k, name in enumerate(classes)}
    return np.array([code[name] for name in names]), classes


def right_count_smaller(names):
    classes = np.unique(names)
    return (classes[None, :] < names[:, None]).sum(axis=1), classes


encode_labels = Catalogue(
    mistakes={
        "digits last": Mistake(
            encode_in_order(lambda names: sorted(set(names.tolist()), key=lambda name: (name[:1].isdigit(), name))),
            "Names that begin with a digit come last. In Python's order they come first.",
        ),
        "capitals ignored": Mistake(
            on_argument(reference_encode_labels, "names", lambda names: np.char.lower(names)),
            "It gives names that differ only in capitals the same code. Every character counts.",
        ),
        "spaces ignored": Mistake(
            on_argument(reference_encode_labels, "names", lambda names: np.char.strip(names)),
            "It removes spaces at the ends of names. Every character counts.",
        ),
        "order of appearance": Mistake(
            encode_in_order(lambda names: list(dict.fromkeys(names))),
            "The classes are in order of first appearance. Would reordered rows get the same codes?",
        ),
        "counts from 1": Mistake(
            change_codes(lambda codes: codes + 1), "The codes start at 1. Where do indices start?"
        ),
        "codes alone": Mistake(
            on_output(reference_encode_labels, lambda answer: answer[0]), "The classes are missing: return both."
        ),
        "classes first": Mistake(
            on_output(reference_encode_labels, lambda answer: answer[::-1]),
            "The results are in the wrong order: codes first, then classes.",
        ),
        "classes as a list": Mistake(change_classes(list), "The classes are a list. Can an array of codes index it?"),
        "codes as a list": Mistake(change_codes(np.ndarray.tolist), "The codes are a list: make an array of them."),
        "reverse order": Mistake(
            encode_in_order(lambda names: sorted(set(names))[::-1]), "The classes are in descending order."
        ),
        "by length": Mistake(
            encode_in_order(lambda names: sorted(sorted(set(names)), key=len)),
            "The classes are ordered by length: the order is alphabetical.",
        ),
        "without regard to capitals": Mistake(
            encode_in_order(lambda names: sorted(set(names), key=str.lower)),
            "In Python's order, capitals come first: do not change the case.",
        ),
        "three classes": Mistake(
            wrong_three_classes, "It has the codes 0, 1 and 2 only. What if there are more classes?"
        ),
        "small codes": Mistake(
            change_codes(lambda codes: codes.astype(np.int8)),
            "From class 128 on, the codes are wrong: is their dtype large enough for any number of classes?",
        ),
        "codes as floats": Mistake(
            change_codes(lambda codes: codes * 1.0), "The codes are floats: make them integers."
        ),
        "a class per example": Mistake(
            lambda names: (np.argsort(np.argsort(names, kind="stable")), np.sort(names)),
            "Every example has a class of its own. How many classes do two equal names have?",
        ),
        "indices of first occurrences": Mistake(
            lambda names: np.unique(names, return_index=True)[::-1],
            "These are the indices of the first occurrence of each class, not a code for each example.",
        ),
        "counts": Mistake(
            lambda names: np.unique(names, return_counts=True)[::-1], "These are counts, not a code for each example."
        ),
        "sorts names in place": Mistake(wrong_sort_in_place, "It sorts the caller's `names`: work on a copy."),
        "one-hot already": Mistake(
            change_codes(lambda codes: np.eye(codes.max() + 1, dtype=int)[codes]),
            "The codes are one-hot vectors: return one integer for each example.",
        ),
    },
    variants={
        "unique": lambda names: np.unique(names, return_inverse=True)[::-1],
        "search": right_search,
        "dictionary": right_dictionary,
        "comparison": lambda names: (np.argmax(names[:, None] == np.unique(names), axis=1), np.unique(names)),
        "classes as objects": change_classes(lambda classes: classes.astype(object)),
        "as a list of two": on_output(reference_encode_labels, lambda answer: [answer[0].astype(np.int16), answer[1]]),
        "number of smaller classes": right_count_smaller,
    },
)


# --- one_hot ----------------------------------------------------------------------------------------------------


def refusing(encode, error=ValueError):
    """Raise an error for labels out of range, and call ``encode(labels, K)`` for the others."""

    def checked(labels, K):
        if np.any(labels < 0) or np.any(labels >= K):
            raise error("no such class")
        return encode(labels, K)

    return checked


def rows_of_identity(labels, K):
    return np.eye(K)[labels]


def wrong_refuse_large_only(labels, K):
    if np.any(labels >= K):
        raise ValueError("no such class")
    return np.eye(K)[labels]


def wrong_fill_columns(labels, K):
    Y = np.zeros((len(labels), K))
    Y[:, labels] = 1
    return Y


def right_fill_pairs(labels, K):
    Y = np.zeros((len(labels), K))
    Y[np.arange(len(labels)), labels] = 1
    return Y


def right_subclass_of_value_error(labels, K):
    class NoSuchClass(ValueError):
        pass

    return refusing(rows_of_identity, NoSuchClass)(labels, K)


one_hot = Catalogue(
    mistakes={
        "transposed if n = K": Mistake(
            lambda labels, K: reference_one_hot(labels, K).T if len(labels) == K else reference_one_hot(labels, K),
            "With as many labels as classes, the result is transposed. Look at the rows, not at the shape.",
        ),
        "K from the data": Mistake(
            lambda labels, K: np.eye(labels.max() + 1)[labels],
            "The number of slots is computed from the labels. Does a class that does not occur have a slot?",
        ),
        "only classes that occur": Mistake(
            lambda labels, K: np.eye(len(set(labels.tolist())))[np.unique(labels, return_inverse=True)[1]],
            "Classes that do not occur have lost their slot, and the others have moved.",
        ),
        "classes that occur are renumbered": Mistake(
            refusing(lambda labels, K: np.eye(K)[np.unique(labels, return_inverse=True)[1]]),
            "If a class does not occur, larger classes move to another slot: the label is the number of its slot.",
        ),
        "transposed": Mistake(
            on_output(reference_one_hot, np.transpose), "The result is transposed: examples are rows."
        ),
        "booleans": Mistake(
            refusing(lambda labels, K: labels[:, None] == np.arange(K)), "Convert True and False to numbers."
        ),
        "negative wraps": Mistake(rows_of_identity, "Label -1 becomes the last class. Which labels must be refused?"),
        "zeros for no slot": Mistake(
            lambda labels, K: (labels[:, None] == np.arange(K)) * 1.0,
            "A label out of range gives a row of zeros. Refuse it, or the error is noticed much later.",
        ),
        "refuses only labels that are too large": Mistake(
            wrong_refuse_large_only, "It refuses labels that are too large. What happens to negative labels?"
        ),
        "clipped": Mistake(
            lambda labels, K: np.eye(K)[np.clip(labels, 0, K - 1)], "A label out of range is moved to another class."
        ),
        "IndexError": Mistake(
            refusing(rows_of_identity, IndexError), "It raises an IndexError. Which exception does the docstring name?"
        ),
        "assert": Mistake(
            refusing(rows_of_identity, AssertionError),
            "It raises an AssertionError. Which exception does the docstring name?",
        ),
        "from 1": Mistake(
            refusing(lambda labels, K: np.eye(K)[labels - 1]), "Slots are counted from 1. Which slot does class 0 have?"
        ),
        "every label in every row": Mistake(
            wrong_fill_columns,
            "`[:, labels]` selects these columns in every row: pair each row with its label.",
            names=("[:, labels]",),
            otherwise="Every row has a 1 for the labels of all rows: pair each row with its label.",
        ),
        "the label in the slot": Mistake(
            lambda labels, K: reference_one_hot(labels, K) * labels[:, None], "A slot holds 1, not the class number."
        ),
        "a diagonal": Mistake(lambda labels, K: np.eye(len(labels), K), "The ones are on a diagonal for any labels."),
        "returns a list": Mistake(on_output(reference_one_hot, np.ndarray.tolist), "Return an array, not a list."),
        "a list of rows": Mistake(
            refusing(lambda labels, K: np.array([[int(k == label) for k in range(K)] for label in labels])),
            "Without a label, the result has the shape (0,), not (0, K).",
        ),
        "K = n": Mistake(
            refusing(lambda labels, K: np.eye(max(len(labels), K))[labels]),
            "The number of columns depends on the number of examples. How many slots are there?",
        ),
    },
    variants={
        "identity": refusing(rows_of_identity),
        "comparison": refusing(lambda labels, K: (labels[:, None] == np.arange(K)).astype(int)),
        "pairs": refusing(right_fill_pairs),
        "subclass of ValueError": right_subclass_of_value_error,
        "loop": reference_one_hot,
        "float32": refusing(lambda labels, K: np.eye(K, dtype=np.float32)[labels]),
        "equal outer": refusing(lambda labels, K: np.equal.outer(labels, np.arange(K)) * 1),
        "take": refusing(lambda labels, K: np.take(np.identity(K, dtype=np.uint8), labels, axis=0)),
    },
)


# --- softmax ----------------------------------------------------------------------------------------------------

KEEPDIMS = "Without keepdims an axis is lost: (n, K) and (n,) broadcast column by column, not row by row."


def exp_shifted(Z):
    """The exponentials after each row is shifted by its largest logit."""
    return np.exp(Z - Z.max(axis=1, keepdims=True))


def naive_softmax(Z):
    return normalise(np.exp(Z))


def sigmoid_of_each_logit(Z):
    return np.exp(-np.logaddexp(0, -np.asarray(Z, dtype=float)))


def one_hot_of_largest(Z):
    return np.eye(Z.shape[1])[np.argmax(Z, axis=1)]


def wrong_sum_over_everything(Z):
    E = np.exp(Z - Z.max(initial=-np.inf))
    return E / E.sum()


def wrong_shift_in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def wrong_exp_in_place(Z):
    np.exp(Z - Z.max(axis=1, keepdims=True), out=Z)
    return Z / Z.sum(axis=1, keepdims=True)


def wrong_fill_array_like_Z(Z):
    P = np.zeros_like(Z)
    P[...] = reference_softmax(Z)
    return P


def right_copy_then_in_place(Z):
    Z = np.array(Z, dtype=float)
    Z -= Z.max(axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=1, keepdims=True)
    return Z


def right_pair_by_pair(Z):
    with np.errstate(over="ignore"):
        return 1 / np.exp(Z[:, None, :] - Z[:, :, None]).sum(axis=2)


def right_transposed_twice(Z):
    E = np.exp(Z.T - Z.max(axis=1))
    return (E / E.sum(axis=0)).T


def row_by_row(f):
    return lambda Z: np.array([f(row) for row in Z]).reshape(np.shape(Z))


def softmax_of_a_row(row):
    powers = [math.exp(z - max(row)) for z in row]
    return [power / sum(powers) for power in powers]


softmax = Catalogue(
    mistakes={
        "small p set to 0": Mistake(
            on_output(reference_softmax, lambda P: np.where(P < 1e-16, 0.0, P)),
            "Small probabilities are set to 0. They are small, but not 0.",
        ),
        "1 minus the others": Mistake(
            on_output(reference_softmax, lambda P: np.column_stack([P[:, :-1], 1 - P[:, :-1].sum(axis=1)])),
            "The last probability is 0, or has wrong digits, where it is small: is it 1 minus the sum of the others?",
        ),
        "logits clipped at -100": Mistake(
            lambda Z: normalise(np.exp(np.maximum(Z - Z.max(axis=1, keepdims=True), -100))),
            "Small probabilities are too large: are the shifted logits clipped?",
        ),
        "naive exp": Mistake(naive_softmax, "exp overflows for large logits. What can you subtract from each row?"),
        "largest of all rows": Mistake(
            lambda Z: normalise(np.exp(Z - Z.max())) if Z.size else Z,
            (
                "In a row far below the largest logit of the whole array, every exponential becomes 0: "
                "shift each row by its own number."
            ),
        ),
        "down the columns": Mistake(
            lambda Z: normalise(np.exp(Z - Z.max(axis=0)) if len(Z) else Z, axis=0),
            "The columns sum to 1 instead of the rows. Along which axis are the classes of one example?",
        ),
        "sum over everything": Mistake(wrong_sum_over_everything, "The whole array sums to 1: each row should."),
        "axis lost": Mistake(
            lambda Z: exp_shifted(Z) / exp_shifted(Z).sum(axis=1),
            (
                "The numbers of the rows are applied to the columns: (n, K) and (n,) are combined column "
                "by column. Keep the shape (n, 1)."
            ),
        ),
        "axis lost, largest of all": Mistake(
            lambda Z: np.exp(Z - Z.max(initial=-np.inf)) / np.exp(Z - Z.max(initial=-np.inf)).sum(axis=1),
            (
                "The numbers of the rows are applied to the columns: (n, K) and (n,) are combined column "
                "by column. Keep the shape (n, 1)."
            ),
        ),
        "axis lost, no shift": Mistake(
            lambda Z: np.exp(Z) / np.exp(Z).sum(axis=1),
            (
                "The numbers of the rows are applied to the columns: (n, K) and (n,) are combined column "
                "by column. Keep the shape (n, 1)."
            ),
        ),
        "axis lost twice": Mistake(
            lambda Z: np.exp(Z - Z.max(axis=1)) / np.exp(Z - Z.max(axis=1)).sum(axis=1),
            (
                "The numbers of the rows are applied to the columns: (n, K) and (n,) are combined column "
                "by column. Keep the shape (n, 1)."
            ),
        ),
        "changes Z": Mistake(wrong_shift_in_place, "It changes the caller's Z in place: make a new array."),
        "exp into Z": Mistake(wrong_exp_in_place, "It writes into the caller's Z: make a new array."),
        "integers stay integers": Mistake(
            wrong_fill_array_like_Z,
            "An array made with zeros_like holds integers if Z does: it cannot store probabilities.",
            names=("zeros_like",),
            otherwise="The probabilities of integer logits are truncated to integers: they are floats.",
        ),
        "a list of rows": Mistake(
            lambda Z: np.array([np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in Z]),
            "Without an example, the result has the shape (0,), not (0, K).",
        ),
        "sigmoid of each logit": Mistake(
            sigmoid_of_each_logit, "This is the sigmoid of each logit: the rows do not sum to 1."
        ),
        "shares of sigmoids": Mistake(
            on_output(sigmoid_of_each_logit, normalise),
            "These are shares of sigmoids. What does the slide have in place of the sigmoid?",
        ),
        "not normalised": Mistake(exp_shifted, "The exponentials are not normalised yet: each row should sum to 1."),
        "no exponential": Mistake(
            lambda Z: normalise(Z - Z.min(axis=1, keepdims=True) + 1.0),
            "These are shares of the shifted logits. Where is the exponential?",
        ),
        "absolute logits": Mistake(
            lambda Z: normalise(np.abs(Z) + 1e-300), "These are shares of absolute values. Where is the exponential?"
        ),
        "logarithms": Mistake(log_softmax, "These are the logarithms of the probabilities."),
        "1e-8 in the denominator": Mistake(
            on_output(exp_shifted, lambda E: E / (E.sum(axis=1, keepdims=True) + 1e-8)),
            "Rows no longer sum to 1, as with a small constant in the denominator. Can the denominator be 0?",
        ),
        "P clipped": Mistake(
            on_output(reference_softmax, lambda P: np.clip(P, 1e-7, 1 - 1e-7)),
            "Small probabilities are raised or large ones cut off: return them unchanged, however small.",
        ),
        "only the largest": Mistake(one_hot_of_largest, "The largest logit gets 1: the others need a share."),
        "clipped": Mistake(
            lambda Z: naive_softmax(np.clip(Z, -500, 500)), "Large logits count as equal: are they clipped?"
        ),
        "powers of two": Mistake(
            lambda Z: normalise(np.exp2(Z - Z.max(axis=1, keepdims=True))), "The base of the powers is e, not 2."
        ),
        "minus the mean": Mistake(
            lambda Z: naive_softmax(Z - Z.mean(axis=1, keepdims=True)),
            "Shifting by the mean changes no probability, but an exponential can still overflow.",
            names=("mean",),
            otherwise="An exponential can still overflow: by which number should each row be shifted?",
        ),
        "sign": Mistake(lambda Z: reference_softmax(-np.asarray(Z)), "The largest logit gets the smallest share."),
        "transposed": Mistake(on_output(reference_softmax, np.transpose), "Return (n, K), one row for each example."),
        "returns a list": Mistake(on_output(reference_softmax, np.ndarray.tolist), "Return an array, not a list."),
        "nan to 0": Mistake(
            on_output(naive_softmax, np.nan_to_num),
            "Some rows no longer sum to 1: is nan replaced by 0? That hides it.",
        ),
    },
    variants={
        "minus the largest": on_output(exp_shifted, normalise),
        "log of the sum": lambda Z: np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, None]),
        "copied, then in place": right_copy_then_in_place,
        "row by row": row_by_row(lambda row: np.exp(row - row.max()) / np.exp(row - row.max()).sum()),
        "number by number": row_by_row(softmax_of_a_row),
        "pair by pair": right_pair_by_pair,
        "transposed twice": right_transposed_twice,
        "einsum": on_output(exp_shifted, lambda E: np.einsum("nk,n->nk", E, 1 / E.sum(axis=1))),
        "sorted": lambda Z: naive_softmax(Z - np.sort(Z, axis=1)[:, -1:]),
        "float32 stays float32": lambda Z: reference_softmax(Z).astype(Z.dtype if Z.dtype.kind == "f" else float),
    },
)


# --- breaking_logits --------------------------------------------------------------------------------------------

breaking_logits = Catalogue(
    mistakes={
        "zeros": Mistake([[0, 0], [0, 0]], "All logits are equal here, so there is nothing to subtract."),
        "moderate": Mistake([[3, 1], [-2, 5]], "The largest exponential of each row is far from 0 here."),
        "a large row, alone": Mistake(
            [[1000, 999], [1000, 998]], "Both rows are near 1000, so the largest logit of all suits both."
        ),
        "small logits": Mistake(
            [[-1000, -1001], [-1000, -1002]], "Both rows are near -1000. How far apart must two rows be?"
        ),
        "far apart within a row": Mistake(
            [[1000, -1000], [1000, -1000]], "The large differences are within the rows. They must be between them."
        ),
        "too close": Mistake(
            [[600, 600], [0, 1]], "The second row is only 600 below the first. Is exp(-600) equal to 0?"
        ),
        "out of range": Mistake([[1e6, 0], [0, 1]]),
        "infinite": Mistake([[math.inf, 0], [0, 1]]),
        "not a number": Mistake([[math.nan, 0], [0, 1]]),
        "a single row": Mistake([1000, 0]),
        "three columns": Mistake([[1000, 0, 0], [0, 0, 0]]),
        "text": Mistake([["1000", "1000"], ["0", "1"]]),
        "rows of different lengths": Mistake([[1000, 0], [0]]),
    },
    variants={
        "a tuple": ((0, 1), (800, 800.5)),
        "an array": np.array([[-2000.0, -2001.0], [5.0, 3.0]]),
        "just enough": [[750, 0], [0, 1]],
    },
)


# --- cross_entropy ----------------------------------------------------------------------------------------------


def at_labels(Z, labels):
    """The entry of the true class in each row."""
    return Z[np.arange(len(labels)), labels]


def loss_from_probabilities(log):
    """The slide's formula with another logarithm, applied to accurate probabilities."""
    return lambda Z, labels: -np.mean(log(at_labels(reference_softmax(Z), labels)))


def loss_with(log_sum):
    """The mean of ``log_sum(Z)`` minus the logit of the true class."""
    return lambda Z, labels: np.mean(log_sum(Z) - at_labels(Z, labels))


def log_sum_exp(Z):
    m = Z.max(axis=1)
    return m + np.log(np.exp(Z - m[:, None]).sum(axis=1))


def naive_log_sum_exp(Z):
    return np.log(np.exp(Z).sum(axis=1))


def wrong_loss_in_place(Z, labels):
    Z -= Z.max(axis=1, keepdims=True)
    return loss_with(naive_log_sum_exp)(Z, labels)


def wrong_squared_error(Z, labels):
    return np.mean(((reference_softmax(Z) - np.eye(Z.shape[1])[labels]) ** 2).sum(axis=1))


def wrong_other_classes(Z, labels):
    """The binary loss applied to each class: log(1 - p) for the classes that are not the true one."""
    complements = np.abs(1 - np.eye(Z.shape[1])[labels] - reference_softmax(Z))
    return -np.mean(np.log(complements.clip(1e-300)).sum(axis=1))


def right_one_at_a_time(Z, labels):
    total = 0.0
    for row, label in zip(Z.tolist(), labels.tolist(), strict=True):
        total += math.log(sum(math.exp(z - max(row)) for z in row)) + max(row) - row[label]
    return total / len(labels)


def right_one_hot_and_einsum(Z, labels):
    Y = np.equal.outer(labels, np.arange(Z.shape[1])) * 1.0
    return -np.einsum("nk,nk->", Y, log_softmax(Z)) / labels.size


cross_entropy = Catalogue(
    mistakes={
        "log of softmax": Mistake(
            loss_from_probabilities(np.log), "A probability of 1e-400 rounds to 0 in float64, and log(0) is -inf."
        ),
        "log of p + 1e-12": Mistake(
            loss_from_probabilities(lambda p: np.log(p + 1e-12)),
            "Large losses are capped: is p clipped, or is a constant added inside the log?",
        ),
        "p clipped": Mistake(
            loss_from_probabilities(lambda p: np.log(np.clip(p, 1e-15, 1))),
            "The loss has an upper limit: is p clipped? A worse prediction should always cost more.",
        ),
        "log of a naive softmax": Mistake(
            lambda Z, labels: -np.mean(np.log(at_labels(naive_softmax(Z), labels))),
            "For large logits exp is inf, and inf / inf is nan. Simplify the logarithm on paper, then shift the row.",
        ),
        "largest not added": Mistake(
            loss_with(lambda Z: log_sum_exp(Z) - Z.max(axis=1)),
            "The loss is wrong by the largest logit of each row: add it back after the logarithm.",
        ),
        "naive log of the sum": Mistake(
            loss_with(naive_log_sum_exp), "The sum of exponentials overflows or becomes 0. What can you factor out?"
        ),
        "largest of all rows": Mistake(
            loss_with(lambda Z: Z.max() + np.log(np.exp(Z - Z.max()).sum(axis=1))),
            (
                "In a row far below the largest logit of the whole array, every exponential becomes 0: "
                "shift each row by its own number."
            ),
        ),
        "sum": Mistake(on_output(example_losses, np.sum), "This is a sum over the examples. Where is the 1/n?"),
        "sign": Mistake(on_output(reference_cross_entropy, np.negative), "The loss is negative: check the sign."),
        "mean over all n K": Mistake(
            lambda Z, labels: reference_cross_entropy(Z, labels) / Z.shape[1],
            "It divides by n times K: the mean is over the n examples alone.",
        ),
        "every label in every row": Mistake(
            lambda Z, labels: -np.mean(log_softmax(Z)[:, labels]),
            "`[:, labels]` takes these columns of every row: pair each row with its own label.",
            names=("[:, labels]",),
            otherwise="Each row is combined with the labels of all rows: pair it with its own label.",
        ),
        "one per example": Mistake(example_losses, "These are the losses of each example: return one number."),
        "log2": Mistake(
            on_output(reference_cross_entropy, lambda loss: loss / math.log(2)),
            "The base is 2: use the natural logarithm.",
        ),
        "true logit only": Mistake(
            lambda Z, labels: -np.mean(at_labels(Z, labels)),
            "Only the logit of the true class is used. Where do the other logits appear in softmax?",
        ),
        "labels from 1": Mistake(
            on_argument(reference_cross_entropy, "labels", lambda labels: labels - 1),
            "Every class is one off: labels start at 0.",
        ),
        "largest instead of the sum": Mistake(
            loss_with(lambda Z: Z.max(axis=1)),
            "The largest logit replaces the logarithm of the sum. What would equal logits cost?",
        ),
        "all classes": Mistake(
            lambda Z, labels: -np.mean(log_softmax(Z).sum(axis=1)),
            "It adds up the logarithms of all classes: the one-hot y selects one of them.",
        ),
        "mean over all classes": Mistake(
            lambda Z, labels: -np.mean(log_softmax(Z)),
            "It averages the logarithms of all classes, whatever the label is: the one-hot y selects one of them.",
        ),
        "squared error": Mistake(wrong_squared_error, "This is a squared error. Where is the slide's logarithm?"),
        "other classes too": Mistake(
            wrong_other_classes, "It adds a term log(1 - p) for the other classes: with K classes there is none."
        ),
        "1 - p": Mistake(
            on_output(example_losses, lambda losses: np.mean(1 - np.exp(-losses))),
            "This is 1 - p. Where is the logarithm?",
        ),
        "K from the batch": Mistake(
            lambda Z, labels: -np.mean((np.eye(labels.max() + 1)[labels] * log_softmax(Z)).sum(axis=1)),
            "The number of classes is computed from the labels. How many columns does Z have?",
        ),
        "takes Z for P": Mistake(
            lambda Z, labels: -np.mean(np.log(at_labels(Z, labels))),
            "Z holds logits, not probabilities: the logarithm of a negative one is nan.",
        ),
        "log of the mean": Mistake(
            on_output(example_losses, lambda losses: -np.log(np.mean(np.exp(-losses)))),
            "This is the logarithm of a mean: take the mean of the logarithms.",
        ),
        "one sum for the batch": Mistake(
            loss_with(lambda Z: Z.max() + np.log(np.exp(Z - Z.max()).sum())),
            "One sum of exponentials is used for the whole batch: each row has its own.",
        ),
        "one naive sum for the batch": Mistake(
            loss_with(lambda Z: np.log(np.exp(Z).sum())),
            "One sum of exponentials is used for the whole batch: each row has its own.",
        ),
        "largest probability": Mistake(
            lambda Z, labels: -np.mean(np.log(reference_softmax(Z).max(axis=1))),
            "It takes the largest probability of each row, whatever the label is. Whose probability does y select?",
        ),
        "nan to 0": Mistake(
            on_output(loss_from_probabilities(np.log), lambda loss: np.nan_to_num(loss, posinf=0.0)),
            "Very large losses are wrong: is inf or nan replaced? The exact loss can be computed from the logits.",
        ),
        "changes Z": Mistake(wrong_loss_in_place, "It changes an array of the caller in place: make a new one."),
        "down the columns": Mistake(
            lambda Z, labels: -np.mean(at_labels(log_softmax(Z.T).T, labels)),
            "The sum of exponentials runs down the columns. Along which axis are the classes of one example?",
        ),
    },
    variants={
        "log of the sum": loss_with(log_sum_exp),
        "logaddexp": lambda Z, labels: float(
            np.mean(np.logaddexp.reduce(Z, axis=1) - np.take_along_axis(Z, labels[:, None], axis=1)[:, 0])
        ),
        "log softmax": lambda Z, labels: -at_labels(log_softmax(Z), labels).sum() / len(labels),
        "one-hot selects": lambda Z, labels: -(np.eye(Z.shape[1])[labels] * log_softmax(Z)).sum(axis=1).mean(),
        "one-hot and einsum": right_one_hot_and_einsum,
        "loop": right_one_at_a_time,
        "differences": lambda Z, labels: np.logaddexp.reduce(Z - at_labels(Z, labels)[:, None], axis=1).mean(),
        "a 0-d array": on_output(reference_cross_entropy, np.array),
    },
)


# --- softmax_grad -----------------------------------------------------------------------------------------------


def gradient_with(probabilities):
    """The gradient with another function in place of softmax: ``probabilities(Z) -> (n, K)``."""
    return lambda W, X, labels: X.T @ (probabilities(X @ W) - np.eye(W.shape[1])[labels]) / len(labels)


def gradient_of(errors):
    """The gradient with other errors in place of P - Y: ``errors(P, labels) -> (n, K)``."""
    return lambda W, X, labels: X.T @ errors(reference_softmax(X @ W), labels) / len(X)


def wrong_extra_factor(W, X, labels):
    P = reference_softmax(X @ W)
    return X.T @ (probability_errors(W, X, labels) * P * (1 - P)) / len(X)


def wrong_true_class_only(W, X, labels):
    return X.T @ (probability_errors(W, X, labels) * np.eye(W.shape[1])[labels]) / len(X)


def wrong_subtract_in_columns(W, X, labels):
    P = reference_softmax(X @ W)
    P[:, labels] -= 1
    return X.T @ P / len(X)


def wrong_clipped_logits(W, X, labels):
    P = reference_softmax(np.clip(X @ W, -500, 500))
    return X.T @ (P - np.eye(W.shape[1])[labels]) / len(X)


def wrong_mean_over_classes(W, X, labels):
    parts = [reference_softmax_grad(W, X[labels == k], labels[labels == k]) for k in np.unique(labels)]
    return np.mean(parts, axis=0)


def wrong_divide_in_place(W, X, labels):
    G = reference_softmax_grad(W, X, labels)
    X /= len(X)
    return G


def wrong_integer_gradient(W, X, labels):
    G = np.zeros(W.shape, dtype=X.dtype)
    G[...] = reference_softmax_grad(W, X, labels)
    return G


def wrong_finite_difference(W, X, labels, h=1e-6):
    def loss(V):
        return example_losses(X @ V, labels).mean()

    G = np.zeros(W.shape)
    for index in np.ndindex(*W.shape):
        V = np.array(W, dtype=float)
        V[index] += h
        G[index] = (loss(V) - loss(W)) / h
    return G


def right_subtract_at_pairs(W, X, labels):
    P = reference_softmax(X @ W)
    P[np.arange(len(labels)), labels] -= 1
    return X.T @ P / len(X)


def right_example_by_example(W, X, labels):
    G = np.zeros(W.shape)
    for x, label in zip(X, labels, strict=True):
        p = reference_softmax(np.asarray(x @ W)[None, :])[0]
        p[label] -= 1
        G += np.outer(x, p)
    return G / len(labels)


def right_mean_of_outer_products(W, X, labels):
    return (X[:, :, None] * probability_errors(W, X, labels)[:, None, :]).mean(0)


softmax_grad = Catalogue(
    mistakes={
        "sum": Mistake(
            lambda W, X, labels: len(X) * reference_softmax_grad(W, X, labels), "It is a sum. Where is the 1/n?"
        ),
        "Y - P": Mistake(
            on_output(reference_softmax_grad, np.negative), "It points in the opposite direction: check the sign."
        ),
        "logits clipped": Mistake(
            wrong_clipped_logits, "Large logits count as equal, although they differ: are they clipped?"
        ),
        "mean over the classes": Mistake(
            wrong_mean_over_classes,
            "It averages over the classes. Every example counts the same, also in a class with many examples.",
        ),
        "K from the batch": Mistake(
            gradient_of(lambda P, labels: P - np.eye(labels.max() + 1)[labels]),
            "The number of classes is computed from the labels. How many columns does W have?",
        ),
        "p(1 - p) still there": Mistake(
            wrong_extra_factor, "There is a factor p(1 - p) too many: the logarithm makes it cancel."
        ),
        "divided by d": Mistake(
            lambda W, X, labels: reference_softmax_grad(W, X, labels) * len(X) / X.shape[1],
            "It divides by the number of features instead of the number of examples.",
        ),
        "divided by n K": Mistake(
            lambda W, X, labels: reference_softmax_grad(W, X, labels) / W.shape[1],
            "It divides by K as well: the mean is over the examples alone.",
        ),
        "transposed": Mistake(
            on_output(reference_softmax_grad, np.transpose), "The shape should be that of W, (d, K)."
        ),
        "labels forgotten": Mistake(
            gradient_of(lambda P, labels: P), "The labels are never used. Where do they enter?"
        ),
        "every label in every row": Mistake(
            wrong_subtract_in_columns,
            "`[:, labels]` means these columns of every row: pair each row with its label.",
            names=("[:, labels]",),
            otherwise="Each row is combined with the labels of all rows: pair it with its own label.",
        ),
        "softmax down the columns": Mistake(
            gradient_with(lambda Z: reference_softmax(Z.T).T),
            "The columns of P sum to 1. Along which axis are the classes of one example?",
        ),
        "labels instead of probabilities": Mistake(
            gradient_with(one_hot_of_largest), "It uses predicted labels in place of the probabilities."
        ),
        "logits instead of probabilities": Mistake(
            gradient_with(lambda Z: Z), "Z - Y gives the gradient of linear regression. What turns Z into P?"
        ),
        "a sigmoid for each class": Mistake(
            gradient_with(sigmoid_of_each_logit),
            "It uses the sigmoid of each logit: the probabilities of one example should sum to 1.",
        ),
        "naive softmax": Mistake(gradient_with(naive_softmax), "It is nan for large logits: use your own softmax."),
        "nan to 0": Mistake(
            gradient_with(lambda Z: np.nan_to_num(naive_softmax(Z))),
            "The probabilities of some rows no longer sum to 1: is nan replaced by 0? That hides it.",
        ),
        "true class only": Mistake(
            wrong_true_class_only, "Only the true class has an error here. What is p - y for the other classes?"
        ),
        "labels as numbers": Mistake(
            gradient_of(lambda P, labels: P - labels[:, None]), "It uses P minus class numbers: take one-hot rows."
        ),
        "not added up": Mistake(
            lambda W, X, labels: X[:, :, None] * probability_errors(W, X, labels)[:, None, :],
            "There is still one matrix for each example: the gradient has the shape of W.",
        ),
        "features forgotten": Mistake(
            on_output(probability_errors, lambda errors: errors.mean(axis=0)),
            "This is the derivative with respect to the logits. How do the logits depend on W?",
        ),
        "first example only": Mistake(
            lambda W, X, labels: reference_softmax_grad(W, X[:1], labels[:1]), "Only the first example is used."
        ),
        "twice": Mistake(on_output(reference_softmax_grad, lambda G: 2 * G), "It is twice as large as it should be."),
        "changes X": Mistake(
            wrong_divide_in_place,
            "`X /= n` changes X in place, and fails for integers: divide the result.",
            names=("X /=",),
            otherwise="It changes X in place, and fails for integers: make a new array.",
        ),
        "integers stay integers": Mistake(
            wrong_integer_gradient, "For integer features the gradient is truncated to integers: it needs floats."
        ),
        "finite difference": Mistake(
            wrong_finite_difference, "It is only an estimate, as from a finite difference. Use the formula."
        ),
    },
    variants={
        "pairs": right_subtract_at_pairs,
        "one-hot": gradient_with(reference_softmax),
        "einsum": lambda W, X, labels: np.einsum("nd,nk->dk", X, probability_errors(W, X, labels)) / labels.size,
        "example by example": right_example_by_example,
        "mean of outer products": right_mean_of_outer_products,
        "transposed twice": lambda W, X, labels: (probability_errors(W, X, labels).T @ X).T / len(X),
        "divided first": lambda W, X, labels: X.T @ (probability_errors(W, X, labels) / len(X)),
        "tensordot": lambda W, X, labels: np.tensordot(X, probability_errors(W, X, labels), axes=(0, 0)) / X.shape[0],
    },
)


# --- accuracy ---------------------------------------------------------------------------------------------------


def accuracy_with(predict):
    """The share of examples for which ``predict(Z)`` equals the label."""
    return lambda W, X, labels: np.mean(predict(X @ W) == labels)


def probability_of_true_class(W, X, labels):
    return at_labels(reference_softmax(X @ W), labels)


def matches(W, X, labels):
    return predict_labels(W, X) == labels


def wrong_close_to_largest(W, X, labels):
    Z = X @ W
    return np.mean(np.isclose(at_labels(Z, labels), Z.max(axis=1)))


def wrong_count_ties(W, X, labels):
    Z = X @ W
    return np.mean(at_labels(Z, labels) == Z.max(axis=1))


def wrong_compare_slots(W, X, labels):
    K = W.shape[1]
    return np.mean(np.eye(K)[predict_labels(W, X)] == np.eye(K)[labels])


accuracy = Catalogue(
    mistakes={
        "last example not counted": Mistake(
            lambda W, X, labels: np.sum(np.argmax(X[:-1] @ W, axis=1) == labels[:-1]) / len(X),
            "The last example is not counted. Are all of them reached?",
        ),
        "error rate": Mistake(
            on_output(reference_accuracy, lambda share: 1 - share), "This is the share of wrong predictions."
        ),
        "count": Mistake(on_output(matches, np.sum), "This is the number of correct predictions. What share is it?"),
        "percent": Mistake(on_output(reference_accuracy, lambda share: 100 * share), "A share is between 0 and 1."),
        "down the columns": Mistake(
            accuracy_with(lambda Z: np.argmax(Z, axis=0)),
            "The largest logit is taken down the columns, along axis 0. Along which axis are the classes?",
        ),
        "no axis": Mistake(
            accuracy_with(np.argmax),
            "Without an axis, np.argmax finds one index for the array: use one for each row.",
            names=("argmax",),
            otherwise="It predicts the same class for all examples: choose one for each row.",
        ),
        "smallest logit": Mistake(
            accuracy_with(lambda Z: np.argmin(Z, axis=1)), "It predicts the class with the smallest logit."
        ),
        "above one half": Mistake(
            on_output(probability_of_true_class, lambda p: np.mean(p > 0.5)),
            "The true class need not have a probability above 0.5: is it the largest of its row?",
        ),
        "nearly the largest": Mistake(
            wrong_close_to_largest, "It accepts a logit close to the largest: only the largest is predicted."
        ),
        "every class with the largest logit": Mistake(
            wrong_count_ties,
            "If logits are equal, as for W = 0, it accepts each of their classes: predict one class per example.",
        ),
        "one answer per example": Mistake(matches, "This is an array of matches: return one number, their mean."),
        "predictions": Mistake(
            lambda W, X, labels: predict_labels(W, X), "These are the predictions: compare them with the labels."
        ),
        "rounded": Mistake(
            on_output(reference_accuracy, lambda share: round(share, 2)), "The share is rounded: keep all its digits."
        ),
        "labels from 1": Mistake(accuracy_with(lambda Z: np.argmax(Z, axis=1) + 1), "Classes are counted from 0."),
        "naive softmax": Mistake(
            accuracy_with(lambda Z: np.argmax(naive_softmax(Z), axis=1)),
            "For large logits it predicts another class: compare the logits, or use your own softmax.",
        ),
        "rounded probabilities": Mistake(
            accuracy_with(lambda Z: np.argmax(np.round(reference_softmax(Z), 4), axis=1)),
            "Rounded probabilities can be equal although the logits differ.",
        ),
        "every slot": Mistake(
            wrong_compare_slots, "It compares slots, and most slots are 0 on both sides: compare classes."
        ),
        "truncated to an integer": Mistake(
            on_output(reference_accuracy, int), "It is 1 if all predictions are correct, else 0. What share is correct?"
        ),
        "probability of the label": Mistake(
            on_output(probability_of_true_class, np.mean),
            "This is the mean probability of the true class, not the share of correct predictions.",
        ),
        "every prediction with every label": Mistake(
            lambda W, X, labels: np.mean(predict_labels(W, X)[:, None] == labels),
            "Comparing (n, 1) with (n,) gives (n, n): compare each prediction with its own label.",
        ),
        "mean over the classes": Mistake(
            lambda W, X, labels: np.mean([matches(W, X, labels)[labels == k].mean() for k in np.unique(labels)]),
            "It averages the accuracies of the classes. Every example counts the same, also in a rare class.",
        ),
        "divided by the classes": Mistake(
            lambda W, X, labels: np.sum(matches(W, X, labels)) / W.shape[1], "It divides by K instead of n."
        ),
    },
    variants={
        "mean": accuracy_with(lambda Z: np.argmax(Z, axis=1)),
        "of probabilities": lambda W, X, labels: float((reference_softmax(X @ W).argmax(axis=-1) == labels).mean()),
        "count over n": lambda W, X, labels: np.count_nonzero(matches(W, X, labels)) / len(labels),
        "loop": reference_accuracy,
        "sorted": accuracy_with(lambda Z: Z.argsort(axis=1)[:, -1]),
        "one minus the errors": lambda W, X, labels: 1 - np.mean(predict_labels(W, X) != labels),
    },
)
