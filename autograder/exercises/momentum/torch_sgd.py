"""One step of `torch.optim.SGD`, the options that it refuses, and random steps to ask for."""

from ...judging.model import case


def raise_for_invalid_options(lr, momentum, dampening, weight_decay, nesterov):
    if min(lr, momentum, weight_decay) < 0 or (nesterov and not (momentum > 0 and dampening == 0)):
        raise ValueError("options that torch.optim.SGD refuses")


def sgd_step_without_validation(
    theta, grad, buf, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    g = (-1.0 if maximize else 1.0) * grad + weight_decay * theta
    if momentum == 0:
        return theta - lr * g, buf
    b = g if buf is None else momentum * buf + (1 - dampening) * g
    return theta - lr * (g + momentum * b if nesterov else b), b


def draw_step(rng, shape=(3,), first=False):
    """Weights, gradient and momentum buffer of one step, and a learning rate."""
    theta, grad, buf = rng.normal(size=(3, *shape))
    return (theta, grad, None if first else buf), {"lr": rng.uniform(0.05, 0.5)}


def draw_case(rng, about, shape=(3,), first=False, **options):
    """A step with these options. The learning rate is drawn, unless it is one of them."""
    args, lr = draw_step(rng, shape, first)
    return case(*args, **(lr | options), about=about)
