"""How a hand-over ends: taken back, expired, asked for again; with the link, the sessions that it started."""

from __future__ import annotations

import pytest

from onboarding.model import Actor
from tests.builders import ACCOUNT, OTHER_ACCOUNT
from tests.web.colleague import Colleague, hand_over
from tests.web.strict_html import by_id, links, text_of
from tests.web.visitor import SUPPORT_URL, document


@pytest.fixture
def connection(story, tenant):
    return story.draft(tenant)


@pytest.fixture
def colleague(app, connection):
    """Somebody who accepted a hand-over of the connection."""
    return Colleague(app).accept(hand_over(app, connection)[1], connection)


def test_a_revoked_link_is_dead_at_once_in_the_open_browser_too(app, colleague, stranger, connection, store):
    (handover,) = store.list_handovers(connection.id)
    link = f"/h/{app.extensions['rolecall'].handovers.token(handover)}"
    token = stranger.token(link)
    poll = by_id(document(colleague.get(f"/connect/{connection.id}/step/4")), "status_panel").get("hx-get")
    csrf = colleague.token()

    app.extensions["rolecall"].handovers.revoke(handover.id)

    polled = colleague.get(poll, htmx=True)
    assert (polled.status_code, polled.headers["HX-Retarget"]) == (410, "body")
    assert text_of(next(document(polled).iter("h1"))) == "This link has ended"
    sent = {"csrf_token": csrf, "account_id": ACCOUNT}
    assert colleague.open("POST", f"/connect/{connection.id}/account", data=sent).status_code == 410
    assert colleague.get("/connections").location == "/"
    for answer in (stranger.get(link), stranger.open("POST", link, data={"csrf_token": token})):
        assert answer.status_code == 410
        assert "revoked it" in text_of(document(answer))
    assert not list(by_id(document(stranger.get(link)), "main").iter("button"))
    assert store.get_connection(connection.id).account_id is None


def test_a_link_made_with_an_invite_ends_with_it(app, visitor, connection, store):
    visitor.post(f"/connect/{connection.id}/handover", {"asked_by": "", "days": "7"})
    (handover,) = store.list_handovers(connection.id)
    link = f"/h/{app.extensions['rolecall'].handovers.token(handover)}"
    colleague = Colleague(app).accept(link, connection)
    (invite,) = store.list_invites()

    app.extensions["rolecall"].invites.revoke(invite.id)

    assert colleague.get(f"/connect/{connection.id}/step/1").status_code == 410
    assert colleague.get(link).status_code == 410


def test_an_expired_link_offers_to_ask_again_and_says_when_it_was_asked(app, stranger, connection, clock, store):
    handover, link = hand_over(app, connection)
    token = stranger.token(link)
    clock.forward(days=3)

    assert stranger.open("POST", link, data={"csrf_token": token}).status_code == 410
    page = document(stranger.get(link))
    assert "Sam of Acme sent it, and can make a new one with one click." in text_of(page)
    assert [text_of(b) for b in by_id(page, "main").iter("button")] == ["Ask for a new link"]
    assert SUPPORT_URL in links(page)

    for _ in range(2):
        assert stranger.open("POST", f"{link}/again", data={"csrf_token": token}).location == link
    asked = document(stranger.get(link))
    assert "You asked for a new link on 20 May 2030, 12:00:00 UTC. Sam sees that in the wizard" in text_of(asked)
    assert not list(by_id(asked, "main").iter("button"))
    wishes = [e for e in store.events(connection.id) if e.kind == "handover.asked_again"]
    assert [(e.actor, e.detail["handover"]) for e in wishes] == [(Actor.COLLEAGUE, handover.id)]


def test_a_link_that_is_open_is_not_asked_for_again(app, stranger, connection, store):
    handover, link = hand_over(app, connection)

    assert stranger.post(f"{link}/again", token_from=link).status_code == 200
    assert store.get_handover(handover.id).asked_again_at is None


def test_an_ended_session_says_so_for_its_connection_and_knows_no_other(
    app, colleague, connection, story, tenant, clock
):
    other = story.waiting(tenant, OTHER_ACCOUNT)
    clock.forward(days=3)

    assert colleague.get(f"/connect/{connection.id}/step/1").status_code == 410
    assert colleague.get("/connect/nowhere/step/1").status_code == 404
    if other.id != connection.id:
        assert colleague.get(f"/connect/{other.id}/step/1").status_code == 404


def test_several_may_open_a_link_until_it_ends(app, colleague, connection, store):
    (handover,) = store.list_handovers(connection.id)
    link = f"/h/{app.extensions['rolecall'].handovers.token(handover)}"

    second = Colleague(app).accept(link, connection)

    for browser in (colleague, second):
        assert browser.get(f"/connect/{connection.id}/step/1").status_code == 200
    assert [e.kind for e in store.events(connection.id)].count("handover.opened") == 1
