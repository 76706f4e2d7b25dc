"""A verdict as a student reads it in the feedback page, and as a grader reads it in Formgrader."""

from jinja2 import Environment

from .model import Verdict

_VERDICT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """\
<div class="lectrain-verdict">
<p><strong>{{ verdict.exercise }}: {{ "%g" % score }} of {{ "%g" % verdict.points }} points</strong></p>
<ul>
{% for finding in verdict.findings %}
<li>{{ "✓ passed" if finding.passed else "✗ not yet" }} ({{ "%g" % finding.points }}): <em>{{ finding.rule }}</em>
{%- if finding.message %}: {{ finding.message }}{% endif %}
{%- if not finding.passed %} (slide: {{ finding.slide }}){% endif %}
</li>
{% endfor %}
</ul>
{% if hint %}
<p>It looks like this: {{ hint }}</p>
{% endif %}
{% for note in notes %}
<p>{{ note }}</p>
{% endfor %}
</div>
"""
)


def verdict_html(verdict: Verdict, score: float, notes: list[str]) -> str:
    """Write a verdict as a small HTML fragment; every word that comes from a student is escaped.

    Parameters
    ----------
    verdict : Verdict
        Its findings are listed rule by rule, each with its slide.
    score : float
        The points that are given for it.
    notes : list of str
        What else happened, a sentence each: a limit that struck, a forbidden library.
    """
    hint = next((finding.diagnosis for finding in verdict.findings if finding.diagnosis), None)
    return _VERDICT.render(verdict=verdict, score=score, notes=notes, hint=hint)
