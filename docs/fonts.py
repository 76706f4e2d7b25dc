"""Reduce Inter, the font of the pictures, to the characters that the course needs: `docs/fonts.py FOLDER`.

`FOLDER` has the fonts of https://rsms.me/inter, such as /usr/share/fonts/opentype/inter of Debian's `fonts-inter`.
"""

import string
import sys
from pathlib import Path

from fontTools import subset

FONTS = Path(__file__).parents[1] / "lectrain" / "fonts"
LATIN, GREEK = [*map(chr, range(0xA0, 0x180))], [*map(chr, range(0x370, 0x400))]  # used twice
SYMBOLS = "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙₓ⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺′″−≈≠≤≥∞√∑∏∂→←↑↓↔⟶✓✗…–—‘’“”•½¼¾ŷ\u0302★○●"


def main(folder: str) -> None:
    """Write the two weights of the pictures, each of about 100 kB in place of 600."""
    features = ["kern", "mark", "mkmk", "ccmp", "tnum"]
    options = subset.Options(layout_features=features, desubroutinize=True, name_IDs=["*"])  # also the family's name
    for weight in ("Regular", "Bold"):
        font = subset.load_font(f"{folder}/Inter-{weight}.otf", options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join((*string.printable, *LATIN, *GREEK, *SYMBOLS)))
        subsetter.subset(font)
        subset.save_font(font, str(FONTS / f"Inter-{weight}.otf"), options)


if __name__ == "__main__":
    main(*sys.argv[1:])
