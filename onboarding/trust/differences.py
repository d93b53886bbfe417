"""Everything that can be different about a trust policy: one table of findings, and how two texts differ."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from onboarding.ground.wording import NOTHING, Text, clean, say
from onboarding.policy.document import Path

_TYPO = 3


class Severity(StrEnum):
    """What a difference does. LOOSE lets in somebody or something more, SHUT keeps us out, DIFFERENT does neither."""

    LOOSE = "loose"
    SHUT = "shut"
    DIFFERENT = "different"


@dataclass(frozen=True)
class TrustDifference:
    """One line of a policy that is not as agreed. `statement` counts from 1, None where it is about the whole.

    `found` is the value as it stands, `needed` the one to put there (either may be empty), `path` leads to the place.
    """

    code: str
    severity: Severity
    sentence: Text
    found: str = ""
    needed: str = ""
    statement: int | None = None
    sid: str = ""
    path: Path = ()


@dataclass(frozen=True)
class DifferenceKind:
    """A difference before the whole policy is known. `beside` is its severity where another statement lets us in."""

    alone: Severity
    beside: Severity
    sentence: Text


_L, _S, _D = Severity.LOOSE, Severity.SHUT, Severity.DIFFERENT

# {found} and {needed} are the values, {hint} says how they differ. Sentences are for the tenant.
DIFFERENCE_KINDS: Mapping[str, DifferenceKind] = {
    "unreadable": DifferenceKind(
        _L, _L, say("We cannot read this trust policy, so we cannot tell whom it lets in. {hint}")
    ),
    "not_let_in": DifferenceKind(_S, _S, say("Nothing in this policy lets us in for certain. {hint}")),
    "not_in_grammar": DifferenceKind(_S, _D, say("{hint}; AWS would not take this policy.")),
    "extra_statement": DifferenceKind(_D, _D, say("This statement is one too many: one is all that is needed.")),
    "extra_statement_lets_in": DifferenceKind(
        _L, _L, say("This further statement lets in more than was agreed. Remove it.")
    ),
    "deny_may_hit_us": DifferenceKind(_S, _S, say("This Deny takes the role away from us, or may do so.")),
    "deny_elsewhere": DifferenceKind(_D, _D, say("This Deny is not needed. It does not concern us.")),
    # Actions
    "action_missing": DifferenceKind(_S, _D, say("This statement does not allow sts:AssumeRole.")),
    "action_wildcard": DifferenceKind(_L, _L, say("“{found}” allows more than the one action needed.")),
    "action_extra": DifferenceKind(_L, _L, say("“{found}” is allowed too, and is not needed.")),
    "action_tag_session": DifferenceKind(
        _L, _L, say("“{found}” also lets a session choose its own tags, which we never do.")
    ),
    "action_source_identity": DifferenceKind(
        _L, _L, say("“{found}” also lets a session name its source, which we never do.")
    ),
    "not_action": DifferenceKind(_L, _L, say("NotAction allows everything but what it names.")),
    # Principals
    "principal_missing": DifferenceKind(_S, _D, say("This statement names no principal that could be us.")),
    "not_principal": DifferenceKind(_L, _L, say("NotPrincipal lets in everybody but those it names.")),
    "principal_everybody": DifferenceKind(_L, _L, say("“*” names everybody with an AWS account.")),
    "principal_everybody_narrowed": DifferenceKind(
        _D, _D, say("“*” names everybody; only the condition narrows it down to us.")
    ),
    "account_not_narrowed": DifferenceKind(
        _L, _L, say("Every role and user of our account is let in, not our one role alone.")
    ),
    "principal_other_account": DifferenceKind(_L, _L, say("This lets in another AWS account than ours. {hint}")),
    "principal_other": DifferenceKind(_L, _L, say("This lets in somebody else than our role. {hint}")),
    "principal_not_us": DifferenceKind(_S, _D, say("This names somebody else than us. {hint}")),
    "principal_misspelt": DifferenceKind(_S, _L, say("This is almost our role, but not quite. {hint}")),
    "principal_wrong_partition": DifferenceKind(
        _S, _D, say("This names another part of AWS than ours: it must start {needed}.")
    ),
    "principal_dead": DifferenceKind(
        _S, _D, say("This is the ID of a role or user that was deleted, so nobody can use it.")
    ),
    "principal_malformed": DifferenceKind(_S, _D, say("This is no principal that AWS knows.")),
    "principal_session": DifferenceKind(
        _S, _D, say("This names one session of our role; the next one has another name.")
    ),
    "principal_direct": DifferenceKind(
        _D, _D, say("Our role is named directly. That is as safe, but it breaks if we ever make that role anew.")
    ),
    "principal_kind": DifferenceKind(_L, _L, say("This also trusts an AWS service or a sign-in provider.")),
    # The external ID
    "external_id_missing": DifferenceKind(
        _L, _L, say("There is no condition on the external ID, so anybody could use us to get in.")
    ),
    "external_id_optional": DifferenceKind(_L, _L, say("This operator lets a request without an external ID pass.")),
    "external_id_excludes": DifferenceKind(_L, _L, say("This keeps out some external IDs and lets in all others.")),
    "external_id_any": DifferenceKind(_L, _L, say("This asks only whether there is an external ID, not which.")),
    "external_id_wildcard": DifferenceKind(_L, _L, say("A wildcard lets in other external IDs too.")),
    "external_id_ignores_case": DifferenceKind(
        _L, _L, say("This operator takes capital and small letters for the same.")
    ),
    "external_id_several": DifferenceKind(_L, _L, say("More than one external ID is let in.")),
    "external_id_other": DifferenceKind(_S, _L, say("This is another external ID than this connection’s.")),
    "external_id_misspelt": DifferenceKind(_S, _L, say("This is almost the external ID, but not quite. {hint}")),
    "external_id_form": DifferenceKind(_D, _D, say("Another operator than StringEquals, which does the same here.")),
    "external_id_none_wanted": DifferenceKind(_S, _D, say("This condition cannot be met with the external ID.")),
    # Other conditions
    "principal_arn_loose": DifferenceKind(_L, _L, say("This does not narrow our account down to our one role.")),
    "principal_arn_form": DifferenceKind(_D, _D, say("Another operator than ArnEquals, which does the same here.")),
    "condition_met": DifferenceKind(_D, _D, say("A further condition. We meet it, so it changes nothing.")),
    "condition_unmet": DifferenceKind(_S, _D, say("A further condition, which we do not meet.")),
    "condition_unclear": DifferenceKind(_S, _D, say("A further condition, which may keep us out.")),
}


def difference(
    code: str, *, hint: Text = NOTHING, found: str = "", needed: str = "", beside: bool = False
) -> TrustDifference:
    """Return a difference of the kind with that code, in words. The caller fills in its place."""
    kind = DIFFERENCE_KINDS[code]
    sentence = kind.sentence.filled(found=clean(found), needed=needed, hint=hint)
    severity = kind.beside if beside else kind.alone
    return TrustDifference(code, severity, sentence, found=clean(found), needed=needed)


def how_it_differs(found: str, wanted: str) -> Text:
    """Return in words how a text misses the wanted one by a slip, or an empty string if it is another text."""
    if found.strip() == wanted:
        return say("There is a blank before or after it.")
    if "".join(c for c in found if unicodedata.category(c) not in ("Cf", "Zs", "Cc")) == wanted:
        return say("There is a blank or an invisible character in it.")
    if found.casefold() == wanted.casefold():
        return say("Capital and small letters differ.")
    return _slip(found, wanted) if _is_within(_TYPO, found, wanted) else NOTHING


def _slip(found: str, wanted: str) -> Text:
    at = next((i for i, (one, other) in enumerate(zip(found, wanted, strict=False)) if one != other), None)
    if at is None:
        return say("It is cut short.") if len(found) < len(wanted) else say("It has something added at its end.")
    if len(found) == len(wanted):
        return say(
            "Look at character {number}: “{found}” stands there instead of “{wanted}”.",
            number=at + 1,
            found=clean(found[at]),
            wanted=wanted[at],
        )
    if len(found) < len(wanted):
        return say("Look at character {number}: there, something is missing.", number=at + 1)
    return say("Look at character {number}: there, something is too many.", number=at + 1)


def _is_within(edits: int, one: str, other: str) -> bool:
    """Whether that many edits (a character less, more or another) make one text of the other.

    What both begin with is skipped, so few edits mean few branches, however long the texts are.
    """
    if edits == 0 or abs(len(one) - len(other)) > edits:
        return one == other
    at = next((i for i, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs), None)
    if at is None:
        return True
    here, there = one[at:], other[at:]
    ways = ((here[1:], there[1:]), (here[1:], there), (here, there[1:]))
    return any(_is_within(edits - 1, *way) for way in ways)
