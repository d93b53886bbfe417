"""Where a connection stands. How it moves is in onboarding/lifecycle.py."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a connection stands."""

    DRAFT = "draft"
    WAITING = "waiting"
    REJECTED = "rejected"
    CONNECTED = "connected"
    DEGRADED = "degraded"
    DISCONNECTED = "disconnected"
    EXPIRED = "expired"
