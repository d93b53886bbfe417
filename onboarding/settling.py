"""What follows from one round of checks: the connection's status, what is recorded, and when to check again.

Pure: the Verifier reads what is needed, and commits what is decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from onboarding.diagnosis.catalogue import diagnose
from onboarding.ground.arn import RoleArn
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.external_id import ExternalId
from onboarding.ground.hint import Hint
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.lifecycle import Trigger, advance
from onboarding.model import Connection, Verification
from onboarding.schedule import (
    DOUBT_PAUSE,
    FINISHES_WITHIN,
    LOST_AFTER_ROUNDS,
    RECONNECTS_WITHIN,
    ROLE_GOES_WITHIN,
    gone_pause,
    is_watched,
    pause,
    plausible,
    proof_pause,
    unanswered_pause,
)


class Conclusion(StrEnum):
    """What one verification comes to."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_YET = "not_yet"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Facts:
    """What a round found: the role, the external ID that worked, what the results come to; and what was known before.

    `hint` is whose policy AWS said refuses us. `stack_id` is the stack that the role says made it, `stack_ended_at`
    when that one reported its end, if it did. `last` is the verification before this one, if the role was connected
    then.
    """

    role_arn: RoleArn
    external_id: ExternalId | None
    results: tuple[CheckResult, ...]
    conclusion: Conclusion
    finding_code: str = ""
    hint: Hint | None = None
    stack_id: StackId | None = None
    stack_ended_at: datetime | None = None
    last: Verification | None = None


@dataclass(frozen=True)
class Settled:
    """What follows: the connection, the kind of the event, and whether there is anything to commit at all."""

    connection: Connection
    kind: str
    is_kept: bool


def conclude(results: Sequence[CheckResult], *, required: Collection[str]) -> tuple[Conclusion, str]:
    """Return what the results come to, and the finding code behind it (empty when all that must pass has passed).

    Only the required checks decide; the others are only shown. If the role answered and a required check could still
    not be made, that is a refusal: asking again would not change it.
    """
    must = [r for r in results if r.check in required]
    failed = [r for r in must if r.verdict is Verdict.FAILED]
    silent = next((r for r in failed if r.check == "role_is_assumable"), None)
    if silent is not None:
        return Conclusion.NOT_YET, silent.finding_code
    if failed:
        return Conclusion.REFUSED, failed[0].finding_code
    unclear = next((r for r in must if r.verdict is Verdict.INCONCLUSIVE), None)
    if unclear is not None:
        return Conclusion.INCONCLUSIVE, unclear.finding_code
    unmet = [r for r in must if r.verdict is not Verdict.PASSED]
    if not unmet:
        return Conclusion.PASSED, ""
    finding_code = next((r.finding_code for r in unmet if r.finding_code), "not_answering")
    answers = any(r.check == "role_is_assumable" and r.verdict is Verdict.PASSED for r in must)
    return (Conclusion.REFUSED if answers else Conclusion.NOT_YET), finding_code


def settle(before: Connection, facts: Facts, *, at: datetime, jitter: float) -> Settled:
    """Return what follows from a round that ended `at`; `jitter` is in [0, 1).

    A proof is always kept. Anything else is kept only if somebody can see the difference, or if it puts a time right
    that was noted before the clock was set back.
    """
    is_proof = facts.conclusion is Conclusion.PASSED
    right = _put_right(before, at)
    after = _proved(right, facts, at, jitter) if is_proof else _unproved(right, facts, at, jitter)
    same = "connection.verified" if is_proof else "connection.checked"
    kind = same if after.status is before.status else _KINDS[after.status]
    return Settled(after, kind, is_kept=is_proof or right != before or _seen(after) != _seen(before))


def _put_right(connection: Connection, now: datetime) -> Connection:
    """Return the connection without times in the future, since pauses are counted from them."""
    return replace(
        connection,
        updated_at=plausible(connection.updated_at, now=now),
        waiting_since=plausible(connection.waiting_since, now=now),
        role_seen_at=plausible(connection.role_seen_at, now=now),
        stack_deleted_at=plausible(connection.stack_deleted_at, now=now),
    )


def _proved(before: Connection, facts: Facts, at: datetime, jitter: float) -> Connection:
    deleted_at = _still_deleted_at(before, facts, at)
    return replace(
        advance(before, Trigger.PASSED, at=at),
        role_arn=facts.role_arn,
        account_id=facts.role_arn.account_id,
        bound_external_id=facts.external_id,
        role_seen_at=before.role_seen_at or at,
        connected_at=before.connected_at or at,
        finding_code=None,
        refusal_hint=None,
        trust_fine_at=None,
        trust_shut_at=None,
        stack_id=_made_by(before, facts, deleted_at),
        stack_deleted_at=deleted_at,
        check_at=at + (gone_pause(at - deleted_at) if deleted_at else _proof_pause(facts, at, jitter)),
        attempts=0,
    )


def _still_deleted_at(before: Connection, facts: Facts, at: datetime) -> datetime | None:
    """Return when the stack was deleted whose role still answers, if that is so lately that the role may yet go.

    A role answers for some seconds after it was deleted. One that stays was kept, or the stack is another by now, which
    can also have ended while the role was asked.
    """
    is_same = facts.stack_id in (None, before.stack_id)
    deleted_at = before.stack_deleted_at if is_same else facts.stack_ended_at
    return deleted_at if deleted_at and at - deleted_at < ROLE_GOES_WITHIN else None


def _made_by(before: Connection, facts: Facts, deleted_at: datetime | None) -> StackId | None:
    """Return the stack that made the role which has answered, where that is known.

    If the one that was taken for it was deleted and the role stays, it was another one, or the role was kept.
    """
    is_refuted = before.stack_deleted_at is not None and deleted_at is None
    return facts.stack_id or (None if is_refuted else before.stack_id)


def _unproved(before: Connection, facts: Facts, at: datetime, jitter: float) -> Connection:
    after, finding_code = _after_failure(before, facts, at)
    # A refusal stands until the role is proved or the tenant acts. That the role does not answer does not end it.
    keeps_finding = facts.conclusion is not Conclusion.REFUSED and before.status in (Status.REJECTED, Status.DEGRADED)
    # What was wrong with a role no longer matters once its stack was deleted and it does not answer.
    keeps_finding = keeps_finding and not (before.stack_deleted_at and facts.conclusion is Conclusion.NOT_YET)
    if after.status is Status.DISCONNECTED:
        return replace(after, role_arn=None, finding_code=finding_code, check_at=None, attempts=0)
    if before.is_connected and facts.external_id:
        deleted_at = _still_deleted_at(before, facts, at)
        after = replace(after, stack_id=_made_by(before, facts, deleted_at), stack_deleted_at=deleted_at)
    return replace(
        after,
        finding_code=before.finding_code if keeps_finding else finding_code or None,
        # Of a connected role nothing is said before it is lost.
        refusal_hint=before.refusal_hint if after.status is Status.CONNECTED else facts.hint,
        role_seen_at=before.role_seen_at or (at if facts.external_id else None),
        check_at=at + _next_pause(after, finding_code, facts, at, jitter),
        # Once connected, only a role that does not answer counts: an outage says nothing about the role.
        attempts=before.attempts + (facts.conclusion is Conclusion.NOT_YET or not before.is_connected),
    )


def _proof_pause(facts: Facts, at: datetime, jitter: float) -> timedelta:
    """A day; sooner where a check had no answer, as while the stack is in progress, and then less and less often."""
    if not _is_unfinished(facts.results):
        return proof_pause(jitter=jitter)
    last = facts.last
    return unanswered_pause(at - last.finished_at if last and _is_unfinished(last.results) else timedelta())


def _after_failure(before: Connection, facts: Facts, at: datetime) -> tuple[Connection, str]:
    """Return the connection after a failed round, and its finding code.

    A loosened role counts at once. A role that does not answer might come back: it counts as lost after three
    rounds, a minute apart, and until then nothing is said. If its stack reported that it was deleted, it counts as lost
    at once, and as gone for good after a day; later where a new stack or the tenant has begun to make it again.
    """
    if facts.conclusion is Conclusion.REFUSED:
        trigger = Trigger.WEAKENED if before.is_connected else Trigger.REFUSED
        return _moved(before, trigger, at), facts.finding_code
    if not before.is_connected:
        return before, facts.finding_code
    if facts.conclusion is Conclusion.NOT_YET and before.stack_deleted_at:
        is_over = at - before.stack_deleted_at >= RECONNECTS_WITHIN and at - before.updated_at >= FINISHES_WITHIN
        is_gone = is_over and before.finding_code == "role_lost"
        return _moved(before, Trigger.REMOVED if is_gone else Trigger.WEAKENED, at), "role_lost"
    if facts.conclusion is Conclusion.NOT_YET and before.attempts + 1 >= LOST_AFTER_ROUNDS:
        return _moved(before, Trigger.WEAKENED, at), "role_lost"
    return before, before.finding_code or ""


def _moved(before: Connection, trigger: Trigger, at: datetime) -> Connection:
    """Return the connection after the trigger. Since when it is so counts from the first time."""
    after = advance(before, trigger, at=at)
    return replace(after, updated_at=before.updated_at) if after.status is before.status else after


def _next_pause(after: Connection, finding_code: str, facts: Facts, at: datetime, jitter: float) -> timedelta:
    if after.status is Status.CONNECTED:
        # A role whose stack was deleted can go while it is asked, which is in doubt for that round.
        deleted_at = after.stack_deleted_at
        return gone_pause(at - deleted_at) if deleted_at else DOUBT_PAUSE
    diagnosis = diagnose(finding_code)
    return pause(
        age=at - after.watched_for_since,
        watched=is_watched(after.watched_at, now=at),
        is_trouble=diagnosis is not None and diagnosis.is_trouble,
        jitter=jitter,
    )


_KINDS = {
    Status.CONNECTED: "connection.connected",
    Status.REJECTED: "connection.rejected",
    Status.DEGRADED: "connection.weakened",
    Status.DISCONNECTED: "connection.removed",
}


def _seen(connection: Connection) -> tuple[object, ...]:
    stack = connection.stack_id, connection.stack_deleted_at
    return connection.status, connection.finding_code, connection.refusal_hint, connection.role_seen_at, stack


def _is_unfinished(results: Sequence[CheckResult]) -> bool:
    """Whether a check had no answer yet, as while the stack is in progress."""
    return any(r.verdict is Verdict.INCONCLUSIVE for r in results)
