"""AwsRoles: what AWS answers, in the domain's words. Only AccessDenied is a refusal; all else proves nothing."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.exceptions import (
    CredentialRetrievalError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.stub import ANY, Stubber

from aws import clients as clients_module
from aws.answers import OUTCOMES
from aws.budget import Budget
from aws.clients import Clients
from aws.roles import AwsRoles
from onboarding.arn import parse_role_arn
from onboarding.diagnosis import CATALOGUE, Who
from onboarding.external_id import ExternalId, near_misses
from onboarding.probe import Answer, Asked, Outcome
from sandbox.aws import SandboxAws
from sandbox.faults import FaultSettings
from tests.sandbox_callers import NAME, RIGHT, ROLE_ARN, TENANT, Tenant

ROLE = parse_role_arn(ROLE_ARN)
EXTERNAL_ID = ExternalId(RIGHT)
REQUEST_ID = "c6104cbe-af31-11e0-8154-cbc7ccf896c7"

# aws-facts, "STS AssumeRole answers": the code, its HTTP status, and what it means to us.
ANSWERS = [
    ("AccessDenied", 403, Outcome.REFUSED),
    ("RegionDisabledException", 403, Outcome.REGION_OFF),
    ("ExpiredToken", 403, Outcome.VENDOR_EXPIRED),
    ("ExpiredTokenException", 403, Outcome.VENDOR_EXPIRED),
    ("InvalidClientTokenId", 403, Outcome.VENDOR_INVALID),
    ("SignatureDoesNotMatch", 403, Outcome.VENDOR_INVALID),
    ("ValidationError", 400, Outcome.REQUEST_INVALID),
    ("MalformedPolicyDocument", 400, Outcome.REQUEST_INVALID),
    ("PackedPolicyTooLarge", 400, Outcome.REQUEST_INVALID),
    ("Throttling", 400, Outcome.THROTTLED),
    ("RequestLimitExceeded", 503, Outcome.THROTTLED),
    ("InternalFailure", 500, Outcome.SERVICE_ERROR),
    ("ServiceUnavailable", 503, Outcome.SERVICE_ERROR),
    ("SomethingNew", 500, Outcome.SERVICE_ERROR),
    ("SomethingNew", 400, Outcome.UNKNOWN),
    ("SomethingNew", 403, Outcome.UNKNOWN),
    ("", 403, Outcome.UNKNOWN),
    ("403", 403, Outcome.UNKNOWN),
    ("accessdenied", 403, Outcome.UNKNOWN),
]


def ask(roles: AwsRoles, asked: Asked = Asked.RIGHT, external_id: ExternalId | None = EXTERNAL_ID) -> Answer:
    return roles.assume(ROLE, asked=asked, external_id=external_id, session_name="rolecall-ab12cd34")


def roles_on(sts: object) -> AwsRoles:
    return AwsRoles(SimpleNamespace(sts=sts), Budget(1000))


@pytest.fixture
def sts():
    return boto3.client("sts", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")


@pytest.fixture
def stub(sts) -> Iterator[Stubber]:
    with Stubber(sts) as stubber:
        yield stubber


@pytest.mark.parametrize(("code", "status", "outcome"), ANSWERS)
def test_each_code_has_one_meaning(sts, stub, code, status, outcome):
    stub.add_client_error("assume_role", code, "not for tenants", status, response_meta={"RequestId": REQUEST_ID})

    answer = ask(roles_on(sts))

    assert (answer.asked, answer.outcome, answer.raw_code) == (Asked.RIGHT, outcome, code)
    assert answer.request_id == REQUEST_ID
    assert "not for tenants" not in repr(answer)


def test_only_access_denied_is_a_refusal():
    assert {code for code, outcome in OUTCOMES.items() if outcome is Outcome.REFUSED} == {
        "AccessDenied",
        "AccessDeniedException",
    }
    assert Outcome.ASSUMED not in OUTCOMES.values()


@pytest.mark.parametrize("outcome", [o for o in Outcome if o.is_unclear])
def test_whatever_is_unclear_has_a_cause_and_someone_who_acts_and_it_is_never_the_tenant(outcome):
    assert CATALOGUE[outcome.value].who in (Who.VENDOR, Who.NOBODY)


@pytest.mark.parametrize("external_id", [EXTERNAL_ID, None])
def test_a_question_asks_for_the_shortest_and_most_powerless_session(sts, stub, external_id):
    denies_all = ANY
    asked = {
        "RoleArn": ROLE_ARN,
        "RoleSessionName": "rolecall-ab12cd34",
        "DurationSeconds": 900,
        "Policy": denies_all,
        **({"ExternalId": external_id} if external_id else {}),
    }
    stub.add_response("assume_role", an_assumed_role(), expected_params=asked)

    answer = ask(roles_on(sts), external_id=external_id)

    assert answer == Answer(Asked.RIGHT, Outcome.ASSUMED, TENANT, NAME, REQUEST_ID)
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    "arn", ["", "nonsense", f"arn:aws:sts::{TENANT}:assumed-role/x", f"arn:aws:iam::{TENANT}:a/b/c/d"]
)
def test_an_answer_that_does_not_say_who_it_is_proves_nothing(sts, stub, arn):
    stub.add_response("assume_role", an_assumed_role(arn))

    assert ask(roles_on(sts)).outcome is Outcome.SERVICE_ERROR


def an_assumed_role(arn: str = f"arn:aws:sts::{TENANT}:assumed-role/{NAME}/rolecall-ab12cd34"):
    return {
        **({"AssumedRoleUser": {"AssumedRoleId": "AROA1234567890EXAMPLE:x", "Arn": arn.ljust(20)}} if arn else {}),
        "Credentials": {
            "AccessKeyId": "ASIA" + "X" * 16,
            "SecretAccessKey": "s",
            "SessionToken": "t",
            "Expiration": datetime(2030, 1, 1, tzinfo=UTC),
        },
        "ResponseMetadata": {"RequestId": REQUEST_ID, "HTTPStatusCode": 200},
    }


@pytest.mark.parametrize(
    "error",
    [
        CredentialRetrievalError(provider="x", error_msg="y"),
        ProfileNotFound(profile="x"),
        UnauthorizedSSOTokenError(),
        TokenRetrievalError(provider="sso", error_msg="expired"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_credentials_that_cannot_be_had_are_the_vendors_to_mend(error):
    class NoClients:
        @property
        def sts(self):
            raise error

    answer = ask(AwsRoles(NoClients(), Budget(1000)))

    assert CATALOGUE[answer.outcome.value].who is Who.VENDOR


@pytest.fixture
def own_roles(monkeypatch, tmp_path) -> Callable[[str], AwsRoles]:
    """`own_roles(url)`: as the worker makes it, on AWS_ENDPOINT_URL and the standard credential chain."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(clients_module, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(clients_module, "READ_SECONDS", 0.3)

    def make(url: str, **credentials: str) -> AwsRoles:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        for name, value in credentials.items():
            monkeypatch.setenv(name, value)
        return AwsRoles(Clients(region="us-east-1"), Budget(1000))

    return make


KEYS = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}


@contextmanager
def a_server(status: int, body: bytes, *, waits: threading.Event | None = None) -> Iterator[tuple[str, list[str]]]:
    """Answer every request alike; yields the address, and the bodies that came."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if waits is not None:
                waits.wait(10)
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        if waits is not None:
            waits.set()
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>welcome to our hotel</html>"),
        (200, b""),
        (200, b"\x00\xff"),
        (200, b"{}"),
        (200, b"<AssumeRoleResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'/>"),
        (500, b"<html>oops</html>"),
        (502, b""),
        (503, b"Service Unavailable"),
        (403, b"<html>blocked by your proxy</html>"),
        (403, b""),
        (404, b"not here"),
        (418, b"teapot"),
    ],
)
def test_what_is_no_answer_of_sts_proves_nothing(own_roles, status, body):
    with a_server(status, body) as (url, came):
        answer = ask(own_roles(url, **KEYS))

    assert answer.outcome in (Outcome.SERVICE_ERROR, Outcome.UNKNOWN)
    assert len(came) == 1, "one attempt a call: the worker comes back by itself"


def test_what_is_sent_over_the_wire_denies_everything(own_roles):
    with a_server(500, b"") as (url, came):
        ask(own_roles(url, **KEYS), external_id=None)

    sent = {name: value for name, (value,) in parse_qs(came[0]).items()}
    assert sent["DurationSeconds"] == "900"
    assert json.loads(sent["Policy"])["Statement"] == [{"Effect": "Deny", "Action": "*", "Resource": "*"}]
    assert "ExternalId" not in sent


def test_an_sts_that_never_answers_is_given_up_on(own_roles):
    with a_server(200, b"", waits=threading.Event()) as (url, _):
        answer = ask(own_roles(url, **KEYS))

    assert (answer.outcome, answer.raw_code) == (Outcome.TIMED_OUT, "ReadTimeoutError")


def hang_up(listener):
    listener.accept()[0].close()


def test_an_sts_that_hangs_up_is_unreachable(own_roles):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=hang_up, args=[listener], daemon=True).start()
        answer = ask(own_roles(f"http://127.0.0.1:{listener.getsockname()[1]}", **KEYS))

    assert answer.outcome is Outcome.UNREACHABLE


def test_an_address_that_nobody_listens_at_is_unreachable(own_roles):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    answer = ask(own_roles(f"http://127.0.0.1:{port}", **KEYS))

    assert (answer.outcome, answer.raw_code) == (Outcome.UNREACHABLE, "EndpointConnectionError")


def test_without_any_credentials_aws_is_not_even_asked(own_roles):
    with a_server(500, b"") as (url, came):
        answer = ask(own_roles(url))

    assert answer.outcome is Outcome.VENDOR_MISSING
    assert came == []


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxAws]:
    sandbox = SandboxAws(stack_seconds=0.1, propagation_seconds=0)
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="module")
def role_is_there(running) -> None:
    tenant = Tenant(running)
    tenant.create()
    tenant.finish()


@pytest.fixture
def sandbox_roles(running, own_roles, monkeypatch) -> Iterator[AwsRoles]:
    monkeypatch.setattr(clients_module, "READ_SECONDS", 5.0)
    running.calls.clear()
    yield own_roles(running.url, **running.vendor_credentials())
    running.faults.switch(FaultSettings())


def test_an_enforcing_sts_lets_in_the_right_id_and_no_other(sandbox_roles, role_is_there, running):
    wrong = near_misses(EXTERNAL_ID)
    answers = [
        ask(sandbox_roles, Asked.RIGHT),
        ask(sandbox_roles, Asked.NONE, None),
        ask(sandbox_roles, Asked.WRONG, wrong["wrong"]),
        ask(sandbox_roles, Asked.WRONG_CASE, wrong["wrong_case"]),
        ask(sandbox_roles, Asked.RIGHT_AGAIN),
    ]

    assert [a.outcome for a in answers] == [Outcome.ASSUMED, *[Outcome.REFUSED] * 3, Outcome.ASSUMED]
    assert [(a.account_id, a.role_name) for a in (answers[0], answers[-1])] == [(TENANT, NAME)] * 2
    assert all(a.request_id for a in answers)
    seen = running.calls.as_json()
    assert [call["has_external_id"] for call in seen] == [True, False, True, True, True]
    assert all(call["has_session_policy"] for call in seen)


def test_a_role_that_is_not_there_is_refused_like_any_other(sandbox_roles, running):
    absent = parse_role_arn(f"arn:aws:iam::{TENANT}:role/not-there")

    answer = sandbox_roles.assume(absent, asked=Asked.RIGHT, external_id=EXTERNAL_ID, session_name="rolecall-x")

    assert (answer.outcome, answer.raw_code) == (Outcome.REFUSED, "AccessDenied")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"throttle": True}, Outcome.THROTTLED),
        ({"error_500": True}, Outcome.SERVICE_ERROR),
        ({"expired_token": True}, Outcome.VENDOR_EXPIRED),
        ({"region_disabled": True}, Outcome.REGION_OFF),
    ],
)
def test_the_troubles_of_aws_are_told_apart(sandbox_roles, role_is_there, running, fault, outcome):
    running.faults.switch(FaultSettings(**fault))

    assert ask(sandbox_roles).outcome is outcome


def test_keys_that_aws_does_not_know_are_the_vendors_trouble(running, own_roles):
    answer = ask(own_roles(running.url, AWS_ACCESS_KEY_ID="ASIAUNKNOWN", AWS_SECRET_ACCESS_KEY="s"))

    assert answer.outcome is Outcome.VENDOR_INVALID
