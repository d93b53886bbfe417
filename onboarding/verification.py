"""The worker's verb: question a role, judge the answers, and say what follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from onboarding.diagnosis.catalogue import diagnose
from onboarding.ground.arn import RoleArn
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.external_id import ExternalId, candidates
from onboarding.ground.status import Status
from onboarding.lifecycle import Trigger, advance
from onboarding.model import Actor, Connection, Event, Verification
from onboarding.ports import AlreadyConnected, Clock, Roles, Store
from onboarding.proof.agreement import Agreement
from onboarding.proof.checks import judge
from onboarding.proof.probe import Probe
from onboarding.questioning import probe_role
from onboarding.schedule import (
    DOUBT_PAUSE,
    LOST_AFTER_ROUNDS,
    WATCHING_ENDS_AFTER,
    is_watched,
    pause,
    proof_pause,
    unanswered_pause,
)


class Conclusion(StrEnum):
    """What one verification comes to."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_YET = "not_yet"
    INCONCLUSIVE = "inconclusive"


def conclude(results: Sequence[CheckResult], *, required: Collection[str]) -> tuple[Conclusion, str]:
    """Return what the results come to, and the finding behind it (empty when all that must pass has passed).

    Only the required checks decide. The others are shown, and withhold nothing. A required check that could not be
    put to a role which did answer is not met, and asking again will not meet it.
    """
    must = [r for r in results if r.check in required]
    failed = [r for r in must if r.verdict is Verdict.FAILED]
    silent = next((r for r in failed if r.check == "role_is_assumable"), None)
    if silent is not None:
        return Conclusion.NOT_YET, silent.finding
    if failed:
        return Conclusion.REFUSED, failed[0].finding
    unclear = next((r for r in must if r.verdict is Verdict.INCONCLUSIVE), None)
    if unclear is not None:
        return Conclusion.INCONCLUSIVE, unclear.finding
    unmet = [r for r in must if r.verdict is not Verdict.PASSED]
    if not unmet:
        return Conclusion.PASSED, ""
    finding = next((r.finding for r in unmet if r.finding), "not_answering")
    answers = any(r.check == "role_is_assumable" and r.verdict is Verdict.PASSED for r in must)
    return (Conclusion.REFUSED if answers else Conclusion.NOT_YET), finding


class Verifier:
    """Verifies one leased connection at a time. `jitter` returns a number in [0, 1)."""

    def __init__(
        self, *, store: Store, roles: Roles, clock: Clock, agreement: Agreement, jitter: Callable[[], float]
    ) -> None:
        self.store = store
        self.roles = roles
        self.clock = clock
        self.agreement = agreement
        self.jitter = jitter

    def verify(self, connection: Connection) -> Connection:
        """Verify the connection and return it as it then is. Raises ConcurrentChange when the tenant was quicker."""
        ends_at = _watching_ends_at(connection)
        if ends_at is not None and self.clock.now() >= ends_at:
            return self._expire(connection)
        if connection.claimed_role_arn is None or connection.status not in _WATCHED:
            self.store.reschedule(connection, check_at=ends_at, attempts=0)
            return connection
        probe = self._probe(connection, connection.claimed_role_arn)
        results = judge(probe, self.agreement)
        conclusion, finding = conclude(results, required=self.agreement.required)
        record = _record(connection, probe, conclusion, results)
        try:
            return self._keep(connection, self._settle(connection, probe, conclusion, finding, results), record)
        except AlreadyConnected:
            # Sound, but the tenant has this account in another connection. Once that one goes, this one passes.
            twice = self._settle(connection, probe, Conclusion.REFUSED, "account_already_connected", results)
            return self._keep(connection, twice, replace(record, conclusion=Conclusion.REFUSED.value))

    def _probe(self, connection: Connection, role_arn: RoleArn) -> Probe:
        return probe_role(
            self.roles,
            self.clock,
            role_arn=role_arn,
            trusted=self.agreement.trusted_principal,
            candidates=self._candidates(connection),
            session_name=connection.session_name,
            role_seen_at=connection.role_seen_at,
        )

    def _candidates(self, connection: Connection) -> tuple[ExternalId, ...]:
        if connection.bound_external_id:
            return (connection.bound_external_id,)
        return candidates(
            self.store.issued(connection.id),
            pinned=connection.pinned_external_id,
            turn=connection.attempts,
            now=self.clock.now(),
        )

    def _settle(
        self,
        before: Connection,
        probe: Probe,
        conclusion: Conclusion,
        finding: str,
        results: Sequence[CheckResult],
    ) -> Connection:
        at = probe.finished_at
        if conclusion is Conclusion.PASSED:
            return replace(
                advance(before, Trigger.PASSED, at=at),
                role_arn=probe.role_arn,
                account_id=probe.role_arn.account_id,
                bound_external_id=probe.external_id,
                role_seen_at=before.role_seen_at or at,
                connected_at=before.connected_at or at,
                finding=None,
                check_at=at + self._proof_pause(before, results, at=at),
                attempts=0,
            )
        after, finding = self._fall(before, conclusion, finding, at=at)
        # A refusal stands until the role is proved or the tenant acts: silence does not take it back.
        keeps_finding = conclusion is not Conclusion.REFUSED and before.status in (Status.REJECTED, Status.DEGRADED)
        return replace(
            after,
            finding=before.finding if keeps_finding else finding or None,
            role_seen_at=before.role_seen_at or (at if probe.external_id else None),
            check_at=self._next_check(after, finding, probe),
            # Once connected, only silence counts: an outage says nothing about the role, however long it lasts.
            attempts=before.attempts + (conclusion is Conclusion.NOT_YET or not before.is_connected),
        )

    def _proof_pause(self, before: Connection, results: Sequence[CheckResult], *, at: datetime) -> timedelta:
        """A day; sooner where a check had no answer, as while the stack is being completed, and each time later."""
        if not _is_unfinished(results):
            return proof_pause(jitter=self.jitter())
        last = self.store.last_verification(before.id) if before.is_connected else None
        return unanswered_pause(at - last.finished_at if last and _is_unfinished(last.results) else timedelta())

    def _fall(
        self, before: Connection, conclusion: Conclusion, finding: str, *, at: datetime
    ) -> tuple[Connection, str]:
        """Return where a failed round leaves the connection, and what is then said of it.

        A loosened role is certain at once. One that has fallen silent may be a blip: it counts as lost after three
        rounds, a minute apart, and until then nothing is said.
        """
        if conclusion is Conclusion.REFUSED:
            trigger = Trigger.WEAKENED if before.is_connected else Trigger.REFUSED
            return advance(before, trigger, at=at), finding
        if not before.is_connected:
            return before, finding
        if conclusion is Conclusion.NOT_YET and before.attempts + 1 >= LOST_AFTER_ROUNDS:
            return advance(before, Trigger.WEAKENED, at=at), "role_lost"
        return before, before.finding or ""

    def _next_check(self, connection: Connection, finding: str, probe: Probe) -> datetime:
        if connection.status is Status.CONNECTED:
            return probe.finished_at + DOUBT_PAUSE
        diagnosis = diagnose(finding)
        # Read afresh: somebody may have come to look while AWS was answering.
        watched_at = self.store.get_connection(connection.id).watched_at
        return probe.finished_at + pause(
            age=probe.finished_at - connection.watched_for_since,
            watched=is_watched(watched_at, now=probe.finished_at),
            is_trouble=diagnosis is not None and diagnosis.is_trouble,
            jitter=self.jitter(),
        )

    def _expire(self, connection: Connection) -> Connection:
        now = self.clock.now()
        after = replace(advance(connection, Trigger.TIMED_OUT, at=now), check_at=None, attempts=0)
        return self.store.commit(connection, after, _event(connection, "connection.expired", now))

    def _keep(self, before: Connection, after: Connection, record: Verification) -> Connection:
        """Commit a proof, and what somebody can see the difference of; else only put off the next check."""
        if record.conclusion != Conclusion.PASSED and _seen(after) == _seen(before):
            self.store.reschedule(before, check_at=after.check_at, attempts=after.attempts)
            return before
        same = "connection.verified" if record.conclusion == Conclusion.PASSED else "connection.checked"
        kind = same if after.status is before.status else _KINDS[after.status]
        event = _event(before, kind, record.finished_at, finding=after.finding or "", role_arn=str(record.role_arn))
        return self.store.commit(before, after, event, record)


_WATCHED = (Status.WAITING, Status.REJECTED, Status.CONNECTED, Status.DEGRADED)
_KINDS = {
    Status.CONNECTED: "connection.connected",
    Status.REJECTED: "connection.rejected",
    Status.DEGRADED: "connection.weakened",
}


def _seen(connection: Connection) -> tuple[object, ...]:
    return connection.status, connection.finding, connection.role_seen_at


def _is_unfinished(results: Sequence[CheckResult]) -> bool:
    """Whether a check that withholds nothing had no answer yet, as while the stack is still being completed."""
    return any(r.verdict is Verdict.INCONCLUSIVE for r in results)


def _watching_ends_at(connection: Connection) -> datetime | None:
    """Return when to stop waiting for the role, or None where nobody waits for it."""
    if connection.status not in (Status.WAITING, Status.REJECTED):
        return None
    return (connection.waiting_since or connection.created_at) + WATCHING_ENDS_AFTER


def _record(
    connection: Connection, probe: Probe, conclusion: Conclusion, results: tuple[CheckResult, ...]
) -> Verification:
    return Verification(
        id=uuid4().hex,
        connection_id=connection.id,
        started_at=probe.started_at,
        finished_at=probe.finished_at,
        role_arn=probe.role_arn,
        conclusion=conclusion.value,
        results=results,
    )


def _event(connection: Connection, kind: str, at: datetime, **detail: str) -> Event:
    return Event(kind, Actor.WORKER, at, tenant_id=connection.tenant_id, connection_id=connection.id, detail=detail)
