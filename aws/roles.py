"""onboarding.ports.Roles on STS: one AssumeRole, and AWS's answer in the domain's words."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from aws.answers import outcome_of, raw_code, request_id_of
from onboarding.arn import RoleArn
from onboarding.external_id import ExternalId
from onboarding.probe import Answer, Asked, Outcome

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

log = logging.getLogger("rolecall.aws")

# The shortest session there is, and one that may do nothing: a proof needs no power.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
SESSION_SECONDS = 900
DENY_ALL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}, separators=(",", ":")
)


class StsRoles:
    """Asks STS. `sts` returns the client, so that it is made on the first question and not at start."""

    def __init__(self, sts: Callable[[], STSClient]) -> None:
        self._sts = sts

    def assume(self, role_arn: RoleArn, *, asked: Asked, external_id: ExternalId | None, session_name: str) -> Answer:
        request: dict[str, Any] = {
            "RoleArn": str(role_arn),
            "RoleSessionName": session_name,
            "DurationSeconds": SESSION_SECONDS,
            "Policy": DENY_ALL,
        }
        if external_id is not None:
            request["ExternalId"] = external_id
        try:
            reply = self._sts().assume_role(**request)
        except (ClientError, BotoCoreError) as error:
            return Answer(asked, outcome_of(error), request_id=request_id_of(error), raw_code=raw_code(error))
        except (ResponseParserError, KeyError):
            # What botocore raises for a body that is not STS's, such as a proxy's own page.
            log.warning("sts.unreadable_answer")
            return Answer(asked, Outcome.SERVICE_ERROR, raw_code="UnreadableAnswer")
        return _assumed(asked, reply)


def _assumed(asked: Asked, reply: Any) -> Answer:
    """Read account and role out of `arn:aws:sts::111122223333:assumed-role/name/session`."""
    try:
        _, _, _, _, account_id, resource = reply["AssumedRoleUser"]["Arn"].split(":", 5)
        _, role_name, _ = resource.split("/")
    except (KeyError, TypeError, ValueError):
        return Answer(asked, Outcome.SERVICE_ERROR, raw_code="UnreadableAnswer")
    request_id = reply.get("ResponseMetadata", {}).get("RequestId", "")
    return Answer(asked, Outcome.ASSUMED, account_id=account_id, role_name=role_name, request_id=request_id)
