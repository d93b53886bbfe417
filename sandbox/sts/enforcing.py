"""An STS in front of moto's that enforces trust policies, as AWS does and moto does not.

moto's AssumeRole succeeds with any external ID, and for roles that do not exist. This middleware refuses what AWS
would refuse, and passes on to moto only what the role's trust policy allows.
"""

from __future__ import annotations

import io
import json
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from moto.core.utils import utcnow
from moto.iam.models import Role
from werkzeug.test import run_wsgi_app

from sandbox import moto_access
from sandbox.aws_errors import EXPIRED_TOKEN, NAMESPACES, UNKNOWN_TOKEN, AwsError, access_denied, as_response
from sandbox.faults import Faults
from sandbox.moto_access import Caller
from sandbox.sts.identity_policies import refuse_region, refuse_session
from sandbox.sts.parameters import AssumeRoleCall, RefusedCall, check_duration, parse_call
from sandbox.sts.request import AssumeRoleRequest
from sandbox.sts.resource_control import ResourceControls
from sandbox.sts.trust import evaluate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CALLS_KEPT = 500
ANOTHER_ACCOUNT = "123456789012"
# The credential scope of Signature Version 4. Nobody checks the signature itself.
_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<access_key_id>\w+)/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)"
    r"/aws4_request\b"
)


@dataclass(frozen=True, kw_only=True)
class LoggedCall:
    """One AssumeRole call as the sandbox remembers it. `at` is ISO 8601 in UTC; the external ID itself is not kept."""

    at: str
    caller_arn: str
    role_arn: str
    has_external_id: bool
    has_session_policy: bool
    session_name: str
    allowed: bool
    reason: str


class CallLog(deque[LoggedCall]):
    """AssumeRole calls, oldest first."""

    def as_json(self) -> list[dict[str, object]]:
        """Return the calls as plain values for JSON."""
        # A copy first, which no other thread can interrupt: appending during a longer loop would raise.
        return [asdict(call) for call in self.copy()]


class EnforcingSts:
    """WSGI middleware. Checks the credentials of every call to STS, IAM and CloudFormation, and every AssumeRole.

    `propagation_seconds` tells how long STS does not know a new role, since IAM is eventually consistent.
    """

    def __init__(self, app: WSGIApplication, *, faults: Faults, propagation_seconds: Callable[[], float]) -> None:
        self._app = app
        self._faults = faults
        self._propagation_seconds = propagation_seconds
        self.calls = CallLog(maxlen=CALLS_KEPT)
        self.resource_controls = ResourceControls()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        signature = _CREDENTIAL.match(environ.get("HTTP_AUTHORIZATION", ""))
        if signature is None or signature["service"] not in NAMESPACES:
            return self._app(environ, start_response)
        # Read the body before any fault: then the connection has data or an end only if the caller hangs up.
        form = _read_form(environ)
        connection, action = environ.get("werkzeug.socket"), form.get("Action", "")
        error = self._faults.apply(signature["service"], connection=connection, action=action)
        if error is None:
            with moto_access.MOTO_LOCK:
                error = self._check(signature, form, environ)
        if error is not None:
            return as_response(error, service=signature["service"])(environ, start_response)
        if form.get("Action") == "AssumeRole" and form.get("RoleArn") == self._faults.settings.misnamed_role:
            return self._misname(environ, start_response)
        return self._app(environ, start_response)

    def _misname(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as moto does, but with another account in the session's ARN."""
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        text = re.sub(rb"(:sts::)[0-9]{12}(:assumed-role/)", rf"\g<1>{ANOTHER_ACCOUNT}\2".encode(), b"".join(body))
        start_response(status, list(headers))
        return [text]

    def _check(self, signature: re.Match[str], form: dict[str, str], environ: WSGIEnvironment) -> AwsError | None:
        caller = moto_access.find_caller(signature["access_key_id"], region=signature["region"])
        if caller is None or environ.get("HTTP_X_AMZ_SECURITY_TOKEN") != caller.session_token:
            return UNKNOWN_TOKEN
        if caller.has_expired:
            return EXPIRED_TOKEN
        if signature["service"] != "sts" or form.get("Action") != "AssumeRole":
            refused = refuse_session(caller, service=signature["service"], form=form)
            return refused or refuse_region(caller, region=signature["region"], form=form)
        return self._assume_role(
            caller, form, source_ip=environ.get("REMOTE_ADDR", "127.0.0.1"), region=signature["region"]
        )

    def _assume_role(self, caller: Caller, form: dict[str, str], *, source_ip: str, region: str) -> AwsError | None:
        try:
            call = parse_call(form)
            reason = self._authorize(caller, call, source_ip=source_ip, region=region)
        except RefusedCall as refusal:
            self._log(caller, form, allowed=False, reason=refusal.reason)
            return refusal.error
        self._log(caller, form, allowed=True, reason=reason)
        return None

    def _authorize(self, caller: Caller, call: AssumeRoleCall, *, source_ip: str, region: str) -> str:
        """Return why the call is allowed. Raises RefusedCall."""
        role = moto_access.find_role(call.role_arn)
        denied = access_denied(caller_arn=caller.arn, resource=call.role_arn)
        if role is None:
            raise RefusedCall(denied, reason="there is no such role")
        if utcnow() < role.create_date + timedelta(seconds=self._propagation_seconds()):
            raise RefusedCall(denied, reason="the role has not propagated to STS yet")
        request = AssumeRoleRequest(
            principal_arn=caller.principal_arn,
            caller_arn=caller.arn,
            account_id=caller.account_id,
            session_name=call.session_name,
            external_id=call.external_id,
            tags=call.tags,
            transitive_tag_keys=call.transitive_tag_keys,
            source_identity=call.source_identity,
            source_ip=source_ip,
            region=region,
            organization_id=self.resource_controls.organization_of(caller.account_id),
        )
        if reason := self.resource_controls.why_denied(request, account_id=role.account_id):
            # In the same words as any refusal: whether STS names the policy's kind across accounts is not known.
            raise RefusedCall(denied, reason=reason)
        decision = evaluate(_trust_policy(role), request)
        if not decision.allowed:
            refused = access_denied(caller_arn=caller.arn, resource=call.role_arn, action=decision.action)
            raise RefusedCall(refused, reason=decision.reason)
        longest_seconds = int(role.max_session_duration or 3600)
        check_duration(call, longest_seconds=longest_seconds, is_chained=caller.is_session)
        moto_access.forget_expired_sessions(role.account_id, partition=role.partition)
        return decision.reason

    def _log(self, caller: Caller, form: dict[str, str], *, allowed: bool, reason: str) -> None:
        self.calls.append(
            LoggedCall(
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                caller_arn=caller.arn,
                role_arn=form.get("RoleArn", ""),
                has_external_id="ExternalId" in form,
                has_session_policy="Policy" in form,
                session_name=form.get("RoleSessionName", ""),
                allowed=allowed,
                reason=reason,
            )
        )


def _trust_policy(role: Role) -> object:
    try:
        return json.loads(role.assume_role_policy_document)
    except ValueError:
        # moto lets CreateRole store any text, which AWS would refuse. Such a policy trusts nobody.
        return None


def _read_form(environ: WSGIEnvironment) -> dict[str, str]:
    """Read the call's fields and leave the body readable for moto."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    text = body.decode("utf-8", "replace") or environ.get("QUERY_STRING", "")
    return dict(parse_qsl(text, keep_blank_values=True))
