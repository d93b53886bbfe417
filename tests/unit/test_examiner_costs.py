"""No paste keeps the examiner busy: what it costs is bounded, and grows no faster than what was pasted."""

from __future__ import annotations

import pytest

from onboarding.trust.examiner import examine
from onboarding.trust.judgement import TrustVerdict, judge_trust
from onboarding.trust.reading import LARGEST
from tests.abuse.measuring import REQUEST_MS, Answered, Bench
from tests.builders import NOON, ROLE
from tests.unit.examined_pastes import EXPECTED, OF_PASTE, OF_POLICY, paste

pytestmark = pytest.mark.clocked

LARGEST_PASTE = 60_000
# The parts that a shape is made of do not fit into less.
SMALLEST = 2_000


def examined(raw):
    return examine(raw, expected=EXPECTED, issued=(), claimed=ROLE, now=NOON)


def fault(name, shape, *, longest):
    """Return what is wrong with what it costs to examine that shape at a quarter, half and all of the length."""

    def make(part):
        raw = paste(shape, max(SMALLEST, int(part * longest)))
        return lambda: lambda: Answered(examined(raw).verdict)

    return Bench(REQUEST_MS).fault("a paste", name, make)


@pytest.mark.parametrize("longest", [LARGEST, LARGEST_PASTE])
@pytest.mark.parametrize("name", OF_POLICY)
def test_no_policy_takes_long_to_examine(name, longest):
    assert fault(name, OF_POLICY[name], longest=longest) == ""


@pytest.mark.parametrize("name", OF_PASTE)
def test_no_paste_takes_long_to_examine(name):
    assert fault(name, OF_PASTE[name], longest=LARGEST_PASTE) == ""


@pytest.mark.parametrize("name", OF_POLICY)
def test_no_policy_makes_a_long_answer(name):
    found = examined(paste(OF_POLICY[name], LARGEST))

    assert len(found.findings) <= 43
    assert len(found.lines) <= 200


def test_what_aws_would_not_store_is_answered_by_a_sentence():
    found = examined(paste(OF_POLICY["principals, accounts"], 2 * LARGEST))

    assert found.sentences == ("AWS stores no trust policy as long as that: 8,192 characters at most.",)
    found = judge_trust(paste(OF_POLICY["statements, empty"], 8_000), EXPECTED, now=NOON)
    assert found.verdict is TrustVerdict.REFUSED_BY_AWS
    assert len(found.findings) <= 40
