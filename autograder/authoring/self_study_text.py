"""Leave out of this course's texts what only a class has: its slides, its points, and what comments mark as its own.

Notebooks speak of slides and points in set phrases, which the patterns below know. For anything else, write the
comments `<!-- class -->` and `<!-- end -->` around it. A test finds the words about grades that are left.
"""

import re

_WITHIN = r"(?:[^.?!:\n]|\.(?=\w))*"  # a sentence: a dot as in 0.5 or `np.sum` does not end it
_REST = rf"{_WITHIN}\.(?!\w)"  # of a sentence
_EARNS = rf"[^\s.?!:]{_WITHIN}\bearns? (?:(?:the|half a|one|[\d.]+) )?points?\b{_REST}"  # "Any answer earns the point."
_OF_A_CLASS = r"<!-- class -->(?s:(?!<!-- end -->).)*<!-- end -->"
# First come whole paragraphs and sentences at the beginning of a line, which are removed with the blank line or space
# behind them. The parts of sentences follow.
_LEFT_OUT = (  # beside each pattern is what it removes, in brackets if only a part is removed
    rf"^(?=<!-- class -->\n){_OF_A_CLASS}(?:\n\n|\Z)",  # whole paragraphs between two comments
    _OF_A_CLASS,  # what is between them in a line
    r"^\*\*Slides covered:\*\*.*\n\n",  # the paragraph "**Slides covered:** Softmax."
    r"^\*Slides?: .*?\*(?:\n\n| |$)",  # "*Slide: Softmax regression.*"
    r", slides covered(?=, )",  # "It says the topics[, slides covered], and time"
    r" \(slide: [^()\n]*\)",  # "Cross-entropy[ (slide: Softmax)]"
    r"^<details><summary>How the points are given</summary>\n(?s:.*?)\n</details>(?:\n+|\Z)",  # the folded text
    r"(?<= minutes), [\d.]+ points(?=\. )",  # "About 80 minutes[, 30 points]. "
    r" \([\d.]+ points?\)$",  # "### Task 3[ (2 points)]", but not "Draw the data (100 points)."
    r" \((?:no points(?: by itself)?|half a point(?: each)?)\)",  # "Answer with a letter[ (half a point each)]"
    r", no points(?=\)|: )",  # "Warm-up[, no points]: draw the line"
    r"(?<=^\* )[\d.]+ points?: ",  # "* [0.5 points: ]it names the sign"
    rf"^{_EARNS}(?: |\n+|\Z)",  # at the beginning of a line
    rf" {_EARNS}",  # further on: with the space before it
    r"^No points\.(?: |\n+|\Z)",  # "No points.", but not "No points lie on it."
    rf" (?:Half a|One|[\d.]+) points? (?:if|for|without)\b{_REST}",  # "It has both.[ Half a point if one is missing.]"
)
_OF_SELF_STUDY = re.compile(r"<!-- self-study\n(.*?)-->(?:\n|\Z)", re.DOTALL)


def for_self_study(text: str) -> str:
    """Remove what only a class has, and show what comments keep for self-study.

    Examples
    --------
    >>> for_self_study("Try it.<!-- class --> It is graded.<!-- end -->\\n<!-- self-study\\nUnfold it.\\n-->\\n")
    'Try it.\\nUnfold it.\\n'
    >>> for_self_study("*Slide: Softmax regression.* It says the topics, slides covered, and time (slide: Softmax)")
    'It says the topics, and time'
    >>> for_self_study("### Task 3 (2 points)"), for_self_study("### Warm-up, no points: draw the line")
    ('### Task 3', '### Warm-up: draw the line')
    >>> for_self_study("About 80 minutes, 30.5 points. Name the sign. Half a point if the price is missing.")
    'About 80 minutes. Name the sign.'
    >>> for_self_study("The rest earns 0.5 points. Guess."), for_self_study("* 0.5 points: it names the sign")
    ('Guess.', '* it names the sign')
    >>> for_self_study("Name it. One point if `np.sum` occurs. No points lie on it. It earns a point of view.")
    'Name it. No points lie on it. It earns a point of view.'
    """
    for pattern in _LEFT_OUT:
        text = re.sub(pattern, "", text, flags=re.MULTILINE)
    return _OF_SELF_STUDY.sub(r"\1", text)
