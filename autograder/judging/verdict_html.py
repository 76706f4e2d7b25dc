"""A verdict as HTML: the output of a grade cell, which students see in feedback and graders in Formgrader."""

from collections.abc import Sequence

from jinja2 import Environment

from .model import Status, Verdict

_LABELS = {
    Status.PASSED: "✓ passed",
    Status.FAILED: "✗ not yet",
    Status.NOT_ANSWERED: "✗ not yet",
    Status.RECEIVED: "… received",
}
_VERDICT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """\
<div class="lectrain-verdict">
<p><strong>{{ verdict.exercise }}: {{ "%g" % score }} of {{ "%g" % verdict.points }} points
{%- if verdict.is_received %} so far{% endif %}</strong></p>
<ul>
{% for finding in verdict.findings %}
<li>{{ labels[finding.status] }} ({{ "%g" % finding.points }}): <em>{{ finding.rule }}</em>
{%- if finding.message %}: {{ finding.message }}{% endif %}
{%- if finding.status not in ("passed", "received") %} (slide: {{ finding.slide }}){% endif %}
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


def verdict_html(verdict: Verdict, score: float, notes: Sequence[str]) -> str:
    """Render a verdict as an HTML fragment. All text from students is escaped.

    Parameters
    ----------
    verdict : Verdict
        Its findings are listed rule by rule. Each failed one names its slide.
    score : float
        The points that were awarded. They may be fewer than the verdict's.
    notes : sequence of str
        Further remarks, one sentence each: a limit that was exceeded, a forbidden library.

    Returns
    -------
    str
    """
    hint = next((finding.diagnosis for finding in verdict.findings if finding.diagnosis), None)
    return _VERDICT.render(verdict=verdict, score=score, notes=notes, hint=hint, labels=_LABELS)
