"""AWS for the benchmark: a small HTTP server that answers one verification's calls as AWS does, and records them.

It has no state: a role's external ID follows from its ARN, and a session's access key names its role. It runs in a
process of its own, so that its time does not count: `python -m bench.stub_aws` prints its address.
"""

from __future__ import annotations

import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote

from onboarding.ground.arn import RoleArn, parse_role_arn
from onboarding.ground.external_id import ExternalId
from onboarding.permissions.asked import AskedPermissions
from onboarding.proof.agreement import Agreement
from onboarding.proof.checks import ALWAYS_REQUIRED
from onboarding.stack_template.template import StackTemplate
from onboarding.trust.expected import corrected_policy

TEMPLATE = (Path(__file__).parents[1] / "cfn" / "role.yaml").read_text(encoding="utf-8")
AGREEMENT = Agreement(
    trusted_principal=parse_role_arn("arn:aws:iam::999988887777:role/northwind-rolecall"),
    asked=AskedPermissions.parse(TEMPLATE),
    template_version=StackTemplate.parse(TEMPLATE).version,
    template_url="https://northwind-templates.s3.us-east-1.amazonaws.com/role.yaml",
    console_url="https://console.aws.amazon.com",
    required=ALWAYS_REQUIRED,
)
_REQUEST_ID = "c6104cbe-af31-11e0-8154-cbc7ccf896c7"
_NAMESPACES = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "cloudformation": "http://cloudformation.amazonaws.com/doc/2010-05-15/",
}


def external_id_of(role_arn: RoleArn) -> ExternalId:
    """Return the external ID that the stub's role of that ARN requires."""
    return ExternalId(f"{role_arn.name}-{hashlib.sha256(str(role_arn).encode()).hexdigest()[:32]}")


class StubAws(ThreadingHTTPServer):
    """Answers on a free port of this machine. `calls` are the actions so far, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[str] = []

    @property
    def url(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: StubAws

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.calls.append(asked["Action"])
        scope = re.search(r"Credential=([^/=]+)/\d+/[^/]+/(\w+)/", self.headers["Authorization"])
        assert scope is not None
        key, service = scope.groups()
        code, text = answer(asked, service=service, access_key=key)
        self.send_response(code)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("x-amzn-RequestId", _REQUEST_ID)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: a line for each request would be most of the work."""


def answer(asked: dict[str, str], *, service: str, access_key: str) -> tuple[int, str]:
    """Return status and XML of one call. The access key names the session's role."""
    action, namespace = asked["Action"], _NAMESPACES[service]
    if action == "AssumeRole":
        role_arn = parse_role_arn(asked["RoleArn"])
        if asked.get("ExternalId") != external_id_of(role_arn):
            error = "<Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized</Message>"
            text = f"<Error>{error}</Error><RequestId>{_REQUEST_ID}</RequestId>"
            return 403, f'<ErrorResponse xmlns="{namespace}">{text}</ErrorResponse>'
        result = _session(role_arn, asked["RoleSessionName"])
    else:
        _, account_id, name = access_key.split("+") if "+" in access_key else ("", "999988887777", "northwind-rolecall")
        result = _self_report(action, parse_role_arn(f"arn:aws:iam::{account_id}:role/{name}"))
    metadata = f"<ResponseMetadata><RequestId>{_REQUEST_ID}</RequestId></ResponseMetadata>"
    inner = f"<{action}Result>{result}</{action}Result>{metadata}"
    return 200, f'<{action}Response xmlns="{namespace}">{inner}</{action}Response>'


def _session(role_arn: RoleArn, session_name: str) -> str:
    arn = f"arn:aws:sts::{role_arn.account_id}:assumed-role/{role_arn.name}/{session_name}"
    key = f"ASIA+{role_arn.account_id}+{role_arn.name}"
    return (
        f"<AssumedRoleUser><AssumedRoleId>AROA3XFRBF535PLBIFPI4:{session_name}</AssumedRoleId><Arn>{arn}</Arn>"
        f"</AssumedRoleUser><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{'s' * 40}</SecretAccessKey>"
        f"<SessionToken>{'t' * 800}</SessionToken><Expiration>2040-01-01T00:00:00Z</Expiration></Credentials>"
        "<PackedPolicySize>6</PackedPolicySize>"
    )


def _self_report(action: str, arn: RoleArn) -> str:
    """Return what AWS answers about a role that is exactly as the template makes it."""
    external_id = external_id_of(arn)
    stack_id = (
        f"arn:aws:cloudformation:us-east-1:{arn.account_id}:stack/{arn.name}/0a1b2c3d-0000-1111-2222-333344445555"
    )
    if action == "GetCallerIdentity":
        return (
            f"<Arn>arn:aws:sts::{arn.account_id}:assumed-role/{arn.name}/rolecall</Arn>"
            f"<UserId>AROA3XFRBF535PLBIFPI4:rolecall</UserId><Account>{arn.account_id}</Account>"
        )
    if action == "GetRole":
        trust = quote(json.dumps(corrected_policy(AGREEMENT.trust(external_id))))
        return (
            f"<Role><Path>/</Path><RoleName>{arn.name}</RoleName><Arn>{arn}</Arn><RoleId>AROA3XFRBF535PLBIFPI4</RoleId>"
            f"<AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>"
            "<CreateDate>2030-01-01T00:00:00Z</CreateDate><MaxSessionDuration>3600</MaxSessionDuration></Role>"
        )
    if action == "ListRolePolicies":
        return "<PolicyNames><member>read-only</member></PolicyNames><IsTruncated>false</IsTruncated>"
    if action == "ListAttachedRolePolicies":
        return "<AttachedPolicies/><IsTruncated>false</IsTruncated>"
    if action == "GetRolePolicy":
        document = quote(json.dumps(_policy(arn, external_id, stack_id)))
        named = f"<RoleName>{arn.name}</RoleName><PolicyName>read-only</PolicyName>"
        return f"{named}<PolicyDocument>{document}</PolicyDocument>"
    assert action == "DescribeStacks", action
    outputs = {"RoleArn": str(arn), "TemplateVersion": AGREEMENT.template_version}
    members = "".join(
        f"<member><OutputKey>{k}</OutputKey><OutputValue>{v}</OutputValue></member>" for k, v in outputs.items()
    )
    return (
        f"<Stacks><member><StackName>{arn.name}</StackName><StackId>{stack_id}</StackId>"
        "<StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2030-01-01T00:00:00Z</CreationTime>"
        f"<Outputs>{members}</Outputs></member></Stacks>"
    )


def _policy(arn: RoleArn, external_id: ExternalId, stack_id: str) -> dict[str, object]:
    statements = AGREEMENT.permissions(arn, external_id, stack_id)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": s.sid, "Effect": "Allow", "Action": list(s.actions), "Resource": list(s.resources)}
            for s in statements
        ],
    }


if __name__ == "__main__":
    stub = StubAws()
    print(stub.url, flush=True)
    stub.serve_forever()
