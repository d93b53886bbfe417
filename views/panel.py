"""The live panel as values: what is done, what we wait for, how long that usually takes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.diagnosis.diagnosis import Who
from onboarding.entry.handovers import can_hand_over
from onboarding.explanation import (
    NORMAL_SPREAD,
    Circumstances,
    Explanation,
    explain,
    is_refused_despite_its_trust,
)
from onboarding.ground.arn import spaced
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.status import Status
from onboarding.ground.wording import Text, say
from onboarding.model import Connection, Handover, HandoverState, Verification
from onboarding.proof.checks import CHECKS
from views.panel_notes import Note, note_on

# Up to this age of the wait, this many seconds between two polls: often at first, seldom in a forgotten tab.
_INTERVALS: tuple[tuple[timedelta, int], ...] = (
    (timedelta(minutes=2), 2),
    (timedelta(minutes=10), 5),
    (timedelta(hours=1), 15),
)
_LAST_INTERVAL = 60
TYPICAL_SECONDS = 90


@dataclass(frozen=True)
class Item:
    """One line of the panel: `state` is done, now, todo or bad."""

    label: Text
    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class Panel:
    """What the panel shows. `tag` changes when any of it does; `interval_seconds` is None once it is settled."""

    tag: str
    status: Status
    headline: Text
    items: Sequence[Item]
    explanation: Explanation | None
    can_examine: bool
    note: Note
    interval_seconds: int | None
    waits_since: datetime | None
    typical_seconds: int
    is_slow: bool
    can_hand_over: bool
    handover: Handover | None


def build_panel(
    connection: Connection,
    verification: Verification | None,
    *,
    circumstances: Circumstances,
    handovers: Sequence[Handover] | None = None,
) -> Panel:
    """Return the panel of a connection as it is now; without `handovers` for a colleague, who cannot hand it over."""
    now = circumstances.now
    # The newest that nobody revoked.
    handover = next((h for h in reversed(handovers or ()) if h.state(now) is not HandoverState.REVOKED), None)
    is_slow = _is_slow(connection, now=now)
    explanation = _shown_explanation(connection, circumstances, is_slow=is_slow)
    return Panel(
        tag=panel_tag(connection, now=now, vendor_finding_code=circumstances.vendor_finding_code),
        status=connection.status,
        headline=_headline(connection, explanation),
        items=(*_handover_items(handover, now=now), *_items(connection, verification)),
        explanation=explanation,
        can_examine=_can_examine(explanation),
        note=note_on(connection),
        interval_seconds=_interval(connection, now=now),
        waits_since=connection.waiting_since if _waits_for_role(connection) else None,
        typical_seconds=TYPICAL_SECONDS,
        is_slow=is_slow,
        can_hand_over=handovers is not None and can_hand_over(connection),
        handover=handover,
    )


def panel_tag(connection: Connection, *, now: datetime, vendor_finding_code: str) -> str:
    """Return a tag that changes whenever the panel does.

    A problem with the worker's own AWS identity changes no connection, but the panel of a waiting one shows it.
    """
    ours = vendor_finding_code if connection.status is Status.WAITING else ""
    despite = int(is_refused_despite_its_trust(connection, now=now))
    slow = int(_is_slow(connection, now=now))
    return f"{connection.version}.{_interval(connection, now=now) or 0}.{slow}.{despite}.{ours}"


def _can_examine(explanation: Explanation | None) -> bool:
    """Whether the examiner might help: the tenant must act, or the cause is not known yet."""
    return explanation is not None and (explanation.diagnosis.who is Who.TENANT or bool(explanation.causes))


def _headline(connection: Connection, explanation: Explanation | None) -> Text:
    is_ours = explanation is not None and explanation.diagnosis.who is Who.VENDOR
    return (
        say("A problem on our side")
        if is_ours and connection.status is Status.WAITING
        else note_on(connection).headline
    )


def _shown_explanation(connection: Connection, circumstances: Circumstances, *, is_slow: bool) -> Explanation | None:
    """Return the explanation, unless it is too early for one.

    It is normal that a role does not answer in its first two minutes, and that there is no external ID yet while the
    tenant names the account: the launch button issues it.
    """
    explanation = explain(connection, circumstances)
    if explanation is None or connection.status in (Status.DISCONNECTED, Status.EXPIRED):
        return None
    is_early = explanation.diagnosis.code in ("not_answering", "no_external_id") and not is_slow
    return None if is_early else explanation


def _items(connection: Connection, verification: Verification | None) -> Sequence[Item]:
    results = _shown_results(connection, verification)
    return (
        Item(say("AWS page opened"), "done" if connection.launched_at else "todo", connection.launched_at),
        _role_item(connection),
        *(Item(CHECKS[r.check].label, _state(r)) for r in results if _is_shown(r)),
        *(
            (Item(say("{number} safety checks", number=_IN_WORDS.get(len(CHECKS), len(CHECKS))), "todo"),)
            if not results
            else ()
        ),
        Item(say("Connected"), "done" if connection.is_connected else "todo", connection.connected_at),
    )


def _handover_items(handover: Handover | None, *, now: datetime) -> Sequence[Item]:
    if handover is None:
        return ()
    if handover.opened_at is not None:
        return (Item(say("Your colleague opened the link"), "done", handover.opened_at),)
    if handover.state(now) is HandoverState.EXPIRED:
        return (Item(say("Your colleague did not open the link in time"), "bad"),)
    return (Item(say("Your colleague has not opened the link yet"), "now", handover.created_at),)


def _role_item(connection: Connection) -> Item:
    account = spaced(connection.account_id or "")
    if connection.role_seen_at:
        seen = say("Role appeared in {account}", account=account) if account else say("Role appeared")
        return Item(seen, "done", connection.role_seen_at)
    is_awaited = connection.status in (Status.WAITING, Status.REJECTED)
    awaited = say("Role appears in {account}", account=account) if account else say("Role appears")
    return Item(awaited, "now" if is_awaited else "todo")


_IN_WORDS = {6: say("Six"), 7: say("Seven"), 8: say("Eight"), 9: say("Nine"), 10: say("Ten")}


def _is_shown(result: CheckResult) -> bool:
    """Whether the panel lists the check: if it is required, or failed. The success page lists all."""
    return CHECKS[result.check].is_required or result.verdict is Verdict.FAILED


def _shown_results(connection: Connection, verification: Verification | None) -> Sequence[CheckResult]:
    """Return the results to list: none before the role has answered."""
    return verification.results if verification and connection.role_seen_at else ()


def _state(result: CheckResult) -> str:
    return {"passed": "done", "failed": "bad", "inconclusive": "now", "not_checked": "todo"}[result.verdict]


def _waits_for_role(connection: Connection) -> bool:
    return connection.status is Status.WAITING and connection.claimed_role_arn is not None


def _is_slow(connection: Connection, *, now: datetime) -> bool:
    return _waits_for_role(connection) and _age(connection, now) > NORMAL_SPREAD


def _interval(connection: Connection, *, now: datetime) -> int | None:
    if not connection.is_settling:
        return None
    age = _age(connection, now)
    return next((seconds for until, seconds in _INTERVALS if age < until), _LAST_INTERVAL)


def _age(connection: Connection, now: datetime) -> timedelta:
    return now - connection.watched_for_since
