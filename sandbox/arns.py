"""Role ARNs as the sandbox's AWS takes them apart. (The product has its own, stricter parser.)"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ROLE_ARN = re.compile(
    r"arn:(?P<partition>aws|aws-cn|aws-us-gov):iam::(?P<account_id>\d{12}):role"
    r"(?P<path>/(?:[\x21-\x7e]+/)?)(?P<name>[\w+=,.@-]{1,64})",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True)
class RoleName:
    """A role's full name, taken apart."""

    partition: str
    account_id: str
    path: str
    name: str

    @property
    def arn(self) -> str:
        """The role's ARN."""
        return f"arn:{self.partition}:iam::{self.account_id}:role{self.path}{self.name}"


def parse_role_arn(raw: str) -> RoleName | None:
    """Take the ARN of an IAM role apart; None when it is not one."""
    match = _ROLE_ARN.fullmatch(raw)
    return RoleName(**match.groupdict()) if match else None
