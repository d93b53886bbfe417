"""The receiver's verb: handle one event of a stack, and say how it is to be answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from onboarding.callback.answer import AnswerStatus, answer_body
from onboarding.callback.event import RequestType, StackEvent
from onboarding.callback.response_url import VALID_SECONDS, ResponseUrl
from onboarding.callback.stacks import HandledEvent, StackReport
from onboarding.ground.stack_id import StackId
from onboarding.model import Actor, Connection, Event
from onboarding.ports import Clock, ConcurrentChange, NotFound, Roles, Store, TooManyUnfinished
from onboarding.proof.answer import Asked, Outcome
from onboarding.receiving.decision import Decision, decide, must_ask, reason_unknown
from onboarding.vendor import Vendor

_ANSWERED_WITHIN = timedelta(seconds=VALID_SECONDS)
# CloudFormation sends one event for each change of a stack.
PER_STACK_AND_MINUTE = 10
PER_CONNECTION_AND_MINUTE = 40
# Each leaves a row in the audit record, which nobody deletes.
PER_CONNECTION_AND_DAY = 400
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_TRIES = 5


@dataclass(frozen=True)
class Reply:
    """What is to be sent, and where."""

    response_url: ResponseUrl
    body: bytes


@dataclass(frozen=True)
class Heard:
    """What became of an event: a word for the log, whose it is if that is known, and the reply if there is one.

    `result` is `kept`, `again` (it came before), `unknown` (the external ID was never issued), `too_late`, `too_many`.
    """

    result: str
    connection_id: str = ""
    reply: Reply | None = None


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Handles events of stacks. It does not send: the answer follows from what is stored, however often it is asked."""

    store: Store
    roles: Roles
    clock: Clock
    vendor: Vendor

    def handle(self, event: StackEvent) -> Heard:
        """Handle one event. Raises ConcurrentChange: it is to come again.

        Once the address of the answer has expired, only a Delete still counts.
        """
        is_late = self.clock.now() - event.sent_at > _ANSWERED_WITHIN
        if is_late and event.request_type is not RequestType.DELETE:
            return Heard("too_late")
        heard = self._handle(event)
        return replace(heard, reply=None) if is_late else heard

    def _handle(self, event: StackEvent) -> Heard:
        for _ in range(_TRIES):
            try:
                connection = self.store.find_connection(event.external_id)
            except NotFound:
                return Heard("unknown", reply=self._reply_to_a_stranger(event))
            before = self.store.find_handled(connection.id, event.stack_id, event.request_id)
            if before is not None:
                return Heard("again", connection.id, _reply(event, before.status, before.reason))
            if self._is_too_many(event, connection):
                # Without an answer, a stack could not be deleted.
                is_delete = event.request_type is RequestType.DELETE
                reply = _reply(event, AnswerStatus.SUCCESS, "") if is_delete else None
                return Heard("too_many", connection.id, reply)
            try:
                return self._decide_and_keep(event, connection)
            except ConcurrentChange:
                continue
        raise ConcurrentChange(event.external_id)

    def _decide_and_keep(self, event: StackEvent, connection: Connection) -> Heard:
        decision = decide(
            event,
            connection,
            self.store.reported_stacks(connection.id),
            vendor=self.vendor,
            now=self.clock.now(),
            is_another=must_ask(event, connection) and self._is_another(event.stack_id, connection),
        )
        try:
            self._keep(event, connection, decision)
        except TooManyUnfinished:
            # An expired connection stays so. Its stack can be made all the same: the tenant can come back to it.
            self._keep(event, connection, replace(decision, connection=connection))
        return Heard("kept", connection.id, _reply(event, decision.status, decision.reason))

    def _keep(self, event: StackEvent, connection: Connection, decision: Decision) -> None:
        now = self.clock.now()
        handled = HandledEvent(
            connection_id=connection.id,
            stack_id=event.stack_id,
            request_id=event.request_id,
            request_type=event.request_type.value,
            status=decision.status,
            reason=decision.reason,
            handled_at=now,
        )
        detail = {"stack_id": str(event.stack_id), "account_id": event.stack_id.account_id}
        noted = Event(decision.kind, Actor.STACK, now, connection.tenant_id, connection.id, detail)
        self.store.commit(connection, decision.connection, noted, report=StackReport(handled, decision.stack))

    def _reply_to_a_stranger(self, event: StackEvent) -> Reply:
        if event.request_type is RequestType.DELETE:
            return _reply(event, AnswerStatus.SUCCESS, "")
        return _reply(event, AnswerStatus.FAILED, reason_unknown(self.vendor))

    def _is_too_many(self, event: StackEvent, connection: Connection) -> bool:
        now, count = self.clock.now(), self.store.count_handled
        if count(connection.id, since=now - _MINUTE, stack_id=event.stack_id) >= PER_STACK_AND_MINUTE:
            return True
        is_bound = event.stack_id == connection.stack_id and connection.stack_deleted_at is None
        if event.request_type is RequestType.DELETE and is_bound:
            # However many other stacks report: that the role's own was deleted must be heard.
            return False
        return (
            count(connection.id, since=now - _MINUTE) >= PER_CONNECTION_AND_MINUTE
            or count(connection.id, since=now - _DAY) >= PER_CONNECTION_AND_DAY
        )

    def _is_another(self, stack_id: StackId, connection: Connection) -> bool:
        """Whether AWS gives us the connected role right now, which another stack has made.

        If in doubt, the new stack is not refused. Which stack made the role can have changed without a word, by two
        that do not report: so the role is asked, unless it is in another account.
        """
        role_arn, external_id, name = connection.role_arn, connection.bound_external_id, connection.session_name
        if role_arn is None or external_id is None:
            return False
        answer = self.roles.assume(role_arn, asked=Asked.RIGHT, external_id=external_id, session_name=name)
        if answer.outcome is not Outcome.ASSUMED or stack_id.account_id != role_arn.account_id:
            return answer.outcome is Outcome.ASSUMED
        _, report = self.roles.report(role_arn, external_id=external_id, session_name=name)
        made_by = report.stack.stack_id if report and report.stack else ""
        return made_by != str(stack_id)


def _reply(event: StackEvent, status: str, reason: str) -> Reply:
    return Reply(event.response_url, answer_body(event, status, reason))
