"""What AWS may do to us, and what tenant and operator are then told: real boto3, against a server of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from aws import clients as clients_module
from aws.budget import Budget
from aws.clients import Clients
from aws.roles import DENY_ALL, AwsRoles
from bench.stub_aws import AGREEMENT, external_id_of
from onboarding.arn import parse_role_arn
from onboarding.check_result import Verdict
from onboarding.checks import judge
from onboarding.diagnosis import Who, diagnose
from onboarding.probing import probe_role
from onboarding.verification import Conclusion, conclude
from tests.contract.faulty_aws import CANARY, HANGS, RESETS, SLOW, FaultyAws, Says, faulty_aws
from tests.fakes import HandClock

ROLE = parse_role_arn("arn:aws:iam::111122223333:role/northwind-7kq2m9xd")
AGAIN = 5  # The right ID is asked for the second time with the fifth AssumeRole.

# What happens, to which call (its action and from which on), what it comes to, the finding, who must act.
BEHAVIOURS = [
    ("the role refuses", "AssumeRole", 1, Says(403, "AccessDenied"), "not_yet", "not_answering", Who.NOBODY),
    ("STS is off in the region", "AssumeRole", 1, Says(403, "RegionDisabledException"), "inconclusive",
     "sts_region_off", Who.VENDOR),
    ("our session expired", "AssumeRole", 1, Says(403, "ExpiredToken"), "inconclusive",
     "vendor_credentials_expired", Who.VENDOR),
    ("our session expired, said otherwise", "AssumeRole", 1, Says(400, "ExpiredTokenException"), "inconclusive",
     "vendor_credentials_expired", Who.VENDOR),
    ("our keys are unknown", "AssumeRole", 1, Says(403, "InvalidClientTokenId"), "inconclusive",
     "vendor_credentials_invalid", Who.VENDOR),
    ("our signature or clock is off", "AssumeRole", 1, Says(403, "SignatureDoesNotMatch"), "inconclusive",
     "vendor_credentials_invalid", Who.VENDOR),
    ("the session asked for is too long", "AssumeRole", 1, Says(400, "ValidationError"), "inconclusive",
     "request_invalid", Who.VENDOR),
    ("too many calls", "AssumeRole", 1, Says(400, "Throttling"), "inconclusive", "aws_throttled", Who.NOBODY),
    ("too many calls, said otherwise", "AssumeRole", 1, Says(503, "RequestLimitExceeded"), "inconclusive",
     "aws_throttled", Who.NOBODY),
    ("STS fails", "AssumeRole", 1, Says(500, "InternalFailure"), "inconclusive", "aws_service_error", Who.NOBODY),
    ("STS is away", "AssumeRole", 1, Says(503, "ServiceUnavailable"), "inconclusive", "aws_service_error", Who.NOBODY),
    ("a code nobody knows", "AssumeRole", 1, Says(400, "SomethingNew"), "inconclusive",
     "aws_unknown_answer", Who.VENDOR),
    ("a proxy's page instead", "AssumeRole", 1, Says(200, body=f"<html>{CANARY}</html>"), "inconclusive",
     "aws_service_error", Who.NOBODY),
    ("garbage instead", "AssumeRole", 1, Says(200, body=f"\x00\x01 {CANARY}"), "inconclusive",
     "aws_service_error", Who.NOBODY),
    ("it accepts and never answers", "AssumeRole", 1, HANGS, "inconclusive", "aws_timed_out", Who.NOBODY),
    ("it hangs up", "AssumeRole", 1, RESETS, "inconclusive", "aws_unreachable", Who.VENDOR),
    ("it is slow, but answers", "AssumeRole", 1, SLOW, "passed", None, None),
    ("throttled in the middle", "AssumeRole", 3, Says(400, "Throttling"), "inconclusive", "aws_throttled", Who.NOBODY),
    ("a refusal that is no AccessDenied", "AssumeRole", 2, Says(500, "InternalFailure"), "inconclusive",
     "aws_service_error", Who.NOBODY),
    ("the role goes while it is checked", "AssumeRole", AGAIN, Says(403, "AccessDenied"), "inconclusive",
     "changed_while_checking", Who.NOBODY),
    ("IAM has not spread the policies", "GetRole", 1, Says(403, "AccessDenied"), "inconclusive",
     "policies_spreading", Who.NOBODY),
    ("IAM hangs while STS answers", "GetRole", 1, HANGS, "inconclusive", "aws_timed_out", Who.NOBODY),
    ("IAM throttles", "GetRole", 1, Says(400, "Throttling"), "inconclusive", "aws_throttled", Who.NOBODY),
    ("IAM answers with garbage", "GetRole", 1, Says(200, body=f"<html>{CANARY}</html>"), "inconclusive",
     "aws_service_error", Who.NOBODY),
    ("CloudFormation fails, which withholds nothing", "DescribeStacks", 1, Says(500, "InternalFailure"), "passed",
     None, None),
]  # fmt: skip


@pytest.fixture
def aws(monkeypatch) -> Iterator[FaultyAws]:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"AKIA{CANARY}")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", f"secret-{CANARY}")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(clients_module, "CONNECT_SECONDS", 0.4)
    monkeypatch.setattr(clients_module, "READ_SECONDS", 0.4)
    with faulty_aws() as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
        yield aws


def verify():
    roles = AwsRoles(Clients(region="us-east-1"), Budget(1000))
    probe = probe_role(
        roles, HandClock(), role_arn=ROLE, candidates=(external_id_of(ROLE),), session_name="rolecall-7kq2m9xd"
    )
    results = judge(probe, AGREEMENT)
    return results, conclude(results, required=AGREEMENT.required), probe


@pytest.mark.parametrize(
    ("action", "first", "what", "conclusion", "finding", "who"),
    [row[1:] for row in BEHAVIOURS],
    ids=[row[0] for row in BEHAVIOURS],
)
def test_what_aws_does_has_its_finding_and_who_must_act(aws, action, first, what, conclusion, finding, who):
    aws.fault = lambda asked, nth: what if asked == action and nth >= first else None

    results, (concluded, found), _ = verify()

    assert concluded is Conclusion(conclusion)
    assert found == (finding or "")
    diagnosis = diagnose(found)
    assert (diagnosis.who if diagnosis else None) is who
    if who is Who.VENDOR:
        assert "nothing for you to do" in diagnosis.remedy
    told = json.dumps([[r.sentence, r.remedy, r.finding] for r in results]) + str(diagnosis)
    assert CANARY not in told


@pytest.mark.parametrize("row", BEHAVIOURS, ids=[row[0] for row in BEHAVIOURS])
def test_nothing_raw_reaches_the_evidence_but_the_requests_own_number(aws, row):
    _, action, first, what, *_ = row
    aws.fault = lambda asked, nth: what if asked == action and nth >= first else None

    results, _, _ = verify()

    for line in (line for r in results for line in r.evidence):
        assert CANARY not in line.replace(f"request-{CANARY}", "")


def test_aws_own_word_is_kept_for_the_operator(aws):
    aws.fault = lambda asked, nth: Says(400, "SomethingNew")

    results, _, probe = verify()

    assert probe.answers[0].raw_code == "SomethingNew"
    assert any("SomethingNew" in code for r in results for code in r.raw_codes)


def test_throttled_once_and_then_answered_it_connects_in_the_next_round(aws):
    aws.fault = lambda asked, nth: Says(400, "Throttling") if (asked, nth) == ("AssumeRole", 1) else None

    assert verify()[1] == (Conclusion.INCONCLUSIVE, "aws_throttled")
    assert verify()[1] == (Conclusion.PASSED, "")


def test_every_probe_is_powerless_but_the_one_that_reads_the_role(aws):
    results, _, _ = verify()

    asked = [r for r in aws.requests if r["Action"] == "AssumeRole"]
    assert {r.verdict for r in results} == {Verdict.PASSED}
    assert [r["DurationSeconds"] for r in asked] == ["900"] * 5
    assert [r["Policy"] for r in asked[:4]] == [DENY_ALL] * 4
    allowed = json.loads(asked[4]["Policy"])["Statement"]
    assert {a for s in allowed for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])} == {
        "iam:GetRole",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "cloudformation:DescribeStacks",
    }
    assert {s["Effect"] for s in allowed} == {"Allow"}
    assert allowed[0]["Resource"] == str(ROLE)
