"""With what a pasted policy is compared: the external ID that counts, and the role that was named."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from onboarding.ground.status import Status
from onboarding.trust.expected import ExpectedTrust, corrected_policy
from onboarding.trust.judgement import TrustVerdict
from tests.builders import EXTERNAL_ID, NOON, an_event, an_external_id


@pytest.fixture
def with_two_ids(store, stored):
    """`with_two_ids(pinned_external_id=…)`: a connection to which two external IDs were issued."""

    def write(**kept):
        connection = stored(Status.WAITING, **kept)
        for number in (1, 2):
            store.issue(an_external_id(number), connection.id, at=NOON - timedelta(hours=2 - number), event=an_event())
        return connection

    return write


def examined(onboarding, connection, *, names):
    pasted = json.dumps(corrected_policy(ExpectedTrust.of(onboarding.vendor.trusted_principal, names)))
    return onboarding.examine(connection, pasted)


@pytest.mark.parametrize(
    ("kept", "fine", "differs"),
    [
        ({}, 2, 1),
        ({"pinned_external_id": an_external_id(1)}, 1, 2),
        ({"pinned_external_id": an_external_id(1), "bound_external_id": an_external_id(2)}, 2, 1),
    ],
    ids=["the newest", "the pinned one", "the bound one"],
)
def test_the_policy_must_name_the_external_id_that_counts(onboarding, with_two_ids, kept, fine, differs):
    connection = with_two_ids(**kept)

    assert examined(onboarding, connection, names=an_external_id(fine)).verdict is TrustVerdict.EXACT
    assert examined(onboarding, connection, names=an_external_id(differs)).verdict is TrustVerdict.LOOSE


@pytest.mark.parametrize(("bound", "is_said"), [(None, True), (EXTERNAL_ID, False)])
def test_once_one_is_bound_the_others_are_not_called_valid(onboarding, with_two_ids, bound, is_said):
    found = examined(onboarding, with_two_ids(bound_external_id=bound), names=an_external_id(1))

    assert any("still valid" in sentence for sentence in found.sentences) is is_said
