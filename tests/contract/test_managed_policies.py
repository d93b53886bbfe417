"""AWS's managed policies over HTTP: read once, read again when they change, and no round waits for what fails."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from aws.clients import Clients
from aws.managed_policies import (
    CLOSED_OTHERWISE_SECONDS,
    CLOSED_SECONDS,
    FRESH_SECONDS,
    LONGEST_DOCUMENT,
    MOST_CHARACTERS,
    SNAPSHOT,
    AwsManagedPolicies,
    in_snapshot,
    why_unread,
)
from onboarding.proof.answer import Outcome
from onboarding.proof.self_report import ManagedDocument
from sandbox.aws import SandboxAws
from sandbox.managed_policies import snapshot
from tests.aws_stub import AwsStub, Call, Reply, error, ok
from tests.builders import ACCOUNT

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"
GETTING = ["GetPolicy", "GetPolicyVersion"]
COPY = ManagedDocument('{"Statement":[]}', "2030-12-31")


class Hand:
    """Seconds that pass when a test says so."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


class Aws:
    """IAM with one policy, whose version and length a test sets."""

    version, text = "v1", '{"Version": "2012-10-17", "Statement": []}'

    def __init__(self) -> None:
        self.stub = AwsStub().start()
        self.refusal: Reply | None = None
        self.stub.behaviour = self._answer

    @property
    def asked(self) -> list[str]:
        return [call.action for call in self.stub.calls]

    def _answer(self, call: Call) -> Reply:
        if self.refusal is not None:
            return self.refusal
        version = f"<DefaultVersionId>{self.version}</DefaultVersionId>"
        if call.action == "GetPolicy":
            return ok("GetPolicy", f"<Policy>{version}</Policy>")
        document = quote(self.text)
        return ok("GetPolicyVersion", f"<PolicyVersion><Document>{document}</Document></PolicyVersion>")


@pytest.fixture
def aws(monkeypatch) -> Iterator[Aws]:
    running = Aws()
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.stub.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAVENDOR")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    yield running
    running.stub.stop()


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def policies(aws, clock) -> AwsManagedPolicies:
    clients = Clients(region="us-east-1", read_seconds=0.5)
    return AwsManagedPolicies(clients, now=clock, snapshot=lambda arn: COPY)


def test_the_vendors_role_reads_in_its_own_account_what_aws_has_published(monkeypatch):
    aws = SandboxAws()
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.start())
    try:
        for name, value in aws.vendor_credentials().items():
            monkeypatch.setenv(name, value)
        clients = Clients(region="us-east-1")

        read = AwsManagedPolicies(clients, snapshot=lambda arn: None).read(READ_ONLY)

        assert json.loads(read.text) == json.loads(in_snapshot(READ_ONLY).text)
        assert read.published_on == ""
        assert why_unread(lambda: clients.iam, partition="aws") == ""
    finally:
        aws.stop()


def test_a_policy_is_read_once_an_hour_and_then_only_if_its_version_is_new(policies, aws, clock):
    for _ in range(3):
        assert json.loads(policies.read(READ_ONLY).text) == json.loads(aws.text)
    assert aws.asked == GETTING

    clock.at += FRESH_SECONDS
    policies.read(READ_ONLY)
    assert aws.asked == [*GETTING, "GetPolicy"]

    clock.at += FRESH_SECONDS
    aws.version, aws.text = "v2", '{"Version": "2012-10-17", "Statement": {"Effect": "Deny"}}'
    assert "Deny" in policies.read(READ_ONLY).text
    assert aws.asked == [*GETTING, "GetPolicy", *GETTING]


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (error(403, "AccessDenied"), CLOSED_SECONDS[Outcome.REFUSED]),
        (error(400, "Throttling"), CLOSED_OTHERWISE_SECONDS),
        (Reply(after=30), CLOSED_OTHERWISE_SECONDS),
        (Reply(), CLOSED_OTHERWISE_SECONDS),
        (Reply(200, b"<html>a proxy</html>"), CLOSED_OTHERWISE_SECONDS),
        (ok("GetPolicy", "<Policy></Policy>"), CLOSED_OTHERWISE_SECONDS),
        (ok("GetPolicy", "<Policy><DefaultVersionId>v1&amp;x</DefaultVersionId></Policy>"), CLOSED_OTHERWISE_SECONDS),
    ],
    ids=["no right", "throttled", "hangs", "reset", "a page", "nothing", "no version"],
)
def test_one_failure_is_remembered_for_all_and_our_copy_is_used_meanwhile(policies, aws, clock, refusal, seconds):
    aws.refusal = refusal
    assert [policies.read(arn) for arn in (READ_ONLY, BILLING, READ_ONLY)] == [COPY] * 3
    assert aws.asked == ["GetPolicy"]

    aws.refusal = None
    clock.at += seconds - 1
    assert policies.read(READ_ONLY) == COPY
    clock.at += 1
    assert policies.read(READ_ONLY).published_on == ""


@pytest.mark.parametrize(
    ("name", "value"), [("AWS_PROFILE", "nobody"), ("AWS_ENDPOINT_URL", "nowhere")], ids=["no profile", "no address"]
)
def test_where_nobody_can_even_be_asked_our_copy_is_used(aws, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    clients = Clients(region="us-east-1")

    assert AwsManagedPolicies(clients, snapshot=lambda arn: COPY).read(READ_ONLY) == COPY
    assert why_unread(lambda: clients.iam, partition="aws") != ""


def test_what_was_read_before_a_failure_is_used_rather_than_our_copy(policies, aws, clock):
    before = policies.read(READ_ONLY)
    clock.at += FRESH_SECONDS
    aws.refusal = error(403, "AccessDenied")

    assert policies.read(READ_ONLY) == policies.read(READ_ONLY) == before
    assert policies.read(BILLING) == COPY


def test_a_policy_that_aws_no_longer_shows_is_none_that_we_see_though_our_copy_has_it(policies, aws):
    aws.refusal = error(404, "NoSuchEntity")

    assert policies.read(READ_ONLY) is policies.read(READ_ONLY) is None
    assert aws.asked == ["GetPolicy"]
    aws.refusal = None
    assert policies.read(BILLING) is not None, "that said nothing about others"


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:role/x",
        "arn:aws:iam::aws:policy/",
        f"{READ_ONLY}\n",
        f"{READ_ONLY} x",
        READ_ONLY + "x" * 1_000_000,
        "",
    ],
    ids=lambda arn: arn[:60] or "nothing",
)
def test_nobody_is_asked_about_what_is_no_policy_of_aws(policies, aws, arn):
    assert policies.read(arn) is None
    assert aws.asked == []


def test_what_is_kept_is_bounded(policies, aws):
    aws.text = json.dumps({"Statement": "x" * (LONGEST_DOCUMENT - 50)})
    arns = [f"{READ_ONLY}{n}" for n in range(MOST_CHARACTERS // LONGEST_DOCUMENT + 3)]
    assert all(policies.read(arn) for arn in arns)

    aws.stub.calls.clear()
    assert policies.read(arns[-1]) is not None
    assert aws.asked == []
    policies.read(arns[0])
    assert aws.asked == GETTING, "the first of them was dropped"

    aws.text = json.dumps({"Statement": "x" * LONGEST_DOCUMENT})
    assert policies.read(BILLING) is None


def test_doctors_question_names_aws_code(aws):
    clients = Clients(region="us-east-1")
    assert why_unread(lambda: clients.iam, partition="aws") == ""

    aws.refusal = error(403, "AccessDenied")
    assert why_unread(lambda: clients.iam, partition="aws") == "AccessDenied"


def test_our_copy_is_what_its_command_makes_and_says_of_which_day():
    assert lzma.decompress(SNAPSHOT.read_bytes()) == lzma.decompress(snapshot()), (
        "run `python -m sandbox.managed_policies`"
    )
    assert SNAPSHOT.stat().st_size < 300_000
    copied = in_snapshot(READ_ONLY)
    assert json.loads(copied.text)["Version"] == "2012-10-17"
    assert copied.published_on.startswith("20")
    assert in_snapshot("arn:aws:iam::aws:policy/NoSuchPolicy") is None
    assert in_snapshot(READ_ONLY.replace("arn:aws:", "arn:aws-cn:")) is None
