"""How each role shape of the table is made, at the desk of a tenant's administrator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.abuse.policies import LONGEST_POLICY, POLICIES
from tests.builders import ACCOUNT, OTHER_ACCOUNT, VENDOR_ACCOUNT
from tests.contract.role_desk import Desk

AWS_MANAGED = "arn:aws:iam::aws:policy"
ROOT, STRANGERS = f"arn:aws:iam::{VENDOR_ACCOUNT}:root", f"arn:aws:iam::{OTHER_ACCOUNT}:root"
OUR_ROLE = f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall"

IS_US = {"ArnEquals": {"aws:PrincipalArn": OUR_ROLE}}
WITH_ID = {"StringEquals": {"sts:ExternalId": "$ID"}}


def allow(
    principal: Any = ROOT, *, action: Any = "sts:AssumeRole", effect: str = "Allow", **condition: Any
) -> dict[str, Any]:
    """A statement of a trust policy; without `condition` named, the one that the template makes."""
    asks = condition.get("condition", {**IS_US, **WITH_ID})
    who = principal if principal == "*" else {"AWS": principal}
    return {"Effect": effect, "Principal": who, "Action": action, **({"Condition": asks} if asks else {})}


def trust(*statements: dict[str, Any]) -> Callable[[Desk], None]:
    """The stack as published, and then another trust policy by hand."""

    def make(desk: Desk) -> None:
        desk.create_stack()
        desk.trust(list(statements))

    return make


def then(*meddle: Callable[[Desk], object]) -> Callable[[Desk], None]:
    """The stack as published, and then something done to it by hand."""

    def make(desk: Desk) -> None:
        desk.create_stack()
        for act in meddle:
            act(desk)

    return make


def edited(*changes: tuple[str, str]) -> Callable[[Desk], None]:
    """A stack from a template that the tenant changed."""

    def edit(text: str) -> str:
        for old, new in changes:
            assert text.count(old) == 1, f"the template does not hold {old!r} once"
            text = text.replace(old, new)
        return text

    return lambda desk: desk.create_stack(edit)


def statement(sid: str, **changes: Any) -> Callable[[Desk], None]:
    """The role's own policy with one statement changed, or taken out where nothing is said."""

    def change(statements: list[Any]) -> list[Any]:
        assert sid in {s["Sid"] for s in statements}
        if not changes:
            return [s for s in statements if s["Sid"] != sid]
        return [{**s, **changes} if s["Sid"] == sid else s for s in statements]

    return lambda desk: desk.rewrite(change)


def claim(role_arn: str) -> Callable[[Desk], None]:
    """No role made at all: the tenant names one."""
    return lambda desk: setattr(desk, "claimed", role_arn)


def many_policies(desk: Desk) -> None:
    """More inline policies than are read, the one that matters the last."""
    for number in range(25):
        desk.put(f"small-{number:02}", [{"Effect": "Allow", "Action": "budgets:ViewBudget", "Resource": "*"}])
    desk.put("zz", [{"Effect": "Allow", "Action": "*", "Resource": "*"}])


def stack_of_another_role(desk: Desk) -> None:
    other = Desk(desk.tenant, handle="zzzz9999")
    other.create_stack()
    desk.create_stack()
    statement("OwnStack", Resource=other.stack_id)(desk)


NAME_LINE = "      RoleName: "
PATH = (NAME_LINE, "      Path: /tenants/\n" + NAME_LINE)
OWN_PATH = ("${AWS::AccountId}:role/${Prefix}", "${AWS::AccountId}:role/tenants/${Prefix}")
NEVER_MADE = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/gone/0a1b2c3d-0000-1111-2222-333344445555"
ELSEWHERE = f"arn:aws:cloudformation:mars-north-1:{ACCOUNT}:stack/gone/0a1b2c3d-0000-1111-2222-333344445555"

MAKES: Mapping[str, Callable[[Desk], object]] = {
    "as published": then(),
    # Whom it trusts, and on what condition
    "no condition on the external ID": trust(allow(condition=IS_US)),
    "no condition at all": trust(allow(condition={})),
    "StringEqualsIfExists": trust(allow(condition={**IS_US, "StringEqualsIfExists": {"sts:ExternalId": "$ID"}})),
    "StringLike *": trust(allow(condition={**IS_US, "StringLike": {"sts:ExternalId": "*"}})),
    "StringLike prefix-*": trust(allow(condition={**IS_US, "StringLike": {"sts:ExternalId": "$NAME-*"}})),
    "StringEqualsIgnoreCase": trust(allow(condition={**IS_US, "StringEqualsIgnoreCase": {"sts:ExternalId": "$ID"}})),
    "StringLike without a wildcard": trust(allow(condition={**IS_US, "StringLike": {"sts:ExternalId": "$ID"}})),
    "several external IDs, ours among them": trust(
        allow(condition={**IS_US, "StringEquals": {"sts:ExternalId": ["$ID", "another-vendors"]}})
    ),
    "a second, bare statement": trust(allow(), allow(condition={})),
    "a second statement for another account": trust(allow(), allow(STRANGERS, condition={})),
    "a Deny when the ID is missing": trust(
        allow(), allow("*", effect="Deny", condition={"Null": {"sts:ExternalId": "true"}})
    ),
    "a Deny when the ID is missing, instead of a condition": trust(
        allow(condition=IS_US), allow("*", effect="Deny", condition={"Null": {"sts:ExternalId": "true"}})
    ),
    "a Deny that hits us": trust(allow(), allow(ROOT, effect="Deny", condition={})),
    "another role of ours": trust(allow(condition={"ArnEquals": {"aws:PrincipalArn": f"{OUR_ROLE}-other"}, **WITH_ID})),
    "our whole account": trust(allow(condition=WITH_ID)),
    "our role as the principal itself": trust(allow(OUR_ROLE, condition=WITH_ID)),
    "another account beside ours": trust(allow([ROOT, STRANGERS], condition=WITH_ID)),
    "anybody who knows the ID": trust(allow("*", condition=WITH_ID)),
    "another account instead of ours": trust(allow(STRANGERS)),
    "sts:TagSession too": trust(allow(action=["sts:AssumeRole", "sts:TagSession"])),
    "made with another external ID": lambda desk: desk.create_stack(external_id=f"{desk.name}-{'f' * 32}"),
    # Where it is
    "no such role": claim(f"arn:aws:iam::{ACCOUNT}:role/northwind-nothere0"),
    "in our own account": claim(f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall"),
    "in another partition": claim(f"arn:aws-cn:iam::{ACCOUNT}:role/northwind-7kq2m9xd"),
    # It may read itself by its own name alone, so a role of another name or path cannot be looked into
    "renamed in the template": edited((NAME_LINE + "!Join", NAME_LINE + "renamed-by-hand\n      Description: !Join")),
    "with a path": edited(PATH),
    "with a path that it knows of": edited(PATH, OWN_PATH),
    # What it may do
    "AdministratorAccess attached": then(lambda desk: desk.attach(f"{AWS_MANAGED}/AdministratorAccess")),
    "ReadOnlyAccess attached": then(lambda desk: desk.attach(f"{AWS_MANAGED}/ReadOnlyAccess")),
    "a policy of the tenant's own attached": then(lambda desk: desk.attach(desk.own_policy("theirs", "s3:ListBucket"))),
    "an inline policy too many": then(
        lambda desk: desk.put("more", [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}])
    ),
    "more inline policies than are read": then(many_policies),
    "a statement missing": then(statement("Budgets")),
    "a wildcard instead of actions": then(statement("Compute", Action="ec2:*")),
    "fewer resources": then(statement("Tags", Resource="arn:aws:s3:::one-bucket")),
    "policies too complex to judge": then(
        lambda desk: desk.put("long", POLICIES["long wildcards"](LONGEST_POLICY)["Statement"])
    ),
    "a Deny of one action": then(
        lambda desk: desk.put("no", [{"Effect": "Deny", "Action": "s3:GetBucketTagging", "Resource": "*"}])
    ),
    "actions in another order and case": then(
        lambda desk: desk.rewrite(
            lambda all_: [
                {**s, "Action": [a.upper() for a in reversed(s["Action"])]} if s["Sid"] == "Compute" else s
                for s in reversed(all_)
            ]
        )
    ),
    "a boundary that lets it read itself": then(lambda desk: desk.bound(f"{AWS_MANAGED}/ReadOnlyAccess")),
    "a boundary that takes that away": then(lambda desk: desk.bound(desk.own_policy("edge", "s3:*"))),
    "a boundary that takes nothing away": then(lambda desk: desk.bound(f"{AWS_MANAGED}/AdministratorAccess")),
    "OwnRole missing": then(statement("OwnRole")),
    "OwnRole missing, a minute old": then(statement("OwnRole")),
    # What made it
    "OwnStack missing": then(statement("OwnStack")),
    "the stack deleted, the role kept": then(Desk.delete_stack_but_keep_role),
    "a stack that never was": then(statement("OwnStack", Resource=NEVER_MADE)),
    "a stack in a region that is none": then(statement("OwnStack", Resource=ELSEWHERE)),
    "the stack of another role": stack_of_another_role,
    "the stack in progress": then(lambda desk: desk.stack_is("UPDATE_IN_PROGRESS")),
    "an update that failed half-way": then(lambda desk: desk.stack_is("UPDATE_ROLLBACK_FAILED")),
    "an update rolled back": then(lambda desk: desk.stack_is("UPDATE_ROLLBACK_COMPLETE")),
    "an older template": edited(("Value: '1.0.0'", "Value: '0.9.12'")),
    "a newer template": edited(("Value: '1.0.0'", "Value: '1.10.0'")),
    "a template without a version": edited(("  TemplateVersion:\n", "  Something:\n")),
}
