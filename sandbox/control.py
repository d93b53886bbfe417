"""The sandbox's own HTTP endpoints, beside AWS's: faults, settings, the log of AssumeRole calls, sign-in.

GET|POST|DELETE /sandbox/faults       what is switched on; switch (JSON of FaultSettings); all off
GET|POST        /sandbox/settings     {"stack_seconds": 6, "propagation_seconds": 1}
GET|DELETE      /sandbox/assume-role-calls
GET             /sandbox/credentials?account_id=111122223333   an administrator's session in that account
GET             /sandbox/vendor-credentials                    a session of the role that tenants are to trust
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from sandbox.faults import Faults, FaultSettings, InvalidFault, parse_faults
from sandbox.sts.enforcing import CallLog

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Sandbox(Protocol):
    """What the endpoints need of SandboxAws."""

    faults: Faults
    stack_seconds: float
    propagation_seconds: float

    @property
    def calls(self) -> CallLog:
        """The log of AssumeRole calls."""

    def account_credentials(self, account_id: str) -> dict[str, str]:
        """Sign in to the account; ValueError when it is no account ID."""

    def vendor_credentials(self) -> dict[str, str]:
        """Act as the vendor's own role."""


class Control:
    """WSGI middleware that answers the paths above and passes everything else on."""

    def __init__(self, app: WSGIApplication, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox
        self._routes: dict[str, Callable[[Request], object]] = {
            "/sandbox/faults": self._faults,
            "/sandbox/settings": self._settings,
            "/sandbox/assume-role-calls": self._calls,
            "/sandbox/credentials": self._credentials,
            "/sandbox/vendor-credentials": self._vendor_credentials,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        route = self._routes.get(environ.get("PATH_INFO", ""))
        if route is None:
            return self._app(environ, start_response)
        try:
            answer = Response(json.dumps(route(Request(environ))), content_type="application/json")
        except HTTPException as error:
            answer = Response(
                json.dumps({"error": error.description}), status=error.code, content_type="application/json"
            )
        return answer(environ, start_response)

    def _faults(self, request: Request) -> object:
        if request.method == "POST":
            try:
                self._sandbox.faults.switch(parse_faults(request.get_json(force=True)))
            except InvalidFault as error:
                raise BadRequest(str(error)) from None
        elif request.method == "DELETE":
            self._sandbox.faults.switch(FaultSettings())
        return {**asdict(self._sandbox.faults.settings), "hanging": self._sandbox.faults.hanging}

    def _settings(self, request: Request) -> object:
        if request.method == "POST":
            wanted = request.get_json(force=True)
            if not isinstance(wanted, dict) or not set(wanted) <= {"stack_seconds", "propagation_seconds"}:
                raise BadRequest("settings are stack_seconds and propagation_seconds")
            if not all(type(value) in {int, float} and value >= 0 for value in wanted.values()):
                raise BadRequest("settings are numbers of seconds, zero or more")
            for name, value in wanted.items():
                setattr(self._sandbox, name, float(value))
        return {name: getattr(self._sandbox, name) for name in ("stack_seconds", "propagation_seconds")}

    def _calls(self, request: Request) -> object:
        if request.method == "DELETE":
            self._sandbox.calls.clear()
        return {"calls": self._sandbox.calls.as_json()}

    def _credentials(self, request: Request) -> object:
        if request.method != "GET":
            raise MethodNotAllowed(["GET"])
        try:
            return self._sandbox.account_credentials(request.args.get("account_id", ""))
        except ValueError as error:
            raise BadRequest(str(error)) from None

    def _vendor_credentials(self, request: Request) -> object:
        if request.method != "GET":
            raise MethodNotAllowed(["GET"])
        return self._sandbox.vendor_credentials()
