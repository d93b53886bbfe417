"""Faults of AWS to switch on while the sandbox runs: it hangs, throttles, fails, is slow, or drops the connection.

A fault applies before the call is read. Only `misnamed_role` changes an answer instead. Switch faults with
`POST /sandbox/faults`, or with Faults.switch in the same process.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, fields, replace

from sandbox.aws_errors import EXPIRED_TOKEN, NAMESPACES, UNKNOWN_TOKEN, AwsError, validation_error

FAULT_ERRORS = {
    "throttle": AwsError(status=400, code="Throttling", message="Rate exceeded"),
    "error_500": AwsError(
        status=500,
        code="InternalFailure",
        message="The request processing has failed because of an unknown error, exception or failure.",
    ),
    "expired_token": EXPIRED_TOKEN,
    "region_disabled": AwsError(
        status=403,
        code="RegionDisabledException",
        message="STS is not activated in this region for this account. Your account administrator can activate "
        "STS in this region using the IAM Console.",
    ),
    "unknown_token": UNKNOWN_TOKEN,
    "request_invalid": validation_error(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    ),
    # IAM's answer about a role that has just been deleted; for `services: ["iam"]`.
    "no_such_entity": AwsError(status=404, code="NoSuchEntity", message="The role cannot be found."),
    # A code that AWS does not document: it can add one at any time.
    "unheard_of": AwsError(status=400, code="SandboxNovelty", message="Nobody has met this error before."),
}


class InvalidFault(ValueError):
    """The requested fault has an unknown name or a value of the wrong kind."""


class CallerLeft(ConnectionAbortedError):
    """The caller hung up while it waited. The server drops the connection without an answer."""


class ConnectionLost(ConnectionAbortedError):
    """The connection to AWS breaks: the server drops it without an answer."""


@dataclass(frozen=True, kw_only=True)
class FaultSettings:
    """Which faults are on. `calls` limits them to the next N calls (None: until switched off), `action` to one action.

    `cut` drops every connection without an answer. `misnamed_role` is the ARN of a role: STS lets callers assume it,
    but answers with a role of another account.
    """

    hang: bool = False
    throttle: bool = False
    error_500: bool = False
    expired_token: bool = False
    region_disabled: bool = False
    unknown_token: bool = False
    request_invalid: bool = False
    no_such_entity: bool = False
    unheard_of: bool = False
    cut: bool = False
    misnamed_role: str = ""
    slow_seconds: float = 0.0
    calls: int | None = None
    services: tuple[str, ...] = ("sts",)
    action: str = ""

    @property
    def error(self) -> AwsError | None:
        """The error that these settings answer instead of the real answer, or None."""
        return next((error for name, error in FAULT_ERRORS.items() if getattr(self, name)), None)


def parse_faults(raw: object) -> FaultSettings:
    """Read the JSON of the control endpoint. Faults not named are off. Raises InvalidFault."""
    if not isinstance(raw, dict):
        raise InvalidFault("faults are a JSON object")
    known = {field.name for field in fields(FaultSettings)}
    if unknown := sorted(set(raw) - known):
        raise InvalidFault(f"unknown faults: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    for name in ("hang", "cut", *FAULT_ERRORS):
        if not isinstance(raw.get(name, False), bool):
            raise InvalidFault(f"{name} is true or false")
    seconds, calls, services = raw.get("slow_seconds", 0), raw.get("calls"), raw.get("services", ["sts"])
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise InvalidFault("slow_seconds is a number of seconds, zero or more")
    if not isinstance(raw.get("misnamed_role", ""), str):
        raise InvalidFault("misnamed_role is the ARN of a role")
    if not isinstance(raw.get("action", ""), str):
        raise InvalidFault("action is an action of the API, such as AssumeRole")
    if calls is not None and (isinstance(calls, bool) or not isinstance(calls, int) or calls < 1):
        raise InvalidFault("calls is a whole number, one or more")
    if not isinstance(services, list) or not set(services) <= set(NAMESPACES):
        raise InvalidFault(f"services is a list of {', '.join(NAMESPACES)}")
    return FaultSettings(**{**raw, "services": tuple(services)})


class Faults:
    """The faults that are on now, shared by all request threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._settings = FaultSettings()
        self._switches = 0
        self._hanging = 0

    @property
    def settings(self) -> FaultSettings:
        """What is switched on now."""
        return self._settings

    @property
    def hanging(self) -> int:
        """How many calls now wait for an answer that does not come."""
        return self._hanging

    def switch(self, settings: FaultSettings) -> None:
        """Replace all faults by these, and release the calls that no longer have to hang."""
        with self._changed:
            self._settings = settings
            self._switches += 1
            self._changed.notify_all()

    def apply(self, service: str, *, connection: socket.socket | None, action: str = "") -> AwsError | None:
        """Delay or fail one call of that action to the service: return the error to answer, or None to go on.

        Blocks while a hang lasts: only this thread, since the server has one for each connection. Raises CallerLeft
        when the caller hangs up, and ConnectionLost when the connection is to be cut.
        """
        settings = self._take(service, action)
        if settings.slow_seconds:
            time.sleep(settings.slow_seconds)
        if settings.hang:
            self._hang(connection)
        if settings.cut:
            if connection is not None:
                # The exception alone would leave a kept-alive connection open, and the caller waiting.
                connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionLost
        return settings.error

    def _take(self, service: str, action: str) -> FaultSettings:
        with self._changed:
            current = self._settings
            if service not in current.services or current.action not in ("", action):
                return FaultSettings()
            if current.calls is not None:
                self._settings = replace(current, calls=current.calls - 1) if current.calls > 1 else FaultSettings()
            return current

    def _hang(self, connection: socket.socket | None) -> None:
        with self._changed:
            # A hang limited to N calls is no longer in the settings once the last of them has begun, so it ends with
            # the next switch and not with the settings.
            begun = self._switches
            self._hanging += 1
            try:
                while self._switches == begun or self._settings.hang:
                    self._changed.wait(timeout=0.2)
                    if connection is not None and has_hung_up(connection):
                        raise CallerLeft
            finally:
                self._hanging -= 1


def has_hung_up(connection: socket.socket) -> bool:
    """Whether the caller at the other end has closed the connection."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
