"""The callback's parts of a stack template: filled in where stacks report back, left out of the plain template.

The parts stand between marks, which are comments. Replacing and leaving out lines keeps every other byte of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from onboarding.callback.topics import RESOURCE_TYPE, CallbackTopics
from onboarding.ground.wording import Text
from onboarding.stack_template.reading import StackTemplateError, text_at, value_at

CONDITION = "HasCallback"

# Fn::Or takes two to ten conditions.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
_MOST_IN_OR = 10
_CONDITION = re.compile(rf"^(?P<indent>[ ]+){CONDITION}:[^\n]*\n(?:(?P=indent)[ ]+[^ \n][^\n]*\n)*", re.MULTILINE)
_LOGICAL_ID = re.compile(r"\bCallback[0-9a-f]{8}\b", re.ASCII)
_TOPIC = re.compile(r"\brolecall-callback-[a-z0-9]+\b", re.ASCII)


class _Stands(Enum):
    """Where a line of the file stands."""

    BESIDE = ""
    WITH = "# Callback: from here"
    WITHOUT = "# Callback: without it"
    TO_HERE = "# Callback: to here"


# The marks that can follow what.
_FOLLOWING = {
    _Stands.BESIDE: {_Stands.WITH},
    _Stands.WITH: {_Stands.WITHOUT, _Stands.TO_HERE},
    _Stands.WITHOUT: {_Stands.TO_HERE},
}


@dataclass(frozen=True)
class Callback:
    """What the stack reports to the vendor, in the template's words, and in which regions it does.

    `logical_id` holds a hash of the vendor's topics: two templates with the same one report to the same topics.
    """

    title: Text
    reads: Text
    why: Text
    never_reads: Text
    logical_id: str
    regions: tuple[str, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Callback | None:
        """Return the callback of a template's document, None if its stack reports nothing.

        Raises StackTemplateError if the stack reports and the template does not explain it, or the other way round.
        """
        made = _of_our_type(document)
        is_explained = value_at(document, "Metadata", "Callback") is not None
        if not made and not is_explained:
            return None
        if len(made) != 1 or not is_explained:
            raise StackTemplateError(
                f"The stack template must have one resource of the type {RESOURCE_TYPE} and its explanation under "
                f"Metadata, Callback, or neither; it has {len(made)} and {'an' if is_explained else 'no'} explanation."
            )
        title, reads, why, never_reads = (
            Text(text_at(document, "Metadata", "Callback", key)) for key in ("Title", "Reads", "Why", "NeverReads")
        )
        regions = tuple(sorted(_regions(value_at(document, "Conditions", CONDITION))))
        return cls(title, reads, why, never_reads, logical_id=made[0], regions=regions)


def without_callback(text: str) -> str:
    """Return the plain template: the callback's parts left out. Raises StackTemplateError for marks without a pair."""
    kept = []
    for stands, line, is_mark in _lines(text):
        if stands is _Stands.WITHOUT and not is_mark:
            kept.append(re.sub(r"^([ ]*)# ?", r"\1", line, count=1))
        elif stands is _Stands.BESIDE and not is_mark:
            kept.append(line)
    return "".join(kept)


def with_callback(text: str, topics: CallbackTopics) -> str:
    """Return the template with the callback's parts filled in, and every other byte unchanged.

    `topics` has at least one region. Raises StackTemplateError for marks without a pair; `missing_parts` tells whether
    the parts were there.
    """
    filled, part = [], ""
    for stands, line, is_mark in _lines(text):
        if stands is _Stands.WITH and not is_mark:
            part += line
            continue
        filled += [_filled(part, topics), line]
        part = ""
    return "".join(filled)


def missing_parts(document: Mapping[str, Any], topics: CallbackTopics) -> list[str]:
    """Return, in words, what a template's document lacks so that its stack reports to these topics."""
    token = {
        "Fn::Sub": [
            f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AccountId}}:{topics.name}",
            {"AccountId": {"Fn::FindInMap": ["Vendor", "TrustedPrincipal", "AccountId"]}},
        ]
    }
    made = value_at(document, "Resources", topics.logical_id)
    wanted = {"ServiceToken": token, "ServiceTimeout": "300", "ExternalId": {"Ref": "ExternalId"}}
    account_id = value_at(document, "Mappings", "Vendor", "TrustedPrincipal", "AccountId")
    roles = [r for r in value_at(document, "Resources").values() if value_at(r, "Type") == "AWS::IAM::Role"]
    is_there = {
        "the explanation under Metadata, Callback": value_at(document, "Metadata", "Callback") is not None,
        f"the condition {CONDITION}": value_at(document, "Conditions", CONDITION) == _any_of(topics.regions),
        f"the resource Callback00000000 of the type {RESOURCE_TYPE}": value_at(made, "Type") == RESOURCE_TYPE,
        f"its Condition {CONDITION}": value_at(made, "Condition") == CONDITION,
        "its Properties as in cfn/role.yaml": value_at(made, "Properties") == wanted
        and account_id == topics.account_id,
        "the role's tag that refers to it": any(_refers(role, topics.logical_id) for role in roles),
    }
    return [what for what, is_so in is_there.items() if not is_so]


def _lines(text: str) -> Iterator[tuple[_Stands, str, bool]]:
    """Yield each line with where it stands and whether it is a mark. Raises StackTemplateError."""
    stands = _Stands.BESIDE
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        mark = next((mark for mark in _FOLLOWING[_Stands.WITH] | {_Stands.WITH} if line.strip() == mark.value), None)
        if mark is not None:
            if mark not in _FOLLOWING[stands]:
                raise StackTemplateError(f"The mark {mark.value!r} on line {number} of the stack template has no pair.")
            stands = _Stands.BESIDE if mark is _Stands.TO_HERE else mark
        yield stands, line, mark is not None
    if stands is not _Stands.BESIDE:
        raise StackTemplateError(f"The stack template lacks a last {_Stands.TO_HERE.value!r}.")


def _filled(part: str, topics: CallbackTopics) -> str:
    part = _LOGICAL_ID.sub(topics.logical_id, _TOPIC.sub(topics.name, part))
    return _CONDITION.sub(lambda found: _written(found, topics.regions), part)


def _written(found: re.Match[str], regions: Sequence[str]) -> str:
    """Return the condition as YAML, with the indentation and the line end of the one that was found."""
    end = "\r\n" if found[0].endswith("\r\n") else "\n"
    (first, *others) = _yaml(_any_of(regions), f"{found['indent']}  ")
    return end.join((f"{found['indent']}{CONDITION}: {first}", *others, ""))


def _any_of(regions: Sequence[str]) -> dict[str, Any]:
    """Return the condition that the stack is in one of the regions."""
    if len(regions) == 1:
        return {"Fn::Equals": [{"Ref": "AWS::Region"}, regions[0]]}
    size = max(1, -(-len(regions) // _MOST_IN_OR))
    return {"Fn::Or": [_any_of(regions[start : start + size]) for start in range(0, len(regions), size)]}


def _yaml(condition: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Yield the lines of a condition in CloudFormation's short form, the first one without indentation."""
    if "Fn::Equals" in condition:
        yield f"!Equals [!Ref AWS::Region, {condition['Fn::Equals'][1]}]"
        return
    yield "!Or"
    for inner in condition["Fn::Or"]:
        (first, *others) = _yaml(inner, f"{indent}  ")
        yield f"{indent}- {first}"
        yield from others


def _of_our_type(document: Mapping[str, Any]) -> list[str]:
    resources = value_at(document, "Resources")
    found = resources.items() if isinstance(resources, dict) else ()
    return [name for name, resource in found if value_at(resource, "Type") == RESOURCE_TYPE]


def _regions(condition: Any) -> Iterator[str]:
    """Yield the regions that a condition compares the stack's with."""
    equals, either = value_at(condition, "Fn::Equals"), value_at(condition, "Fn::Or")
    if isinstance(equals, list):
        yield from (value for value in equals if isinstance(value, str))
    for inner in either if isinstance(either, list) else ():
        yield from _regions(inner)


def _refers(fragment: Any, logical_id: str) -> bool:
    if fragment == {"Ref": logical_id}:
        return True
    inner = fragment.values() if isinstance(fragment, dict) else fragment if isinstance(fragment, list) else ()
    return any(_refers(item, logical_id) for item in inner)
