"""Measures when a new role answers, and in which words STS refuses."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import ClientError

from aws.hints import hint_in
from aws.roles import DENY_ALL, SESSION_SECONDS
from fieldtest.pace import wait_for
from fieldtest.run import Run, said
from onboarding.ground.external_id import near_misses

SESSION_NAME = "rolecall-fieldtest"
PROPAGATES_WITHIN = 120
STEADY_CALLS = 10


def measure_propagation(run: Run) -> None:
    """Ask for the new role until it answers, and then whether it always does."""
    stack = run.needed_stack()
    arn, external_id = str(stack.role_arn), stack.external_id
    _, took = wait_for(
        "A new role's first answer",
        lambda: not isinstance(ask(run, arn, external_id), ClientError),
        seconds=run.pace.spread,
        every=min(0.5, run.pace.ask_every),
    )
    within = took <= PROPAGATES_WITHIN
    run.findings.note("sts-propagation", within, f"The role answered after {took:.1f} seconds.", seconds=took)
    again = [ask(run, arn, external_id) for _ in range(STEADY_CALLS)]
    refused = sum(1 for answer in again if isinstance(answer, ClientError))
    run.findings.note("sts-steady", refused == 0, f"Of {STEADY_CALLS} further calls, {refused} were refused.")


def read_refusals(run: Run) -> None:
    """Ask for the role with no ID, a wrong one and one in capitals, and for a role that is not there."""
    stack = run.needed_stack()
    arn, wrong = str(stack.role_arn), near_misses(stack.external_id)
    absent = f"{arn[:-1]}{'b' if arn.endswith('a') else 'a'}"
    for fact, asked_for, external_id in (
        ("sts-refusal-text", arn, None),
        ("sts-wrong-id", arn, wrong["wrong"]),
        ("sts-other-case", arn, wrong["wrong_case"]),
        ("sts-absent-role", absent, stack.external_id),
    ):
        answer = ask(run, asked_for, external_id)
        if not isinstance(answer, ClientError):
            run.findings.note(fact, False, "STS let us in.")
            continue
        code, text = said(answer)
        bare = f"User: {run.vendor.identity.arn} is not authorized to perform: sts:AssumeRole on resource: {asked_for}"
        status = answer.response["ResponseMetadata"]["HTTPStatusCode"]
        run.findings.note(
            fact,
            (code, status, text) == ("AccessDenied", 403, bare),
            f"{status} {code}: {text}",
            hint=hint_in(text),
        )


def try_session_policy(run: Run) -> None:
    """Try what a session is allowed whose policy denies everything."""
    stack = run.needed_stack()
    answer = ask(run, str(stack.role_arn), stack.external_id)
    if isinstance(answer, ClientError):
        run.findings.note("session-policy-denies", None, "The role did not answer.")
        return
    keys = answer["Credentials"]
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=run.vendor.region
    )
    who = session.client("sts").get_caller_identity()["Arn"]
    try:
        session.client("iam").get_role(RoleName=stack.role_arn.name)
    except ClientError as error:
        code, text = said(error)
        is_so = code == "AccessDenied" and f":assumed-role/{stack.role_arn.name}/" in who
        run.findings.note("session-policy-denies", is_so, f"The session is {who}. GetRole: {code}: {text}")
    else:
        run.findings.note("session-policy-denies", False, "GetRole was allowed.")


def ask(run: Run, role_arn: str, external_id: str | None) -> dict[str, Any] | ClientError:
    """Ask STS for a session that can do nothing, as the product does, and return its answer, also if it refuses."""
    given = {} if external_id is None else {"ExternalId": external_id}
    try:
        answer: dict[str, Any] = run.vendor.client("sts").assume_role(
            RoleArn=role_arn,
            RoleSessionName=SESSION_NAME,
            DurationSeconds=SESSION_SECONDS,
            Policy=DENY_ALL,
            **given,
        )
    except ClientError as error:
        if said(error)[0] != "AccessDenied":
            raise
        return error
    return answer
