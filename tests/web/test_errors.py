"""Every error is a page in the same calm voice, and gives nothing away."""

from __future__ import annotations

import io
import logging
import sqlite3
from dataclasses import replace

import pytest

from commands.logs import PlainLines
from onboarding.proof.answer import Answer, Asked, Outcome
from tests.builders import an_event
from tests.web.strict_html import links, text_of
from tests.web.visitor import PUBLIC_URL, SECRET_KEY, SUPPORT_URL, Visitor, address, document, routes

CANARY = "CANARY-7f3a"


def is_calm(answer, code):
    assert answer.status_code == code, answer.request.path
    page = document(answer)
    assert text_of(page.find(".//h1"))
    assert SUPPORT_URL in links(page)
    assert "/" in links(page)
    assert "Traceback" not in answer.text
    assert "werkzeug" not in answer.text.lower()
    return text_of(page)


def test_what_is_not_there_is_404(stranger):
    for path in ("/nope", "/connect", "/connect/", "/i/", "/.env", "/static/nope.css", "/static/../app.py"):
        is_calm(stranger.get(path), 404)


def test_a_method_that_a_page_does_not_have_is_405(visitor):
    for method, path in (("POST", "/"), ("DELETE", "/connections"), ("PUT", "/healthz"), ("GET", "/start")):
        is_calm(visitor.open(method, path, data={"csrf_token": visitor.token()}), 405)


def test_a_body_of_more_than_64_kib_is_413_in_both_encodings(visitor, story, tenant):
    path = f"/connect/{story.draft(tenant).id}/role"
    token = visitor.token()
    long = {"csrf_token": token, "role_arn": "x" * 65_537}

    is_calm(visitor.open("POST", path, data=long), 413)
    is_calm(visitor.open("POST", path, data={**long, "file": (io.BytesIO(b"x" * 65_537), "x")}), 413)
    is_calm(visitor.open("POST", path, data={"csrf_token": token, "f": (io.BytesIO(b"x" * 65_537), "x")}), 413)


def test_just_under_64_kib_is_read(visitor, story, tenant):
    path = f"/connect/{story.draft(tenant).id}/role"

    answer = visitor.open("POST", path, data={"csrf_token": visitor.token(), "role_arn": "x" * 64_000})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "connect.example.com.evil.example",
        "connect.example.com@evil.example",
        "evil.example:443",
        "[::1]",
    ],
)
def test_a_host_that_is_not_ours_is_400(app, host):
    answer = Visitor(app).open("GET", "/", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_a_page_that_was_open_for_too_long_says_so(visitor, story, tenant):
    path = f"/connect/{story.draft(tenant).id}/launch"

    shown = is_calm(visitor.open("POST", path, data={"flow": "quick", "region": "us-east-1"}), 400)

    assert "This page was open for too long" in shown


def test_a_crash_is_a_page_without_a_trace_of_itself(visitor, story, tenant, store, monkeypatch, caplog):
    connection = story.draft(tenant)

    def broken(connection_id):
        raise sqlite3.OperationalError(f"{CANARY} disk I/O error at {store.path}")

    monkeypatch.setattr(store, "get_connection", broken)
    answer = visitor.get(f"/connect/{connection.id}/step/1")

    is_calm(answer, 500)
    assert CANARY not in answer.text
    assert str(store.path) not in answer.text
    assert CANARY in caplog.text


def test_an_odd_connection_id_is_404(visitor):
    for connection_id in ("%00", "%0a", "..", "%2e%2e", "'", "💥", "x" * 3000, "%ff%fe", "1 or 1=1", "*"):
        for page in ("step/1", "status", "success"):
            is_calm(visitor.get(f"/connect/{connection_id}/{page}"), 404)


def test_head_answers_as_get_does_without_a_body(visitor, story, tenant):
    connection = story.waiting(tenant)
    for path in ("/connections", "/healthz", f"/connect/{connection.id}/step/1", f"/connect/{connection.id}/status"):
        head, got = visitor.open("HEAD", path), visitor.get(path)
        assert (head.status_code, head.data) == (got.status_code, b"")
        assert head.mimetype == got.mimetype


class TalkativeRoles:
    """An AWS whose answers carry what no tenant may read."""

    def __init__(self, outcome):
        self.outcome = outcome

    def assume(self, role_arn, *, asked, external_id, session_name):
        if self.outcome is Outcome.ASSUMED and asked is not Asked.NONE:
            return Answer(
                asked, self.outcome, role_arn.account_id, role_arn.name, f"{CANARY}-request", f"{CANARY}-code"
            )
        outcome = Outcome.REFUSED if self.outcome is Outcome.ASSUMED else self.outcome
        return Answer(asked, outcome, request_id=f"{CANARY}-request", raw_code=f"User: arn:aws:sts::1:{CANARY}")


@pytest.mark.parametrize("outcome", Outcome)
def test_nothing_that_aws_said_word_for_word_reaches_a_tenant(visitor, story, tenant, outcome, clock):
    story.verifier = replace(story.verifier, roles=TalkativeRoles(outcome))
    connection = story.verify(story.waiting(tenant))
    clock.forward(minutes=3)

    for page in (*(f"step/{n}" for n in range(1, 10)), "status", "success", "trouble"):
        body = visitor.get(f"/connect/{connection.id}/{page}").text
        assert CANARY not in body
        assert SECRET_KEY not in body


def test_a_finding_that_nobody_knows_is_shown_in_known_words(visitor, story, tenant, store, onboarding):
    connection = story.waiting(tenant)
    odd = store.commit(
        connection,
        replace(connection, finding_code=f"<b>{CANARY}"),
        an_event(tenant_id=tenant.id, connection_id=connection.id),
    )

    answer = visitor.get(f"/connect/{odd.id}/status")

    assert CANARY not in answer.text
    assert "AWS gave an answer that we do not know" in text_of(document(answer))


def test_every_error_on_every_route_names_whom_to_ask(app, visitor):
    for method, rule, endpoint in routes(app):
        if endpoint != "static" and not rule.startswith("/connect/"):
            continue
        answer = visitor.open(method, address(rule, filename="nope"), data={"csrf_token": visitor.token()})
        is_calm(answer, 404)


def lines_of(caplog):
    formatter = PlainLines()
    return [formatter.format(record) for record in caplog.records]


def test_no_log_line_holds_an_invites_token(app, tenant, caplog):
    caplog.set_level(logging.DEBUG)
    here = app.extensions["rolecall"]
    visitor = Visitor(app).enter(tenant)
    (invite,) = here.store.list_invites()
    token = here.invites.token(invite)
    visitor.get(f"/i/{token}")
    visitor.get(f"/i/{token}x")
    visitor.open("POST", f"/i/{token}", headers={"Referer": f"{PUBLIC_URL}/i/{token}"})
    here.invites.revoke(invite.id)
    visitor.get(f"/i/{token}")

    text = "\n".join(lines_of(caplog))
    assert "route=/i/<token> status=200" in text
    assert "route=/i/<token> status=410" in text
    assert token not in text
    assert visitor.cookie().value not in text


@pytest.mark.parametrize(
    "odd", ["%0a2030-05-17T12:00:00Z ERROR forged", "%1b[31mred", "%0d%0aforged", "%e2%80%a8forged"]
)
def test_no_address_can_forge_a_log_line(visitor, caplog, odd):
    caplog.set_level(logging.INFO)

    visitor.get(f"/connect/{odd}/step/1")

    answered = [line for line in lines_of(caplog) if "status=404" in line]
    assert len(answered) == 1
    assert len(answered[0].splitlines()) == 1
    assert answered[0].isprintable()


def test_an_address_that_is_not_ours_is_told_so_whatever_else_is_wrong_with_the_request(visitor):
    for method, path in (("POST", "/connections"), ("GET", "/framed/connections"), ("POST", "/api/v1/launches")):
        answer = visitor.open(method, path, headers={"Host": "evil.example", "Sec-Fetch-Site": "cross-site"})

        assert answer.status_code == 400
        assert answer.get_data(as_text=True) == "This address is not ours. Open the link you were sent.\n"


def test_an_error_page_carries_no_more_fields_than_any_form_of_ours_has(visitor):
    sent = {"Sec-Fetch-Site": "same-origin"}
    carried = {
        count: [i for i in document(answer).iter("input") if str(i.get("name")).startswith("x")]
        for count in (20, 21)
        for answer in [visitor.open("POST", "/connections", data={f"x{n}": "" for n in range(count)}, headers=sent)]
    }

    assert {count: len(inputs) for count, inputs in carried.items()} == {20: 20, 21: 0}
