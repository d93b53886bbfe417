"""ARNs and addresses of the AWS console in a text: what each is of, in which account, region and part of AWS.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html;
https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/multisession.html (the account in the console's host).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

# A name ends where it could not go on: a text that goes on with another character is not cut short to a wrong name.
_ARN = re.compile(
    r"\barn:(?P<partition>[a-z][a-z0-9-]{0,20}):(?P<service>[a-z0-9-]{1,40}):(?P<region>[a-z0-9-]{0,30}):"
    r"(?P<account_id>[0-9]{12}|aws|):(?P<resource>[A-Za-z0-9_+=,.@:/*-]{1,1000}+)(?=[\s\"'`<>()\[\]{}|\\;&?#!”’»]|$)",
    re.ASCII,
)
_ROLE_PAGE = re.compile(
    r"https://(?:(?P<account_id>[0-9]{12})-[a-z0-9]{1,20}\.)?(?:[a-z0-9-]{1,30}\.)?"
    r"console\.(?P<host>aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn|amazonaws\.eu)"
    r"/iam(?:v2)?/[^\s#]{0,200}#/?roles/(?:details/)?(?P<name>[A-Za-z0-9_+=,.@%-]{1,200}+)",
    re.ASCII,
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html
_SWITCH = re.compile(r"[?&](roleName|account)=([A-Za-z0-9_+=,.@%-]{1,200})", re.ASCII)
_PARTITION_OF: Mapping[str, str] = {
    "aws.amazon.com": "aws",
    "amazonaws-us-gov.com": "aws-us-gov",
    "amazonaws.cn": "aws-cn",
    "amazonaws.eu": "aws-eusc",
}
_ENCODED_COLON = re.compile(r"arn%(?:25)?3A", re.IGNORECASE)


@dataclass(frozen=True)
class FoundArn:
    """An ARN as it stands in a text. `kind` is like iam:role; `account_id` is empty where it names none."""

    text: str
    kind: str
    partition: str
    region: str
    account_id: str

    @property
    def name(self) -> str:
        """What comes behind the kind, as in stack/NAME/id and assumed-role/NAME/session."""
        return [*self.text.split("/"), ""][1]

    @property
    def base_name(self) -> str:
        """What comes behind the last slash: a role's name without its path."""
        return self.text.rpartition("/")[2]


@dataclass(frozen=True)
class RolePage:
    """The address of a role's page in the console; account and part of AWS are empty where it has none."""

    partition: str
    account_id: str
    name: str


def decoded(text: str) -> str:
    """Return the text with the ARNs in its addresses readable: consoles encode them, once or twice."""
    for _ in range(2):
        if _ENCODED_COLON.search(text):
            text = unquote(text, errors="replace")
    return text


def arns_in(text: str) -> tuple[FoundArn, ...]:
    """Return each ARN in the text once, in the order in which they stand."""
    return tuple(dict.fromkeys(_found(match) for match in _ARN.finditer(text)))


def _found(match: re.Match[str]) -> FoundArn:
    kind = re.split(r"[/:]", match["resource"], maxsplit=1)[0]
    account_id = match["account_id"].replace("aws", "")
    # The full stop or comma of the sentence around it.
    return FoundArn(
        match[0].rstrip(".,:"),
        f"{match['service']}:{kind.rstrip('.,')}",
        match["partition"],
        match["region"],
        account_id,
    )


def role_page_in(text: str) -> RolePage | None:
    """Return the role of which the text has the address: that of its page, or the link to switch to it."""
    return next(iter(role_pages_in(text)), None)


def role_pages_in(text: str) -> tuple[RolePage, ...]:
    """Return each role of which the text has the address once, as role_page_in does the first."""
    pages = [
        RolePage(_PARTITION_OF[match["host"]], match["account_id"] or "", unquote(match["name"]))
        for match in _ROLE_PAGE.finditer(text)
    ]
    link = None if pages else _switched_to(text)
    return tuple(dict.fromkeys([link] if link else pages))


def _switched_to(text: str) -> RolePage | None:
    link = dict(_SWITCH.findall(text)) if "/switchrole?" in text else {}
    if "roleName" not in link:
        return None
    account = link.get("account", "")
    # An account's alias can stand there too.
    return RolePage("", account if len(account) == 12 and account.isdecimal() else "", unquote(link["roleName"]))
