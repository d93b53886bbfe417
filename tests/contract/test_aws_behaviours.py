"""Whatever AWS does, tenant and operator each read the right thing, over HTTP through boto3 (security 8, 24-26)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from aws.budget import Budget
from aws.clients import READ_SECONDS, Clients
from aws.roles import DENY_ALL, SESSION_SECONDS, AwsRoles
from onboarding.diagnosis.catalogue import diagnose
from onboarding.diagnosis.diagnosis import Who
from onboarding.ground.external_id import ExternalId
from onboarding.ground.status import Status
from onboarding.verification import Verifier
from tests.aws_stub import SECRET, AwsStub, error
from tests.builders import ACCOUNT, HANDLE, NOON, ROLE_ARN, an_event
from tests.contract.aws_behaviours import IAM, ROWS, Row, to
from tests.deployed import an_agreement

# Where AWS hangs, the test waits for as long: short, but longer than an answer takes on a busy machine.
HURRIED_SECONDS = 1.5
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "ASIAVENDORCANARY",
    "AWS_SECRET_ACCESS_KEY": "CANARY-vendor-key",
    "AWS_SESSION_TOKEN": "CANARY-vendor-token",
}


@pytest.fixture(scope="module")
def stub() -> Iterator[AwsStub]:
    running = AwsStub().start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def roles(stub: AwsStub) -> Iterator[Mapping[float, AwsRoles]]:
    """The roles by the seconds that an answer of AWS is waited for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", stub.url)
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield {
            seconds: AwsRoles(Clients(region="us-east-1", read_seconds=seconds), Budget(500))
            for seconds in (HURRIED_SECONDS, READ_SECONDS)
        }


@pytest.fixture
def verifier(store, roles, clock, stub):
    stub.forget()
    return Verifier(store=store, roles=roles[READ_SECONDS], clock=clock, agreement=an_agreement(), jitter=lambda: 0.5)


@pytest.fixture
def hurried(verifier, roles, row: Row):
    """The verifier, which does not wait long for AWS where AWS hangs."""
    return replace(verifier, roles=roles[HURRIED_SECONDS]) if "hang" in row.name else verifier


@pytest.fixture
def waiting(stored, store):
    external_id = ExternalId(f"northwind-{HANDLE}-{SECRET}")
    connection = stored(Status.WAITING, pinned_external_id=external_id)
    store.issue(external_id, connection.id, at=NOON, event=an_event("external_id.issued"))
    return connection


def read_by_the_tenant(connection, verification) -> str:
    """Every word of it that a tenant may come to read."""
    diagnosis = diagnose(connection.finding_code)
    words = [diagnosis.tenant, diagnosis.remedy] if diagnosis else []
    for result in verification.results if verification else ():
        told = diagnose(result.finding_code)
        words += [result.sentence, *result.evidence, *((told.tenant, told.remedy) if told else ())]
    return "\n".join(words)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_aws_does_comes_to_what_the_table_says(hurried, store, stub, waiting, row: Row, caplog):
    stub.behaviour = row.behaviour

    hurried.verify(waiting)

    after, kept = store.get_connection(waiting.id), store.last_verification(waiting.id)
    assert (after.status, after.finding_code) == (row.status, row.finding)
    diagnosis = diagnose(after.finding_code)
    assert (diagnosis.who if diagnosis else None) == row.who
    if row.who is Who.VENDOR:
        assert "nothing for you to do" in diagnosis.remedy
    raw = [code for result in kept.results for code in result.raw_codes]
    assert not row.raw or any(code.endswith(f": {row.raw}") for code in raw), raw
    assert "CANARY" not in read_by_the_tenant(after, kept)
    assert "CANARY" not in json.dumps(asdict(kept), default=str) + caplog.text, "nor is it kept or logged"
    assert "CANARY" not in str(store.events(waiting.id))
    assert not re.search(r"A(KI|SI)A[A-Z0-9]+", read_by_the_tenant(after, kept))
    assert not row.raw or row.raw not in read_by_the_tenant(after, kept), "AWS's own words are the operator's"


@pytest.mark.parametrize("row", [r for r in ROWS if r.status is not Status.CONNECTED], ids=lambda row: row.name)
def test_once_aws_is_itself_again_the_role_connects(hurried, verifier, store, stub, waiting, row: Row):
    stub.behaviour = row.behaviour
    hurried.verify(waiting)
    stub.forget()

    assert verifier.verify(store.get_connection(waiting.id)).status is Status.CONNECTED


@pytest.mark.parametrize("row", [r for r in ROWS if "hang" in r.name], ids=lambda row: row.name)
def test_whoever_hangs_is_waited_for_once(hurried, stub, waiting, row: Row):
    stub.behaviour = row.behaviour
    hung = []
    behave = row.behaviour
    stub.behaviour = lambda call: (reply := behave(call)) and (hung.append(call.action) or reply)

    hurried.verify(waiting)

    assert len(hung) == 1


def test_a_role_that_aws_refuses_for_ninety_seconds_connects_then(verifier, store, stub, clock, waiting):
    stub.behaviour = lambda call: (
        error(403, "AccessDenied")
        if clock.now() - NOON < timedelta(seconds=90) and call.action == "AssumeRole"
        else None
    )
    while (connection := store.get_connection(waiting.id)).status is Status.WAITING:
        clock.at = connection.check_at
        assert verifier.verify(connection).finding_code in ("not_answering", None)

    assert connection.status is Status.CONNECTED
    assert timedelta(seconds=90) <= connection.connected_at - NOON < timedelta(seconds=100)


def test_iam_that_refuses_for_more_than_two_minutes_is_a_finding(verifier, store, stub, clock, waiting):
    stub.behaviour = to(error(403, "AccessDenied"), *IAM)
    verifier.verify(waiting)
    clock.forward(minutes=2)

    after = verifier.verify(store.get_connection(waiting.id))

    assert (after.status, after.finding_code) == (Status.REJECTED, "role_cannot_be_read")


@pytest.mark.parametrize(
    ("variable", "finding"), [("AWS_ENDPOINT_URL", "aws_unreachable"), ("", "vendor_credentials_missing")]
)
def test_without_a_way_to_aws_or_without_credentials_nothing_is_asked_of_the_tenant(
    store, clock, stub, waiting, monkeypatch, variable, finding
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9" if variable else stub.url)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value) if variable else monkeypatch.delenv(name, raising=False)
    roles = AwsRoles(Clients(region="us-east-1", read_seconds=READ_SECONDS), Budget(500))

    after = Verifier(store=store, roles=roles, clock=clock, agreement=an_agreement(), jitter=lambda: 0.5).verify(
        waiting
    )

    assert (after.status, after.finding_code) == (Status.WAITING, finding)
    assert diagnose(finding).who is Who.VENDOR


class TestWhatIsSent:
    def test_a_whole_verification_takes_eleven_calls(self, verifier, stub, waiting):
        verifier.verify(waiting)

        assert [call.action for call in stub.calls] == [
            *["AssumeRole"] * 5,
            "GetCallerIdentity",
            "GetRole",
            "ListRolePolicies",
            "ListAttachedRolePolicies",
            "GetRolePolicy",
            "DescribeStacks",
        ]

    def test_a_role_that_does_not_answer_takes_one(self, verifier, stub, waiting):
        stub.behaviour = to(error(403, "AccessDenied"), "AssumeRole")

        verifier.verify(waiting)

        assert len(stub.calls) == 1

    def test_every_session_is_short_and_may_do_nothing_but_one_that_may_read_the_role(self, verifier, stub, waiting):
        verifier.verify(waiting)

        *probes, reading = [call.form for call in stub.calls if call.action == "AssumeRole"]
        assert {form["DurationSeconds"] for form in (*probes, reading)} == {str(SESSION_SECONDS)} == {"900"}
        assert {form["Policy"] for form in probes} == {DENY_ALL}
        assert json.loads(DENY_ALL)["Statement"] == [{"Effect": "Deny", "Action": "*", "Resource": "*"}]
        assert json.loads(reading["Policy"])["Statement"] == [
            {
                "Effect": "Allow",
                "Action": ["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"],
                "Resource": ROLE_ARN,
            },
            {
                "Effect": "Allow",
                "Action": "cloudformation:DescribeStacks",
                "Resource": f"arn:aws:cloudformation:*:{ACCOUNT}:stack/*",
            },
        ]
        assert len(reading["Policy"]) <= 2048

    def test_sessions_carry_the_connections_name_and_nothing_that_needs_more_trust(self, verifier, stub, waiting):
        verifier.verify(waiting)

        for form in (call.form for call in stub.calls if call.action == "AssumeRole"):
            assert form["RoleSessionName"] == f"rolecall-{HANDLE}"
            assert re.fullmatch(r"[\w+=,.@-]{2,64}", form["RoleSessionName"])
            allowed = {"Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds", "Policy", "ExternalId"}
            assert form.keys() <= allowed

    def test_only_assume_role_is_signed_as_the_vendor(self, verifier, stub, waiting):
        verifier.verify(waiting)

        signed = {call.action: call.key for call in stub.calls}
        assert signed.pop("AssumeRole") == CREDENTIALS["AWS_ACCESS_KEY_ID"]
        assert len(set(signed.values())) == 1
        assert CREDENTIALS["AWS_ACCESS_KEY_ID"] not in signed.values()

    def test_two_roles_verified_one_after_the_other_are_read_with_a_session_each(self, verifier, stub, waiting):
        connected = verifier.verify(waiting)
        verifier.verify(connected)

        keys = [call.key for call in stub.calls if call.action == "GetRole"]
        assert len(set(keys)) == 2
