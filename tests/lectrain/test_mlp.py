"""The gradient of `MLP` agrees with PyTorch and with numerical gradients."""

import numpy as np
import pytest

from lectrain import MLP
from lectrain.check import numerical_gradient

SIZES = [[7, 5, 3], [6, 3], [4, 6, 5, 2], [3, 2, 2, 2, 2]]


def half_mean_square(Z, targets):
    """A smooth loss. It takes targets of the shape of Z instead of labels."""
    return np.mean((Z - targets) ** 2) / 2, (Z - targets) / Z.size


def hinge(Z, labels):
    """A loss that is piecewise linear: the logit of each other class should be lower by 1."""
    rows = np.arange(len(labels))
    margins = np.maximum(Z - Z[rows, labels][:, np.newaxis] + 1, 0)
    margins[rows, labels] = 0
    dZ = (margins > 0).astype(Z.dtype)
    dZ[rows, labels] = -dZ.sum(axis=1)
    return margins.sum() / len(Z), dZ / len(Z)


def problem(sizes, dtype=np.float64, n=9):
    rng = np.random.default_rng(len(sizes) * 100 + sizes[0])
    theta = MLP(sizes, hinge).init(rng, dtype)
    theta = [A + rng.normal(0, 0.3, A.shape).astype(dtype) for A in theta]  # so that the biases are not 0
    return theta, rng.normal(size=(n, sizes[0])).astype(dtype), rng.integers(sizes[-1], size=n)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("head", [half_mean_square, hinge])
def test_gradient_agrees_with_numerical_gradients(sizes, head):
    theta, X, labels = problem(sizes)
    labels = np.eye(sizes[-1])[labels] if head is half_mean_square else labels
    net = MLP(sizes, head)
    loss, grad = net.gradient(theta, X, labels)
    assert loss == net.loss(theta, X, labels) == pytest.approx(head(net.logits(theta, X), labels)[0])
    for i, slope in enumerate(grad):
        measured = numerical_gradient(lambda A, i=i: net.loss([*theta[:i], A, *theta[i + 1 :]], X, labels), theta[i])
        np.testing.assert_allclose(slope, measured, atol=1e-8)


@pytest.mark.parametrize("sizes", [*SIZES, [784, 128, 10]])
@pytest.mark.parametrize("head", [half_mean_square, hinge])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-10)])
def test_gradient_agrees_with_pytorch(sizes, head, dtype, tolerance):
    """The tolerance is relative to the largest element."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    theta, X, labels = problem(sizes, dtype, n=32)
    tensors = [torch.tensor(A, requires_grad=True) for A in theta]
    Z_t = torch.tensor(X)
    for W, b in zip(tensors[::2], tensors[1::2], strict=True):
        Z_t = Z_t @ W + b
        Z_t = torch.relu(Z_t) if W is not tensors[-2] else Z_t
    if head is hinge:
        loss_t = torch.nn.functional.multi_margin_loss(Z_t, torch.tensor(labels)) * sizes[-1]
    else:
        labels = np.eye(sizes[-1], dtype=dtype)[labels]
        loss_t = torch.nn.functional.mse_loss(Z_t, torch.tensor(labels)) / 2
    loss_t.backward()

    net = MLP(sizes, head)
    loss, grad = net.gradient(theta, X, labels)
    assert loss == pytest.approx(loss_t.item(), rel=tolerance)
    pairs = [(net.logits(theta, X), Z_t.detach()), *zip(grad, [tensor.grad for tensor in tensors], strict=True)]
    for got, want in ((got, want.numpy()) for got, want in pairs):
        assert got.dtype == want.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=0, atol=tolerance * abs(want).max())


def test_a_network_without_hidden_layers_is_affine():
    theta, X, labels = problem([6, 3])
    Z = MLP([6, 3], hinge).logits(theta, X)
    np.testing.assert_allclose(Z, X @ theta[0] + theta[1])
    dZ = hinge(Z, labels)[1]
    np.testing.assert_allclose(MLP([6, 3], hinge).gradient(theta, X, labels)[1][0], X.T @ dZ)


def test_initial_weights_have_variance_two_over_inputs_and_biases_are_zero():
    net = MLP([400, 300, 10], hinge)
    theta, again = (net.init(np.random.default_rng(3)) for _ in range(2))
    assert [A.shape for A in theta] == [(400, 300), (300,), (300, 10), (10,)]
    assert {A.dtype for A in theta} == {np.dtype(np.float32)}
    assert all((A == B).all() for A, B in zip(theta, again, strict=True))
    assert theta[0].var() == pytest.approx(2 / 400, rel=0.05)
    assert theta[2].var() == pytest.approx(2 / 300, rel=0.2)
    assert not theta[1].any()


def test_gradient_modifies_no_argument():
    theta, X, labels = problem([4, 6, 5, 2])
    for array in [*theta, X, labels]:
        array.setflags(write=False)
    MLP([4, 6, 5, 2], hinge).gradient(theta, X, labels)


def test_gradients_have_the_dtype_of_the_parameters():
    """A loss head that computes in float64 does not turn the rest of the computation into float64."""
    theta, X, labels = problem([7, 5, 3], np.float32)
    _, grad = MLP([7, 5, 3], lambda Z, labels: hinge(Z.astype(float), labels)).gradient(theta, X, labels)
    assert {dA.dtype for dA in grad} == {np.dtype(np.float32)}


def test_a_loss_head_that_returns_another_shape_is_reported():
    theta, X, labels = problem([7, 5, 3])
    with pytest.raises(ValueError, match=r"dZ of shape \(3,\) for logits of shape \(9, 3\)"):
        MLP([7, 5, 3], lambda Z, labels: (0.0, Z[0])).gradient(theta, X, labels)
