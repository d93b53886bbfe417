"""The page behind a hand-over's link: what it says before anything happens, what it starts, who learns its address."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer

from onboarding.ground.status import Status
from onboarding.model import Flow
from tests.web.colleague import Colleague, hand_over
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import Visitor, document, misspelt


@pytest.fixture
def connection(story, tenant):
    return story.draft(tenant)


def test_the_page_says_who_asks_for_which_company_what_is_granted_to_whom_and_until_when(app, stranger, connection):
    _, link = hand_over(app, connection)

    page = document(stranger.get(link))
    shown = text_of(page)

    assert text_of(next(page.iter("h1"))) == "Connect an AWS account for Acme"
    assert "Sam asks you" in shown
    assert dict(zip(map(text_of, page.iter("dt")), map(text_of, page.iter("dd")), strict=True)) == {
        "For": "Acme",
        "Asked by": "Sam (the name as they typed it)",
        "Access goes to": "Northwind Cost",
        "AWS account": "You name it on the next page",
        "Works until": "20 May 2030, 12:00:00 UTC",
    }
    permissions = app.extensions["rolecall"].permissions
    assert all(p.title in shown and p.never_reads in shown and p.actions[0] in shown for p in permissions)
    assert "Go on only if you know Acme and expect this." in shown
    assert [text_of(b) for b in by_id(page, "main").iter("button")] == ["Go on for Acme"]


def test_without_a_name_nobody_is_made_up(app, stranger, connection):
    _, link = hand_over(app, connection, asked_by="")

    shown = text_of(document(stranger.get(link)))

    assert "A colleague asks you" in shown
    assert "somebody of Acme, who gave no name" in shown


def test_an_account_that_was_named_is_shown_before_anything_happens(app, stranger, story, tenant):
    connection = story.waiting(tenant)
    _, link = hand_over(app, connection)

    assert "1111-2222-3333" in text_of(document(stranger.get(link)))
    step = document(Colleague(app).accept(link, connection).get(f"/connect/{connection.id}/step/1"))
    assert "The request names account 1111-2222-3333: make sure that it is the right one." in text_of(step)


def test_looking_at_the_page_starts_nothing_and_is_not_told(app, stranger, connection, store):
    handover, link = hand_over(app, connection)
    before = store.get_connection(connection.id), store.events()

    for _ in range(3):
        assert stranger.get(link).status_code == 200

    assert (store.get_connection(connection.id), store.events()) == before
    assert store.get_handover(handover.id).opened_at is None
    assert stranger.get(f"/connect/{connection.id}/step/1").status_code == 404


@pytest.mark.parametrize(
    ("status", "there"),
    [
        (Status.DRAFT, "step/1"),
        (Status.WAITING, "step/1"),
        (Status.REJECTED, "step/1"),
        (Status.EXPIRED, "step/1"),
        (Status.DEGRADED, "success"),
    ],
)
def test_the_button_opens_the_page_where_the_work_is(app, story, tenant, store, clock, status, there):
    connection = story.reach(status, tenant)
    handover, link = hand_over(app, connection)
    colleague = Colleague(app)

    answer = colleague.post(link, token_from=link)

    assert (answer.status_code, answer.location) == (303, f"/connect/{connection.id}/{there}")
    assert colleague.get(answer.location).status_code == 200
    assert store.get_handover(handover.id).opened_at == clock.now()


def test_the_button_shows_a_connection_that_was_connected_since(app, onboarding, story, tenant):
    _, link = hand_over(app, onboarding.start_connection(tenant.id))
    connection = story.reach(Status.CONNECTED, tenant)

    assert Colleague(app).post(link, token_from=link).location == f"/connect/{connection.id}/success"


def test_who_began_by_command_hands_the_command_over(app, onboarding, connection):
    onboarding.launch(connection.id, flow=Flow.COMMAND, region="us-east-1")
    _, link = hand_over(app, connection)

    assert Colleague(app).post(link, token_from=link).location == f"/connect/{connection.id}/command"


def test_the_sender_who_tries_their_own_link_keeps_their_session_and_opens_nothing(app, visitor, connection, store):
    handover, link = hand_over(app, connection)

    page = document(visitor.get(link))
    assert "This link is for your colleague" in text_of(page)
    assert not list(by_id(page, "main").iter("button"))
    token = visitor.token()
    assert visitor.open("POST", link, data={"csrf_token": token}).location == f"/connect/{connection.id}/step/1"

    assert store.get_handover(handover.id).opened_at is None
    assert visitor.get("/connections").status_code == 200


def altered(token):
    return [
        misspelt(token),
        token + "x",
        "x" + token,
        token.replace(".", ""),
        token.partition(".")[0],
        token.upper(),
        URLSafeSerializer("another key", salt="rolecall.handover").dumps("x"),
        ".",
        "\x00",
        "💥",
        "a" * 4000,
    ]


def test_a_link_that_we_did_not_sign_opens_nothing(app, stranger, connection, store):
    handover, link = hand_over(app, connection)
    good = stranger.token(link)

    def codes(token):
        posts = [stranger.open("POST", f"/h/{token}{act}", data={"csrf_token": good}) for act in ("", "/again")]
        return [answer.status_code for answer in (stranger.get(f"/h/{token}"), *posts)]

    tokens = altered(link.removeprefix("/h/"))
    assert [(token, found) for token in tokens if (found := codes(token)) != [404] * 3] == []
    assert store.get_handover(handover.id) == handover


def test_an_invites_token_is_no_hand_over_and_the_other_way_round(app, stranger, visitor, connection, store):
    _, link = hand_over(app, connection)
    (invite,) = store.list_invites()

    assert stranger.get(f"/h/{app.extensions['rolecall'].invites.token(invite)}").status_code == 404
    assert stranger.get(link.replace("/h/", "/i/")).status_code == 404


def test_a_name_that_somebody_typed_is_shown_as_text(app, stranger, connection):
    odd = "<script>alert('x')</script> & \"Söhne\""
    _, link = hand_over(app, connection, asked_by=odd)

    assert odd in text_of(document(stranger.get(link)))
    page = Colleague(app).accept(link, connection).get(f"/connect/{connection.id}/step/1")
    assert odd in text_of(document(page))


def test_the_token_is_in_no_log_line_no_event_and_no_other_answer(app, visitor, connection, caplog, store, clock):
    caplog.set_level(logging.DEBUG)
    visitor.post(f"/connect/{connection.id}/handover", {"asked_by": "Sam", "days": "1"})
    (handover,) = store.list_handovers(connection.id)
    link = f"/h/{app.extensions['rolecall'].handovers.token(handover)}"
    canary = link.removeprefix("/h/")
    assert canary in visitor.get(f"/connect/{connection.id}/handover").text
    colleague = Colleague(app).accept(link, connection)
    for where in ("step/1", "step/3", "status"):
        answer = colleague.get(f"/connect/{connection.id}/{where}")
        assert canary not in answer.text + str(answer.headers), where
    assert canary not in visitor.get(f"/connect/{connection.id}/step/1").text
    clock.forward(days=1)
    colleague.post(f"{link}/again", token_from=link)
    Visitor(app).open("POST", link)
    Visitor(app).open("POST", f"{link}/nowhere")

    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "route=/h/<token>" in logged
    assert canary not in logged
    assert canary not in repr(store.events())


def test_the_page_of_a_link_tells_no_address_but_where_it_leads(app, stranger, connection):
    """A Referer would carry the token to whatever the page loads or leads to, our own server's logs included."""
    _, link = hand_over(app, connection)

    for answer in (stranger.get(link), stranger.open("POST", link), stranger.get("/h/made-up")):
        assert answer.headers["Referrer-Policy"] == "strict-origin"
    outside = [e for e in document(stranger.get(link)).iter("a") if re.match("https?:", e.get("href", ""))]
    assert all(e.get("rel") == "noreferrer" for e in outside)


@pytest.mark.parametrize("kind", ["invite", "hand-over"])
def test_choosing_a_language_on_the_page_of_a_link_leads_back_to_it_though_its_referer_does_not(
    app, stranger, connection, kind
):
    here = app.extensions["rolecall"]
    invite = here.invites.invite(name="Acme", reference="acme", lifetime=timedelta(days=1))
    link = hand_over(app, connection)[1] if kind == "hand-over" else f"/i/{here.invites.token(invite)}"
    fields = {f.get("name"): f.get("value") for f in document(stranger.get(link)).iter("input")}

    answer = stranger.open("POST", "/language", data={**fields, "language": "de"})

    assert answer.location == link
    assert document(stranger.get(link)).get("lang") == "de"
