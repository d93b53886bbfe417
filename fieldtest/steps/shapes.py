"""Makes roles with different trust policies, and compares our verdict on each with what STS does."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from fieldtest.pace import wait_for
from fieldtest.run import Run
from fieldtest.state import Kind, Side
from fieldtest.steps.refusals import ask
from onboarding.ground.external_id import ExternalId, near_misses
from onboarding.trust.expected import ExpectedTrust, corrected_policy
from onboarding.trust.judgement import TrustVerdict, judge_trust

Statement = dict[str, Any]


def compare(run: Run) -> None:
    """Make the roles, ask STS for each in four ways, and judge each policy."""
    external_id = run.mint()
    expected = ExpectedTrust.of(run.accounts.trusted, external_id)
    policies = shapes(expected)
    arns = {name: _make(run, name, policy) for name, policy in policies.items()}
    made_at = time.monotonic()
    found: dict[str, dict[str, object]] = {}
    for name, policy in policies.items():
        judgement = judge_trust(policy, expected, now=datetime.now(UTC), is_stored=True)
        if judgement.lets_us_in is not False:
            _wait_for_answer(run, arns[name], external_id)
        else:
            # Nobody gets in, so nothing tells when the role is known everywhere.
            time.sleep(max(0.0, made_at + run.pace.settle - time.monotonic()))
        answers = _answers(run, arns[name], external_id)
        found[name] = {"ours": str(judgement.verdict), "sts": str(_verdict(answers)), "let_in": answers}
    wrong = [name for name, shape in found.items() if shape["ours"] != shape["sts"]]
    listed = "; ".join(f"{name}: we say {s['ours']}, STS {s['sts']}" for name, s in found.items())
    run.findings.note("shapes-agree", not wrong, listed, shapes=found, differ=wrong)


def shapes(expected: ExpectedTrust) -> dict[str, dict[str, Any]]:
    """Return the trust policies to try, by a name that can end a role's name."""
    external_id, root = expected.external_id, expected.account_root
    stem = external_id.rpartition("-")[0]
    ours = {"ArnEquals": {"aws:PrincipalArn": expected.principal_arn}}
    session = f"arn:{expected.partition}:sts::{expected.account_id}:assumed-role/*"

    def allow(conditions: Mapping[str, object]) -> Statement:
        statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}
        return {**statement, "Condition": dict(conditions)} if conditions else statement

    def asking(operator: str, value: object = external_id) -> Statement:
        return allow({**ours, operator: {"sts:ExternalId": value}})

    deny = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringNotEquals": {"sts:ExternalId": external_id}},
    }
    statements: dict[str, list[Statement]] = {
        "no-condition": [allow({})],
        "role-only": [allow(ours)],
        "like": [asking("StringLike", f"{stem}-*")],
        "if-exists": [asking("StringEqualsIfExists")],
        "ignore-case": [asking("StringEqualsIgnoreCase")],
        "for-all-values": [asking("ForAllValues:StringEquals")],
        "second-statement": [asking("StringEquals"), allow(ours)],
        "deny-others": [allow(ours), deny],
        "session-arn": [
            allow({"ArnLike": {"aws:PrincipalArn": session}, "StringEquals": {"sts:ExternalId": external_id}})
        ],
    }
    made = {name: {"Version": "2012-10-17", "Statement": listed} for name, listed in statements.items()}
    return {"template": corrected_policy(expected), **made}


def _make(run: Run, name: str, policy: Mapping[str, object]) -> str:
    role_name = f"{run.id}-{name}"
    run.state.intend(Kind.ROLE, Side.TENANT, role_name)
    made = run.tenant.client("iam").create_role(
        RoleName=role_name,
        AssumeRolePolicyDocument=json.dumps(policy),
        Description="Made by Rolecall's field test, which removes it. It can do nothing.",
        Tags=run.tags,
    )
    return str(made["Role"]["Arn"])


def _wait_for_answer(run: Run, role_arn: str, external_id: ExternalId) -> None:
    wait_for(
        "A role's first answer",
        lambda: not isinstance(ask(run, role_arn, external_id), ClientError),
        seconds=run.pace.spread,
        every=run.pace.ask_every,
    )


def _answers(run: Run, role_arn: str, external_id: ExternalId) -> dict[str, bool]:
    tried = {"right": external_id, "none": None, **near_misses(external_id)}
    return {what: not isinstance(ask(run, role_arn, tried_id), ClientError) for what, tried_id in tried.items()}


def _verdict(let_in: Mapping[str, bool]) -> TrustVerdict:
    if any(is_in for what, is_in in let_in.items() if what != "right"):
        return TrustVerdict.LOOSE
    return TrustVerdict.EXACT if let_in["right"] else TrustVerdict.SHUT
