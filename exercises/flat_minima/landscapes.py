"""Parameters, as lists of arrays, and synthetic loss functions of them."""

import numpy as np

from autograder.judging.cases import FactoryArg

from ..factories import Landscape

# Two MLPs, and between them arrays with three and with no dimensions
SHAPES = (((4, 3), (3,), (3, 2), (2,)), ((2, 2, 3), (3, 3), ()), ((3, 2), (2,), (2, 4), (4,), (4, 1), (1,)))


def random_parameters(rng, shapes):
    return [rng.normal(size=shape) for shape in shapes]


def random_landscape(rng, shapes, centre=None):
    """A loss function of parameters of these shapes: a bowl with ripples. Its centre is random by default."""
    bends = [rng.uniform(0.5, 2, shape) for shape in shapes]
    return FactoryArg(Landscape, {"centre": centre or random_parameters(rng, shapes), "bends": bends, "ripple": 0.5})


def flatten(theta):
    """All parameters as one vector (d,)."""
    return np.concatenate([A.ravel() for A in theta])


def near_maximum(rng, shapes):
    """Parameters at maxima of the ripples, sin(3x), from where the loss falls on average."""
    return [np.pi / 6 + 2 * np.pi / 3 * rng.integers(-2, 3, shape) for shape in shapes]
