"""What commands print. Text that a student may have chosen cannot change the terminal, or look like another line."""

from typing import Any

from rich.console import Console
from rich.text import Text

from ..submissions.reader import printable


class Terminal(Console):
    """A console of Rich that shows control characters as text. Rich passes on all but a few of them."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Turn a string into text, also in the cell of a table."""
        return super().render_str("\n".join(map(printable, text.split("\n"))), **options)

    def print_line(self, line: str) -> None:
        """Print one line as it is: without markup, and without breaking it."""
        self.print(printable(line), markup=False, soft_wrap=True)
