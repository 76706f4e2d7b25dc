"""Which texts can be the id of a student."""

import unicodedata

ALLOWED_SIGNS = "._-@+'’,() "  # in an id, which may be a name
MAX_ID_BYTES = 200  # the names of records and drafts are longer, and a file system allows 255


def is_student_id(text: str) -> bool:
    """Whether a text can be a student's id, which names folders, files, links and cells of tables.

    Letters of all scripts are allowed, digits, and the signs of e-mail addresses and names.

    Examples
    --------
    >>> [is_student_id(text) for text in ("s034", "Jürgen O'Brien", "ada@example.org", "=1+1", "<b>", "-rf", "..")]
    [True, True, True, False, False, False, False]
    """
    is_plain = all(c.isalnum() or unicodedata.combining(c) or c in ALLOWED_SIGNS for c in text)
    return is_plain and text[:1].isalnum() and text == text.strip() and len(text.encode()) <= MAX_ID_BYTES
