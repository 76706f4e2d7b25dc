"""What travels to the student's process and back: values, never objects."""

import json
import math
import warnings
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder import exercises, probe
from autograder.judging.model import case, with_strided_repeat

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner), max_leaves=10)


def there_and_back(value):
    return probe.decode(json.loads(json.dumps(probe.encode(value))))


@given(values)
def test_plain_values_survive_the_journey(value):
    assert repr(there_and_back(value)) == repr(value)


@given(arrays.arrays(st.sampled_from(["f4", "f8", "i8", "u1", "?", "U3"]), arrays.array_shapes(min_dims=0, min_side=0)))
def test_arrays_survive_the_journey(array):
    back = there_and_back(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()


@given(
    st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["array", "scalar", "shape", "data", "list", "set", "dict", "int", "factory"]), inner
            )
        ),
        max_leaves=20,
    )
)
def test_forged_json_is_refused_or_read_as_plain_values(forged):
    try:
        value = probe.decode(forged)
    except probe.Undecodable:
        return
    assert isinstance(
        value,
        None
        | bool
        | int
        | float
        | str
        | list
        | tuple
        | set
        | frozenset
        | dict
        | np.ndarray
        | np.generic
        | probe.Unknown,
    )


@pytest.mark.parametrize("forged", [
    {"array": "|O", "shape": [1], "data": "AAAAAAAAAAA="},
    {"array": "<f8", "shape": [2], "data": "AAAAAAAAAAA="},
    {"array": "<f8", "shape": [-1], "data": ""},
    {"array": "<U0", "shape": [1000000000], "data": ""},
    {"array": "<U1", "shape": [1], "data": "/////w=="},
    {"array": "<U1", "shape": [1], "data": "ANgAAA=="},
    {"array": "V8", "shape": [1], "data": "AAAAAAAAAAA="},
    {"factory": "AffineGradient", "params": {}},
    {"list": {"list": []}},
    {"pickle": "gASVAA=="},
    [], "text", 3, {},
])  # fmt: skip
def test_what_encode_never_writes_is_undecodable(forged):
    with pytest.raises(probe.Undecodable):
        probe.decode(forged)


def test_objects_do_not_travel_only_the_name_of_their_type_does():
    class Sly:
        def __array__(self, dtype=None, copy=None):
            return np.ones(3)

        def __eq__(self, other):
            return True

    assert there_and_back(Sly()).type_name == "Sly"
    assert there_and_back(np.array([Sly()], dtype=object)).type_name.startswith("ndarray of object")


def ask(function, *args, watch=False):
    question = {"args": [probe.encode(a) for a in args], "kwargs": {}, "watch": watch}
    return probe.answer({"f": function}, "f", [question])["answers"][0]


def test_a_changed_input_is_noted():
    assert ask(lambda z: z.sort(), np.array([2.0, 1.0]))["changed"]
    assert not ask(np.sort, np.array([2.0, 1.0]))["changed"]


@pytest.mark.parametrize("returns", [lambda z: z, lambda z: z[::-1], lambda z: (z + 1, z), lambda z: [z.reshape(2, 1)]])
def test_an_input_that_comes_back_is_noted(returns):
    assert ask(returns, np.array([2.0, 1.0]))["shared"]


@pytest.mark.parametrize("returns", [np.sort, lambda z: (z + 1, None), lambda z: z[0], lambda z: {"z": 1}])
def test_a_new_array_shares_nothing(returns):
    assert not ask(returns, np.array([2.0, 1.0]))["shared"]


@pytest.mark.parametrize(
    "returns", [lambda n: (i for i in range(n)), lambda n: iter([0, 1, 2]), lambda n: map(int, "012")]
)
def test_what_a_generator_yields_is_its_answer(returns):
    assert ask(returns, 3)["value"] == probe.encode([0, 1, 2])


def test_what_fails_while_a_generator_is_read_is_an_answer():
    assert ask(lambda n: (1 // i for i in range(n)), 3)["error"][0] == "ZeroDivisionError"


def test_calls_of_a_round_share_their_arguments_and_every_round_begins_afresh():
    def grows(z, rng):
        z += 1
        return z[0], rng.random()

    generator = {"factory": "Generator", "params": {"seed": probe.encode(5)}}
    question = {"args": [probe.encode(np.zeros(1)), generator], "kwargs": {}, "rounds": [2, 3]}
    (note,) = probe.answer({"f": grows}, "f", [question])["answers"]
    first, second = probe.decode(note["value"])
    assert [z for z, _ in first] == [1, 2]
    assert [z for z, _ in second] == [1, 2, 3]
    assert [u for _, u in first] == [u for _, u in second[:2]]
    assert len({u for _, u in second}) == 3
    assert note["changed"]


def test_one_call_that_fails_is_the_answer_of_all_rounds():
    question = {"args": [probe.encode(0.0)], "kwargs": {}, "rounds": [1, 1]}
    (note,) = probe.answer({"f": lambda z: 1 / z}, "f", [question])["answers"]
    assert note["error"][0] == "ZeroDivisionError"
    assert "value" not in note


def test_a_made_function_remembers_what_it_was_asked():
    memory = {"factory": "Memory", "params": {"capacity": probe.encode(5)}}

    def fills(step):
        for size in (2, 4, 8):
            step(size)

    question = {"args": [memory], "kwargs": {}, "rounds": [1]}
    (note,) = probe.answer({"f": fills}, "f", [question])["answers"]
    assert note["error"][0] == "MemoryError"
    assert probe.decode(note["calls"]) == [[[2.0, 4.0, 8.0]]]


def test_every_call_has_inputs_of_its_own():
    def scales(z):
        z *= 2
        return z

    question = {"args": [probe.encode(np.ones(2))], "kwargs": {}}
    first, second = probe.answer({"f": scales}, "f", [question, question])["answers"]
    assert first["value"] == second["value"]


def test_arrays_are_handed_out_where_one_like_them_was():
    """Whoever keeps the array of an earlier call finds other numbers in it, as with any caller who fills it anew."""
    kept: list = []
    questions = [{"args": [probe.encode(np.full(2, i))], "kwargs": {}} for i in range(3)]
    probe.answer({"f": kept.append}, "f", [*questions, {"args": [probe.encode(np.zeros(3))], "kwargs": {}}])
    assert [array.tolist() for array in kept] == [[2, 2], [2, 2], [2, 2], [0, 0, 0]]


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (0, 3)])
def test_spread_arrays_have_their_numbers_in_another_order_of_memory(shape):
    array = np.arange(math.prod(shape)).reshape(shape)
    question = {"args": [probe.encode(array), probe.encode(1)], "kwargs": {}, "strided": True}
    (note,) = probe.answer({"f": lambda z, one: (z, z.ravel("K"))}, "f", [question])["answers"]
    same, in_memory = probe.decode(note["value"])
    np.testing.assert_array_equal(same, array)
    np.testing.assert_array_equal(in_memory, array.T.ravel())
    assert not note["changed"]


def test_the_first_case_is_asked_once_more():
    @with_strided_repeat
    def cases(rng):
        yield case(np.zeros(2), about="zeros")
        yield case(np.ones(2))

    first, again, other = cases(np.random.default_rng(0))
    assert again.args is first.args
    assert (first.strided, again.strided, other.strided) == (False, True, False)
    assert again.about == "zeros once more"


def test_floating_point_warnings_are_noted_even_where_warnings_are_switched_off():
    with np.errstate(all="ignore"):
        assert ask(lambda z: np.exp(z), np.array([1000.0]), watch=True)["warned"] == ["overflow"]
    assert ask(lambda z: np.exp(-z), np.array([1000.0]), watch=True)["warned"] == []


@pytest.mark.parametrize("error", [SystemExit, RecursionError, GeneratorExit, NotImplementedError, MemoryError])
def test_whatever_is_raised_is_an_answer(error):
    def fails(z):
        raise error("why")

    assert ask(fails, 1.0)["error"] == [error.__name__, "why"]


def test_an_interrupt_ends_the_questions_and_keeps_the_answers():
    answers = iter([1.0])

    def slow(z):
        try:
            return next(answers)
        except StopIteration:
            raise KeyboardInterrupt from None

    question = {"args": [probe.encode(0.0)], "kwargs": {}}
    first, second, third = probe.answer({"f": slow}, "f", [question] * 3)["answers"]
    assert "value" in first
    assert second["error"][0] == third["error"][0] == "Timeout"


def test_what_the_function_prints_is_dropped(capsys):
    ask(lambda z: print("3.0 points"), 1.0)
    assert capsys.readouterr().out == ""


def test_np_seterr_is_told_apart_from_a_warning():
    def silences_for_good(z):
        np.seterr(over="ignore")
        return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))

    said = [finding.message for finding in exercises["sigmoid"].check(silences_for_good).findings if not finding.passed]
    assert len(said) == 1
    assert "switches NumPy's warnings off permanently" in said[0]


@pytest.mark.parametrize(("value", "kind"), [
    (namedtuple("Pair", "codes classes")(1, 2), (1, 2)), (OrderedDict(a=1), {"a": 1}), (defaultdict(list, {"a": [1]}), {"a": [1]}),
])  # fmt: skip
def test_containers_of_a_kind_of_their_own_are_what_they_are_derived_from(value, kind):
    back = probe.decode(probe.encode(value))
    assert type(back) is type(kind)
    assert back == kind


def test_a_watch_that_is_switched_off_counts_as_a_warning(monkeypatch):
    monkeypatch.setattr(np.errstate, "__enter__", lambda self: None)
    monkeypatch.setattr(np.errstate, "__exit__", lambda self, *exc: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert ask(lambda z: z, np.zeros(1), watch=True)["warned"]
