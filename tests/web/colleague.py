"""A browser of a colleague's: it comes in by a hand-over's link, and knows one connection alone."""

from __future__ import annotations

from typing import Any

from flask import Flask

from onboarding.model import Connection, Handover
from tests.web.visitor import Visitor


def hand_over(app: Flask, connection: Connection, **values: Any) -> tuple[Handover, str]:
    """Return a hand-over of the connection, and the path of its link."""
    handovers = app.extensions["rolecall"].handovers
    handover = handovers.hand_over(connection, **{"asked_by": "Sam", "days": 3, **values})
    return handover, f"/h/{handovers.token(handover)}"


class Colleague(Visitor):
    """Somebody whom a hand-over lets in. The token of their forms stands on step 1 of that connection."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.home = "/"

    def accept(self, link: str, connection: Connection) -> Colleague:
        """Open the link, and press its button."""
        assert self.post(link, token_from=link).status_code == 303
        self.home = f"/connect/{connection.id}/step/1"
        return self

    def token(self, page: str = "") -> str:
        return super().token(self.home if page in ("", "/connections") else page)
