"""The empirical sentences of the notebooks hold for every setting that a sceptic would try."""

import importlib
import re

import numpy as np
import pytest

from tests.conftest import REPOSITORY

from . import fashion_mnist_grid, flat_minima_grid, grids, momentum_grid, sgd_grid
from .claim import Claim
from .count import claims_by_notebook, count_claims
from .prose import has_a_number, normalise, sentences

NOTEBOOKS = ("sigmoid", "bce", "iris", "fashion_mnist", "sgd", "training_issues", "momentum", "flat_minima")
MODULES = {name: importlib.import_module(f"{__package__}.{name}") for name in NOTEBOOKS}
CLAIMS = [
    pytest.param(name, claim, id=f"{name}: {claim.sentence[:40]}")
    for name in NOTEBOOKS
    for claim in MODULES[name].CLAIMS
]


@pytest.mark.parametrize(("name", "claim"), CLAIMS)
def test_a_claim_holds_for_every_setting(name: str, claim: Claim):
    failing = [setting for setting in claim.settings() if not claim.holds(**setting)]
    assert not failing, f"{claim.sentence} It is false for {failing}"


@pytest.mark.parametrize(("name", "claim"), CLAIMS)
def test_a_claim_is_a_sentence_of_its_notebook(name: str, claim: Claim):
    assert any(sentence.startswith(normalise(claim.sentence)) for sentence in sentences(name, optional=True))


@pytest.mark.parametrize(("name", "claim"), CLAIMS)
def test_each_knob_is_turned_to_three_values_at_least(name: str, claim: Claim):
    assert all(len(values) >= 3 for values in claim.knobs.values())


def test_all_claims_are_counted():
    assert set(claims_by_notebook()) == set(NOTEBOOKS)
    assert count_claims()[0] == len(CLAIMS)


@pytest.mark.parametrize("page", ["README.md", "docs/site/pages/grading.md"])
def test_the_guides_promise_no_more_claims_than_there_are(page: str):
    text = " ".join((REPOSITORY / page).read_text(encoding="utf-8").split())
    (promised,) = re.findall(r"more than (\d+) sentences in more than (\d+) settings", text)
    assert all(int(number) < count for number, count in zip(promised, count_claims(), strict=True))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_sentence_with_a_number_is_a_claim_or_a_setting(name: str):
    known = [normalise(text) for text in (*(c.sentence for c in MODULES[name].CLAIMS), *MODULES[name].SETTINGS)]
    unknown = [s for s in sentences(name) if has_a_number(s) and not any(s.startswith(text) for text in known)]
    assert not unknown, f"add the first words of each to SETTINGS of tests/claims/{name}.py, or write a claim"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_setting_is_a_sentence_of_its_notebook(name: str):
    unused = [
        text for text in MODULES[name].SETTINGS if not any(s.startswith(normalise(text)) for s in sentences(name))
    ]
    assert not unused


@pytest.mark.parametrize(("pixels", "index"), [("centred", 1), ("standardized", 2)])
def test_the_stored_steps_are_those_of_the_notebooks_functions(pixels: str, index: int):
    alphas, factors = (3,), (8, 12)  # a sample that takes seconds: α = 0.9 at two stable rates
    chosen = [momentum_grid.ALPHAS[i] for i in alphas], [momentum_grid.FACTORS[i] for i in factors]
    steps = momentum_grid.of_pixels(2000, pixels, *chosen)
    stored = grids.load("momentum-steps")[1, index][np.ix_(alphas, factors)]
    assert np.max(np.abs(steps - stored)) <= 1  # rounding may differ between machines


def test_the_stored_steps_for_other_photos_are_those_of_the_notebooks_functions():
    steps = momentum_grid.of_pixels(0, "centred", [0.9], [momentum_grid.FACTORS[12]], *momentum_grid.OTHER_PHOTOS[0])
    stored = grids.load("momentum-other-photos")[0, 0, 1, 6]  # at every second rate
    assert np.max(np.abs(steps[0, 0] - stored)) <= 1


def test_the_stored_steps_with_mini_batches_are_those_of_the_notebooks_functions():
    rate, seed = 7, 0  # a sample that takes a second: α = 0.9 at its best rate
    chosen = [0.9], [momentum_grid.BATCH_FACTORS[rate]], [momentum_grid.BATCH_SEEDS[seed]]
    steps = momentum_grid.of_batches("standardized", 100, *chosen)
    stored = grids.load("momentum-batches")[2, 1, 1, rate, seed]
    assert np.max(np.abs(steps[0, 0, 0] - stored)) <= momentum_grid.BATCH_EVERY


def test_the_stored_test_losses_are_those_of_the_notebooks_functions():
    losses = momentum_grid.of_test_losses(0.5, [12])
    np.testing.assert_allclose(losses[0], grids.load("momentum-test-losses")[1, 5], rtol=1e-2)


def test_the_stored_last_losses_are_those_of_the_notebooks_functions():
    losses = momentum_grid.of_floors("standardized", [10], [0.1], [0.9], [541])
    stored = grids.load("momentum-floors")[2, 0, 1, 1, 0]
    np.testing.assert_allclose(losses[0][0][0][0], stored, rtol=1e-2)


def test_the_stored_losses_of_slices_are_those_of_the_notebooks_functions():
    losses = [fashion_mnist_grid.short(*fashion_mnist_grid.SHORT[5], size) for size in fashion_mnist_grid.SHORT_SIZES]
    np.testing.assert_allclose(losses, grids.load("fashion-slices")[5], rtol=1e-5)


def test_the_stored_accuracies_are_those_of_the_notebooks_functions():
    accuracies = fashion_mnist_grid.validation(0.1, *fashion_mnist_grid.FOLDS[0], num_epochs=2)
    np.testing.assert_allclose(accuracies, grids.load("fashion-validation")[1, 0, :2], atol=1e-3)


def test_the_stored_readings_are_those_of_the_notebooks_functions():
    accuracies = fashion_mnist_grid.readings(0.1, 20_000, 1, num_epochs=1)
    np.testing.assert_allclose(accuracies, grids.load("fashion-readings")[0, 1, 1, :8], atol=1e-3)


def test_another_stored_end_is_that_of_the_notebooks_functions():
    end = fashion_mnist_grid.other_end(*fashion_mnist_grid.OTHER_ENDS["stopped early"][2])
    np.testing.assert_allclose(end[:114], grids.load("fashion-other-ends")[3, 2, :114], atol=5)


def test_the_stored_end_is_that_of_the_weights_beside_the_notebook():
    stored, weights = grids.load("fashion-ends")[0, -1], np.load(REPOSITORY / "data/03-softmax/fashion-weights.npy")
    np.testing.assert_allclose(fashion_mnist_grid.describe(weights)[:114], stored[:114], atol=5)


def test_the_stored_trainings_are_those_of_the_notebooks_functions():
    b, r, s = 3, 9, 1  # a sample that takes seconds: B = 512 at its best rate
    lr, seed = float(sgd_grid.RATES[r]), sgd_grid.SEEDS[s]
    training = sgd_grid.of_training(sgd_grid.notebook(), sgd_grid.BATCHES[b], sgd_grid.EPOCHS[b], lr, seed)
    np.testing.assert_allclose(training, grids.load("sgd-trainings")[b, r, s], rtol=1e-3)


def test_the_stored_noise_is_that_of_the_notebooks_functions():
    stored = grids.load("sgd-noise")[0, 1, :2]
    np.testing.assert_allclose(list(sgd_grid.noise(sgd_grid.notebook(), 0.1, 541, (0, 0.1))), stored, rtol=1e-2)


def test_the_stored_ends_of_the_race_are_those_of_the_notebooks_functions():
    end = sgd_grid.last_of_race(sgd_grid.notebook(), 5, 0.4, 541)  # 12 updates with all photos
    np.testing.assert_allclose(end, grids.load("sgd-race")[5, 0, 0], rtol=1e-3)


def test_the_other_stored_noise_is_that_of_the_notebooks_functions():
    noise = sgd_grid.noise(sgd_grid.notebook(), 0.8, 1, (0, 0.3), 4096)
    np.testing.assert_allclose(list(noise), grids.load("sgd-other-noise")[3, 1, :2], rtol=1e-2)


def test_the_stored_losses_of_other_orders_are_those_of_the_notebooks_functions():
    stored = grids.load("sgd-orders")
    for s, style in enumerate(sgd_grid.STYLES):
        losses = sgd_grid.after_an_epoch(style, 541, 4000, 0.8)  # 15 updates
        np.testing.assert_allclose(losses, stored[s, 0, -1, 1], rtol=1e-3)


def test_the_stored_losses_of_wandering_weights_are_those_of_the_notebooks_functions():
    settings = [(1, way, 10, 0.1, 3) for way in sgd_grid.WAYS] + [(541, "sampling", 80, 0.1, 5)]
    stored = dict(zip(sgd_grid.wandering_settings(), grids.load("sgd-wandering"), strict=True))
    for setting in settings:
        np.testing.assert_allclose(sgd_grid.wandering(*setting), stored[setting], rtol=1e-6)


def test_the_stored_ends_of_decays_are_those_of_the_notebooks_functions():
    stored = grids.load("sgd-decays")[1, 0, :, 1, 2]
    ends = [sgd_grid.end_of_decay(1, 20, c, 0.5, 40) for c in sgd_grid.DECAYS]
    np.testing.assert_allclose(ends, stored, rtol=1e-6)


@pytest.mark.parametrize(("batch_size", "lr"), [(10, 0.3), (500, 1.0)])
def test_the_stored_ends_are_those_of_the_notebooks_functions(batch_size: int, lr: float):
    stored = grids.load("flat-minima-ends")[1, flat_minima_grid.BATCH_SIZES.index(batch_size)]
    ends = flat_minima_grid.of_training(2000, batch_size, lr, 0)
    names = flat_minima_grid.QUANTITIES
    curvature, loss = names.index("largest"), names.index("loss")
    expected = stored[flat_minima_grid.RATES[batch_size].index(lr)]
    # Rounding differs between machines, and may move a stop by 20 updates.
    assert ends[:, curvature] == pytest.approx(expected[:, curvature], rel=0.5)
    assert ends[:, loss] == pytest.approx(expected[:, loss], rel=0.3)


def test_the_stored_early_ends_are_those_of_the_notebooks_functions():
    ends = flat_minima_grid.of_training(2000, 500, 0.1, 1, flat_minima_grid.EARLY_STOPS)
    names = flat_minima_grid.QUANTITIES
    chosen = [names.index(name) for name in ("test loss", "largest")]
    stored = grids.load("flat-minima-early-ends")[1, 1, 1]
    np.testing.assert_allclose(ends[:, chosen], stored[:, chosen], rtol=0.1)


def test_the_picture_of_tuned_rates_shows_the_stored_ends():
    names, stops = flat_minima_grid.QUANTITIES, [flat_minima_grid.STOPS.index(stop) for stop in (0.05, 0.01)]
    ends = grids.load("flat-minima-ends")[..., stops, :][..., [names.index("largest"), names.index("accuracy")]]
    tuned = np.load(REPOSITORY / "data" / "06-flat-minima" / "tuned.npy")
    assert np.array_equal(tuned, np.moveaxis(ends, 0, 2))


def test_stored_lines_from_other_starts_end_at_the_trained_networks():
    ends = grids.load("flat-minima-starts")[..., -1]
    random = grids.load("flat-minima-random-starts")[: len(flat_minima_grid.SEEDS), :, -1]
    # Rounding, which differs between machines and numbers of threads, moves a trained network a little.
    for of_starts in (ends, random):
        assert np.allclose(of_starts, grids.load("flat-minima-lines")[1, :, :1, 0, -1], atol=0.01)


@pytest.mark.parametrize("name", ["flat-minima-lines", "flat-minima-other-lines"])
def test_stored_lines_begin_and_end_where_their_networks_are(name: str):
    lines = grids.load(name)
    own, other, zeros, two, twins = np.moveaxis(lines, 2, 0)
    assert np.ptp(zeros[..., 0]) < 1e-6
    assert np.allclose(zeros[..., 0], np.log(10))
    assert np.allclose(twins[..., 0], twins[..., -1], atol=1e-5)
    for line in (other, zeros):
        assert np.allclose(line[..., -1], own[..., -1], atol=1e-5)
    assert np.allclose(two[..., 0], own[..., -1], atol=1e-5)
