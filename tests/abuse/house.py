"""The application with a tenant in it, and one request of each route that succeeds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from onboarding.look.brand import TenantBrand, parse_color, parse_logo
from onboarding.model import Connection, Flow, Tenant
from store.sqlite import SqliteStore
from tests.abuse.asked import Ask, Place
from tests.abuse.measuring import Answered
from tests.abuse.reading import Reading, WatchedEnviron, watched
from tests.builders import NOON, OTHER_ACCOUNT, STACK, a_report, a_vendor, an_event, an_invite
from tests.fakes import HandClock
from tests.logos import SVG
from tests.web.colleague import hand_over
from tests.web.forms import fields_for
from tests.web.framed import FIELD, HEADER, FramedVisitor, a_launch
from tests.web.visitor import PORTAL_ORIGIN, PUBLIC_URL, Story, Visitor, an_app, document, routes
from views.guard.framing import FRAMED_ROOT

# Limits are off, since they would refuse the work instead of doing it; a proxy's headers are read.
SETTINGS: Mapping[str, Any] = {
    **{"open_door": True, "proxy_hops": 1, "has_rate_limits": False},
    **{"callback_regions": ("us-east-1",), "plain_template_url": a_vendor().template_url},
}
_BROWSER = {
    "Accept-Encoding": "gzip, br",
    "Origin": PUBLIC_URL,
    "Referer": f"{PUBLIC_URL}/connections",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "abuse",
}


class House:
    """One installation, as it was before each request that changes something."""

    def __init__(self, store: SqliteStore, clock: HandClock, tenant: Tenant, story: Story) -> None:
        self.app = an_app(store, clock, **SETTINGS)
        self._store = store
        here = self.app.extensions["rolecall"]
        self.tenant = tenant
        brand = TenantBrand(name="Fabrikam", color=parse_color("#ffe44d"), logo=parse_logo(SVG))
        store.set_brand(tenant.id, brand, an_event("tenant.brand_set", connection_id=None))
        store.beat(worker="w", at=NOON)
        self.connected = story.connected(tenant, "555566667777")
        commanded = story.draft(tenant)
        here.onboarding.launch(commanded.id, flow=Flow.COMMAND, region="us-east-1", raw_account_id="222233334444")
        self.waiting = story.waiting(tenant, OTHER_ACCOUNT)
        ended = here.onboarding.disconnect(story.connected(tenant, "666677778888").id)
        unconfirmed = story.waiting(tenant, "777788889999")
        report = a_report(unconfirmed.id, stack_id=replace(STACK, account_id=OTHER_ACCOUNT))
        store.commit(unconfirmed, unconfirmed, an_event(connection_id=unconfirmed.id), report=report)
        invite = an_invite(tenant.id, id="an-open-one")
        store.add_invite(invite, an_event("invite.made", connection_id=None))
        self._invite = here.invites.token(invite)
        made, self._handover = hand_over(self.app, self.waiting)
        _, self._late_handover = hand_over(self.app, self.waiting, days=-1)
        self._start, self._secret = a_launch(self.app, tenant)
        _, self._api_key = here.api_keys.create("abuse")
        self._visitor = Visitor(self.app).enter(tenant)
        self._stranger = Visitor(self.app)
        self._framed = FramedVisitor(self.app, keeps_cookies=False).enter(tenant)
        self._values = {
            "filename": "wizard.css",
            "number": "3",
            "owner": tenant.id,
            "start_id": self._start.id,
            "handover_id": made.id,
            "connection_id": self.waiting.id,
        }
        self._values_of = {
            "entry.invite": {"token": self._invite},
            "entry.accept": {"token": self._invite},
            "colleague.show": {"token": self._handover.removeprefix("/h/")},
            "colleague.accept": {"token": self._handover.removeprefix("/h/")},
            "colleague.ask_again": {"token": self._late_handover.removeprefix("/h/")},
            "wizard.success": {"connection_id": self.connected.id},
            "wizard.command": {"connection_id": commanded.id},
            "receipt.show": {"connection_id": ended.id},
            "wizard.confirm_account": {"connection_id": unconfirmed.id},
        }

    @cached_property
    def asks(self) -> list[Ask]:
        """One request of each route that succeeds, and of each that is served in a frame too."""
        found = routes(self.app)
        made = [self._ask(*route) for route in found]
        views = self.app.view_functions
        in_a_frame = [
            self._in_a_frame(ask, endpoint)
            for ask, (_, _, endpoint) in zip(made, found, strict=True)
            if getattr(views[endpoint], "access", "") in ("tenant", "connection")
            or hasattr(views[endpoint], "is_framed_too")
        ]
        self._snapshot = self._copied()
        return made + in_a_frame

    @cached_property
    def read(self) -> list[tuple[Ask, Reading]]:
        """Each of these requests, and what it reads."""
        found = []
        for ask in self.asks:
            environ = ask.environ()
            if environ["PATH_INFO"].startswith(f"{FRAMED_ROOT}/"):
                # As FramedPages does it, which would copy the environ.
                environ |= {"SCRIPT_NAME": FRAMED_ROOT, "PATH_INFO": environ["PATH_INFO"].removeprefix(FRAMED_ROOT)}
            with watched(self.app) as seen:
                status, _ = self.answer(WatchedEnviron(environ, seen.headers))
            assert status < 400, f"{ask} answers {status}: give it in tests/abuse/house.py what it needs to succeed"
            found.append((ask, seen))
            self.restore()
        return found

    def places(self) -> Iterator[tuple[Ask, Place, int | None]]:
        """Yield every place of every request whose text some code reads, with the longest that a form takes there."""
        for ask, seen in self.read:
            names = {
                "values": ask.values.keys(),
                "query": seen.parameters if ask.method == "GET" else set(),
                "json": {name for form in seen.forms.values() for name in form} if ask.json is not None else set(),
                "fields": seen.fields if ask.json is None else set(),
                "headers": seen.headers - {"Cookie"},
                "cookies": {*seen.cookies, ""},
            }
            for kind, found in names.items():
                yield from ((ask, Place(kind, name), seen.longest.get(name)) for name in sorted(found))

    def answer(self, environ: dict[str, Any]) -> tuple[int, int]:
        """Return the status and the length of the answer to one request, through all of the application."""
        head: list[str] = []

        def start(status: str, headers: object, error: object = None) -> Callable[[bytes], None]:
            head.append(status)
            return lambda data: None

        body: Iterable[bytes] = self.app.wsgi_app(environ, start)
        length = sum(map(len, body))
        if close := getattr(body, "close", None):
            close()
        return int(head[-1][:3]), length

    def answered(self, environ: dict[str, Any]) -> Answered:
        """Answer the request. It is wrong that the work fails, or is refused instead of done."""
        status, _ = self.answer(environ)
        return Answered(str(status), f"answers {status}" if status == 429 or status >= 500 else "")

    def prepared(self, ask: Ask) -> Callable[[], Answered]:
        """Return what answers that request as if it were the first."""
        if ask.method != "GET":
            self.restore()
        environ = ask.environ()
        return lambda: self.answered(environ)

    def of_connection(self, connection: Connection, page: str) -> Ask:
        """Return the tenant's request for a page of that connection."""
        found = next(ask for ask in self.asks if ask.method == "GET" and ask.rule == f"/connect/<connection_id>/{page}")
        return replace(found, values={"connection_id": connection.id, "number": "9"})

    def restore(self) -> None:
        """Bring the store back to where it was before the first request."""
        self._snapshot.backup(self._store._db.conn)

    def _copied(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:")
        self._store._db.conn.backup(copy)
        return copy

    def _ask(self, method: str, rule: str, endpoint: str) -> Ask:
        plain = rule.replace("<int:", "<").replace("<path:", "<")
        values = {**self._values, **self._values_of.get(endpoint, {})}
        ask = Ask(method, plain, {name: value for name, value in values.items() if f"<{name}>" in plain})
        if "/api/" in rule:
            return self._of_a_portal(ask)
        visitor = self._stranger if endpoint in _OF_STRANGERS else self._visitor
        typed = self._typed(visitor, ask, endpoint) if method == "POST" else {}
        cookies = {"__Host-rolecall": kept.value} if (kept := visitor.cookie()) else {}
        return Ask(method, plain, ask.values, headers=_BROWSER, cookies=cookies, fields=typed)

    def _of_a_portal(self, ask: Ask) -> Ask:
        headers = {"Authorization": f"Bearer {self._api_key}"}
        if ask.method == "GET":
            return Ask(ask.method, ask.rule, query={"tenant": "acme"}, headers=headers)
        named = {"tenant": "acme", "tenant_name": "Acme", "origin": PORTAL_ORIGIN, "account_id": OTHER_ACCOUNT}
        return Ask(ask.method, ask.rule, headers=headers, json=named)

    def _typed(self, visitor: Visitor, ask: Ask, endpoint: str) -> dict[str, str]:
        """Return what stands in the forms of the page from which a browser sends this request, and what one types."""
        page = unquote(ask.target)
        if ask.rule.startswith("/connect/"):
            page = f"/connect/{self.waiting.id}/{_FORM_ON.get(endpoint, 'step/1')}"
        elif ask.rule in ("/start", "/language", "/connections"):
            page = "/connections" if visitor is not self._stranger else "/"
        tree = document(visitor.get(page.removesuffix("/again")))
        names = {"rolecall-csrf": "csrf_token", "rolecall-session": FIELD}
        meta = {names[m.get("name", "")]: m.get("content", "") for m in tree.iter("meta") if m.get("name") in names}
        hidden = [i for i in tree.iter("input") if i.get("type") == "hidden"]
        inputs = {i.get("name", ""): i.get("value", "") for i in hidden if i.get("value")}
        secret = {"secret": self._secret} if endpoint == "embed.exchange" else {}
        return {**fields_for(ask.rule), **meta, **inputs, **_TYPED.get(endpoint, {}), **secret}

    def _in_a_frame(self, ask: Ask, endpoint: str) -> Ask:
        """Return the same request from a frame that keeps no cookies: its page carries the session."""
        framed = replace(ask, rule=f"{FRAMED_ROOT}{ask.rule}", cookies={})
        if ask.method == "GET":
            return replace(framed, headers={**ask.headers, HEADER: self._framed.session})
        typed = self._typed(self._framed, ask, endpoint)
        return replace(framed, fields={**typed, FIELD: self._framed.session})


_OF_STRANGERS = {
    *("entry.start", "entry.invite", "entry.accept", "entry.landing", "embed.show", "embed.exchange"),
    *("colleague.show", "colleague.accept", "colleague.ask_again"),
}
_FORM_ON = {
    "trouble.diagnose": "trouble",
    "wizard.pin": "step/3",
    "handover.make": "handover",
    "handover.revoke": "handover",
}
_TYPED = {
    "trouble.diagnose": {"pasted": "CREATE_FAILED | Requires capabilities : [CAPABILITY_NAMED_IAM]"},
    "examine.examine": {"pasted": '{"Statement": []}'},
    "language.choose": {"language": "de", "back": "/connections"},
    "handover.make": {"asked_by": "Sam", "days": "3"},
}
