"""What every stack template has to keep to, as functions over its text: ours, and a vendor's in its place.

A rule takes a Subject and returns what is wrong, in words; nothing returned, nothing wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from onboarding.ground.external_id import EXTERNAL_ID_PATTERN
from onboarding.ground.partitions import PARTITIONS
from onboarding.stack_template.functions import resolve
from onboarding.stack_template.reading import StackTemplateError
from onboarding.stack_template.template import StackTemplate, bake
from onboarding.stack_template.yaml_text import read_yaml
from tests.guards.callback_rules import TYPE as CALLBACK
from tests.guards.callback_rules import callback_faults
from tests.guards.iam_actions import access_levels, denied_actions

VENDOR = {"AccountId": "999988887777", "Principal": "role/tools/northwind-rolecall"}
EXTERNAL_ID = "northwind-7kq2m9xd-0123456789abcdef0123456789abcdef"
ROLE_NAME = "northwind-7kq2m9xd"
TENANT = "111122223333"
STACK_ID = "arn:{}:cloudformation:us-east-1:111122223333:stack/northwind-7kq2m9xd/5f0e"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: all inline policies, blanks not counted.
INLINE_POLICY_CHARACTERS = 10_240

ROLE_PROPERTIES = {"RoleName", "Description", "MaxSessionDuration", "AssumeRolePolicyDocument", "Policies", "Tags"}
OWN_ROLE = {"iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"}
OWN_STACK = {"cloudformation:DescribeStacks", "cloudformation:DescribeStackResources"}

Problems = Iterator[str]


@dataclass(frozen=True)
class Subject:
    """A template under judgement: its text, and what that text says."""

    text: str
    document: dict[str, Any]

    @property
    def role(self) -> dict[str, Any]:
        """The properties of the first role, as written."""
        roles = [r for r in self.document["Resources"].values() if r["Type"] == "AWS::IAM::Role"]
        return roles[0]["Properties"] if roles else {}

    def resolved(self, partition: str = "aws") -> dict[str, Any]:
        """The role's properties as AWS would get them in a partition, for the vendor and external ID above.

        Without its tags, which grant nothing.
        """
        names = {
            "AWS::Partition": partition,
            "AWS::AccountId": TENANT,
            "AWS::StackId": STACK_ID.format(partition),
            "ExternalId": EXTERNAL_ID,
        }
        granting = {name: value for name, value in self.role.items() if name != "Tags"}
        return resolve(granting, names=names, mappings={"Vendor": {"TrustedPrincipal": VENDOR}})

    def statements(self) -> list[dict[str, Any]]:
        """Every statement of the role's policies in aws, its actions and resources made lists."""
        return [
            {**statement, "Action": _listed(statement.get("Action")), "Resource": _listed(statement.get("Resource"))}
            for policy in self.resolved().get("Policies", [])
            for statement in _listed(policy["PolicyDocument"]["Statement"])
        ]

    def actions(self) -> list[str]:
        """Every action of every statement."""
        return [action for statement in self.statements() for action in statement["Action"]]


def broken_rules(text: str) -> dict[str, list[str]]:
    """Return, for each rule that the template breaks, what is wrong."""
    found = {rule: problems(rule, text) for rule in RULES}
    return {rule: wrong for rule, wrong in found.items() if wrong}


def problems(rule: str, text: str) -> list[str]:
    """Return what is wrong with the template by one rule."""
    try:
        return list(RULES[rule](Subject(text, read_yaml(text))))
    except StackTemplateError as error:
        return [f"{type(error).__name__}: {error}"]


def the_only_parameter_is_the_external_id(subject: Subject) -> Problems:
    """The quick-create page shows every parameter there is, and drops those that are NoEcho."""
    parameters = subject.document.get("Parameters", {})
    if set(parameters) != {"ExternalId"}:
        yield f"the parameters are {sorted(parameters)}"
    declared = parameters.get("ExternalId", {})
    wanted = {"Type": "String", "AllowedPattern": EXTERNAL_ID_PATTERN, "MinLength": "44", "MaxLength": "62"}
    yield from (f"{key} is {declared.get(key)}" for key, value in wanted.items() if declared.get(key) != value)
    yield from (f"{key} is set" for key in ("NoEcho", "Default", "AllowedValues") if key in declared)
    yield from (f"{key} is missing" for key in ("Description", "ConstraintDescription") if not declared.get(key))


def one_role_and_nothing_else_is_made(subject: Subject) -> Problems:
    """A callback makes nothing: it is a message to the vendor."""
    types = [r["Type"] for r in subject.document["Resources"].values() if r["Type"] != CALLBACK]
    if types != ["AWS::IAM::Role"]:
        yield f"the resources are {types}"
    yield from (f"the template has {section}" for section in ("Transform", "Rules") if section in subject.document)
    yield from (f"the role has {name}" for name in sorted(set(subject.role) - ROLE_PROPERTIES))


def only_the_vendors_role_with_the_external_id_is_trusted(subject: Subject) -> Problems:
    for partition in PARTITIONS:
        policy = subject.resolved(partition).get("AssumeRolePolicyDocument", {})
        found = [{k: v for k, v in s.items() if k != "Sid"} for s in _listed(policy.get("Statement"))]
        vendor = f"arn:{partition}:iam::{VENDOR['AccountId']}:"
        wanted = {
            "Effect": "Allow",
            "Principal": {"AWS": f"{vendor}root"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnEquals": {"aws:PrincipalArn": vendor + VENDOR["Principal"]},
                "StringEquals": {"sts:ExternalId": EXTERNAL_ID},
            },
        }
        if found != [wanted] or policy.get("Version") != "2012-10-17":
            yield f"in {partition} the trust policy is {policy}"


def the_role_is_named_by_its_connection(subject: Subject) -> Problems:
    if subject.resolved().get("RoleName") != ROLE_NAME:
        yield f"the role's name is {subject.resolved().get('RoleName')}"


def the_callback_is_whole_and_tells_what_it_says(subject: Subject) -> Problems:
    yield from callback_faults(subject.document)


def a_session_lasts_an_hour_at_most(subject: Subject) -> Problems:
    if subject.role.get("MaxSessionDuration") != "3600":
        yield f"MaxSessionDuration is {subject.role.get('MaxSessionDuration')}"


def no_partition_is_written_out(subject: Subject) -> Problems:
    for where, text in _texts(subject.document):
        if any(written in text for written in ("arn:aws", "amazonaws.com")):
            yield f"{where} is {text}"


def statements_only_allow_named_actions(subject: Subject) -> Problems:
    for statement in subject.statements():
        sid = statement.get("Sid")
        unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
        yield from (f"{sid} has {key}" for key in sorted(unknown))
        if statement.get("Effect") != "Allow" or not statement["Action"] or not statement["Resource"]:
            yield f"{sid} does not allow actions on resources"
        yield from (f"{sid} has the wildcard {action}" for action in statement["Action"] if {*action} & {*"*?"})
    actions = [action.lower() for action in subject.actions()]
    yield from (f"{action} is there twice" for action in sorted({a for a in actions if actions.count(a) > 1}))


def every_action_exists_and_only_reads(subject: Subject) -> Problems:
    levels = access_levels()
    for action in subject.actions():
        if levels.get(action) not in ("Read", "List"):
            yield f"{action} is at level {levels.get(action, 'none: there is no such action')}"


def no_action_hands_out_data_or_secrets(subject: Subject) -> Problems:
    for statement in subject.statements():
        is_own = set(statement["Resource"]) <= {own_role_arn(), STACK_ID.format("aws")}
        for action in statement["Action"]:
            for denied, allowed_on, why in denied_actions():
                if fnmatchcase(action.lower(), denied.lower()) and not (allowed_on == "own" and is_own):
                    yield f"{action} hands out {why}"


def the_role_may_read_itself_and_its_stack(subject: Subject) -> Problems:
    by_sid = {statement.get("Sid"): statement for statement in subject.statements()}
    wanted = {"OwnRole": (OWN_ROLE, own_role_arn()), "OwnStack": (OWN_STACK, STACK_ID.format("aws"))}
    for sid, (actions, resource) in wanted.items():
        statement = by_sid.get(sid, {"Action": [], "Resource": []})
        if statement["Resource"] != [resource]:
            yield f"{sid} is about {statement['Resource']}"
        yield from (f"{sid} lacks {action}" for action in sorted(actions - set(statement["Action"])))


def the_policy_fits_into_a_role(subject: Subject) -> Problems:
    policies = [policy["PolicyDocument"] for policy in subject.resolved("aws-us-gov").get("Policies", [])]
    size = sum(len("".join(json.dumps(policy).split())) for policy in policies)
    if not 0 < size <= INLINE_POLICY_CHARACTERS:
        yield f"the inline policies have {size} characters"


def every_statement_is_explained(subject: Subject) -> Problems:
    StackTemplate.parse(subject.text)
    yield from ()


def the_vendor_can_be_baked_in(subject: Subject) -> Problems:
    bake(subject.text, account_id=VENDOR["AccountId"], principal=VENDOR["Principal"])
    yield from ()


def the_console_can_explain_itself(subject: Subject) -> Problems:
    """A description of at most 1,024 bytes, a label for the parameter, and the outputs that others rely on."""
    described = len(subject.document.get("Description", "").encode())
    if not 100 <= described <= 1024:
        yield f"the description has {described} bytes"
    interface = subject.document.get("Metadata", {}).get("AWS::CloudFormation::Interface", {})
    if not interface.get("ParameterLabels", {}).get("ExternalId"):
        yield "the parameter has no label in AWS::CloudFormation::Interface"
    outputs = subject.document.get("Outputs", {})
    logical_id = next((n for n, r in subject.document["Resources"].items() if r["Type"] == "AWS::IAM::Role"), "")
    wanted = {
        "RoleArn": {"Fn::GetAtt": [logical_id, "Arn"]},
        "RoleName": {"Ref": logical_id},
        "AccountId": {"Ref": "AWS::AccountId"},
    }
    yield from (f"the output {name} is missing" for name in {*wanted, "TemplateVersion"} - set(outputs))
    yield from (f"{n} is {outputs[n]['Value']}" for n, v in wanted.items() if n in outputs and outputs[n]["Value"] != v)


RULES: dict[str, Callable[[Subject], Problems]] = {
    rule.__name__: rule
    for rule in (
        the_only_parameter_is_the_external_id,
        one_role_and_nothing_else_is_made,
        only_the_vendors_role_with_the_external_id_is_trusted,
        the_role_is_named_by_its_connection,
        the_callback_is_whole_and_tells_what_it_says,
        a_session_lasts_an_hour_at_most,
        no_partition_is_written_out,
        statements_only_allow_named_actions,
        every_action_exists_and_only_reads,
        no_action_hands_out_data_or_secrets,
        the_role_may_read_itself_and_its_stack,
        the_policy_fits_into_a_role,
        every_statement_is_explained,
        the_vendor_can_be_baked_in,
        the_console_can_explain_itself,
    )
}


def own_role_arn() -> str:
    return f"arn:aws:iam::{TENANT}:role/{ROLE_NAME}"


def _texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from _texts(item, f"{where}/{key}")


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
