"""Trust policies with the verdict on each, and a request other than ours that gets in: data for test_trust.py."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from onboarding.trust.expected import ExpectedTrust, corrected_policy
from onboarding.trust.findings import Severity
from onboarding.trust.witness import Witness
from tests.builders import EXTERNAL_ID, HANDLE, VENDOR_ACCOUNT

ROLE = f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall"
ROOT = f"arn:aws:iam::{VENDOR_ACCOUNT}:root"
STRANGER = "arn:aws:iam::123412341234:root"
EXPECTED = ExpectedTrust("aws", VENDOR_ACCOUNT, ROLE, EXTERNAL_ID)
OTHER_ID = f"northwind-{HANDLE}-" + "9" * 32
LOOSE, SHUT, REMARK = Severity.LOOSE, Severity.SHUT, Severity.REMARK


def ours(**changed: Any) -> dict[str, Any]:
    """Our statement with elements replaced, or left out where they are None."""
    statement = {**deepcopy(corrected_policy(EXPECTED)["Statement"][0]), **changed}
    return {name: value for name, value in statement.items() if value is not None}


def policy(*statements: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A policy of these statements, each Sid once: AWS would not take one twice."""
    sids: set[str] = set()
    listed = []
    for statement in statements:
        is_again = statement.get("Sid") in sids
        listed.append({name: value for name, value in statement.items() if not (is_again and name == "Sid")})
        sids.add(statement.get("Sid", ""))
    return {"Version": "2012-10-17", "Statement": listed, **others}


def with_id(operator: str, value: Any, key: str = "sts:ExternalId") -> dict[str, Any]:
    return ours(Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}, operator: {key: value}})


def with_arn(operator: str, value: Any) -> dict[str, Any]:
    return ours(Condition={operator: {"aws:PrincipalArn": value}, "StringEquals": {"sts:ExternalId": EXTERNAL_ID}})


def with_more(operator: str, key: str, value: Any) -> dict[str, Any]:
    statement = ours()
    statement["Condition"].setdefault(operator, {})[key] = value
    return statement


def deny(**others: Any) -> dict[str, Any]:
    statement = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", **others}
    return {name: value for name, value in statement.items() if value is not None}


def aws(*principals: str) -> dict[str, Any]:
    return {"AWS": list(principals)}


def told(witness: Witness) -> str:
    """A witness in short: who, with what besides, and which external ID, by which statement."""
    who = "our role" if witness.is_ours else witness.arn.removeprefix("arn:aws:iam::")
    extras = "".join(f" +{action.removeprefix('sts:')}" for action in witness.actions[1:])
    sent = _IDS.get(witness.external_id, witness.external_id)
    return f"{who}{extras}, {sent}, by {witness.statement}"


_IDS = {
    None: "no ID",
    EXTERNAL_ID: "our ID",
    OTHER_ID: "another ID",
    EXTERNAL_ID.upper(): "ours in capitals",
    EXTERNAL_ID[:-1]: "ours cut short",
}


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

# (what it is, the statements, the verdict, the findings as code: severity, who else gets in first)
JUDGED: list[tuple[str, list[dict[str, Any]], str, dict[str, Severity], str]] = [
    # More statements than one
    ("a second, bare statement", [ours(), ours(Condition=None)],
     "loose", {"lets_in_role": LOOSE}, "999988887777:role/another, no ID, by 2"),
    ("a second statement with another ID", [ours(), with_id("StringEquals", OTHER_ID)],
     "loose", {"lets_in_other_id": LOOSE}, "our role, another ID, by 2"),
    ("the same statement twice", [ours(), ours(Sid="Again")],
     "exact", {}, ""),
    ("a second statement for a dead role", [ours(), ours(Principal=aws("AROAEXAMPLEEXAMPLEEX"))],
     "exact", {}, ""),
    # Principals
    ("everybody, our role alone by condition", [ours(Principal=aws("*"))],
     "exact", {}, ""),
    ("everybody", [ours(Principal="*", Condition=ID_ONLY)],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    ("AWS: everybody", [ours(Principal=aws("*"), Condition=ID_ONLY)],
     "loose", {"lets_in_role": LOOSE}, "444455556666:role/another, our ID, by 1"),
    ("the account without our role", [ours(Condition=ID_ONLY)],
     "loose", {"lets_in_role": LOOSE}, "999988887777:role/another, our ID, by 1"),
    ("another account too", [ours(Principal=aws(ROOT, STRANGER), Condition=ID_ONLY)],
     "loose", {"lets_in_role": LOOSE}, "999988887777:role/another, our ID, by 1"),
    ("another account instead", [ours(Principal=aws(STRANGER))],
     "shut", {"principal_other": SHUT}, ""),
    ("another account instead, open", [ours(Principal=aws(STRANGER), Condition=ID_ONLY)],
     "loose", {"principal_other": SHUT, "lets_in_role": LOOSE}, "123412341234:role/another, our ID, by 1"),
    ("another role of ours too", [ours(Principal=aws(ROLE, ROLE.replace("northwind-rolecall", "intern")),
                                       Condition=ID_ONLY)],
     "loose", {"lets_in_role": LOOSE, "principal_direct": REMARK}, "999988887777:role/intern, our ID, by 1"),
    ("our role directly", [ours(Principal=aws(ROLE), Condition=ID_ONLY)],
     "exact", {"principal_direct": REMARK}, ""),
    ("our role with a typo", [ours(Principal=aws(ROLE.replace("rolecall", "rolecal")), Condition=ID_ONLY)],
     "loose", {"principal_misspelt": SHUT, "lets_in_role": LOOSE}, "999988887777:role/northwind-rolecal, our ID, by 1"),
    # A service sends neither an external ID nor a role's ARN, so the conditions keep it out:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    ("a service too", [ours(Principal={"AWS": ROOT, "Service": "ec2.amazonaws.com"})],
     "exact", {}, ""),
    # With a provider nobody calls AssumeRole, and this names no other action:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity
    ("a sign-in provider", [ours(Principal={"Federated": "accounts.google.com"})],
     "shut", {"principal_other": SHUT}, ""),
    ("the dead ID of our role", [ours(Principal=aws("AROAEXAMPLEEXAMPLEEX"))],
     "shut", {"principal_other": SHUT}, ""),
    ("the dead ID of a user", [ours(Principal=aws("AIDAEXAMPLEEXAMPLEEX"))],
     "shut", {"principal_other": SHUT}, ""),
    ("another partition", [ours(Principal=aws(ROOT.replace("aws", "aws-cn")))],
     "shut", {"principal_misspelt": SHUT}, ""),
    ("a session of ours", [ours(Principal=aws(f"arn:aws:sts::{VENDOR_ACCOUNT}:assumed-role/northwind-rolecall/w"))],
     "depends", {"principal_other": SHUT}, ""),
    ("no principal", [ours(Principal=None)],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    ("what is no principal", [ours(Principal=aws("northwind"))],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    ("all principals but one", [ours(Principal=None, NotPrincipal=aws(STRANGER))],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    # The condition on our role
    ("our role among others", [with_arn("ArnEquals", [ROLE, ROLE.replace("rolecall", "intern")])],
     "loose", {"lets_in_role": LOOSE}, "999988887777:role/northwind-intern, our ID, by 1"),
    ("our role with a wildcard", [with_arn("ArnLike", f"arn:aws:iam::{VENDOR_ACCOUNT}:role/*")],
     "loose", {"lets_in_role": LOOSE}, "999988887777:role/another, our ID, by 1"),
    # Every signed request has an ARN, so IfExists changes nothing:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    ("our role if it exists", [with_arn("ArnEqualsIfExists", ROLE)],
     "exact", {}, ""),
    ("all but a role", [with_arn("ArnNotEquals", STRANGER)],
     "loose", {"lets_in_role": LOOSE}, "999988887777:role/another, our ID, by 1"),
    ("our role by ArnLike", [with_arn("ArnLike", ROLE)],
     "exact", {}, ""),
    ("our role by StringEquals", [ours(Condition={"StringEquals": {
        "aws:PrincipalArn": ROLE, "sts:ExternalId": EXTERNAL_ID}})],
     "exact", {}, ""),
    ("our role with a typo in its condition", [with_arn("ArnEquals", ROLE.replace("call", "cal1"))],
     "loose", {"principal_arn_misspelt": SHUT, "lets_in_role": LOOSE},
     "999988887777:role/northwind-rolecal1, our ID, by 1"),
    ("another role in its condition", [with_arn("ArnEquals", f"arn:aws:iam::{VENDOR_ACCOUNT}:role/old")],
     "loose", {"principal_arn_other": SHUT, "lets_in_role": LOOSE}, "999988887777:role/old, our ID, by 1"),
    # The external ID
    ("no condition at all", [ours(Condition=None)],
     "loose", {"lets_in_role": LOOSE}, "999988887777:role/another, no ID, by 1"),
    ("no external ID", [ours(Condition=ARN_ONLY)],
     "loose", {"lets_in_other_id": LOOSE}, "our role, no ID, by 1"),
    ("IfExists", [with_id("StringEqualsIfExists", EXTERNAL_ID)],
     "loose", {"lets_in_other_id": LOOSE}, "our role, no ID, by 1"),
    ("ForAllValues", [with_id("ForAllValues:StringEquals", EXTERNAL_ID)],
     "loose", {"lets_in_other_id": LOOSE}, "our role, no ID, by 1"),
    ("ForAnyValue", [with_id("ForAnyValue:StringEquals", EXTERNAL_ID)],
     "exact", {}, ""),
    ("Like *", [with_id("StringLike", "*")],
     "loose", {"lets_in_other_id": LOOSE}, "our role, another-external-id, by 1"),
    ("Like our handle", [with_id("StringLike", f"northwind-{HANDLE}-*")],
     "loose", {"lets_in_other_id": LOOSE}, "our role, northwind-7kq2m9xd-x, by 1"),
    ("Like another handle", [with_id("StringLike", "northwind-zz99zz99-*")],
     "loose", {"external_id_other": SHUT, "lets_in_other_id": LOOSE}, "our role, northwind-zz99zz99-x, by 1"),
    ("Like without wildcards", [with_id("StringLike", EXTERNAL_ID)],
     "exact", {}, ""),
    ("ignoring case", [with_id("StringEqualsIgnoreCase", EXTERNAL_ID)],
     "loose", {"lets_in_other_id": LOOSE}, "our role, ours in capitals, by 1"),
    ("all but one", [with_id("StringNotEquals", OTHER_ID)],
     "loose", {"lets_in_other_id": LOOSE}, "our role, no ID, by 1"),
    ("any there is", [with_id("Null", "false")],
     "loose", {"lets_in_other_id": LOOSE}, "our role, another-external-id, by 1"),
    ("none there is", [with_id("Null", True)],
     "loose", {"condition_unmet": SHUT, "lets_in_other_id": LOOSE}, "our role, no ID, by 1"),
    ("any, and ours", [with_more("Null", "sts:ExternalId", "false")],
     "exact", {}, ""),
    ("none, and ours", [with_more("Null", "sts:ExternalId", "true")],
     "shut", {"condition_unmet": SHUT}, ""),
    ("ours and another", [with_id("StringEquals", [EXTERNAL_ID, OTHER_ID])],
     "loose", {"lets_in_other_id": LOOSE}, "our role, another ID, by 1"),
    ("another", [with_id("StringEquals", OTHER_ID)],
     "loose", {"external_id_other": SHUT, "lets_in_other_id": LOOSE}, "our role, another ID, by 1"),
    ("in capitals", [with_id("StringEquals", EXTERNAL_ID.upper())],
     "loose", {"external_id_misspelt": SHUT, "lets_in_other_id": LOOSE}, "our role, ours in capitals, by 1"),
    ("with a blank", [with_id("StringEquals", f"{EXTERNAL_ID} ")],
     "shut", {"external_id_misspelt": SHUT}, ""),
    ("with an invisible character", [with_id("StringEquals", f"{EXTERNAL_ID[:9]}\u200b{EXTERNAL_ID[9:]}")],
     "shut", {"external_id_misspelt": SHUT}, ""),
    ("cut short", [with_id("StringEquals", EXTERNAL_ID[:-1])],
     "loose", {"external_id_misspelt": SHUT, "lets_in_other_id": LOOSE}, "our role, ours cut short, by 1"),
    ("no value", [with_id("StringEquals", [])],
     "shut", {"external_id_other": SHUT}, ""),
    ("an operator of no meaning", [with_id("StringSame", EXTERNAL_ID)],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    ("a misspelt element", [{**ours(Condition=None), "Conditions": {}}],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    # Further conditions
    ("one that we meet", [with_more("StringEquals", "aws:PrincipalAccount", VENDOR_ACCOUNT)],
     "exact", {}, ""),
    ("one that we do not meet", [with_more("StringEquals", "aws:PrincipalAccount", "123412341234")],
     "shut", {"condition_unmet": SHUT}, ""),
    ("one that we may not meet", [with_more("IpAddress", "aws:SourceIp", "10.0.0.0/8")],
     "depends", {"condition_unclear": SHUT}, ""),
    # Actions
    ("session tags too", [ours(Action=["sts:AssumeRole", "sts:TagSession"])],
     "loose", {"lets_in_session_choices": LOOSE}, "our role +TagSession, our ID, by 1"),
    ("a source identity too", [ours(Action=["sts:AssumeRole", "sts:SetSourceIdentity"])],
     "loose", {"lets_in_session_choices": LOOSE}, "our role +SetSourceIdentity, our ID, by 1"),
    ("all of STS", [ours(Action="sts:*")],
     "loose", {"lets_in_session_choices": LOOSE}, "our role +TagSession, our ID, by 1"),
    # The statement names no provider, and with SAML nobody else signs in:
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
    ("another action too", [ours(Action=["sts:AssumeRole", "sts:AssumeRoleWithSAML"])],
     "exact", {}, ""),
    ("another action instead", [ours(Action="sts:AssumeRoleWithSAML")],
     "shut", {"action_missing": SHUT}, ""),
    ("all actions but one", [ours(Action=None, NotAction="iam:*")],
     "loose", {"lets_in_session_choices": LOOSE}, "our role +TagSession, our ID, by 1"),
    # Deny
    ("a Deny of everybody", [ours(), deny()],
     "shut", {"deny": SHUT}, ""),
    ("a Deny without multi-factor", [ours(), deny(Condition={"BoolIfExists": {
        "aws:MultiFactorAuthPresent": "false"}})],
     "shut", {"deny": SHUT}, ""),
    ("a Deny of all but us", [ours(), deny(Principal=None, NotPrincipal=aws(ROLE))],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    ("a Deny of all other IDs", [ours(), deny(Condition={"StringNotEquals": {"sts:ExternalId": EXTERNAL_ID}})],
     "exact", {}, ""),
    # The Deny alone makes the external ID count: without it, our role would get in with any.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    ("an Allow without an ID, and a Deny of all other IDs", [ours(Condition=ARN_ONLY), deny(Condition={
        "StringNotEquals": {"sts:ExternalId": EXTERNAL_ID}})],
     "exact", {}, ""),
    ("a Deny of one session of ours", [ours(), deny(Principal=aws(
        f"arn:aws:sts::{VENDOR_ACCOUNT}:assumed-role/northwind-rolecall/w"))],
     "depends", {"deny": SHUT}, ""),
    ("a Deny of somebody else", [ours(), deny(Principal=aws(STRANGER))],
     "exact", {}, ""),
    ("a Deny of another action", [ours(), deny(Action="sts:TagSession")],
     "exact", {}, ""),
    ("a Deny that is not understood", [ours(), deny(Condition={
        "StringSame": {"a:b": "c"}, "StringEquals": {"sts:ExternalId": OTHER_ID}})],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    ("a Deny that is malformed", [ours(), deny(Condition={"Null": 5, "StringEquals": {"sts:ExternalId": OTHER_ID}})],
     "refused_by_aws", {"refused_by_aws": SHUT}, ""),
    ("only a Deny", [deny(Principal=aws(STRANGER))],
     "shut", {"action_missing": SHUT}, ""),
]  # fmt: skip
