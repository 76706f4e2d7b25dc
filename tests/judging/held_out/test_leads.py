"""No explanation is false, and each of these answers has one."""

import re

import numpy as np
import pytest

from tests.conftest import exercises

from .leads import ANSWERS


@pytest.mark.parametrize("lead", ANSWERS, ids=lambda lead: lead.answer.__name__)
def test_the_explanation_mentions_the_cause_and_claims_nothing_false(lead):
    with np.errstate(all="ignore"):
        findings = exercises[lead.exercise].check(lead.answer).findings
    text = " ".join(f"{finding.diagnosis or ''} {finding.message}" for finding in findings if not finding.passed)
    assert re.search(lead.words, text, re.IGNORECASE)
    assert not re.search(lead.never, text, re.IGNORECASE)
