"""The box for the role: its ARN, alone or in a sentence or in JSON, or the address of its page in the console.

What names something else is named for what it is, with the account that it names, where the role is then expected.
"""

from __future__ import annotations

from collections.abc import Sequence

from onboarding.ground.arn import AccountId, RoleArn, parse_account_id, parse_role_arn, spaced, what_it_is
from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text, say, together
from onboarding.pasted.access_keys import AccessKeyPasted, holds_access_key
from onboarding.pasted.account import Place, read_account
from onboarding.pasted.aws_names import FoundArn, arns_in, decoded, role_page_in
from onboarding.pasted.edges import bare, refuse_unseen

# These say all there is to say of a text that is a role's ARN, and nothing else.
_FINAL = frozenset({"role_arn_missing", "partition_unknown", "service_linked_role"})
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
        raise _several(roles)
    if roles:
        return parse_role_arn(roles[0].text)
    return _on_its_page(text, account_id, ours) or _refused(text, found, ours, not_an_arn)


def _several(roles: Sequence[FoundArn]) -> Refused:
    return Refused(
        "several_roles",
        say("There are several role ARNs in it, such as {one} and {other}.", one=roles[0].text, other=roles[1].text),
        say("Paste one at a time: that of the role that the stack made."),
    )


def _on_its_page(text: str, account_id: AccountId | None, ours: RoleArn) -> RoleArn | None:
    """Return the role whose page's address it is; its ARN has no path there, so none is assumed."""
    page = role_page_in(text)
    if page is None:
        return None
    account = page.account_id or account_id
    if not account:
        raise Refused(
            "role_page_without_account",
            say("That is the address of the role’s page, which does not say in which account the role is."),
            say("Copy the ARN at the top of that page, or type the account ID in step 1 first."),
        )
    return parse_role_arn(f"arn:{page.partition or ours.partition}:iam::{account}:role/{page.name}")


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
