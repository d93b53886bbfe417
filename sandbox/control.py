"""The sandbox's own HTTP endpoints beside AWS's: faults, settings, the log of AssumeRole calls, credentials.

GET|POST|DELETE /sandbox/faults       return the faults; replace them (JSON of FaultSettings); switch all off
GET|POST        /sandbox/settings     {"stack_seconds": 6, "propagation_seconds": 1}
GET|POST|DELETE /sandbox/resource-control-policies
                POST {"account_id": "111122223333"}: its organisation lets nobody from outside assume its roles.
                With "policy" too: that policy instead. DELETE takes all of them away.
GET|POST|DELETE /sandbox/delivery
                how SNS delivers the events of custom resources: {"slow_seconds": 3, "copies": 2, "deletes_first": true,
                "lost": true, "timeout_seconds": 4}. What is not named is as usual; DELETE: all of it.
GET|DELETE      /sandbox/custom-resource-requests              the latest events, and what became of each
GET|DELETE      /sandbox/assume-role-calls
GET             /sandbox/credentials?account_id=111122223333   of that account's administrator
GET             /sandbox/vendor-credentials                    of the vendor's role, which tenants trust
                With profile=NAME, both are a piece of an AWS credentials file instead of JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Protocol

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException

from sandbox.callbacks.custom_resources import CustomResources
from sandbox.callbacks.delivery import Delivery, InvalidSetting, parse_settings
from sandbox.faults import Faults, FaultSettings, InvalidFault, parse_faults
from sandbox.sts.enforcing import CallLog
from sandbox.sts.resource_control import InvalidPolicy, ResourceControls


class Sandbox(Protocol):
    """What the endpoints need of SandboxAws."""

    faults: Faults
    delivery: Delivery
    custom_resources: CustomResources
    stack_seconds: float
    propagation_seconds: float

    @property
    def calls(self) -> CallLog:
        """The log of AssumeRole calls."""

    @property
    def resource_controls(self) -> ResourceControls:
        """The resource control policies in front of roles."""

    def account_credentials(self, account_id: str) -> dict[str, str]:
        """Return credentials of the account's administrator. Raises ValueError when it is not an account ID."""

    def vendor_credentials(self) -> dict[str, str]:
        """Return credentials of the vendor's role."""


def create_control(sandbox: Sandbox) -> Flask:
    """Return the application that answers the paths above, to be mounted at /sandbox."""
    app = Flask(__name__)

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> ResponseReturnValue:
        return {"error": error.description}, error.code or 500

    @app.route("/faults", methods=["GET", "POST", "DELETE"])
    def faults() -> ResponseReturnValue:
        try:
            if request.method == "POST":
                sandbox.faults.switch(parse_faults(request.get_json(force=True)))
        except InvalidFault as error:
            raise BadRequest(str(error)) from None
        if request.method == "DELETE":
            sandbox.faults.switch(FaultSettings())
        return {**asdict(sandbox.faults.settings), "hanging": sandbox.faults.hanging}

    @app.route("/settings", methods=["GET", "POST"])
    def settings() -> ResponseReturnValue:
        if request.method == "POST":
            wanted = request.get_json(force=True)
            if not isinstance(wanted, dict) or not set(wanted) <= {"stack_seconds", "propagation_seconds"}:
                raise BadRequest("settings are stack_seconds and propagation_seconds")
            if not all(type(value) in {int, float} and value >= 0 for value in wanted.values()):
                raise BadRequest("settings are numbers of seconds, zero or more")
            for name, value in wanted.items():
                setattr(sandbox, name, float(value))
        return {name: getattr(sandbox, name) for name in ("stack_seconds", "propagation_seconds")}

    @app.route("/resource-control-policies", methods=["GET", "POST", "DELETE"])
    def resource_control_policies() -> ResponseReturnValue:
        if request.method == "POST":
            wanted = request.get_json(force=True)
            if not isinstance(wanted, dict) or not set(wanted) <= {"account_id", "policy"}:
                raise BadRequest("give account_id, and policy if it is to be another than the sample")
            try:
                sandbox.resource_controls.put(wanted.get("account_id"), wanted.get("policy"))
            except InvalidPolicy as error:
                raise BadRequest(str(error)) from None
        if request.method == "DELETE":
            sandbox.resource_controls.clear()
        return {"policies": dict(sandbox.resource_controls.policies)}

    @app.route("/assume-role-calls", methods=["GET", "DELETE"])
    def calls() -> ResponseReturnValue:
        if request.method == "DELETE":
            sandbox.calls.clear()
        return {"calls": sandbox.calls.as_json()}

    @app.route("/delivery", methods=["GET", "POST", "DELETE"])
    def delivery() -> ResponseReturnValue:
        try:
            if request.method != "GET":
                wanted = request.get_json(force=True) if request.method == "POST" else {}
                sandbox.delivery.settings = parse_settings(wanted)
        except InvalidSetting as error:
            raise BadRequest(str(error)) from None
        return asdict(sandbox.delivery.settings)

    @app.route("/custom-resource-requests", methods=["GET", "DELETE"])
    def requests() -> ResponseReturnValue:
        if request.method == "DELETE":
            sandbox.custom_resources.requests.clear()
        return {"requests": list(sandbox.custom_resources.requests)}

    @app.get("/credentials")
    def credentials() -> ResponseReturnValue:
        try:
            return _as_asked(sandbox.account_credentials(request.args.get("account_id", "")))
        except ValueError as error:
            raise BadRequest(str(error)) from None

    @app.get("/vendor-credentials")
    def vendor_credentials() -> ResponseReturnValue:
        return _as_asked(sandbox.vendor_credentials())

    return app


def _as_asked(credentials: Mapping[str, str]) -> ResponseReturnValue:
    profile = request.args.get("profile", "")
    if not profile:
        return dict(credentials)
    lines = (f"{name.lower()} = {value}" for name, value in credentials.items())
    return "\n".join((f"[{profile}]", *lines, "")), {"Content-Type": "text/plain; charset=utf-8"}
