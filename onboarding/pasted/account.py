"""The box for an account: its ID as people have it, an ARN or address that names it, or a sentence with one of these.

Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html (12 digits; programs that
take it for a number lose its leading zeros).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from onboarding.ground.arn import AccountId, parse_account_id, spaced
from onboarding.ground.refused import Refused
from onboarding.ground.wording import say
from onboarding.pasted.access_keys import AccessKeyPasted, holds_access_key
from onboarding.pasted.aws_names import arns_in, decoded, role_page_in
from onboarding.pasted.edges import bare, refuse_unseen

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))
_DIGITS = re.compile(r"[0-9]+")
_BLANK = re.compile(r"\s")
# Before it can stand a name, as in prod-111122223333, but no part of a UUID or an ARN.
_ACCOUNT = re.compile(
    r"(?<![\w+.-])(?:(?<![:/])[A-Za-z][A-Za-z-]{0,30}[_-])?"
    r"(?P<account>[0-9]{12}|[0-9]{4}(?:[ -]{1,3}[0-9]{4}){2}|[0-9]{4}\.[0-9]{4}\.[0-9]{4}|[0-9]{4}_[0-9]{4}_[0-9]{4})"
    r"(?![^\W_]|[_-][0-9]|\.[0-9]{4})"
)
_DATE = re.compile(r"(?<![0-9-])20[0-9]{2}-[01][0-9]-[0-3][0-9](?![0-9-])")
# Groups of which the first is short; of 1111-2222-333 it is the end that is missing.
_SHORT_GROUPS = re.compile(r"[0-9]{3}[ -]{1,3}[0-9]{4}[ -]{1,3}[0-9]{4}|[0-9]{2}(?:[ ,'-][0-9]{3}){3}")
_ONE_SHORT = re.compile(r"(?<![\w+.-])[0-9]{11}(?![\w.-])")


@dataclass(frozen=True)
class Place:
    """An account that somebody named, and its part of AWS; empty where only digits were given."""

    account_id: AccountId
    partition: str = ""


def read_account(raw: str, *, ours: AccountId) -> Place:
    """Return the one account in what somebody typed or pasted; `ours` only if it names no other.

    Raises Refused, AccessKeyPasted among them.
    """
    if holds_access_key(raw):
        raise AccessKeyPasted
    text = bare(raw)
    refuse_unseen(text)
    text = _BLANK.sub(" ", decoded(text).translate(_DASHES))
    # Only beside an account is a date one: its digits could be some of an account's.
    matches = _accounts_in(text) or _accounts_in(_DATE.sub(" ", text))
    found = set(matches) - {ours} or set(matches)
    if len(found) > 1:
        raise _several(found)
    if not found:
        raise _no_account(text)
    account_id = parse_account_id(found.pop())
    return Place(account_id, _partition(text, account_id))


def _accounts_in(text: str) -> list[str]:
    digits = text.replace(" ", "").replace("-", "")
    matches = [re.sub(r"[^0-9]", "", match["account"]) for match in _ACCOUNT.finditer(text)]
    if _DIGITS.fullmatch(digits) and len(digits) != 12 * len(matches):
        return [digits] if len(digits) == 12 else []
    return matches


def _partition(text: str, account_id: AccountId) -> str:
    """Return the part of AWS that an ARN or an address in the text puts the account in."""
    named = [*arns_in(text), role_page_in(text)]
    return next((one.partition for one in named if one and one.account_id in (account_id, "")), "")


def _several(found: set[str]) -> Refused:
    one, other, *_ = sorted(found)
    return Refused(
        "several_accounts",
        say("There are several account IDs in it, such as {one} and {other}.", one=spaced(one), other=spaced(other)),
        say("Paste one at a time: each account is a connection of its own."),
    )


def _no_account(text: str) -> Refused:
    digits = text.replace(" ", "").replace("-", "")
    short = [re.sub(r"[^0-9]", "", text)] if _SHORT_GROUPS.fullmatch(text) else _ONE_SHORT.findall(text)
    if len(short) == 1:
        return Refused(
            "account_id_short",
            say(
                "That is 11 digits: a leading zero was probably lost; did you mean {account}?",
                account=spaced(f"0{short[0]}"),
            ),
            say("Spreadsheets drop it. Compare with the number beside Account ID in the AWS console, and type all 12."),
        )
    return Refused(
        "account_id_malformed",
        say("An AWS account ID is 12 digits. That has {count}.", count=len(digits))
        if _DIGITS.fullmatch(digits)
        else say("An AWS account ID is 12 digits."),
        say("In the AWS console, open the menu with your name at the top right and copy the number beside Account ID."),
    )
