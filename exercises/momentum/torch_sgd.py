"""Random steps of `torch.optim.SGD` to ask for."""

from autograder.judging.cases import case


def draw_step(rng, shape=(3,), first=False):
    """Weights, gradient and momentum buffer of one step, and a learning rate."""
    theta, grad, buf = rng.normal(size=(3, *shape))
    return (theta, grad, None if first else buf), {"lr": rng.uniform(0.05, 0.5)}


def draw_case(rng, about, shape=(3,), first=False, **options):
    """A step with these options. The learning rate is drawn, unless it is one of them."""
    args, lr = draw_step(rng, shape, first)
    return case(*args, **(lr | options), about=about)
