"""A browser without a screen: it keeps cookies, sends the token that stood on a page, and reads strictly."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote
from xml.etree.ElementTree import Element

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.local import LocalProxy
from werkzeug.test import TestResponse

from app import create_app
from config import PROJECT, Config
from onboarding.ground.origins import Origin
from onboarding.ground.status import Status
from onboarding.look.brand import Brand
from onboarding.model import Actor, Connection, Flow, Tenant
from onboarding.ports import Clock
from onboarding.service import Onboarding
from onboarding.verification import Verifier
from store.sqlite import SqliteStore
from tests.builders import ACCOUNT, a_vendor, an_event, an_invite
from tests.fakes import FakeRoles, HandClock
from tests.stores import is_open
from tests.web.strict_html import read_fragment, read_page

PUBLIC_URL = "https://connect.example.com"
SECRET_KEY = "5b0d7e3c9a1f4286-canary-key-that-signs"
SUPPORT_URL = "mailto:help@northwind.example"
PORTAL_ORIGIN = Origin("https://portal.example.net")
RETURN_URL = "https://app.northwind.example/accounts"


def a_config(**values: Any) -> Config:
    """The configuration of an installation in production, built in code."""
    vendor = a_vendor()
    usual = Config(
        secret_key=SECRET_KEY,
        secret_key_fallbacks=(),
        trusted_principal=vendor.trusted_principal,
        template_url=vendor.template_url,
        plain_template_url=vendor.plain_template_url,
        callback_regions=vendor.callback_regions,
        answer_gateway="",
        public_url=PUBLIC_URL,
        brand=Brand(vendor.name, SUPPORT_URL),
        return_url=RETURN_URL,
        embed_origins=(PORTAL_ORIGIN,),
        prefix=vendor.prefix,
        region=vendor.region,
        database=Path("there-is-none.db"),
        stack_template=PROJECT / "cfn/role.yaml",
        console_url=vendor.console_url,
        required_checks=frozenset(),
        sts_per_second=100,
        proxy_hops=0,
        open_door=False,
        has_rate_limits=False,
        insecure=False,
    )
    return replace(usual, **values)


def an_app(store: SqliteStore, clock: Clock, **values: Any) -> Flask:
    """Return the web application on that store and clock.

    Tests of equal configuration share one, since making one costs 19 ms of CPU and few tests change anything in it.
    As long as the store behind it is open, any other store gets an application of its own.
    """
    config = a_config(**values)
    shared = _SHARED.setdefault(config, _Shared(config))
    return shared.app if shared.is_taken(store, clock) else _made(config, store, clock)


def a_new_app(store: SqliteStore, clock: Clock, **values: Any) -> Flask:
    """Return an application that no other test sees: for what it does at its start, and for what it counts."""
    return _made(a_config(**values), store, clock)


class _Shared:
    """One application, which always works on the store and the clock of the test that took it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._behind: tuple[SqliteStore, Clock] | None = None

    def is_taken(self, store: SqliteStore, clock: Clock) -> bool:
        """Take it for the test whose store and clock these are, and return whether it was free."""
        if self._behind is None or not is_open(self._behind[0]):
            self._behind = store, clock
        return self._behind == (store, clock)

    @cached_property
    def app(self) -> Flask:
        return _made(self._config, LocalProxy(self._store), LocalProxy(self._clock))

    def _store(self) -> SqliteStore:
        assert self._behind is not None
        return self._behind[0]

    def _clock(self) -> Clock:
        assert self._behind is not None
        return self._behind[1]


_SHARED: dict[Config, _Shared] = {}


def _made(config: Config, store: Any, clock: Any) -> Flask:
    # create_app compiles the first templates itself, so the cache has to be there before it.
    with patch.dict(Flask.jinja_options, bytecode_cache=_COMPILED):
        return create_app(config, store=store, clock=clock)


class _Compiled(BytecodeCache):
    """What one test's application compiled serves the next one's; Jinja holds it to the template's text by a hash."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class Visitor:
    """One browser. Every HTML answer it gets is parsed strictly, whatever the test is about."""

    def __init__(self, app: Flask, *, base_url: str = PUBLIC_URL) -> None:
        self.app = app
        self.base_url = base_url
        self._client = app.test_client()

    def open(self, method: str, path: str, *, headers: dict[str, str] | None = None, **others: Any) -> TestResponse:
        """Send one request, as a page of this site would."""
        sent = {"Referer": f"{self.base_url}/", **(headers or {})}
        response = self._client.open(path, method=method, base_url=self.base_url, headers=sent, **others)
        if response.data and response.mimetype == "text/html" and response.status_code != 303:
            document(response)
        return response

    def speaks(self, languages: str) -> None:
        """Let the browser ask for these languages, as in `de-AT, en;q=0.5`."""
        self._client.environ_base["HTTP_ACCEPT_LANGUAGE"] = languages

    def get(self, path: str, *, htmx: bool = False, **others: Any) -> TestResponse:
        return self.open("GET", path, headers={"HX-Request": "true"} if htmx else None, **others)

    def post(
        self, path: str, fields: dict[str, str] | None = None, *, htmx: bool = False, token_from: str = "/connections"
    ) -> TestResponse:
        """Post a form with the CSRF token of a page that this browser sees."""
        sent = {"csrf_token": self.token(token_from), **(fields or {})}
        return self.open("POST", path, headers={"HX-Request": "true"} if htmx else None, data=sent)

    def token(self, page: str = "/connections") -> str:
        """Return the CSRF token that stands on a page of this browser's session."""
        fields = document(self.get(page)).iter("input")
        return next(f.get("value", "") for f in fields if f.get("name") == "csrf_token")

    def shown(self, connection: Connection) -> str:
        """Load step 3, and return what its Copy form sends: which external ID it shows, signed."""
        fields = document(self.get(f"/connect/{connection.id}/step/3")).iter("input")
        return next(f.get("value", "") for f in fields if f.get("name") == "shown")

    def enter(self, tenant: Tenant) -> Visitor:
        """Open a fresh invite of the tenant's, and press its button."""
        here = self.app.extensions["rolecall"]
        invite = an_invite(tenant.id, id=f"invite-{len(here.store.list_invites())}")
        here.store.add_invite(invite, an_event("invite.made", connection_id=None))
        link = f"/i/{here.invites.token(invite)}"
        assert self.post(link, token_from=link).status_code == 303
        return self

    def cookie(self, name: str = "__Host-rolecall") -> Any:
        return self._client.get_cookie(name, domain="connect.example.com")

    def set_cookie(self, value: str, name: str = "__Host-rolecall") -> None:
        self._client.set_cookie(name, value, domain="connect.example.com")


def document(response: TestResponse) -> Element:
    """Return the page or fragment in an answer, parsed strictly. Tests only read it, since equal answers share it."""
    return _parsed(response.get_data(as_text=True))


@lru_cache(maxsize=256)
def _parsed(markup: str) -> Element:
    return read_page(markup) if markup.startswith("<!doctype html>") else read_fragment(markup)


class Story:
    """Brings connections to a status the way life does: by the tenant's acts, and the worker's verdicts."""

    def __init__(self, onboarding: Onboarding, verifier: Verifier, aws: FakeRoles, clock: HandClock) -> None:
        self.onboarding = onboarding
        self.verifier = verifier
        self.aws = aws
        self.clock = clock

    def draft(self, tenant: Tenant) -> Connection:
        return self.onboarding.start_connection(tenant.id)

    def waiting(self, tenant: Tenant, account_id: str = ACCOUNT) -> Connection:
        return self.onboarding.launch(
            self.draft(tenant).id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id=account_id
        )

    def rejected(self, tenant: Tenant) -> Connection:
        connection = self.waiting(tenant)
        self.aws.accepts_anyone(connection.claimed_role_arn)
        return self.verify(connection)

    def connected(self, tenant: Tenant, account_id: str = ACCOUNT) -> Connection:
        connection = self.waiting(tenant, account_id)
        self.aws.accepts_only(connection.claimed_role_arn, connection.pinned_external_id)
        return self.verify(connection)

    def degraded(self, tenant: Tenant) -> Connection:
        connection = self.connected(tenant)
        self.aws.accepts_anyone(connection.claimed_role_arn)
        return self.verify(connection)

    def disconnected(self, tenant: Tenant) -> Connection:
        return self.onboarding.done_by(Actor.OPERATOR).disconnect(self.connected(tenant).id)

    def expired(self, tenant: Tenant) -> Connection:
        connection = self.waiting(tenant)
        self.clock.forward(days=8)
        return self.verify(connection)

    def reach(self, status: Status, tenant: Tenant) -> Connection:
        """Return a connection of the tenant's in that status."""
        connection = getattr(self, status.value)(tenant)
        assert connection.status is status
        return connection

    def verify(self, connection: Connection) -> Connection:
        return self.verifier.verify(connection)


def address(rule: str, **values: Any) -> str:
    """Return a URL for a rule of the URL map: `/connect/<connection_id>/step/<int:number>`."""
    usual = {
        "number": 3,
        "token": "a-token",
        "filename": "wizard.css",
        "connection_id": "no-such-connection",
        "start_id": "none",
        "owner": "-",
        "handover_id": "no-such-handover",
    }
    for name, value in {**usual, **values}.items():
        for written in (f"<{name}>", f"<int:{name}>", f"<path:{name}>"):
            rule = rule.replace(written, quote(str(value), safe=""))
    assert "<" not in rule, f"nobody told what to put into {rule}"
    return rule


def misspelt(token: str) -> str:
    """Return the signed text with one character of its signature changed.

    Not the last one: of its six bits two mean nothing, so that another may spell the same signature.
    """
    at = max(0, len(token) - 8)
    return f"{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}"


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return (method, rule, endpoint) of every route, HEAD and OPTIONS apart: Flask adds those."""
    return [
        (method, rule.rule, rule.endpoint)
        for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]
