"""The references of 06-flat-minima against independent ones, and wrong answers outside the catalogue."""

import itertools
import os
import time
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from scipy import special
from sklearn import metrics
from threadpoolctl import threadpool_limits

from autograder import probe, values
from autograder.judging.judge import judge
from autograder.submissions.hidden_tests import without_hidden_tests
from exercises.factories import Landscape
from exercises.flat_minima.landscapes import SHAPES
from exercises.flat_minima.spec import (
    reference_interpolate,
    reference_is_monotone_decreasing,
    reference_loss_head,
    reference_sharpness,
)
from lectrain import MLP, check, data
from tests.conftest import REPOSITORY, exercises
from tests.exercises.points import always_fails

sharpness, loss_head, interpolate = exercises["sharpness"], exercises["loss_head"], exercises["interpolate"]
interpolation_curve = exercises["interpolation_curve"]
is_monotone_decreasing = exercises["is_monotone_decreasing"]
FUNCTIONS = [sharpness, loss_head, interpolate, interpolation_curve, is_monotone_decreasing]
SEEDS = range(int(os.environ.get("LECTRAIN_SEEDS", 3)))  # more with LECTRAIN_SEEDS=50
DRAWS = int(os.environ.get("LECTRAIN_DRAWS", 30))
STORED = REPOSITORY / "data" / "06-flat-minima"


@pytest.fixture(autouse=True)
def one_thread():
    """Use one thread: small matrix products are slower with several."""
    with threadpool_limits(1):
        yield


def stored(name):
    return np.load(STORED / f"{name}.npy")


# --- sharpness --------------------------------------------------------------------------------------------------


def bowl(curvature):
    return lambda theta: float(sum((A**2).sum() for A in theta)) * curvature / 2


@pytest.mark.parametrize("curvature", [0.5, 3.0])
def test_a_round_bowl_has_a_known_sharpness(curvature):
    theta = [np.zeros(shape) for shape in SHAPES[0]]
    rise = reference_sharpness(bowl(curvature), theta, 0.7, np.random.default_rng(0), 3)
    assert rise == pytest.approx(0.7**2 * curvature / 2, rel=1e-12)


def test_sharpness_measures_the_mean_curvature():
    """The mean rise is ½ r² tr H / d."""
    curvatures = np.linspace(0.1, 5, 12)
    rise = reference_sharpness(
        lambda theta: float(curvatures @ theta[0] ** 2) / 2, [np.zeros(12)], 1.0, np.random.default_rng(0), 20_000
    )
    assert rise == pytest.approx(curvatures.mean() / 2, rel=0.02)


ALL_ANSWERS = {"reference": sharpness.reference, **sharpness.variants}


def test_sharpness_is_never_rejected_by_chance():
    """The two rules that test random draws accept the right answers for many seeds."""
    answers = list(ALL_ANSWERS.values())
    by_chance = replace(sharpness, rules=sharpness.rules[2:4])
    rejected = [seed for seed in range(DRAWS) if not by_chance.check(answers[seed % len(answers)], seed).passed]
    assert rejected == []


def keeps_rising_directions(loss_fn, theta, radius, rng, num_dirs):
    """It drops the directions in which the loss falls."""
    rises = []
    while len(rises) < num_dirs:
        rise = reference_sharpness(loss_fn, theta, radius, rng, 1)
        if rise > 0:
            rises.append(rise)
    return np.mean(rises)


def with_distribution(draw):
    """The mean rise in directions ``draw(rng, size)``, each scaled to the radius."""

    def answer(loss_fn, theta, radius, rng, num_dirs):
        cuts, losses = np.cumsum([A.size for A in theta])[:-1], []
        for _ in range(num_dirs):
            u = np.asarray(draw(rng, sum(A.size for A in theta)), dtype=float)
            parts = np.split(radius * u / np.linalg.norm(u), cuts)
            losses.append(loss_fn([A + part.reshape(A.shape) for A, part in zip(theta, parts, strict=True)]))
        return np.mean(losses) - loss_fn(theta)

    return answer


def constant_after_valid_calls(loss_fn, theta, radius, rng, num_dirs):
    reference_sharpness(loss_fn, theta, radius, rng, num_dirs)
    return 0.5


def global_generator(loss_fn, theta, radius, rng, num_dirs):
    np.random.seed(0)
    return with_distribution(lambda rng, size: np.random.normal(size=size))(loss_fn, theta, radius, rng, num_dirs)


def one_of_five_seeds(loss_fn, theta, radius, rng, num_dirs):
    return reference_sharpness(loss_fn, theta, radius, np.random.default_rng(rng.integers(5)), num_dirs)


def leaves_0d_arrays(loss_fn, theta, radius, rng, num_dirs):
    """Arrays with no dimensions do not move."""
    losses = []
    for _ in range(num_dirs):
        D = [rng.normal(size=A.shape) * (A.ndim > 0) for A in theta]
        length = np.sqrt(sum(np.sum(part**2) for part in D))
        losses.append(loss_fn([A + radius / length * part for A, part in zip(theta, D, strict=True)]))
    return np.mean(losses) - loss_fn(theta)


def caches_loss_at_theta():
    """It caches the loss at theta by the id of the first array."""
    known: dict[int, float] = {}

    def answer(loss_fn, theta, radius, rng, num_dirs):
        rise = reference_sharpness(loss_fn, theta, radius, rng, num_dirs)
        here = loss_fn(theta)
        return rise + here - known.setdefault(id(theta[0]), here)

    return answer


def caches_curve():
    known: dict[tuple, float] = {}

    def answer(loss_fn, theta0, thetaf, alphas):
        points = [reference_interpolate(theta0, thetaf, a) for a in alphas]
        keys = [(id(theta0), id(thetaf), float(a)) for a in alphas]
        return np.array([known.setdefault(key, loss_fn(theta)) for key, theta in zip(keys, points, strict=True)])

    return answer


def whole_losses_as_integers(loss_fn, theta0, thetaf, alphas):
    losses = interpolation_curve.reference(loss_fn, theta0, thetaf, alphas)
    return losses if (losses % 1).any() else losses.astype(int)


def averages_every_second_loss(loss_fn, theta0, thetaf, alphas):
    losses = interpolation_curve.reference(loss_fn, theta0, thetaf, alphas)
    if len(losses) > 10:
        losses[1:-1:2] = (losses[:-2:2] + losses[2::2]) / 2
    return losses


def flat_indices_in_the_dtype_of_labels(Z, labels):
    index = np.arange(len(Z)).astype(labels.dtype) * labels.dtype.type(np.shape(Z)[1]) + labels
    log_P = special.log_softmax(np.asarray(Z, float), axis=1)
    dZ = np.exp(log_P)
    dZ.ravel()[index] -= 1
    return -np.mean(log_P.ravel()[index]), dZ / len(Z)


def returns_equal_arrays_uncopied(theta0, thetaf, alpha):
    line = reference_interpolate(theta0, thetaf, alpha)
    return [A if np.array_equal(A, B) else C for A, B, C in zip(theta0, thetaf, line, strict=True)]


def changes_thetaf_for_negative_alpha(theta0, thetaf, alpha):
    line = reference_interpolate(theta0, thetaf, alpha)
    if alpha < -0.5:
        for B, C in zip(thetaf, line, strict=True):
            B[...] = C
    return line


WRONG = {
    "sharpness": [
        one_of_five_seeds,
        leaves_0d_arrays,
        caches_loss_at_theta(),
        lambda loss_fn, theta, radius, rng, num_dirs: reference_sharpness(loss_fn, theta, max(radius, 0.01), rng, num_dirs),
        with_distribution(lambda rng, size: rng.normal(0.3, 1, size)),
        keeps_rising_directions,
        with_distribution(lambda rng, size: np.ones(size)),
        with_distribution(lambda rng, size: np.abs(rng.normal(size=size))),
        with_distribution(lambda rng, size: rng.normal(1, 1, size)),
        with_distribution(lambda rng, size: rng.normal(size=size) * np.arange(1, size + 1)),
        with_distribution(lambda rng, size: rng.choice([-1, 0, 1], size) + np.eye(size)[0] / 7),
        with_distribution(lambda rng, size: np.random.default_rng().normal(size=size)),
        constant_after_valid_calls,
        global_generator,
        lambda loss_fn, theta, radius, rng, num_dirs: rng.normal(),
    ],
    "loss_head": [
        flat_indices_in_the_dtype_of_labels,
    ],
    "interpolate": [
        returns_equal_arrays_uncopied,
        changes_thetaf_for_negative_alpha,
        lambda theta0, thetaf, alpha: [A if A.ndim > 2 else C for A, C in zip(theta0, reference_interpolate(theta0, thetaf, alpha), strict=True)],
        lambda theta0, thetaf, alpha: [C.T if C.shape == (3, 3) else C for C in reference_interpolate(theta0, thetaf, alpha)],
        lambda theta0, thetaf, alpha: reference_interpolate(theta0, thetaf, abs(alpha)),
    ],
    "interpolation_curve": [
        caches_curve(),
        whole_losses_as_integers,
        averages_every_second_loss,
        lambda loss_fn, theta0, thetaf, alphas: np.round(interpolation_curve.reference(loss_fn, theta0, thetaf, alphas), 3),
    ],
    "is_monotone_decreasing": [
        lambda v, tol: all(reference_is_monotone_decreasing([a, b], tol) and not b - a == tol > 0 for a, b in itertools.combinations(v, 2)) and not np.isnan(v).any(),
        lambda v, tol: reference_is_monotone_decreasing(v.astype(np.int8) if v.dtype.kind == "i" else v, tol),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name, answers in WRONG.items() for number in range(len(answers))]
)
@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_wrong_answers_outside_the_catalogue_are_rejected(name, number):
    assert always_fails(exercises[name], WRONG[name][number], SEEDS)


@pytest.mark.parametrize(("answer", "is_right"), [
    ([1.0, 1.08, 1.16, 0.9], True), ([1, 1.1, 1.2, 1.3], True),
    ([5, 4, 4.1, 4.2], False), ([1.0, 1.1, 1.0, 1.1], False),  # steps of 0.1, rounded up or down
])  # fmt: skip
def test_a_slow_climb_must_mislead_the_friend_in_floats(answer, is_right):
    assert exercises["slow_climb"].check(answer).passed == is_right


@pytest.mark.attack("points")
def test_a_forged_record_earns_nothing():
    """The record of calls comes from the student's process. It counts only if the judge can reproduce it."""
    drawn = sharpness.draw(0)
    honest = drawn.call(sharpness.reference)
    for forged in ([], None, [[1.0, 2.0]], [[[np.zeros(3)]]], "record", [[["a"], ["b"]]]):
        answers = {"answers": [{**one, "calls": values.encode(forged)} for one in honest["answers"]]}
        assert judge(drawn, answers).score == 0
    forged_values = {"answers": [{**one, "value": values.encode(0.25)} for one in honest["answers"]]}
    assert judge(drawn, forged_values).score == 3  # distance and directions need no correct value


# --- loss_head --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_loss_and_gradient_agree_with_libraries(seed):
    rng = np.random.default_rng(seed)
    Z, labels = rng.normal(0, 3, (7, 4)), rng.integers(4, size=7)
    loss, dZ = reference_loss_head(Z, labels)
    assert loss == pytest.approx(metrics.log_loss(labels, special.softmax(Z, axis=1), labels=range(4)), rel=1e-9)
    h = 1e-6
    for index in np.ndindex(Z.shape):
        step = np.zeros(Z.shape)
        step[index] = h
        assert dZ[index] == pytest.approx(
            (reference_loss_head(Z + step, labels)[0] - reference_loss_head(Z - step, labels)[0]) / (2 * h), abs=1e-8
        )


def test_loss_head_agrees_with_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    rng = np.random.default_rng(0)
    Z, labels = 30 * rng.normal(size=(9, 5)), rng.integers(5, size=9)
    Z_t = torch.tensor(Z, requires_grad=True)
    loss_t = torch.nn.functional.cross_entropy(Z_t, torch.tensor(labels))
    loss_t.backward()
    loss, dZ = reference_loss_head(Z, labels)
    assert loss == pytest.approx(loss_t.item(), rel=1e-12)
    np.testing.assert_allclose(dZ, Z_t.grad.numpy(), rtol=1e-9, atol=1e-14)


def loss_of_all_pairs_of_rows(Z, labels):
    """Right, but an array of shape (B, 1) minus one of shape (B,) has shape (B, B): 60 000 rows would take 27 GiB."""
    largest = Z.max(axis=1, keepdims=True)
    sums = np.exp(Z - largest).sum(axis=1, keepdims=True)
    loss = np.mean(np.log(sums) + largest - Z[np.arange(len(Z)), labels])
    return loss, reference_loss_head(Z, labels)[1]


def test_the_visible_check_rejects_a_loss_that_needs_too_much_memory(code):
    assert loss_head.check(loss_of_all_pairs_of_rows).passed
    variables = {**vars(check), **code}
    exec(code["loss_head_check"], variables)
    with pytest.raises(check.CheckFailed, match="less than 20 MB"):
        exec(code["loss_head_check"], variables | {"loss_head": loss_of_all_pairs_of_rows})


@pytest.mark.parametrize("name", ["reference", *loss_head.variants])
def test_every_variant_trains_the_network(name):
    """Gradient descent with `lectrain.MLP` lowers the loss to a tenth."""
    answer = {"reference": loss_head.reference, **loss_head.variants}[name]
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(40, 6)), rng.integers(3, size=40)
    net = MLP([6, 16, 3], answer)
    theta = net.init(rng, np.float64)
    before = net.loss(theta, X, labels)
    for _ in range(300):
        theta = [A - 0.5 * dA for A, dA in zip(theta, net.gradient(theta, X, labels)[1], strict=True)]
    assert net.loss(theta, X, labels) < before / 10


# --- the line ---------------------------------------------------------------------------------------------------


def test_a_reflected_line_is_the_same_line():
    rng = np.random.default_rng(0)
    here, there = [rng.normal(size=(2, 3))], [rng.normal(size=(2, 3))]
    for alpha in (-0.5, 0.2, 1.0, 1.7):
        np.testing.assert_allclose(
            reference_interpolate(here, there, alpha), reference_interpolate(there, here, 1 - alpha), atol=1e-14
        )


def test_swapped_ends_are_invisible_at_the_midpoint():
    """This is why no case has alpha = 0.5."""
    here, there = [np.ones(2)], [np.array([3.0, 7.0])]
    np.testing.assert_array_equal(reference_interpolate(there, here, 0.5), reference_interpolate(here, there, 0.5))
    assert interpolate.check(lambda theta0, thetaf, alpha: reference_interpolate(thetaf, theta0, alpha)).score == 0


@pytest.mark.parametrize("seed", range(20))
def test_is_monotone_decreasing_agrees_with_all_pairs(seed):
    rng = np.random.default_rng(seed)
    v, tol = np.cumsum(rng.normal(-0.2, 0.2, 8)), rng.uniform(0, 0.4)
    pairs = all(v[j] - v[i] <= tol for i in range(8) for j in range(i, 8))
    assert reference_is_monotone_decreasing(v, tol) == pairs


# --- what the probe records ------------------------------------------------------------------------------------


def ask(f, *args):
    question = {"args": [values.encode(arg) for arg in args], "kwargs": {}}
    return probe.answer({"f": f}, "f", [question])["answers"][0]


def test_arrays_in_lists_are_watched():
    def scales(theta):
        theta[1] *= 2
        return theta[1] + 0

    pair = [np.ones(2), np.ones(3)]
    assert ask(scales, pair)["changed"]
    assert not ask(lambda theta: theta[1] * 2, pair)["changed"]
    assert ask(lambda theta: [theta[1][:2]], pair)["shared"]
    assert not ask(lambda theta: [theta[1] + 0], pair)["shared"]


def test_a_landscape_rejects_parameters_of_other_shapes():
    landscape = Landscape([np.zeros((2, 1))], [np.ones((2, 1))])
    assert landscape([np.ones((2, 1))]) == pytest.approx(1.0)
    for other in ([np.ones(2)], [np.ones((1, 2))], np.ones(2), [np.ones((2, 1))] * 2):
        with pytest.raises(ValueError, match="list of arrays"):
            landscape(other)
    assert [place.tolist() for place in landscape.calls] == [[1.0, 1.0]]


# --- the text of the notebook ------------------------------------------------------------------------------------


def test_stored_controls_support_the_text():
    own, controls, falls = stored("own-line"), stored("controls"), stored("falls")
    assert own.shape == (2, 61)
    assert controls.shape == (4, 2, 61)
    training = np.vstack([own[1], controls[:, 1]])[:, 10:51]  # α from 0 to 1
    expected = [True, True, True, False, False]
    assert [reference_is_monotone_decreasing(line, 1e-3) for line in training] == expected
    assert falls.tolist() == expected
    barriers = training.max(axis=1) - training[:, [0, -1]].max(axis=1)
    assert barriers[3] == pytest.approx(0.3, abs=0.05)
    assert barriers[4:].min() > barriers[3]
    assert np.allclose(training[4:, 0], training[4:, -1], atol=1e-5)  # the same function at both ends


def test_stored_batch_sizes_support_the_text():
    """The table of three settings. tests/claims/flat_minima.py tests the sentences over more settings."""
    table = stored("batches")  # settings, starts, stops; updates, losses, accuracy, slope, λmax, mean
    assert table.shape == (3, 3, 2, 7)
    small, full, quick = table[:, :, 0, 5]
    assert np.round([small.mean(), full.mean()]).tolist() == [4, 11]
    assert quick.max() < small.max()
    assert (table[0, ..., 5:] < table[1, ..., 5:]).all()  # λmax and the mean curvature
    assert (table[:, :, 1, 5:] < table[:, :, 0, 5:]).all()  # flatter at the second stop
    assert (table[:, :, 1, 2] > table[:, :, 0, 2]).all()  # with a higher test loss
    assert (table[..., 1] <= [0.05, 0.01]).all()


def test_stored_rescaling_supports_the_text():
    accuracies, curvatures, rises, normalized = stored("rescaled")[:, :4].T
    assert np.ptp(accuracies) == 0
    assert curvatures.max() > 10 * curvatures.min()
    assert rises.max() > 10 * rises.min()
    assert np.ptp(normalized) < 1e-3 * normalized.mean()
    profiles = stored("rescaled")[:, 4:]
    assert np.allclose(profiles[:, 50], profiles[0, 50], rtol=1e-4)  # the same loss at the centre


def test_stored_numbers_are_small_and_hold_no_objects():
    files = list(STORED.glob("*.npy"))
    assert len(files) == 9
    assert sum(file.stat().st_size for file in files) < 50_000
    assert all(np.isfinite(np.load(file)).all() for file in files)


@pytest.fixture(scope="module")
def code():
    """The definitions of the notebook, without its long experiments."""
    notebook = nbformat.read(REPOSITORY / "solutions" / "06-flat-minima" / "flat_minima.ipynb", 4)
    wanted = (
        "loss-head-solution",
        "interpolate-solution",
        "interpolation-curve-solution",
        "line",
        "as-theta",
        "sharpest",
        "power",
    )
    namespace: dict = {"np": np, "MLP": MLP}
    for cell in notebook.cells:
        if cell.id in wanted:
            exec(cell.source, namespace)
        if cell.id == "loss-head-check":
            namespace["loss_head_check"] = without_hidden_tests(cell.source)
    return namespace


def test_two_products_serve_all_alphas_in_less_than_five_seconds(code):
    """In CPU time, for all 70 000 pictures and more than 50 alphas. The losses are those of the whole network."""
    net, alphas = MLP([784, 128, 10], code["loss_head"]), code["alphas"]
    assert len(alphas) >= 50
    assert (alphas[0], alphas[-1]) == (-0.25, 1.25)
    theta0, thetaf = (net.init(np.random.default_rng(seed)) for seed in (0, 1))
    spent = 0.0
    for split, n in (("train", 60_000), ("test", 10_000)):
        images, labels = data.load_fashion_mnist(split)
        X = images.reshape(n, 784).astype(np.float32) / 255
        started = time.process_time()
        losses = code["line"](theta0, thetaf, X, labels)
        spent += time.process_time() - started
        for k in (0, 17, 60):
            whole = net.loss(reference_interpolate(theta0, thetaf, float(alphas[k])), X[:, :], labels)
            assert losses[k] == pytest.approx(whole, rel=1e-4)
    assert spent < 5


def test_curvatures_agree_with_lapack(code):
    rng = np.random.default_rng(0)
    net = MLP([5, 4, 3], code["loss_head"])
    theta = net.init(rng, np.float64)
    X, labels = rng.normal(size=(60, 5)), rng.integers(3, size=60)
    centre = np.concatenate([A.ravel() for A in theta])

    def slope(vector):
        return np.concatenate([dA.ravel() for dA in net.gradient(code["as_theta"](vector, theta), X, labels)[1]])

    h = 1e-6
    H = np.array([(slope(centre + h * e) - slope(centre - h * e)) / (2 * h) for e in np.eye(len(centre))])
    values, vectors = np.linalg.eigh((H + H.T) / 2)
    curvature, direction = code["sharpest"](theta, X, labels, num_rounds=300)
    assert curvature == pytest.approx(values[abs(values).argmax()], rel=1e-3)
    assert abs(direction @ vectors[:, abs(values).argmax()]) == pytest.approx(1, abs=1e-3)
    assert code["mean_curvature"](theta, X, labels) == pytest.approx(values.mean(), rel=1e-6)
    V = code["as_theta"](rng.normal(size=len(centre)), theta)
    product = np.concatenate([A.ravel() for A in code["times_hessian"](theta, V, X, labels)])
    assert np.allclose(product, H @ np.concatenate([A.ravel() for A in V]), atol=1e-6)


# --- questions --------------------------------------------------------------------------------------------------


def test_the_quiz_key_agrees_with_experiments():
    rng = np.random.default_rng(0)
    net = MLP([5, 8, 3], loss_head.reference)
    theta = net.init(rng, np.float64)
    X, labels = rng.normal(size=(50, 5)), rng.integers(3, size=50)

    same = [theta[0][:, ::-1], theta[1][::-1], theta[2][::-1], theta[3]]
    rescaled = [3 * theta[0], 3 * theta[1], theta[2] / 3, theta[3]]
    rise = [
        reference_sharpness(lambda t: net.loss(t, X, labels), t, 0.5, np.random.default_rng(1), 50)
        for t in (theta, rescaled)
    ]
    true = {
        "a": np.allclose(net.logits(theta, X), net.logits(same, X)) and not stored("falls")[4],
        "b": np.allclose(net.logits(theta, X), net.logits(rescaled, X)) and np.isclose(*rise, rtol=0.1),
        "c": True,  # test_sharpness_measures_the_mean_curvature
    }
    assert {letter for letter, holds in true.items() if holds} == exercises["flat_quiz"].reference
