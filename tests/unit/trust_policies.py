"""Trust policies by what is wrong with them, and the differences that must be named: data for test_trust.py."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from onboarding.trust.comparison import corrected_policy
from onboarding.trust.differences import Severity
from onboarding.trust.expected import ExpectedTrust
from tests.builders import EXTERNAL_ID, HANDLE, VENDOR_ACCOUNT

ROLE = f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall"
ROOT = f"arn:aws:iam::{VENDOR_ACCOUNT}:root"
STRANGER = "arn:aws:iam::123412341234:root"
EXPECTED = ExpectedTrust("aws", VENDOR_ACCOUNT, ROLE, EXTERNAL_ID)
OTHER_ID = f"northwind-{HANDLE}-" + "9" * 32
LOOSE, SHUT, DIFFERENT = Severity.LOOSE, Severity.SHUT, Severity.DIFFERENT


def ours(**changed: Any) -> dict[str, Any]:
    """Our statement with elements replaced, or left out where they are None."""
    statement = {**deepcopy(corrected_policy(EXPECTED)["Statement"][0]), **changed}
    return {name: value for name, value in statement.items() if value is not None}


def policy(*statements: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **others}


def with_id(operator: str, value: Any, key: str = "sts:ExternalId") -> dict[str, Any]:
    return ours(Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}, operator: {key: value}})


def with_arn(operator: str, value: Any) -> dict[str, Any]:
    return ours(Condition={operator: {"aws:PrincipalArn": value}, "StringEquals": {"sts:ExternalId": EXTERNAL_ID}})


def with_more(operator: str, key: str, value: Any) -> dict[str, Any]:
    statement = ours()
    statement["Condition"].setdefault(operator, {})[key] = value
    return statement


def deny(**others: Any) -> dict[str, Any]:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", **others}
    return {name: value for name, value in statement.items() if value is not None}


def aws(*principals: str) -> dict[str, Any]:
    return {"AWS": list(principals)}


ID_ONLY = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
ARN_ONLY = {"ArnEquals": {"aws:PrincipalArn": ROLE}}

EXACT: list[tuple[str, dict[str, Any]]] = [
    ("what the template makes", policy(ours())),
    ("one statement without a list", {"Version": "2012-10-17", "Statement": ours()}),
    ("no version", {"Statement": [ours()]}),
    ("another Sid and an Id", policy(ours(Sid="Else"), Id="x")),
    ("no Sid", policy(ours(Sid=None))),
    ("lists of one", policy(ours(Action=["sts:AssumeRole"], Principal={"AWS": [ROOT]}))),
    ("the account by its number", policy(ours(Principal={"AWS": VENDOR_ACCOUNT}))),
    ("the same value twice", policy(with_id("StringEquals", [EXTERNAL_ID, EXTERNAL_ID]))),
    ("names in other letter case", policy(with_id("StringEquals", EXTERNAL_ID, key="STS:externalid"))),
    ("the action in other letter case", policy(ours(Action="STS:assumerole"))),
]

# (what it is, the statements, the differences as code: severity)
DIFFERENCES: list[tuple[str, list[dict[str, Any]], dict[str, Severity]]] = [
    # More statements than one
    ("a second, bare statement", [ours(), ours(Condition=None)],
     {"extra_statement_lets_in": LOOSE, "account_not_narrowed": LOOSE, "external_id_missing": LOOSE}),
    ("a second statement with another ID", [ours(), with_id("StringEquals", OTHER_ID)],
     {"extra_statement_lets_in": LOOSE, "external_id_other": LOOSE}),
    ("the same statement twice", [ours(), ours(Sid="Again")], {"extra_statement": DIFFERENT}),
    ("a second statement for a dead role", [ours(), ours(Principal=aws("AROAEXAMPLEEXAMPLEEX"))],
     {"extra_statement": DIFFERENT, "principal_dead": DIFFERENT}),
    # Principals
    ("everybody, our role alone by condition", [ours(Principal="*")], {"principal_everybody_narrowed": DIFFERENT}),
    ("everybody", [ours(Principal="*", Condition=ID_ONLY)], {"principal_everybody": LOOSE}),
    ("AWS: everybody", [ours(Principal=aws("*"), Condition=ID_ONLY)], {"principal_everybody": LOOSE}),
    ("the account without our role", [ours(Condition=ID_ONLY)], {"account_not_narrowed": LOOSE}),
    ("another account too", [ours(Principal=aws(ROOT, STRANGER), Condition=ID_ONLY)],
     {"account_not_narrowed": LOOSE, "principal_other_account": LOOSE}),
    ("another account instead", [ours(Principal=aws(STRANGER))], {"principal_not_us": SHUT}),
    ("another account instead, open", [ours(Principal=aws(STRANGER), Condition=ID_ONLY)],
     {"principal_other_account": LOOSE, "not_let_in": SHUT}),
    ("another role of ours too", [ours(Principal=aws(ROLE, ROLE.replace("northwind-rolecall", "intern")),
                                       Condition=ID_ONLY)], {"principal_direct": DIFFERENT, "principal_other": LOOSE}),
    ("our role directly", [ours(Principal=aws(ROLE), Condition=ID_ONLY)], {"principal_direct": DIFFERENT}),
    ("our role with a typo", [ours(Principal=aws(ROLE.replace("rolecall", "rolecal")), Condition=ID_ONLY)],
     {"principal_misspelt": SHUT}),
    ("a service too", [ours(Principal={"AWS": ROOT, "Service": "ec2.amazonaws.com"})], {"principal_kind": LOOSE}),
    ("a sign-in provider", [ours(Principal={"Federated": "accounts.google.com"})],
     {"principal_missing": SHUT, "principal_kind": LOOSE}),
    ("the dead ID of our role", [ours(Principal=aws("AROAEXAMPLEEXAMPLEEX"))], {"principal_dead": SHUT}),
    ("the dead ID of a user", [ours(Principal=aws("AIDAEXAMPLEEXAMPLEEX"))], {"principal_dead": SHUT}),
    ("another partition", [ours(Principal=aws(ROOT.replace("aws", "aws-cn")))], {"principal_wrong_partition": SHUT}),
    ("a session of ours", [ours(Principal=aws(f"arn:aws:sts::{VENDOR_ACCOUNT}:assumed-role/northwind-rolecall/w"))],
     {"principal_session": SHUT}),
    ("no principal", [ours(Principal=None)], {"principal_missing": SHUT}),
    ("what is no principal", [ours(Principal=aws("northwind"))], {"principal_malformed": SHUT}),
    ("all principals but one", [ours(Principal=None, NotPrincipal=aws(STRANGER))],
     {"not_principal": LOOSE, "principal_missing": SHUT}),
    # The condition on our role
    ("our role among others", [with_arn("ArnEquals", [ROLE, ROLE.replace("rolecall", "intern")])],
     {"principal_other": LOOSE}),
    ("our role with a wildcard", [with_arn("ArnLike", f"arn:aws:iam::{VENDOR_ACCOUNT}:role/*")],
     {"principal_arn_loose": LOOSE}),
    ("our role if it exists", [with_arn("ArnEqualsIfExists", ROLE)], {"principal_arn_loose": LOOSE}),
    ("all but a role", [with_arn("ArnNotEquals", STRANGER)], {"principal_arn_loose": LOOSE}),
    ("our role by ArnLike", [with_arn("ArnLike", ROLE)], {"principal_arn_form": DIFFERENT}),
    ("our role by StringEquals", [ours(Condition={"StringEquals": {
        "aws:PrincipalArn": ROLE, "sts:ExternalId": EXTERNAL_ID}})], {"principal_arn_form": DIFFERENT}),
    ("our role with a typo in its condition", [with_arn("ArnEquals", ROLE.replace("call", "cal1"))],
     {"principal_misspelt": SHUT}),
    ("another role in its condition", [with_arn("ArnEquals", f"arn:aws:iam::{VENDOR_ACCOUNT}:role/old")],
     {"principal_other": LOOSE, "not_let_in": SHUT}),
    # The external ID
    ("no condition at all", [ours(Condition=None)], {"account_not_narrowed": LOOSE, "external_id_missing": LOOSE}),
    ("no external ID", [ours(Condition=ARN_ONLY)], {"external_id_missing": LOOSE}),
    ("IfExists", [with_id("StringEqualsIfExists", EXTERNAL_ID)], {"external_id_optional": LOOSE}),
    ("ForAllValues", [with_id("ForAllValues:StringEquals", EXTERNAL_ID)], {"external_id_optional": LOOSE}),
    ("ForAnyValue", [with_id("ForAnyValue:StringEquals", EXTERNAL_ID)], {"external_id_form": DIFFERENT}),
    ("Like *", [with_id("StringLike", "*")], {"external_id_wildcard": LOOSE}),
    ("Like our handle", [with_id("StringLike", f"northwind-{HANDLE}-*")], {"external_id_wildcard": LOOSE}),
    ("Like another handle", [with_id("StringLike", "northwind-zz99zz99-*")],
     {"external_id_wildcard": LOOSE, "external_id_none_wanted": SHUT}),
    ("Like without wildcards", [with_id("StringLike", EXTERNAL_ID)], {"external_id_form": DIFFERENT}),
    ("ignoring case", [with_id("StringEqualsIgnoreCase", EXTERNAL_ID)], {"external_id_ignores_case": LOOSE}),
    ("all but one", [with_id("StringNotEquals", OTHER_ID)], {"external_id_excludes": LOOSE}),
    ("any there is", [with_id("Null", "false")], {"external_id_any": LOOSE}),
    ("none there is", [with_id("Null", True)], {"external_id_optional": LOOSE, "external_id_none_wanted": SHUT}),
    ("any, and ours", [with_more("Null", "sts:ExternalId", "false")], {"condition_met": DIFFERENT}),
    ("none, and ours", [with_more("Null", "sts:ExternalId", "true")], {"external_id_none_wanted": SHUT}),
    ("ours and another", [with_id("StringEquals", [EXTERNAL_ID, OTHER_ID])], {"external_id_several": LOOSE}),
    ("another", [with_id("StringEquals", OTHER_ID)], {"external_id_other": SHUT}),
    ("in capitals", [with_id("StringEquals", EXTERNAL_ID.upper())], {"external_id_misspelt": SHUT}),
    ("with a blank", [with_id("StringEquals", f"{EXTERNAL_ID} ")], {"external_id_misspelt": SHUT}),
    ("with an invisible character", [with_id("StringEquals", f"{EXTERNAL_ID[:9]}\u200b{EXTERNAL_ID[9:]}")],
     {"external_id_misspelt": SHUT}),
    ("cut short", [with_id("StringEquals", EXTERNAL_ID[:-1])], {"external_id_misspelt": SHUT}),
    ("no value", [with_id("StringEquals", [])], {"external_id_none_wanted": SHUT}),
    ("an operator of no meaning", [with_id("StringSame", EXTERNAL_ID)],
     {"external_id_missing": LOOSE, "condition_unclear": SHUT}),
    ("a misspelt element", [{**ours(Condition=None), "Conditions": {}}],
     {"not_in_grammar": SHUT, "account_not_narrowed": LOOSE, "external_id_missing": LOOSE}),
    # Further conditions
    ("one that we meet", [with_more("StringEquals", "aws:PrincipalAccount", VENDOR_ACCOUNT)],
     {"condition_met": DIFFERENT}),
    ("one that we do not meet", [with_more("StringEquals", "aws:PrincipalAccount", "123412341234")],
     {"condition_unmet": SHUT}),
    ("one that we may not meet", [with_more("IpAddress", "aws:SourceIp", "10.0.0.0/8")], {"condition_unclear": SHUT}),
    # Actions
    ("session tags too", [ours(Action=["sts:AssumeRole", "sts:TagSession"])], {"action_tag_session": LOOSE}),
    ("a source identity too", [ours(Action=["sts:AssumeRole", "sts:SetSourceIdentity"])],
     {"action_source_identity": LOOSE}),
    ("all of STS", [ours(Action="sts:*")], {"action_wildcard": LOOSE}),
    ("another action too", [ours(Action=["sts:AssumeRole", "sts:AssumeRoleWithSAML"])], {"action_extra": LOOSE}),
    ("another action instead", [ours(Action="sts:AssumeRoleWithSAML")],
     {"action_extra": LOOSE, "action_missing": SHUT}),
    ("all actions but one", [ours(Action=None, NotAction="iam:*")], {"not_action": LOOSE, "not_let_in": SHUT}),
    # Deny
    ("a Deny of everybody", [ours(), deny()], {"deny_may_hit_us": SHUT}),
    ("a Deny without multi-factor", [ours(), deny(Condition={"BoolIfExists": {
        "aws:MultiFactorAuthPresent": "false"}})], {"deny_may_hit_us": SHUT}),
    ("a Deny of all but us", [ours(), deny(Principal=None, NotPrincipal=aws(ROLE))], {"deny_may_hit_us": SHUT}),
    ("a Deny of all other IDs", [ours(), deny(Condition={"StringNotEquals": {"sts:ExternalId": EXTERNAL_ID}})],
     {"deny_elsewhere": DIFFERENT}),
    ("a Deny of somebody else", [ours(), deny(Principal=aws(STRANGER))], {"deny_elsewhere": DIFFERENT}),
    ("a Deny of another action", [ours(), deny(Action="sts:TagSession")], {"deny_elsewhere": DIFFERENT}),
    ("a Deny that is not understood", [ours(), deny(Condition={
        "StringSame": {"a:b": "c"}, "StringEquals": {"sts:ExternalId": OTHER_ID}})], {"deny_may_hit_us": SHUT}),
    ("a Deny that is malformed", [ours(), deny(Condition={"Null": 5, "StringEquals": {"sts:ExternalId": OTHER_ID}})],
     {"not_in_grammar": DIFFERENT, "deny_may_hit_us": SHUT}),
    ("only a Deny", [deny(Principal=aws(STRANGER))], {"deny_elsewhere": DIFFERENT, "not_let_in": SHUT}),
]  # fmt: skip
