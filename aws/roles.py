"""onboarding.ports.Roles on AWS: assumes tenants' roles and reads what they say about themselves."""

from __future__ import annotations

import json
import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from aws.answers import answer_of, short_id
from aws.budget import Budget
from aws.clients import Clients
from aws.self_report import read_role, session_policy
from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ExternalId
from onboarding.proof.answer import Answer, Asked, Outcome
from onboarding.proof.self_report import SelfReport

log = logging.getLogger("rolecall.aws")

# The shortest session that AWS allows, and one without permissions: proving the role needs none.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
SESSION_SECONDS = 900
DENY_ALL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}, separators=(",", ":")
)


class AwsRoles:
    """Asks AWS, within the budget. Every thread can use the same one."""

    def __init__(self, clients: Clients, budget: Budget) -> None:
        self._clients = clients
        self._budget = budget

    def assume(self, role_arn: RoleArn, *, asked: Asked, external_id: ExternalId | None, session_name: str) -> Answer:
        """Assume the role without any permissions, and drop the session."""
        answer, _ = self._ask(role_arn, asked, external_id, session_name, policy=DENY_ALL)
        return answer

    def report(
        self, role_arn: RoleArn, *, external_id: ExternalId, session_name: str
    ) -> tuple[Answer, SelfReport | None]:
        """Assume the role with permission to read only itself and its stack, read both, and drop the session."""
        policy = session_policy(role_arn)
        answer, credentials = self._ask(role_arn, Asked.RIGHT_AGAIN, external_id, session_name, policy=policy)
        if credentials is None:
            return answer, None
        with self._clients.readers.lend(credentials) as reader:
            return answer, read_role(reader, role_arn)

    def _ask(
        self, role_arn: RoleArn, asked: Asked, external_id: ExternalId | None, session_name: str, *, policy: str
    ) -> tuple[Answer, Any]:
        request: dict[str, Any] = {
            "RoleArn": str(role_arn),
            "RoleSessionName": session_name,
            "DurationSeconds": SESSION_SECONDS,
            "Policy": policy,
        }
        if external_id is not None:
            request["ExternalId"] = external_id
        self._budget.take()
        try:
            reply = self._clients.sts.assume_role(**request)
        except (ClientError, BotoCoreError) as error:
            return answer_of(error, asked), None
        except (ResponseParserError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
            # The body is not from STS, but for example from a proxy.
            log.warning("sts.unreadable_answer")
            return Answer(asked, Outcome.SERVICE_ERROR, raw_code="UnreadableAnswer"), None
        return _assumed(asked, reply)


def _assumed(asked: Asked, reply: Any) -> tuple[Answer, Any]:
    """Read account and role out of `arn:aws:sts::111122223333:assumed-role/name/session`."""
    try:
        _, _, _, _, account_id, resource = reply["AssumedRoleUser"]["Arn"].split(":", 5)
        _, role_name, _ = resource.split("/")
        credentials = reply["Credentials"]
    except (KeyError, TypeError, ValueError):
        return Answer(asked, Outcome.SERVICE_ERROR, raw_code="UnreadableAnswer"), None
    request_id = short_id(reply.get("ResponseMetadata", {}).get("RequestId", ""))
    answer = Answer(
        asked, Outcome.ASSUMED, account_id=account_id[:64], role_name=role_name[:128], request_id=request_id
    )
    return answer, credentials
