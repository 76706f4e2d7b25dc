"""Known wrong and right answers to the exercises of `05-momentum/momentum.ipynb`."""

import numpy as np

from autograder.judging.bend import on_argument, on_output
from autograder.judging.model import Catalogue, Mistake

from .spec import (
    extreme_eigenvalues,
    reference_condition_number,
    reference_momentum_step,
    reference_quadratic_grad,
    reference_standardize,
    reference_torch_sgd_step,
)

# --- quadratic_grad(H, w) ---------------------------------------------------------------------------------------


def wrong_finite_difference(H, w, h=1e-5):
    def f(v):
        return v @ H @ v / 2

    return np.array([(f(w + h * unit) - f(w - h * unit)) / (2 * h) for unit in np.eye(len(w))])


def wrong_in_place_gradient(H, w):
    """It also ignores the entries off the diagonal."""
    w *= np.diag(H)
    return w


def wrong_integers_stay_integers(H, w):
    grad = np.zeros_like(w)
    for i in range(len(w)):
        for j in range(len(w)):
            grad[i] += H[i, j] * w[j]
    return grad


def right_element_by_element_gradient(H, w):
    grad = np.zeros(len(w))
    for i in range(len(w)):
        for j in range(len(w)):
            grad[i] += H[i, j] * w[j]
    return grad


quadratic_grad = Catalogue(
    mistakes={
        "diagonal only": Mistake(
            lambda H, w: np.diag(H) * w, "It uses only the diagonal of H. What if the bowl is turned?"
        ),
        "half": Mistake(
            on_output(reference_quadratic_grad, lambda grad: grad / 2),
            "This is half the gradient. What happens to the ½ when you differentiate a square?",
        ),
        "twice": Mistake(
            on_output(reference_quadratic_grad, lambda grad: 2 * grad),
            "This is twice the gradient. What happens to the ½ in front of f?",
        ),
        "sign": Mistake(
            on_output(reference_quadratic_grad, np.negative), "It points downhill. Which way does a gradient point?"
        ),
        "f itself": Mistake(lambda H, w: w @ H @ w / 2, "This is the height f of the bowl, a number."),
        "twice f": Mistake(lambda H, w: w @ H @ w, "There is one w too many: this is a number, not a gradient."),
        "not summed": Mistake(lambda H, w: H * w, "These are the products of each row of H with w, not yet summed."),
        "summed over the wrong index": Mistake(
            lambda H, w: (H * w).sum(axis=0),
            "It multiplies the sum of a row or column of H by a single weight. Which index is summed?",
        ),
        "inverse of H": Mistake(
            lambda H, w: np.linalg.solve(H, w), "It divides by H. Does differentiating f lead to a division?"
        ),
        "H forgotten": Mistake(lambda H, w: 1.0 * w, "H is missing: this would be right for a round bowl."),
        "H twice": Mistake(lambda H, w: H @ H @ w, "H is used twice."),
        "upper triangle": Mistake(
            lambda H, w: np.triu(H) @ w, "It ignores the entries below the diagonal. Does f depend on H₂₁?"
        ),
        "diagonal twice": Mistake(
            lambda H, w: (np.triu(H) + np.triu(H).T) @ w,
            "It counts the diagonal of H twice. How often does H₁₁ occur in the slope along w₁?",
        ),
        "a column": Mistake(lambda H, w: (H @ w)[:, None], "Return shape (d,), not (d, 1)."),
        "largest curvature": Mistake(
            lambda H, w: np.linalg.norm(H, 2) * w, "It uses the largest curvature in every direction."
        ),
        "finite difference": Mistake(
            wrong_finite_difference,
            "It is only an estimate, as from a finite difference, with rounding errors. Use the formula.",
        ),
        "in place": Mistake(wrong_in_place_gradient, "It overwrites the caller's w. Make a new array."),
        "integers stay integers": Mistake(
            wrong_integers_stay_integers,
            "For integer weights the slopes are truncated to integers: they are floats.",
        ),
    },
    variants={
        "matrix times vector": lambda H, w: H @ w,
        "row vector times matrix": lambda H, w: w @ H,
        "dot": lambda H, w: np.dot(H, w),
        "both halves": lambda H, w: (H @ w + H.T @ w) / 2,
        "einsum": lambda H, w: np.einsum("ij,j->i", H, w),
        "sum": lambda H, w: (H * w).sum(axis=1),
        "element by element": right_element_by_element_gradient,
    },
)


# --- condition_number(H) ----------------------------------------------------------------------------------------


def wrong_power_iteration_from_ones(H):
    """It stays at an eigenvector that is not the right one, for example where the rows of H have equal sums."""
    v = u = np.ones(len(H))
    for _ in range(1000):
        v, u = H @ v / np.linalg.norm(H @ v), np.linalg.solve(H, u) / np.linalg.norm(np.linalg.solve(H, u))
    return (v @ H @ v) / (u @ H @ u)


def right_power_iteration(H):
    """The largest eigenvalues of H and of its inverse, by repeated squaring instead of an eigenvalue routine."""
    H = np.asarray(H, dtype=float)
    extremes = []
    for matrix in (H, np.linalg.inv(H)):
        for _ in range(30):  # each squaring doubles the power; the limit projects onto the leading eigenvector
            matrix = matrix @ matrix
            matrix /= np.trace(matrix)
        extremes.append(np.trace(matrix @ H))
    return extremes[0] / extremes[1]


UNSORTED = "np.linalg.eig returns eigenvalues in no particular order: the first and the last need not be the extremes."

condition_number = Catalogue(
    mistakes={
        "diagonal only": Mistake(
            lambda H: float(np.diag(H).max() / np.diag(H).min()),
            "It compares entries of the diagonal. They are the extreme curvatures only if H is diagonal.",
        ),
        "upside down": Mistake(
            on_output(reference_condition_number, lambda kappa: 1 / kappa),
            "The result is below 1. Which eigenvalue belongs in the numerator?",
        ),
        "difference": Mistake(
            lambda H: extreme_eigenvalues(H)[0] - extreme_eigenvalues(H)[1],
            "This is a difference. The condition number is a ratio.",
        ),
        "unsorted, first over last": Mistake(
            lambda H: float(np.linalg.eig(H)[0][0] / np.linalg.eig(H)[0][-1]),
            "Eigenvalues may come in any order: the first and the last need not be the extremes.",
        ),
        "largest only": Mistake(
            lambda H: extreme_eigenvalues(H)[0], "The largest eigenvalue alone does not describe the shape of the bowl."
        ),
        "unsorted, last over first": Mistake(
            lambda H: float(np.linalg.eig(H)[0][-1] / np.linalg.eig(H)[0][0]),
            "Eigenvalues may come in any order: the first and the last need not be the extremes.",
        ),
        "squared": Mistake(
            on_output(reference_condition_number, lambda kappa: kappa**2),
            "The ratio is squared. That is needed for singular values of the data X, not for eigenvalues of H.",
        ),
        "square root": Mistake(
            on_output(reference_condition_number, lambda kappa: kappa**0.5),
            "This is the square root of κ: the ratio of the lengths of the ellipse's axes.",
        ),
        "entries": Mistake(
            lambda H: float(np.max(np.abs(H)) / max(np.min(np.abs(H)), 1e-12)),
            "It compares entries of H. In a turned bowl they are not the curvatures along the bowl's own axes.",
        ),
        "determinant": Mistake(
            lambda H: float(np.linalg.det(H)), "This is the determinant, the product of all eigenvalues."
        ),
        "trace": Mistake(
            lambda H: float(np.trace(H) / extreme_eigenvalues(H)[1]),
            "The numerator is the trace, the sum of all eigenvalues. Which one of them belongs there?",
        ),
        "Frobenius norm": Mistake(
            lambda H: float(np.linalg.norm(H) * np.linalg.norm(np.linalg.inv(H))),
            "The Frobenius norm depends on all eigenvalues. How many of them does κ depend on?",
        ),
        "power iteration from ones": Mistake(
            wrong_power_iteration_from_ones,
            "It is wrong if (1, 1, …) is an eigenvector of H. Does your computation start from this vector?",
        ),
        "eigenvalues": Mistake(lambda H: np.linalg.eigvalsh(H), "These are the eigenvalues. Return one number."),
        "mean": Mistake(
            lambda H: float(np.linalg.eigvalsh(H).max() / np.linalg.eigvalsh(H).mean()),
            "It divides by the mean eigenvalue. Which eigenvalue belongs to the slowest direction?",
        ),
    },
    variants={
        "eigvalsh": lambda H: np.linalg.eigvalsh(H)[-1] / np.linalg.eigvalsh(H)[0],
        "eigvals": lambda H: max(np.linalg.eigvals(H)) / min(np.linalg.eigvals(H)),
        "eigh": lambda H: float(np.linalg.eigh(H)[0].max() / np.linalg.eigh(H)[0].min()),
        "cond": lambda H: np.linalg.cond(H),
        "singular values": lambda H: (lambda s: s[0] / s[-1])(np.linalg.svd(H, compute_uv=False)),
        "norms": lambda H: np.linalg.norm(H, 2) * np.linalg.norm(np.linalg.inv(H), 2),
        "power iteration": right_power_iteration,
        "a 0-d array": on_output(reference_condition_number, np.array),
    },
)


# --- hiding_H ---------------------------------------------------------------------------------------------------

hiding_H = Catalogue(
    mistakes={
        "round": Mistake(np.eye(2), "A round bowl has κ = 1. Make it narrow."),
        "along the axes": Mistake(
            np.diag([1.0, 100.0]), "The diagonal of a diagonal H contains the eigenvalues. Turn the bowl."
        ),
        "hardly turned": Mistake([[1.0, 0.5], [0.5, 1.0]], "This bowl is turned, but not narrow enough."),
        "nearly 10 times": Mistake(
            [[1.0, 0.8], [0.8, 1.0]],
            "This κ is 9 times the friend's number, and 10 times is needed. Go a little further.",
        ),
        "not symmetric": Mistake([[1.0, 0.9], [0.0, 1.0]], "The two entries off the diagonal differ."),
        "flat along a line": Mistake([[1.0, 1.0], [1.0, 1.0]], "One eigenvalue is 0, so κ is not defined."),
        "nearly flat along a line": Mistake(
            [[1.0, 1 - 1e-12], [1 - 1e-12, 1.0]], "The condition number is too large. Choose a less extreme matrix."
        ),
        "a saddle": Mistake([[1.0, 2.0], [2.0, 1.0]], "One eigenvalue is negative: this is not a bowl."),
        "zeros on the diagonal": Mistake([[0.0, 1.0], [1.0, 0.0]], "Its eigenvalues are 1 and −1."),
        "nan": Mistake(np.full((2, 2), np.nan)),
        "too large": Mistake([[5000.0, 4990.0], [4990.0, 5000.0]], "Divide H by a number: κ stays the same."),
        "three weights": Mistake(np.eye(3) + 99),
        "a row": Mistake([1.0, 0.9, 0.9, 1.0]),
        "text": Mistake("[[1, 0.9], [0.9, 1]]"),
    },
    variants={
        "a list": [[1, 0.9], [0.9, 1]],
        "integers": np.array([[100, 99], [99, 100]]),
        "negative correlation": np.array([[2.0, -1.9], [-1.9, 2.0]]),
        "an unequal diagonal": np.array([[1.0, 9.9], [9.9, 100.0]]),
        "exactly 10 times": [[11, 9], [9, 11]],
        "exactly 10 times, halves": np.array([[5.5, 4.5], [4.5, 5.5]]),
    },
)


# --- standardize(X_train, X_test) -------------------------------------------------------------------------------


def shift_and_scale(X_train, X_test, mean, scale):
    return (X_train - mean) / scale, (X_test - mean) / scale


def divide_by(scale):
    """A function that subtracts the training mean and divides by ``scale(X_train)``."""
    return lambda X_train, X_test: shift_and_scale(X_train, X_test, X_train.mean(axis=0), scale(X_train))


def column_std(X):
    return X.std(axis=0)


def one_where_zero(scale):
    return np.where(scale > 0, scale, 1)


def nonzero_std(X):
    return one_where_zero(column_std(X))


def is_constant(X):
    return X.max(axis=0) == X.min(axis=0)


def sample_std(X):
    return one_where_zero(column_std(X) * np.sqrt(len(X) / max(len(X) - 1, 1)))


def std_from_raw_moments(X):
    """The root of the mean square minus the squared mean. Far from 0 the two cancel."""
    std = np.sqrt(np.maximum((X.astype(float) ** 2).mean(axis=0) - X.mean(axis=0) ** 2, 0))
    return np.where(is_constant(X), 1, std)


def standardize_rows(X):
    return (X - X.mean(axis=1, keepdims=True)) / np.maximum(X.std(axis=1, keepdims=True), 1e-9)


def wrong_each_set_by_itself(X_train, X_test):
    fitted = X_test if len(X_test) else X_train
    return reference_standardize(X_train, X_train)[0], reference_standardize(fitted, X_test)[1]


def wrong_scale_at_least_one(X_train, X_test):
    mean, spread = X_train.mean(axis=0), np.maximum(X_train.std(axis=0), 1)
    return (X_train - mean) / spread, (X_test - mean) / spread


def wrong_both_sets_together(X_train, X_test):
    both = np.vstack([X_train, X_test])
    return reference_standardize(both, X_train)[1], reference_standardize(both, X_test)[1]


def wrong_zero_where_constant(X_train, X_test):
    Z_train, Z_test = reference_standardize(X_train, X_test)
    return np.where(is_constant(X_train), 0.0, Z_train), np.where(is_constant(X_train), 0.0, Z_test)


def wrong_not_shifted_where_constant(X_train, X_test):
    Z_train, Z_test = reference_standardize(X_train, X_test)
    return np.where(is_constant(X_train), X_train, Z_train), np.where(is_constant(X_train), X_test, Z_test)


def wrong_without_constant_columns(X_train, X_test):
    varies = ~is_constant(X_train)
    return reference_standardize(X_train[:, varies], X_test[:, varies])


def wrong_in_place_standardization(X_train, X_test):
    mean, std = X_train.mean(axis=0), nonzero_std(X_train)
    X_train -= mean
    X_train /= std
    X_test -= mean
    X_test /= std
    return X_train, X_test


def wrong_truncated_to_integers(X_train, X_test):
    Z_train, Z_test = reference_standardize(X_train, X_test)
    return Z_train.astype(X_train.dtype), Z_test.astype(X_test.dtype)


def right_from_shifted_moments(X_train, X_test):
    X_train, X_test = X_train.astype(float), X_test.astype(float)
    shift = X_train[0]  # without it, the two moments of a column far from 0 would cancel
    mean = (X_train - shift).sum(axis=0) / len(X_train)
    std = np.sqrt(np.maximum(((X_train - shift) ** 2).mean(axis=0) - mean**2, 0))
    std[is_constant(X_train)] = 1
    return [(X - shift - mean) / std for X in (X_train, X_test)]


def right_with_a_loop(X_train, X_test):
    Z_train, Z_test = X_train.astype(float), X_test.astype(float)
    for j in range(X_train.shape[1]):
        mean, std = X_train[:, j].mean(), X_train[:, j].std()
        if std < 1e-12:
            std = 1
        Z_train[:, j] = (Z_train[:, j] - mean) / std
        Z_test[:, j] = (Z_test[:, j] - mean) / std
    return Z_train, Z_test


def right_with_masked_division(X_train, X_test):
    mean, std = np.mean(X_train, axis=0, dtype=float), np.std(X_train, axis=0, dtype=float)
    centred = X_train - mean, X_test - mean
    return tuple(np.divide(X, std, out=X.copy(), where=std > 0) for X in centred)


standardize = Catalogue(
    mistakes={
        "σ below 1 not scaled": Mistake(
            wrong_scale_at_least_one,
            "Columns with a standard deviation below 1 are not scaled. Leave out only 0.",
        ),
        "leak: each by itself": Mistake(
            wrong_each_set_by_itself,
            "X_test is standardised by its own statistics. The same picture then becomes two different inputs.",
        ),
        "leak: together": Mistake(
            wrong_both_sets_together,
            "The statistics come from both sets. Test data must not influence the preprocessing.",
        ),
        "along the rows": Mistake(
            lambda X_train, X_test: (standardize_rows(X_train), standardize_rows(X_test)),
            "It computes the statistics of each row. Rows are examples, columns are features.",
        ),
        "one mean for all": Mistake(
            lambda X_train, X_test: shift_and_scale(X_train, X_test, X_train.mean(), X_train.std()),
            "It uses one mean and one standard deviation for all features. Along which axis do you average?",
        ),
        "no guard": Mistake(
            divide_by(column_std),
            "A column that is constant in X_train has standard deviation 0, and it divides by that.",
        ),
        "small constant added": Mistake(
            divide_by(lambda X_train: column_std(X_train) + 1e-8),
            "The small constant changes every value slightly, and the test values of a constant column a lot.",
        ),
        "small lower bound": Mistake(
            divide_by(lambda X_train: np.maximum(column_std(X_train), 1e-12)),
            "Test values in a column that is constant in X_train become huge: they are divided by a tiny number.",
        ),
        "nan to zero": Mistake(
            on_output(divide_by(column_std), lambda pair: tuple(np.nan_to_num(Z) for Z in pair)),
            "Test values in a column that is constant in X_train become huge: do not divide by 0.",
        ),
        "zero where constant": Mistake(
            wrong_zero_where_constant,
            "A column that is constant in X_train should be shifted in X_test, not set to 0.",
        ),
        "not shifted where constant": Mistake(
            wrong_not_shifted_where_constant,
            "A column that is constant in X_train is not shifted: its mean is still there.",
        ),
        "columns dropped": Mistake(
            wrong_without_constant_columns, "It drops columns. Each result must have the shape of its input."
        ),
        "small is constant": Mistake(
            divide_by(lambda X_train: np.where(column_std(X_train) < 1e-3, 1, column_std(X_train))),
            "It does not scale columns with a small standard deviation. Small is not constant: the unit may be large.",
        ),
        "tiny is constant": Mistake(
            divide_by(lambda X_train: np.where(column_std(X_train) < 1e-10, 1, column_std(X_train))),
            "It does not scale columns with a tiny standard deviation. Compare it with 0.",
        ),
        "mean of squares less squared mean": Mistake(
            divide_by(std_from_raw_moments),
            (
                "Far from 0 it is inaccurate, like the difference of two large squares. Subtract the mean "
                "before you square."
            ),
        ),
        "n - 1": Mistake(
            divide_by(sample_std), "The variance is divided by n − 1. Here it is the mean of the squared deviations."
        ),
        "variance": Mistake(
            divide_by(lambda X_train: nonzero_std(X_train) ** 2),
            "It divides by the variance. What has the same unit as the feature?",
        ),
        "not shifted": Mistake(
            lambda X_train, X_test: shift_and_scale(X_train, X_test, 0, nonzero_std(X_train)),
            "The columns of X_train do not have mean 0.",
        ),
        "clipped": Mistake(
            on_output(reference_standardize, lambda sets: tuple(np.clip(Z, -10, 10) for Z in sets)),
            "It limits large values. A row that is far from the training rows should stay far.",
        ),
        "not scaled": Mistake(
            divide_by(lambda X_train: 1), "The features are shifted, but each still has its own scale."
        ),
        "between 0 and 1": Mistake(
            lambda X_train, X_test: shift_and_scale(
                X_train, X_test, X_train.min(axis=0), one_where_zero(np.ptp(X_train, axis=0))
            ),
            "It maps each feature to the range from 0 to 1. It should have mean 0 and standard deviation 1.",
        ),
        "test data only scaled": Mistake(
            lambda X_train, X_test: (reference_standardize(X_train, X_test)[0], X_test / nonzero_std(X_train)),
            "X_test is scaled but not shifted.",
        ),
        "test data unchanged": Mistake(
            lambda X_train, X_test: (reference_standardize(X_train, X_test)[0], X_test * 1.0),
            "X_test is neither shifted nor scaled.",
        ),
        "swapped": Mistake(
            on_output(reference_standardize, lambda pair: pair[::-1]), "Return the training data first."
        ),
        "training data alone": Mistake(
            on_output(reference_standardize, lambda pair: pair[0]), "Return both training data and test data."
        ),
        "in place": Mistake(
            wrong_in_place_standardization, "It changes the caller's array, and raises an error for integers."
        ),
        "truncated to integers": Mistake(
            wrong_truncated_to_integers, "The results for integer features are truncated to integers. Return floats."
        ),
    },
    variants={
        "guarded": divide_by(nonzero_std),
        "from shifted moments": right_from_shifted_moments,
        "with a loop": right_with_a_loop,
        "masked division": right_with_masked_division,
        "equal to 0": divide_by(lambda X_train: column_std(X_train) + (column_std(X_train) == 0)),
        "a list": on_output(reference_standardize, list),
        "keepdims": lambda X_train, X_test: shift_and_scale(
            X_train, X_test, X_train.mean(axis=0, keepdims=True), nonzero_std(X_train)[None, :]
        ),
    },
)


# --- momentum_step(W, V, grad, lr, alpha) -----------------------------------------------------------------------


def wrong_average(W, V, grad, lr, alpha):
    V = alpha * V + (1 - alpha) * lr * grad
    return W - V, V


def wrong_average_with_lr_outside(W, V, grad, lr, alpha):
    V = alpha * V + (1 - alpha) * grad
    return W - lr * V, V


def wrong_lr_outside(W, V, grad, lr, alpha):
    V = grad + alpha * V
    return W - lr * V, V


def wrong_first_step_without_lr(W, V, grad, lr, alpha):
    """PyTorch's first step, in which the buffer is the gradient."""
    V = lr * grad + alpha * V if V.any() else 1.0 * grad
    return W - V, V


def wrong_nesterov(W, V, grad, lr, alpha):
    V = reference_momentum_step(W, V, grad, lr, alpha)[1]
    return W - (lr * grad + alpha * V), V


def wrong_sign_of_V(W, V, grad, lr, alpha):
    """A common convention, but not the slide's."""
    V = alpha * V - lr * grad
    return W + V, V


def wrong_in_place_momentum(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    W -= V
    return W, V


def right_element_by_element_momentum(W, V, grad, lr, alpha):
    W_new, V_new = np.empty(W.shape), np.empty(W.shape)
    for index in np.ndindex(W.shape):
        V_new[index] = lr * grad[index] + alpha * V[index]
        W_new[index] = W[index] - V_new[index]
    return W_new, V_new


momentum_step = Catalogue(
    mistakes={
        "lr outside": Mistake(
            wrong_lr_outside,
            "The learning rate is outside of V, as in PyTorch. Where is ε on the slide “Momentum”?",
        ),
        "true average": Mistake(
            wrong_average,
            "The new gradient is multiplied by 1 − α, as in a true average. Which factor does it have on the slide?",
        ),
        "true average, lr outside": Mistake(
            wrong_average_with_lr_outside,
            "This is a true moving average with the learning rate outside of V. The slide has neither.",
        ),
        "W + V": Mistake(
            lambda W, V, grad, lr, alpha: (W + (lr * grad + alpha * V), lr * grad + alpha * V),
            "The weights move uphill. Which sign does V have in the slide's first line?",
        ),
        "V not carried": Mistake(
            lambda W, V, grad, lr, alpha: (W - lr * grad, lr * grad), "The old V is never used: this is plain SGD."
        ),
        "first step without lr": Mistake(
            wrong_first_step_without_lr,
            "Where V is 0, the new V is the gradient without the learning rate. The slide's line has no first step.",
        ),
        "steps by the old V": Mistake(
            lambda W, V, grad, lr, alpha: (W - V, lr * grad + alpha * V),
            "The weights move by the old V. Which V does the slide subtract?",
        ),
        "Nesterov": Mistake(
            wrong_nesterov,
            "The weights move by lr grad + α V_new: that is Nesterov momentum, an option of PyTorch's box.",
        ),
        "minus in V": Mistake(
            wrong_sign_of_V,
            "V has the opposite sign, as in some books. On the slide W moves by −V, so V points uphill.",
        ),
        "lr on both": Mistake(
            lambda W, V, grad, lr, alpha: (W - lr * (grad + alpha * V), lr * (grad + alpha * V)),
            "The old V is multiplied by the learning rate again: it already contains one.",
        ),
        "lr and alpha swapped": Mistake(
            lambda W, V, grad, lr, alpha: reference_momentum_step(W, V, grad, alpha, lr), "lr and alpha are swapped."
        ),
        "alpha on both": Mistake(
            lambda W, V, grad, lr, alpha: (W - alpha * (lr * grad + V), alpha * (lr * grad + V)),
            "The new gradient is multiplied by alpha, too.",
        ),
        "alpha capped": Mistake(
            on_argument(reference_momentum_step, "alpha", lambda alpha: min(alpha, 0.9)),
            "It limits alpha. Use the alpha that is passed.",
        ),
        "alpha forgotten": Mistake(
            on_argument(reference_momentum_step, "alpha", lambda alpha: 1.0),
            "alpha is not used: the old V is kept whole.",
        ),
        "gradient twice": Mistake(
            lambda W, V, grad, lr, alpha: (W - lr * grad - (lr * grad + alpha * V), lr * grad + alpha * V),
            "The gradient counts twice: V already contains it.",
        ),
        "uphill in V": Mistake(
            on_argument(reference_momentum_step, "grad", np.negative), "The gradient enters V with the wrong sign."
        ),
        "swapped": Mistake(
            on_output(reference_momentum_step, lambda pair: pair[::-1]), "Return W_new first, then V_new."
        ),
        "W alone": Mistake(
            on_output(reference_momentum_step, lambda pair: pair[0]),
            "Return V_new, too: the next step needs it.",
        ),
        "V_new not returned": Mistake(
            lambda W, V, grad, lr, alpha: (W - (lr * grad + alpha * V), V), "It returns the old V instead of the new V."
        ),
        "in place": Mistake(
            wrong_in_place_momentum,
            "It changes the caller's arrays in place. Make new ones.",
        ),
    },
    variants={
        "the slide's lines": lambda W, V, grad, lr, alpha: (W - (lr * grad + alpha * V), lr * grad + alpha * V),
        "from the difference": lambda W, V, grad, lr, alpha: (lambda W_new: (W_new, W - W_new))(
            W - alpha * V - lr * grad
        ),
        "element by element": right_element_by_element_momentum,
        "in place on copies": lambda W, V, grad, lr, alpha: wrong_in_place_momentum(
            W.copy(), V.copy(), grad, lr, alpha
        ),
        "einsum": lambda W, V, grad, lr, alpha: (lambda V: [W - V, V])(
            np.einsum("k,k...->...", np.array([lr, alpha]), np.stack([grad, V]))
        ),
    },
)


# --- torch_sgd_step(theta, grad, buf, *, lr, ...) ---------------------------------------------------------------


def with_fixed_options(**fixed):
    """The right step, but some options are fixed: ``with_fixed_options(dampening=0)`` ignores the dampening."""

    def step(theta, grad, buf, **options):
        return reference_torch_sgd_step(theta, grad, buf, **{**options, **fixed})

    return step


def algorithm_box(
    *,
    make_gradient=lambda theta, grad, decay, maximize: (-grad if maximize else grad) + decay * theta,
    first_buffer=lambda g, tau: 1.0 * g,
    next_buffer=lambda g, buf, mu, tau: mu * buf + (1 - tau) * g,
    look_ahead=lambda g, buf, mu: g + mu * buf,
    move=lambda theta, g, lr, decay, maximize: theta - lr * g,
    results=lambda theta, old_buf, buf, mu: (theta, buf),
):
    """PyTorch's box with some of its lines replaced."""

    def step(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
        g, old_buf = make_gradient(theta, grad, weight_decay, maximize), buf
        if momentum != 0:
            buf = first_buffer(g, dampening) if buf is None else next_buffer(g, buf, momentum, dampening)
            g = look_ahead(g, buf, momentum) if nesterov else buf
        return results(move(theta, g, lr, weight_decay, maximize), old_buf, buf, momentum)

    return step


def wrong_lr_in_the_buffer(
    theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    v = lr * ((-grad if maximize else grad) + weight_decay * theta)
    if momentum == 0:
        return theta - v, buf
    b = v if buf is None else momentum * buf + (1 - dampening) * v
    return theta - (v + momentum * b if nesterov else b), b


def wrong_gradient_as_buffer(theta, grad, buf, *, weight_decay=0, maximize=False, **options):
    """With no weight decay and no maximize, the first buffer is the array `grad` itself."""
    g = -grad if maximize else grad
    if weight_decay:
        g = g + weight_decay * theta
    options |= {"weight_decay": weight_decay, "maximize": maximize}
    theta_new, buf_new = reference_torch_sgd_step(theta, grad, buf, **options)
    return theta_new, (g if buf is None and buf_new is not None else buf_new)


def wrong_gradient_in_first_buffer(
    theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    """The first buffer is a copy of `grad` instead of `g`."""
    g = (-grad if maximize else grad) + weight_decay * theta
    if momentum != 0:
        buf = np.array(grad) if buf is None else momentum * buf + (1 - dampening) * g
        g = g + momentum * buf if nesterov else buf
    return theta - lr * g, buf


def wrong_buffer_in_place(theta, grad, buf, **options):
    theta_new, buf_new = reference_torch_sgd_step(theta, grad, buf, **options)
    if buf is not None and buf_new is not buf:
        buf[...] = buf_new
        buf_new = buf
    return theta_new, buf_new


def wrong_theta_in_place(theta, grad, buf, **options):
    theta_new, buf_new = reference_torch_sgd_step(theta, grad, buf, **options)
    theta[...] = theta_new
    return theta, buf_new


def wrong_gradient_in_place(theta, grad, buf, *, weight_decay=0, maximize=False, **options):
    """With `maximize`, `-grad` is a new array, and the caller's gradient survives."""
    if maximize:
        grad = -grad
    if weight_decay:
        grad += weight_decay * theta
    return reference_torch_sgd_step(theta, grad, buf, **options)


def wrong_look_ahead_in_buffer(theta, grad, buf, *, nesterov=False, **options):
    theta_new, buf_new = reference_torch_sgd_step(theta, grad, buf, nesterov=nesterov, **options)
    return theta_new, (theta - theta_new) / options["lr"] if nesterov else buf_new


def wrong_zeros_for_none(theta, grad, buf, **options):
    theta_new, buf_new = reference_torch_sgd_step(theta, grad, buf, **options)
    return theta_new, np.zeros(theta_new.shape) if buf_new is None else buf_new


def wrong_buffer_without_momentum(
    theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    g = (-grad if maximize else grad) + weight_decay * theta
    buf = g if buf is None else momentum * buf + (1 - dampening) * g
    return theta - lr * (g + momentum * buf if nesterov else buf), buf


def wrong_truth_value_of_buffer(theta, grad, buf, **options):
    if buf:
        return reference_torch_sgd_step(theta, grad, buf, **options)
    return reference_torch_sgd_step(theta, grad, None, **options)


def right_one_formula(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    g = grad * (1 - 2 * maximize) + theta * weight_decay
    buf_new = g.copy() if buf is None else buf * momentum + g * (1 - dampening)
    step = nesterov * g + (momentum if nesterov else 1) * buf_new if momentum else g
    return theta - step * lr, buf_new if momentum else buf


def right_as_in_pytorch(
    theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    grad = np.negative(grad) if maximize else np.array(grad)
    if weight_decay != 0:
        grad += weight_decay * theta
    if momentum != 0:
        if buf is None:
            buf = grad.copy()
        else:
            buf = buf.copy()
            buf *= momentum
            buf += (1 - dampening) * grad
        grad = grad + momentum * buf if nesterov else buf
    return theta - lr * grad, buf


def right_number_by_number(theta, grad, buf, **options):
    theta_new = np.empty(theta.shape)
    buf_new = None if options.get("momentum", 0) == 0 else np.empty(theta.shape)
    for index in np.ndindex(theta.shape):
        old = None if buf is None else buf[index]
        theta_new[index], new = reference_torch_sgd_step(theta[index], grad[index], old, **options)
        if buf_new is not None:
            buf_new[index] = new
    return theta_new, buf if buf_new is None else buf_new


def right_maximize_by_minimizing(theta, grad, buf, *, maximize=False, **options):
    if maximize:
        return right_maximize_by_minimizing(theta, -grad, buf, **options)
    theta, buf = reference_torch_sgd_step(theta, grad, buf, **options)
    return [theta, buf if buf is None else np.array(buf)]


torch_sgd_step = Catalogue(
    mistakes={
        "dampening at the first step": Mistake(
            algorithm_box(first_buffer=lambda g, tau: (1 - tau) * g),
            "The first gradient is dampened. In the box the buffer starts as the whole gradient.",
        ),
        "buffer starts at zero": Mistake(
            algorithm_box(first_buffer=lambda g, tau: 0.0 * g),
            "After the first step the buffer is zero, and the gradient is lost. What is b₁ in the box?",
        ),
        "decay beside the buffer": Mistake(
            algorithm_box(
                make_gradient=lambda theta, grad, decay, maximize: 1.0 * (-grad if maximize else grad),
                move=lambda theta, g, lr, decay, maximize: theta - lr * g - lr * decay * theta,
            ),
            "Weight decay changes the weights directly, as in AdamW. In the box it is added to the gradient.",
        ),
        "decay ignored": Mistake(with_fixed_options(weight_decay=0), "weight_decay has no effect."),
        "decay twice": Mistake(
            algorithm_box(
                make_gradient=lambda theta, grad, decay, maximize: (-grad if maximize else grad) + 2 * decay * theta
            ),
            "Weight decay is twice as strong as it should be. What is the gradient of ½λ‖θ‖²?",
        ),
        "decay pushes away": Mistake(
            algorithm_box(
                make_gradient=lambda theta, grad, decay, maximize: (-grad if maximize else grad) - decay * theta
            ),
            "Weight decay makes the weights grow. Check its sign.",
        ),
        "the slide's maximize": Mistake(
            algorithm_box(
                make_gradient=lambda theta, grad, decay, maximize: grad + decay * theta,
                move=lambda theta, g, lr, decay, maximize: theta + (lr if maximize else -lr) * g,
            ),
            "maximize changes the sign at the very end, as on the slide. Then weight decay makes the weights grow.",
        ),
        "maximize after the decay": Mistake(
            algorithm_box(
                make_gradient=lambda theta, grad, decay, maximize: (-1 if maximize else 1) * (grad + decay * theta)
            ),
            "maximize also changes the sign of the weight decay. Which of the two terms should keep its sign?",
        ),
        "maximize ignored": Mistake(with_fixed_options(maximize=False), "maximize has no effect."),
        "lr in the buffer": Mistake(
            wrong_lr_in_the_buffer,
            "The learning rate is inside the buffer, as in the lecture's V. Which line of the box contains γ?",
        ),
        "momentum ignored": Mistake(
            algorithm_box(next_buffer=lambda g, buf, mu, tau: (1 - tau) * g), "The old buffer is never used."
        ),
        "dampening ignored": Mistake(with_fixed_options(dampening=0), "dampening has no effect."),
        "τ for 1 − τ": Mistake(
            algorithm_box(next_buffer=lambda g, buf, mu, tau: mu * buf + tau * g),
            "The new gradient is multiplied by the dampening τ. Which factor does the box have there?",
        ),
        "no buffer": Mistake(
            on_output(reference_torch_sgd_step, lambda pair: (pair[0], None)),
            "The returned buffer is always None: return the buffer for the next step.",
        ),
        "1 − μ on the old buffer": Mistake(
            algorithm_box(next_buffer=lambda g, buf, mu, tau: (1 - mu) * buf + (1 - tau) * g),
            "The old buffer is multiplied by 1 − μ. Which factor does it have in the box?",
        ),
        "dampening on the old buffer": Mistake(
            algorithm_box(next_buffer=lambda g, buf, mu, tau: (1 - tau) * mu * buf + g),
            "Dampening reduces the old buffer. Which term does 1 − τ multiply in the box?",
        ),
        "dampening on both": Mistake(
            algorithm_box(next_buffer=lambda g, buf, mu, tau: (1 - tau) * (mu * buf + g)),
            "Dampening reduces both terms. In the box, 1 − τ multiplies only one of them.",
        ),
        "true average": Mistake(
            algorithm_box(next_buffer=lambda g, buf, mu, tau: mu * buf + (1 - mu) * g),
            "The new gradient is multiplied by 1 − μ. Which letter does the box have there?",
        ),
        "nesterov ignored": Mistake(
            algorithm_box(look_ahead=lambda g, buf, mu: buf),
            "nesterov has no effect. (Do you add the old buffer? Then the step is the same as without nesterov.)",
        ),
        "nesterov without the gradient": Mistake(
            algorithm_box(look_ahead=lambda g, buf, mu: mu * buf), "With nesterov, the gradient itself is lost."
        ),
        "nesterov without μ": Mistake(
            algorithm_box(look_ahead=lambda g, buf, mu: g + buf),
            "With nesterov, the whole buffer is added: a factor is missing.",
        ),
        "nesterov kept in the buffer": Mistake(
            wrong_look_ahead_in_buffer, "nesterov looks ahead for this step only. It does not change the buffer."
        ),
        "old buffer returned": Mistake(
            algorithm_box(results=lambda theta, old_buf, buf, mu: (theta, old_buf)),
            "It returns the old buffer instead of the new one.",
        ),
        "zeros for None": Mistake(
            wrong_zeros_for_none, "If momentum is 0, return buf as it was passed in, even if that is None."
        ),
        "buffer forgotten without momentum": Mistake(
            algorithm_box(results=lambda theta, old_buf, buf, mu: (theta, buf if mu else None)),
            "If momentum is 0, return buf as it was passed in: PyTorch keeps it for later.",
        ),
        "buffer filled without momentum": Mistake(
            wrong_buffer_without_momentum, "The buffer is changed although momentum is 0. Which lines of the box run?"
        ),
        "theta alone": Mistake(
            algorithm_box(results=lambda theta, old_buf, buf, mu: theta), "Return buf, too: the next step needs it."
        ),
        "swapped": Mistake(
            algorithm_box(results=lambda theta, old_buf, buf, mu: (buf, theta)),
            "Return theta first, then the buffer.",
        ),
        "the gradient as buffer": Mistake(
            wrong_gradient_as_buffer,
            "The first buffer is the array grad itself. If the caller overwrites grad, the buffer changes with it.",
        ),
        "grad in the first buffer": Mistake(
            wrong_gradient_in_first_buffer,
            "The first buffer holds the numbers of grad. Which array of the code is g_t, with all options?",
        ),
        "buffer changed in place": Mistake(
            wrong_buffer_in_place, "It writes into the buffer that was passed in. Make a new array."
        ),
        "theta changed in place": Mistake(wrong_theta_in_place, "It writes into theta. Make a new array."),
        "gradient changed in place": Mistake(
            wrong_gradient_in_place, "It writes into the gradient that was passed in. Make a new array."
        ),
        "buffer of zeros ignored": Mistake(
            on_argument(reference_torch_sgd_step, "buf", lambda buf: None if buf is None or not buf.any() else buf),
            "A buffer of zeros is still a buffer, not the first step. Ask whether it is None.",
        ),
        "if buf": Mistake(
            wrong_truth_value_of_buffer,
            "`if buf` asks for one truth value of an array. Ask whether it is None.",
            names=("if buf",),
            otherwise="It fails if the buffer is an array, which has no single truth value. Ask whether it is None.",
        ),
    },
    variants={
        "one formula": right_one_formula,
        "as in PyTorch's code": right_as_in_pytorch,
        "number by number": right_number_by_number,
        "maximizes by minimizing": right_maximize_by_minimizing,
        "lines of the box": algorithm_box(),
        "the reference, copied": on_output(
            reference_torch_sgd_step, lambda pair: tuple(item if item is None else np.array(item) for item in pair)
        ),
    },
)
