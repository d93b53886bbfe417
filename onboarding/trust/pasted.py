"""Finding a role's trust policy in what somebody pasted: all of `aws iam get-role`, the policy alone, with the prompt.

Lenient where there is only one way to read it; where there are two, it says so instead of choosing.
Source: https://docs.aws.amazon.com/cli/latest/reference/iam/get-role.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.ground.wording import Text, say
from onboarding.policy.document import PolicyDocument
from onboarding.policy.json_text import DuplicateKey, Unreadable, read_json, why_not_json, without_duplicates
from onboarding.trust.reading import parse_trust_policy

LONGEST_PASTE = 100_000
_MOST_STARTS = 10


@dataclass(frozen=True)
class PastedRole:
    """What the paste holds: the trust policy, and the role's ARN where it was pasted too."""

    policy: PolicyDocument
    role_arn: str


# What else people paste, told by what is in it.
_SOMETHING_ELSE: tuple[tuple[re.Pattern[str], str, Text], ...] = (
    (
        re.compile(r"NoSuchEntity"),
        "no_such_role",
        say("AWS says that there is no such role in the account you are signed in to."),
    ),
    (
        re.compile(r"AccessDenied|not authorized to perform"),
        "not_allowed",
        say("AWS did not let you read the role: ask a colleague."),
    ),
    (
        re.compile(r"ExpiredToken|Unable to locate credentials|aws sso login"),
        "signed_out",
        say("The AWS CLI is not signed in."),
    ),
    (
        re.compile(r"command not found|not recognized as"),
        "no_cli",
        say("There is no AWS CLI there: use CloudShell in the AWS console."),
    ),
    (
        re.compile(r"^[ \t]*arn:aws", re.M),
        "an_arn",
        say("That is an ARN, not the role’s policy: paste what the command printed."),
    ),
    (
        re.compile(r"^[ \t]*(Role|AssumeRolePolicyDocument|Statement):", re.M),
        "yaml",
        say("That is YAML: add --output json to the command."),
    ),
    (re.compile(r"^ROLE\t|^-{5,}", re.M), "table", say("That is text or a table: add --output json to the command.")),
)
_NO_JSON = Unreadable(
    "no_json", say("There is no policy in it: we look for a text that starts with { and ends with }.")
)
_TWO = Unreadable("two_documents", say("There is more than one document in it. Paste what the command printed, once."))
_CUT_OFF = Unreadable("incomplete", say("The end is missing: paste all that the command printed, to the last }."))
_TYPOGRAPHIC = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\u00a0": " ", "\u200b": " ", "\ufeff": " "}
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


def read_pasted(raw: object, *, role_arn: str | None) -> PastedRole | Unreadable:
    """Return the trust policy in a paste, or what keeps us from reading it. Never raises.

    `role_arn` picks the role where several were pasted (`list-roles`).
    """
    document = _json_in(raw)
    return document if isinstance(document, Unreadable) else _role(document, role_arn)


def _json_in(raw: object) -> Any | Unreadable:
    if isinstance(raw, bytes | bytearray):
        raw = bytes(raw[:LONGEST_PASTE]).decode("utf-8", "replace") if len(raw) <= LONGEST_PASTE else " " * len(raw)
    if not isinstance(raw, str):
        return raw if isinstance(raw, dict) else _NO_JSON
    if len(raw) > LONGEST_PASTE:
        return Unreadable(
            "too_long", say("That is far longer than a role: over {most} characters.", most=LONGEST_PASTE)
        )
    whole = read_json(raw)
    if isinstance(whole, dict | list) or (isinstance(whole, Unreadable) and whole.code == "key_twice"):
        return whole
    if "{" not in raw:
        return next((Unreadable(c, s) for p, c, s in _SOMETHING_ELSE if p.search(raw)), _NO_JSON)
    first = _embedded(raw)
    if not isinstance(first, Unreadable) or first.code != "not_json":
        return first
    mended = _embedded(_TRAILING_COMMA.sub("", raw.translate(_TYPOGRAPHIC)))
    return first if isinstance(mended, Unreadable) and mended.code == "not_json" else mended


def _embedded(text: str) -> Any | Unreadable:
    """Return the one JSON object in the text, whatever stands on the lines around it."""
    decoder = json.JSONDecoder(object_pairs_hook=without_duplicates)
    problem: Unreadable | None = None
    for start in _starts(text):
        try:
            found, end = decoder.raw_decode(text, start)
        except DuplicateKey as twice:
            return Unreadable("key_twice", say("“{key}” stands twice in the same place.", key=str(twice)[:80]))
        except json.JSONDecodeError as error:
            problem = problem or _not_json(text, error)
            continue
        except (ValueError, RecursionError):
            return Unreadable(
                "not_a_policy", say("That is nested too deeply, or holds a number too long, for a policy.")
            )
        if problem and _begins_outside(text[:start]):
            return problem
        return _TWO if "{" in text[end:] else found
    return problem or _NO_JSON


def _starts(text: str) -> Iterator[int]:
    """Yield where an object may start: the first brace of a line before any other."""
    lines = [m.start(1) for m in re.finditer(r"^[ \t]*(?:\"\w+\"[ \t]*:[ \t]*)?(\{)", text, re.M)]
    yield from dict.fromkeys([*lines[:1], *[m.start() for m in re.finditer(r"\{", text)][:_MOST_STARTS]])


def _begins_outside(before: str) -> bool:
    """Whether an object opened earlier encloses what was found, so that only a part of the document was read."""
    return any(re.match(r"\s*[\"}“”„«]", before[at + 1 :]) or not before[at + 1 :].strip() for at in _braces(before))


def _braces(text: str) -> list[int]:
    return [at for at, character in enumerate(text) if character == "{"][:_MOST_STARTS]


def _not_json(text: str, error: json.JSONDecodeError) -> Unreadable:
    # A text that never ends, and nothing left to read, both mean that the paste stops too early.
    if error.msg.startswith("Unterminated") or not text[error.pos :].strip():
        return _CUT_OFF
    sentence = say(
        "It cannot be read at line {line}, column {column}: {why}.",
        line=error.lineno,
        column=error.colno,
        why=why_not_json(error),
    )
    return Unreadable("not_json", sentence, error.lineno, error.colno)


def _role(document: Any, role_arn: str | None) -> PastedRole | Unreadable:
    roles = document if isinstance(document, list) else document.get("Roles", [document])
    if isinstance(roles, list) and len(roles) > 1:
        roles = [role for role in roles if isinstance(role, dict) and role.get("Arn") == role_arn]
    if not isinstance(roles, list) or len(roles) != 1 or not isinstance(roles[0], dict):
        return Unreadable(
            "which_role", say("There is not exactly one role in it. Paste what get-role printed for your role.")
        )
    role = roles[0]["Role"] if isinstance(roles[0].get("Role"), dict) else roles[0]
    if "AssumeRolePolicyDocument" in role:
        return _pasted(role["AssumeRolePolicyDocument"], role)
    if "Statement" in role:
        return _pasted(role, {})
    if "Effect" in role:
        return Unreadable(
            "one_statement", say("That is one statement of a policy. Paste the whole policy, from { to }.")
        )
    return Unreadable("no_policy", say("There is no AssumeRolePolicyDocument and no Statement in it."))


def _pasted(raw_policy: Any, role: Mapping[str, Any]) -> PastedRole | Unreadable:
    policy = parse_trust_policy(raw_policy)
    if isinstance(policy, Unreadable):
        return policy
    statements = policy.statements
    if all(s.resources and not s.principals and s.not_principals is None for s in statements):
        return Unreadable(
            "permissions_policy",
            say(
                "That is a permissions policy: it says what the role may do, not who may use it. "
                "The trust policy is under Trust relationships on the role’s page."
            ),
        )
    arn = role.get("Arn")
    return PastedRole(policy, arn if isinstance(arn, str) else "")
