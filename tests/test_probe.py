"""The probe exchanges plain values with the grader, never objects, and records each call."""

import json
import math
import sys
import tracemalloc
import warnings
import weakref
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.lib.stride_tricks import as_strided

from autograder import probe, values
from autograder.judging.cases import case, with_strided_repeat
from autograder.judging.compare import describe_difference
from exercises.factories import AffineGradient, Landscape
from tests.conftest import exercises

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50)
plain_values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner), max_leaves=10)


def round_trip(value):
    return values.decode(json.loads(json.dumps(values.encode(value))))


@given(plain_values)
def test_plain_values_survive_encoding(value):
    assert repr(round_trip(value)) == repr(value)


@given(arrays.arrays(st.sampled_from(["f4", "f8", "i8", "u1", "?", "U3"]), arrays.array_shapes(min_dims=0, min_side=0)))
def test_arrays_survive_encoding(array):
    if array.dtype.kind == "U":  # half of a surrogate pair is not text, and becomes an `Unknown`
        assume(not any("\ud800" <= character <= "\udfff" for text in array.flat for character in text))
    decoded = round_trip(array)
    assert decoded.dtype == array.dtype
    assert decoded.shape == array.shape
    assert decoded.tobytes() == array.tobytes()


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
@pytest.mark.attack("points")
def test_forged_json_is_rejected_or_decoded_to_plain_values(forged):
    try:
        value = values.decode(forged)
    except values.Undecodable:
        return
    plain = (bool, int, float, str, list, tuple, set, frozenset, dict, np.ndarray, np.generic, values.Unknown)
    assert value is None or isinstance(value, plain)


def test_equal_sets_have_equal_encodings():
    assert values.encode({8, 0}) == values.encode({0, 8})


@pytest.mark.parametrize("forged", [
    {"array": "|O", "shape": [1], "data": "AAAAAAAAAAA="},
    {"array": "<f8", "shape": [2], "data": "AAAAAAAAAAA="},
    {"array": "<f8", "shape": [-1], "data": ""},
    {"array": "<U0", "shape": [1000000000], "data": ""},
    {"array": "<U1", "shape": [1], "data": "/////w=="},
    {"array": "<U1", "shape": [1], "data": "ANgAAA=="},
    {"array": "V8", "shape": [1], "data": "AAAAAAAAAAA="},
    {"factory": AffineGradient.__name__, "params": {}},
    {"list": {"list": []}},
    {"pickle": "gASVAA=="},
    {"array": "<f8", "shape": [2**40, 0], "data": ""},
    {"set": [{"int": hex(i)} for i in range(values.MAX_MEMBERS + 1)]},
    {"int": "0x" + "f" * values.MAX_BITS},
    *({kind: [1]} for kind in ("str", "int", "float", "object", "array")),
    *({kind: ""} for kind in ("list", "tuple", "generator", "set", "frozenset", "dict")),
    *({"array": "<i1", "shape": shape, "data": "AA=="} for shape in ("1", ["1"], [1.5], [True])),
    [], "text", 3, {},
])  # fmt: skip
@pytest.mark.attack("points")
def test_data_that_encode_never_writes_cannot_be_decoded(forged):
    with pytest.raises(values.Undecodable):
        values.decode(forged)


@pytest.mark.parametrize(
    "value",
    [2**values.MAX_BITS, set(range(values.MAX_MEMBERS + 1)), [0] * (values.MAX_ITEMS + 1), np.zeros((2**40, 0))],
    ids=["integer", "set", "list", "empty array"],
)
def test_of_a_value_beyond_the_limits_only_the_type_is_encoded(value):
    assert isinstance(round_trip(value), values.Unknown)


def test_one_long_text_does_not_widen_the_others_of_an_array():
    texts = np.array(["x"] * 1000 + ["y" * 10_000], dtype=object)
    tracemalloc.start()
    assert isinstance(round_trip(texts), values.Unknown)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("dtype", [object, np.dtypes.StringDType()])
def test_an_array_of_texts_is_too_large_if_it_is_with_the_width_of_the_longest(dtype):
    texts = np.array(["a" * 200] + [""] * 12_000, dtype=dtype)
    with pytest.raises(values.TooLarge):
        values.encode_answer(texts, 1 << 18)


def test_of_an_object_only_the_name_of_its_type_is_encoded():
    class EqualToEverything:
        def __array__(self, dtype=None, copy=None):
            return np.ones(3)

        def __eq__(self, other):
            return True

    assert round_trip(EqualToEverything()).type_name == "EqualToEverything"
    assert round_trip(np.array([EqualToEverything()], dtype=object)).type_name.startswith("ndarray of object")


def encoded_case(*args, **options):
    return {"args": [values.encode(a) for a in args], "kwargs": {}, **options}


def factory_case(factory, *args, **params):
    """A case whose first argument is made by a factory in the student's process."""
    made = {"factory": factory, "params": {name: values.encode(value) for name, value in params.items()}}
    return {"args": [made, *map(values.encode, args)], "kwargs": {}}


def gradient_case(*args, size=1, length=2):
    """A case whose first argument is the gradient function ``lambda w: size * w``."""
    return factory_case(AffineGradient.__name__, *args, A=size * np.eye(length), b=np.zeros(length))


def record_of(function, case):
    (record,) = probe.answer({"f": function}, "f", [case])["answers"]
    return record


def answer_to(function, *args, **options):
    """The probe's record of one call of a function."""
    return record_of(function, encoded_case(*args, **options))


def test_a_modified_input_is_recorded():
    assert answer_to(lambda z: z.sort(), np.array([2.0, 1.0]))["changed"]
    assert not answer_to(np.sort, np.array([2.0, 1.0]))["changed"]


@pytest.mark.parametrize("returns", [
    lambda z: z, lambda z: z[::-1], lambda z: (z + 1, z), lambda z: [z.reshape(2, 1)], lambda z: namedtuple("One", "z")(z),
])  # fmt: skip
def test_a_returned_input_is_recorded_as_shared(returns):
    assert answer_to(returns, np.array([2.0, 1.0]))["shared"]


@pytest.mark.parametrize("returns", [np.sort, lambda z: (z + 1, None), lambda z: z[0], lambda z: {"z": 1}])
def test_a_new_array_is_not_recorded_as_shared(returns):
    assert not answer_to(returns, np.array([2.0, 1.0]))["shared"]


@pytest.mark.parametrize(
    "returns", [lambda n: (i for i in range(n)), lambda n: iter([0, 1, 2]), lambda n: map(int, "012")]
)
def test_a_generator_is_recorded_with_its_items_and_not_taken_for_a_list(returns):
    value = values.decode(answer_to(returns, 3)["value"])
    assert isinstance(value, values.Generated)
    assert value.items == [0, 1, 2]
    assert describe_difference(value, [0, 1, 2]) == "it returns an object of type iterator instead of a list of 3"


def test_an_error_inside_a_generator_is_recorded():
    assert answer_to(lambda n: (1 // i for i in range(n)), 3)["error"][0] == "ZeroDivisionError"


def test_calls_of_a_round_share_arguments_and_every_round_begins_with_fresh_ones():
    def increment_and_draw(rng, z):
        z += 1
        return z[0], rng.random()

    answer = record_of(increment_and_draw, factory_case("default_rng", np.zeros(1), seed=5) | {"rounds": [2, 3]})
    first, second = values.decode(answer["value"])
    assert [z for z, _ in first] == [1, 2]
    assert [z for z, _ in second] == [1, 2, 3]
    assert [u for _, u in first] == [u for _, u in second[:2]]
    assert len({u for _, u in second}) == 3
    assert answer["changed"]


def test_a_deeply_nested_value_of_a_round_can_be_decoded():
    value = values.decode(answer_to(lambda z: [[[[[[[z]]]]]]], 1.0, rounds=[1])["value"])
    assert len(value) == 1


@pytest.mark.parametrize("changed_call", [0, 1, 2])
def test_a_change_of_any_gradient_before_the_next_call_is_recorded(changed_call):
    def descend(grad_fn):
        for step in range(3):
            g = grad_fn(np.ones(2))
            if step == changed_call:
                g *= 2

    assert record_of(descend, gradient_case())["gradient_changed"]


def test_a_replaced_function_of_numpy_does_not_stop_the_probe(monkeypatch):
    for name in ("array", "asarray", "ascontiguousarray", "empty", "frombuffer", "concatenate", "ravel", "shape"):
        monkeypatch.setattr(np, name, [1, 2])
    answer = record_of(lambda grad_fn, w: w - grad_fn(w), gradient_case(np.ones(2)) | {"strided": True})
    assert values.decode(answer["value"]).tolist() == [0, 0]


def test_an_error_in_one_round_is_the_answer_to_the_case():
    answer = answer_to(lambda z: 1 / z, 0.0, rounds=[1, 1])
    assert answer["error"][0] == "ZeroDivisionError"
    assert "value" not in answer


def test_a_factory_argument_records_its_calls():
    def walk(loss_fn):
        for size in (2.0, 4.0):
            loss_fn([np.full(2, size)])
        loss_fn([np.zeros(3)])  # another shape than the parameters

    case = factory_case(Landscape.__name__, centre=[np.zeros(2)], bends=[np.ones(2)])
    answer = record_of(walk, case | {"rounds": [1]})
    assert answer["error"][0] == "ValueError"
    (((first, second),),) = values.decode(answer["calls"])
    assert (first.tolist(), second.tolist()) == ([2.0, 2.0], [4.0, 4.0])


def test_a_call_does_not_see_modifications_by_an_earlier_one():
    def double_in_place(z):
        z *= 2
        return z

    first, second = probe.answer({"f": double_in_place}, "f", [encoded_case(np.ones(2))] * 2)["answers"]
    assert first["value"] == second["value"]


def test_arrays_of_the_same_form_reuse_the_memory_of_the_previous_one():
    """So a function that caches an argument by identity returns wrong values, as it would for other callers."""
    kept: list = []
    arrays = [*(np.full(2, i) for i in range(3)), np.zeros(3)]
    probe.answer({"f": kept.append}, "f", [encoded_case(array) for array in arrays])
    assert [array.tolist() for array in kept] == [[2, 2], [2, 2], [2, 2], [0, 0, 0]]


def test_a_list_in_which_the_function_puts_one_array_twice_is_not_passed_again():
    def sum_and_alias(theta):
        total = float(theta[0].sum() + 10 * theta[1].sum())
        theta[1] = theta[0]
        return total

    cases = [encoded_case([np.full(2, a), np.full(2, a + 1)]) for a in (1.0, 3.0)]
    answers = probe.answer({"f": sum_and_alias}, "f", cases)["answers"]
    assert [values.decode(answer["value"]) for answer in answers] == [42, 86]


def test_a_passed_function_is_the_same_object_in_every_call():
    """So a function that keeps losses by the identity of a loss function returns wrong values."""
    kept: list = []

    def slope(grad_fn):
        kept.append(grad_fn)
        return grad_fn(np.ones(1))

    answers = probe.answer({"f": slope}, "f", [gradient_case(size=size, length=1) for size in (1, 2)])["answers"]
    assert [values.decode(answer["value"]).tolist() for answer in answers] == [[1.0], [2.0]]
    assert [len(answer["calls"]["list"][0]["list"]) for answer in answers] == [1, 1]
    assert kept[0] is kept[1]


def test_a_random_generator_is_new_in_every_call():
    """Otherwise a right answer that draws from a child of it would get other numbers the second time."""
    cases = [factory_case("default_rng", seed=1)] * 2
    first, second = probe.answer({"f": lambda rng: rng.spawn(1)[0].random()}, "f", cases)["answers"]
    assert first["value"] == second["value"]


def test_no_argument_of_the_next_request_has_the_id_of_an_earlier_one():
    """Otherwise a small input could show a value that was kept of another call."""
    ids: list[int] = []
    for _ in range(2):
        probe.answer(
            {"f": lambda z: ids.append(id(z))}, "f", [encoded_case(np.full(2, i)) | {"alone": True} for i in range(9)]
        )
    assert len(set(ids)) == 18


def test_an_array_of_an_earlier_call_is_noticed():
    kept = np.zeros(2)
    answers = probe.answer({"f": lambda z: kept if z.sum() else z + 1}, "f", [encoded_case(np.ones(2))] * 2)["answers"]
    assert [answer["kept"] for answer in answers] == [False, True]
    answers = probe.answer({"f": lambda z: z + 1}, "f", [encoded_case(np.ones(2))] * 2)["answers"]
    assert [answer["kept"] for answer in answers] == [False, False]


@pytest.mark.parametrize("part", [lambda space: space[:2], lambda space: as_strided(space[1:], shape=(2,))])
def test_the_working_space_of_a_result_is_not_kept(part):
    """A right answer may return a part of a large array in each call, and must not run out of memory."""
    spaces: list = []

    def part_of_a_large_array(z):
        space = np.zeros(1_000_000)
        spaces.append(weakref.ref(space))
        return part(space)

    probe.answer({"f": part_of_a_large_array}, "f", [encoded_case(np.ones(2))] * 3)
    assert [space() for space in spaces] == [None] * 3


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (0, 3)])
def test_strided_arrays_have_equal_values_in_another_memory_order(shape):
    """Column by column, without gaps: otherwise `ravel(order="A")`, the wrong order of a matrix, would look right."""
    array = np.arange(math.prod(shape)).reshape(shape)
    answer = answer_to(lambda z, _: (z, z.ravel("A")), array, 1, strided=True)
    passed, in_memory = values.decode(answer["value"])
    np.testing.assert_array_equal(passed, array)
    np.testing.assert_array_equal(in_memory, array.T.ravel())
    assert not answer["changed"]


def test_the_first_case_is_repeated_with_strided_arrays():
    @with_strided_repeat
    def cases(rng):
        yield case(np.zeros(2), about="zeros")
        yield case(np.ones(2))

    first, repeated, other = cases(np.random.default_rng(0))
    assert repeated.args is first.args
    assert (first.strided, repeated.strided, other.strided) == (False, True, False)
    assert repeated.about == "zeros, in a second call, with another memory layout"


def test_floating_point_warnings_are_recorded_even_inside_errstate_ignore():
    with np.errstate(all="ignore"):
        assert answer_to(lambda z: np.exp(z), np.array([1000.0]), watch=True)["warned"] == ["overflow"]
    assert answer_to(lambda z: np.exp(-z), np.array([1000.0]), watch=True)["warned"] == []


@pytest.mark.parametrize("error", [SystemExit, RecursionError, GeneratorExit, NotImplementedError, MemoryError])
def test_any_exception_is_recorded_as_an_answer(error):
    def fails(z):
        raise error("why")

    class FailsToEncode(list):
        __len__ = fails

    assert answer_to(fails, 1.0)["error"] == [error.__name__, "why"]
    assert answer_to(lambda z: z.append(FailsToEncode()), [])["error"] == [error.__name__, "why"]
    (value,) = probe.answer({"x": FailsToEncode()}, "x", [{"value": True}])["answers"]
    assert value["error"] == [error.__name__, "why"]


def test_neither_text_nor_name_of_an_exception_can_stop_the_probe():
    class Exits(ValueError):
        def __str__(self):
            raise SystemExit

    class Text(str):
        def __getitem__(self, index):
            raise SystemExit

    class Replaced(ValueError):
        def __str__(self):
            return Text("why")

    class Unnamed(ValueError, metaclass=type("Meta", (type,), {"__name__": property(lambda _: 5)})):
        pass

    class Hidden(NameError):
        name = __class__ = property(lambda self: 1 / 0)

    def fails(error):
        raise (Exits, Replaced, Unnamed, Hidden)[error]

    errors = [["Exits", ""], ["Replaced", "why"], ["Unnamed", ""], ["Hidden", ""]]
    assert [answer_to(fails, number)["error"] for number in range(4)] == errors


def test_an_interrupt_skips_the_remaining_cases_and_keeps_earlier_answers():
    returned = iter([1.0])

    def interrupted_in_the_second_call(z):
        try:
            return next(returned)
        except StopIteration:
            raise KeyboardInterrupt from None

    cases = [encoded_case(0.0)] * 3
    first, second, third = probe.answer({"f": interrupted_in_the_second_call}, "f", cases)["answers"]
    assert "value" in first
    assert second["error"][0] == third["error"][0] == probe.TIMEOUT


def test_printed_text_is_discarded(capsys):
    record = answer_to(lambda z: [print("3.0 points"), sys.stdout.writable()], 1.0)
    assert values.decode(record["value"]) == [None, True]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("silenced", [{"over": "ignore"}, {"divide": "ignore"}, {"invalid": "ignore"}])
def test_disabling_warnings_permanently_is_reported_as_such(silenced):
    def with_seterr(z):
        np.seterr(**silenced)
        return exercises["sigmoid"].reference(z)

    (failed,) = [finding for finding in exercises["sigmoid"].check(with_seterr).findings if not finding.passed]
    assert "changes NumPy's warnings permanently" in failed.message


@pytest.mark.parametrize(("value", "plain"), [
    (namedtuple("Pair", "codes classes")(1, 2), (1, 2)), (OrderedDict(a=1), {"a": 1}), (defaultdict(list, {"a": [1]}), {"a": [1]}),
])  # fmt: skip
def test_a_subclass_of_a_container_is_decoded_as_its_base_class(value, plain):
    decoded = round_trip(value)
    assert type(decoded) is type(plain)
    assert decoded == plain


def test_warnings_that_cannot_be_watched_count_as_a_warning(monkeypatch):
    monkeypatch.setattr(np.errstate, "__enter__", lambda self: None)
    monkeypatch.setattr(np.errstate, "__exit__", lambda self, *exc: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert answer_to(lambda z: z, np.zeros(1), watch=True)["warned"]


def test_a_function_that_deletes_its_own_name_is_called_on_all_cases_and_searched():
    namespace = {"json": json}
    exec("def f(z):\n    global f\n    del f\n    return json.loads(json.dumps(z))", namespace)
    result = probe.answer(namespace, "f", [encoded_case(1.0), encoded_case(2.0)], forbids=["json"])
    assert [values.decode(answer["value"]) for answer in result["answers"]] == [1.0, 2.0]
    assert result["shortcuts"] == ["json.dumps", "json.loads"]
