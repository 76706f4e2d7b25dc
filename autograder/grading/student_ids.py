"""Which texts can be the id of a student."""

import unicodedata

ALLOWED_SIGNS = "._-@+'’,() "  # in an id, which may be a name
MAX_ID_BYTES = 200  # the names of records and drafts are longer, and a file system allows 255
ID_RULES = (  # for who has chosen another text
    f"begin with a letter or digit, use letters, digits, spaces and {' '.join(ALLOWED_SIGNS.strip())} only, "
    f"no space at the end, and at most {MAX_ID_BYTES} bytes"
)


def is_student_id(text: str) -> bool:
    """Whether a text can be a student's id, which names folders, files, links and cells of tables.

    Letters of all scripts are allowed, digits, and the signs of e-mail addresses and names.

    Examples
    --------
    >>> [is_student_id(text) for text in ("s034", "Jürgen O'Brien", "हिन्दी", "สุรีย์", "ada@example.org")]
    [True, True, True, True, True]
    >>> [is_student_id(text) for text in ("=1+1", "<b>", "-rf", "..", ".ada", "\\udcff", "ä" * 101)]
    [False, False, False, False, False, False, False]
    """
    # a mark belongs to the letter before it: an accent, or a vowel of Devanagari or Thai
    is_plain = all(c.isalnum() or c in ALLOWED_SIGNS or unicodedata.category(c).startswith("M") for c in text)
    return is_plain and text[:1].isalnum() and text == text.strip() and len(text.encode()) <= MAX_ID_BYTES
