"""No paste keeps the examiner busy: what it costs is bounded, and grows no faster than what was pasted."""

from __future__ import annotations

import pytest

from onboarding.trust.comparison import compare_trust
from onboarding.trust.examiner import examine
from onboarding.trust.reading import LARGEST
from tests.builders import NOON, ROLE
from tests.cpu_time import grows_too_fast
from tests.unit.examined_pastes import EXPECTED, OF_PASTE, OF_POLICY, paste

pytestmark = pytest.mark.clocked

LARGEST_PASTE = 60_000


def examined(raw):
    return lambda: examine(raw, expected=EXPECTED, issued=(), claimed=ROLE, now=NOON)


@pytest.mark.parametrize("size", [LARGEST, LARGEST_PASTE])
@pytest.mark.parametrize("name", OF_POLICY)
def test_no_policy_takes_long_to_examine(name, size):
    half, whole = (paste(OF_POLICY[name], part) for part in (size // 2, size))

    assert not grows_too_fast(examined(half), examined(whole))


@pytest.mark.parametrize("name", OF_PASTE)
def test_no_paste_takes_long_to_examine(name):
    half, whole = (paste(OF_PASTE[name], size) for size in (LARGEST_PASTE // 2, LARGEST_PASTE))

    assert not grows_too_fast(examined(half), examined(whole))


@pytest.mark.parametrize("name", OF_POLICY)
def test_no_policy_makes_a_long_answer(name):
    found = examined(paste(OF_POLICY[name], LARGEST))()

    assert len(found.differences) <= 43
    assert len(found.lines) <= 200


def test_what_aws_would_not_store_is_answered_by_a_sentence():
    found = examined(paste(OF_POLICY["principals, accounts"], 2 * LARGEST))()

    assert found.sentences == ("AWS stores no trust policy as long as that: 8,192 characters at most.",)
    assert {d.code for d in compare_trust(paste(OF_POLICY["statements, empty"], 8_000), EXPECTED)} == {
        "unreadable",
        "not_let_in",
    }
