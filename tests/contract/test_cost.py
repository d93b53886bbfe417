"""What a verification asks of AWS: eleven calls for a sound role, fewer the sooner it is settled."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import boto3
import pytest

from aws.budget import Budget
from aws.clients import Clients
from aws.roles import AwsRoles
from bench.stub_aws import AGREEMENT, StubAws, external_id_of
from bench.verification import CALLS
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.check_result import Verdict
from onboarding.ground.external_id import ExternalId
from onboarding.proof.checks import judge
from onboarding.questioning import probe_role
from tests.fakes import HandClock

ROLE = parse_role_arn("arn:aws:iam::111122223333:role/northwind-7kq2m9xd")


@pytest.fixture
def stub(monkeypatch) -> Iterator[StubAws]:
    """AWS as the benchmark has it, in a thread."""
    server = StubAws()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    yield server
    server.shutdown()
    server.server_close()


def probe(roles, *candidates):
    return probe_role(
        roles,
        HandClock(),
        role_arn=ROLE,
        trusted=AGREEMENT.trusted_principal,
        candidates=candidates or (external_id_of(ROLE),),
        session_name="rolecall-x",
    )


def test_a_sound_role_costs_eleven_calls_and_they_are_the_documented_ones(stub):
    results = judge(probe(AwsRoles(Clients(region="us-east-1"), Budget(1000))), AGREEMENT)

    assert {r.verdict for r in results} == {Verdict.PASSED}
    assert len(stub.calls) == 11
    assert sorted(stub.calls) == sorted(name.split(",")[0] for name, _ in CALLS)


def test_a_role_that_refuses_costs_one_call_for_each_candidate(stub):
    wrong = [ExternalId(f"northwind-7kq2m9xd-{digit * 32}") for digit in "ab"]

    probe(AwsRoles(Clients(region="us-east-1"), Budget(1000)), *wrong)

    assert stub.calls == ["AssumeRole"] * 2


def test_clients_are_made_once_and_not_for_each_verification(stub, monkeypatch):
    made = []
    make = boto3.Session.client
    monkeypatch.setattr(boto3.Session, "client", lambda self, name, **v: made.append(name) or make(self, name, **v))
    roles = AwsRoles(Clients(region="us-east-1"), Budget(1000))

    probe(roles)
    after_the_first = sorted(made)
    for _ in range(5):
        probe(roles)

    assert sorted(made) == after_the_first == ["cloudformation", "iam", "sts", "sts"]
