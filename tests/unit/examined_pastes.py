"""What a hostile paste can hold: shapes that grow with a size in characters, each aimed at one kind of work."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from onboarding.trust.expected import ExpectedTrust, corrected_policy
from tests.builders import EXTERNAL_ID, VENDOR_ACCOUNT

TRUSTED = f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall"
EXPECTED = ExpectedTrust("aws", VENDOR_ACCOUNT, TRUSTED, EXTERNAL_ID)

Shape = Callable[[int], str]


def _policy(elements: Mapping[str, Any]) -> str:
    (statement,) = corrected_policy(EXPECTED)["Statement"]
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **elements}]}, ensure_ascii=False)


def _repeated(whole: Callable[[list[Any]], str], item: Callable[[int], Any]) -> Shape:
    """Return the shape with as many items as its size has room for."""

    def made(size: int) -> str:
        bare, some = (len(whole([item(900 + number) for number in range(count)])) for count in (1, 101))
        return whole([item(number) for number in range(100 * (size - bare) // (some - bare))])

    return made


def _statements(statement: Any) -> Shape:
    return _repeated(lambda many: json.dumps({"Statement": many}), lambda number: statement)


def _element(element: Callable[[list[Any]], Mapping[str, Any]], item: Callable[[int], Any]) -> Shape:
    return _repeated(lambda many: _policy(element(many)), item)


def _slips(text: str) -> Callable[[int], str]:
    """The text with one character another, in the middle, where it takes longest to find."""
    middle = len(text) // 2
    return lambda number: text[:middle] + chr(0x100 + number) + text[middle + 1 :]


def _slips_at_both_ends(text: str) -> Callable[[int], str]:
    return lambda number: chr(0x100 + number) + text[1:-1] + chr(0x100 + number)


def _on_id(operator: str = "StringEquals") -> Callable[[list[Any]], Mapping[str, Any]]:
    return lambda many: {"Condition": {operator: {"sts:ExternalId": many}}}


def _on_arn(operator: str = "ArnEquals") -> Callable[[list[Any]], Mapping[str, Any]]:
    return lambda many: {"Condition": {operator: {"aws:PrincipalArn": many}}}


def _named(many: list[Any]) -> Mapping[str, Any]:
    return {"Principal": {"AWS": many}}


OF_POLICY: Mapping[str, Shape] = {
    "principals, nearly ours": _element(_named, _slips(TRUSTED)),
    "principals, nearly ours at both ends": _element(_named, _slips_at_both_ends(TRUSTED)),
    "principals, nearly our account": _element(_named, lambda n: f"{int(VENDOR_ACCOUNT) - n:012}"),
    "principals, nearly our root": _element(_named, _slips(EXPECTED.account_root)),
    "principals, accounts": _element(_named, lambda n: f"{n:012}"),
    "one long principal": lambda size: _policy(_named(["arn:" + "-" * (size - 700)])),
    "external IDs, nearly ours": _element(_on_id(), _slips(EXTERNAL_ID)),
    "external IDs, short": _element(_on_id(), str),
    "external IDs, patterns": _element(_on_id("StringLike"), lambda n: f"*{n}*a*1*"),
    "one long external ID": lambda size: _policy(_on_id()(["\u200b" * (size - 700)])),
    "conditions on our role, nearly": _element(_on_arn(), _slips(TRUSTED)),
    "conditions on our role, patterns": _element(_on_arn("ArnLike"), lambda n: "arn:*:*:*:*:" + "*l" * 50 + str(n)),
    "conditions on our role, one pattern": lambda size: _policy(_on_arn("ArnLike")(["*?" * (size // 2 - 400)])),
    "operators": _repeated(
        lambda many: _policy({"Condition": {name: {"sts:ExternalId": "v"} for name in many}}), lambda n: f"operator-{n}"
    ),
    "keys": _repeated(
        lambda many: _policy({"Condition": {"StringEquals": dict.fromkeys(many, "v")}}), lambda n: f"k{n}:___"
    ),
    "actions": _element(lambda many: {"Action": many}, str),
    "actions, patterns": _element(lambda many: {"Action": many}, lambda n: "*s" * 50 + str(n)),
    "one action of stars": lambda size: _policy({"Action": "*" * (size - 700)}),
    "statements, each for three actions": _statements(
        {
            "Effect": "Allow",
            "Principal": {"Service": "a.b"},
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        }
    ),
    "statements, each a Deny with one way out": _repeated(
        lambda many: json.dumps(
            {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}, *many]}
        ),
        lambda n: {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "*",
            "Condition": {"StringNotEquals": {f"aws:PrincipalTag/{n}": "x"}},
        },
    ),
    "statements, empty": _statements({}),
    "statements, short": _statements({"Effect": "Allow"}),
    "statements, ours": _statements(corrected_policy(EXPECTED)["Statement"][0]),
    "statements, denials": _statements({"Effect": "Deny", "Action": "*", "Principal": "*"}),
    "unknown elements": lambda size: json.dumps({**corrected_policy(EXPECTED), **_names(size)}),
    "values that are no text": _element(lambda many: {"Action": many, "Resource": many}, lambda n: None),
    "kinds of principal": lambda size: _policy({"Principal": _names(size)}),
}  # fmt: skip


def _names(size: int) -> dict[str, int]:
    return {f"k{number}": 1 for number in range(max(1, (size - 700) // 11))}


def _filled(before: str, repeated: str, after: str = "") -> Shape:
    return lambda size: before + repeated * ((size - len(before) - len(after)) // len(repeated)) + after


OF_PASTE: Mapping[str, Shape] = {
    "lines": _filled("", "\n", "x"),
    "blank lines": _filled("", " \t\n", "x"),
    "blanks": _filled("", " ", "x"),
    "dashes": _filled("", "-", "x"),
    "roles in YAML": _filled("", "Role\n"),
    "braces": _filled("", "{ "),
    "lines of braces": _filled("x\n", "{\n"),
    "a brace and blanks": _filled("{" * 20, " ", "x"),
    "an object after blanks": _filled("{x" * 10, " ", '{"a": 1}'),
    "commas": _filled("{", ", "),
    "a comma and blanks": _filled("{,", " "),
    "commas and blanks": _filled("{", "," + " " * 100),
    "a key without an end": _filled('x{\n"', "a"),
    "keys without a brace": _filled("x{", '\n"a" : '),
    "quotes": _filled("{", "“"),
    "brackets": _filled("", "["),
    "brackets in a brace": _filled("{", "["),
    "objects in objects": _filled("", '{"a":'),
    "arrays that end in the middle": _filled('{"x":[' * 20, "1,"),
    "texts that end in the middle": _filled('{"' * 20, "c"),
    "escapes": _filled('{"a":"', "\\u0000"),
    "URL encoding": _filled("%7b", "%22"),
    "a number": _filled('{"a":', "1", "}"),
    "roles": lambda size: json.dumps({"Roles": [{"Arn": "x"}] * (size // 14)}),
    "keys": lambda size: json.dumps(dict.fromkeys(map(str, range(size // 12)), 1)),
    "quoted lines": _filled("", "> \n", "x"),
    "marks of quotes": _filled("", ">", "x"),
    "numbers of lines": lambda size: "\n".join(map(str, range(size // 5))),
    "colours": _filled("{", "\x1b[34;1m"),
    "colours without an end": _filled("{", "[1;"),
    "ends of objects": _filled("{}", "}"),
    "access keys, nearly": _filled("{", "AKIA"),
    "secrets, nearly": _filled("{", " aB1/" + "c" * 36),
    "roles of a state": lambda size: json.dumps([{"assume_role_policy": ""}] * (size // 28)),
    "surrogates": _filled('{"a":"', "\\ud800", '"}'),
}


def paste(shape: Shape, size: int) -> str:
    """Return a paste of about that size."""
    raw = shape(size)
    assert size / 3 < len(raw) < size * 1.2, f"the shape made {len(raw)} of {size} characters"
    return raw
