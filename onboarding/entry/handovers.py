"""Hand-overs: signed links with which a colleague does the work on one connection, without a login.

A change of a hand-over is committed with its connection. So the poll of the connection's pages shows it, and if two
people open and revoke at once, the later one sees what the earlier one did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from itsdangerous import BadData, URLSafeSerializer

from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.ground.wording import say
from onboarding.model import Actor, Connection, Event, Handover, HandoverState
from onboarding.ports import Clock, ConcurrentChange, NotFound, Store

# How many days a link can work for; the asker chooses.
LIFETIMES = (1, 3, 7)
DEFAULT_LIFETIME = 3
# Of one connection: each open link is one more that can be stolen.
MOST_OPEN = 20

_TRIES = 5


def can_hand_over(connection: Connection) -> bool:
    """Whether there is anything left for a colleague to do."""
    return connection.status not in (Status.CONNECTED, Status.DISCONNECTED)


class Handovers:
    """Makes, opens and revokes hand-overs. Keys as for invites: the newest signs, the others still open."""

    def __init__(self, *, store: Store, clock: Clock, secret_key: str, fallbacks: Sequence[str] = ()) -> None:
        self.store = store
        self.clock = clock
        self._signer = URLSafeSerializer([*reversed(fallbacks), secret_key], salt="rolecall.handover")

    def hand_over(
        self,
        connection: Connection,
        *,
        asked_by: str,
        days: int,
        invite_id: str | None = None,
        api_key_id: str | None = None,
    ) -> Handover:
        """Return a new hand-over of the connection, which ends with the invite or API key that the asker came by.

        Raises Refused if nothing is left to do, or too many of its links are open.
        """
        now = self.clock.now()
        handover = Handover(
            id=uuid4().hex,
            connection_id=connection.id,
            tenant_id=connection.tenant_id,
            created_at=now,
            expires_at=now + timedelta(days=days),
            asked_by=asked_by,
            invite_id=invite_id,
            api_key_id=api_key_id,
        )
        said = {"asked_by": asked_by, "expires_at": handover.expires_at.isoformat(timespec="seconds")}

        def made(connection: Connection) -> Handover:
            if not can_hand_over(connection):
                raise Refused(
                    "nothing_to_hand_over",
                    say("There is nothing left to hand over."),
                    say("This account is connected, or was disconnected. Go back and reload the page."),
                )
            if sum(h.is_open(now) for h in self.of(connection)) >= MOST_OPEN:
                raise Refused(
                    "too_many_handovers",
                    say("Too many links for this account are open."),
                    say("Revoke one of them first, or send one of them again."),
                )
            return handover

        self._commit(connection.id, made, "made", Actor.TENANT, said)
        return handover

    def token(self, handover: Handover) -> str:
        """Return what the link carries. Whoever has it can do the work: it goes only into `/h/<token>`."""
        return self._signer.dumps(handover.id)

    def find(self, token: str) -> Handover:
        """Return the hand-over behind a token, open or not. Raises NotFound for a token that is not ours."""
        try:
            return self.get(str(self._signer.loads(token)))
        except (BadData, UnicodeEncodeError):
            raise NotFound("hand-over") from None

    def get(self, handover_id: str) -> Handover:
        """Return the hand-over as it stands. Raises NotFound."""
        return self._as_it_stands(self.store.get_handover(handover_id))

    def of(self, connection: Connection) -> Sequence[Handover]:
        """Return the connection's hand-overs as they stand, oldest first."""
        return [self._as_it_stands(h) for h in self.store.list_handovers(connection.id)]

    def open(self, handover_id: str) -> Handover:
        """Note that somebody starts a session with the link, the first time. Raises NotFound once it is not open."""

        def opened(handover: Handover) -> Handover | None:
            now = self.clock.now()
            if not handover.is_open(now):
                raise NotFound(handover_id)
            return None if handover.opened_at else replace(handover, opened_at=now)

        return self._change(handover_id, opened, "opened", Actor.COLLEAGUE)

    def ask_again(self, handover_id: str) -> Handover:
        """Note that the colleague came too late and asks for a new link. Raises NotFound unless it has expired."""

        def asked_again(handover: Handover) -> Handover | None:
            now = self.clock.now()
            if handover.state(now) is not HandoverState.EXPIRED:
                raise NotFound(handover_id)
            return None if handover.asked_again_at else replace(handover, asked_again_at=now)

        return self._change(handover_id, asked_again, "asked_again", Actor.COLLEAGUE)

    def revoke(self, handover_id: str) -> Handover:
        """Close the link, and every session that it started, at once. Raises NotFound."""

        def revoked(handover: Handover) -> Handover | None:
            return None if handover.revoked_at else replace(handover, revoked_at=self.clock.now())

        return self._change(handover_id, revoked, "revoked", Actor.TENANT)

    def _as_it_stands(self, handover: Handover) -> Handover:
        """End it with the invite or API key that its maker came in by: that is revoked if it might be stolen."""
        revoked_at = handover.revoked_at
        if revoked_at is None and handover.invite_id:
            revoked_at = self.store.get_invite(handover.invite_id).revoked_at
        if revoked_at is None and handover.api_key_id:
            revoked_at = self.store.get_api_key(handover.api_key_id).revoked_at
        return replace(handover, revoked_at=revoked_at)

    def _change(
        self, handover_id: str, change: Callable[[Handover], Handover | None], kind: str, actor: Actor
    ) -> Handover:
        connection_id = self.store.get_handover(handover_id).connection_id
        self._commit(connection_id, lambda _: change(self.get(handover_id)), kind, actor, {})
        return self.get(handover_id)

    def _commit(
        self,
        connection_id: str,
        decide: Callable[[Connection], Handover | None],
        kind: str,
        actor: Actor,
        said: dict[str, str],
    ) -> None:
        """Commit what is decided, unless that is nothing. After a lost race, decide again."""
        for _ in range(_TRIES):
            # Read the connection first: then any later change of the hand-over makes the commit fail.
            connection = self.store.get_connection(connection_id)
            handover = decide(connection)
            if handover is None:
                return
            detail = {"handover": handover.id, **said}
            event = Event(f"handover.{kind}", actor, self.clock.now(), connection.tenant_id, connection_id, detail)
            try:
                self.store.commit(connection, connection, event, handover=handover)
            except ConcurrentChange:
                continue
            return
        raise ConcurrentChange(connection_id)
