"""The worker's verb: question a role, judge the answers, and commit what follows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from onboarding.callback.stacks import StackPhase
from onboarding.ground.arn import RoleArn
from onboarding.ground.check_result import CheckResult
from onboarding.ground.external_id import ExternalId, candidates
from onboarding.ground.refused import Refused
from onboarding.ground.stack_id import StackId, parse_stack_id
from onboarding.ground.status import Status
from onboarding.launch import update_url
from onboarding.lifecycle import Trigger, advance
from onboarding.model import Actor, Connection, Event, Verification
from onboarding.ports import AlreadyConnected, Clock, ConcurrentChange, ManagedPolicies, Roles, Store
from onboarding.proof.agreement import Agreement
from onboarding.proof.answer import Asked
from onboarding.proof.checks import judge
from onboarding.proof.probe import Probe
from onboarding.questioning import probe_role
from onboarding.schedule import WATCHING_ENDS_AFTER, plausible
from onboarding.settling import Conclusion, Facts, conclude, settle


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """Verifies leased connections. `jitter` returns a number in [0, 1). Without `managed`, no managed policy is seen.

    `judging` is held while a role is judged. Where several threads verify, a lock lets one judge at a time: that takes
    only the processor, so more at once would not be sooner, but keep it from everything else.
    """

    store: Store
    roles: Roles
    clock: Clock
    agreement: Agreement
    jitter: Callable[[], float]
    managed: ManagedPolicies | None = None
    judging: AbstractContextManager[object] = field(default_factory=nullcontext)

    def verify(self, connection: Connection) -> Connection:
        """Verify the connection and return it as it then is.

        Raises ConcurrentChange if what the result is about has changed meanwhile, or another round has begun.
        """
        now = self.clock.now()
        ends_at = _watching_ends_at(connection, now)
        if ends_at is not None and now >= ends_at:
            return self._land(connection, lambda newest: self._expire(newest, now))
        if connection.claimed_role_arn is None or connection.status not in _WATCHED:
            self.store.reschedule(connection, check_at=ends_at, attempts=0)
            return connection
        probe = self._probe(connection, connection.claimed_role_arn)
        facts = self._facts(connection, probe)
        try:
            return self._land(connection, lambda newest: self._keep(connection, newest, facts, probe))
        except AlreadyConnected:
            # The role is sound, but the tenant has another connection to this account. Once that goes, this one passes.
            twice = replace(facts, conclusion=Conclusion.REFUSED, finding_code="account_already_connected")
            return self._land(connection, lambda newest: self._keep(connection, newest, twice, probe))

    def _land(self, before: Connection, write: Callable[[Connection], Connection]) -> Connection:
        """Write the result on the newest row, as long as that is what the result is about.

        Somebody can change something else at any time, such as open a hand-over each second. That must not keep a
        verdict from being known, and above all not that of a role that was loosened.
        """
        for _ in range(_TRIES):
            newest = self.store.get_connection(before.id)
            if _subject(newest) != _subject(before):
                break
            try:
                return write(newest)
            except ConcurrentChange:
                continue
        raise ConcurrentChange(before.id)

    def _probe(self, connection: Connection, role_arn: RoleArn) -> Probe:
        return probe_role(
            self.roles,
            self.clock,
            role_arn=role_arn,
            trusted=self.agreement.trusted_principal,
            candidates=self._candidates(connection),
            session_name=connection.session_name,
            role_seen_at=connection.role_seen_at,
            managed=self.managed,
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

    def _facts(self, connection: Connection, probe: Probe) -> Facts:
        with self.judging:
            results = self._with_update_url(judge(probe, self.agreement), probe, is_plain=connection.is_plain)
        conclusion, finding_code = conclude(results, required=self.agreement.required)
        right = probe.answer(Asked.RIGHT)
        return Facts(
            role_arn=probe.role_arn,
            external_id=probe.external_id,
            results=results,
            conclusion=conclusion,
            finding_code=finding_code,
            hint=right.hint if right else None,
            stack_id=_stack_id(probe),
            # Only a connected role's next proof depends on it, and one that is waited for is tried each second.
            last=self.store.last_verification(connection.id) if connection.is_connected else None,
        )

    def _with_update_url(
        self, results: tuple[CheckResult, ...], probe: Probe, *, is_plain: bool
    ) -> tuple[CheckResult, ...]:
        """Return the results, with the page of the console on which the tenant updates an outdated stack."""
        stack = probe.self_report.stack if probe.self_report else None
        if stack is None:
            return results
        ours = self.agreement
        template_url = ours.update_template_url(is_plain=is_plain)
        url = update_url(ours.console_url, template_url, region=stack.region, stack_id=stack.stack_id)
        return tuple(replace(r, update_url=url) if r.finding_code == "template_outdated" else r for r in results)

    def _keep(self, before: Connection, newest: Connection, facts: Facts, probe: Probe) -> Connection:
        """Commit what follows; where nobody can see a difference, only put off the next check."""
        if facts.stack_id and facts.stack_id != newest.stack_id:
            # Read after the row: what is reported later is a later version of it.
            facts = replace(facts, stack_ended_at=self._ended_at(newest, facts.stack_id))
        settled = settle(newest, facts, at=probe.finished_at, jitter=self.jitter())
        after = settled.connection
        if newest.check_at and newest.check_at != before.check_at:
            # An act of the tenant's, such as a new stack, made it due meanwhile. It stays due.
            after = replace(after, check_at=min(newest.check_at, after.check_at or newest.check_at))
        if not settled.is_kept:
            self.store.reschedule(newest, check_at=after.check_at, attempts=after.attempts)
            return newest
        detail = {"finding": after.finding_code or "", "role_arn": str(facts.role_arn)}
        event = _event(newest, settled.kind, probe.finished_at, **detail)
        return self.store.commit(newest, after, event, _record(newest, facts, probe))

    def _ended_at(self, connection: Connection, stack_id: StackId) -> datetime | None:
        """Return when that stack reported its end, if it did: also while its role still answered us."""
        stacks = self.store.reported_stacks(connection.id)
        return next((s.ended_at for s in stacks if s.stack_id == stack_id and s.phase is StackPhase.ENDED), None)

    def _expire(self, newest: Connection, now: datetime) -> Connection:
        ends_at = _watching_ends_at(newest, now)
        if ends_at is None or now < ends_at:
            # The tenant has begun again.
            self.store.reschedule(newest, check_at=newest.check_at, attempts=newest.attempts)
            return newest
        after = replace(advance(newest, Trigger.TIMED_OUT, at=now), check_at=None, attempts=0)
        return self.store.commit(newest, after, _event(newest, "connection.expired", now))


# Each try fails only if somebody writes in the same moment.
_TRIES = 20
_WATCHED = (Status.WAITING, Status.REJECTED, Status.CONNECTED, Status.DEGRADED)


def _watching_ends_at(connection: Connection, now: datetime) -> datetime | None:
    """Return when to stop waiting for the role, or None if nobody waits for it."""
    if connection.status not in (Status.WAITING, Status.REJECTED):
        return None
    waiting_since = plausible(connection.waiting_since or connection.created_at, now=now)
    return waiting_since + WATCHING_ENDS_AFTER


def _subject(connection: Connection) -> tuple[object, ...]:
    """Return what a verification is about. If any of it has changed, its result is about something else."""
    return (
        connection.round,
        connection.status,
        connection.account_id,
        connection.claimed_role_arn,
        connection.pinned_external_id,
        connection.bound_external_id,
    )


def _stack_id(probe: Probe) -> StackId | None:
    """Return the stack that the role says made it, if it says so."""
    stack = probe.self_report.stack if probe.self_report else None
    try:
        found = parse_stack_id(stack.stack_id) if stack else None
    except Refused:
        return None
    return found if found and found.account_id == probe.role_arn.account_id else None


def _record(connection: Connection, facts: Facts, probe: Probe) -> Verification:
    return Verification(
        id=uuid4().hex,
        connection_id=connection.id,
        started_at=probe.started_at,
        finished_at=probe.finished_at,
        role_arn=facts.role_arn,
        conclusion=facts.conclusion.value,
        results=facts.results,
    )


def _event(connection: Connection, kind: str, at: datetime, **detail: str) -> Event:
    return Event(kind, Actor.WORKER, at, tenant_id=connection.tenant_id, connection_id=connection.id, detail=detail)
