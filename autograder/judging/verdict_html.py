"""A verdict as HTML: the output of a grade cell, which students see in feedback and graders in Formgrader."""

from jinja2 import Environment

from .points_as_text import format_points
from .verdict import Status, Verdict

_LABELS = {
    Status.PASSED: "✓ passed",
    Status.FAILED: "✗ not yet",
    Status.NOT_ANSWERED: "○",  # the message says it
    Status.RECEIVED: "… received",
}
_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters["format_points"] = format_points
_TEMPLATE = _ENVIRONMENT.from_string(
    """\
<div class="lectrain-verdict">
<p><strong>{{ verdict.exercise }}: {{ verdict.score | format_points }} of {{ verdict.points | format_points }} points
{%- if verdict.is_received %} so far{% endif %}</strong></p>
<ul>
{% for finding in verdict.findings %}
<li>{{ labels[finding.status] }} ({{ finding.points | format_points }}): <em>{{ finding.rule }}</em>
{%- if finding.message %}: {{ finding.message }}{% endif %}
{%- if finding.slide and finding in verdict.failed_findings %} (slide: {{ finding.slide }}){% endif %}
</li>
{% endfor %}
</ul>
{% if verdict.diagnosis %}
<p>It looks like this: {{ verdict.diagnosis }}</p>
{% endif %}
{% if verdict.cause %}
<p>{{ verdict.cause }}</p>
{% endif %}
{% for note in verdict.notes %}
<p>{{ note }}</p>
{% endfor %}
</div>
"""
)


def verdict_html(verdict: Verdict) -> str:
    """Render a verdict as an HTML fragment, rule by rule. All text from students is escaped."""
    return _TEMPLATE.render(verdict=verdict, labels=_LABELS)
