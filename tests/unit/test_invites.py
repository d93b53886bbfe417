"""Invites: a signed link for one tenant, that expires, can be taken back, and cannot be made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from onboarding.entry.invites import DEFAULT_LIFETIME, Invites
from onboarding.model import Actor
from onboarding.ports import NotFound


@pytest.fixture
def invite(invites):
    return invites.invite(name="Acme", reference="acme", lifetime=DEFAULT_LIFETIME)


def test_a_token_opens_the_wizard_of_the_tenant_it_was_made_for(invites, invite):
    found, tenant = invites.open(invites.token(invite))

    assert found == invite
    assert (tenant.name, tenant.reference) == ("Acme", "acme")


def test_an_invite_is_open_for_as_long_as_it_was_made_for(invite, clock):
    assert timedelta(days=7) == DEFAULT_LIFETIME
    assert invite.is_open(clock.now())
    assert invite.is_open(clock.now() + DEFAULT_LIFETIME - timedelta(seconds=1))
    assert not invite.is_open(clock.now() + DEFAULT_LIFETIME)


def test_a_revoked_invite_is_closed_though_its_token_is_still_known(invites, invite, clock):
    token = invites.token(invite)

    invites.revoke(invite.id)

    found, _ = invites.open(token)
    assert not found.is_open(clock.now())


def test_revoking_again_keeps_the_first_time(invites, invite, clock, store):
    invites.revoke(invite.id)
    clock.forward(hours=1)
    invites.revoke(invite.id)

    assert store.get_invite(invite.id).revoked_at == clock.now() - timedelta(hours=1)


def test_what_is_not_there_cannot_be_revoked(invites):
    with pytest.raises(NotFound):
        invites.revoke("no-such-invite")


def test_a_second_invite_is_for_the_same_tenant_where_the_reference_is_the_same(invites, invite, store):
    again = invites.invite(name="Acme Ltd", reference="acme", lifetime=DEFAULT_LIFETIME)
    other = invites.invite(name="Acme", reference="globex", lifetime=DEFAULT_LIFETIME)

    assert again.tenant_id == invite.tenant_id != other.tenant_id
    assert store.get_tenant(invite.tenant_id).name == "Acme"
    assert invites.token(again) != invites.token(invite)


@pytest.mark.parametrize("key", ["another-key-0123456789abcdefabcdef", ""])
def test_a_token_signed_with_another_key_opens_nothing(invites, invite, store, clock, key):
    forged = Invites(store=store, clock=clock, secret_key=key).token(invite)

    with pytest.raises(NotFound):
        invites.open(forged)


def test_a_token_signed_with_our_key_for_another_purpose_opens_nothing(invites, invite):
    forged = URLSafeSerializer("a-key-for-tests-0123456789abcdef", salt="rolecall.session").dumps(invite.id)

    with pytest.raises(NotFound):
        invites.open(forged)


def test_a_signed_token_for_an_invite_that_is_not_there_opens_nothing(invites, invite):
    with pytest.raises(NotFound):
        invites.open(invites.token(replace(invite, id="no-such-invite")))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(raw="\ud800")
@given(raw=st.text(st.characters(exclude_categories=()), max_size=80))
@pytest.mark.parametrize("shape", ["{}", "{}.{}", "Imludml0ZS0xIg.{}", "{}é"])
def test_no_text_that_a_stranger_makes_up_opens_anything(invites, shape, raw):
    with pytest.raises(NotFound):
        invites.open(shape.format(raw, raw))


def test_an_altered_token_opens_nothing(invites, invite):
    token = invites.token(invite)

    for at in range(len(token)):
        altered = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        if altered.rstrip("=") != token:
            try:
                found, _ = invites.open(altered)
            except NotFound:
                continue
            # The last character of base64 has spare bits: another spelling of the very same signature.
            assert at == len(token) - 1
            assert found == invite


def test_every_invite_leaves_its_record_and_the_token_stays_out_of_it(invites, invite, store):
    invites.revoke(invite.id)

    events = store.events()
    assert [(e.kind, e.actor, e.tenant_id) for e in events] == [
        ("tenant.added", Actor.OPERATOR, invite.tenant_id),
        ("invite.made", Actor.OPERATOR, invite.tenant_id),
        ("invite.revoked", Actor.OPERATOR, invite.tenant_id),
    ]
    assert [e.detail.get("invite") for e in events] == [None, invite.id, invite.id]
    assert invites.token(invite) not in repr(events)
