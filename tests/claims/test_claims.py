"""The empirical sentences of the notebooks hold for every setting that a sceptic would try."""

import re

import numpy as np
import pytest

from tests.conftest import REPOSITORY

from . import fashion_mnist_grid, flat_minima_grid, momentum_grid, sgd_grid, training_issues
from .claim import Claim
from .count import MODULES, count_claims
from .prose import has_a_number, normalise, sentences

CLAIMS = [
    pytest.param(claim, id=f"{name}: {claim.sentence[:40]}")
    for name, module in MODULES.items()
    for claim in module.CLAIMS
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_holds_for_every_setting(claim: Claim):
    failing = [setting for setting in claim.settings() if not claim.holds(**setting)]
    assert not failing, f"{claim.sentence} It is false for {failing}"


def test_each_knob_is_turned_to_three_values_at_least():
    assert all(len(values) >= 3 for module in MODULES.values() for c in module.CLAIMS for values in c.knobs.values())


@pytest.mark.parametrize("page", ["README.md", "docs/site/pages/grading.md"])
def test_the_guides_promise_no_more_claims_than_there_are(page: str):
    text = " ".join((REPOSITORY / page).read_text(encoding="utf-8").split())
    (promised,) = re.findall(r"more than (\d+) sentences in more than (\d+) settings", text)
    assert all(int(number) < count for number, count in zip(promised, count_claims(), strict=True))


@pytest.mark.parametrize("name", MODULES)
def test_each_sentence_with_a_number_is_either_a_claim_or_a_setting(name: str):
    """And each claim and setting is a sentence."""
    claims = [normalise(text) for claim in MODULES[name].CLAIMS for text in claim.sentences()]
    settings = [normalise(text) for text in MODULES[name].SETTINGS]
    assert not _without_a_sentence(claims, sentences(name, optional=True))
    unclaimed = [s for s in sentences(name) if has_a_number(s) and not s.startswith(tuple(claims))]
    unknown = [s for s in unclaimed if not s.startswith(tuple(settings))]
    assert not unknown, f"add the first words of each to SETTINGS of tests/claims/{name}.py, or write a claim"
    assert not _without_a_sentence(settings, unclaimed)


def _without_a_sentence(beginnings: list[str], among: list[str]) -> list[str]:
    return [text for text in beginnings if not any(sentence.startswith(text) for sentence in among)]


@pytest.mark.parametrize(("pixels", "index"), [("centred", 1), ("standardized", 2)])
def test_the_stored_steps_are_those_of_the_notebooks_functions(pixels: str, index: int):
    alphas, factors = (2,), (8, 12)  # a sample that takes seconds: α = 0.9 at two stable rates
    chosen = [momentum_grid.ALPHAS[i] for i in alphas], [momentum_grid.FACTORS[i] for i in factors]
    steps = momentum_grid.of_pixels(2000, pixels, *chosen)
    stored = momentum_grid.steps()[1, index][np.ix_(alphas, factors)]
    assert np.max(np.abs(steps - stored)) <= 1  # rounding may differ between machines


def test_the_stored_steps_for_other_photos_are_those_of_the_notebooks_functions():
    steps = momentum_grid.of_pixels(0, "centred", [0.9], [momentum_grid.FACTORS[12]], *momentum_grid.OTHER_PHOTOS[0])
    stored = momentum_grid.steps_for_other_photos()[0, 0, 1, 6]  # at every second rate
    assert np.max(np.abs(steps[0, 0] - stored)) <= 1


def test_the_stored_steps_with_mini_batches_are_those_of_the_notebooks_functions():
    rate, seed = 7, 0  # a sample that takes a second: α = 0.9 at its best rate
    chosen = [0.9], [momentum_grid.BATCH_FACTORS[rate]], [momentum_grid.BATCH_SEEDS[seed]]
    steps = momentum_grid.of_batches("standardized", 100, *chosen)
    stored = momentum_grid.steps_with_batches()[2, 1, 1, rate, seed]
    assert np.max(np.abs(steps[0, 0, 0] - stored)) <= momentum_grid.BATCH_EVERY


@pytest.mark.parametrize(("index", "pixels"), [*enumerate(momentum_grid.TEST_PIXELS)])
def test_the_stored_test_losses_are_those_of_the_notebooks_functions(index: int, pixels: str):
    losses = momentum_grid.of_test_losses(pixels, 0.9, [12])
    np.testing.assert_allclose(losses[0], momentum_grid.test_losses()[index, 1, 5], rtol=1e-2)


def test_the_stored_last_losses_are_those_of_the_notebooks_functions():
    losses = momentum_grid.of_floors("standardized", [10], [0.1], [0.9], [541])
    stored = momentum_grid.last_losses()[2, 0, 1, 1, 0]
    np.testing.assert_allclose(losses[0][0][0][0], stored, rtol=1e-2)


def test_the_stored_losses_of_slices_are_those_of_the_notebooks_functions():
    losses = [fashion_mnist_grid.short(*fashion_mnist_grid.SHORT[5], size) for size in fashion_mnist_grid.SHORT_SIZES]
    np.testing.assert_allclose(losses, fashion_mnist_grid.slices()[5], rtol=1e-5)


def test_the_stored_accuracies_are_those_of_the_notebooks_functions():
    accuracies = fashion_mnist_grid.validation(0.1, *fashion_mnist_grid.FOLDS[0], num_epochs=2)
    np.testing.assert_allclose(accuracies, fashion_mnist_grid.validations()[1, 0, :2], atol=1e-3)


def test_the_stored_readings_are_those_of_the_notebooks_functions():
    accuracies = fashion_mnist_grid.readings(0.1, 20_000, 1, num_epochs=1)
    np.testing.assert_allclose(accuracies, fashion_mnist_grid.all_readings()[0, 1, 1, :8], atol=1e-3)


def test_another_stored_end_is_that_of_the_notebooks_functions():
    end = fashion_mnist_grid.other_end(*fashion_mnist_grid.OTHER_ENDS["stopped early"][2])
    np.testing.assert_allclose(end[:114], fashion_mnist_grid.other_ends()[3, 2, :114], atol=5)


def test_the_stored_end_is_that_of_the_weights_beside_the_notebook():
    stored, weights = fashion_mnist_grid.ends()[0, -1], np.load(REPOSITORY / "data/03-softmax/fashion-weights.npy")
    np.testing.assert_allclose(fashion_mnist_grid.describe(weights)[:114], stored[:114], atol=5)


def test_the_stored_trainings_are_those_of_the_notebooks_functions():
    b, r, s = 3, 9, 1  # a sample that takes seconds: B = 512 at its best rate
    lr, seed = float(sgd_grid.RATES[r]), sgd_grid.SEEDS[s]
    training = sgd_grid.of_training(sgd_grid.notebook(), sgd_grid.BATCHES[b], sgd_grid.EPOCHS[b], lr, seed)
    np.testing.assert_allclose(training, sgd_grid.trainings()[b, r, s], rtol=1e-3)


def test_the_stored_noise_is_that_of_the_notebooks_functions():
    stored = sgd_grid.critical_sizes()[0, 1, :2]
    np.testing.assert_allclose(list(sgd_grid.noise(sgd_grid.notebook(), 0.1, 541, (0, 0.1))), stored, rtol=1e-2)


def test_the_stored_ends_of_the_race_are_those_of_the_notebooks_functions():
    end = sgd_grid.last_of_race(sgd_grid.notebook(), 5, 0.4, 541)  # 12 updates with all photos
    np.testing.assert_allclose(end, sgd_grid.ends_of_race()[5, 0, 0], rtol=1e-3)


def test_the_other_stored_noise_is_that_of_the_notebooks_functions():
    noise = sgd_grid.noise(sgd_grid.notebook(), 0.8, 1, (0, 0.3), 4096)
    np.testing.assert_allclose(list(noise), sgd_grid.other_critical_sizes()[3, 1, :2], rtol=1e-2)


def test_the_stored_losses_of_other_orders_are_those_of_the_notebooks_functions():
    stored = sgd_grid.losses_for_orders()
    for s, style in enumerate(sgd_grid.STYLES):
        losses = sgd_grid.after_an_epoch(style, 541, 4000, 0.8)  # 15 updates
        np.testing.assert_allclose(losses, stored[s, 0, -1, 1], rtol=1e-3)


def test_the_stored_losses_of_wandering_weights_are_those_of_the_notebooks_functions():
    settings = [(1, way, 10, 0.1, 3) for way in sgd_grid.WAYS] + [(541, "sampling", 80, 0.1, 5)]
    for setting in settings:
        np.testing.assert_allclose(sgd_grid.wandering(*setting), sgd_grid.wandering_by_setting()[setting], rtol=1e-6)


def test_the_stored_ends_of_decays_are_those_of_the_notebooks_functions():
    stored = sgd_grid.ends_of_decays()[1, 0, :, 1, 2]
    ends = [sgd_grid.end_of_decay(1, 20, c, 0.5, 40) for c in sgd_grid.DECAYS]
    np.testing.assert_allclose(ends, stored, rtol=1e-6)


def test_many_seeds_at_once_train_as_the_notebook_does():
    losses = training_issues._losses_of_seeds(541, 1.3, range(3), 541)
    np.testing.assert_allclose(losses, [training_issues._loss(541, 1.3, 1, 400, seed) for seed in range(3)], rtol=1e-6)


@pytest.mark.parametrize(("batch_size", "lr"), [(10, 0.3), (500, 1.0)])
def test_the_stored_ends_are_those_of_the_notebooks_functions(batch_size: int, lr: float):
    stored = flat_minima_grid.ends()[1, flat_minima_grid.BATCH_SIZES.index(batch_size)]
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
    stored = flat_minima_grid.early_ends()[1, 1]
    np.testing.assert_allclose(ends[:, chosen], stored[:, chosen], rtol=0.1)


def test_the_picture_of_tuned_rates_shows_the_stored_ends():
    names, stops = flat_minima_grid.QUANTITIES, [flat_minima_grid.STOPS.index(stop) for stop in (0.05, 0.01)]
    ends = flat_minima_grid.ends()[..., stops, :][..., [names.index("largest"), names.index("accuracy")]]
    tuned = np.load(REPOSITORY / "data" / "06-flat-minima" / "tuned.npy")
    assert np.array_equal(tuned, np.moveaxis(ends, 0, 2))


def test_stored_lines_from_other_starts_end_at_the_trained_networks():
    ends = flat_minima_grid.lines_from_starts()[..., -1]
    random = flat_minima_grid.lines_from_random_starts()[: len(flat_minima_grid.SEEDS), :, -1]
    # Rounding, which differs between machines and numbers of threads, moves a trained network a little.
    for of_starts in (ends, random):
        assert np.allclose(of_starts, flat_minima_grid.lines()[1, :, :1, 0, -1], atol=0.01)


@pytest.mark.parametrize("lines", [flat_minima_grid.lines, flat_minima_grid.other_lines])
def test_stored_lines_begin_and_end_where_their_networks_are(lines):
    own, other, zeros, two, twins = np.moveaxis(lines(), 2, 0)
    assert np.ptp(zeros[..., 0]) < 1e-6
    assert np.allclose(zeros[..., 0], np.log(10))
    assert np.allclose(twins[..., 0], twins[..., -1], atol=1e-5)
    for line in (other, zeros):
        assert np.allclose(line[..., -1], own[..., -1], atol=1e-5)
    assert np.allclose(two[..., 0], own[..., -1], atol=1e-5)
