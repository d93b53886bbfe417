"""One browser with many requests under way: whichever answer comes last, nothing that was done is undone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from tests.soak import TIMES
from tests.web.framed import HEADER, LANGUAGE, FramedVisitor
from tests.web.strict_html import text_of
from tests.web.visitor import PUBLIC_URL, Visitor, document

ROUNDS = 10 * TIMES
WAYS = ["alone", "framed, cookie", "framed, no cookies"]


class Browser:
    """Sends each request with what it holds at that time, and takes the answers in any order."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.root = "/framed" if isinstance(visitor, FramedVisitor) else ""
        self.is_carried = isinstance(visitor, FramedVisitor) and not visitor.keeps_cookies
        jar = visitor._client._cookies or {}
        self.cookies = {cookie.key: cookie.value for cookie in jar.values()}
        self.headers = {HEADER: visitor.session} if self.is_carried else {}
        self.client = visitor.app.test_client(use_cookies=False)

    def send(self, method, path, fields=None, *, headers=None):
        """Return the answer, and what was sent with its request."""
        sent = dict(self.headers)
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        all_headers = {**sent, **(cookies if self.cookies else {}), "Referer": f"{PUBLIC_URL}/", **(headers or {})}
        answer = self.client.open(
            f"{self.root}{path}", method=method, data=fields, base_url=PUBLIC_URL, headers=all_headers
        )
        return answer, sent

    def take(self, answer, sent):
        """Keep what an answer sets, as browsers and the frame's script do."""
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if self.is_carried:
            if self.headers.get(HEADER) == sent.get(HEADER) and HEADER in answer.headers:
                self.headers[HEADER] = answer.headers[HEADER]
            if LANGUAGE in answer.headers:
                self.headers[LANGUAGE] = answer.headers[LANGUAGE]


@pytest.fixture(params=WAYS)
def browser(request, app, tenant):
    if request.param == "alone":
        return Browser(Visitor(app).enter(tenant))
    return Browser(FramedVisitor(app, keeps_cookies=request.param == "framed, cookie").enter(tenant))


def field(answer, name):
    return next(f.get("value") for f in document(answer).iter("input") if f.get("name") == name)


def test_answers_in_any_order_lose_nothing(browser, story, tenant, store):
    dice = random.Random(1)
    for _ in range(ROUNDS):
        connection = story.waiting(tenant)
        at = f"/connect/{connection.id}"
        pages = [browser.send("GET", f"{at}/step/3") for _ in range(3)]
        forms = [{name: field(page, name) for name in ("csrf_token", "shown")} for page, _ in pages]
        chosen = dice.choice(["de", "ja", "en"])
        asked = [
            *(("POST", f"{at}/pin", form, {"HX-Request": "true"}) for form in forms),
            *(("GET", f"{at}/step/3", None, None) for _ in range(3)),
            *(("GET", f"{at}/status", None, {"HX-Request": "true"}) for _ in range(3)),
            ("POST", "/language", {"csrf_token": forms[0]["csrf_token"], "language": chosen}, None),
        ]
        dice.shuffle(asked)
        answers = [browser.send(method, path, fields, headers=headers) for method, path, fields, headers in asked]
        dice.shuffle(pages)
        dice.shuffle(answers)
        for answer, sent in (*pages, *answers):
            assert answer.status_code in (200, 204, 303), answer.status
            browser.take(answer, sent)

        assert document(browser.send("GET", f"{at}/step/1")[0]).get("lang") == chosen
        assert browser.send("POST", f"{at}/check", {"csrf_token": forms[-1]["csrf_token"]})[0].status_code == 303
        assert store.get_connection(connection.id).pinned_external_id is not None


def test_the_answer_to_a_poll_never_sends_the_session(visitor, story, tenant):
    connection = story.waiting(tenant)

    for page in ("status", "step/1", "step/4"):
        assert "Set-Cookie" not in visitor.get(f"/connect/{connection.id}/{page}").headers


def test_step_3_sends_the_session_only_with_an_id_that_is_not_in_it(visitor, story, tenant):
    pinned, draft = story.waiting(tenant), story.draft(tenant)
    at = [f"/connect/{connection.id}/step/3" for connection in (draft, draft, pinned, pinned, pinned)]

    sent = ["Set-Cookie" in visitor.get(address).headers for address in at]

    assert sent == [True, True, True, False, False], "each load for the draft shows another ID"


def test_a_late_answer_can_bring_the_last_session_back_and_the_invite_opens_the_new_one_again(
    app, story, tenant, other_tenant
):
    here = app.extensions["rolecall"]
    browser = Browser(Visitor(app).enter(tenant))
    invite = here.invites.invite(name="", reference=other_tenant.reference, lifetime=timedelta(days=1))
    link = f"/i/{here.invites.token(invite)}"

    def press_the_invite():
        token = field(browser.send("GET", link)[0], "csrf_token")
        browser.take(*browser.send("POST", link, {"csrf_token": token}))

    def company():
        return text_of(next(document(browser.send("GET", "/connections")[0]).iter("h1")))

    late = browser.send("GET", f"/connect/{story.draft(tenant).id}/step/3")
    press_the_invite()
    assert company() == "AWS accounts of Globex"
    browser.take(*late)
    assert company() == "AWS accounts of Acme"
    press_the_invite()
    assert company() == "AWS accounts of Globex"


def test_the_session_ends_a_week_after_the_last_visit(visitor, tenant):
    now = datetime.now(UTC).timestamp()
    for day in (2, 8, 14, 20):
        with patch("itsdangerous.timed.time.time", return_value=now + day * 86_400), _today(day):
            assert visitor.get("/connections").status_code == 200, day
    with patch("itsdangerous.timed.time.time", return_value=now + 28 * 86_400), _today(28):
        assert visitor.get("/connections").status_code == 303


def _today(day):
    patched = patch("views.guard.sessions.datetime")
    mocked = patched.start()
    mocked.now.side_effect = lambda zone: datetime.now(zone) + timedelta(days=day)
    patched.stop()
    return patch("views.guard.sessions.datetime", mocked)
