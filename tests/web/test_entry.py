"""The ways in: an invite, the tenant's page, and the sandbox's open door. Everything else is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer

from onboarding.ground.status import Status
from onboarding.ports import UNFINISHED_PER_TENANT
from tests.builders import a_connection, an_event, an_invite
from tests.web.strict_html import by_id, links, text_of
from tests.web.visitor import SUPPORT_URL, Visitor, an_app, document, misspelt


@pytest.fixture
def link(app, tenant):
    """An open invite's link, `link(expires_at=…)` another one."""
    here = app.extensions["rolecall"]

    def make(**values):
        invite = an_invite(tenant.id, id=f"invite-{len(here.store.list_invites())}", **values)
        here.store.add_invite(invite, an_event("invite.made", connection_id=None))
        return f"/i/{here.invites.token(invite)}"

    return make


def test_an_invite_says_who_invites_whom_for_what_and_starts_nothing(stranger, link, tenant, store):
    answer = stranger.get(link())

    shown = text_of(document(answer))
    assert "Northwind Cost invites Acme" in shown
    assert "asks to read an AWS account of Acme" in shown
    assert stranger.get("/connections").status_code == 303
    assert store.list_connections() == []


def test_pressing_the_button_opens_the_tenants_page(stranger, link, story, tenant, other_tenant):
    mine, theirs = story.connected(tenant), story.waiting(other_tenant)
    address = link()

    assert stranger.post(address, token_from=address).location == "/connections"

    page = document(stranger.get("/connections"))
    assert text_of(next(page.iter("h1"))) == "AWS accounts of Acme"
    assert f"/connect/{mine.id}/success" in links(page)
    assert not [href for href in links(page) if theirs.id in href]


@pytest.mark.parametrize("status", Status)
def test_the_tenants_page_shows_each_connection_with_its_status(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    page = document(visitor.get("/connections"))

    assert [e.get("data-status") for e in page.iter("span") if e.get("data-status")] == [status]
    address = next(href for href in links(page) if connection.id in href)
    assert visitor.get(address).status_code == 200
    assert text_of(next(page.iter("button"))) == "Connect another account"


def test_a_tenant_connects_as_many_accounts_as_they_like(visitor, story, tenant, store):
    assert text_of(next(document(visitor.get("/connections")).iter("button"))) == "Connect an account"
    first = visitor.post("/connections").location
    assert visitor.post("/connections").location == first

    story.waiting(tenant)
    second = visitor.post("/connections").location

    assert second != first
    assert visitor.get(second).status_code == 200
    assert len(store.list_connections(tenant.id)) == 2


def test_the_same_invite_goes_on_in_another_browser(app, story, tenant, link):
    address = link()
    first, second = Visitor(app), Visitor(app)
    for browser in (first, second):
        browser.post(address, token_from=address)
    connection = story.waiting(tenant)

    assert first.get(f"/connect/{connection.id}/step/6").status_code == 200
    assert second.get(f"/connect/{connection.id}/step/6").status_code == 200


def altered(token):
    return [
        misspelt(token),
        token[:-2],
        token + "x",
        "x" + token,
        token.replace(".", ""),
        token.partition(".")[0],
        token.upper(),
        URLSafeSerializer("another key", salt="rolecall.invite").dumps("invite-0"),
        URLSafeSerializer("another key").dumps("invite-0"),
        "invite-0",
        ".",
        "\x00",
        "💥",
        "a" * 4000,
    ]


def test_a_link_that_we_did_not_sign_opens_nothing(stranger, link):
    address = link()
    good = stranger.token(address)

    def codes(token):
        asked = stranger.get(f"/i/{token}"), stranger.open("POST", f"/i/{token}", data={"csrf_token": good})
        return [answer.status_code for answer in (*asked, stranger.get("/connections"))]

    tokens = altered(address.removeprefix("/i/"))
    assert [(token, found) for token in tokens if (found := codes(token)) != [404, 404, 303]] == []


def test_a_token_signed_for_something_else_is_no_invite(app, stranger, link, tenant):
    """Sessions are signed with the same key: only the salt keeps the two apart."""
    link()
    token = URLSafeSerializer(app.secret_key, salt="cookie-session").dumps("invite-0")

    assert stranger.get(f"/i/{token}").status_code == 404


def test_an_expired_link_says_so_and_starts_nothing(stranger, link, clock):
    address = link(expires_at=clock.now() + timedelta(days=7))
    token = stranger.token(address)
    clock.forward(days=7)

    for answer in (stranger.get(address), stranger.open("POST", address, data={"csrf_token": token})):
        assert answer.status_code == 410
        assert "This link has ended" in text_of(document(answer))
        assert SUPPORT_URL in links(document(answer))
    assert stranger.get("/connections").status_code == 303


def test_a_session_outlives_its_link(visitor, clock):
    clock.forward(days=8)

    assert visitor.get("/connections").status_code == 200


def test_revoking_an_invite_ends_every_session_it_started(app, visitor, story, tenant, store, link):
    connection = story.waiting(tenant)
    assert visitor.get(f"/connect/{connection.id}/step/1").status_code == 200
    (invite,) = store.list_invites()

    app.extensions["rolecall"].invites.revoke(invite.id)

    assert visitor.get(f"/connect/{connection.id}/step/1").status_code == 404
    assert visitor.get(f"/connect/{connection.id}/status", htmx=True).status_code == 404
    assert visitor.get("/connections").location == "/"
    assert visitor.get(f"/i/{app.extensions['rolecall'].invites.token(invite)}").status_code == 410


def test_another_tenants_invite_changes_whose_browser_it_is(visitor, story, tenant, other_tenant):
    mine, theirs = story.waiting(tenant), story.waiting(other_tenant)

    visitor.enter(other_tenant)

    assert visitor.get(f"/connect/{mine.id}/step/1").status_code == 404
    assert visitor.get(f"/connect/{theirs.id}/step/1").status_code == 200


@pytest.mark.parametrize("alter", [misspelt, lambda c: "", lambda c: "x" * 200, lambda c: c[::-1]])
def test_a_session_cookie_that_was_altered_is_nobodys(visitor, story, tenant, alter):
    connection = story.waiting(tenant)
    visitor.set_cookie(alter(visitor.cookie().value))

    assert visitor.get(f"/connect/{connection.id}/step/1").status_code == 404
    assert visitor.get("/connections").status_code == 303


def test_a_session_of_an_invite_that_is_not_in_the_store_is_nobodys(app, stranger):
    serializer = app.session_interface.get_signing_serializer(app)
    for invite in ("gone", 7, None, ["x"]):
        stranger.set_cookie(serializer.dumps({"invite": invite}))
        assert stranger.get("/connections").location == "/"


def test_the_landing_page_opens_nothing_by_itself(stranger, store):
    page = document(stranger.get("/"))

    assert not list(by_id(page, "main").iter("form"))
    assert SUPPORT_URL in links(page)


def test_in_production_the_open_door_is_a_wall(app, stranger, link, store):
    sent = {"csrf_token": stranger.token(link()), "company": "Acme"}

    assert stranger.open("POST", "/start", data=sent).status_code == 404
    assert stranger.get("/connections").status_code == 303


def test_the_landing_page_leads_someone_who_is_in_to_their_page(visitor):
    assert visitor.get("/").location == "/connections"


def test_the_sandbox_lets_anyone_begin(store, clock):
    newcomer = Visitor(an_app(store, clock, open_door=True, insecure=True))

    assert newcomer.post("/start", {"company": "  Initech  "}, token_from="/").location == "/connections"
    page = document(newcomer.get("/connections"))
    assert text_of(next(page.iter("h1"))) == "AWS accounts of Initech"
    assert "Sandbox" in text_of(page)


@pytest.mark.parametrize("company", ["", "   ", "x" * 81])
def test_the_sandbox_asks_for_a_name(store, clock, company):
    newcomer = Visitor(an_app(store, clock, open_door=True, insecure=True))

    answer = newcomer.post("/start", {"company": company}, token_from="/")

    assert answer.status_code == 422
    assert store.list_invites() == []


def test_a_tenants_name_is_shown_as_text(store, clock):
    odd = "<script>alert('x')</script> & \"Söhne\" \u202e"
    newcomer = Visitor(an_app(store, clock, open_door=True, insecure=True))
    newcomer.post("/start", {"company": odd}, token_from="/")

    address = newcomer.post("/connections").location
    for path in ("/connections", *(address.replace("step/1", f"step/{n}") for n in range(1, 10))):
        assert odd.split(" &")[0] in text_of(document(newcomer.get(path)))


def test_who_connects_too_many_accounts_at_once_reads_what_to_do(visitor, store, tenant):
    for number in range(UNFINISHED_PER_TENANT):
        waiting = a_connection(Status.WAITING, id=f"c{number}", handle=f"c{number:07}", tenant_id=tenant.id)
        store.add_connection(waiting, an_event())

    expired = a_connection(Status.EXPIRED, id="expired", handle="expired0", tenant_id=tenant.id)
    store.add_connection(expired, an_event())

    for address in ("/connections", "/connect/expired/retry"):
        answer = visitor.post(address)
        assert answer.status_code == 409
        assert "Finish some of those on your list first." in answer.text
