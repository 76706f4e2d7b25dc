"""Functions that students' functions call: small made-up problems, which contain no answer.

They are made in the student's process, where only NumPy and `autograder.factories` can be imported. NumPy's functions
are imported by name, because a cell may have replaced ``np.array``.
"""

from numpy import array, asarray, concatenate, multiply, ravel, shape, sin

from autograder.factories import Gradient, Recorder, factory

outer = multiply.outer


@factory
class AffineGradient(Gradient):
    """The gradient ``A w + b`` of a quadratic. It records the points of its calls, unless ``is_recorded`` is false."""

    def __init__(self, A, b, is_recorded=True):
        super().__init__()
        self.A, self.b, self.is_recorded = A, b, is_recorded

    def __call__(self, w):
        if self.is_recorded:
            self.record(array(w, dtype=float))
        return self.remember(self.A @ asarray(w, dtype=float) + self.b)

    @staticmethod
    def formula(write, A, b, is_recorded=True):
        return f"lambda w: {write(A)} @ w + {write(b)}"


@factory
class BatchGradient(Gradient):
    """The gradient with respect to ``W`` of half the mean square of ``X W - labels b``.

    It records all three arguments of its calls, so that batches can be checked.
    """

    def __init__(self, b):
        super().__init__()
        self.b = b

    def __call__(self, W, X, labels):
        self.record([array(argument, dtype=float) for argument in (W, X, labels)])
        return self.remember(X.T @ (X @ W - outer(labels, self.b)) / len(labels))


@factory
class Landscape(Recorder):
    """A loss of a list of arrays: a quadratic bowl with ripples. It records the points of its calls as vectors.

    ``centre`` and ``bends`` (the curvature along each axis) are lists of arrays with the shapes of the parameters.
    """

    def __init__(self, centre, bends, ripple=0.0):
        super().__init__()
        self.shapes = [C.shape for C in centre]
        self.centre, self.bends, self.ripple = as_vector(centre), as_vector(bends), ripple

    def __call__(self, theta):
        if not isinstance(theta, list | tuple) or [shape(A) for A in theta] != self.shapes:
            raise ValueError("loss_fn takes a list of arrays with the same shapes as theta")
        vector = as_vector(theta)
        self.record(vector)
        return float((self.bends / 2 * (vector - self.centre) ** 2 + self.ripple * sin(3 * vector)).sum())

    @staticmethod
    def formula(write, centre, bends, ripple=0.0):
        if len(centre) > 1 or centre[0].any() or ripple:
            return None  # only that of a bowl around 0 is short enough for a sheet
        return f"lambda theta: ({write(bends[0])} / 2 * theta[0] ** 2).sum()"


def as_vector(theta):
    return concatenate([ravel(A) for A in theta]).astype(float)
