"""A cache for functions of text. It is limited in characters, because students choose how long their texts are."""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

ENTRY_COST = 500  # characters that an entry counts in addition to its own: each entry needs memory of its own

Function = TypeVar("Function", bound=Callable[..., Any])


def cached_by_text(max_characters: int) -> Callable[[Function], Function]:
    """Cache the results of a function. Most cells of a submission are the same in all others.

    Parameters
    ----------
    max_characters : int
        The total length of the texts that are kept: arguments, and results that are texts. The texts that were used
        least recently are dropped. A text that is longer than a hundredth of the limit is not kept at all.

    Returns
    -------
    callable
        A decorator. Arguments of the decorated function are hashable and passed by position.
    """

    def decorate(function: Function) -> Function:
        results: OrderedDict[tuple[Any, ...], tuple[Any, int]] = OrderedDict()
        lock = threading.Lock()
        total = 0

        @functools.wraps(function)
        def cached(*args: Any) -> Any:
            nonlocal total
            if sum(len(text) for text in args if isinstance(text, str)) > max_characters // 100:
                return function(*args)
            with lock:
                if args in results:
                    results.move_to_end(args)
                    return results[args][0]
            result = function(*args)
            size = sum(len(text) for text in (*args, result) if isinstance(text, str)) + ENTRY_COST
            with lock:
                if size <= max_characters // 100 + ENTRY_COST and args not in results:
                    results[args] = result, size
                    total += size
                while total > max_characters:
                    total -= results.popitem(last=False)[1][1]
            return result

        return cached  # type: ignore[return-value]  # functools.wraps keeps the signature

    return decorate
