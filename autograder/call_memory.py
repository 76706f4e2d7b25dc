"""Make the arguments of the probe's calls, in the memory of earlier ones, and notice memory that is returned again.

So an answer that depends on the identity of its arguments, instead of their values, is wrong.
"""

from typing import Any

from numpy import empty, empty_like, may_share_memory, ndarray

from .factories import FACTORIES, Recorder
from .values import decode

MAX_KEPT_BYTES = 1 << 20  # of an array that is kept to see whether a later call returns it again


# The last two requests: while their arguments are alive, no other one gets the same id by chance. So an answer that
# depends on ids always earns the same, and a small input shows no value that was kept of an earlier call.
_alive: list["CallMemory"] = []


class CallMemory:
    """The arguments and the returned arrays of the calls of one request."""

    def __init__(self) -> None:
        # by argument and form: the object that is passed again, and its arrays, in whose memory new values are written
        self._first_of_form: dict[Any, tuple[Any, list[ndarray[Any, Any]]]] = {}
        self._arguments: list[Any] = []  # never read, but kept alive: see `_alive`
        self._returned: list[Any] = []
        _alive[:] = [*_alive[-1:], self]

    def argument(self, data: Any, key: int | str, case: dict[str, Any]) -> Any:
        """Make the argument at a position, or with a name, in the memory that the case asks for."""
        if is_factory(data):
            value = FACTORIES[data["factory"]](**{name: decode(value) for name, value in data["params"].items()})
        else:
            value = decode(data)
        if case.get("strided"):
            value = _strided(value)
        elif not case.get("alone"):
            value = self._in_reused_memory(value, key)
        self._arguments.append(value)
        return value

    def _in_reused_memory(self, value: Any, key: int | str) -> Any:
        """Move an array, a list of arrays or a function into the first object of the same form.

        A function that keeps results by the identity of its arguments then returns wrong values. A random generator
        stays another object: its state does not say how many children it has.
        """
        form = _form(value)
        if form is None:
            return value
        made = value, _arrays([value])
        first, arrays = self._first_of_form.setdefault((key, form), made)
        # The student's function may have reshaped an array, or put another one, or the same one twice, into the list.
        if _form(first) != form or [*map(id, _arrays([first]))] != [*map(id, arrays)]:
            first, arrays = self._first_of_form[key, form] = made
        if isinstance(value, Recorder):
            first.__dict__ = value.__dict__  # the same object, with the parameters and empty records of the new one
        for old, new in zip(arrays, made[1], strict=True):
            old[...] = new
        return first

    def keep(self, value: Any) -> None:
        """Remember the arrays of a returned value, unless they are large."""
        self._returned += [own for own in _arrays([value]) if _memory_of(own) <= MAX_KEPT_BYTES]

    def has_kept(self, value: Any) -> bool:
        """Whether a returned value may share memory with one that was kept."""
        return shares_memory(value, self._returned)


def is_factory(data: Any) -> bool:
    """Whether an argument is not sent as data, but made here."""
    return type(data) is dict and "factory" in data


def shares_memory(value: Any, others: list[Any]) -> bool:
    """Whether a returned array, or one in a returned list or tuple, may share memory with one of the others."""
    return any(may_share_memory(own, other) for own in _arrays([value]) for other in _arrays(others))


def _strided(value: Any) -> Any:
    """A copy in column-major order, or with a gap after each number of a vector; anything but an array unchanged."""
    if not isinstance(value, ndarray):
        return value
    strided = empty_like(value, order="F") if value.ndim > 1 else empty((*value.shape, 2), value.dtype)[..., 0]
    strided[...] = value
    return strided


def _form(value: Any) -> tuple[Any, ...] | None:
    """Type, shapes, dtypes and flags: values of equal form can use the same memory. None if it is not used again."""
    if isinstance(value, Recorder):
        return (type(value),)
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, ndarray) for part in parts):
        return None
    return type(value), *((part.shape, part.dtype, part.flags.writeable) for part in parts)


def _memory_of(own: Any) -> int:
    """The bytes that stay allocated while an array is kept: a view keeps the whole array that it is a part of."""
    while hasattr(own.base, "base"):  # between the array of `as_strided` and the whole one is an object that is none
        own = own.base
    return int(own.nbytes)


def _arrays(values: list[Any]) -> list[ndarray[Any, Any]]:
    parts = [part for value in values for part in (value if isinstance(value, list | tuple) else [value])]
    return [part for part in parts if isinstance(part, ndarray)]
