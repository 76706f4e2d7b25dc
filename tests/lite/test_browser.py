"""What a browser lacks is added there: speed for long experiments, and the report of overflow and invalid values."""

import json
import time

import numpy as np
import pytest

from lectrain import check, data
from lectrain.check import CheckFailed
from tests.conftest import REPOSITORY

from .pyodide import browser

expect_no_warning, or_stored = browser.expect_no_warning, browser.or_stored


def test_both_functions_are_replaced(monkeypatch):
    for module, name in ((check, "expect_no_warning"), (data, "or_stored"), (time, "thread_time")):
        monkeypatch.setattr(module, name, getattr(module, name))  # they are restored after the test
    browser.install()
    assert (check.expect_no_warning, data.or_stored) == (expect_no_warning, or_stored)
    assert expect_no_warning(np.exp, np.zeros(2), property="no warning").tolist() == [1, 1]


# --- overflow and invalid values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "z", "message"),
    [
        (lambda z: 1 / (1 + np.exp(-z)), [-1000.0, 0], "overflow encountered in exp"),
        (lambda z: np.log(z), [0.0, 1], "divide by zero encountered in log"),
        (lambda z: 1 / z, [0.0, 1], "divide by zero encountered in divide"),
        (lambda z: np.log(z - 1), [0.0, 3], "invalid value encountered in log"),
        (lambda z: (z * 1e200).sum() * 1e200, [1.0, 1], "overflow encountered in multiply"),
    ],
)
def test_an_error_is_found(f, z, message):
    with np.errstate(all="ignore"), pytest.raises(CheckFailed, match=message):
        expect_no_warning(f, np.array(z), property="no warning")


@pytest.mark.parametrize(
    ("f", "want"),
    [
        (lambda z: np.exp(-np.abs(z)), [0.0, 1]),
        (lambda z: np.where(z < 0, z, 0), [-1000.0, 0]),
        (lambda z: z.sum(), -1000.0),
        (lambda z: np.maximum(z, -np.inf), [-1000.0, 0]),
        (lambda z: np.add(z, 1, out=z.copy()), [-999.0, 1]),
        (lambda z: z @ np.ones(2), -1000.0),
    ],
)
def test_a_right_result_is_an_ordinary_array(f, want):
    got = expect_no_warning(f, np.array([-1000.0, 0]), property="no warning")
    assert type(got) in (np.ndarray, np.float64)
    assert np.array_equal(got, want)


def test_a_silenced_error_is_accepted():
    def quiet(z):
        with np.errstate(over="ignore"):
            return np.exp(z)

    assert expect_no_warning(quiet, np.array([1000.0]), property="no warning") == np.inf


# --- long experiments -----------------------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A course in which the experiment `some/numbers` takes 3 minutes."""
    monkeypatch.setattr(browser, "_to_compute", set())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "some").mkdir(parents=True)
    np.save(tmp_path / "data" / "some" / "numbers.npy", np.arange(3))
    (tmp_path / "data" / browser.MINUTES).write_text('{"some/numbers": 3}')


def unsolved():
    raise NotImplementedError


def test_a_long_experiment_shows_stored_results_until_its_button_is_pressed(stored, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(browser, "display", shown.append)
    assert or_stored(lambda: pytest.fail("computed"), "some/numbers").tolist() == [0, 1, 2]
    assert capsys.readouterr().out == "Computed on our machine (some/numbers).\n"
    (button,) = shown
    assert button.description == "Press here to compute it yourself: an estimated 3 min"
    button.click()
    assert button.description == "Now run this cell again: an estimated 3 min"
    assert or_stored(lambda: "mine", "some/numbers") == "mine"
    assert or_stored(unsolved, "some/numbers").tolist() == [0, 1, 2]


def test_a_short_experiment_is_computed(stored):
    assert or_stored(lambda: "mine", "other/numbers") == "mine"


def test_the_minutes_are_those_of_experiments_of_the_notebooks():
    notebooks = "".join(file.read_text() for file in (REPOSITORY / "notebooks").glob("*/*.ipynb"))
    minutes = json.loads((REPOSITORY / "data" / browser.MINUTES).read_text())
    assert minutes
    for name in minutes:
        assert name in notebooks
        assert (REPOSITORY / "data" / f"{name}.npy").is_file()
