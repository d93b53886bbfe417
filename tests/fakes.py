"""AWS and the clock, as a test wants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ExternalId
from onboarding.ground.hint import Hint
from onboarding.proof.answer import Answer, Asked, Outcome
from onboarding.proof.self_report import SelfReport
from tests.builders import NOON
from tests.deployed import a_self_report

Trust = Callable[[str | None], bool]


@dataclass
class HandClock:
    """A clock that stands still until a hand turns it."""

    at: datetime = NOON
    set_by: timedelta = timedelta()

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> timedelta:
        return self.at - self.set_by - NOON

    def forward(self, **duration: float) -> None:
        """Turn the hand: `clock.forward(seconds=90)`."""
        self.at += timedelta(**duration)

    def set(self, **by: float) -> None:
        """Set the clock without any time passing: `clock.set(hours=-1)`."""
        self.at += timedelta(**by)
        self.set_by += timedelta(**by)


@dataclass(frozen=True)
class Call:
    """One AssumeRole as AWS saw it: `external_id` decides there, `asked` is what we meant by it."""

    role_arn: RoleArn
    asked: Asked
    external_id: str | None
    session_name: str


@dataclass
class FakeRoles:
    """onboarding.ports.Roles by a small model of trust. A role that nobody told it of refuses, as on AWS.

    `hint` is what AWS says of each refusal besides.
    """

    calls: list[Call] = field(default_factory=list)
    before_answering: Callable[[Call], None] = lambda call: None
    hint: Hint | None = None
    _trust: dict[str, Trust] = field(default_factory=dict)
    _identities: dict[str, tuple[str, str]] = field(default_factory=dict)
    _outages: dict[Asked, Outcome] = field(default_factory=dict)
    _reports: dict[str, SelfReport] = field(default_factory=dict)

    def assume(self, role_arn: RoleArn, *, asked: Asked, external_id: ExternalId | None, session_name: str) -> Answer:
        call = Call(role_arn, asked, external_id, session_name)
        self.calls.append(call)
        self.before_answering(call)
        if asked in self._outages:
            return Answer(asked, self._outages[asked])
        lets_in = self._trust.get(str(role_arn))
        if lets_in is None or not lets_in(external_id):
            return Answer(asked, Outcome.REFUSED, raw_code="AccessDenied", hint=self.hint)
        account_id, role_name = self._identities.get(str(role_arn), (role_arn.account_id, role_arn.name))
        return Answer(asked, Outcome.ASSUMED, account_id=account_id, role_name=role_name)

    def report(
        self, role_arn: RoleArn, *, external_id: ExternalId, session_name: str
    ) -> tuple[Answer, SelfReport | None]:
        answer = self.assume(role_arn, asked=Asked.RIGHT_AGAIN, external_id=external_id, session_name=session_name)
        if answer.outcome is not Outcome.ASSUMED:
            return answer, None
        report = self._reports.get(str(role_arn)) or a_self_report(role_arn, external_id)
        return answer, report

    def reports(self, role_arn: RoleArn | str, report: SelfReport) -> None:
        """What the role says of itself; without this, just what the stack template makes."""
        self._reports[str(role_arn)] = report

    def accepts_only(self, role_arn: RoleArn | str, external_id: str) -> None:
        """StringEquals, as the stack template has it."""
        self._trust[str(role_arn)] = lambda given: given == external_id

    def accepts_anyone(self, role_arn: RoleArn | str) -> None:
        """No condition at all, or a second bare statement."""
        self._trust[str(role_arn)] = lambda given: True

    def accepts_none_or(self, role_arn: RoleArn | str, external_id: str) -> None:
        """StringEqualsIfExists."""
        self._trust[str(role_arn)] = lambda given: given in (None, external_id)

    def accepts_any_external_id(self, role_arn: RoleArn | str) -> None:
        """StringLike "*": some external ID, no matter which."""
        self._trust[str(role_arn)] = lambda given: given is not None

    def accepts_prefix(self, role_arn: RoleArn | str, prefix: str) -> None:
        """StringLike "northwind-7kq2m9xd-*"."""
        self._trust[str(role_arn)] = lambda given: given is not None and given.startswith(prefix)

    def ignores_case(self, role_arn: RoleArn | str, external_id: str) -> None:
        """StringEqualsIgnoreCase."""
        self._trust[str(role_arn)] = lambda given: given is not None and given.lower() == external_id.lower()

    def answers_as(self, role_arn: RoleArn | str, *, account_id: str, role_name: str) -> None:
        """AWS says that it gave a session of another role."""
        self._identities[str(role_arn)] = (account_id, role_name)

    def is_gone(self, role_arn: RoleArn | str) -> None:
        """The tenant removed the role."""
        self._trust.pop(str(role_arn), None)

    def disappears_before(self, asked: Asked) -> None:
        """Every role is gone from that question on."""

        def vanish(call: Call) -> None:
            if call.asked is asked:
                self._trust.clear()

        self.before_answering = vanish

    def answers(self, outcome: Outcome, *, to: tuple[Asked, ...] = tuple(Asked)) -> None:
        """An outage: these questions get this answer, whatever the role would say."""
        self._outages = dict.fromkeys(to, outcome)

    def recovers(self) -> None:
        """The outage is over."""
        self._outages = {}

    @property
    def asked(self) -> list[Asked]:
        """The questions so far, in their order."""
        return [call.asked for call in self.calls]
