"""The live panel as values: what is done, what we wait for, how long that usually takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from onboarding.callback.news import News, StackNews
from onboarding.diagnosis.diagnosis import Who
from onboarding.entry.handovers import can_hand_over
from onboarding.explanation import Circumstances, Explanation, explain
from onboarding.ground.arn import spaced
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.status import Status
from onboarding.ground.wording import Text, say
from onboarding.launch import stack_events_url
from onboarding.model import Connection, Handover, HandoverState, Verification
from onboarding.proof.checks import CHECKS
from onboarding.receipt import has_receipt
from views.panel_notes import NO_NEWS, Note, note_on
from views.panel_polls import interval_seconds, is_slow_to_answer, panel_tag, waits_for_role
from views.panel_stacks import Item, deletion_items, stack_items

# In these, what is known of the stack says more than that the role does not answer.
_SAYS_MORE = (News.UNFINISHED, News.GONE_ELSEWHERE, News.OTHER_ACCOUNT, News.WHOSE_ACCOUNT)
TYPICAL_SECONDS = 90


@dataclass(frozen=True)
class Panel:
    """What the panel shows. `tag` changes when any of it does; `interval_seconds` is None once it is settled.

    `progress_since` is when that began which has a typical time, if it has. `events_url` is the AWS page that says why
    the stack failed.
    """

    tag: str
    status: Status
    headline: Text
    items: Sequence[Item]
    explanation: Explanation | None
    can_examine: bool
    note: Note
    interval_seconds: int | None
    waits_since: datetime | None
    progress_since: datetime | None
    typical_seconds: int
    is_slow: bool
    news: StackNews
    events_url: str
    has_receipt: bool
    can_hand_over: bool
    handover: Handover | None

    @property
    def asks(self) -> Mapping[str, str | None]:
        """What goes with a poll: the tag, and "connected" if the page around the panel says that all is well."""
        is_sound = self.status is Status.CONNECTED and self.news.kind is not News.DELETED
        return {"has": self.tag, "was": "connected" if is_sound else None}


def build_panel(
    connection: Connection,
    verification: Verification | None,
    *,
    circumstances: Circumstances,
    handovers: Sequence[Handover] | None = None,
    news: StackNews = NO_NEWS,
    console_url: str = "",
    hears: bool = False,
) -> Panel:
    """Return the panel of a connection as it is now; without `handovers` for a colleague, who cannot hand it over.

    `hears` says whether the stack of a connected role reports when it is deleted.
    """
    now = circumstances.now
    # The newest that nobody revoked.
    handover = next((h for h in reversed(handovers or ()) if h.state(now) is not HandoverState.REVOKED), None)
    is_slow = is_slow_to_answer(connection, now=now) if news.begun_at is None else news.kind is News.BEGUN_AND_SILENT
    explanation = _shown_explanation(connection, circumstances, is_slow=is_slow, news=news)
    note = note_on(connection, news)
    since = news.begun_at or (connection.waiting_since if _waits(connection, news) else None)
    return Panel(
        tag=panel_tag(connection, news, now=now, vendor_finding_code=circumstances.vendor_finding_code, hears=hears),
        status=connection.status,
        headline=_headline(connection, explanation, note),
        items=(*_handover_items(handover, now=now), *_items(connection, verification, news)),
        explanation=explanation,
        can_examine=_can_examine(explanation),
        note=note,
        interval_seconds=interval_seconds(connection, now=now, hears=hears),
        waits_since=since,
        # Before the stack has begun, it is up to the tenant how long that takes.
        progress_since=None if is_slow or news.awaits_event else since,
        typical_seconds=TYPICAL_SECONDS,
        is_slow=is_slow,
        can_hand_over=handovers is not None and can_hand_over(connection),
        handover=handover,
        news=news,
        events_url=stack_events_url(console_url, news.stack) if news.stack else "",
        has_receipt=has_receipt(connection),
    )


def _can_examine(explanation: Explanation | None) -> bool:
    """Whether the examiner might help: the tenant must act, or the cause is not known yet."""
    return explanation is not None and (explanation.diagnosis.who is Who.TENANT or bool(explanation.causes))


def _headline(connection: Connection, explanation: Explanation | None, note: Note) -> Text:
    is_ours = explanation is not None and explanation.diagnosis.who is Who.VENDOR
    return say("A problem on our side") if is_ours and connection.status is Status.WAITING else note.headline


def _shown_explanation(
    connection: Connection, circumstances: Circumstances, *, is_slow: bool, news: StackNews
) -> Explanation | None:
    """Return the explanation, unless it is too early for one, or what is known of the stack says it better.

    It is normal that a role does not answer in its first two minutes, and that there is no external ID yet while the
    tenant names the account: the launch button issues it.
    """
    circumstances = replace(circumstances, begun=news.stack if news.begun_at else None, begun_at=news.begun_at)
    explanation = explain(connection, circumstances)
    if explanation is None or connection.status in (Status.DISCONNECTED, Status.EXPIRED):
        return None
    if explanation.diagnosis.code in ("not_answering", "no_external_id"):
        return explanation if is_slow and news.kind not in _SAYS_MORE else None
    # The panel says itself that the role is gone with its stack, and that a new one has begun.
    is_told = news.kind in (News.DELETED, News.BEGUN)
    return None if is_told and explanation.diagnosis.code == "role_lost" else explanation


def _items(connection: Connection, verification: Verification | None, news: StackNews) -> Sequence[Item]:
    return (
        Item(say("AWS page opened"), "done" if connection.launched_at else "todo", connection.launched_at),
        *stack_items(connection, news),
        _role_item(connection, news),
        # Once the role is gone with its stack, its checks say nothing.
        *(() if news.kind is News.DELETED else _check_items(connection, None if news.is_under_way else verification)),
        _connected_item(connection, news),
        *deletion_items(connection, news),
    )


def _connected_item(connection: Connection, news: StackNews) -> Item:
    # Where a new stack is to reconnect the account, that is still to come.
    if connection.is_connected and not news.is_under_way:
        return Item(say("Connected"), "done", connection.connected_at)
    return Item(say("Connected"), "todo")


def _check_items(connection: Connection, verification: Verification | None) -> Sequence[Item]:
    results = _shown_results(connection, verification)
    if not results:
        return (Item(say("{number} safety checks", number=_IN_WORDS.get(len(CHECKS), len(CHECKS))), "todo"),)
    return tuple(Item(CHECKS[r.check].label, _state(r)) for r in results if _is_shown(r))


def _handover_items(handover: Handover | None, *, now: datetime) -> Sequence[Item]:
    if handover is None:
        return ()
    if handover.opened_at is not None:
        return (Item(say("Your colleague opened the link"), "done", handover.opened_at),)
    if handover.state(now) is HandoverState.EXPIRED:
        return (Item(say("Your colleague did not open the link in time"), "bad"),)
    return (Item(say("Your colleague has not opened the link yet"), "now", handover.created_at),)


def _role_item(connection: Connection, news: StackNews) -> Item:
    account = spaced(connection.account_id or "")
    if connection.role_seen_at and not news.is_under_way:
        seen = say("Role appeared in {account}", account=account) if account else say("Role appeared")
        return Item(seen, "done", connection.role_seen_at)
    # While the stack has something to do first, that is what the panel waits for.
    is_first = news.awaits_event or news.kind in _SAYS_MORE
    is_awaited = news.is_under_way or (connection.status in (Status.WAITING, Status.REJECTED) and not is_first)
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


def _waits(connection: Connection, news: StackNews) -> bool:
    """Whether time passes for the tenant: for the stack to report, or for the role to answer."""
    if news.kind in _SAYS_MORE:
        return False
    return waits_for_role(connection) or (news.awaits_event and connection.status is Status.WAITING)
