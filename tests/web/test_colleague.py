"""A colleague's session: the one connection it opens, what is recorded of it, and that no account goes unnamed."""

from __future__ import annotations

import pytest

from onboarding.ground.status import Status
from onboarding.model import Actor
from tests.builders import ACCOUNT, OTHER_ACCOUNT
from tests.web.colleague import Colleague, hand_over
from tests.web.forms import fields_for
from tests.web.strict_html import by_id, links, text_of
from tests.web.visitor import address, document, routes


@pytest.fixture
def connection(story, tenant):
    return story.draft(tenant)


@pytest.fixture
def colleague(app, connection):
    """Somebody who accepted a hand-over of the connection."""
    return Colleague(app).accept(hand_over(app, connection)[1], connection)


def test_every_page_says_for_whom_and_step_1_in_a_sentence(colleague, connection):
    for where in (*(f"step/{n}" for n in range(1, 10)), "trouble"):
        page = document(colleague.get(f"/connect/{connection.id}/{where}"))
        (who,) = (e for e in page.iter("span") if e.get("class") == "for")
        assert text_of(who) == "Connecting for Acme · asked by Sam", where
    first = document(colleague.get(f"/connect/{connection.id}/step/1"))
    assert "You are connecting this account for Acme. Go on only if you know Acme and expect this" in text_of(first)


def test_a_colleague_sees_one_connection_and_nothing_else_of_the_tenant(
    app, colleague, connection, story, tenant, store
):
    others = [story.waiting(tenant), story.connected(tenant, OTHER_ACCOUNT)]
    others = [c for c in others if c.id != connection.id]
    before = store.list_connections(), store.events()

    for other in others:
        for method, rule, endpoint in routes(app):
            if "<connection_id>" in rule:
                sent = {"csrf_token": colleague.token(), **fields_for(rule)} if method == "POST" else None
                answer = colleague.open(method, address(rule, connection_id=other.id), data=sent)
                assert answer.status_code == 404, endpoint
    for answer in (colleague.get("/connections"), colleague.post("/connections")):
        assert (answer.status_code, answer.location) == (303, f"/connect/{connection.id}/step/1")
    assert (store.list_connections(), store.events()) == before
    for where in ("step/1", "step/9", "trouble"):
        page = document(colleague.get(f"/connect/{connection.id}/{where}"))
        assert not [href for href in links(page) if href == "/connections" or href.endswith("/handover")], where


def test_a_colleague_hands_nothing_over_and_takes_nothing_back(app, colleague, connection, store):
    (handover,) = store.list_handovers(connection.id)

    for method, path in (("GET", ""), ("POST", ""), ("POST", f"/{handover.id}/revoke")):
        sent = {"csrf_token": colleague.token(), "asked_by": "", "days": "7"} if method == "POST" else None
        answer = colleague.open(method, f"/connect/{connection.id}/handover{path}", data=sent)
        assert answer.status_code == 404
    assert store.list_handovers(connection.id) == [handover]
    assert "olleague" not in text_of(by_id(document(colleague.get(f"/connect/{connection.id}/step/4")), "status_panel"))


def test_whatever_a_colleague_does_is_in_the_events_as_theirs(app, colleague, connection, store):
    (handover,) = store.list_handovers(connection.id)
    before = len(store.events())

    fields = {
        "account": {"account_id": ACCOUNT},
        "pin": {"shown": colleague.shown(connection)},
        "launch": {"flow": "pages", "region": "us-east-1", "account_id": ACCOUNT},
        "role": {"role_arn": f"arn:aws:iam::{ACCOUNT}:role/another"},
    }
    for method, rule, _ in routes(app):
        if method == "POST" and "<connection_id>" in rule:
            sent = fields.get(rule.rpartition("/")[2], {})
            colleague.post(address(rule, connection_id=connection.id, handover_id=handover.id), sent)

    done = store.events()[before:]
    assert {e.kind for e in done} == {
        *("external_id.issued", "external_id.pinned", "account.named"),
        *("connection.launched", "role.named", "stack.retried"),
    }
    assert {(e.actor, e.detail["handover"]) for e in done} == {(Actor.COLLEAGUE, handover.id)}


def test_what_the_tenant_does_stays_the_tenants(visitor, colleague, connection, store):
    visitor.post(f"/connect/{connection.id}/account", {"account_id": ACCOUNT})

    last = store.events(connection.id)[-1]
    assert (last.actor, dict(last.detail)) == (Actor.TENANT, {"account_id": ACCOUNT})


def test_a_stack_made_from_a_link_connects_nothing_until_the_account_is_named(colleague, connection, story, aws, store):
    """Security 14: forwarded by whomever, a hand-over alone names no account."""
    colleague.post(f"/connect/{connection.id}/launch", {"flow": "quick", "region": "us-east-1"})
    launched = store.get_connection(connection.id)
    arn = f"arn:aws:iam::{ACCOUNT}:role/{launched.role_name}"
    aws.accepts_only(arn, launched.pinned_external_id)

    for _ in range(3):
        story.verify(store.get_connection(connection.id))
        assert store.get_connection(connection.id).status is Status.WAITING
    assert aws.calls == []
    panel = document(colleague.get(f"/connect/{connection.id}/status"))
    assert "Which account is it?" in text_of(panel)

    colleague.post(f"/connect/{connection.id}/account", {"account_id": ACCOUNT})
    assert story.verify(store.get_connection(connection.id)).status is Status.CONNECTED
    assert "Account 1111-2222-3333 is connected" in text_of(
        document(colleague.get(f"/connect/{connection.id}/success"))
    )


def test_who_is_signed_in_for_their_own_company_is_told_whose_link_this_is(
    app, other_visitor, connection, story, other_tenant
):
    """A stranger's link, opened by somebody who has the wizard of another company open."""
    own = story.waiting(other_tenant)
    _, link = hand_over(app, connection)

    assert "Go on only if you know Acme" in text_of(document(other_visitor.get(link)))
    assert other_visitor.get(f"/connect/{connection.id}/step/1").status_code == 404

    other_visitor.post(link, token_from=link)
    page = document(other_visitor.get(f"/connect/{connection.id}/step/1"))
    assert "You are connecting this account for Acme." in text_of(page)
    assert other_visitor.get(f"/connect/{own.id}/step/1").status_code == 404


def test_a_colleagues_poll_is_as_cheap(app, visitor, connection, story, statements, store):
    visitor.post(f"/connect/{connection.id}/handover", {"asked_by": "", "days": "1"})
    (handover,) = store.list_handovers(connection.id)
    link = f"/h/{app.extensions['rolecall'].handovers.token(handover)}"
    colleague = Colleague(app).accept(link, connection)
    poll = by_id(document(colleague.get(f"/connect/{connection.id}/step/4")), "status_panel").get("hx-get")
    colleague.get(poll, htmx=True)
    statements.clear()

    assert colleague.get(poll, htmx=True).status_code == 204

    # The hand-over, the invite that it was made with, the connection, what ails the worker.
    assert [s.split()[0].lower() for s in statements] == ["select"] * 4
