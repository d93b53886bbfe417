"""API keys: with one, a portal's server starts the wizard for its signed-in client. Shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from uuid import uuid4

from onboarding.model import Actor, ApiKey, Event
from onboarding.ports import Clock, NotFound, PortalStore

_TOKEN = re.compile(r"rolecall_(?P<id>[0-9a-f]{32})_(?P<secret>[0-9a-f]{64})", re.ASCII)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret of ours, in hex.

    Our secrets are 256 random bits, so one plain hash is enough: there is nothing to guess that a slow one would
    protect. Source: https://pages.nist.gov/800-63-4/sp800-63b.html#lookup-secret-verifiers
    """
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKeys:
    """Makes, checks and revokes API keys."""

    def __init__(self, *, store: PortalStore, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def create(self, name: str) -> tuple[ApiKey, str]:
        """Return a new key and its token, which is kept nowhere."""
        secret = secrets.token_hex(32)
        key = ApiKey(id=uuid4().hex, name=name, secret_hash=hash_secret(secret), created_at=self.clock.now())
        self.store.add_api_key(key, self._event("api_key.made", key))
        return key, f"rolecall_{key.id}_{secret}"

    def authenticate(self, token: str) -> ApiKey | None:
        """Return the key behind a token, or None if it is not ours or was revoked."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        try:
            key = self.store.get_api_key(found["id"])
        except NotFound:
            return None
        is_right = hmac.compare_digest(hash_secret(found["secret"]), key.secret_hash)
        return key if is_right and key.revoked_at is None else None

    def revoke(self, key_id: str) -> None:
        """End the key, every start that it made, and every session that those started. Raises NotFound."""
        key = self.store.get_api_key(key_id)
        self.store.revoke_api_key(key_id, self._event("api_key.revoked", key))

    def _event(self, kind: str, key: ApiKey) -> Event:
        return Event(kind, Actor.OPERATOR, self.clock.now(), detail={"key": key.id, "name": key.name})
