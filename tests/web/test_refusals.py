"""What a sender beyond a limit is told, and what telling it costs."""

# ruff: noqa: F811 (a fixture is asked for by its name)

from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.abuse.measuring import Answered, measured
from tests.web.strict_html import text_of
from tests.web.test_limits import app, low, most  # noqa: F401 (fixtures)
from tests.web.visitor import PUBLIC_URL, document
from views.guard.limits import LIMITS, Rate


def test_the_page_of_too_many_tries_reads_well(app, stranger):
    for _ in range(most("invite", "address") + 1):
        answer = stranger.get("/i/made-up")

    assert text_of(next(document(answer).iter("h1"))) == "Too many tries in a short time"


def test_a_poll_that_is_refused_leaves_the_page_as_it_is(visitor, story, tenant, monkeypatch):
    monkeypatch.setitem(LIMITS, "poll", Rate(address=9, tenant=5))
    at = f"/connect/{story.waiting(tenant).id}"
    answers = [visitor.get(f"{at}/status", htmx=True) for _ in range(15)]

    assert [a.status_code for a in answers] == [200] * 5 + [429] * 10
    assert {a.headers.get("HX-Reswap") for a in answers[5:]} == {"none"}
    assert visitor.get(f"{at}/step/4").status_code == 200


def test_who_goes_on_though_refused_gets_a_few_fixed_words_in_every_language(stranger):
    answers = [stranger.get("/i/made-up") for _ in range(most("invite", "address") + 5)]

    plain = answers[-1]
    assert ["<form" in a.text for a in answers[-5:]] == [True, True, True, False, False]
    assert plain.status_code == 429
    assert 1 <= int(plain.headers["Retry-After"]) <= 60
    assert [s.get("lang") for s in document(plain).iter("p")] == ["en", "de", "ja"]
    assert "Zu viele Versuche" in plain.text
    assert "すぎます." not in plain.text, "a Latin full stop"
    assert "width=device-width" in plain.text, "a phone would show it too small to read"
    headers = {"Content-Security-Policy", "Strict-Transport-Security", "Cache-Control"}
    assert headers <= {name for name, _ in plain.headers}


def test_who_goes_on_though_refused_writes_one_line_of_the_log_a_minute(stranger, caplog):
    caplog.set_level("INFO")
    for _ in range(most("invite", "address") + 50):
        stranger.get("/i/made-up")

    assert sum("request.limited" in line for line in caplog.messages) == 1


@pytest.mark.parametrize("body", [b"a=1&" * 60, b"a=%ff", b"a=" + b"1" * 65_537], ids=["fields", "bytes", "length"])
def test_a_form_that_cannot_be_read_is_refused_as_any_other(stranger, caplog, body):
    sent = {"data": body, "content_type": "application/x-www-form-urlencoded"}
    for _ in range(most("invite", "address")):
        stranger.get("/i/made-up")

    answer = stranger.open("POST", "/i/made-up", headers={"Sec-Fetch-Site": "same-origin"}, **sent)

    assert answer.status_code == 429
    assert "crashed" not in caplog.text


@pytest.mark.clocked
@pytest.mark.parametrize("way", ["page", "form", "htmx", "framed", "api", "tenant"])
def test_to_refuse_costs_less_than_a_millisecond(app, visitor, story, tenant, way):
    connection = story.waiting(tenant)
    long = {"csrf_token": visitor.token(), "role_arn": "x" * 60_000}
    act, method, path, sent = {
        "page": ("page", "GET", "/there/is/none", {}),
        "form": ("invite", "POST", "/i/made-up", {"data": long}),
        "htmx": ("invite", "POST", "/i/made-up", {"data": long, "headers": {"HX-Request": "true"}}),
        "framed": ("language", "POST", "/framed/language", {"data": long}),
        "api": ("portal_read", "GET", "/api/v1/connections", {}),
        "tenant": ("role", "POST", f"/connect/{connection.id}/role", {"data": {**long, "role_arn": "x"}}),
    }[way]
    for _ in range(most(act, "tenant" if way == "tenant" else "address") + 3):
        visitor.open(method, path, **sent)

    def prepare():
        environ = EnvironBuilder(path, method=method, base_url=PUBLIC_URL, **sent).get_environ()
        environ["REMOTE_ADDR"], environ["HTTP_COOKIE"] = "127.0.0.1", f"__Host-rolecall={visitor.cookie().value}"
        return lambda: Answered(run_wsgi_app(app.wsgi_app, environ)[1])

    cost = measured(way, path, lambda size: prepare)

    assert cost.fault(1.0) == ""
    assert set(cost.kinds) == {"429 TOO MANY REQUESTS"}
