"""Leave out of this course's texts what only a class has: its slides, its points, and what comments mark as its own."""

import re

_OF_A_CLASS = re.compile(  # paragraphs, or part of a line
    r"^<!-- class -->\n.*?<!-- end -->(?:\n\n|\Z)|<!-- class -->.*?<!-- end -->", re.DOTALL | re.MULTILINE
)
_OF_SELF_STUDY = re.compile(r"<!-- self-study\n(.*?)-->\n", re.DOTALL)
_SLIDES = re.compile(
    r"^\*\*Slides covered:\*\*.*\n\n|^\*Slides?: .*?\*(?:\n\n| |$)|, slides covered(?=, )| \(slide: [^()\n]*\)",
    re.MULTILINE,
)
_SENTENCE = r"(?:[^\s.?!:][^.?!:\n]*\bearns?\b|(?:Half a|One|\d+) points? (?:if|for|without)\b|No points)[^.?!:\n]*\."
_POINTS = re.compile(
    r"^<details><summary>How the points are given</summary>\n.*?\n</details>(?:\n+|\Z)"
    r"|, \d+ points(?=\. )"
    r"| \((?:(?:[\d.]+|no) points?|half a point)[^()]*\)"
    r"|, no points(?=\)|: )"
    r"|(?<=^\* )[\d.]+ points?: "
    rf"|^{_SENTENCE}(?: |\n+|\Z)"  # at the beginning of a paragraph
    rf"| {_SENTENCE}",
    re.DOTALL | re.MULTILINE,
)


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
    >>> for_self_study("About 80 minutes, 30 points. No points. Name the sign. Half a point if the price is missing.")
    'About 80 minutes. Name the sign.'
    >>> for_self_study("Any answer earns the point. Guess."), for_self_study("* 0.5 points: it names the sign")
    ('Guess.', '* it names the sign')
    """
    for of_a_class in (_OF_A_CLASS, _SLIDES, _POINTS):
        text = of_a_class.sub("", text)
    return _OF_SELF_STUDY.sub(r"\1", text)
