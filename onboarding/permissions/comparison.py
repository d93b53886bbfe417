"""What a deployed role may do, against what the template asks for: what is missing, and what is in excess.

Judged on what all its policies say together, not on how they are written: each action on each resource.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html (a Deny wins) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html (both must allow).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from onboarding.ground.arn import RoleArn
from onboarding.ground.wording import Text, clean, say
from onboarding.permissions.asked import AskedStatement
from onboarding.permissions.excess import ExcessPermission, grouped
from onboarding.permissions.powers import Powers
from onboarding.permissions.rules import ReadPolicy, read_inline, read_managed, session_keys

# What AWS documents of the one policy whose grant has never changed and is all there is.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
_ADMINISTRATOR = ":iam::aws:policy/AdministratorAccess"
_EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


@dataclass(frozen=True)
class DeployedPermissions:
    """What is on the role: inline policies by name, attached managed ones by ARN, and its boundary if it has one.

    Documents are in any form that parse_policy takes. A managed policy's document is None where we cannot read it.
    """

    inline: Mapping[str, object]
    attached: Mapping[str, object | None] = field(default_factory=dict)
    boundary_arn: str | None = None
    boundary: object | None = None


@dataclass(frozen=True)
class MissingPermission:
    """Actions of one of the template's statements that the role cannot do as asked.

    With `is_perhaps` it can under conditions that nobody can know beforehand: from some regions or addresses, say.
    """

    sid: str
    title: Text
    actions: tuple[str, ...]
    is_perhaps: bool = False


@dataclass(frozen=True)
class PermissionComparison:
    """What came of it. `unknown` has each policy that we could not read, or not all of, with a sentence that says so.

    What those allow or take away is in neither list. `unseen` are those of them that are attached, without a document.
    """

    missing: tuple[MissingPermission, ...]
    excess: tuple[ExcessPermission, ...]
    unknown: tuple[tuple[str, Text], ...]
    unseen: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the role may do what was agreed, nothing less and nothing more, for all that we could read."""
        return not (self.missing or self.excess or self.unknown)


def compare_permissions(
    deployed: DeployedPermissions, asked: Sequence[AskedStatement], *, role_arn: RoleArn, now: datetime
) -> PermissionComparison:
    """Return what the role lacks and what it has too much of, whatever the policies hold.

    Raises nothing but TooComplex, where the caller has set how much work it can be. `asked` comes from
    AskedPermissions.for_role; `now`, with its zone, is when the role is judged. Conditions count by what is known of a
    request that a new session of the role makes then: an Allow under one that nobody can know is excess and grants
    nothing that was asked for; a Deny under one may take that away.
    """
    keys = session_keys(role_arn, now)
    policies = [read_inline(name, document) for name, document in sorted(deployed.inline.items())]
    policies += [_attached(arn, document) for arn, document in sorted(deployed.attached.items())]
    limit = _boundary(deployed.boundary_arn, deployed.boundary) if deployed.boundary_arn else None
    powers = Powers((r for p in policies for r in p.rules), asked, role_arn=role_arn, keys=keys)
    boundary = None
    if limit is not None and limit.problem is None:
        boundary = Powers(limit.rules, asked, role_arn=role_arn, keys=keys, beside=powers)
    read = policies if limit is None else [*policies, limit]
    return PermissionComparison(
        missing=tuple(_missing(asked, powers, boundary)),
        excess=grouped(powers, asked, boundary),
        unknown=tuple((p.name, p.problem) for p in read if p.problem is not None),
        unseen=tuple(arn for arn in sorted(deployed.attached) if _document(arn, deployed.attached[arn]) is None),
    )


def _attached(arn: str, document: object | None) -> ReadPolicy:
    found = _document(arn, document)
    if found is None:
        sentence = say("The policy {policy} is attached, and we cannot see what it allows.", policy=clean(arn))
        return ReadPolicy(arn, problem=sentence)
    return read_managed(arn, found)


def _boundary(arn: str, document: object | None) -> ReadPolicy:
    found = _document(arn, document)
    if found is None:
        sentence = say(
            "The permissions boundary {boundary} is set on the role. It may take away whatever it does not list "
            "itself; we cannot read it.",
            boundary=clean(arn),
        )
        return ReadPolicy(arn, problem=sentence)
    return read_managed(arn, found)


def _document(arn: str, document: object | None) -> object | None:
    return _EVERYTHING if document is None and arn.endswith(_ADMINISTRATOR) else document


def _missing(asked: Sequence[AskedStatement], powers: Powers, boundary: Powers | None) -> Iterator[MissingPermission]:
    both = [powers] if boundary is None else [powers, boundary]
    for wanted in asked:
        lacking = powers.asked(wanted) & ~_granted(wanted, both)
        if not lacking:
            continue
        perhaps = lacking & _granted(wanted, both, at_best=True)
        for some, is_perhaps in ((lacking & ~perhaps, False), (perhaps, True)):
            actions = tuple(action for action in wanted.actions if powers.named_by(action) & some)
            if actions:
                yield MissingPermission(wanted.sid, wanted.title, actions, is_perhaps)


def _granted(wanted: AskedStatement, both: Sequence[Powers], *, at_best: bool = False) -> int:
    can = -1
    for powers in both:
        for resource in wanted.resources:
            can &= powers.granted(wanted, resource, at_best=at_best)
    return can
