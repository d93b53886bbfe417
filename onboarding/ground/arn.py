"""Account IDs and role ARNs: parsed once where they come in, and valid from then on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text, say

AccountId = NewType("AccountId", str)

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html gives the character sets of path and name.
_ROLE = re.compile(
    r"arn:(?P<partition>[a-z-]+):iam::(?P<account_id>[0-9]{12}):role"
    r"(?P<path>/|/[\x21-\x7e]{1,510}/)(?P<name>[A-Za-z0-9_+=,.@-]{1,64})",
    re.ASCII,
)
_ANY_ARN = re.compile(r"arn:[a-z-]*:(?P<service>[a-z0-9-]*):[^:]*:[^:]*:(?P<kind>[a-z-]*)", re.ASCII)
_PASTED_AROUND = " \t\r\n\"'`,;\u200b\u00a0"


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
            say("An AWS account ID is 12 digits."),
            say(
                "In the AWS console, open the menu with your name at the top right "
                "and copy the number beside Account ID."
            ),
        )
    return AccountId(digits)


def parse_role_arn(raw: str) -> RoleArn:
    """Return the role ARN in what somebody pasted, without the quotes and blanks around it. Raises Refused.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    text = raw.strip(_PASTED_AROUND)
    found = _ROLE.fullmatch(text)
    if found is None:
        raise _explained(text)
    if found["partition"] not in PARTITIONS:
        raise unknown_partition(found["partition"])
    if found["path"].startswith("/aws-service-role/"):
        raise Refused(
            "service_linked_role",
            say("That role belongs to an AWS service, and nobody else can use it."),
            say("Copy the ARN of the role that the stack made."),
        )
    return RoleArn(found["partition"], AccountId(found["account_id"]), found["path"], found["name"])


def _explained(text: str) -> Refused:
    """Say what the pasted text is, if we can tell, and not only that it is wrong."""
    if not text:
        return Refused(
            "role_arn_missing", say("There is no role ARN here yet."), say("Paste the ARN you copied in step 8.")
        )
    arn = _ANY_ARN.match(text)
    if arn is None:
        return Refused(
            "role_arn_malformed",
            say("That is not a role ARN."),
            say(
                "It looks like arn:aws:iam::111122223333:role/name. "
                "Copy it with the button beside ARN on the role's page."
            ),
        )
    kind = f"{arn['service']}:{arn['kind']}"
    if kind == "iam:role":
        return Refused(
            "role_arn_malformed",
            say("That role ARN is incomplete or has an extra character."),
            say("Copy it with the button beside ARN on the role's page in AWS."),
        )
    return Refused(
        "arn_of_something_else",
        what_it_is(kind),
        say("In the stack's Resources tab, open the IAM role, and copy the ARN at the top of its page."),
    )


_NAMES: Mapping[str, Text] = {
    "sts:assumed-role": say("That is a session's ARN, not a role's."),
    "iam:user": say("That is a user's ARN, not a role's."),
    "iam:policy": say("That is a policy's ARN, not a role's."),
    "iam:instance-profile": say("That is an instance profile's ARN, not a role's."),
    "iam:root": say("That is an account's ARN, not a role's."),
    "cloudformation:stack": say("That is the stack's ARN, not a role's."),
}


def what_it_is(kind: str) -> Text:
    """Return what an ARN of that kind is instead of a role's; a kind is like iam:user."""
    return _NAMES.get(kind, say("That is the ARN of something else, not a role's."))


def unknown_partition(partition: str) -> Refused:
    """Return the refusal of an ARN in a part of AWS that Rolecall knows nothing of."""
    return Refused(
        "partition_unknown",
        say("The part of AWS called “{partition}” is not served by this installation.", partition=partition),
        say("Use an account in another part of AWS, or ask us whether we serve this one."),
    )


def spaced(account_id: str) -> str:
    """Return an account ID as AWS prints it, in groups of four: 1111-2222-3333."""
    return "-".join(re.findall(r".{4}", account_id)) if len(account_id) == 12 else account_id
