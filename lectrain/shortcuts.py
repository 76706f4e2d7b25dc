"""Find libraries that do the work of an answer, by the objects that its code uses: another name hides nothing."""

import builtins
import collections
import dis
import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any

SHORTCUTS = (
    *("scipy.optimize", "scipy.special", "scipy.stats", "sklearn", "pandas", "torch", "jax", "optax", "tensorflow"),
    *("keras", "lightning", "pytorch_lightning", "lectrain.check.numerical_gradient"),
)
WRAPPERS = ("builtins", "functools", "numpy")  # modules of types that contain other objects: list, partial, vectorize
MAX_OBJECTS, MAX_PARTS = 10_000, 100  # that are visited, in all and of each list


def find_shortcuts(name: str, variables: Mapping[str, Any], forbidden: Sequence[str] = SHORTCUTS) -> list[str]:
    """Find what a function uses of the forbidden modules, itself or through other functions of the notebook.

    `variables` are those of the notebook, `forbidden` the names of modules, or of functions with their module. Not seen
    are objects that are found by a text, as with `getattr`, and results that were computed before.

    >>> import scipy.special as s
    >>> find_shortcuts("area", {"area": lambda r: s.gamma(r)})
    ['scipy.special.gamma']
    """
    prefixes = tuple(f"{path}." for path in forbidden)
    found: set[str] = set()
    seen: dict[int, Any] = {}  # the objects stay alive, so no other one gets the same id
    pending = collections.deque([(variables[name], "")] if callable(variables.get(name)) else [])
    while pending and len(seen) < MAX_OBJECTS:
        value, path = pending.popleft()  # what the function itself loads comes before the parts of its data
        names = [name for name in (path, _full_name(value, forbidden)) if f"{name}.".startswith(prefixes)]
        found.update(names[:1])
        if names or id(value) in seen or value is variables or isinstance(value, ModuleType):
            continue
        seen[id(value)] = value
        kind = value if isinstance(value, type) else type(value)
        if isinstance(value, FunctionType):
            folder = os.path.dirname(value.__code__.co_filename)  # empty for code that has no file
            if len(seen) == 1 or value.__globals__ is variables or folder in ("", os.getcwd()):
                pending += _loaded(value.__code__, value.__globals__, _initial_variables(value))
        elif kind.__module__ == variables.get("__name__") or (kind is not value and kind.__module__ in WRAPPERS):
            parts = [*kind.__bases__, *vars(kind).values()] if kind is value else gc.get_referents(value)[:MAX_PARTS]
            pending += [(part, "") for part in parts if not isinstance(part, ModuleType | str | int | float)]
    return sorted(path for path in found if not any(other.startswith(f"{path}.") for other in found))


def _full_name(value: Any, forbidden: Sequence[str]) -> str:
    """The name of a module; that of a function, a class or an object's class with its module, without private parts."""
    if isinstance(value, ModuleType | dict | None):  # scikit-learn returns data sets as a kind of dict
        return value.__name__ if isinstance(value, ModuleType) else ""
    name, module = _attribute(value, "__name__") or type(value).__name__, _attribute(value, "__module__")
    if module is None:  # functions in C may not know their module
        module = next((path for path in forbidden if getattr(sys.modules.get(path), name, None) is value), "")
    return ".".join(part for part in f"{module}.{name}".split(".") if not part.startswith("_"))


def _attribute(value: Any, name: str) -> str | None:
    """An attribute that is a text. An object's own way to look up attributes could raise any exception."""
    try:
        found = object.__getattribute__(value, name)
    except Exception:  # of a property
        return None
    return found if isinstance(found, str) else None


def _initial_variables(function: FunctionType) -> dict[str, Any]:
    """The defaults of a function, and the variables that it uses of a function around it."""
    code, defaults = function.__code__, function.__defaults__ or ()
    arguments = zip(code.co_varnames[code.co_argcount - len(defaults) :], defaults, strict=False)
    cells = zip(code.co_freevars, map(gc.get_referents, function.__closure__ or ()), strict=True)
    return {**dict(arguments), **(function.__kwdefaults__ or {}), **{name: cell[-1] for name, cell in cells if cell}}


def _loaded(code: CodeType, variables: Mapping[str, Any], local: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    """Yield each object that code loads, as far as it is known without running it, and its name in a module or ""."""
    value = module = None  # on top of the stack; imported last
    for step in dis.get_instructions(code):
        kind, path = step.opname, ""
        names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
        if kind in ("STORE_DEREF", "STORE_NAME") or "STORE_FAST" in kind:  # also STORE_FAST_LOAD_FAST of Python 3.13
            local[names[0]] = value
        if kind in ("LOAD_GLOBAL", "LOAD_NAME"):
            value = local.get(names[0], variables.get(names[0], vars(builtins).get(names[0])))
        elif kind == "IMPORT_NAME":
            module, value = sys.modules.get(names[0]), sys.modules.get(names[0].partition(".")[0])  # of `import a.b`: a
            yield module, names[0]
        elif kind in ("IMPORT_FROM", "LOAD_ATTR", "LOAD_METHOD"):
            owner = module if kind == "IMPORT_FROM" else value
            path = f"{owner.__name__}.{names[0]}" if isinstance(owner, ModuleType) else ""
            value = vars(owner).get(names[0], sys.modules.get(path)) if path else None
            if value is None and kind == "IMPORT_FROM":
                value, path = module, ""  # `import a.b as c` takes b from a
        elif kind != "EXTENDED_ARG":
            value = local.get(names[-1]) if "LOAD_FAST" in kind or "DEREF" in kind else None
        yield value, path
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loaded(constant, variables, dict(local))
