"""Callers that chance makes of the strings in a policy: whole and possible, near misses and far ones.

Nothing here knows how the product searches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

from sandbox.sts.request import AssumeRoleRequest
from tests.oracle.conditions import FAR, NEAR, NOW, RIGHT, ROLE, STRANGER, TENANT, USER, VENDOR, changed, instance

AT = datetime.fromisoformat(NOW).astimezone(UTC)
_PRINCIPAL = re.compile(r"arn:aws:iam::\d{12}:(role|user)/([\w+=,.@-]+/)*[\w+=,.@-]{1,64}", re.ASCII)
_WORD = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


@dataclass(frozen=True)
class Strings:
    """What a policy says of each key, in lower case, and whom it names."""

    values: Mapping[str, tuple[str, ...]]
    named: tuple[str, ...]
    services: tuple[str, ...]
    providers: tuple[str, ...]

    def of(self, name: str) -> tuple[str, ...]:
        return self.values.get(name, ())


def strings_of(policy: Mapping[str, Any]) -> Strings:
    values: dict[str, tuple[str, ...]] = {}
    found: dict[str, list[str]] = {"AWS": [], "Service": [], "Federated": []}
    for statement in policy["Statement"]:
        for operator, keys in statement.get("Condition", {}).items():
            for key, wanted in keys.items() if operator != "Null" else ():
                values[key.lower()] = (*values.get(key.lower(), ()), *_listed(wanted))
        for kind, entries in statement["Principal"].items():
            found[kind] += _listed(entries)
    return Strings(values, tuple(found["AWS"]), tuple(found["Service"]), tuple(found["Federated"]))


def our_requests(strings: Strings, chance: Random, number: int) -> Iterator[AssumeRoleRequest]:
    """Yield our own request, with what nobody can know drawn by chance."""
    for _ in range(number):
        yield replace(
            _request(strings, chance, ROLE, at=AT),
            external_id=RIGHT,
            tags={},
            transitive_tag_keys=(),
            source_identity=None,
        )


def other_requests(strings: Strings, chance: Random, number: int) -> Iterator[AssumeRoleRequest]:
    """Yield requests other than ours: another caller, another external ID, or ours with tags or a source identity."""
    for _ in range(number):
        if strings.services and chance.random() < 0.1:
            yield _by_service(strings, chance)
        elif strings.providers and chance.random() < 0.2:
            yield _by_provider(strings, chance)
        else:
            request = _request(strings, chance, _principal(strings, chance), at=_later(strings, chance))
            if not is_ours(request):
                yield request


def is_ours(request: AssumeRoleRequest) -> bool:
    is_plain = not request.tags and request.source_identity is None
    return (request.principal_arn, request.external_id, is_plain) == (ROLE, RIGHT, True)


def is_possible(arn: str) -> bool:
    """A role's name is the only one of its account, whatever its path and letter case."""
    kind, _, name = arn.split(":", 5)[5].partition("/")
    is_our_name = arn.startswith(f"arn:aws:iam::{VENDOR}:") and kind == "role"
    return arn == ROLE or not (is_our_name and name.rpartition("/")[2].lower() == "northwind-rolecall")


def _principal(strings: Strings, chance: Random) -> str:
    if chance.random() < 0.2:
        return ROLE
    account = chance.choice(
        [VENDOR, STRANGER, TENANT, *(t for t in strings.of("aws:principalaccount") if t.isdecimal())]
    )
    usual = [ROLE, USER, f"arn:aws:iam::{account}:role/another", f"arn:aws:iam::{account}:user/team/bob"]
    pattern = chance.choice([*usual, *strings.of("aws:principalarn"), *strings.of("aws:principalarn"), *strings.named])
    text = instance(chance, pattern, {"aws:principalaccount": account})
    if session := re.fullmatch(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+", text):
        text = f"arn:aws:iam::{session[1]}:role/{session[2]}"
    if text.endswith(":root"):
        text = f"{text.removesuffix('root')}{chance.choice(['role/northwind-rolecall', 'user/ann', 'role/intern'])}"
    start, _, rest = text.rpartition(":")
    parts = [text, f"{start}:{changed(chance, rest)}", f"arn:aws:iam::{account}:{rest}"]
    parts += [text.replace(":role/", ":user/"), text.replace(":role/", ":role/team/")]
    choice = chance.choice([text, text, *parts])
    return choice if _PRINCIPAL.fullmatch(choice) and is_possible(choice) else f"arn:aws:iam::{account}:role/another"


def _request(strings: Strings, chance: Random, arn: str, *, at: datetime) -> AssumeRoleRequest:
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    is_role = ":role/" in arn
    known = {"aws:principalaccount": account, "aws:principalarn": arn, **({} if is_role else {"aws:username": name})}
    sessions = f"arn:aws:sts::{account}:assumed-role/{name}/"
    named_sessions = [entry for entry in strings.named if entry.startswith(sessions)]

    def drawn(key: str, pattern: re.Pattern[str], *usual: str | None) -> str | None:
        texts = [changed(chance, instance(chance, text, known)) for text in strings.of(key)]
        possible = [text for text in texts if pattern.fullmatch(text)]
        return chance.choice([*usual, *possible, *possible])

    tags: dict[str, str] = {}
    transitive: tuple[str, ...] = ()
    if chance.random() < 0.25:
        names = [instance(chance, text, known) or "x" for text in strings.of("aws:tagkeys")]
        some = [name for name in ("Team", "Cost", *names) if chance.random() < 0.5]
        tags = {name: drawn("aws:requesttag/team", re.compile(".+"), "a", "b1", "zz") or "" for name in some}
        tags = {name: value for name, value in tags.items() if name.lower() not in map(str.lower, tags.keys() - {name})}
        transitive = tuple(name for name in tags if chance.random() < 0.4)
    request = AssumeRoleRequest(
        principal_arn=arn,
        caller_arn=chance.choice([f"{sessions}another", *named_sessions]) if is_role else arn,
        account_id=account,
        session_name=drawn("sts:rolesessionname", _WORD, "worker", "rolecall-7kq2m9xd") or "",
        external_id=drawn("sts:externalid", _EXTERNAL_ID, None, RIGHT, NEAR, FAR, RIGHT.upper()),
        tags=tags,
        transitive_tag_keys=transitive,
        source_identity=drawn("sts:sourceidentity", _WORD, "somebody") if chance.random() < 0.2 else None,
        has_mfa=chance.choice([None, False] if is_role else [None, False, True]),
        source_ip=_address(strings, chance),
        region=drawn("aws:requestedregion", re.compile("[a-z0-9-]+"), "us-east-1", "eu-west-1", "ap-south-1") or "",
        organization_id=chance.choice([None, "o-vendor0001", "o-tenant0001", "o-another001"]),
        at=at,
    )
    team = drawn("aws:principaltag/team", re.compile(".+"), None, "a", "b1")
    more = {"aws:principaltag/team": (team,)} if team is not None else {}
    if request.has_mfa:
        more["aws:multifactorauthage"] = (chance.choice(["0", "59", "60", "61", "3600", "40000"]),)
    # What the keys are follows from the fields; a change of those has to drop them again.
    return _WithMore(**vars(request), more=more) if more else request


@dataclass(frozen=True, kw_only=True)
class _WithMore(AssumeRoleRequest):
    more: Mapping[str, tuple[str, ...]]

    @property
    def context(self) -> Mapping[str, tuple[str, ...]]:
        return {**super().context, **self.more}


def _by_service(strings: Strings, chance: Random) -> AssumeRoleRequest:
    name = chance.choice(strings.services)
    plain = AssumeRoleRequest(
        principal_arn=name,
        caller_arn=name,
        account_id="",
        kind="service",
        session_name=chance.choice(["worker", "i-0123456789"]),
        source_ip=_address(strings, chance),
        region=chance.choice(["us-east-1", "eu-west-1"]),
        at=_later(strings, chance),
    )
    return replace(plain, keys=plain.context)


def _by_provider(strings: Strings, chance: Random) -> AssumeRoleRequest:
    name = chance.choice(strings.providers)
    told = {key: texts for key, texts in strings.values.items() if key.startswith(("saml:", "github.example:"))}
    one_each = {key: (changed(chance, instance(chance, chance.choice(texts), {})),) for key, texts in told.items()}
    plain = AssumeRoleRequest(
        principal_arn=name,
        caller_arn=name,
        account_id="",
        kind="federated",
        named_actions=("sts:AssumeRoleWithSAML" if ":saml-provider/" in name else "sts:AssumeRoleWithWebIdentity",),
        session_name="ann@acme.example",
        source_ip=_address(strings, chance),
        at=_later(strings, chance),
    )
    return replace(plain, keys={**plain.context, **{key: texts for key, texts in one_each.items() if texts != ("",)}})


def _address(strings: Strings, chance: Random) -> str:
    usual = ["203.0.113.9", "10.1.2.3", "198.51.100.7", "192.0.2.1", "2001:db8::9", "2a00::1"]
    for text in strings.of("aws:sourceip"):
        try:
            network = ip_network(text, strict=False)
        except ValueError:  # A pattern
            usual.append({"10.*": "10.9.9.9", "*:*": "2a00::7"}.get(text, "192.0.2.7"))
            continue
        for number in (int(network.network_address), int(network.broadcast_address) + 1):
            if number < 2**network.max_prefixlen:
                usual.append(str(type(network.network_address)(number)))
    return str(ip_address(chance.choice(usual)))


def _later(strings: Strings, chance: Random) -> datetime:
    """Return now or a later time, at the dates that the policy names and about them."""
    moments = [AT, AT + timedelta(days=3650)]
    for text in (*strings.of("aws:currenttime"), *strings.of("aws:epochtime")):
        if "*" in text:
            moments += [datetime(year, month, 3, tzinfo=UTC) for year in (2030, 2031, 2044) for month in (5, 8)]
            continue
        if text.isdecimal() and len(text) > 4:
            limit = datetime.fromtimestamp(int(text), UTC)
        else:
            limit = datetime.fromisoformat(f"{text}-01-01" if len(text) == 4 else text)
        limit = limit if limit.tzinfo else limit.replace(tzinfo=UTC)
        moments += [limit + timedelta(seconds=seconds) for seconds in (-1, 0, 1)]
    return chance.choice([moment for moment in moments if moment >= AT]).astimezone(UTC)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
