"""Known wrong and right answers to the exercises of `01-sigmoid/sigmoid.ipynb`."""

import math

import numpy as np

from autograder.judging.bend import on_argument, on_output
from autograder.judging.model import Catalogue, Mistake

from .spec import reference_predict_label, reference_predict_proba, reference_sigmoid, reference_sigmoid_prime

# --- sigmoid(z) -------------------------------------------------------------------------------------------------


def wrong_both_branches(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


def wrong_clips_in_place(z):
    z = np.asarray(z, dtype=float)
    z[z > 500] = 500
    z[z < -500] = -500
    return 1 / (1 + np.exp(-z))


def wrong_negates_in_place(z):
    z = np.asarray(z)
    np.negative(z, out=z)
    return np.exp(-np.logaddexp(0, z))


def wrong_integer_result(z):
    if np.isscalar(z):
        return reference_sigmoid(z)
    p = np.zeros_like(z)
    p[...] = reference_sigmoid(z)
    return p


def wrong_math_exp_for_numbers(z):
    return 1 / (1 + math.exp(-z)) if isinstance(z, int | float) else reference_sigmoid(z)


def wrong_memory_order(z):
    return np.array([reference_sigmoid(v) for v in np.nditer(z, flags=["zerosize_ok"])]).reshape(np.shape(z))


def wrong_if(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


def wrong_softmax(z):
    powers = np.exp(z - np.max(z, initial=-np.inf))
    return powers / powers.sum()


def wrong_masks_a_number(z):
    p = np.empty(np.shape(z))
    p[z >= 0] = 1 / (1 + np.exp(-z[z >= 0]))
    p[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return p


def wrong_value_at_zero(z):
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) > 0, 1 / (1 + e), np.where(np.asarray(z) < 0, e / (1 + e), 0))


def right_tanh(z):
    return 0.5 * (1 + np.tanh(np.asarray(z) / 2))


def right_masks(z):
    z = np.asarray(z, dtype=float)
    p = np.empty(z.shape)
    positive = z >= 0
    p[positive] = 1 / (1 + np.exp(-z[positive]))
    p[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
    return p


def right_one_at_a_time(z):
    z = np.asarray(z, dtype=float)
    return np.array([math.exp(min(v, 0)) / (1 + math.exp(-abs(v))) for v in z.ravel()]).reshape(z.shape)


def right_silenced_warning(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def right_float32_result(z):
    z = np.asarray(z)
    return reference_sigmoid(z).astype(z.dtype if z.dtype.kind == "f" else float)


sigmoid = Catalogue(
    mistakes={
        "naive exp": Mistake(
            lambda z: 1 / (1 + np.exp(-z)),
            "exp(-z) overflows for very negative z. Which exponential stays below 1 there?",
        ),
        "exp over 1 + exp": Mistake(
            lambda z: np.exp(z) / (1 + np.exp(z)), "For large z both exponentials are infinite, and inf / inf is nan."
        ),
        "both branches of where": Mistake(
            wrong_both_branches,
            "np.where computes both formulas for every z before it chooses. The one not chosen overflows.",
            names=("np.where",),
            otherwise="An exponential overflows although its result is not used. Which one stays below 1?",
        ),
        "sign of z": Mistake(
            on_argument(reference_sigmoid, "z", np.negative),
            "The curve falls where it should rise. Look at the sign of z.",
        ),
        "clipped": Mistake(
            on_argument(reference_sigmoid, "z", lambda z: np.clip(z, -10, 10)),
            "The tails are wrong, and the curve becomes flat too early: is z clipped?",
        ),
        "small p set to 0": Mistake(
            lambda z: np.where(np.asarray(z) < -20, 0, reference_sigmoid(z)),
            "Where z is very negative, p is set to 0. It is small there, but not 0.",
        ),
        "0 at z = 0": Mistake(
            wrong_value_at_zero, "At z = 0 the result is 0. What is σ(0), and which formula is used there?"
        ),
        "clips z itself": Mistake(
            wrong_clips_in_place,
            "np.asarray does not copy a float array, so the caller's z is changed. Work on a copy.",
            names=("asarray",),
            otherwise="It changes large values in the caller's z. Work on a copy.",
        ),
        "tanh": Mistake(
            lambda z: np.tanh(z), "The values run from -1 to 1: this is tanh. A probability lies between 0 and 1."
        ),
        "tanh without halving": Mistake(
            lambda z: 0.5 * (1 + np.tanh(z)), "At 0 the curve is twice as steep as it should be. What must be halved?"
        ),
        "returns a list": Mistake(
            on_output(reference_sigmoid, lambda p: np.ravel(p).tolist()),
            "Return a NumPy array with the shape of z, not a list.",
        ),
        "hard sigmoid": Mistake(
            lambda z: np.clip(0.5 + np.asarray(z) / 4, 0, 1),
            "The curve is made of straight lines. The sigmoid is smooth.",
        ),
        "changes its input": Mistake(
            wrong_negates_in_place, "It changes the caller's z in place. Work on a new array."
        ),
        "integers stay integers": Mistake(
            wrong_integer_result, "For integer z the result is truncated to integers. Make the output float."
        ),
        "flattens": Mistake(on_output(reference_sigmoid, np.ravel), "The result has lost the shape of z."),
        "labels": Mistake(
            lambda z: (np.asarray(z) >= 0) * 1.0,
            "These are labels: a threshold is already applied. Return the probability.",
        ),
        "1 added outside the fraction": Mistake(
            lambda z: 1 / np.exp(-np.clip(z, -700, 700)) + 1, "Check the brackets around 1 + exp(-z)."
        ),
        "math.exp": Mistake(
            lambda z: 1 / (1 + math.exp(-z)),
            "math.exp takes a single number. NumPy has an exponential that takes arrays.",
            names=("math",),
            otherwise="It takes a single number only. NumPy has an exponential that takes arrays.",
        ),
        "math.exp for a plain number": Mistake(
            wrong_math_exp_for_numbers,
            "A Python number can be large, too, and math.exp(1000) raises an OverflowError.",
            names=("math",),
            otherwise="A Python number can be large, too: for -1000 it raises an OverflowError.",
        ),
        "memory order": Mistake(
            wrong_memory_order,
            "It reads z in memory order, as np.nditer does. Rows need not be stored one after the other.",
            names=("nditer",),
            otherwise="It reads z in memory order. Rows need not be stored one after the other.",
        ),
        "an if over the array": Mistake(
            wrong_if,
            "An `if` needs a single truth value, but an array has one for each element.",
            names=("if",),
            otherwise="It needs a single truth value, but an array has one for each element.",
        ),
        "softmax": Mistake(
            wrong_softmax, "It divides by a sum over z. Each z is squashed independently of the others."
        ),
        "vectorize without otypes": Mistake(
            np.vectorize(lambda z: math.exp(min(z, 0)) / (1 + math.exp(-abs(z)))),
            "np.vectorize fails for an empty array. Give it `otypes=[float]`.",
            names=("vectorize",),
            otherwise="It fails for an empty array.",
        ),
        "indexes a number": Mistake(
            wrong_masks_a_number, "It fails for a Python number, which cannot be indexed. Make it an array first."
        ),
    },
    variants={
        "exp of -logaddexp": reference_sigmoid,
        "tanh": right_tanh,
        "masked": right_masks,
        "exp(-|z|)": lambda z: np.where(z < 0, np.exp(-np.abs(z)), 1.0) / (1 + np.exp(-np.abs(z))),
        "one at a time": right_one_at_a_time,
        "naive without a warning": right_silenced_warning,
        "clipped without effect": lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
        "clipped within the tolerance": lambda z: 1 / (1 + np.exp(-np.clip(z, -30, 30))),
        "vectorize": np.vectorize(lambda z: math.exp(min(z, 0)) / (1 + math.exp(-abs(z))), otypes=[float]),
        "exp(min(z, 0))": lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))),
        "float32 stays float32": right_float32_result,
    },
)


# --- nan_logit --------------------------------------------------------------------------------------------------

nan_logit = Catalogue(
    mistakes={
        "one less": Mistake(709, "exp(709) is large, but float64 can still store it."),
        "one more": Mistake(711, "It is nan there, but not for the first time."),
        "any large z": Mistake(1000, "It is nan there. Halve the interval in which the first nan can be."),
        "negative": Mistake(-710, "For negative z, exp(z) becomes 0. That does no harm."),
        "σ rounds to 1": Mistake(37, "At 37 the quotient rounds to 1. That is not nan."),
        "where exp(-z) underflows": Mistake(746, "At 746 exp(-z) becomes 0. The quotient here has exp(z)."),
        "powers of 10": Mistake(308, "10 to the power of 308 is the limit for exp(z), not for z."),
        "not whole": Mistake(709.79),
        "out of range": Mistake(10**6),
        "text": Mistake("710"),
        "two numbers": Mistake([709, 710]),
    },
    variants={"float": 710.0, "list": [710], "digits from the limit": 709 + 1},
)


# --- sigmoid_prime(z) -------------------------------------------------------------------------------------------


def wrong_coarse_difference(z, h=0.1):
    return (reference_sigmoid(np.asarray(z) + h) - reference_sigmoid(np.asarray(z) - h)) / (2 * h)


def wrong_slope_in_place(z):
    """Uses that the slope is the same at z and -z, but takes the absolute value in place."""
    e = np.exp(-np.abs(z, out=np.asarray(z)))
    return e / (1 + e) ** 2


def wrong_integer_slope(z):
    slope = np.zeros_like(z)
    slope[...] = reference_sigmoid_prime(z)
    return slope


sigmoid_prime = Catalogue(
    mistakes={
        "z used as p": Mistake(
            lambda z: np.asarray(z) * (1 - np.asarray(z)), "It uses z as if it were the probability. Squash z first."
        ),
        "1 - p²": Mistake(
            on_output(reference_sigmoid, lambda p: 1 - p**2),
            "1 - p² is the rule for tanh. Which product does the derivation end with?",
        ),
        "quotient overflows on the left": Mistake(
            lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2, "exp(-z) overflows for very negative z, and inf / inf is nan."
        ),
        "quotient overflows on the right": Mistake(
            lambda z: np.exp(z) / (1 + np.exp(z)) ** 2, "exp(z) overflows for very large z, and inf / inf is nan."
        ),
        "p(1 + p)": Mistake(
            on_output(reference_sigmoid, lambda p: p * (1 + p)),
            "The result grows with z. What does 1 + p do where p is near 1?",
        ),
        "sign": Mistake(
            on_output(reference_sigmoid_prime, np.negative), "The slope is negative, but the sigmoid rises everywhere."
        ),
        "sigmoid itself": Mistake(reference_sigmoid, "This is the sigmoid, not its slope."),
        "1 - p": Mistake(
            on_output(reference_sigmoid, lambda p: 1 - p), "One factor is missing: the slope should be symmetric in z."
        ),
        "slope of tanh": Mistake(
            lambda z: 1 - np.tanh(z) ** 2, "The maximum is 1, as for tanh. The sigmoid is never that steep."
        ),
        "coarse difference": Mistake(
            wrong_coarse_difference, "It is only an estimate, as from a finite difference. Use the formula."
        ),
        "p²": Mistake(on_output(reference_sigmoid, lambda p: p**2), "This is p². The two factors should be different."),
        "sigmoid of 1 - z": Mistake(
            lambda z: reference_sigmoid(z) * reference_sigmoid(1 - np.asarray(z)),
            "sigmoid(1 - z) is not the same as 1 - sigmoid(z).",
        ),
        "1 - 2p": Mistake(
            on_output(reference_sigmoid, lambda p: 1 - 2 * p),
            "This is one derivative too many: the derivative of p(1 - p) with respect to p.",
        ),
        "np.gradient": Mistake(
            lambda z: np.gradient(reference_sigmoid(z), np.asarray(z)),
            "np.gradient compares neighbours in the array, but the slope at z depends on that z alone.",
            names=("np.gradient",),
            otherwise="The result depends on the neighbours in the array, but the slope at z depends on that z alone.",
        ),
        "twice": Mistake(
            on_output(reference_sigmoid_prime, lambda slope: 2 * slope), "The slope is twice as steep as it should be."
        ),
        "returns a list": Mistake(
            on_output(reference_sigmoid_prime, lambda slope: np.ravel(slope).tolist()),
            "Return an array with the shape of z, not a list.",
        ),
        "flattens": Mistake(on_output(reference_sigmoid_prime, np.ravel), "The result has lost the shape of z."),
        "integers stay integers": Mistake(
            wrong_integer_slope, "For integer z the result is truncated to integers. Make the output float."
        ),
        "changes its input": Mistake(wrong_slope_in_place, "It changes the caller's z in place. Work on a new array."),
    },
    variants={
        "p(1 - p)": on_output(reference_sigmoid, lambda p: p * (1 - p)),
        "p - p²": on_output(reference_sigmoid, lambda p: p - p**2),
        "cosh": lambda z: 0.25 / np.cosh(np.clip(np.asarray(z) / 2, -300, 300)) ** 2,
        "tanh": on_output(right_tanh, lambda p: p * (1 - p)),
        "exp(-|z|)": lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2,
        "one at a time": lambda z: np.array([reference_sigmoid_prime(v) for v in np.ravel(z)]).reshape(np.shape(z)),
    },
)


# --- predict_proba(X, w) ----------------------------------------------------------------------------------------


def wrong_features_in_place(X, w):
    X *= w
    return reference_sigmoid(X.sum(axis=1))


def wrong_number_of_features(X, w):
    return reference_sigmoid(X[:, 0] * w[0] + X[:, 1] * w[1] + X[:, 2] * w[2])


predict_proba = Catalogue(
    mistakes={
        "logits": Mistake(lambda X, w: X @ w, "These are the logits: they are not squashed yet."),
        "X transposed": Mistake(
            on_argument(reference_predict_proba, "X", np.transpose),
            "X.T @ w sums over examples instead of features.",
            names=("X.T",),
            otherwise="It sums over examples instead of features: sum along the rows of X.",
        ),
        "a column": Mistake(on_output(reference_predict_proba, lambda p: p[:, None]), "Return shape (n,), not (n, 1)."),
        "squashes first": Mistake(
            lambda X, w: reference_sigmoid(X) @ w, "Squash after the weighted sum, not before it."
        ),
        "squashes each term": Mistake(
            lambda X, w: reference_sigmoid(X * w).sum(axis=1), "Squash the weighted sum, not each of its terms."
        ),
        "no sum": Mistake(
            lambda X, w: reference_sigmoid(X * w),
            "Each feature is multiplied by its weight, but the sum over features is missing.",
        ),
        "labels": Mistake(lambda X, w: (X @ w >= 0) * 1.0, "These are labels. The threshold comes later."),
        "sign": Mistake(on_argument(reference_predict_proba, "w", np.negative), "This is the probability of class 0."),
        "normalised over rows": Mistake(
            on_output(reference_predict_proba, lambda p: p / p.sum()),
            "It normalises over the rows. The probabilities of different rows need not add up to 1.",
        ),
        "mean of features": Mistake(
            lambda X, w: reference_sigmoid((X * w).mean(axis=1)), "The logit is a sum over features, not a mean."
        ),
        "softmax over rows": Mistake(
            lambda X, w: np.exp(X @ w) / np.exp(X @ w).sum(),
            "This is a softmax over the rows. Squash each logit independently with your sigmoid.",
        ),
        "sums over examples": Mistake(
            lambda X, w: reference_sigmoid((X * w).sum(axis=0)),
            "The sum runs down the columns. It should run along each row.",
        ),
        "squeezed": Mistake(
            lambda X, w: reference_sigmoid(X @ w[:, None]).squeeze(),
            "squeeze() also drops the axis of a single row: (1,) becomes ().",
            names=("squeeze",),
            otherwise="With a single row it returns a number: the shape should be (1,).",
        ),
        "one number": Mistake(
            lambda X, w: reference_sigmoid((X @ w).sum()),
            "It returns a single number. Return one probability for each row.",
        ),
        "exp over 1 + exp": Mistake(
            lambda X, w: np.exp(X @ w) / (1 + np.exp(X @ w)),
            "For large logits both exponentials are infinite, and inf / inf is nan. Use a sigmoid without overflow.",
        ),
        "last weight as bias": Mistake(
            lambda X, w: reference_sigmoid(X[:, :-1] @ w[:-1] + w[-1]),
            "It uses the last weight as a bias. That weight belongs to the last column of X.",
        ),
        "X *= w": Mistake(
            wrong_features_in_place,
            "`X *= w` changes the caller's X, and it fails for integers. Work on a new array.",
            names=("X *= w",),
            otherwise="It changes the caller's X, and it fails for integers. Work on a new array.",
        ),
        "always three features": Mistake(
            wrong_number_of_features, "It works for exactly three features. X may have more or fewer columns."
        ),
    },
    variants={
        "dot": lambda X, w: reference_sigmoid(np.dot(X, w)),
        "einsum": lambda X, w: reference_sigmoid(np.einsum("nd,d->n", X, w)),
        "loop": lambda X, w: np.array([reference_sigmoid(sum(a * b for a, b in zip(x, w, strict=True))) for x in X]),
        "sum": lambda X, w: reference_sigmoid((X * w).sum(axis=1)),
        "naive exp": lambda X, w: 1 / (1 + np.exp(-X @ w)),
    },
)


# --- predict_label(p, threshold=0.5) ----------------------------------------------------------------------------


def wrong_labels_in_place(p, threshold=0.5):
    above = p >= threshold
    p[above], p[~above] = 1, 0
    return p.astype(int)


predict_label = Catalogue(
    mistakes={
        "above": Mistake(
            lambda p, threshold=0.5: (p > threshold).astype(int),
            "p equal to the threshold gets the label 0, but it belongs to class 1.",
        ),
        "round": Mistake(
            lambda p, threshold=0.5: np.round(p).astype(int),
            "It splits at 0.5 whatever the threshold is, and it puts 0.5 itself into class 0.",
        ),
        "booleans": Mistake(
            on_output(reference_predict_label, lambda labels: labels.astype(bool)),
            "The labels are True and False. They should be the integers 1 and 0.",
        ),
        "floats": Mistake(
            on_output(reference_predict_label, lambda labels: labels.astype(float)),
            "Labels are integers, not 0.0 and 1.0.",
        ),
        "always 0.5": Mistake(
            on_argument(reference_predict_label, "threshold", lambda threshold: 0.5),
            "It splits at 0.5, whatever the threshold is.",
        ),
        "below": Mistake(on_output(reference_predict_label, lambda labels: 1 - labels), "The classes are swapped."),
        "minus one": Mistake(
            on_output(reference_predict_label, lambda labels: 2 * labels - 1), "The labels are 0 and 1, not -1 and 1."
        ),
        "truncated": Mistake(
            lambda p, threshold=0.5: p.astype(int),
            "astype(int) truncates: only p = 1 becomes label 1.",
            names=("astype(int)",),
            otherwise="Only p = 1 gets the label 1, whatever the threshold is.",
        ),
        "one label": Mistake(
            lambda p, threshold=0.5: int(p.mean() >= threshold), "It returns one label. Return one label per p."
        ),
        "returns a list": Mistake(
            on_output(reference_predict_label, lambda labels: labels.tolist()), "Return an array, not a list."
        ),
        "changes p": Mistake(
            wrong_labels_in_place,
            "It writes the labels into p, so the caller loses the probabilities. Work on a new array.",
        ),
        "threshold 0 replaced": Mistake(
            on_argument(reference_predict_label, "threshold", lambda threshold: threshold or 0.5),
            "A threshold of 0 is valid, but it is treated as if none were given.",
        ),
        "adds threshold": Mistake(
            lambda p, threshold=0.5: np.floor(p + threshold).astype(int),
            "The label becomes 1 from p = 1 - threshold on, which equals the threshold only at 0.5.",
        ),
    },
    variants={
        "astype": on_output(reference_predict_label, lambda labels: labels.astype(np.int32)),
        "where": lambda p, threshold=0.5: np.where(p < threshold, 0, 1),
        "one minus": lambda p, threshold=0.5: 1 - (p < threshold),
        "digitize": lambda p, threshold=0.5: np.digitize(p, [threshold]),
        "times one": lambda p, threshold=0.5: (p >= threshold) * 1,
        "loop": lambda p, threshold=0.5: np.array([1 if v >= threshold else 0 for v in p]),
        "unsigned": on_output(reference_predict_label, lambda labels: labels.astype(np.uint8)),
        "heaviside": lambda p, threshold=0.5: np.heaviside(p - threshold, 1).astype(int),
    },
)
