"""With what a pasted policy is compared: the external ID that counts, and the role that was named."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from onboarding.examination import examine_for
from onboarding.ground.status import Status
from onboarding.trust.comparison import corrected_policy
from onboarding.trust.examiner import ExaminationVerdict
from onboarding.trust.expected import ExpectedTrust
from tests.builders import EXTERNAL_ID, NOON, a_connection, a_vendor, an_external_id, an_issued_id

TRUSTED = a_vendor().trusted_principal
FINE, DIFFERS = ExaminationVerdict.FINE, ExaminationVerdict.DIFFERS
ISSUED = (an_issued_id(1, age=timedelta(hours=1)), an_issued_id(2))


def examined(connection, *, names):
    pasted = json.dumps(corrected_policy(ExpectedTrust.of(TRUSTED, names)))
    return examine_for(connection, pasted, issued=ISSUED, trusted=TRUSTED, now=NOON)


@pytest.mark.parametrize(
    ("kept", "fine", "differs"),
    [
        ({}, 2, 1),
        ({"pinned_external_id": an_external_id(1)}, 1, 2),
        ({"pinned_external_id": an_external_id(1), "bound_external_id": an_external_id(2)}, 2, 1),
    ],
    ids=["the newest", "the pinned one", "the bound one"],
)
def test_the_policy_must_name_the_external_id_that_counts(kept, fine, differs):
    connection = a_connection(Status.WAITING, **kept)

    assert examined(connection, names=an_external_id(fine)).verdict is FINE
    assert examined(connection, names=an_external_id(differs)).verdict is DIFFERS


@pytest.mark.parametrize(("bound", "is_said"), [(None, True), (EXTERNAL_ID, False)])
def test_once_one_is_bound_the_others_are_not_called_valid(bound, is_said):
    found = examined(a_connection(Status.WAITING, bound_external_id=bound), names=an_external_id(1))

    assert any("still valid" in sentence for sentence in found.sentences) is is_said
