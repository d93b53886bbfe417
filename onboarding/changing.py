"""How a verb changes a connection: read it, decide, and commit once with the reason; after a lost race, once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from onboarding.ground.refused import Refused
from onboarding.ground.wording import say
from onboarding.model import Actor, Connection, Event
from onboarding.ports import Clock, ConcurrentChange, Store, TooManyUnfinished
from onboarding.vendor import Vendor

# The changed connection, the kind of the event and its detail; None if there is nothing to do.
Changed = tuple[Connection, str, dict[str, str]] | None
Change = Callable[[Connection], Changed]

_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Changing:
    """What verbs stand on: the store, the clock, the vendor, and who acts. What is noted stands in each event."""

    store: Store
    clock: Clock
    vendor: Vendor
    actor: Actor = Actor.TENANT
    noted: Mapping[str, str] = field(default_factory=dict)

    def done_by(self, actor: Actor, **noted: str) -> Self:
        """Return the same verbs for somebody else: their events name that actor, and carry what is noted."""
        return replace(self, actor=actor, noted=noted)

    def _change(self, connection_id: str, change: Change) -> Connection:
        """Apply a change to the newest row. After a lost race, read it and apply the change again."""
        for _ in range(_TRIES):
            old = self.store.get_connection(connection_id)
            changed = change(old)
            if changed is None:
                return old
            new, kind, detail = changed
            try:
                return self.store.commit(old, new, self._event(kind, old, detail))
            except ConcurrentChange:
                continue
            except TooManyUnfinished:
                raise too_many_unfinished() from None
        raise ConcurrentChange(connection_id)

    def _event(self, kind: str, connection: Connection, detail: Mapping[str, str] | None = None) -> Event:
        detail = {**(detail or {}), **self.noted}
        return Event(kind, self.actor, self.clock.now(), connection.tenant_id, connection.id, detail)


def too_many_unfinished() -> Refused:
    """Return the refusal of one more connection beside as many unfinished ones as a tenant can have."""
    return Refused(
        "too_many_unfinished",
        say("Too many accounts are being connected at once."),
        say("Finish some of those on your list first."),
    )
