"""Account IDs and role ARNs: parsed once at the door, right ever after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NewType

from onboarding.partitions import PARTITIONS

AccountId = NewType("AccountId", str)

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html gives the character sets of path and name.
_ROLE = re.compile(
    r"arn:(?P<partition>[a-z-]+):iam::(?P<account_id>[0-9]{12}):role"
    r"(?P<path>/|/[\x21-\x7e]{1,510}/)(?P<name>[A-Za-z0-9_+=,.@-]{1,64})",
    re.ASCII,
)
_ANY_ARN = re.compile(r"arn:[a-z-]*:(?P<service>[a-z0-9-]*):[^:]*:[^:]*:(?P<kind>[a-z-]*)", re.ASCII)
_PASTED_AROUND = " \t\r\n\"'`,;\u200b\u00a0"


class Refused(ValueError):
    """Input that a person can put right: `code` for programs, `sentence` and `remedy` for the person."""

    def __init__(self, code: str, sentence: str, remedy: str = "") -> None:
        super().__init__(f"{sentence} {remedy}".strip())
        self.code = code
        self.sentence = sentence
        self.remedy = remedy


@dataclass(frozen=True)
class RoleArn:
    """The ARN of one IAM role; `path` starts and ends with a slash. `str()` gives the ARN."""

    partition: str
    account_id: AccountId
    path: str
    name: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role{self.path}{self.name}"


def parse_account_id(raw: str) -> AccountId:
    """Return the twelve digits in what somebody typed (spaces and hyphens are how AWS prints them).

    Raises Refused. Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
    """
    digits = re.sub(r"[\s-]", "", raw)
    if not re.fullmatch(r"[0-9]{12}", digits, re.ASCII):
        raise Refused(
            "account_id_malformed",
            "An AWS account ID is 12 digits.",
            "In the AWS console, open the menu with your name at the top right and copy the number beside Account ID.",
        )
    return AccountId(digits)


def parse_role_arn(raw: str) -> RoleArn:
    """Return the role ARN in what somebody pasted, less the quotes and blanks around it. Raises Refused.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    text = raw.strip(_PASTED_AROUND)
    found = _ROLE.fullmatch(text)
    if found is None:
        raise _explained(text)
    if found["partition"] not in PARTITIONS:
        raise Refused(
            "partition_unknown",
            f"“{found['partition']}” is not an AWS partition that we know.",
            "Copy the role's ARN from AWS once more; it starts with arn:aws.",
        )
    if found["path"].startswith("/aws-service-role/"):
        raise Refused(
            "service_linked_role",
            "That role belongs to an AWS service, and nobody else can use it.",
            "Copy the ARN of the role that the stack made: its name is on this page.",
        )
    return RoleArn(found["partition"], AccountId(found["account_id"]), found["path"], found["name"])


def _explained(text: str) -> Refused:
    """Say what the pasted text is, where we can tell, rather than only that it is wrong."""
    if not text:
        return Refused("role_arn_missing", "There is no role ARN here yet.", "Paste the ARN you copied in step 8.")
    arn = _ANY_ARN.match(text)
    if arn is None:
        return Refused(
            "role_arn_malformed",
            "That is not a role ARN.",
            "It looks like arn:aws:iam::111122223333:role/name. Copy it with the button beside ARN on the role's page.",
        )
    kind = f"{arn['service']}:{arn['kind']}"
    if kind == "iam:role":
        return Refused(
            "role_arn_malformed",
            "That role ARN is incomplete or has a character too many.",
            "Copy it with the button beside ARN on the role's page in AWS.",
        )
    names = {
        "sts:assumed-role": "a session's ARN",
        "iam:user": "a user's ARN",
        "iam:policy": "a policy's ARN",
        "iam:instance-profile": "an instance profile's ARN",
        "iam:root": "an account's ARN",
        "cloudformation:stack": "the stack's ARN",
    }
    return Refused(
        "arn_of_something_else",
        f"That is {names.get(kind, 'the ARN of something else')}, not a role's.",
        "In the stack's Resources tab, open the IAM role, and copy the ARN at the top of its page.",
    )


def spaced(account_id: str) -> str:
    """Return an account ID as AWS prints it, in groups of four: 1111-2222-3333."""
    return "-".join(re.findall(r".{4}", account_id)) if len(account_id) == 12 else account_id
