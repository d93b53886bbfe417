"""The worker's verb: question a role, judge the answers, and commit what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from onboarding.ground.arn import RoleArn
from onboarding.ground.check_result import CheckResult
from onboarding.ground.external_id import ExternalId, candidates
from onboarding.ground.status import Status
from onboarding.launch import update_url
from onboarding.lifecycle import Trigger, advance
from onboarding.model import Actor, Connection, Event, Verification
from onboarding.ports import AlreadyConnected, Clock, Roles, Store
from onboarding.proof.agreement import Agreement
from onboarding.proof.checks import judge
from onboarding.proof.probe import Probe
from onboarding.questioning import probe_role
from onboarding.schedule import WATCHING_ENDS_AFTER
from onboarding.settling import Conclusion, Facts, conclude, settle


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """Verifies one leased connection at a time. `jitter` returns a number in [0, 1)."""

    store: Store
    roles: Roles
    clock: Clock
    agreement: Agreement
    jitter: Callable[[], float]

    def verify(self, connection: Connection) -> Connection:
        """Verify the connection and return it as it then is. Raises ConcurrentChange when the tenant was quicker."""
        ends_at = _watching_ends_at(connection)
        if ends_at is not None and self.clock.now() >= ends_at:
            return self._expire(connection)
        if connection.claimed_role_arn is None or connection.status not in _WATCHED:
            self.store.reschedule(connection, check_at=ends_at, attempts=0)
            return connection
        probe = self._probe(connection, connection.claimed_role_arn)
        facts = self._facts(connection, probe)
        try:
            return self._keep(connection, facts, probe)
        except AlreadyConnected:
            # The role is sound, but the tenant has another connection to this account. Once that goes, this one passes.
            twice = replace(facts, conclusion=Conclusion.REFUSED, finding_code="account_already_connected")
            return self._keep(connection, twice, probe)

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

    def _facts(self, connection: Connection, probe: Probe) -> Facts:
        results = self._with_update_url(judge(probe, self.agreement), probe)
        conclusion, finding_code = conclude(results, required=self.agreement.required)
        return Facts(
            role_arn=probe.role_arn,
            external_id=probe.external_id,
            results=results,
            conclusion=conclusion,
            finding_code=finding_code,
            # Only a connected role's next proof depends on it, and one that is waited for is tried each second.
            last=self.store.last_verification(connection.id) if connection.is_connected else None,
            # Read again: somebody might have opened the page while AWS was answering.
            watched_at=self.store.get_connection(connection.id).watched_at,
        )

    def _with_update_url(self, results: tuple[CheckResult, ...], probe: Probe) -> tuple[CheckResult, ...]:
        """Return the results, with the page of the console on which the tenant updates an outdated stack."""
        stack = probe.self_report.stack if probe.self_report else None
        if stack is None:
            return results
        ours = self.agreement
        url = update_url(ours.console_url, ours.template_url, region=stack.region, stack_id=stack.stack_id)
        return tuple(replace(r, update_url=url) if r.finding_code == "template_outdated" else r for r in results)

    def _keep(self, before: Connection, facts: Facts, probe: Probe) -> Connection:
        """Commit what follows; where nobody can see a difference, only put off the next check."""
        settled = settle(before, facts, at=probe.finished_at, jitter=self.jitter())
        after = settled.connection
        if not settled.is_kept:
            self.store.reschedule(before, check_at=after.check_at, attempts=after.attempts)
            return before
        detail = {"finding": after.finding_code or "", "role_arn": str(facts.role_arn)}
        event = _event(before, settled.kind, probe.finished_at, **detail)
        return self.store.commit(before, after, event, _record(before, facts, probe))

    def _expire(self, connection: Connection) -> Connection:
        now = self.clock.now()
        after = replace(advance(connection, Trigger.TIMED_OUT, at=now), check_at=None, attempts=0)
        return self.store.commit(connection, after, _event(connection, "connection.expired", now))


_WATCHED = (Status.WAITING, Status.REJECTED, Status.CONNECTED, Status.DEGRADED)


def _watching_ends_at(connection: Connection) -> datetime | None:
    """Return when to stop waiting for the role, or None if nobody waits for it."""
    if connection.status not in (Status.WAITING, Status.REJECTED):
        return None
    return (connection.waiting_since or connection.created_at) + WATCHING_ENDS_AFTER


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
