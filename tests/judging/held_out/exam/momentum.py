"""Answers to the exercises of momentum."""

import numpy as np

from .common import IN_PLACE, say, wrong

say(
    "quadratic_grad",
    "the ½ cancels the 2 of the square: H w, not 2 H w",
    r"twice|factor (of )?2|½|\bhalf|1/2|doubl|two times|2 times|the 2\b",
    lambda H, w: 2 * H @ w,
)
say(
    "quadratic_grad",
    "only the diagonal of H is used: off the diagonal it couples the weights",
    r"diagonal|diag\(|turned|H ?@ ?w|coupl",
    lambda H, w: np.diag(H) * w,
)
say(
    "quadratic_grad",
    "this is f itself, one number, and not its gradient",
    r"\bloss\b|height|value of f|f itself|scalar|(one|single) number|function itself|½ ?w|one slope for each",
    lambda H, w: w @ H @ w / 2,
)

say(
    "condition_number",
    "the diagonal is not the eigenvalues, unless H is diagonal",
    r"diagonal|eigen",
    lambda H: float(np.max(np.diag(H)) / np.min(np.diag(H))),
)
say(
    "condition_number",
    "upside down: the largest over the smallest",
    r"upside down|invers|invert|wrong way|other way|reciprocal|swap|exchang|numerator|revers|turned|at least 1|below 1|smallest (over|by|divided)",
    lambda H: float(np.linalg.eigvalsh(H)[0] / np.linalg.eigvalsh(H)[-1]),
)
say(
    "condition_number",
    "eigvals has no particular order: take its maximum and minimum, or use eigvalsh",
    r"\border|\bsort|ascend|eigvalsh|max\(|largest and (the )?smallest|first and (the )?last|not (always )?the (largest|smallest)",
    lambda H: float(np.linalg.eigvals(H)[-1] / np.linalg.eigvals(H)[0]),
)
say(
    "condition_number",
    "the ratio is asked for, not the difference",
    r"(the|a|its|their) difference|ratio|divid|quotient|subtract|minus|taller|scale",
    lambda H: float(np.linalg.eigvalsh(H)[-1] - np.linalg.eigvalsh(H)[0]),
)


def scaled(X, mu, sigma):
    return (X - mu) / np.where(sigma > 0, sigma, 1.0)


say(
    "standardize",
    "the test set is scaled by its own mean and deviation: use those of the training set",
    r"own (mean|stat|std|dev)|statistics (of|from)|training (set's |set |data's |data |rows' |rows )?(statistics|mean|μ)|X_train's|(from|of) X_train|of the test|\b(its|their) own|by (itself|themselves)|the training",
    lambda X_train, X_test: (
        scaled(X_train, X_train.mean(axis=0), X_train.std(axis=0)),
        scaled(X_test, X_test.mean(axis=0), X_test.std(axis=0)),
    ),
)


@wrong(
    "standardize",
    "ddof=1 divides by n − 1: here the mean of the squares is over n",
    r"ddof|n ?[−-] ?1|divid\w* by n|sample|unbiased|Bessel",
)
def standardize_ddof(X_train, X_test):
    mu, sigma = X_train.mean(axis=0), X_train.std(axis=0, ddof=1)
    return scaled(X_train, mu, sigma), scaled(X_test, mu, sigma)


@wrong(
    "standardize",
    "a constant column has deviation 0, and is divided by it: divide by 1 there",
    r"divi(de|ding|sion|ded) by (0|zero|its|it\b)|0 ?/ ?0|(deviation|std|σ|sigma).{0,25}(\b0\b|zero)|constant.{0,60}(nan|inf|divi|scal)|nothing to (be )?scal|divide by 1",
)
def standardize_constant(X_train, X_test):
    mu, sigma = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mu) / sigma, (X_test - mu) / sigma


@wrong(
    "standardize",
    "a small constant in the denominator is no cure: it changes every column, and blows up a constant one",
    r"small (constant|number|amount)|constant (is )?(added|in the)|added|adds|\beps|ε|1e-|denominator|blow|divide by 1|huge|scale.{0,40}constant|constant.{0,60}(scal|divi|shift)",
)
def standardize_eps(X_train, X_test):
    mu, sigma = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mu) / (sigma + 1e-8), (X_test - mu) / (sigma + 1e-8)


@wrong(
    "standardize",
    "one mean and one deviation for the whole table: each column has its own (axis=0)",
    r"axis|whole (table|array|matrix)|global|(each|every|per) (feature|column)|of its own|one mean|single mean|all (the )?(entries|features|numbers|columns)|overall|entire",
)
def standardize_without_axis(X_train, X_test):
    return scaled(X_train, X_train.mean(), X_train.std()), scaled(X_test, X_train.mean(), X_train.std())


@wrong(
    "momentum_step",
    "the weights move by the old V: they should move by the new one",
    r"(the |by |with )old\b|new (V|one)|V_new|previous|stale|not yet|before (V|it|the)|updated V|too late|one step (late|behind)",
)
def momentum_step_old_v(W, V, grad, lr, alpha):
    return W - V, lr * grad + alpha * V


@wrong(
    "momentum_step",
    "the learning rate multiplies the old V as well, which carries its own already",
    r"(lr|learning rate|ε).{0,60}(\bold\b|\bV\b|already|too\b|twice|also|again|both|whole|bracket)|already",
)
def momentum_step_lr_twice(W, V, grad, lr, alpha):
    V_new = lr * (grad + alpha * V)
    return W - V_new, V_new


@wrong(
    "momentum_step",
    "no 1 − alpha before the gradient: on the slide the weights do not add up to 1",
    r"1 ?[−-] ?(alpha|α)|averag|\bdamp|\bema\b|add up to 1",
)
def momentum_step_average(W, V, grad, lr, alpha):
    V_new = alpha * V + (1 - alpha) * lr * grad
    return W - V_new, V_new


@wrong("momentum_step", "V *= alpha changes the array of the caller: make a new one", IN_PLACE + r"|\*=|-=|\+=")
def momentum_step_in_place(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    return W - V, V


@wrong(
    "momentum_step",
    "this is PyTorch's buffer: on the slide the learning rate is inside of V",
    r"torch|without (the )?(lr|learning rate|ε)|(lr|learning rate|ε).{0,40}(belongs|missing|\bin\b|into|inside|enters|is not|outside|later|only when|part of|carr|lack|not)"
    r"|(belongs|missing|lacks?|includes?|contains?|carr(y|ies)|forgot|without).{0,30}(lr\b|learning rate|ε)",
)
def momentum_step_pytorch(W, V, grad, lr, alpha):
    V_new = alpha * V + grad
    return W - lr * V_new, V_new


def torch_with(slip):
    """The box of the slide, repaired, with one slip."""

    def torch_sgd_step(
        theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
    ):
        g, old = -grad if maximize and slip != "late sign" else grad, buf
        if weight_decay != 0 and slip != "decoupled":
            g = g + weight_decay * theta
        if momentum != 0 or slip == "always a buffer":
            if buf is not None:
                buf = momentum * buf + (1 if slip == "undamped" else 1 - dampening) * g
            elif slip == "damped from the start":
                buf = (1 - dampening) * g
            else:
                buf = g if slip == "alias" else np.array(g)
            g = g + momentum * (old if slip == "old buffer" and old is not None else buf) if nesterov else buf
        if slip == "decoupled":
            theta = theta - lr * weight_decay * theta
        return theta + lr * g if maximize and slip == "late sign" else theta - lr * g, buf

    return torch_sgd_step


say(
    "torch_sgd_step",
    "dampening begins at the second step: the first buffer is the whole first gradient",
    r"(damp|τ).{0,80}(first|second|t = 1|beginning|\bstart)|(first|t = 1|\bstart).{0,80}(damp|τ)|whole (first )?gradient",
    torch_with("damped from the start"),
)
say(
    "torch_sgd_step",
    "with maximize the sign is changed at the end, so weight decay makes the weights grow: change it before the decay",
    r"(decay|λ|penalty).{0,80}(\bsign|grow|away|before|flip|turn(s|ed)|negat|climb)|(\bsign|flip|negat|before).{0,80}(decay|λ|penalty)"
    r"|slide's (box|slip)|\bgrow",
    torch_with("late sign"),
)
say(
    "torch_sgd_step",
    "nesterov adds the old buffer: it should be the new one",
    r"(old|new|updated|previous|current) (buffer|b\b|buf\b|one)|buffer (before|after|just|that|of the)|\bb_?t\b|bₜ|one step (too )?(late|old|behind)",
    torch_with("old buffer"),
)
say(
    "torch_sgd_step",
    "the first buffer is grad itself: make a copy",
    r"\bcop(y|ies)|itself|own array|array of its own|buffer of its own|same (array|memory|object)|alias|shar(e|es|ing)\b.{0,20}memory|memory",
    torch_with("alias"),
)
say(
    "torch_sgd_step",
    "the weight decay goes past the buffer (as in AdamW): it belongs to the gradient before the buffer is made",
    r"decoupl|AdamW|(into|through|past|around|before|enters?) (the )?(buffer|gradient|momentum)|(buffer|gradient|momentum).{0,40}(without|lacks?|misses|ignores).{0,20}(decay|λ)|without (the )?(weight )?decay|(decay|λ).{0,60}(into|through|part of|belongs|past|around|missing|added to|before).{0,30}(buffer|gradient|momentum)",
    torch_with("decoupled"),
)
say(
    "torch_sgd_step",
    "dampening is ignored: later gradients enter the buffer with the factor 1 − τ",
    r"(damp|τ).{0,60}(ignor|missing|forgot|not (used|applied|in|multipl|taken)|left out|never|without|factor|whole|unused|no effect)|(ignor|missing|forgot|without|factor|never).{0,60}(damp|τ)"
    r"|1 ?[−-] ?(dampening|τ|tau)",
    torch_with("undamped"),
)
say(
    "torch_sgd_step",
    "with momentum = 0 the buffer should come back as it went in: it is overwritten",
    r"\b(buf|buffer|b)\b.{0,80}(as it (went|was|came)|unchanged|untouched|(?-i:None)|comes? back|stay|kept|not (be )?touch|should not|overwr|alone|updated|changed)|never touch"
    r"|returned? (as|unchanged)",
    torch_with("always a buffer"),
)
