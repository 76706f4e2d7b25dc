"""Show the result of a check as a box in a notebook, and explain why a picture cannot be drawn yet."""

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from linecache import getline
from pathlib import Path
from traceback import walk_tb
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import HTML, display

from lectrain.shortcuts import nested_code

results: dict[str, bool] = {}  # whether the last check of an answer passed
STYLE = f"<style>\n{Path(__file__).with_name('lectrain.css').read_text(encoding='utf-8')}</style>"
MARKS = {"passed": "✓", "noted": "✎", "failed": "✗", "open": "○"}


class Box(HTML):
    """HTML with a text that says the same, for terminals and readers who cannot see it."""

    def __init__(self, markup: str, text: str):
        super().__init__(markup)  # type: ignore[no-untyped-call]  # IPython has no types
        self.text = text

    def __repr__(self) -> str:
        return self.text


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this code. A terminal, a test and the grader do not show boxes."""
    return getattr(get_ipython(), "kernel", None) is not None


def show(text: str, kind: str, items: Sequence[str] = (), answers: Sequence[str] = (), **parts: str) -> None:
    """Show a result in a notebook as a box. Elsewhere, print it unless it is the text of an error.

    `kind` is a key of `MARKS`. `items` are properties or letters, `answers` see `checking`, `parts` see `CheckFailed`.
    """
    name, property, fault, hint, slide = (parts.get(key, "") for key in ("name", "property", "fault", "hint", "slide"))
    results[name] = kind == "passed"
    if not in_notebook():
        if kind in ("passed", "noted"):  # otherwise it is the text of an error
            print(text)
        return
    title = f"<b><i>{MARKS[kind]}</i> {escape(name)}</b>{': ' if name else ''}{_code(property or fault)}"
    if name in answers:
        done = [results.get(each, False) for each in answers]
        dots = "".join("★" if all(done) else "●" if passes else "○" for passes in done)
        title += f" <small><span>{dots}</span> {sum(done)} of the notebook’s {len(done)} answers</small>"
    chip = f'<span class="slide">slide: {escape(slide)}</span>' if slide else ""
    lines = (_code(fault) if property else "", f"<em>{_code(hint)}</em>" if hint else "", chip)
    body = f"<p>{title}</p>" + _list(items) + "".join(f"<p>{line}</p>" for line in lines if line)
    display(Box(f'{STYLE}<div class="lectrain-check {kind}">{body}</div>', text))  # type: ignore[no-untyped-call]


def _list(items: Sequence[str]) -> str:
    """A list. If it has more than ten items, all after the eighth are folded."""
    count = 8 if len(items) > 10 else 10
    few, rest = ("".join(f"<li>{_code(each)}</li>" for each in part) for part in (items[:count], items[count:]))
    fold = f"<details><summary>{len(items) - count} more</summary><ul>{rest}</ul></details>" if rest else ""
    return f"<ul>{few}</ul>{fold}" if items else ""


def shown_as_box(error: Exception, kind: str, **parts: str) -> Exception:
    """Let a notebook show an error as a box, in place of a traceback, and return it. `parts` are those of `show`."""

    @cache  # IPython asks twice: for the notebook and for its history
    def render() -> list[str]:
        show(str(error), kind, **parts)
        return [f"{type(error).__name__}: {error}"]

    vars(error)["_render_traceback_"] = render
    return error


def _code(text: str) -> str:
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(text).replace(" · ", "\xa0·\xa0"))  # a line breaks elsewhere


def watch_pictures() -> None:
    """In a notebook, let a cell whose picture needs an answer that is missing or wrong say so in one line."""
    shell: Any = get_ipython()
    if in_notebook():
        shell.set_custom_exc((Exception,), _say_missing)


def _say_missing(shell: Any, kind: type[Exception], error: Exception, traceback: Any, tb_offset: Any = None) -> None:
    own = [frame.f_code for frame, _ in walk_tb(traceback) if frame.f_globals is shell.user_ns]  # cell, then functions
    needed: list[str] = []
    if own and getline(own[0].co_filename, 1).startswith("# ▸ Picture"):
        unsolved = own[1:][-1:] if kind is NotImplementedError else []
        used = {name for code in nested_code(own[0]) for name in code.co_names}
        needed = sorted(name for name in used if not results.get(name, True)) or [code.co_name for code in unsolved]
    if needed:
        names = " and ".join(f"`{name}`" for name in needed)
        text = f"This picture needs {names}: see {'its check' if len(needed) == 1 else 'their checks'}."
    elif kind is NotImplementedError and not error.args:  # the line that an answer replaces
        text = "Not answered yet."
    else:
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)
        return
    show(text, "open", fault=text)
    shell._showtraceback(kind, error, [text])
