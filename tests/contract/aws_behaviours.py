"""The table of AWS behaviours: what AWS does, what becomes of a waiting connection, and whose it is to act.

`raw` is AWS's own code as the operator reads it, empty where nothing failed. Every message holds a canary: no tenant
may ever read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from onboarding.diagnosis.diagnosis import Who
from onboarding.ground.status import Status
from tests.aws_stub import Behaviour, Call, Reply, assumed, error, ok, sound
from tests.builders import OTHER_ACCOUNT

NOBODY, TENANT, VENDOR = Who.NOBODY, Who.TENANT, Who.VENDOR
WAITING, REJECTED, CONNECTED = Status.WAITING, Status.REJECTED, Status.CONNECTED
CANARY = "CANARY arn:aws:iam::999988887777:user/somebody AKIACANARY"
IAM = ("GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies")
HANGS, RESET = Reply(after=30), Reply()


@dataclass(frozen=True)
class Row:
    """One behaviour of AWS."""

    name: str
    behaviour: Behaviour
    status: Status
    finding: str | None = None
    who: Who | None = None
    raw: str = ""


def to(reply: Reply, *actions: str, at: int = 0) -> Behaviour:
    """Give this answer to these actions, every time or the `at`-th time alone."""
    return lambda call: reply if call.action in actions and at in (0, call.number) else None


def sts(status: int, code: str) -> Behaviour:
    return to(error(status, code, CANARY), "AssumeRole")


def slow(call: Call) -> Reply:
    return Reply(**{**vars(sound(call)), "after": 0.1})


PAGE = b"<html><body>CANARY proxy: gateway error</body></html>"
PLAIN = Reply(200, b"CANARY not XML at all")
ANOTHER = assumed(f"arn:aws:iam::{OTHER_ACCOUNT}:role/northwind-7kq2m9xd", key="ASIAANOTHER")

ROWS = (
    Row("all is well", lambda call: None, CONNECTED),
    # STS: every code of its table
    Row("STS refuses", sts(403, "AccessDenied"), WAITING, "not_answering", NOBODY, "AccessDenied"),
    Row("STS refuses and names our policy", to(error(403, "AccessDenied", f"{CANARY} because no identity-based policy allows the sts:AssumeRole action"), "AssumeRole"), WAITING, "not_answering", NOBODY, "AccessDenied (AWS names a policy on our side)"),
    Row("STS is off in the region", sts(403, "RegionDisabledException"), WAITING, "sts_region_off", TENANT, "RegionDisabledException"),
    Row("our session has expired", sts(403, "ExpiredToken"), WAITING, "vendor_credentials_expired", VENDOR, "ExpiredToken"),
    Row("so has it, in newer words", sts(400, "ExpiredTokenException"), WAITING, "vendor_credentials_expired", VENDOR, "ExpiredTokenException"),
    Row("our key is unknown", sts(403, "InvalidClientTokenId"), WAITING, "vendor_credentials_invalid", VENDOR, "InvalidClientTokenId"),
    Row("our signature or clock is off", sts(403, "SignatureDoesNotMatch"), WAITING, "vendor_credentials_invalid", VENDOR, "SignatureDoesNotMatch"),
    Row("our signature is incomplete", sts(400, "IncompleteSignature"), WAITING, "vendor_credentials_invalid", VENDOR, "IncompleteSignature"),
    Row("the session would be too long", sts(400, "ValidationError"), WAITING, "request_invalid", VENDOR, "ValidationError"),
    Row("our session policy is malformed", sts(400, "MalformedPolicyDocument"), WAITING, "request_invalid", VENDOR, "MalformedPolicyDocument"),
    Row("STS throttles", sts(400, "Throttling"), WAITING, "aws_throttled", NOBODY, "Throttling"),
    Row("STS throttles in other words", sts(503, "RequestLimitExceeded"), WAITING, "aws_throttled", NOBODY, "RequestLimitExceeded"),
    Row("a code that nobody knows", sts(400, "CanNotHappen"), WAITING, "aws_unknown_answer", VENDOR, "CanNotHappen"),
    # STS: no answer, or none that is one
    Row("STS fails inside", sts(500, "InternalFailure"), WAITING, "aws_service_error", NOBODY, "InternalFailure"),
    Row("STS is not available", sts(503, "ServiceUnavailable"), WAITING, "aws_service_error", NOBODY, "ServiceUnavailable"),
    Row("a proxy answers 502 with a page", to(Reply(502, PAGE), "AssumeRole"), WAITING, "aws_service_error", NOBODY, "502"),
    Row("a proxy answers 200 with a page", to(Reply(200, PAGE), "AssumeRole"), WAITING, "aws_service_error", NOBODY, "UnreadableAnswer"),
    Row("garbage", to(PLAIN, "AssumeRole"), WAITING, "aws_service_error", NOBODY, "UnreadableAnswer"),
    Row("an empty body", to(Reply(200), "AssumeRole"), WAITING, "aws_service_error", NOBODY, "UnreadableAnswer"),
    Row("the answer to another question", to(ok("GetRole", "<Role/>"), "AssumeRole"), WAITING, "aws_service_error", NOBODY, "UnreadableAnswer"),
    Row("STS hangs", to(HANGS, "AssumeRole"), WAITING, "aws_timed_out", NOBODY, "ReadTimeoutError"),
    Row("STS is slow", slow, CONNECTED),
    Row("the connection is reset", to(RESET, "AssumeRole"), WAITING, "aws_unreachable", VENDOR, "ConnectionClosedError"),
    # STS: not the same all the way
    Row("throttled at the wrong ID", to(error(400, "Throttling", CANARY), "AssumeRole", at=3), WAITING, "aws_throttled", NOBODY, "Throttling"),
    Row("hangs at the last question", to(HANGS, "AssumeRole", at=5), WAITING, "aws_timed_out", NOBODY, "ReadTimeoutError"),
    Row("the role removed mid-run", to(error(403, "AccessDenied", CANARY), "AssumeRole", at=5), WAITING, "changed_while_checking", NOBODY, "AccessDenied"),
    Row("another account answers", to(ANOTHER, "AssumeRole", at=1), REJECTED, "account_differs", TENANT),
    Row("another account is who we then are", to(ok("GetCallerIdentity", f"<Account>{OTHER_ACCOUNT}</Account><Arn>arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/northwind-7kq2m9xd/rolecall</Arn>"), "GetCallerIdentity"), REJECTED, "account_differs", TENANT),
    # IAM, on which a required check rests
    Row("IAM refuses, the role being new", to(error(403, "AccessDenied", CANARY), *IAM), WAITING, "policies_spreading", NOBODY, "AccessDenied"),
    Row("IAM does not know the role any more", to(error(404, "NoSuchEntity", CANARY), *IAM), WAITING, "changed_while_checking", NOBODY, "NoSuchEntity"),
    Row("IAM throttles", to(error(400, "Throttling", CANARY), *IAM), WAITING, "aws_throttled", NOBODY, "Throttling"),
    Row("IAM fails inside", to(error(500, "ServiceFailure", CANARY), *IAM), WAITING, "aws_service_error", NOBODY, "ServiceFailure"),
    Row("IAM hangs", to(HANGS, *IAM), WAITING, "aws_timed_out", NOBODY, "ReadTimeoutError"),
    Row("IAM resets the connection", to(RESET, *IAM), WAITING, "aws_unreachable", VENDOR, "ConnectionClosedError"),
    Row("IAM speaks garbage", to(PLAIN, *IAM), WAITING, "aws_service_error", NOBODY, "UnreadableAnswer"),
    Row("IAM answers another question", to(ok("GetRole", "<User/>"), "GetRole"), WAITING, "aws_service_error", NOBODY, "UnreadableAnswer"),
    # What no required check rests on withholds nothing
    Row("IAM does not list what is attached", to(error(500, "ServiceFailure", CANARY), "ListAttachedRolePolicies"), CONNECTED, raw="ServiceFailure"),
    Row("CloudFormation fails inside", to(error(500, "InternalFailure", CANARY), "DescribeStacks"), CONNECTED, raw="InternalFailure"),
    Row("CloudFormation hangs", to(HANGS, "DescribeStacks"), CONNECTED, raw="ReadTimeoutError"),
    Row("CloudFormation speaks garbage", to(PLAIN, "DescribeStacks"), CONNECTED, raw="UnreadableAnswer"),
    Row("STS does not say who we are", to(error(500, "InternalFailure", CANARY), "GetCallerIdentity"), CONNECTED),
)  # fmt: skip
