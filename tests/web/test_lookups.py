"""What is looked up once a request: the first answer is kept, for that request and that session alone."""

from __future__ import annotations

from datetime import timedelta

from onboarding.model import Actor
from views.guard.access import INVITE, start_session, visit
from views.guard.lookups import once_a_request


def test_a_lookup_is_done_once_in_each_request(app):
    calls = []
    look_up = once_a_request(lambda: calls.append("asked"))

    for _ in range(2):
        with app.test_request_context("/"):
            assert (look_up(), look_up()) == (None, None)

    assert calls == ["asked", "asked"]


def test_a_session_that_starts_is_seen_by_the_same_request(app):
    invites = app.extensions["rolecall"].invites
    invite = invites.invite(name="Acme", reference="acme", lifetime=timedelta(days=1), actor=Actor.OPERATOR)

    with app.test_request_context("/"):
        assert visit() is None
        start_session(INVITE, invite.id, tenant_id=invite.tenant_id)
        assert visit().tenant_id == invite.tenant_id
