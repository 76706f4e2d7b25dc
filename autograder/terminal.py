"""What commands print. Text that a student may have chosen cannot change the terminal, or look like another line."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from .submissions.plain_text import printable


def count(number: int, noun: str) -> str:
    """Count things in words: "1 page", "2 pages"."""
    return f"{number} {noun if number == 1 else noun + 's'}"


def as_text(line: str) -> Text:
    """Make a text of a line, for what would take the brackets of a string for markup, such as `Console.status`."""
    return Text(printable(line))


class Terminal(Console):
    """Shows control characters in strings as text: Rich passes most of them on. In a `Text`, make them `printable`."""

    def __init__(self, **options: Any):
        # Rich would take the `[b]` of a name for bold, colour halves of words, and turn `:100:` into an emoji.
        super().__init__(markup=False, highlight=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Turn a string into text, also in the cell of a table."""
        return super().render_str("\n".join(map(printable, text.split("\n"))), **options)

    def print_line(self, line: str) -> None:
        """Print one line without breaking it."""
        self.print(printable(line), soft_wrap=True)

    def print_path(self, label: str, path: Path) -> None:
        """Print what was written, and where it is."""
        self.print(Text.assemble(f"{label}: ", (printable(str(path)), "cyan")), soft_wrap=True)

    def print_error(self, line: str) -> None:
        """Print one line about an error. A terminal breaks it between words; a file keeps it as one line."""
        self.print(Text.assemble(("error:", "bold red"), f" {printable(line)}"), soft_wrap=not self.is_terminal)
