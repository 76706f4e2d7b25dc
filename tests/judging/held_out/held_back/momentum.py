"""Answers to the exercises of momentum."""

import numpy as np

from .common import say, wrong

say("quadratic_grad", "the 1/2 is forgotten", "½|1/2|twice|2 times|factor", lambda H, w: 2 * H @ w)
say("quadratic_grad", "the 1/2 is still there", "½|1/2|half|factor|0.5", lambda H, w: 0.5 * H @ w)
say("quadratic_grad", "only the diagonal of H", "diagonal|off|turned", lambda H, w: np.diag(H) * w)
say("quadratic_grad", "the value instead of the gradient", "value|shape|number", lambda H, w: 0.5 * w @ H @ w)
say("quadratic_grad", "element by element", "element|shape|@|product", lambda H, w: H * w)
say("quadratic_grad", "the sign is wrong", "sign|minus|downhill", lambda H, w: -H @ w)
say(
    "quadratic_grad",
    "the inverse: the way to the minimum",
    "inverse|divides by H|Newton",
    lambda H, w: np.linalg.solve(H, w),
)

say(
    "condition_number",
    "the diagonal instead of the eigenvalues",
    "diagonal|eigenvalue",
    lambda H: np.diag(H).max() / np.diag(H).min(),
)
say(
    "condition_number",
    "upside down",
    "upside|below 1|larger one",
    lambda H: np.linalg.eigvalsh(H)[0] / np.linalg.eigvalsh(H)[-1],
)
say("condition_number", "a root", "root|square", lambda H: np.sqrt(np.linalg.cond(H)))
say("condition_number", "the square", "quared|root", lambda H: np.linalg.cond(H @ H))
say(
    "condition_number",
    "the difference instead of the ratio",
    "differ|ratio|over|divid",
    lambda H: np.ptp(np.linalg.eigvalsh(H)),
)
say(
    "condition_number",
    "eigvals in no order",
    "order|sort|eigvals",
    lambda H: np.linalg.eigvals(H)[0] / np.linalg.eigvals(H)[-1],
)
say("condition_number", "the largest eigenvalue alone", "alone|smallest|ratio", lambda H: np.linalg.eigvalsh(H)[-1])
say("condition_number", "largest over smallest entry", "entr|eigenvalue", lambda H: H.max() / H.min())


def scaled(mu, sigma):
    def standardize(A, B):
        A, B = np.array(A, float), np.array(B, float)
        m, d = mu(A, B), sigma(A, B)
        return (A - m) / np.where(d == 0, 1, d), (B - m) / np.where(d == 0, 1, d)

    return standardize


def own(A, B):
    one = scaled(lambda A, B: A.mean(0), lambda A, B: A.std(0))
    return one(A, A)[0], one(B, B)[0]


def over_all(A):
    return np.ptp(A, axis=0)


say("standardize", "the test data by its own statistics", "own|test|train", own)
say(
    "standardize",
    "one mean and deviation for all columns",
    "column|axis|each feature|whole",
    scaled(lambda A, B: A.mean(), lambda A, B: A.std()),
)
say(
    "standardize",
    "divided by n - 1",
    "n [-−] 1|ddof|divide by n",
    scaled(lambda A, B: A.mean(0), lambda A, B: A.std(0, ddof=1) if len(A) > 1 else A.std(0)),
)
say(
    "standardize",
    "a constant column is divided by 0",
    "constant|zero|0|nan",
    lambda A, B: ((A - A.mean(0)) / A.std(0), (B - A.mean(0)) / A.std(0)),
)
say(
    "standardize",
    "a small number is added to the deviation",
    "add|small|eps|divided by",
    lambda A, B: ((A - A.mean(0)) / (A.std(0) + 1e-3), (B - A.mean(0)) / (A.std(0) + 1e-3)),
)
say(
    "standardize",
    "divided by the variance",
    "variance|root|std|standard deviation",
    scaled(lambda A, B: A.mean(0), lambda A, B: A.var(0)),
)
say(
    "standardize", "scaled to 0 to 1", "range|min|0 (to|and) 1", scaled(lambda A, B: A.min(0), lambda A, B: over_all(A))
)
say("standardize", "not shifted", "mean|shift|centre", scaled(lambda A, B: 0, lambda A, B: A.std(0)))
say(
    "standardize",
    "not scaled",
    "scale|standard deviation|divid",
    scaled(lambda A, B: A.mean(0), lambda A, B: np.float64(1)),
)
say(
    "standardize",
    "the statistics of both sets together",
    "both|together|test|train",
    scaled(lambda A, B: np.vstack([A, B]).mean(0), lambda A, B: np.vstack([A, B]).std(0)),
)
say(
    "standardize",
    "each row instead of each column",
    "row|column|axis|example",
    lambda A, B: tuple(
        (M - M.mean(1, keepdims=True)) / np.where(M.std(1, keepdims=True) == 0, 1, M.std(1, keepdims=True))
        for M in (A, B)
    ),
)
say(
    "standardize",
    "the median instead of the mean",
    "mean|centre|shift|subtracted",
    scaled(lambda A, B: np.median(A, 0), lambda A, B: A.std(0)),
)

say(
    "momentum_step",
    "the old V moves the weights",
    "old|new V|V_new",
    lambda W, V, grad, lr, alpha: (W - V, lr * grad + alpha * V),
)
say(
    "momentum_step",
    "uphill: the sign of the step",
    "sign|plus|minus|uphill|W_new|against",
    lambda W, V, grad, lr, alpha: (W + (lr * grad + alpha * V), lr * grad + alpha * V),
)
say(
    "momentum_step",
    "a weighted mean: (1 - alpha) before the gradient",
    "1 [-−] (alpha|α)|average|weight",
    lambda W, V, grad, lr, alpha: (W - lr * (1 - alpha) * grad - alpha * V, lr * (1 - alpha) * grad + alpha * V),
)
say(
    "momentum_step",
    "PyTorch's form: lr outside",
    "PyTorch|outside|lr",
    lambda W, V, grad, lr, alpha: (W - lr * (grad + alpha * V), grad + alpha * V),
)
say(
    "momentum_step",
    "lr multiplies the old V as well",
    "old V|lr|learning rate",
    lambda W, V, grad, lr, alpha: (W - lr * (grad + alpha * V), lr * (grad + alpha * V)),
)
say(
    "momentum_step",
    "alpha and lr are swapped",
    "swap|exchang|alpha|α",
    lambda W, V, grad, lr, alpha: (W - alpha * grad - lr * V, alpha * grad + lr * V),
)
say(
    "momentum_step",
    "the results are swapped",
    "swap|order|first, then|changed places",
    lambda W, V, grad, lr, alpha: (lr * grad + alpha * V, W - lr * grad - alpha * V),
)
say(
    "momentum_step",
    "V with the other sign",
    "sign|minus|V",
    lambda W, V, grad, lr, alpha: (W - lr * grad + alpha * V, alpha * V - lr * grad),
)
say(
    "momentum_step",
    "V is a velocity: W + V with V = alpha V - lr grad",
    "sign|minus|V",
    lambda W, V, grad, lr, alpha: (W + (alpha * V - lr * grad), alpha * V - lr * grad),
)
say(
    "momentum_step",
    "alpha is not used",
    "alpha|α|kept whole",
    lambda W, V, grad, lr, alpha: (W - lr * grad - V, lr * grad + V),
)
say(
    "momentum_step",
    "the momentum is forgotten",
    "momentum|V|SGD",
    lambda W, V, grad, lr, alpha: (W - lr * grad, lr * grad),
)


@wrong("momentum_step", "V is changed in place", "chang|in place|given")
def _(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    return W - V, V


def sgd(
    *,
    damp_first=False,
    flip_late=False,
    decoupled=False,
    nesterov_on=True,
    keep=False,
    lr_in=False,
    decay=1,
):
    """torch.optim.SGD with one thing wrong."""

    def torch_sgd_step(
        theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
    ):
        g = np.array(grad) if flip_late or not maximize else -np.array(grad)
        if decoupled:
            theta = theta * (1 - lr * weight_decay)
        else:
            g = g + decay * weight_decay * theta
        if momentum != 0:
            if buf is None:
                buf = (1 - dampening) * g if damp_first else g.copy()
            else:
                buf = momentum * buf + (1 - dampening) * (lr * g if lr_in else g)
            g = g + momentum * buf if nesterov and nesterov_on else buf
        elif keep:
            buf = g.copy()
        return (theta + lr * g if flip_late and maximize else theta - lr * g), buf

    return torch_sgd_step


say("torch_sgd_step", "the first gradient is dampened, too", "first|dampen", sgd(damp_first=True))
say(
    "torch_sgd_step",
    "maximize changes the sign of the step, not of the gradient",
    "maximi[sz]e|decay|sign",
    sgd(flip_late=True),
)
say("torch_sgd_step", "weight decay outside of the gradient", "decay|λ|decoupled", sgd(decoupled=True))
say("torch_sgd_step", "nesterov does nothing", "nesterov", sgd(nesterov_on=False))
say("torch_sgd_step", "a buffer without momentum", "buf|momentum", sgd(keep=True))
say("torch_sgd_step", "lr inside the buffer", "lr|buffer|inside", sgd(lr_in=True))
say("torch_sgd_step", "the sign of weight decay", "decay|sign|λ", sgd(decay=-1))
say("torch_sgd_step", "weight decay is forgotten", "decay|λ", sgd(decay=0))
say("torch_sgd_step", "weight decay doubled", "decay|λ|twice|½|2", sgd(decay=2))
