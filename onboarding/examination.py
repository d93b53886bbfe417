"""The examiner, for one connection: with which role and external ID the pasted policy is compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import IssuedId
from onboarding.model import Connection
from onboarding.trust.examiner import Examination, examine
from onboarding.trust.expected import ExpectedTrust


def examine_for(
    connection: Connection, raw: object, *, issued: Sequence[IssuedId], trusted: RoleArn, now: datetime
) -> Examination:
    """Examine what the tenant pasted against the external ID that is bound or pinned, else the newest of `issued`.

    Once one is bound the others no longer work, whatever their age.
    """
    bound = connection.bound_external_id
    return examine(
        raw,
        expected=ExpectedTrust.of(trusted, connection.settled_external_id or issued[-1].external_id),
        issued=[i for i in issued if bound in (None, i.external_id)],
        claimed=connection.claimed_role_arn,
        now=now,
    )
