"""Invites: signed links that open one tenant's wizard. The signature is the key, the store is the truth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from itsdangerous import BadData, URLSafeSerializer

from onboarding.model import Actor, Event, Invite, Tenant
from onboarding.ports import Clock, NotFound, Store

DEFAULT_LIFETIME = timedelta(days=7)


class Invites:
    """Makes, opens and revokes invites. `secret_key` signs them; a link that one of `fallbacks` signed still opens."""

    def __init__(self, *, store: Store, clock: Clock, secret_key: str, fallbacks: Sequence[str] = ()) -> None:
        self.store = store
        self.clock = clock
        # The newest key comes last, and signs: https://itsdangerous.palletsprojects.com/en/stable/concepts/#key-rotation
        self._signer = URLSafeSerializer([*reversed(fallbacks), secret_key], salt="rolecall.invite")

    def invite(self, *, name: str, reference: str, lifetime: timedelta, actor: Actor = Actor.OPERATOR) -> Invite:
        """Return a new invite for the tenant with that reference, who is added if unknown."""
        now = self.clock.now()
        tenant = self.store.add_tenant(
            Tenant(id=uuid4().hex, reference=reference, name=name, created_at=now),
            Event("tenant.added", actor, now, detail={"reference": reference}),
        )
        invite = Invite(id=uuid4().hex, tenant_id=tenant.id, created_at=now, expires_at=now + lifetime)
        self.store.add_invite(
            invite, Event("invite.made", actor, now, tenant_id=tenant.id, detail={"invite": invite.id})
        )
        return invite

    def token(self, invite: Invite) -> str:
        """Return what the link carries. Whoever has it can act for the tenant: it goes only into `/i/<token>`."""
        return self._signer.dumps(invite.id)

    def open(self, token: str) -> tuple[Invite, Tenant]:
        """Return the invite behind a token, open or not. Raises NotFound for a token that is not ours."""
        try:
            invite = self.store.get_invite(str(self._signer.loads(token)))
        except (BadData, UnicodeEncodeError):
            raise NotFound("invite") from None
        return invite, self.store.get_tenant(invite.tenant_id)

    def revoke(self, invite_id: str) -> None:
        """Close the link, and every session that it started. Raises NotFound."""
        invite = self.store.get_invite(invite_id)
        now = self.clock.now()
        event = Event("invite.revoked", Actor.OPERATOR, now, tenant_id=invite.tenant_id, detail={"invite": invite_id})
        self.store.revoke_invite(invite_id, event)
