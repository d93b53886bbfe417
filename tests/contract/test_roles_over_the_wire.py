"""AwsRoles over HTTP: what is no answer of STS proves nothing; a sandbox that enforces lets in only the right ID."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from aws.budget import Budget
from aws.clients import READ_SECONDS, Clients
from aws.roles import AwsRoles
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.external_id import near_misses
from onboarding.proof.answer import Asked, Outcome
from sandbox.aws import SandboxAws
from sandbox.faults import FaultSettings
from tests.contract.asking import EXTERNAL_ID, ask
from tests.sandbox_callers import NAME, TENANT, Tenant

KEYS = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.fixture
def own_roles(monkeypatch, tmp_path) -> Callable[[str], AwsRoles]:
    """`own_roles(url)`: as the worker makes it, on AWS_ENDPOINT_URL and the standard credential chain."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def make(url: str, *, read_seconds: float = READ_SECONDS, **credentials: str) -> AwsRoles:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        for name, value in credentials.items():
            monkeypatch.setenv(name, value)
        return AwsRoles(Clients(region="us-east-1", read_seconds=read_seconds), Budget(1000))

    return make


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
        answer = ask(own_roles(url, read_seconds=0.3, **KEYS))

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
def sandbox_roles(running, own_roles) -> Iterator[AwsRoles]:
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
