"""Replies in place of the answers to an exercise's cases, as a student's process could forge them."""

import base64
import copy
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder import values
from tests.fuzz import fragments

MakeValue = Callable[[random.Random], Any]

# Integers with equal hashes make sets and dicts slow. Python hashes an integer modulo this prime number.
HASH_MODULUS = 2**61 - 1
MAX_REPEATED = 20_000  # characters of a content that is repeated in a reply
MAX_CHARACTERS = 2_000_000  # of a reply; the grader accepts half of them
FLAGS = ("changed", "shared", "warned", "calls", "error", "bases", "value", "rounds", "timeout")
NUMBERS = (
    *(0.0, -0.0, 1.0, 0.5, -1.0, 2.0, 1e308, 5e-324, float("nan"), float("inf"), float("-inf"), 1e-9, 10.0, 1e6, -1e6),
)  # fmt: skip
DTYPES = (
    *("<f8", ">f8", "<f4", "<f2", "<i8", "<i4", "|i1", "|u1", "<u8", "|b1", "<U1", "<U10", ">U3", "<U400", "<f16", "|O", "|S5", "<M8[s]"),
    *("<c16", "|V8", "f8,i4", "(2,3)f8", "V0", "U0", "<U", "", "int", "object", "x", "<f9", "f8" * 500, "{'names': []}"),
)  # fmt: skip
SHAPES = (
    *([], [0], [1], [2], [3, 4], [1, 1, 1], [-1], [-1, -1], [0, 10**4], [2**40, 0], [0, 2**62], [2**31, 2**31, 0], [10**6 + 1]),
    *([1] * 8, [1] * 9, [1] * 33, [0] * 8, ["2"], [2.5], [None], [[2]], [True], [10**400], "22", None, {"a": 1}),
)  # fmt: skip


def make_reply(rng: random.Random, known: list[dict[str, Any]]) -> Any:
    """Change a reply of a function that students write a few times, or invent one."""
    if rng.random() < 0.05:
        return fragments.json_value(rng)
    reply = copy.deepcopy(rng.choice(known))
    answers = reply.get("answers")
    if not isinstance(answers, list) or not answers:
        return reply
    make_value = value if rng.random() < 0.3 else decodable_value
    for _ in range(rng.choice((1, 1, 2, 4))):
        _change_answers(rng, answers, make_value)
    while len(json.dumps(answers)) > MAX_CHARACTERS:  # far longer than what the grader accepts
        answers.remove(max(answers, key=lambda answer: len(json.dumps(answer))))
    if rng.random() < 0.05:
        reply[rng.choice(("answers", "missing", "timeout", "limit_hit"))] = fragments.json_value(rng)
    return reply


def _change_answers(rng: random.Random, answers: list[Any], make_value: MakeValue) -> None:
    match rng.randrange(12) if make_value is value else rng.randrange(3, 12):
        case 0:
            answers.append(copy.deepcopy(rng.choice(answers)))
        case 1:
            del answers[rng.randrange(len(answers))]
            answers[:] = answers or [None]
        case 2:
            answers[rng.randrange(len(answers))] = fragments.json_value(rng)
        case 3:
            _replace(answers, "value", make_value(rng))
        case 4:
            rng.shuffle(answers)
        case 5 | 6:
            name = rng.choice(FLAGS)
            content = make_value(rng) if name in ("value", "calls") else _flag(rng)
            _replace(rng.sample(answers, rng.randint(1, len(answers))), name, content)
        case 7:
            for answer in answers:
                if rng.random() < 0.5:
                    _replace([answer], "value", make_value(rng))
        case _:
            for answer in rng.sample(answers, rng.randint(1, len(answers))):
                if isinstance(answer, dict) and "value" in answer:
                    answer["value"] = _changed(rng, answer["value"], make_value)
                if isinstance(answer, dict) and "calls" in answer and rng.random() < 0.3:
                    answer["calls"] = _changed(rng, answer["calls"], make_value)


def _replace(answers: list[Any], name: str, content: Any) -> None:
    """Set a field of answers. A large content is not repeated: the reply would be too long to be accepted."""
    if len(json.dumps(content)) > MAX_REPEATED:
        answers = answers[:1]
    for answer in answers:
        if isinstance(answer, dict):
            answer[name] = copy.deepcopy(content)


def _flag(rng: random.Random) -> Any:
    texts = [fragments.text(rng) for _ in range(fragments.size(rng, 5))]
    return rng.choice((
        *(True, False, None, "", "overflow", ["overflow"], ["invalid value", "divide by zero"], ["warnings disabled"]),
        *(["ValueError", "\n"], ["NotImplementedError", ""], ["ValueError", "x" * 10**5], texts, dict.fromkeys(texts, 1)),
        *(value(rng), {"list": [value(rng), None]}, {"list": [{"list": [value(rng)] * 9}]}, fragments.json_value(rng)),
    ))  # fmt: skip


# --- values -----------------------------------------------------------------------------------------------------


def decodable_value(rng: random.Random) -> Any:
    """A value that the grader decodes."""
    while True:
        made = value(rng)
        try:
            values.decode(made)
        except (values.Undecodable, RecursionError):
            continue
        return made


def value(rng: random.Random, depth: int = 3) -> Any:
    """A value as the probe encodes it, or almost."""
    match rng.randrange(14 if depth else 8):
        case 0:
            return rng.choice((None, True, False))
        case 1:
            number = hex(rng.choice(fragments.INTEGERS))
            return {"int": rng.choice((number, "0x" + "f" * fragments.size(rng, 10**5), "x", 3, ""))}
        case 2:
            return {"float": rng.choice((rng.choice(NUMBERS).hex(), "nan", "inf", "0x1p99999", "1" * 10**4, None))}
        case 3:
            return {"str": rng.choice((fragments.text(rng), fragments.html(rng), "A", "x" * 3_000, 5))}
        case 4 | 5:
            return array(rng)
        case 6:
            return {"object": rng.choice((fragments.text(rng), fragments.html(rng), fragments.json_value(rng)))}
        case 7:
            return fragments.json_value(rng)
        case 8:
            return {"int": hex(rng.randint(-3, 70))}
        case 9 | 10:
            kind, count = rng.choice(("list", "tuple", "set", "frozenset", "generator")), fragments.size(rng, 30)
            if rng.random() < 0.1:
                item = value(rng, 0)
                count = min(fragments.size(rng, 30_000), MAX_CHARACTERS // len(json.dumps(item)) + 1)
                return {kind: [item] * count}
            return {kind: [value(rng, depth - 1) for _ in range(count)]}
        case 11:
            return {"dict": [[value(rng, depth - 1), value(rng, depth - 1)] for _ in range(fragments.size(rng, 8))]}
        case 12:
            return {rng.choice(("set", "frozenset")): _colliding(rng)}
        case _:
            return {"dict": [[number, None] for number in _colliding(rng)]}


def _colliding(rng: random.Random) -> list[Any]:
    return [{"int": hex(number * HASH_MODULUS)} for number in range(fragments.size(rng, 20_000))]


def array(rng: random.Random) -> Any:
    """An array whose bytes usually fit its type and shape."""
    kind = rng.choice(("array", "array", "scalar"))
    dtype, shape = rng.choice(DTYPES), rng.choice(SHAPES)
    if rng.random() < 0.3:
        shape = [fragments.size(rng, 300) for _ in range(fragments.size(rng, 3))]
    try:
        numpy_dtype = np.dtype(dtype)
        count = int(np.prod([int(n) for n in shape], dtype=object))
        data = random.Random(rng.getrandbits(16)).randbytes(min(max(count, 0) * numpy_dtype.itemsize, 10**6))
        if numpy_dtype.kind in "fiub" and rng.random() < 0.7:
            with np.errstate(all="ignore"):
                data = np.full(min(max(count, 0), 10**5), rng.choice(NUMBERS)).astype(numpy_dtype).tobytes()
    except Exception:  # not a dtype or not a shape
        data = b"12345678"
    text = base64.b64encode(data).decode()
    encoded = {kind: dtype, "shape": shape, "data": rng.choice((text, text, text, text[:-1], text + "\n", "?", None))}
    if rng.random() < 0.03:
        del encoded[rng.choice(list(encoded))]
    return encoded


def _changed(rng: random.Random, encoded: Any, make_value: MakeValue) -> Any:
    """Change an encoded value somewhere: its numbers, type, shape or structure."""
    if not isinstance(encoded, dict) or not encoded or rng.random() < 0.1:
        return make_value(rng)
    kind = next(iter(encoded))
    content = encoded[kind]
    if kind in ("array", "scalar"):
        return _changed_array(rng, encoded, make_value)
    if kind in ("list", "tuple") and isinstance(content, list) and content and rng.random() < 0.8:
        i = rng.randrange(len(content))
        match rng.randrange(4):
            case 0:
                content[i] = _changed(rng, content[i], make_value)
            case 1:
                del content[i]
            case 2:
                content.append(copy.deepcopy(content[i]))
            case _:
                return {"tuple" if kind == "list" else "list": content}
        return encoded
    if kind in ("int", "float"):
        number = rng.choice((*NUMBERS, *range(-3, 4)))
        return {"int": hex(number)} if isinstance(number, int) else {"float": number.hex()}
    return make_value(rng)


def _changed_array(rng: random.Random, encoded: dict[str, Any], make_value: MakeValue) -> Any:
    try:
        decoded = np.asarray(values.decode(encoded))
    except values.Undecodable:
        return make_value(rng)
    with np.errstate(all="ignore"):
        match rng.randrange(9):
            case 0:
                changed = (
                    decoded.astype(rng.choice(("<f4", "<f8", "<i8", "|b1", "<U5", "<f2", "|u1")), casting="unsafe")
                    if decoded.dtype.kind in "biuf"
                    else decoded
                )
            case 1:
                changed = decoded[..., None] if rng.random() < 0.5 else decoded.reshape(-1)
            case 2:
                changed = decoded.T
            case 3 if decoded.dtype.kind in "iuf":
                changed = (decoded * float(rng.choice((2, -1, 0.5, 0, 1e300, 3)))).astype(decoded.dtype)
            case 4 if decoded.dtype.kind == "f":
                changed = decoded + rng.choice(NUMBERS)
            case 5 if decoded.size and decoded.dtype.kind == "f":
                changed = decoded.copy()
                changed.reshape(-1)[rng.randrange(decoded.size)] = rng.choice(NUMBERS)
            case 6 if decoded.ndim:
                changed = decoded[: rng.randrange(len(decoded) + 1)]
            case 7 if decoded.ndim and decoded.size < MAX_REPEATED:
                changed = np.repeat(decoded, fragments.size(rng, 100), axis=0)
            case _:
                return make_value(rng)
    return values.encode(changed)


def to_frame(reply: Any) -> bytes:
    """The bytes in which a process would send the reply."""
    return json.dumps({"answers": reply}).encode()
