"""Handing over, as the one who asks does it: make a link, send it, see what became of it, take it back."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from onboarding.ground.status import Status
from onboarding.model import Actor
from tests.builders import OTHER_ACCOUNT
from tests.web.colleague import Colleague, hand_over
from tests.web.framed import FramedVisitor
from tests.web.strict_html import by_id, links, text_of
from tests.web.visitor import PUBLIC_URL, document

LEFT_TO_DO = tuple(s for s in Status if s not in (Status.CONNECTED, Status.DISCONNECTED))


@pytest.fixture
def connection(story, tenant):
    return story.waiting(tenant)


def page_of(visitor, connection):
    return document(visitor.get(f"/connect/{connection.id}/handover"))


def make(visitor, connection, **fields):
    return visitor.post(f"/connect/{connection.id}/handover", {"asked_by": "Sam", "days": "3", **fields})


def link_on(page):
    return text_of(by_id(page, "handover_link"))


def panel_of(visitor, connection):
    return document(visitor.get(f"/connect/{connection.id}/status"))


def items(panel):
    return {text_of(item).partition(":")[0].lstrip("✓●○✕ "): item.get("data-s") for item in panel.iter("li")}


def sayings(panel):
    return " | ".join(text_of(item) for item in panel.iter("li"))


@pytest.mark.parametrize("status", LEFT_TO_DO)
def test_every_page_of_an_unfinished_connection_offers_to_hand_over(visitor, story, tenant, status):
    connection = story.reach(status, tenant)
    there = f"/connect/{connection.id}/handover"

    for path in ("step/1", "step/3", "step/9", "trouble", "status"):
        assert there in links(document(visitor.get(f"/connect/{connection.id}/{path}"))), path


@pytest.mark.parametrize("status", [Status.CONNECTED, Status.DISCONNECTED])
def test_where_nothing_is_left_to_do_nothing_is_handed_over(visitor, story, tenant, status, store):
    connection = story.reach(status, tenant)

    assert f"/connect/{connection.id}/handover" not in links(document(visitor.get(f"/connect/{connection.id}/step/1")))
    refused = make(visitor, connection)
    assert refused.status_code == 409
    assert "There is nothing left to hand over." in text_of(document(refused))
    assert store.list_handovers(connection.id) == []


def test_the_form_proposes_three_days(visitor, connection):
    chosen = [e for e in page_of(visitor, connection).iter("input") if e.get("name") == "days"]

    assert {e.get("value"): e.get("checked") is not None for e in chosen} == {"1": False, "3": True, "7": False}


@pytest.mark.parametrize("days", [1, 3, 7])
def test_a_link_is_made_for_as_long_as_was_chosen(visitor, connection, store, clock, days):
    answer = make(visitor, connection, asked_by="  Sam  ", days=str(days))

    assert answer.location == f"/connect/{connection.id}/handover"
    (made,) = store.list_handovers(connection.id)
    assert (made.asked_by, made.expires_at) == ("Sam", clock.now() + timedelta(days=days))
    (invite,) = store.list_invites()
    assert made.invite_id == invite.id


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"asked_by": "x" * 81}, "asked_by"),
        ({"days": "30"}, "days"),
        ({"days": "x"}, "days"),
    ],
)
def test_what_the_form_does_not_offer_is_refused_beside_the_field(visitor, connection, store, fields, field):
    answer = make(visitor, connection, **fields)

    assert answer.status_code == 422
    assert text_of(by_id(document(answer), f"{field}_error"))
    assert store.list_handovers(connection.id) == []


@pytest.mark.parametrize(
    ("typed", "kept"), [("", ""), ("   ", ""), ("\u202eSam\x1b[31m\n", "Sam[31m"), ("Zoë 李", "Zoë 李")]
)
def test_a_name_is_optional_and_holds_nothing_that_cannot_be_seen(visitor, connection, store, typed, kept):
    assert make(visitor, connection, asked_by=typed).status_code == 303
    assert store.list_handovers(connection.id)[0].asked_by == kept


def test_the_link_is_shown_to_copy_to_mail_and_to_scan(visitor, connection, app, store):
    make(visitor, connection)
    page = page_of(visitor, connection)
    (made,) = store.list_handovers(connection.id)

    link = link_on(page)
    assert link == f"{PUBLIC_URL}/h/{app.extensions['rolecall'].handovers.token(made)}"
    assert [b.get("data-copy") for b in page.iter("button") if b.get("data-copy")] == ["handover_link"]
    (code,) = (e for e in page.iter("img"))
    assert code.get("alt")
    kind, _, drawn = code.get("src").partition(",")
    assert kind.startswith("data:image/svg+xml")
    assert "<svg" in (base64.b64decode(drawn).decode() if "base64" in kind else unquote(drawn))
    # Nothing but text shows it: a click on it would open it here, in the sender's own browser.
    assert link not in links(page)


def test_the_mail_says_who_asks_whom_for_what_until_when_and_holds_the_link_once(visitor, connection):
    make(visitor, connection, asked_by='Sam & "Söhne" <x>')
    page = page_of(visitor, connection)
    mail = next(href for href in links(page) if href.startswith("mailto:?"))

    assert re.fullmatch(r"mailto:\?subject=[A-Za-z0-9%._~/-]+&body=[A-Za-z0-9%._~-]+", mail)
    said = parse_qs(urlsplit(mail).query)
    assert said["subject"] == ["Please connect the AWS account of Acme to Northwind Cost"]
    (body,) = said["body"]
    assert body.count(link_on(page)) == 1
    assert "20 May 2030" in body
    assert "read-only role" in body
    assert "\r\n" in body
    assert body.endswith('Sam & "Söhne" <x>')


def test_in_a_frame_the_link_stands_alone_and_ends_with_the_portals_key(app, story, tenant, store):
    frame, connection = FramedVisitor(app).enter(tenant), story.waiting(tenant)

    assert make(frame, connection).location == f"/framed/connect/{connection.id}/handover"

    assert urlsplit(link_on(page_of(frame, connection))).path.startswith("/h/")
    (made,) = store.list_handovers(connection.id)
    key = app.extensions["rolecall"].store.list_api_keys()[0]
    assert (made.invite_id, made.api_key_id) == (None, key.id)


def test_the_asker_sees_sent_then_opened_by_the_poll_they_have(visitor, connection, app):
    panel = panel_of(visitor, connection)
    make(visitor, connection)
    sent = document(visitor.get(panel.get("hx-get"), htmx=True))
    assert "Your colleague has not opened the link yet: under way" in sayings(sent)
    assert visitor.get(sent.get("hx-get"), htmx=True).status_code == 204

    link = urlsplit(link_on(page_of(visitor, connection))).path
    Colleague(app).get(link)
    assert visitor.get(sent.get("hx-get"), htmx=True).status_code == 204
    Colleague(app).accept(link, connection)

    opened = document(visitor.get(sent.get("hx-get"), htmx=True))
    assert items(opened)["Your colleague opened the link"] == "done"


def test_the_page_lists_every_link_with_what_became_of_it_in_words(visitor, connection, app, clock):
    _, opened = hand_over(app, connection)
    Colleague(app).accept(opened, connection)
    clock.forward(days=3)
    revoked, _ = hand_over(app, connection, asked_by="")
    app.extensions["rolecall"].handovers.revoke(revoked.id)
    hand_over(app, connection)

    (made,) = (e for e in page_of(visitor, connection).iter("ul") if e.get("class") == "handovers")
    listed = list(made.iter("li"))

    assert [e.get("data-state") for e in listed] == ["sent", "revoked", "expired"]
    for entry, word in zip(listed, ("Not opened yet", "Revoked on", "First opened on 17 May 2030"), strict=True):
        assert word in text_of(entry)
    assert [len(list(e.iter("button"))) for e in listed] == [1, 0, 0]


def test_the_sender_takes_a_link_back_on_its_page(visitor, connection, store, app):
    handover, _ = hand_over(app, connection)
    address = f"/connect/{connection.id}/handover/{handover.id}/revoke"
    assert f'action="{address}"' in visitor.get(f"/connect/{connection.id}/handover").text

    assert visitor.post(address).location == f"/connect/{connection.id}/handover"

    assert store.get_handover(handover.id).revoked_at is not None
    last = store.events(connection.id)[-1]
    assert (last.kind, last.actor) == ("handover.revoked", Actor.TENANT)
    assert "handover_link" not in visitor.get(f"/connect/{connection.id}/handover").text
    assert "colleague opened" not in sayings(panel_of(visitor, connection))


def test_a_hand_over_is_revoked_where_it_belongs_and_by_its_tenant_alone(
    app, visitor, other_visitor, story, tenant, other_tenant, store
):
    mine, another = story.waiting(tenant), story.waiting(tenant, OTHER_ACCOUNT)
    theirs = story.waiting(other_tenant)
    handover, _ = hand_over(app, mine)

    for who, where in ((visitor, another), (other_visitor, theirs), (other_visitor, mine)):
        assert who.post(f"/connect/{where.id}/handover/{handover.id}/revoke").status_code == 404
    assert visitor.post(f"/connect/{mine.id}/handover/none/revoke").status_code == 404
    assert store.get_handover(handover.id).revoked_at is None


def test_a_wish_for_a_new_link_shows_in_the_panel_and_is_granted_with_one_click(visitor, connection, app, store, clock):
    handover, link = hand_over(app, connection)
    clock.forward(days=3)
    panel = panel_of(visitor, connection)
    assert items(panel)["Your colleague did not open the link in time"] == "bad"
    late = Colleague(app)
    late.post(f"{link}/again", token_from=link)

    asked = document(visitor.get(panel.get("hx-get"), htmx=True))

    assert "ask for a new one" in text_of(asked)
    form = next(f for f in asked.iter("form") if f.get("action").endswith("/handover"))
    fields = {e.get("name"): e.get("value") for e in form.iter("input")}
    assert visitor.open("POST", form.get("action"), data=fields).status_code == 303
    again = store.list_handovers(connection.id)[-1]
    assert again.id != handover.id
    assert (again.asked_by, again.expires_at) == ("Sam", clock.now() + timedelta(days=3))
    assert "ask for a new one" not in text_of(panel_of(visitor, connection))
    assert link_on(page_of(visitor, connection))
