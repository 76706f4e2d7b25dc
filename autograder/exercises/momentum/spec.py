"""The exercises of `05-momentum/momentum.ipynb`."""

import math

import numpy as np

from ...judging.compare import describe_difference
from ...judging.model import Exercise, Mistake, Rule, case
from ...judging.quizzes import choose_all, fill_in, predict

OPTIMIZATION, MOMENTUM, PYTORCH = "Optimization", "Momentum", "Momentum in pytorch"
NO_SHORTCUTS = ("torch", "tensorflow", "jax", "optax", "keras")

momentum_predictions = predict("momentum_predictions", "abc", questions=2, points=1, slide=MOMENTUM)


def one_of_two(number, reference, what, atol=1e-12):
    """The property that one of the two returned items is right, whatever the other one is."""

    def holds(asked, value):
        if not isinstance(value, list | tuple) or len(value) != 2:
            return "it does not return two arrays"
        wrong = describe_difference(value[number], reference(*asked.args, **asked.kwargs)[number], rtol=1e-9, atol=atol)
        return f"{what}: {wrong}" if wrong else None

    return holds


# --- quadratic_grad(H, w) ---------------------------------------------------------------------------------------


def definite(rng, d):
    """A symmetric positive definite matrix that is far from diagonal."""
    root = rng.normal(size=(d, d))
    return root @ root.T / d + 0.3 * np.eye(d) + 0.5


def diagonal_bowls(rng):
    yield case(np.diag(rng.permutation([1.0, 100.0])), rng.normal(size=2), about="a diagonal H")
    yield case(np.diag(rng.uniform(1, 50, 4)), rng.normal(size=4), about="a diagonal H, four weights")
    yield case(np.array([[rng.uniform(2, 9)]]), rng.normal(size=1), about="a single weight")
    far = rng.choice([-1, 1], 3) * rng.uniform(200, 2000, 3) * rng.permutation([1, 1, 1e-8])
    yield case(np.diag(rng.uniform(1, 50, 3)), far, about="weights that are large, and one that is tiny")


def turned_bowls(rng):
    for d in (2, 3, 5):
        yield case(definite(rng, d), rng.normal(size=d), about=f"an H that is not diagonal, {d} weights")
    yield case(np.array([[4, 1], [1, 3]]), rng.permutation([1, -2]), about="integers")
    yield case(definite(rng, 3), rng.permutation([1, -2, 3]), about="weights that are integers")
    yield case(np.array([[4, 1], [1, 3]]), rng.normal(size=2), about="an H of integers")
    yield case(definite(rng, 3), np.array([0.0, rng.uniform(1, 2), 0.0]), about="weights along one axis")
    yield case(definite(rng, 3), np.zeros(3), about="weights that are all 0")


def along_the_rows(H, w):
    return np.array([math.fsum(row * w) for row in np.asarray(H, dtype=float)])


def element_by_element(H, w):
    grad = np.zeros(len(w))
    for i in range(len(w)):
        for j in range(len(w)):
            grad[i] += H[i, j] * w[j]
    return grad


def central_differences(H, w, h=1e-5):
    def bowl(v):
        return v @ H @ v / 2

    return np.array([(bowl(w + h * unit) - bowl(w - h * unit)) / (2 * h) for unit in np.eye(len(w))])


def scales_w(H, w):
    w *= np.diag(H)
    return w


quadratic_grad = Exercise(
    signature="quadratic_grad(H, w)",
    slide=MOMENTUM,
    reference=along_the_rows,
    rules=(
        Rule(
            "a bowl along the axes",
            1,
            diagonal_bowls,
            "Write f out for two weights and differentiate.",
            rtol=1e-13,
            atol=1e-13,
        ),
        Rule(
            "a bowl that is turned",
            1,
            turned_bowls,
            "With H₁₂ ≠ 0 the slope along w₁ depends on w₂ too.",
            rtol=1e-13,
            atol=1e-13,
            mutation="none",
        ),
    ),
    mistakes={
        "diagonal only": Mistake(
            lambda H, w: np.diag(H) * w, "It reads the diagonal of H alone: the bowl may be turned against the axes."
        ),
        "half kept": Mistake(
            lambda H, w: along_the_rows(H, w) / 2, "It is half as long as it should be: what does a square leave?"
        ),
        "twice": Mistake(
            lambda H, w: 2 * along_the_rows(H, w), "It is twice as long: the ½ in front of the bowl cancels something."
        ),
        "sign": Mistake(lambda H, w: -along_the_rows(H, w), "It points downhill: the gradient points uphill."),
        "the bowl itself": Mistake(lambda H, w: w @ H @ w / 2, "That is the height of the bowl, a number."),
        "the bowl, twice": Mistake(lambda H, w: w @ H @ w, "One w too many: that is a number, not a gradient."),
        "not added up": Mistake(lambda H, w: H * w, "These are the products of a row with w, not yet added up."),
        "wrong way round": Mistake(
            lambda H, w: (H * w).sum(axis=0), "It adds up each column of H times one and the same weight."
        ),
        "solves instead": Mistake(
            lambda H, w: np.linalg.solve(H, w), "It divides by H: that leads from a gradient to a place, not back."
        ),
        "H forgotten": Mistake(lambda H, w: 1.0 * w, "Without H the bowl would be round."),
        "H twice": Mistake(lambda H, w: H @ H @ w, "H is used twice."),
        "upper triangle": Mistake(
            lambda H, w: np.triu(H) @ w, "It forgets what is below the diagonal: both H₁₂ and H₂₁ bend the bowl."
        ),
        "a column": Mistake(lambda H, w: (H @ w)[:, None], "Return shape (d,), not (d, 1)."),
        "largest curvature": Mistake(
            lambda H, w: np.linalg.norm(H, 2) * w, "It uses the largest curvature in every direction."
        ),
        "finite difference": Mistake(
            central_differences, "A finite difference is only an estimate, and rounding spoils it: use the formula."
        ),
        "changes w": Mistake(scales_w, "It works in w itself: whoever called it finds other weights afterwards."),
    },
    variants={
        "matrix times vector": lambda H, w: H @ w,
        "row vector times matrix": lambda H, w: w @ H,
        "dot": lambda H, w: np.dot(H, w),
        "both halves": lambda H, w: (H @ w + H.T @ w) / 2,
        "einsum": lambda H, w: np.einsum("ij,j->i", H, w),
        "sum": lambda H, w: (H * w).sum(axis=1),
        "element by element": element_by_element,
    },
    forbids=(*NO_SHORTCUTS, "lectrain.check.numerical_gradient"),
)

# a 1 + ελ, b 1 - ελ, c ελ, d 1/L, e 2/L, f 2/(L + m), g 1/(L + m), h (κ - 1)/(κ + 1), i (κ + 1)/(κ - 1), j 1/κ
descent_factors = fill_in(
    "descent_factors",
    {"factor": "b", "limit": "e", "best": "f", "rate": "h"},
    "abcdefghij",
    points=2,
    slide=MOMENTUM,
    hint="Put in m = 1 and L = 3, and try it with numbers.",
)


# --- condition_number(H) ----------------------------------------------------------------------------------------


def diagonal_matrices(rng):
    yield case(np.diag([1.0, 100.0]), about="a diagonal H")
    yield case(np.diag(rng.permutation([0.02, 3.0, 0.5, 40.0])), about="a diagonal H with four entries in any order")
    yield case(np.array([[rng.uniform(2, 9)]]), about="a single weight")
    yield case(np.diag(rng.permutation([2e-6, 5e-5, 3e-4])), about="tiny curvatures")


def turned_matrices(rng):
    for d in (2, 3, 5):
        yield case(definite(rng, d), about=f"an H that is not diagonal, of shape ({d}, {d})")
    rho = rng.choice([-1, 1]) * rng.uniform(0.9, 0.99)
    yield case(np.array([[1, rho], [rho, 1]]), about="two correlated features of unit variance")
    yield case(np.array([[1.0, 0.5], [0.5, 9.0]]), about="an H whose first direction is the flat one")
    weak = np.triu(rng.uniform(0.03, 0.08, (3, 3)), 1)
    yield case(np.diag([5.0, 1.0, 2.0]) + weak + weak.T, about="an H that is nearly diagonal")
    axes = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    near = axes @ np.diag([1, 1.05, 4.8, 5]) @ axes.T
    yield case((near + near.T) / 2, about="an H with curvatures close to each other")
    yield case(np.array([[4, 1], [1, 3]]), about="integers")


def extremes(H):
    values = np.linalg.eigvalsh(np.asarray(H, dtype=float))
    return float(values[-1]), float(values[0])


def kappa(H):
    largest, smallest = extremes(H)
    return largest / smallest


def by_power_iteration(H):
    """The largest eigenvalue of H, and one over that of its inverse, without any eigenvalue routine."""
    H = np.asarray(H, dtype=float)
    sizes = []
    for matrix in (H, np.linalg.inv(H)):
        for _ in range(30):  # squaring doubles the power; what is left in the end projects on the largest
            matrix = matrix @ matrix
            matrix /= np.trace(matrix)
        sizes.append(np.trace(matrix @ H))
    return sizes[0] / sizes[1]


condition_number = Exercise(
    signature="condition_number(H)",
    slide=MOMENTUM,
    reference=kappa,
    rules=(
        Rule(
            "a diagonal H",
            1,
            diagonal_matrices,
            "How steep is the steepest direction, how flat the flattest?",
            rtol=1e-8,
        ),
        Rule(
            "any symmetric H",
            1,
            turned_matrices,
            "A turned bowl has axes of its own: which numbers go with them?",
            rtol=1e-8,
        ),
    ),
    mistakes={
        "diagonal only": Mistake(
            lambda H: float(np.diag(H).max() / np.diag(H).min()),
            "It compares entries of the diagonal: they are the curvatures only if the bowl lies along the axes.",
        ),
        "upside down": Mistake(lambda H: 1 / kappa(H), "It is below 1: the larger one comes first."),
        "difference": Mistake(lambda H: extremes(H)[0] - extremes(H)[1], "A ratio, not a difference."),
        "unsorted": Mistake(
            lambda H: float(np.linalg.eig(H)[0][0] / np.linalg.eig(H)[0][-1]),
            "np.linalg.eig gives eigenvalues in no particular order: first and last need not be the extremes.",
        ),
        "largest only": Mistake(lambda H: extremes(H)[0], "The largest eigenvalue alone says nothing of the shape."),
        "unsorted, from the other end": Mistake(
            lambda H: float(np.linalg.eig(H)[0][-1] / np.linalg.eig(H)[0][0]),
            "np.linalg.eig gives eigenvalues in no particular order: first and last need not be the extremes.",
        ),
        "squared": Mistake(lambda H: kappa(H) ** 2, "Squared once too often: H is the matrix, not the data."),
        "square root": Mistake(
            lambda H: kappa(H) ** 0.5, "That is the ratio of the ellipse's axes: its square is asked for."
        ),
        "entries": Mistake(
            lambda H: float(np.max(np.abs(H)) / max(np.min(np.abs(H)), 1e-12)),
            "It compares entries of H. In a turned bowl no entry is a curvature along an axis.",
        ),
        "determinant": Mistake(lambda H: float(np.linalg.det(H)), "The determinant multiplies the eigenvalues."),
        "trace": Mistake(
            lambda H: float(np.trace(H) / extremes(H)[1]), "The trace adds up all eigenvalues: take the largest."
        ),
        "another norm": Mistake(
            lambda H: float(np.linalg.norm(H) * np.linalg.norm(np.linalg.inv(H))),
            "This norm mixes all eigenvalues: only two of them count.",
        ),
        "eigenvalues": Mistake(lambda H: np.linalg.eigvalsh(H), "These are the eigenvalues: one number is asked for."),
        "mean": Mistake(
            lambda H: float(np.linalg.eigvalsh(H).max() / np.linalg.eigvalsh(H).mean()),
            "It divides by the mean eigenvalue: the slowest direction decides.",
        ),
    },
    variants={
        "eigvalsh": lambda H: np.linalg.eigvalsh(H)[-1] / np.linalg.eigvalsh(H)[0],
        "eigvals": lambda H: max(np.linalg.eigvals(H)) / min(np.linalg.eigvals(H)),
        "eigh": lambda H: float(np.linalg.eigh(H)[0].max() / np.linalg.eigh(H)[0].min()),
        "cond": lambda H: np.linalg.cond(H),
        "singular values": lambda H: (lambda s: s[0] / s[-1])(np.linalg.svd(H, compute_uv=False)),
        "norms": lambda H: np.linalg.norm(H, 2) * np.linalg.norm(np.linalg.inv(H), 2),
        "power iteration": by_power_iteration,
        "a 0-d array": lambda H: np.array(kappa(H)),
    },
    forbids=NO_SHORTCUTS,
)


# --- standardize(X_train, X_test) -------------------------------------------------------------------------------


def tables(rng):
    scale, offset = np.array([100.0, 1.0, 0.01]), np.array([-300.0, 5.0, 0.02])
    yield case(scale * rng.normal(size=(7, 3)) + offset, scale * rng.normal(size=(4, 3)) + offset + scale)
    yield case(rng.normal(3, 2, (4, 6)), rng.normal(0, 2, (5, 6)), about="more features than training rows")
    yield case(rng.normal(3, 2, (9, 2)), rng.normal(0, 2, (1, 2)), about="a single test row")
    yield case(rng.normal(3, 2, (15, 1)), rng.normal(0, 2, (3, 1)), about="a single feature")
    yield case(1e-5 * rng.normal(size=(5, 2)), 1e-5 * rng.normal(size=(3, 2)), about="tiny features")


def constant_columns(rng):
    X_train, X_test = rng.normal(3, 2, (6, 4)), rng.normal(0, 2, (3, 4))
    X_train[:, [1, 3]] = 0.0, 3.0
    yield case(X_train, X_test, about="columns that are constant in X_train")
    yield case(np.round(rng.normal(3, 2, (1, 3))), rng.normal(0, 2, (4, 3)), about="a single training row")
    X_train, X_test = rng.normal(3, 2, (5, 2)), rng.normal(0, 2, (4, 2))
    X_train[:, 0], X_test[:, 0] = 2.0, 2.0
    yield case(X_train, X_test, about="a column that is constant everywhere")
    X_train, X_test = 1 + 1e-5 * rng.normal(size=(5, 2)), 1 + 1e-5 * rng.normal(size=(3, 2))
    yield case(X_train, X_test, about="columns that hardly vary, far from 0")


def other_numbers(rng):
    pixels = np.array([rng.permutation(256)[:8] for _ in range(3)]).T
    yield case(pixels[:5], pixels[5:], about="integers")
    yield case(pixels[:5].astype(np.uint8), pixels[5:].astype(np.uint8), about="pixels (uint8)")
    yield case(
        rng.normal(3, 2, (6, 3)).astype(np.float32), rng.normal(0, 2, (4, 3)).astype(np.float32), about="float32"
    )
    yield case(rng.normal(3, 2, (6, 3)), rng.normal(0, 2, (7, 3)))
    yield case(rng.normal(3, 2, (6, 3)), np.empty((0, 3)), about="no test rows")


def column_by_column(X_train, X_test):
    X_train, X_test = np.asarray(X_train, dtype=float), np.asarray(X_test, dtype=float)
    Z_train, Z_test = np.empty(X_train.shape), np.empty(X_test.shape)
    for j, column in enumerate(X_train.T):
        mean = math.fsum(column) / len(column)
        spread = math.sqrt(math.fsum((column - mean) ** 2) / len(column))
        if column.min() == column.max():
            mean, spread = float(column[0]), 1.0
        Z_train[:, j] = (column - mean) / spread
        Z_test[:, j] = (X_test[:, j] - mean) / spread
    return Z_train, Z_test


def shifted_and_scaled(X_train, X_test, mean, spread):
    return (X_train - mean) / spread, (X_test - mean) / spread


def spread_of(X):
    spread = X.std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def sample_spread(X):
    spread = X.std(axis=0) * np.sqrt(len(X) / max(len(X) - 1, 1))
    return np.where(spread > 0, spread, 1.0)


def each_by_itself(X_train, X_test):
    return column_by_column(X_train, X_train)[0], column_by_column(X_test if len(X_test) else X_train, X_test)[1]


def together(X_train, X_test):
    both = np.vstack([X_train, X_test])
    return column_by_column(both, X_train)[1], column_by_column(both, X_test)[1]


def zero_where_constant(X_train, X_test):
    constant = X_train.max(axis=0) == X_train.min(axis=0)
    Z_train, Z_test = column_by_column(X_train, X_test)
    return np.where(constant, 0.0, Z_train), np.where(constant, 0.0, Z_test)


def left_where_constant(X_train, X_test):
    constant = X_train.max(axis=0) == X_train.min(axis=0)
    Z_train, Z_test = column_by_column(X_train, X_test)
    return np.where(constant, X_train, Z_train), np.where(constant, X_test, Z_test)


def no_constant_columns(X_train, X_test):
    varies = X_train.max(axis=0) > X_train.min(axis=0)
    return column_by_column(X_train[:, varies], X_test[:, varies])


def nan_to_zero(X_train, X_test):
    pair = shifted_and_scaled(X_train, X_test, X_train.mean(axis=0), X_train.std(axis=0))
    return np.nan_to_num(pair[0]), np.nan_to_num(pair[1])


def in_place_tables(X_train, X_test):
    mean, spread = X_train.mean(axis=0), spread_of(X_train)
    X_train -= mean
    X_train /= spread
    X_test -= mean
    X_test /= spread
    return X_train, X_test


def whole_numbers(X_train, X_test):
    Z_train, Z_test = column_by_column(X_train, X_test)
    return Z_train.astype(X_train.dtype), Z_test.astype(X_test.dtype)


def from_moments(X_train, X_test):
    X_train, X_test = X_train.astype(float), X_test.astype(float)
    shift = X_train[0]  # without it the two moments of a far column would cancel
    mean = (X_train - shift).sum(axis=0) / len(X_train)
    spread = np.sqrt(np.maximum(((X_train - shift) ** 2).mean(axis=0) - mean**2, 0))
    spread[X_train.max(axis=0) == X_train.min(axis=0)] = 1
    return [(X - shift - mean) / spread for X in (X_train, X_test)]


def from_moments_that_cancel(X_train, X_test):
    mean = X_train.mean(axis=0)
    spread = np.sqrt(np.maximum((X_train.astype(float) ** 2).mean(axis=0) - mean**2, 0))
    return shifted_and_scaled(X_train, X_test, mean, np.where(np.ptp(X_train, axis=0) > 0, spread, 1))


def with_a_loop(X_train, X_test):
    Z_train, Z_test = X_train.astype(float), X_test.astype(float)
    for j in range(X_train.shape[1]):
        mean, spread = X_train[:, j].mean(), X_train[:, j].std()
        if spread < 1e-12:
            spread = 1
        Z_train[:, j] = (Z_train[:, j] - mean) / spread
        Z_test[:, j] = (Z_test[:, j] - mean) / spread
    return Z_train, Z_test


def small_is_constant(X_train, X_test):
    spread = X_train.std(axis=0)
    return shifted_and_scaled(X_train, X_test, X_train.mean(axis=0), np.where(spread < 1e-3, 1, spread))


def divides_where_it_may(X_train, X_test):
    mean, spread = np.mean(X_train, axis=0, dtype=float), np.std(X_train, axis=0, dtype=float)
    parts = X_train - mean, X_test - mean
    return tuple(np.divide(part, spread, out=part.copy(), where=spread > 0) for part in parts)


standardize = Exercise(
    signature="standardize(X_train, X_test)",
    slide=MOMENTUM,
    reference=column_by_column,
    rules=(
        Rule(
            "training data: every column has mean 0 and standard deviation 1",
            2,
            tables,
            "Each feature has a mean and a standard deviation of its own, over all training rows.",
            check=one_of_two(0, column_by_column, "Z_train", atol=1e-9),
        ),
        Rule(
            "test data: the same shift and scale",
            1,
            tables,
            "The model sees test data through the eyes of the training data.",
            atol=1e-9,
        ),
        Rule(
            "a column that is constant or nearly so, a single row",
            1,
            constant_columns,
            "What do you divide by where the standard deviation is 0, and is it exact where it is small?",
            atol=1e-9,
            warnings="none",
        ),
        Rule(
            "integers too, inputs unchanged",
            1,
            other_numbers,
            "The arrays you get belong to somebody else, and may hold whole numbers.",
            atol=1e-9,
            mutation="none",
        ),
    ),
    mistakes={
        "leak: each by itself": Mistake(
            each_by_itself,
            "X_test is standardised by its own statistics: then the same garment is two different inputs.",
        ),
        "leak: together": Mistake(
            together, "The statistics are those of both sets: test data must not have a say in the preparation."
        ),
        "along the rows": Mistake(
            lambda X_train, X_test: (
                (X_train - X_train.mean(axis=1, keepdims=True)) / np.maximum(X_train.std(axis=1, keepdims=True), 1e-9),
                (X_test - X_test.mean(axis=1, keepdims=True)) / np.maximum(X_test.std(axis=1, keepdims=True), 1e-9),
            ),
            "It takes the statistics of each example: rows are examples, columns are features.",
        ),
        "one mean for all": Mistake(
            lambda X_train, X_test: shifted_and_scaled(X_train, X_test, X_train.mean(), X_train.std()),
            "It takes one mean and one standard deviation for all features: say along which axis.",
        ),
        "no guard": Mistake(
            lambda X_train, X_test: shifted_and_scaled(X_train, X_test, X_train.mean(axis=0), X_train.std(axis=0)),
            "A column that is constant in X_train has standard deviation 0: it divides by 0 there.",
        ),
        "a little something": Mistake(
            lambda X_train, X_test: shifted_and_scaled(
                X_train, X_test, X_train.mean(axis=0), X_train.std(axis=0) + 1e-8
            ),
            "The small constant changes every value a little, and the test values of a constant column a lot.",
        ),
        "at least a little something": Mistake(
            lambda X_train, X_test: shifted_and_scaled(
                X_train, X_test, X_train.mean(axis=0), np.maximum(X_train.std(axis=0), 1e-12)
            ),
            "Divided by a tiny number, a test value of a column that was constant becomes huge.",
        ),
        "nan to zero": Mistake(
            nan_to_zero,
            "It divides by 0 first and repairs afterwards: a test value in a constant column is infinite by then.",
        ),
        "zero where constant": Mistake(
            zero_where_constant, "A column that is constant in X_train should be shifted in X_test, not wiped out."
        ),
        "left where constant": Mistake(
            left_where_constant, "A column that is constant in X_train is not shifted: its mean stays."
        ),
        "columns dropped": Mistake(no_constant_columns, "It drops columns: the result must have the shape of X."),
        "small is constant": Mistake(
            small_is_constant,
            "It leaves a column with a small standard deviation as it is: small is not constant, it is another unit.",
        ),
        "mean of squares less squared mean": Mistake(
            from_moments_that_cancel,
            "Far from 0, its variance is the difference of two large numbers: subtract the mean before you square.",
        ),
        "n - 1": Mistake(
            lambda X_train, X_test: shifted_and_scaled(X_train, X_test, X_train.mean(axis=0), sample_spread(X_train)),
            "It divides by n - 1 inside the square root: here the mean of the squares is asked for.",
        ),
        "variance": Mistake(
            lambda X_train, X_test: shifted_and_scaled(X_train, X_test, X_train.mean(axis=0), spread_of(X_train) ** 2),
            "It divides by the variance: its square root has the unit of the feature.",
        ),
        "not shifted": Mistake(
            lambda X_train, X_test: shifted_and_scaled(X_train, X_test, 0, spread_of(X_train)),
            "The mean is still there.",
        ),
        "not scaled": Mistake(
            lambda X_train, X_test: shifted_and_scaled(X_train, X_test, X_train.mean(axis=0), 1),
            "Shifted, but every feature still has its own scale.",
        ),
        "between 0 and 1": Mistake(
            lambda X_train, X_test: shifted_and_scaled(
                X_train, X_test, X_train.min(axis=0), np.where(np.ptp(X_train, axis=0) > 0, np.ptp(X_train, axis=0), 1)
            ),
            "This squeezes the features between 0 and 1: mean 0 and standard deviation 1 are asked for.",
        ),
        "test data only scaled": Mistake(
            lambda X_train, X_test: (column_by_column(X_train, X_test)[0], X_test / spread_of(X_train)),
            "X_test is not shifted.",
        ),
        "test data as it was": Mistake(
            lambda X_train, X_test: (column_by_column(X_train, X_test)[0], X_test * 1.0), "X_test is left as it was."
        ),
        "swapped": Mistake(
            lambda X_train, X_test: column_by_column(X_train, X_test)[::-1], "The training data come first."
        ),
        "training data alone": Mistake(
            lambda X_train, X_test: column_by_column(X_train, X_test)[0], "Return both, training data and test data."
        ),
        "in place": Mistake(
            in_place_tables, "`X -= ...` works in the array that you were given, and fails for whole numbers."
        ),
        "whole numbers": Mistake(
            whole_numbers, "For integer features the result is cut off to integers: make it float."
        ),
    },
    variants={
        "guarded": lambda X_train, X_test: shifted_and_scaled(
            X_train, X_test, X_train.mean(axis=0), spread_of(X_train)
        ),
        "shift, then spread": from_moments,
        "with a loop": with_a_loop,
        "divides where it may": divides_where_it_may,
        "equal to 0": lambda X_train, X_test: shifted_and_scaled(
            X_train, X_test, X_train.mean(axis=0), X_train.std(axis=0) + (X_train.std(axis=0) == 0)
        ),
        "a list": lambda X_train, X_test: list(column_by_column(X_train, X_test)),
        "keepdims": lambda X_train, X_test: shifted_and_scaled(
            X_train, X_test, X_train.mean(axis=0, keepdims=True), spread_of(X_train)[None, :]
        ),
    },
    forbids=(*NO_SHORTCUTS, "sklearn", "scipy.stats"),
)

# true: a (uncorrelated and standardised: H is the identity), b (κ = (1 + ρ)/(1 - ρ)), d. False: c hidden layers have
# curvature of their own, e each example's loss depends on its batch, f every unit is scaled by itself
normalization = choose_all(
    "normalization", "abd", "abcdef", points=2, slide=MOMENTUM, hint="Try each with your own functions."
)


# --- momentum_step(W, V, grad, lr, alpha) -----------------------------------------------------------------------


def under_way(rng):
    for shape, about in (((4,), ""), ((5, 4), "a matrix of weights"), ((2, 1, 9), "an array of shape (2, 1, 9)")):
        W, V, grad = rng.normal(size=(3, *shape))
        yield case(W, V, grad, rng.uniform(0.05, 0.5), rng.uniform(0.5, 0.95), about=about)
    W, V, grad = rng.choice([-1, 1], (3, 5)) * rng.uniform(0.2, 2, (3, 5)) * [1, 1e3, 1, 1e-3, 1e-8]
    yield case(W, V, grad, lr=rng.uniform(1.5, 3), alpha=rng.uniform(0.1, 0.3), about="arguments by name")


def coasting(rng):
    W, V, grad = rng.normal(size=(3, 4))
    lr, alpha = rng.uniform(0.05, 0.5), rng.uniform(0.5, 0.95)
    yield case(W, V, np.zeros(4), lr, alpha, about="grad = 0")
    yield case(W, V, grad, lr, 0.0, about="alpha = 0")
    yield case(W, np.zeros(4), grad, lr, alpha, about="V = 0")
    W, V, grad = (np.array(number) for number in rng.normal(size=3))
    yield case(W, V, grad, 0.0, alpha, about="lr = 0, with a single weight")


def roll(W, V, grad, lr, alpha):
    V_new = np.add(np.multiply(lr, grad), np.multiply(alpha, V))
    return np.subtract(W, V_new), V_new


def ema(W, V, grad, lr, alpha):
    V = alpha * V + (1 - alpha) * lr * grad
    return W - V, V


def ema_lr_outside(W, V, grad, lr, alpha):
    V = alpha * V + (1 - alpha) * grad
    return W - lr * V, V


def lr_outside(W, V, grad, lr, alpha):
    V = grad + alpha * V
    return W - lr * V, V


def looks_ahead(W, V, grad, lr, alpha):
    V = roll(W, V, grad, lr, alpha)[1]
    return W - (lr * grad + alpha * V), V


def minus_convention(W, V, grad, lr, alpha):
    V = alpha * V - lr * grad
    return W + V, V


def in_place_step(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    W -= V
    return W, V


def element_by_element_step(W, V, grad, lr, alpha):
    W_new, V_new = np.empty(W.shape), np.empty(W.shape)
    for index in np.ndindex(W.shape):
        V_new[index] = lr * grad[index] + alpha * V[index]
        W_new[index] = W[index] - V_new[index]
    return W_new, V_new


def in_place_on_copies(W, V, grad, lr, alpha):
    W, V = W.copy(), V.copy()
    V *= alpha
    V += lr * grad
    W -= V
    return W, V


momentum_step = Exercise(
    signature="momentum_step(W, V, grad, lr, alpha)",
    slide=MOMENTUM,
    reference=roll,
    rules=(
        Rule(
            "V_new: a step downhill and a part of the last step",
            2,
            under_way,
            "Read the slide's second line: which of its two terms carries ε?",
            check=one_of_two(1, roll, "V_new"),
        ),
        Rule("W_new: the weights move by V_new", 1, under_way, "Read the slide's first line.", atol=1e-12),
        Rule(
            "it coasts where grad = 0, and is SGD where alpha = 0",
            1,
            coasting,
            "Put grad = 0, then alpha = 0, into the slide's two lines.",
            atol=1e-12,
        ),
        Rule(
            "right, and inputs unchanged", 1, under_way, "W and V belong to somebody else.", atol=1e-12, mutation="none"
        ),
    ),
    mistakes={
        "lr outside": Mistake(
            lr_outside,
            "The learning rate stands outside of V: that is PyTorch's way. Where is ε on the slide “Momentum”?",
        ),
        "true average": Mistake(
            ema, "It weighs the new gradient by 1 - α, as a true average would: the slide's weights are ε and α."
        ),
        "true average, lr outside": Mistake(
            ema_lr_outside, "This is a true moving average with the learning rate outside: the slide has neither."
        ),
        "W + V": Mistake(
            lambda W, V, grad, lr, alpha: (W + roll(W, V, grad, lr, alpha)[1], roll(W, V, grad, lr, alpha)[1]),
            "It walks uphill: V is subtracted from W.",
        ),
        "V not carried": Mistake(
            lambda W, V, grad, lr, alpha: (W - lr * grad, lr * grad), "The old V is never used: this is plain SGD."
        ),
        "steps by the old V": Mistake(
            lambda W, V, grad, lr, alpha: (W - V, roll(W, V, grad, lr, alpha)[1]),
            "The weights move by the old V: the slide has V with “new” in the first line.",
        ),
        "Nesterov": Mistake(
            looks_ahead, "It uses α V a second time: that is Nesterov's momentum, which comes with PyTorch's box."
        ),
        "minus in V": Mistake(
            minus_convention,
            "Its V has the opposite sign (some books write it so): on the slide V is subtracted, so V points uphill.",
        ),
        "lr on both": Mistake(
            lambda W, V, grad, lr, alpha: (W - lr * (grad + alpha * V), lr * (grad + alpha * V)),
            "The old V is multiplied by the learning rate: it contains one already.",
        ),
        "lr and alpha swapped": Mistake(
            lambda W, V, grad, lr, alpha: roll(W, V, grad, alpha, lr), "lr and alpha have changed places."
        ),
        "alpha on both": Mistake(
            lambda W, V, grad, lr, alpha: (W - alpha * (lr * grad + V), alpha * (lr * grad + V)),
            "The new gradient is multiplied by alpha too.",
        ),
        "alpha forgotten": Mistake(
            lambda W, V, grad, lr, alpha: roll(W, V, grad, lr, 1.0), "The old V is kept whole: nothing slows it down."
        ),
        "gradient twice": Mistake(
            lambda W, V, grad, lr, alpha: (
                W - lr * grad - roll(W, V, grad, lr, alpha)[1],
                roll(W, V, grad, lr, alpha)[1],
            ),
            "The gradient is subtracted once more, beside V.",
        ),
        "uphill in V": Mistake(
            lambda W, V, grad, lr, alpha: roll(W, V, -grad, lr, alpha), "The gradient enters V with the wrong sign."
        ),
        "swapped": Mistake(
            lambda W, V, grad, lr, alpha: roll(W, V, grad, lr, alpha)[::-1], "Return W_new first, then V_new."
        ),
        "W alone": Mistake(
            lambda W, V, grad, lr, alpha: roll(W, V, grad, lr, alpha)[0],
            "Return both: without V_new the next step has no memory.",
        ),
        "V_new not returned": Mistake(
            lambda W, V, grad, lr, alpha: (roll(W, V, grad, lr, alpha)[0], V),
            "It returns the old V: the new one is lost.",
        ),
        "in place": Mistake(
            in_place_step, "It works in the arrays that it was given, as `V *= ...` and `W -= ...` do: make new ones."
        ),
    },
    variants={
        "the slide's lines": lambda W, V, grad, lr, alpha: (
            W - (lr * grad + alpha * V),
            lr * grad + alpha * V,
        ),
        "from the difference": lambda W, V, grad, lr, alpha: (lambda W_new: (W_new, W - W_new))(
            W - alpha * V - lr * grad
        ),
        "element by element": element_by_element_step,
        "in place on copies": in_place_on_copies,
        "einsum": lambda W, V, grad, lr, alpha: (lambda V: [W - V, V])(
            np.einsum("k,k...->...", np.array([lr, alpha]), np.stack([grad, V]))
        ),
    },
    forbids=NO_SHORTCUTS,
)


# --- PyTorch's box ----------------------------------------------------------------------------------------------

# a nesterov, b γ, c λ, d μ, e τ, f b, g θ, h maximize
pytorch_names = fill_in(
    "pytorch_names",
    {"alpha": "d", "epsilon": "b", "W": "g", "V over epsilon": "f", "pull to zero": "c", "share left out": "e"},
    "abcdefgh",
    points=3,
    slide=PYTORCH,
    hint="Lay the box beside the lecture's two lines: which symbol stands in the same place?",
)

maximize_slip = fill_in(
    "maximize_slip",
    {"effect": "b", "repair": "e"},
    "abcdefg",
    points=2,
    slide=PYTORCH,
    hint="Follow one step with numbers: θ = 1, gradient 0, λ = 0.1, γ = 1, no momentum.",
)

# a b, b ε b, c ε′ b, d ε ε′ b; e PyTorch's, f the lecture's, g both, h neither
where_they_part = fill_in(
    "where_they_part",
    {"lecture": "b", "pytorch": "c", "after a cut": "f"},
    "abcdefgh",
    points=3,
    slide=PYTORCH,
    hint="Write V for step t with the old ε, then one more step with the new one.",
)


# --- torch_sgd_step(theta, grad, buf, *, lr, ...) ---------------------------------------------------------------


def draw_step(rng, shape=(3,), first=False):
    """Weights, gradient and momentum buffer of one step, and a learning rate of its own."""
    theta, grad, buf = rng.normal(size=(3, *shape))
    return (theta, grad, None if first else buf), {"lr": rng.uniform(0.05, 0.5)}


def step_case(rng, about, shape=(3,), first=False, **options):
    args, lr = draw_step(rng, shape, first)
    return case(*args, **lr, **options, about=about)


def plain_steps(rng):
    decay = rng.uniform(0.1, 0.5)
    yield step_case(rng, "momentum = 0", first=True)
    yield step_case(rng, "momentum = 0 and weight decay", (2, 3), first=True, weight_decay=decay)
    yield step_case(rng, "momentum = 0 with a buffer from earlier steps", weight_decay=decay, momentum=0)
    yield step_case(rng, "momentum = 0 and dampening", first=True, dampening=0.3)


def first_steps(rng):
    mu, tau = rng.uniform(0.6, 0.95), rng.uniform(0.2, 0.6)
    yield step_case(rng, "the first step with momentum", first=True, momentum=mu)
    yield step_case(rng, "the first step with dampening", (2, 3), first=True, momentum=mu, dampening=tau)


def later_steps(rng):
    mu, tau, decay = rng.uniform(0.6, 0.95), rng.uniform(0.2, 0.6), rng.uniform(0.1, 0.5)
    yield step_case(rng, "a later step with momentum", momentum=mu)
    yield step_case(rng, "a later step with dampening", (2, 3), momentum=mu, dampening=tau)
    yield step_case(rng, "a later step with weight decay", momentum=mu, weight_decay=decay)
    yield step_case(rng, "a later step with both", momentum=mu, weight_decay=decay, dampening=tau)
    (theta, grad, buf), lr = draw_step(rng)
    yield case(theta, grad, 0 * buf, **lr, momentum=mu, dampening=tau, about="a later step whose buffer is zero")


def ahead(rng):
    mu = rng.uniform(0.6, 0.95)
    yield step_case(rng, "the first step with nesterov", first=True, momentum=mu, nesterov=True)
    yield step_case(rng, "a later step with nesterov", (2, 3), momentum=mu, nesterov=True)


def uphill(rng):
    mu, decay = rng.uniform(0.6, 0.95), rng.uniform(0.1, 0.5)
    yield step_case(rng, "maximize", first=True, maximize=True)
    yield step_case(rng, "maximize with weight decay", (2, 3), first=True, maximize=True, weight_decay=decay)
    yield step_case(rng, "maximize with momentum", maximize=True, momentum=mu)
    yield step_case(rng, "maximize with weight decay and momentum", maximize=True, momentum=mu, weight_decay=decay)


def refused(rng):
    mu = rng.uniform(0.6, 0.95)
    (theta, grad, buf), _ = draw_step(rng)
    yield case(theta, grad, None, lr=-0.1, about="lr = -0.1")
    yield step_case(rng, "momentum = -0.5", momentum=-0.5)
    yield step_case(rng, "weight_decay = -0.1", weight_decay=-0.1)
    yield step_case(rng, "nesterov without momentum", nesterov=True)
    yield step_case(rng, "nesterov with dampening", nesterov=True, momentum=mu, dampening=0.1)
    yield step_case(rng, "nesterov with negative dampening", nesterov=True, momentum=mu, dampening=-0.1)
    yield case(theta, grad, buf, lr=0.0, momentum=mu, about="lr = 0, which is allowed")
    yield case(theta, grad, None, lr=1.5, weight_decay=1.5, about="lr = weight_decay = 1.5, which is allowed")
    yield step_case(rng, "momentum = 1, which is allowed", momentum=1.0)
    yield step_case(rng, "momentum = 1.5, which is allowed", momentum=1.5)
    yield step_case(rng, "dampening without nesterov, which is allowed", momentum=mu, dampening=0.1)
    yield step_case(rng, "dampening = -0.5, which is allowed", momentum=mu, dampening=-0.5)
    yield step_case(rng, "dampening = 1.5, which is allowed", momentum=mu, dampening=1.5)
    yield step_case(rng, "nesterov with momentum, which is allowed", momentum=mu, nesterov=True)


def a_pair(asked, value):
    return None if isinstance(value, list | tuple) and len(value) == 2 else "it should return theta and buf"


def all_together(rng):
    mu, tau, decay = rng.uniform(0.6, 0.95), rng.uniform(0.2, 0.6), rng.uniform(0.1, 0.5)
    every = {"momentum": mu, "weight_decay": decay, "maximize": True}
    yield step_case(rng, "the first step with momentum", first=True, momentum=mu)
    yield step_case(rng, "the first step with weight decay", first=True, momentum=mu, weight_decay=decay)
    yield step_case(rng, "a later step with weight decay", momentum=mu, weight_decay=decay)
    yield step_case(rng, "the first step with everything but dampening", first=True, nesterov=True, **every)
    yield step_case(rng, "a later step with everything but dampening", (2, 1, 3), nesterov=True, **every)
    yield step_case(rng, "a later step with everything but nesterov", (2, 3), dampening=tau, **every)


def refuse(lr, momentum, dampening, weight_decay, nesterov):
    if min(lr, momentum, weight_decay) < 0 or (nesterov and not (momentum > 0 and dampening == 0)):
        raise ValueError("options that torch.optim.SGD refuses")


def sgd(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    """What torch.optim.SGD does to one parameter in one step."""
    refuse(lr, momentum, dampening, weight_decay, nesterov)
    return without_errors(theta, grad, buf, lr, momentum, dampening, weight_decay, nesterov, maximize)


def without_errors(theta, grad, buf, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    g = (-1.0 if maximize else 1.0) * grad + weight_decay * theta
    if momentum == 0:
        return theta - lr * g, buf
    b = g if buf is None else momentum * buf + (1 - dampening) * g
    return theta - lr * (g + momentum * b if nesterov else b), b


def with_other(**changed):
    """The right step, for options that are changed first: ``with_other(dampening=0)`` ignores the dampening."""

    def step(theta, grad, buf, **options):
        sgd(theta, grad, buf, **options)  # raises what it should raise
        return sgd(theta, grad, buf, **{**options, **changed})

    return step


def box(
    *,
    before=lambda theta, grad, decay, maximize: (-grad if maximize else grad) + decay * theta,
    first=lambda g, mu, tau: 1.0 * g,
    later=lambda g, buf, mu, tau: mu * buf + (1 - tau) * g,
    look=lambda g, old, buf, mu: g + mu * buf,
    move=lambda theta, g, lr, decay, maximize: theta - lr * g,
    end=lambda theta, old, buf, mu: (theta, buf),
):
    """The algorithm box with some of its lines replaced."""

    def step(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
        refuse(lr, momentum, dampening, weight_decay, nesterov)
        g, old = before(theta, grad, weight_decay, maximize), buf
        if momentum != 0:
            buf = first(g, momentum, dampening) if buf is None else later(g, buf, momentum, dampening)
            g = look(g, old, buf, momentum) if nesterov else buf
        return end(move(theta, g, lr, weight_decay, maximize), old, buf, momentum)

    return step


def lr_in_the_buffer(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    refuse(lr, momentum, dampening, weight_decay, nesterov)
    v = lr * ((-grad if maximize else grad) + weight_decay * theta)
    if momentum == 0:
        return theta - v, buf
    b = v if buf is None else momentum * buf + (1 - dampening) * v
    return theta - (v + momentum * b if nesterov else b), b


def only_negative_refused(theta, grad, buf, *, lr, momentum=0, weight_decay=0, **others):
    if lr < 0 or momentum < 0 or weight_decay < 0:
        raise ValueError("negative")
    return without_errors(theta, grad, buf, lr=lr, momentum=momentum, weight_decay=weight_decay, **others)


def too_strict(theta, grad, buf, *, lr, momentum=0, **others):
    if lr <= 0 or momentum >= 1:
        raise ValueError("out of range")
    return sgd(theta, grad, buf, lr=lr, momentum=momentum, **others)


def no_negative_dampening(theta, grad, buf, *, dampening=0, **options):
    if dampening < 0:
        raise ValueError("negative")
    return sgd(theta, grad, buf, dampening=dampening, **options)


def no_large_momentum(theta, grad, buf, *, momentum=0, **options):
    if momentum > 1:
        raise ValueError("too large")
    return sgd(theta, grad, buf, momentum=momentum, **options)


def any_buffer(theta, grad, buf, **options):
    return sgd(theta, grad, None if buf is None or not buf.any() else buf, **options)


def asserts(theta, grad, buf, **options):
    try:
        return sgd(theta, grad, buf, **options)
    except ValueError:
        raise AssertionError("these options are not allowed") from None


def the_gradient_as_buffer(theta, grad, buf, *, weight_decay=0, maximize=False, **options):
    g = -grad if maximize else grad
    if weight_decay:
        g = g + weight_decay * theta
    theta_new, buf_new = sgd(theta, grad, buf, weight_decay=weight_decay, maximize=maximize, **options)
    return theta_new, (g if buf is None and buf_new is not None else buf_new)


def buffer_in_place(theta, grad, buf, **options):
    theta, new = sgd(theta, grad, buf, **options)
    if buf is not None and new is not buf:
        buf[...] = new
        new = buf
    return theta, new


def theta_in_place(theta, grad, buf, **options):
    new, buf = sgd(theta, grad, buf, **options)
    theta[...] = new
    return theta, buf


def gradient_in_place(theta, grad, buf, *, weight_decay=0, maximize=False, **options):
    sgd(theta, grad, buf, weight_decay=weight_decay, **options)
    if maximize:
        grad = -grad
    if weight_decay:
        grad += weight_decay * theta
    return sgd(theta, grad, buf, **options)


def step_as_buffer(theta, grad, buf, *, nesterov=False, **options):
    new, made = sgd(theta, grad, buf, nesterov=nesterov, **options)
    return new, (theta - new) / options["lr"] if nesterov else made


def zeros_for_none(theta, grad, buf, **options):
    theta, buf = sgd(theta, grad, buf, **options)
    return theta, np.zeros(theta.shape) if buf is None else buf


def never_asks(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    refuse(lr, momentum, dampening, weight_decay, nesterov)
    g = (-grad if maximize else grad) + weight_decay * theta
    buf = g if buf is None else momentum * buf + (1 - dampening) * g
    return theta - lr * (g + momentum * buf if nesterov else buf), buf


def truthy_buffer(theta, grad, buf, **options):
    if buf:
        return sgd(theta, grad, buf, **options)
    return sgd(theta, grad, None, **options)


def one_formula(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    if lr < 0 or momentum < 0 or weight_decay < 0 or (nesterov and (momentum <= 0 or dampening != 0)):
        raise ValueError
    g = grad * (1 - 2 * maximize) + theta * weight_decay
    new = g.copy() if buf is None else buf * momentum + g * (1 - dampening)
    step = nesterov * g + (momentum if nesterov else 1) * new if momentum else g
    return theta - step * lr, new if momentum else buf


def in_torch_words(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    if lr < 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")
    if momentum < 0.0:
        raise ValueError(f"Invalid momentum value: {momentum}")
    if weight_decay < 0.0:
        raise ValueError(f"Invalid weight_decay value: {weight_decay}")
    if nesterov and (momentum <= 0 or dampening != 0):
        raise ValueError("Nesterov momentum requires a momentum and zero dampening")
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


def number_by_number(theta, grad, buf, **options):
    theta_new = np.empty(theta.shape)
    buf_new = None if options.get("momentum", 0) == 0 else np.empty(theta.shape)
    for index in np.ndindex(theta.shape):
        moved, kept = sgd(theta[index], grad[index], None if buf is None else buf[index], **options)
        theta_new[index] = moved
        if buf_new is not None:
            buf_new[index] = kept
    return theta_new, buf if buf_new is None else buf_new


def maximizes_by_minimizing(theta, grad, buf, *, maximize=False, **options):
    if maximize:
        return maximizes_by_minimizing(theta, -grad, buf, **options)
    theta, buf = sgd(theta, grad, buf, **options)
    return [theta, buf if buf is None else np.array(buf)]


SIGNATURE = "theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False"

torch_sgd_step = Exercise(
    signature=f"torch_sgd_step({SIGNATURE})",
    slide=PYTORCH,
    reference=sgd,
    rules=(
        Rule(
            "without momentum: plain SGD and weight decay",
            1,
            plain_steps,
            "Where μ = 0 the box never touches the buffer.",
            atol=1e-12,
        ),
        Rule("the first step with momentum", 1, first_steps, "What does the box do with τ while t is 1?", atol=1e-12),
        Rule(
            "later steps with momentum and dampening",
            2,
            later_steps,
            "Which of the box's lines hold γ, and which hold λ?",
            atol=1e-12,
        ),
        Rule("nesterov", 1, ahead, "It looks ahead along the buffer that was just made.", atol=1e-12),
        Rule("maximize", 1, uphill, "To maximise f is to minimise −f, with weight decay as before.", atol=1e-12),
        Rule(
            "ValueError where PyTorch raises it, and only there",
            1,
            refused,
            "The contract lists what is refused.",
            raises="ValueError",
            check=a_pair,
        ),
        Rule(
            "all options together, inputs unchanged, a buffer of its own",
            1,
            all_together,
            "Whoever called you will reuse the gradient's memory for the next gradient.",
            atol=1e-12,
            mutation="none",
            sharing="none",
        ),
    ),
    mistakes={
        "dampening at the first step": Mistake(
            box(first=lambda g, mu, tau: (1 - tau) * g),
            "The first gradient is dampened: in the box the buffer starts as the whole gradient.",
        ),
        "buffer starts at zero": Mistake(
            box(first=lambda g, mu, tau: 0.0 * g),
            "At the first step the buffer is zero, and the gradient is lost: with what does the box start it?",
        ),
        "decay beside the buffer": Mistake(
            box(
                before=lambda theta, grad, decay, maximize: 1.0 * (-grad if maximize else grad),
                move=lambda theta, g, lr, decay, maximize: theta - lr * g - lr * decay * theta,
            ),
            "Weight decay acts on the weights beside the buffer (as in AdamW): in the box it joins the gradient.",
        ),
        "decay ignored": Mistake(with_other(weight_decay=0), "weight_decay has no effect."),
        "decay twice": Mistake(
            box(before=lambda theta, grad, decay, maximize: (-grad if maximize else grad) + 2 * decay * theta),
            "The decay is twice as strong: the penalty is ½λ‖θ‖², and a square leaves a 2.",
        ),
        "decay pushes away": Mistake(
            box(before=lambda theta, grad, decay, maximize: (-grad if maximize else grad) - decay * theta),
            "Weight decay makes the weights grow: look at its sign.",
        ),
        "the slide's maximize": Mistake(
            box(
                before=lambda theta, grad, decay, maximize: grad + decay * theta,
                move=lambda theta, g, lr, decay, maximize: theta + (lr if maximize else -lr) * g,
            ),
            "maximize changes the sign at the very end, as on the slide: then weight decay makes the weights grow.",
        ),
        "maximize after the decay": Mistake(
            box(before=lambda theta, grad, decay, maximize: (-1 if maximize else 1) * (grad + decay * theta)),
            "maximize turns the weight decay round as well: change the sign before the decay is added.",
        ),
        "maximize ignored": Mistake(with_other(maximize=False), "maximize has no effect."),
        "lr in the buffer": Mistake(
            lr_in_the_buffer,
            "The learning rate is inside the buffer: that is the lecture's V. In the box γ comes last.",
        ),
        "momentum ignored": Mistake(
            box(
                first=lambda g, mu, tau: 1.0 * g,
                later=lambda g, buf, mu, tau: (1 - tau) * g,
            ),
            "The old buffer is never used.",
        ),
        "dampening ignored": Mistake(with_other(dampening=0), "dampening has no effect."),
        "dampening on the old buffer": Mistake(
            box(later=lambda g, buf, mu, tau: (1 - tau) * mu * buf + g),
            "Dampening weakens the old buffer: in the box it weakens the new gradient.",
        ),
        "dampening on both": Mistake(
            box(later=lambda g, buf, mu, tau: (1 - tau) * (mu * buf + g)),
            "Dampening weakens both terms: in the box it stands with one of them.",
        ),
        "true average": Mistake(
            box(later=lambda g, buf, mu, tau: mu * buf + (1 - mu) * g),
            "It weighs the new gradient by 1 - μ: the box has another letter there.",
        ),
        "nesterov ignored": Mistake(
            box(look=lambda g, old, buf, mu: buf),
            "nesterov makes no difference. (A look along the *old* buffer is the same as none: work it out.)",
        ),
        "nesterov without the gradient": Mistake(
            box(look=lambda g, old, buf, mu: mu * buf), "nesterov loses the gradient itself."
        ),
        "nesterov without μ": Mistake(
            box(look=lambda g, old, buf, mu: g + buf), "nesterov adds the whole buffer: a factor is missing."
        ),
        "nesterov kept in the buffer": Mistake(
            step_as_buffer, "nesterov looks ahead for this step only: the buffer itself stays as it was made."
        ),
        "old buffer returned": Mistake(
            box(end=lambda theta, old, buf, mu: (theta, old)), "It returns the old buffer: the new one is lost."
        ),
        "zeros for None": Mistake(
            zeros_for_none, "Without momentum there is no buffer: it comes back as it went in, even if that is None."
        ),
        "buffer forgotten without momentum": Mistake(
            box(end=lambda theta, old, buf, mu: (theta, buf if mu else None)),
            "Without momentum the buffer comes back as it went in: PyTorch keeps it for later.",
        ),
        "buffer filled without momentum": Mistake(
            never_asks, "It changes the buffer without momentum, too: where μ is 0 the box leaves it alone."
        ),
        "theta alone": Mistake(
            box(end=lambda theta, old, buf, mu: theta), "Return both: the next step needs the buffer."
        ),
        "swapped": Mistake(box(end=lambda theta, old, buf, mu: (buf, theta)), "Return theta first, then the buffer."),
        "nothing refused": Mistake(without_errors, "It raises no ValueError where PyTorch does."),
        "only negatives refused": Mistake(
            only_negative_refused, "Nesterov has demands of its own: see what the contract says of it."
        ),
        "too strict": Mistake(too_strict, "It refuses what PyTorch takes: lr = 0 is allowed, and so is momentum = 1."),
        "asserts": Mistake(asserts, "It raises another exception than ValueError."),
        "the gradient as buffer": Mistake(
            the_gradient_as_buffer,
            "The first buffer is the gradient's own array: when that is overwritten, the buffer changes with it.",
        ),
        "buffer changed in place": Mistake(
            buffer_in_place, "It writes into the buffer that it was given: make a new one."
        ),
        "theta changed in place": Mistake(theta_in_place, "It writes into theta: make a new array."),
        "gradient changed in place": Mistake(
            gradient_in_place, "It writes into the gradient that it was given, as `grad += ...` does."
        ),
        "dampening refused": Mistake(
            no_negative_dampening, "It refuses a negative dampening: only what the contract lists is refused."
        ),
        "momentum above 1 refused": Mistake(
            no_large_momentum, "It refuses a momentum above 1: only what the contract lists is refused."
        ),
        "if any of buf": Mistake(
            any_buffer, "A buffer of zeros is still a buffer, not the first step: ask whether it is None."
        ),
        "if buf": Mistake(truthy_buffer, "`if buf` asks an array for one truth value: ask whether it is None."),
    },
    variants={
        "one formula": one_formula,
        "in torch's words": in_torch_words,
        "number by number": number_by_number,
        "maximizes by minimizing": maximizes_by_minimizing,
        "lines of the box": box(),
        "the reference, copied": lambda theta, grad, buf, **options: tuple(
            part if part is None else np.array(part) for part in sgd(theta, grad, buf, **options)
        ),
    },
    forbids=NO_SHORTCUTS,
)

# true: a (1/(1 - 0.9) = 10), c (κ against √κ), f. False: b they add up to 1/(1 - α), d the first step is not dampened,
# e beyond the best α the path swings longer
momentum_quiz = choose_all(
    "momentum_quiz", "acf", "abcdef", points=2, slide=MOMENTUM, hint="Try each claim with your own functions."
)
