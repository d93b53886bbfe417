"""The portal's way in: a launch works once, within a minute, for one tenant, on a registered site."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.entry.api_keys import ApiKeys
from onboarding.entry.portal import FRAMED_SESSION_LIFETIME, START_LIFETIME, STARTS_KEPT, Portal
from onboarding.ground.origins import Origin
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.model import Actor, Event
from onboarding.ports import NotFound
from tests.builders import ACCOUNT, NOON, OTHER_ACCOUNT, a_connection, an_event

ORIGIN = Origin("https://portal.example.net")
OWN = Origin("https://acme.example.org")


@pytest.fixture
def key(store, clock):
    return ApiKeys(store=store, clock=clock).create("portal")[0]


@pytest.fixture
def portal(store, clock, onboarding):
    return Portal(
        store=store,
        clock=clock,
        onboarding=onboarding,
        embed_origins=[ORIGIN],
        return_url="https://app.northwind.example/accounts",
    )


@pytest.fixture
def start(portal, key):
    def started(reference="acme", **values):
        return portal.start(key, **{"reference": reference, "name": "Acme", "raw_origin": ORIGIN, **values})

    return started


def test_a_launch_is_exchanged_once(portal, start):
    launch, secret = start()

    assert portal.exchange(launch.id, secret) == replace(launch, exchanged_at=NOON)
    with pytest.raises(NotFound):
        portal.exchange(launch.id, secret)


def test_a_launch_lasts_a_minute(portal, start, clock):
    assert timedelta(seconds=60) == START_LIFETIME
    (in_time, its_secret), (late, other_secret) = start(), start()
    clock.forward(seconds=59)
    portal.exchange(in_time.id, its_secret)
    clock.forward(seconds=1)

    with pytest.raises(NotFound):
        portal.exchange(late.id, other_secret)


def test_the_secret_of_another_launch_opens_nothing(portal, start):
    (launch, secret), (other, other_secret) = start("acme"), start("globex")

    for start_id, tried in ((launch.id, other_secret), (other.id, secret), (launch.id, ""), (launch.id, secret[:-1])):
        with pytest.raises(NotFound):
            portal.exchange(start_id, tried)
    assert portal.exchange(launch.id, secret).tenant_id == launch.tenant_id


def test_a_launch_is_for_the_wizard_and_nothing_else(store, start):
    launch, _ = start()
    event = Event("portal_launch.exchanged", Actor.PORTAL, NOON)

    with pytest.raises(NotFound):
        store.exchange_portal_start(launch.id, secret_hash=launch.secret_hash, purpose="export", event=event)


def test_the_secret_is_256_bits_and_kept_as_a_hash(store, start):
    launch, secret = start()

    assert len(bytes.fromhex(secret)) == 32
    assert secret not in repr(store.get_portal_start(launch.id))
    assert secret not in repr(store.events())


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://portal.example.net.evil.example", OWN, "*", "null"]
)
def test_only_a_registered_site_gets_a_launch(start, store, origin):
    with pytest.raises(Refused):
        start(raw_origin=origin)

    assert store.list_tenants() == []


def test_a_tenants_own_site_may_frame_that_tenant_alone(store, start, portal):
    acme, globex = (store.get_tenant(start(reference)[0].tenant_id) for reference in ("acme", "globex"))
    acme = store.set_embed_origins(acme.id, [OWN], an_event("tenant.embed_origins_set", connection_id=None))

    assert start("acme", raw_origin=OWN)[0].origin == OWN
    assert portal.origins_of(acme) == (ORIGIN, OWN)
    assert portal.origins_of(globex) == (ORIGIN,)
    with pytest.raises(Refused, match="not allowed to frame"):
        start("globex", raw_origin=OWN)


@pytest.mark.parametrize(
    "url", [f"{ORIGIN}/done?a=b#c", "https://app.northwind.example/elsewhere", f"{ORIGIN}", f"{ORIGIN}:443/x"]
)
def test_a_return_url_may_lead_to_a_site_on_the_list(start, url):
    assert start(raw_return_url=url)[0].return_url == url


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://portal.example.net@evil.example/",
        "https://portal.example.net.evil.example/",
        "https://evil.example\\@portal.example.net/",
        "http://portal.example.net/",
        "//portal.example.net/",
        "javascript:alert(1)//portal.example.net",
        "https://portal.example.net/\nSet-Cookie: x",
        "https://portal.example.net/ x",
        'https://portal.example.net/"><script>',
        "/relative",
        "https://[portal.example.net/",
    ],
)
def test_a_return_url_may_lead_nowhere_else(start, url):
    with pytest.raises(Refused, match="return URL"):
        start(raw_return_url=url)


def test_a_session_lasts_a_day(portal, start, clock):
    launch, secret = start()
    assert portal.session(launch.id) is None, "not before the exchange"
    portal.exchange(launch.id, secret)

    clock.forward(seconds=FRAMED_SESSION_LIFETIME.total_seconds() - 1)
    assert portal.session(launch.id).tenant_id == launch.tenant_id
    clock.forward(seconds=1)
    assert portal.session(launch.id) is None
    assert portal.session("none") is None


def test_with_its_key_a_launch_ends_and_so_does_the_session_it_started(portal, start, store, clock, key):
    (open_one, its_secret), (spent, secret) = start(), start()
    portal.exchange(spent.id, secret)
    assert portal.session(spent.id)

    ApiKeys(store=store, clock=clock).revoke(key.id)

    assert portal.session(spent.id) is None
    with pytest.raises(NotFound):
        portal.exchange(open_one.id, its_secret)


def test_launches_are_let_go_after_their_cookies_could_come_back(portal, start, store, clock):
    old, _ = start()
    clock.forward(seconds=STARTS_KEPT.total_seconds() + 1)
    new, _ = start()

    assert store.get_portal_start(new.id)
    with pytest.raises(NotFound):
        store.get_portal_start(old.id)


def test_a_tenant_that_is_known_keeps_its_name(store, start):
    start(name="Acme")
    launch, _ = start(name="Another name")

    assert store.get_tenant(launch.tenant_id).name == "Acme"


class TestWhereTheTenantGoesOn:
    def connection(self, store, launch, status, **values):
        connection = a_connection(status, tenant_id=launch.tenant_id, **values)
        store.add_connection(connection, an_event(tenant_id=launch.tenant_id))
        return connection

    def test_a_newcomer_gets_a_connection(self, portal, start):
        launch, _ = start()

        assert portal.where_to_go_on(launch).status is Status.DRAFT
        assert portal.where_to_go_on(launch) == portal.where_to_go_on(launch)

    def test_whoever_left_off_goes_on_there(self, portal, start, store):
        launch, _ = start()
        self.connection(store, launch, Status.CONNECTED, id="a", handle="aaaaaaaa")
        waiting = self.connection(store, launch, Status.WAITING, id="b", handle="bbbbbbbb", account_id=OTHER_ACCOUNT)

        assert portal.where_to_go_on(launch).id == waiting.id

    def test_whoever_has_finished_sees_what_there_is(self, portal, start, store):
        launch, _ = start()
        self.connection(store, launch, Status.CONNECTED)

        assert portal.where_to_go_on(launch) is None

    def test_the_account_that_the_portal_names_is_gone_to_and_not_named_for_the_tenant(self, portal, start, store):
        launch, _ = start(raw_account_id=OTHER_ACCOUNT)
        self.connection(store, launch, Status.CONNECTED, account_id=ACCOUNT)

        fresh = portal.where_to_go_on(launch)
        assert (fresh.status, fresh.account_id) == (Status.DRAFT, None)

        named = self.connection(store, launch, Status.CONNECTED, id="b", handle="bbbbbbbb", account_id=OTHER_ACCOUNT)
        assert portal.where_to_go_on(launch).id == named.id


def test_a_launch_for_what_is_no_account_is_refused(start):
    with pytest.raises(Refused, match="12 digits"):
        start(raw_account_id="12")


def test_what_happened_is_in_the_record(portal, start, store):
    launch, secret = start()
    portal.exchange(launch.id, secret)

    assert [(e.kind, e.actor) for e in store.events()][1:] == [
        ("tenant.added", Actor.PORTAL),
        ("portal_launch.made", Actor.PORTAL),
        ("portal_launch.exchanged", Actor.PORTAL),
    ]
