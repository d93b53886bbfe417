"""The box for the role: its ARN, alone or in a sentence or in JSON, or the address of its page in the console.

What names something else is named for what it is, with the account that it names, where the role is then expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from onboarding.ground.arn import AccountId, RoleArn, parse_account_id, parse_role_arn, spaced, what_it_is
from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text, say, together
from onboarding.pasted.access_keys import AccessKeyPasted, holds_access_key
from onboarding.pasted.account import Place, read_account
from onboarding.pasted.aws_names import FoundArn, RolePage, arns_in, decoded, role_pages_in
from onboarding.pasted.edges import bare, refuse_unseen

# These say all there is to say of a text that is a role's ARN, and nothing else.
_FINAL = frozenset({"role_arn_missing", "partition_unknown", "service_linked_role"})
# A name that a blank or the end of a line has cut in two goes on with its characters, and not with a sentence's end.
_END_OF_NAME = re.compile(r"\s{1,20}[A-Za-z0-9_+=,.@-]{0,63}[A-Za-z0-9_+=@-]", re.ASCII)
_WHERE = say("In the stack's Resources tab, open the IAM role, and copy the ARN at the top of its page.")


class NotTheRole(Refused):
    """What was pasted names something else than a role, in an account where the role may be."""

    def __init__(self, sentence: Text, place: Place) -> None:
        super().__init__("arn_of_something_else", sentence, _WHERE)
        self.place = place


def read_role(raw: str, *, account_id: AccountId | None, ours: RoleArn) -> RoleArn:
    """Return the one role in what somebody pasted. `account_id` is the connection's, where it is known.

    A role of the account of `ours`, the vendor's, only counts where there is no other. Raises Refused, among them
    AccessKeyPasted and NotTheRole.
    """
    if holds_access_key(raw):
        raise AccessKeyPasted
    text = bare(raw)
    try:
        return parse_role_arn(text)
    except Refused as refused:
        if refused.code in _FINAL:
            raise
        not_an_arn = refused
    refuse_unseen(text)
    text = decoded(text)
    found = arns_in(text)
    roles = [one for one in found if one.kind == "iam:role"]
    roles = [one for one in roles if one.account_id != ours.account_id] or roles
    if len(roles) > 1:
        raise _several(roles[0].text, roles[1].text)
    if roles:
        _refuse_blank(text, roles[0])
        return parse_role_arn(roles[0].text)
    return _on_its_page(text, account_id, ours) or _refused(text, found, ours, not_an_arn)


def _refuse_blank(text: str, role: FoundArn) -> None:
    """Raise Refused if the ARN is all of the text but for one word: cut at the blank, it would name another role."""
    before, _, after = text.partition(role.text)
    if _END_OF_NAME.fullmatch(after) and (not before.strip() or before.rstrip().endswith((":", "="))):
        raise Refused(
            "blank_in_name",
            say("There is a blank in the role’s ARN, behind “{before}”; an ARN has none.", before=role.base_name),
            say("Copy the ARN with the button beside ARN on the role’s page in AWS, and paste it alone."),
        )


def _several(one: str, other: str) -> Refused:
    return Refused(
        "several_roles",
        say("There are several role ARNs in it, such as {one} and {other}.", one=one, other=other),
        say("Paste one at a time: that of the role that the stack made."),
    )


def _on_its_page(text: str, account_id: AccountId | None, ours: RoleArn) -> RoleArn | None:
    """Return the role whose page's address it is; its ARN has no path there, so none is assumed."""
    pages = role_pages_in(text)
    if not pages:
        return None
    page = pages[0]
    another = next((one for one in pages if one.name != page.name or one.account_id != page.account_id), None)
    if another:
        raise _several_pages(page, another)
    account = page.account_id or account_id
    if not account:
        raise Refused(
            "role_page_without_account",
            say("That is the address of the role’s page, which does not say in which account the role is."),
            say("Copy the ARN at the top of that page, or type the account ID in step 1 first."),
        )
    return parse_role_arn(f"arn:{page.partition or ours.partition}:iam::{account}:role/{page.name}")


def _several_pages(one: RolePage, other: RolePage) -> Refused:
    names = {"one": one.name, "other": other.name}
    return Refused(
        "several_roles",
        say("There are the addresses of several roles in it: {one} and {other}.", **names),
        say("Paste one at a time: that of the role that the stack made."),
    )


def _refused(text: str, found: Sequence[FoundArn], ours: RoleArn, not_an_arn: Refused) -> RoleArn:
    """Raise what the text is instead of a role."""
    named = next((one for one in found if one.account_id), None)
    if named:
        raise NotTheRole(_what(named), Place(parse_account_id(named.account_id), named.partition))
    if found or not_an_arn.code != "role_arn_malformed" or any(character.isalpha() for character in text):
        raise not_an_arn
    try:
        place = read_account(text, ours=ours.account_id)
    except Refused:
        raise not_an_arn from None
    raise NotTheRole(say("That is an account ID, not the role’s ARN."), place)


def _what(arn: FoundArn) -> Text:
    if arn.kind == "cloudformation:stack":
        return say(
            "That is the stack {name} in account {account}, region {region}: this is the stack, not the role.",
            name=arn.name,
            account=spaced(arn.account_id),
            region=arn.region,
        )
    if arn.kind == "sts:assumed-role":
        return together(what_it_is(arn.kind), say("Its role is called {name}.", name=arn.name))
    return what_it_is(arn.kind)
