"""The portal's way in: its server asks for a one-time start, the frame in its page exchanges it for a session."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from onboarding.entry.api_keys import hash_secret
from onboarding.ground.arn import parse_account_id
from onboarding.ground.origins import Origin, parse_origin
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.ground.wording import Text
from onboarding.model import Actor, ApiKey, Connection, Event, PortalStart, Tenant
from onboarding.ports import Clock, NotFound, Store
from onboarding.service import Onboarding

START_LIFETIME = timedelta(seconds=60)
FRAMED_SESSION_LIFETIME = timedelta(hours=24)
# An expired session is known as long as its cookie can come back, so that its page can ask for a new start.
STARTS_KEPT = timedelta(days=8)

_UNFINISHED = (Status.DRAFT, Status.WAITING, Status.REJECTED, Status.EXPIRED)


class Portal:
    """Makes starts and exchanges them. `embed_origins` can frame every tenant's wizard; a tenant can have its own."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        onboarding: Onboarding,
        embed_origins: Sequence[Origin],
        return_url: str = "",
    ) -> None:
        self.store = store
        self.clock = clock
        self.onboarding = onboarding
        self.embed_origins = tuple(embed_origins)
        self._return_origins = {_origin_of(return_url)} - {None}

    def origins_of(self, tenant: Tenant) -> tuple[Origin, ...]:
        """Return who can frame the tenant's wizard: the installation's sites and the tenant's own."""
        return tuple(dict.fromkeys((*self.embed_origins, *tenant.embed_origins)))

    def start(
        self,
        key: ApiKey,
        *,
        reference: str,
        name: str,
        raw_origin: str,
        raw_account_id: str = "",
        raw_return_url: str = "",
        raw_theme: str = "",
        language: str = "",
    ) -> tuple[PortalStart, str]:
        """Return a start for the tenant with that reference, who is added if unknown, and its secret.

        Raises Refused if the origin or the return URL is not on the list, or the account ID or the theme is malformed.
        """
        origin = parse_origin(raw_origin)
        account_id = parse_account_id(raw_account_id) if raw_account_id.strip() else None
        now = self.clock.now()
        new = Tenant(id=uuid4().hex, reference=reference, name=name, created_at=now)
        allowed = self.origins_of(self._known(reference) or new)
        self._refuse_origin(origin, allowed)
        return_url = self._return_url(raw_return_url, allowed)
        tenant = self.store.add_tenant(new, Event("tenant.added", Actor.PORTAL, now, detail={"reference": reference}))
        secret = secrets.token_hex(32)
        start = PortalStart(
            id=uuid4().hex,
            tenant_id=tenant.id,
            api_key_id=key.id,
            origin=origin,
            secret_hash=hash_secret(secret),
            created_at=now,
            expires_at=now + START_LIFETIME,
            account_id=account_id,
            return_url=return_url,
            theme=_theme(raw_theme),
            language=language,
        )
        self.store.add_portal_start(
            start, self._event("portal_launch.made", start, key=key.name), forget_before=now - STARTS_KEPT
        )
        return start, secret

    def exchange(self, start_id: str, secret: str) -> PortalStart:
        """Exchange the start and return it. Raises NotFound if it is used or expired, or if the secret is wrong."""
        start = self.store.get_portal_start(start_id)
        return self.store.exchange_portal_start(
            start_id,
            secret_hash=hash_secret(secret),
            purpose="wizard",
            event=self._event("portal_launch.exchanged", start),
        )

    def session(self, start_id: str) -> PortalStart | None:
        """Return the start behind a frame's session while that lasts: a day, or until its API key is revoked."""
        try:
            start = self.store.get_portal_start(start_id)
        except NotFound:
            return None
        is_fresh = start.exchanged_at is not None and self.clock.now() - start.exchanged_at < FRAMED_SESSION_LIFETIME
        return start if is_fresh and self.store.get_api_key(start.api_key_id).revoked_at is None else None

    def where_to_go_on(self, start: PortalStart) -> Connection | None:
        """Return the connection to open, or None for the list of connections.

        That of the account that the portal named, else the newest unfinished one, else a new one if there is none.
        """
        known = self.store.list_connections(start.tenant_id)
        if start.account_id is not None:
            same = [c for c in known if c.account_id == start.account_id and c.status is not Status.DISCONNECTED]
            return same[-1] if same else self._started(start.tenant_id)
        unfinished = [c for c in known if c.status in _UNFINISHED]
        if unfinished:
            return unfinished[-1]
        return None if known else self._started(start.tenant_id)

    def _started(self, tenant_id: str) -> Connection | None:
        try:
            return self.onboarding.start_connection(tenant_id)
        except Refused:
            return None

    def connections_of(self, reference: str) -> Sequence[Connection]:
        """Return the connections of the tenant with that reference, oldest first; none if it is unknown."""
        tenant = self._known(reference)
        return self.store.list_connections(tenant.id) if tenant else ()

    def _known(self, reference: str) -> Tenant | None:
        try:
            return self.store.find_tenant(reference)
        except NotFound:
            return None

    def _refuse_origin(self, origin: Origin, allowed: Sequence[Origin]) -> None:
        if origin not in allowed:
            raise Refused(
                "origin_not_registered",
                Text(f"{origin} is not allowed to frame this tenant's wizard."),
                Text("Add it to ROLECALL_EMBED_ORIGINS, or to the tenant's own with `tenants frame`."),
            )

    def _return_url(self, raw: str, allowed: Sequence[Origin]) -> str | None:
        if not raw.strip():
            return None
        if _origin_of(raw) not in {*allowed, *self._return_origins}:
            raise Refused(
                "return_url_not_allowed",
                Text("The return URL leads to a site that is not on the list."),
                Text("It must be on one of the tenant's embed origins, or on the site of ROLECALL_RETURN_URL."),
            )
        return raw

    def _event(self, kind: str, start: PortalStart, **detail: str) -> Event:
        detail = {"launch": start.id, "origin": start.origin, **detail}
        return Event(kind, Actor.PORTAL, self.clock.now(), tenant_id=start.tenant_id, detail=detail)


def _theme(raw: str) -> str | None:
    if raw not in ("", "light", "dark"):
        raise Refused(
            "theme_unknown", Text("The theme is neither light nor dark."), Text("Leave it out to follow the system.")
        )
    return raw or None


def _origin_of(url: str) -> Origin | None:
    """Return the origin of an address; None if it has none, or characters that could hide where it leads."""
    try:
        parts = urlsplit(url)
        is_plain = url.isascii() and url.isprintable() and not set(url) & set(" \\\"'<>") and "@" not in parts.netloc
        return parse_origin(f"{parts.scheme}://{parts.netloc}") if is_plain else None
    except ValueError:
        return None
