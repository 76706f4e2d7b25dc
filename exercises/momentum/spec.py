"""The specification of `05-momentum/momentum.ipynb`: per exercise the contract, the reference, the cases, the rules."""

import math

import numpy as np

from autograder.judging.cases import case
from autograder.judging.compare import describe_difference
from autograder.judging.counterexamples import Input, refute
from autograder.judging.model import Exercise, Rule
from autograder.judging.quizzes import choose_all, fill_in, predict
from lectrain.shortcuts import SHORTCUTS

from .torch_sgd import draw_case, draw_step

MOMENTUM, PYTORCH = "Momentum", "Momentum in pytorch"

momentum_predictions = predict("momentum_predictions", "abc", questions=2, points=1, slide=MOMENTUM)


def check_item(index, name, reference, expected="two arrays", rtol=1e-9, atol=1e-12):
    """The check that one item of the returned pair agrees with the reference's, whatever the other item is."""

    def check(call, value):
        if not isinstance(value, list | tuple) or len(value) != 2:
            return f"it does not return {expected}"
        if value[index] is None:
            return f"{name} is None"
        difference = describe_difference(value[index], reference(*call.args, **call.kwargs)[index], rtol, atol)
        return f"{name}: {difference}" if difference else None

    return check


# --- quadratic_grad(H, w) ---------------------------------------------------------------------------------------
# The gradient H w of the bowl f(w) = ½ wᵀHw. H is symmetric and need not be diagonal. w is not changed.


def reference_quadratic_grad(H, w):
    return np.array([math.fsum(row * w) for row in np.asarray(H, dtype=float)])


def draw_positive_definite(rng, d):
    """A symmetric positive definite matrix that is far from diagonal."""
    root = rng.normal(size=(d, d))
    return root @ root.T / d + 0.3 * np.eye(d) + 0.5


def extreme_weights(H, about):
    """Slopes that any limit, and any rounding to decimals, changes."""
    yield case(H, 1e7 / 3 * np.array([1.0, -2]), about=f"{about}, large weights")
    yield case(H, 1e-8 / 3 * np.array([1.0, -2]), about=f"{about}, tiny weights")


def cases_axis_aligned_bowls(rng):
    """H is diagonal."""
    yield case(np.diag(rng.permutation([1.0, 100.0])), rng.normal(size=2), about="a diagonal H")
    yield case(np.diag(rng.uniform(1, 50, 4)), rng.normal(size=4), about="a diagonal H, four weights")
    yield case(np.array([[rng.uniform(2, 9)]]), rng.normal(size=1), about="a single weight")
    w = rng.choice([-1, 1], 3) * rng.uniform(200, 2000, 3) * rng.permutation([1, 1, 1e-8])
    yield case(np.diag(rng.uniform(1, 50, 3)), w, about="two large weights and a tiny one")
    yield from extreme_weights(np.diag([4.0, 3]), "a diagonal H")


def cases_turned_bowls(rng):
    """H is not diagonal; H or w may hold integers or zeros."""
    for d in (2, 3, 5):
        yield case(draw_positive_definite(rng, d), rng.normal(size=d), about=f"an H that is not diagonal, {d} weights")
    yield case(np.array([[4, 1], [1, 3]]), rng.permutation([1, -2]), about="an integer H and integer weights")
    yield case(draw_positive_definite(rng, 3), rng.permutation([1, -2, 3]), about="integer weights")
    yield case(np.array([[4, 1], [1, 3]]), rng.normal(size=2), about="an integer H")
    yield case(draw_positive_definite(rng, 3), np.array([0.0, rng.uniform(1, 2), 0.0]), about="w along one axis")
    yield case(draw_positive_definite(rng, 3), np.zeros(3), about="w = 0")
    yield from extreme_weights(np.array([[4.0, 1], [1, 3]]), "an H that is not diagonal")


def is_bowl(H, **_):
    return np.array_equal(H, H.T) and np.linalg.eigvalsh(H).min() > 0


quadratic_grad = Exercise(
    signature="quadratic_grad(H, w)",
    slide=MOMENTUM,
    reference=reference_quadratic_grad,
    rules=(
        Rule(
            "a bowl along the axes",
            1,
            cases_axis_aligned_bowls,
            "Write f for two weights and a diagonal H: what is its slope along w₁?",
            rtol=1e-13,
            atol=1e-13,
            property="Twice the weights have twice the gradient.",
        ),
        Rule(
            "a bowl that is turned, inputs unchanged",
            1,
            cases_turned_bowls,
            "Which products are added in the slope along w₁ if H₁₂ ≠ 0, with which signs? Are H and w unchanged?",
            rtol=1e-13,
            atol=1e-13,
            mutation="none",
            property="Twice the weights have twice the gradient.",
        ),
    ),
    forbids=SHORTCUTS,
    allows=is_bowl,
)


# --- condition_number(H) ----------------------------------------------------------------------------------------
# The largest over the smallest eigenvalue of a symmetric positive definite H, as one number.


def extreme_eigenvalues(H):
    """The largest and the smallest eigenvalue."""
    eigenvalues = np.linalg.eigvalsh(np.asarray(H, dtype=float))
    return float(eigenvalues[-1]), float(eigenvalues[0])


def reference_condition_number(H):
    largest, smallest = extreme_eigenvalues(H)
    return largest / smallest


def cases_diagonal_matrices(rng):
    yield case(np.diag([1.0, 100.0]), about="a diagonal H")
    yield case(np.diag(rng.permutation([0.02, 3.0, 0.5, 40.0])), about="a diagonal H with four entries in any order")
    yield case(np.array([[rng.uniform(2, 9)]]), about="a single weight")
    yield case(np.diag([5e-5, 3e-4, 2e-6]), about="tiny curvatures")
    yield case(np.diag([2e-9, 1.0]), about="a huge condition number")


def cases_symmetric_matrices(rng):
    """H is not diagonal. Some shortcuts fail only if the correlation is high or the eigenvalues are close."""
    for d in (2, 3, 5):
        yield case(draw_positive_definite(rng, d), about=f"an H that is not diagonal, of shape ({d}, {d})")
    rho = rng.choice([-1, 1]) * rng.uniform(0.9, 0.99)
    yield case(np.array([[1, rho], [rho, 1]]), about="two correlated features of unit variance")
    rho = 1 - 2e-5  # the squares of the eigenvalues are inaccurate
    yield case(np.array([[1, rho], [rho, 1]]), about="two features that are nearly equal")
    yield case(np.array([[1.0, 0.5], [0.5, 9.0]]), about="an H that is flattest near the first axis")
    weak = np.triu(rng.uniform(0.03, 0.08, (3, 3)), 1)
    yield case(np.diag([5.0, 1.0, 2.0]) + weak + weak.T, about="an H that is nearly diagonal")
    axes = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    H = axes @ np.diag([1, 1.05, 4.8, 5]) @ axes.T
    yield case((H + H.T) / 2, about="an H with eigenvalues close to each other")
    yield case(np.array([[4, 1], [1, 3]]), about="an integer H")
    # An iteration that starts along (1, 1) never leaves this eigenvector.
    yield case(np.array([[2, -1], [-1, 2]]), about="an H with the eigenvectors (1, 1) and (1, -1)")
    yield case(np.array([[2, 1], [1, 2]]), about="an H with the eigenvectors (1, 1) and (1, -1)")


condition_number = Exercise(
    signature="condition_number(H)",
    slide=MOMENTUM,
    reference=reference_condition_number,
    rules=(
        Rule(
            "a diagonal H",
            1,
            cases_diagonal_matrices,
            "What are the largest and the smallest curvature?",
            property="κ is at least 1, and exactly 1 for a round bowl.",
            rtol=1e-8,
        ),
        Rule(
            "any symmetric H",
            1,
            cases_symmetric_matrices,
            "What are the curvatures along the bowl's axes?",
            property="κ is at least 1, and does not change if the bowl is turned.",
            rtol=1e-8,
        ),
    ),
    forbids=SHORTCUTS,
    allows=is_bowl,
)


# --- hiding_H ---------------------------------------------------------------------------------------------------
# A symmetric positive definite H with a condition number below 10¹², and at least 10 times that of its diagonal.


HIDING_DEMAND = "H must be symmetric, with positive eigenvalues and a condition number below 10¹²"


def condition_number_or_nan(H):
    """nan unless `HIDING_DEMAND` holds. A smaller eigenvalue could be a rounding error of 0."""
    largest, smallest = extreme_eigenvalues(H)
    return largest / smallest if np.allclose(H, H.T, rtol=1e-7, atol=0) and smallest > 1e-12 * largest else np.nan


hiding_H = refute(
    "hiding_H",
    {"H": Input(-1000, 1000, shape=(2, 2))},
    reference=condition_number_or_nan,
    wrong=lambda H: np.diag(H).max() / np.diag(H).min(),
    # The tolerance accepts a κ of 10 in spite of rounding. nan goes to the demand.
    fails=lambda shortcut, kappa: not kappa < 10 * (1 - 1e-9) * shortcut,
    otherwise="the condition number is less than 10 times that of the diagonal",
    demand=lambda H: HIDING_DEMAND if np.isnan(condition_number_or_nan(H)) else None,
    answer=np.array([[1.0, 0.9], [0.9, 1.0]]),
    points=2,
    slide=MOMENTUM,
    hint="Which bowl is narrow along a diagonal of the plane?",
)


# --- standardize(X_train, X_test) -------------------------------------------------------------------------------
# Both sets, shifted and scaled by the mean and the standard deviation (divide by n) of each column of X_train.
# Where this deviation is 0, the column is shifted only; down to 1e-11, it is scaled. The results are float arrays. The
# inputs are not changed.


def reference_standardize(X_train, X_test):
    X_train, X_test = np.asarray(X_train, dtype=float), np.asarray(X_test, dtype=float)
    Z_train, Z_test = np.empty(X_train.shape), np.empty(X_test.shape)
    for j, column in enumerate(X_train.T):
        mean = math.fsum(column) / len(column)
        std = math.sqrt(math.fsum((column - mean) ** 2) / len(column))
        if column.min() == column.max():
            mean, std = float(column[0]), 1.0
        Z_train[:, j] = (column - mean) / std
        Z_test[:, j] = (X_test[:, j] - mean) / std
    return Z_train, Z_test


FOUR_DEVIATIONS = np.array([-3.0, 1.0, 3.0, -1.0])  # mean 0, variance 5


def cases_features(rng):
    """Features of different scales and offsets, and small sets."""
    scale, offset = np.array([100.0, 1.0, 0.01]), np.array([-300.0, 5.0, 0.02])
    yield case(scale * rng.normal(size=(7, 3)) + offset, scale * rng.normal(size=(4, 3)) + offset + scale)
    yield case(rng.normal(3, 2, (4, 6)), rng.normal(0, 2, (5, 6)), about="more features than training rows")
    yield case(rng.normal(3, 2, (9, 2)), rng.normal(0, 2, (1, 2)), about="a single test row")
    yield case(rng.normal(3, 2, (15, 1)), rng.normal(0, 2, (3, 1)), about="a single feature")
    X_train = np.outer(FOUR_DEVIATIONS, [3e-6, -2e-6])  # standard deviations from 1e-6 to 1e-5
    yield case(X_train, 1e-5 * rng.normal(size=(3, 2)), about="tiny features")
    X_train = np.outer(FOUR_DEVIATIONS, [1.0, -5.0])
    yield case(X_train, np.array([[4e6, -7e7]]), about="a test row far from the training rows")


def cases_constant_columns(rng):
    """Columns that are constant in X_train, or nearly constant and far from 0."""
    X_train, X_test = rng.normal(3, 2, (6, 4)), rng.normal(0, 2, (3, 4))
    X_train[:, [1, 3]], X_test[0] = (0.0, 3.0), 3333.3  # single precision is not enough
    yield case(X_train, X_test, about="columns that are constant in X_train")
    yield case(np.round(rng.normal(3, 2, (1, 3))), rng.normal(0, 2, (4, 3)), about="a single training row")
    X_train, X_test = rng.normal(3, 2, (5, 2)), rng.normal(0, 2, (4, 2))
    X_train[:, 0], X_test[:, 0] = 2.0, 2.0
    yield case(X_train, X_test, about="a column that is constant in both sets")
    # With these powers of two, the mean and the variance are exact. The smallest deviation is 3e-11: the exercise
    # demands scaling down to 1e-11, and a guard such as std < 1e-12 against rounding is accepted.
    X_train = np.outer(FOUR_DEVIATIONS, np.exp2([-30, -20, -36, -21])) + np.array([1, -100, 0, 8192])
    yield case(X_train, X_train[::-1], about="columns that hardly vary, near 0 and far from it")


def cases_number_types(rng):
    """Integers, bytes, float32; and a test set without rows."""
    pixels = np.array([rng.permutation(256)[:8] for _ in range(3)]).T
    yield case(pixels[:5], pixels[5:], about="integers")
    yield case(pixels[:5].astype(np.uint8), pixels[5:].astype(np.uint8), about="pixels (uint8)")
    X_train, X_test = rng.normal(3, 2, (6, 3)) / 20, rng.normal(0, 2, (4, 3)) / 20  # standard deviations below 1
    yield case(X_train.astype(np.float32), X_test.astype(np.float32), about="float32")
    yield case(rng.normal(3, 2, (6, 3)), rng.normal(0, 900, (7, 3)))
    yield case(rng.normal(3, 2, (6, 3)), np.empty((0, 3)), about="no test rows")


standardize = Exercise(
    signature="standardize(X_train, X_test)",
    slide=MOMENTUM,
    reference=reference_standardize,
    rules=(
        Rule(
            "training data: every column has mean 0 and standard deviation 1",
            2,
            cases_features,
            "Over which numbers are a mean and a standard deviation computed?",
            check=check_item(0, "Z_train", reference_standardize, atol=1e-9),
            property="In Z_train, each column has the mean 0.",
        ),
        Rule(
            "test data: the same shift and scale",
            1,
            cases_features,
            "From which rows do mean and std come?",
            atol=1e-9,
            property="A row that is in both sets becomes the same row in both.",
        ),
        Rule(
            "a column that is constant or nearly so, a single row",
            1,
            cases_constant_columns,
            "What do you divide by where the standard deviation is 0? Is it accurate where it is small?",
            atol=1e-6,
            warnings="none",
            property="A column that is constant in X_train has only zeros in Z_train.",
        ),
        Rule(
            "integers too, inputs unchanged",
            1,
            cases_number_types,
            "What does your code do with integers, and which arrays does it write to?",
            atol=1e-9,
            mutation="none",
            property="In Z_train, each column has the mean 0.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- momentum_step(W, V, grad, lr, alpha) -----------------------------------------------------------------------
# One step of the lecture's momentum: V_new = lr grad + alpha V, W_new = W - V_new. It returns W_new and V_new, two new
# arrays of the shape of W.


def reference_momentum_step(W, V, grad, lr, alpha):
    V_new = np.add(np.multiply(lr, grad), np.multiply(alpha, V))
    return np.subtract(W, V_new), V_new


def cases_moving_weights(rng):
    """V is not 0: from rest, a step that forgets V would be right."""
    for shape, lr, alpha, about in (
        ((4,), rng.uniform(0.05, 0.5), rng.uniform(0.5, 0.95), ""),
        ((5, 4), rng.uniform(0.05, 0.5), 0.999, "a matrix of weights, and alpha = 0.999"),
        ((2, 1, 9), 1e-4, rng.uniform(0.5, 0.95), "an array of shape (2, 1, 9), and a tiny learning rate"),
    ):
        yield case(*rng.normal(size=(3, *shape)), lr, alpha, about=about)
    W, V, grad = rng.choice([-1, 1], (3, 5)) * rng.uniform(0.2, 2, (3, 5)) * [1, 1e3, 1, 1e-3, 1e-8]
    yield case(W, V, grad, lr=rng.uniform(1.5, 3), alpha=0.02, about="arguments by name")
    W, V, grad = np.array([3e-10, -2e-10]), np.array([1e-10, 4e-10]), np.array([-5e-10, 1e-10])
    yield case(W, V, grad, 0.5, 0.9, about="tiny weights and gradients")


def cases_one_argument_zero(rng):
    """One of grad, alpha, V and lr is 0."""
    W, V, grad = rng.choice([-1, 1], (3, 4)) * rng.uniform(1.5, 3, (3, 4))
    lr, alpha = rng.uniform(0.05, 0.5), 0.999
    yield case(W, V, np.zeros(4), lr, alpha, about="grad = 0")
    yield case(W, V, grad, lr, 0.0, about="alpha = 0")
    yield case(W, np.zeros(4), grad, lr, alpha, about="V = 0")
    W, V, grad = (np.array(number) for number in rng.uniform(0.5, 2, 3) * [1, 1, -1])
    yield case(W, V, grad, 0.0, alpha, about="lr = 0, with a single weight")


momentum_step = Exercise(
    signature="momentum_step(W, V, grad, lr, alpha)",
    slide=MOMENTUM,
    reference=reference_momentum_step,
    rules=(
        Rule(
            "V_new: the new gradient and a part of the old V",
            2,
            cases_moving_weights,
            "By which number does the slide's line for V multiply every entry of the gradient, and of the old V?",
            check=check_item(1, "V_new", reference_momentum_step),
            property="Twice the gradient and twice V have twice V_new.",
        ),
        Rule(
            "W_new: the weights move by V_new",
            1,
            cases_moving_weights,
            "Which V is subtracted from W?",
            atol=1e-12,
            property="The same is subtracted from W as is returned as V_new.",
        ),
        Rule(
            "it coasts where grad = 0, and is SGD where alpha = 0",
            1,
            cases_one_argument_zero,
            "What do the slide's two lines become for grad = 0, and what for alpha = 0?",
            atol=1e-12,
            property="Twice the gradient and twice V have twice V_new.",
        ),
        Rule(
            "both results right, and inputs unchanged",
            1,
            cases_moving_weights,
            "Are W, V and grad the same after the call as before it, and is every returned array a new one?",
            atol=1e-12,
            mutation="none",
            sharing="none",
            property="The same is subtracted from W as is returned as V_new.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- PyTorch's box ----------------------------------------------------------------------------------------------

# Key: a nesterov, b b, c λ, d μ, e τ, f γ, g θ, h maximize. (A student who writes "b" may mean the buffer.)
pytorch_names = fill_in(
    "pytorch_names",
    {"alpha": "d", "V over epsilon": "b", "pull to zero": "c", "share left out": "e"},
    "abcdefgh",
    points=2,
    slide=PYTORCH,
    hint="Compare the box with the lecture's two lines: which symbol plays the same role?",
    explain={
        "alpha": "In the box μ multiplies the old buffer, as α multiplies the old V in the lecture.",
        "V over epsilon": "The buffer b adds up gradients without the learning rate, so with a constant rate V = ε b.",
        "pull to zero": "The gradient of ½ k ‖W‖² is k W, and the box adds λ θ to the gradient.",
        "share left out": "From the second step on, the new gradient enters the buffer with the factor 1 − τ, so the "
        "fraction τ is left out.",
    },
)


# --- torch_sgd_step(theta, grad, buf, *, lr, ...) ---------------------------------------------------------------
# One step of torch.optim.SGD for one parameter: the box on the slide, except that `maximize` changes the sign of the
# gradient first. `buf` is None before the first step, and is returned as it was passed in if momentum is 0.


def reference_torch_sgd_step(
    theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    g = (-1.0 if maximize else 1.0) * grad + weight_decay * theta
    if momentum == 0:
        return theta - lr * g, buf
    b = g if buf is None else momentum * buf + (1 - dampening) * g
    return theta - lr * (g + momentum * b if nesterov else b), b


def cases_first_step(rng):
    decay = round(rng.uniform(1.2, 1.6), 2)
    yield draw_case(rng, "momentum = 0, and a tiny learning rate", first=True, lr=1e-4)
    yield draw_case(rng, "momentum = 0 and weight decay", (2, 3), first=True, weight_decay=decay)
    yield draw_case(rng, "momentum = 0 and a small weight decay", first=True, lr=2.5, weight_decay=1e-4)
    yield draw_case(rng, "momentum = 0 with a buffer from earlier steps", weight_decay=decay, momentum=0)
    yield draw_case(rng, "momentum = 0 and dampening", first=True, dampening=0.3)
    mu, tau = round(rng.uniform(0.96, 0.98), 3), round(rng.uniform(0.2, 0.6), 2)
    yield draw_case(rng, "the first step with momentum", first=True, momentum=mu)
    yield draw_case(rng, "the first step with dampening", (2, 3), first=True, momentum=mu, dampening=tau)


def cases_later_steps(rng):
    mu, tau, decay = round(rng.uniform(0.96, 0.98), 3), round(rng.uniform(0.2, 0.6), 2), round(rng.uniform(0.1, 0.5), 2)
    yield draw_case(rng, "a later step with momentum = 0.999", momentum=0.999)
    yield draw_case(rng, "a later step with momentum = 2.5 and lr = 0", momentum=2.5, lr=0.0)
    yield draw_case(rng, "a later step with dampening = 1.5", (2, 3), momentum=mu, dampening=1.5)
    yield draw_case(rng, "a later step with weight decay", momentum=mu, weight_decay=decay)
    yield draw_case(rng, "a later step with weight decay and dampening", momentum=mu, weight_decay=decay, dampening=tau)
    (theta, grad, buf), lr = draw_step(rng)
    yield case(theta, grad, 0 * buf, **lr, momentum=mu, dampening=tau, about="a later step with a buffer of zeros")


def cases_nesterov(rng):
    mu = round(rng.uniform(0.96, 0.98), 3)
    yield draw_case(rng, "the first step with nesterov", first=True, momentum=mu, nesterov=True)
    yield draw_case(rng, "a later step with nesterov", (2, 3), momentum=mu, nesterov=True)


def cases_maximize(rng):
    mu, decay = round(rng.uniform(0.96, 0.98), 3), round(rng.uniform(0.1, 0.5), 2)
    yield draw_case(rng, "maximize", first=True, maximize=True)
    yield draw_case(rng, "maximize with weight decay", (2, 3), first=True, maximize=True, weight_decay=decay)
    yield draw_case(rng, "maximize with momentum", maximize=True, momentum=mu)
    yield draw_case(rng, "maximize with weight decay and momentum", maximize=True, momentum=mu, weight_decay=decay)


def cases_options_combined(rng):
    mu, tau, decay = round(rng.uniform(0.96, 0.98), 3), round(rng.uniform(0.2, 0.6), 2), round(rng.uniform(0.1, 0.5), 2)
    options = {"momentum": mu, "weight_decay": decay, "maximize": True}
    yield draw_case(rng, "the first step with momentum", first=True, momentum=mu)
    yield draw_case(rng, "the first step with weight decay", first=True, momentum=mu, weight_decay=decay)
    yield draw_case(rng, "a later step with weight decay", momentum=mu, weight_decay=decay)
    yield draw_case(rng, "the first step with all options but dampening", first=True, nesterov=True, **options)
    yield draw_case(rng, "a later step with all options but dampening", (2, 1, 3), nesterov=True, **options)
    yield draw_case(rng, "a later step with all options but nesterov", (2, 3), dampening=tau, **options)


OPTIONS = "lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False"

torch_sgd_step = Exercise(
    signature=f"torch_sgd_step(theta, grad, buf, *, {OPTIONS})",
    slide=PYTORCH,
    reference=reference_torch_sgd_step,
    rules=(
        Rule(
            "the first step, and steps without momentum",
            1,  # one rule for both: without momentum, the given lines alone would earn a point
            cases_first_step,
            "Which lines of the box run if μ = 0? Does the box use τ when t = 1?",
            atol=1e-12,
            property="Without momentum and weight decay, only lr times the gradient is subtracted.",
        ),
        Rule(
            "later steps with momentum and dampening",
            2,
            cases_later_steps,
            "Where in the box are γ, λ, τ?",
            atol=1e-12,
            property="With dampening = 1, a later buffer does not depend on the gradient.",
        ),
        Rule(
            "nesterov",
            1,
            cases_nesterov,
            "In the box, which two terms does the line for nesterov add?",
            atol=1e-12,
            property="With nesterov, the buffer is the same as without it.",
        ),
        Rule(
            "maximize",
            1,
            cases_maximize,
            "Which terms change their sign if f is maximised?",
            atol=1e-12,
            property="`maximize` is the same as the opposite gradient.",
        ),
        Rule(
            "all options together, inputs unchanged, a buffer of its own",
            1,
            cases_options_combined,
            "Where in the box is each option? Are the inputs unchanged? Is the buffer a new array, not grad itself?",
            atol=1e-12,
            mutation="none",
            sharing="none",
            property="`maximize` is the same as the opposite gradient, whatever the other options are.",
        ),
    ),
    forbids=SHORTCUTS,
)

# Key: a fewer than half as many, b about as many; c α = 0.5, d α = 0.9.
momentum_helps = fill_in(
    "momentum_helps",
    {"to 0.8": "b", "to 0.4": "a", "first at 0.6": "c"},
    "abcd",
    points=3,
    slide=MOMENTUM,
    hint="Read the curves for centred pixels above this loss.",
    explain={
        "to 0.8": "This way leads mostly down the walls, and plain descent takes only about six steps, so there is "
        "little to gain: momentum needs about as many.",
        "to 0.4": "The longer way leads along the nearly flat floor, where the pushes add up, so the ball arrives "
        "after 28 steps instead of 97.",
        "first at 0.6": "With α = 0.9 the ball keeps each push for about ten steps, so on this short way α = 0.5 needs "
        "7 steps instead of 13.",
    },
)

momentum_quiz = choose_all(
    "momentum_quiz",
    "ab",
    "abc",
    points=3,
    slide=MOMENTUM,
    hint="Test each sentence with your own functions.",
    explain={
        "a": "The curvatures along the two eigenvectors are in the ratio (1 + 0.99) / (1 − 0.99) = 199.",
        "b": "Momentum with the formula needs steps in proportion to √κ, and √(1000 / 10) = 10.",
        "c": "Dampening begins at the second step, so the first buffer is the whole first gradient.",
    },
)
