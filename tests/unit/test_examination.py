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


class TestWhatIsRemembered:
    @pytest.fixture
    def refused(self, with_two_ids):
        return with_two_ids(pinned_external_id=an_external_id(1), finding_code="not_answering")

    def events(self, store, connection):
        return [e for e in store.events(connection.id) if e.kind == "trust.examined"]

    def test_that_the_trust_policy_is_right_while_aws_refuses_us(self, onboarding, refused, store, clock):
        clock.forward(minutes=3)
        examined(onboarding, refused, names=an_external_id(1))

        assert store.get_connection(refused.id).trust_fine_at == clock.now()
        assert [dict(e.detail) for e in self.events(store, refused)] == [{"is_fine": "yes"}]

    def test_since_when_and_only_once(self, onboarding, refused, store, clock):
        for _ in range(3):
            examined(onboarding, refused, names=an_external_id(1))
            clock.forward(minutes=3)

        assert store.get_connection(refused.id).trust_fine_at == NOON
        assert len(self.events(store, refused)) == 1

    def test_that_the_trust_policy_shuts_us_out_until_one_is_right(self, onboarding, refused, store):
        examined(onboarding, refused, names=an_external_id(2))
        shut = store.get_connection(refused.id)
        examined(onboarding, refused, names=an_external_id(1))
        fine = store.get_connection(refused.id)

        assert (shut.trust_fine_at, shut.trust_shut_at) == (None, NOON)
        assert (fine.trust_fine_at, fine.trust_shut_at) == (NOON, None)
        assert [dict(e.detail)["is_fine"] for e in self.events(store, refused)] == ["no", "yes"]

    def test_not_that_it_shuts_us_out_if_it_is_another_roles(self, onboarding, refused, store):
        trust = corrected_policy(ExpectedTrust.of(onboarding.vendor.trusted_principal, an_external_id(2)))
        another = {"Role": {"Arn": "arn:aws:iam::111122223333:role/another", "AssumeRolePolicyDocument": trust}}
        onboarding.examine(refused, json.dumps(another))

        assert store.get_connection(refused.id) == refused

    def test_not_that_it_shuts_us_out_while_several_external_ids_count(self, onboarding, with_two_ids, store):
        connection = with_two_ids(finding_code="not_answering")
        examined(onboarding, connection, names=an_external_id(1))

        assert store.get_connection(connection.id) == connection

    def test_no_longer_once_it_differs(self, onboarding, refused, store):
        examined(onboarding, refused, names=an_external_id(1))
        examined(onboarding, refused, names=an_external_id(2))

        assert store.get_connection(refused.id).trust_fine_at is None

    @pytest.mark.parametrize("pasted", ["", "{", "nonsense"])
    def test_nothing_of_what_cannot_be_read(self, onboarding, refused, store, pasted):
        examined(onboarding, refused, names=an_external_id(1))
        onboarding.examine(refused, pasted)

        assert store.get_connection(refused.id).trust_fine_at == NOON

    @pytest.mark.parametrize("finding", [None, "trust_is_loose", "aws_throttled"])
    def test_nothing_where_aws_does_not_refuse_us(self, onboarding, with_two_ids, store, finding):
        connection = with_two_ids(pinned_external_id=an_external_id(1), finding_code=finding)
        examined(onboarding, connection, names=an_external_id(1))

        assert store.get_connection(connection.id) == connection

    @pytest.mark.parametrize(
        "act",
        [
            lambda onboarding, c: onboarding.submit_account(c.id, raw_account_id="444455556666"),
            lambda onboarding, c: onboarding.submit_role(c.id, raw_role_arn="arn:aws:iam::111122223333:role/another"),
            lambda onboarding, c: onboarding.try_again(c.id),
        ],
        ids=["another account", "another role", "another stack"],
    )
    def test_nothing_once_it_is_about_another_role(self, onboarding, refused, store, act):
        examined(onboarding, refused, names=an_external_id(1))
        act(onboarding, refused)

        assert store.get_connection(refused.id).trust_fine_at is None

    def test_nothing_once_another_external_id_counts(self, onboarding, with_two_ids, store):
        connection = with_two_ids(finding_code="not_answering")
        examined(onboarding, connection, names=an_external_id(2))
        onboarding.pin_external_id(connection.id, external_id=an_external_id(1))

        assert store.get_connection(connection.id).trust_fine_at is None
