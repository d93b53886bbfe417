"""The question about one role that the tests of AwsRoles ask."""

from __future__ import annotations

from aws.roles import AwsRoles
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.external_id import ExternalId
from onboarding.proof.answer import Answer, Asked
from tests.sandbox_callers import RIGHT, ROLE_ARN

ROLE = parse_role_arn(ROLE_ARN)
EXTERNAL_ID = ExternalId(RIGHT)


def ask(roles: AwsRoles, asked: Asked = Asked.RIGHT, external_id: ExternalId | None = EXTERNAL_ID) -> Answer:
    return roles.assume(ROLE, asked=asked, external_id=external_id, session_name="rolecall-ab12cd34")
