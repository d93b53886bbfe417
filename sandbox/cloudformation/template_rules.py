"""What CloudFormation checks in a stack template before it makes anything. moto does not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from moto.cloudformation.exceptions import CloudFormationError, ValidationError

from onboarding.stack_template.yaml_text import read_yaml

# The resources that need an acknowledgement, each with the property that gives it a custom name, if it has one.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
IAM_NAME_PROPERTIES: dict[str, str | None] = {
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}

Template = dict[str, Any]
_ACKNOWLEDGES = {
    "CAPABILITY_IAM": {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"},
    "CAPABILITY_NAMED_IAM": {"CAPABILITY_NAMED_IAM"},
}


class InsufficientCapabilities(CloudFormationError):
    """The caller has not acknowledged that the stack makes IAM resources."""

    code = "InsufficientCapabilitiesException"


def parse_template(text: str) -> Template:
    """Parse a template in YAML or JSON. Raises moto's ValidationError, worded as CloudFormation words it."""
    # JSON is YAML, except for tabs, which JSON allows between its tokens.
    language = "JSON" if text.lstrip().startswith("{") else "YAML"
    try:
        template = json.loads(text) if language == "JSON" else read_yaml(text, allows_repeated_keys=True)
    except ValueError as error:
        raise _invalid(f"Template format error: {language} not well-formed. ({error})") from None
    if not isinstance(template, dict):
        raise _invalid("Template format error: unsupported structure.")
    if not template.get("Resources"):
        raise _invalid("Template format error: At least one Resources member must be defined.")
    return template


def required_capability(template: Template) -> str | None:
    """Return CAPABILITY_NAMED_IAM, CAPABILITY_IAM, or None when the template makes nothing of IAM."""
    needed = None
    for resource in template["Resources"].values():
        if resource.get("Type") not in IAM_NAME_PROPERTIES:
            continue
        if IAM_NAME_PROPERTIES[resource["Type"]] in (resource.get("Properties") or {}):
            return "CAPABILITY_NAMED_IAM"
        needed = "CAPABILITY_IAM"
    return needed


def check_capabilities(template: Template, given: Sequence[str]) -> None:
    """Refuse a template whose IAM resources have not been acknowledged. Raises InsufficientCapabilities."""
    needed = required_capability(template)
    if needed is not None and not _ACKNOWLEDGES[needed] & set(given):
        raise InsufficientCapabilities(f"Requires capabilities : [{needed}]")


def check_parameters(template: Template, given: Mapping[str, str]) -> None:
    """Refuse unknown, missing and ill-formed parameters. Raises moto's ValidationError.

    The message names the first wrong parameter in CloudFormation's words: "Parameter 'X' must match pattern Y", or
    with a ConstraintDescription "Parameter X failed to satisfy constraint: …".
    """
    declared: Mapping[str, Mapping[str, Any]] = template.get("Parameters") or {}
    if unknown := [name for name in given if name not in declared]:
        raise _invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    missing = [name for name, rules in declared.items() if name not in given and "Default" not in rules]
    if missing:
        raise _invalid(f"Parameters: [{', '.join(missing)}] must have values")
    for name, value in given.items():
        unmet = _unmet_rule(value, declared[name])
        if unmet is not None:
            described = declared[name].get("ConstraintDescription")
            raise _invalid(
                f"Parameter {name} failed to satisfy constraint: {described}"
                if described
                else f"Parameter '{name}' {unmet}"
            )


def logical_ids_within(fragment: object) -> set[str]:
    """Return every name that the fragment refers to by Ref, GetAtt, Sub or DependsOn (parameters among them)."""
    if isinstance(fragment, list):
        return set().union(*(logical_ids_within(item) for item in fragment))
    if not isinstance(fragment, dict):
        return set()
    found: set[str] = set()
    for key, value in fragment.items():
        if key in {"Ref", "DependsOn", "Fn::GetAtt"}:
            found |= {part.split(".")[0] for part in ([value] if isinstance(value, str) else value)[:1]}
            found |= set(value) if key == "DependsOn" and isinstance(value, list) else set()
        elif key == "Fn::Sub":
            text = value if isinstance(value, str) else value[0]
            found |= {name.split(".")[0] for name in re.findall(r"\$\{([^!${}]+)\}", text)}
        found |= logical_ids_within(value)
    return found


def summarize(template: Template) -> dict[str, object]:
    """Return what GetTemplateSummary says of the template (moto's summary lacks the capabilities and the metadata)."""
    capability = required_capability(template)
    types = [resource["Type"] for resource in template["Resources"].values()]
    return {
        "Parameters": [_parameter(name, rules) for name, rules in (template.get("Parameters") or {}).items()],
        "Description": template.get("Description"),
        "Capabilities": [capability] if capability else [],
        "CapabilitiesReason": _capability_reason(types) if capability else None,
        "ResourceTypes": types,
        "Version": template.get("AWSTemplateFormatVersion"),
        "Metadata": json.dumps(template["Metadata"]) if "Metadata" in template else None,
        "DeclaredTransforms": [],
    }


def _parameter(name: str, rules: Mapping[str, Any]) -> dict[str, object]:
    constraints = {"AllowedValues": rules["AllowedValues"]} if "AllowedValues" in rules else {}
    return {
        "ParameterKey": name,
        "DefaultValue": str(rules["Default"]) if "Default" in rules else None,
        "ParameterType": rules.get("Type", "String"),
        "NoEcho": str(rules.get("NoEcho", False)).lower() == "true",
        "Description": rules.get("Description"),
        "ParameterConstraints": constraints,
    }


def _capability_reason(types: list[str]) -> str:
    named = ", ".join(sorted({kind for kind in types if kind in IAM_NAME_PROPERTIES}))
    return f"The following resource(s) require capabilities: [{named}]"


def _unmet_rule(value: str, rules: Mapping[str, Any]) -> str | None:
    if "AllowedValues" in rules and value not in [str(allowed) for allowed in rules["AllowedValues"]]:
        return f"must be one of AllowedValues [{', '.join(str(allowed) for allowed in rules['AllowedValues'])}]"
    if "MinLength" in rules and len(value) < int(rules["MinLength"]):
        return f"must contain at least {rules['MinLength']} characters"
    if "MaxLength" in rules and len(value) > int(rules["MaxLength"]):
        return f"must contain at most {rules['MaxLength']} characters"
    if "AllowedPattern" in rules and re.fullmatch(str(rules["AllowedPattern"]), value, re.ASCII) is None:
        return f"must match pattern {rules['AllowedPattern']}"
    return None


def _invalid(message: str) -> ValidationError:
    return ValidationError(message=message)
