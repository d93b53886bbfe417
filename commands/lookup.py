"""Finds the connection that an operator means."""

from __future__ import annotations

from commands.printing import shown
from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text
from onboarding.model import Connection
from onboarding.ports import NotFound, Store


def find_connection(store: Store, raw: str) -> Connection:
    """Return the connection with this ID or handle, or the only one whose ID or handle starts with it.

    Raises NotFound if there is none, Refused if there are several.
    """
    known = store.list_connections()
    exact = [c for c in known if raw in (c.id, c.handle)]
    found = exact or [c for c in known if raw and (c.id.startswith(raw) or c.handle.startswith(raw))]
    if not found:
        raise NotFound(f"There is no connection {shown(raw)!r}: `connections list` shows them.")
    if len(found) > 1:
        fitting = ", ".join(c.handle for c in found)
        sentence = Text(f"{shown(raw)!r} fits several connections: {fitting}.")
        raise Refused("connection_unclear", sentence, Text("Type more of it."))
    return found[0]
