"""Whether a described request could be made at all, and whether the role lets it in.

Tests hand in what the product says gets in. It must not be a caller that AWS cannot have: no name has a `*` in it, an
ARN is of its account, and no call reaches AWS without its always-present keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Literal

from sandbox.sts.request import SET_SOURCE_IDENTITY, TAG_SESSION, AssumeRoleRequest, Values
from sandbox.sts.trust import Decision, evaluate

_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(role|user)/(?:[!-~]+/)?([\w+=,.@-]{1,64})", re.ASCII)
_PATTERNS = {
    "sts:externalid": re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII),
    "sts:rolesessionname": re.compile(r"[\w+=,.@-]{2,64}", re.ASCII),
    "sts:sourceidentity": re.compile(r"[\w+=,.@-]{2,64}", re.ASCII),
}
_TAG = "aws:requesttag/"
_ALWAYS = {"aws:securetransport": ("true",), "aws:viaawsservice": ("false",)}
_KINDS: dict[str, Literal["aws", "service", "federated"]] = {
    "role": "aws",
    "user": "aws",
    "service": "service",
    "saml": "federated",
    "web_identity": "federated",
}


def replay(
    policy: object, *, kind: str, arn: str, account_id: str, actions: Values, keys: Mapping[str, Values]
) -> Decision:
    """Return whether the trust policy lets this request in; with the reason, if the request is impossible.

    `kind` is role, user, service, saml or web_identity; `arn` the role's or user's ARN, or the service's or provider's
    name; `keys`, in lower case, are those of the policy's that the request carries. Where the policy names sessions
    of the role, one of them is asked too.
    """
    if reason := why_impossible(kind=kind, arn=arn, account_id=account_id, actions=actions, keys=keys):
        return Decision(False, f"there is no such request: {reason}")
    decisions = [
        evaluate(
            policy,
            AssumeRoleRequest(
                principal_arn=arn,
                caller_arn=caller_arn,
                account_id=account_id,
                kind=_KINDS[kind],
                named_actions=actions,
                keys=_completed(actions, keys),
            ),
        )
        for caller_arn in _callers(policy, kind, arn, account_id)
    ]
    return next((decision for decision in decisions if decision.allowed), decisions[0])


def why_impossible(*, kind: str, arn: str, account_id: str, actions: Values, keys: Mapping[str, Values]) -> str | None:
    """Return why AWS can have no such request, or None."""
    if kind not in _KINDS or not actions:
        return "its kind is unknown, or it asks for nothing"
    if any(name != name.lower() or not values for name, values in keys.items()):
        return "a key is not in lower case, or has no value"
    who = _odd_caller(kind, arn, account_id, keys) if _KINDS[kind] == "aws" else None
    return who or _odd_call(actions, keys)


def _odd_caller(kind: str, arn: str, account_id: str, keys: Mapping[str, Values]) -> str | None:
    named = _PRINCIPAL.fullmatch(arn)
    if named is None or (named[1], named[2]) != (account_id, kind) or set("*?") & set(arn):
        return f"{arn} is no {kind} of account {account_id}"
    wanted = {**_ALWAYS, "aws:principalarn": (arn,), "aws:principalaccount": (account_id,)}
    if kind == "role" and keys.get("aws:multifactorauthpresent") == ("true",):
        return "a role has no second factor"
    return next((f"{name} is {keys[name]}" for name, is_so in wanted.items() if keys.get(name, is_so) != is_so), None)


def _odd_call(actions: Values, keys: Mapping[str, Values]) -> str | None:
    for name, pattern in _PATTERNS.items():
        if not all(pattern.fullmatch(value) for value in keys.get(name, ())):
            return f"{name} cannot be {keys[name]}"
    tags, transitive = _tags(keys), {name.lower() for name in keys.get("sts:transitivetagkeys", ())}
    told = {name.lower() for name in keys.get("aws:tagkeys", (*tags, *transitive))}
    if not tags | transitive <= told:
        return f"of the session tags {sorted(tags | transitive)}, aws:TagKeys has {sorted(told)}"
    if told and TAG_SESSION not in actions:
        return "session tags need sts:TagSession"
    if "sts:sourceidentity" in keys and SET_SOURCE_IDENTITY not in actions:
        return "a source identity needs sts:SetSourceIdentity"
    return _odd_address(keys) or _odd_time(keys)


def _odd_address(keys: Mapping[str, Values]) -> str | None:
    try:
        [ip_address(value) for value in keys.get("aws:sourceip", ())]
    except ValueError as error:
        return str(error)
    return None


def _odd_time(keys: Mapping[str, Values]) -> str | None:
    if "aws:currenttime" not in keys or "aws:epochtime" not in keys:
        return None
    at = datetime.fromisoformat(keys["aws:currenttime"][0]).timestamp()
    return None if int(at) == int(keys["aws:epochtime"][0]) else "its two times are not the same"


def _tags(keys: Mapping[str, Values]) -> set[str]:
    return {name.removeprefix(_TAG) for name in keys if name.startswith(_TAG)}


def _completed(actions: Values, keys: Mapping[str, Values]) -> Mapping[str, Values]:
    """Return the keys with those that the actions bring with them: no call tags a session with no tag."""
    more: dict[str, Values] = {}
    if TAG_SESSION in actions:
        more["aws:tagkeys"] = (*sorted(_tags(keys)), *keys.get("sts:transitivetagkeys", ())) or ("some-tag",)
    if SET_SOURCE_IDENTITY in actions:
        more["sts:sourceidentity"] = ("somebody",)
    return {**more, **keys}


def _callers(policy: object, kind: str, arn: str, account_id: str) -> Iterator[str]:
    if kind != "role":
        yield arn
        return
    partition, name = arn.split(":")[1], arn.rpartition("/")[2]
    sessions = f"arn:{partition}:sts::{account_id}:assumed-role/{name}/"
    yield f"{sessions}some-session"
    yield from sorted(text for text in _texts(policy) if text.startswith(sessions) and not set("*?") & set(text))


def _texts(raw: object) -> Iterator[str]:
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, dict):
        for value in raw.values():
            yield from _texts(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from _texts(value)
