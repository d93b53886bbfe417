"""What a tenant can do: one method a verb. Each reads, decides, and commits once with its reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import uuid4

from onboarding.callback.news import accounts_reported
from onboarding.callback.stacks import StackPhase
from onboarding.changing import Changed, too_many_unfinished
from onboarding.examining import Examining
from onboarding.ground.arn import AccountId
from onboarding.ground.external_id import ISSUES_PER_CONNECTION, ExternalId, IssuedId, mint, mint_handle
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.ground.wording import say
from onboarding.lifecycle import Trigger, advance
from onboarding.model import Connection, Flow
from onboarding.naming import AccountsDisagree, parse_account, parse_role, refuse_twice, region_of_stack
from onboarding.ports import TooManyUnfinished
from onboarding.schedule import is_touched
from onboarding.waiting import UNEXAMINED, wait_anew

# In these, naming the same account again changes nothing. A rejected or expired connection starts waiting again.
_UNDER_WAY = (Status.WAITING, Status.CONNECTED, Status.DEGRADED)


@dataclass(frozen=True, kw_only=True)
class Onboarding(Examining):
    """The verbs of the wizard. Raises Refused for what the tenant can put right, NotFound, IllegalTransition."""

    def start_connection(self, tenant_id: str) -> Connection:
        """Return a new connection of the tenant's, or the one that was started and never touched. Raises Refused."""
        now = self.clock.now()
        connection = Connection(
            id=uuid4().hex,
            tenant_id=tenant_id,
            handle=mint_handle(),
            prefix=self.vendor.prefix,
            region=self.vendor.region,
            created_at=now,
            updated_at=now,
        )
        try:
            return self.store.add_connection(connection, self._event("connection.started", connection))
        except TooManyUnfinished:
            raise too_many_unfinished() from None

    def show_external_id(self, connection: Connection) -> IssuedId:
        """Return the external ID to show: the bound or pinned one, else a fresh one, at most 20 a connection."""
        if connection.settled_external_id is not None:
            issued = self.store.issued(connection.id)
            return next(i for i in issued if i.external_id == connection.settled_external_id)
        return self._issue(connection, most=ISSUES_PER_CONNECTION)

    def pin_external_id(self, connection_id: str, *, external_id: ExternalId) -> Connection:
        """Keep that external ID for good, unless one is kept already. Raises Refused if it was not issued for it."""
        chosen = next((i for i in self.store.issued(connection_id) if i.external_id == external_id), None)
        if chosen is None:
            raise Refused(
                "external_id_unknown",
                say("That external ID does not belong to this connection."),
                say("Load step 3 again."),
            )

        def pin(connection: Connection) -> Changed:
            if connection.settled_external_id is not None:
                return None
            # What was examined might have had another external ID.
            unexamined = replace(connection, **UNEXAMINED, updated_at=self.clock.now())
            kept = replace(unexamined, pinned_external_id=chosen.external_id)
            return kept, "external_id.pinned", {"number": str(chosen.number)}

        return self._change(connection_id, pin)

    def launch(
        self, connection_id: str, *, flow: Flow, region: str, raw_account_id: str = "", is_plain: bool = False
    ) -> Connection:
        """Record that the tenant goes to AWS, and watch from now on. Raises Refused.

        Quick create and the command carry the external ID, so they pin it; page by page leaves that to Copy.
        `is_plain` launches the template whose stack reports nothing, where there is one; so does every later launch of
        the connection, since what forbade the report would forbid it again.
        """
        trusted = self.vendor.trusted_principal
        account_id = parse_account(raw_account_id, trusted=trusted) if raw_account_id.strip() else None
        if region not in self.vendor.partition.regions:
            raise Refused("region_unknown", say("That is not a region we know."), say("Choose one from the list."))

        def go(connection: Connection) -> Changed:
            if account_id and not (connection.status is Status.DEGRADED and account_id == connection.account_id):
                moved = self._watch_for(connection, account_id)
            else:
                moved = self._set_going(connection)
            if flow is not Flow.PAGE_BY_PAGE and moved.settled_external_id is None:
                moved = replace(moved, pinned_external_id=self._issue(connection, most=1).external_id)
            moved = replace(
                moved,
                flow=flow,
                region=region,
                is_plain=(is_plain or connection.is_plain) and bool(self.vendor.plain_template_url),
                stack_attempt=connection.stack_attempt + self._is_name_taken(connection, is_plain=is_plain),
                launched_at=connection.launched_at or moved.updated_at,
            )
            detail = {"flow": flow, "region": region, "account_id": account_id or ""}
            return moved, "connection.launched", detail | ({"is_plain": "yes"} if moved.is_plain else {})

        return self._change(connection_id, go)

    def try_again(self, connection_id: str) -> Connection:
        """Propose the next stack name: a rolled-back stack keeps the old one taken. Raises Refused."""

        def again(connection: Connection) -> Changed:
            moved = replace(self._set_going(connection), stack_attempt=connection.stack_attempt + 1)
            return moved, "stack.retried", {"stack_name": moved.stack_name}

        return self._change(connection_id, again)

    def submit_account(self, connection_id: str, *, raw_account_id: str) -> Connection:
        """Watch for the role in the account that the tenant names. Raises Refused."""
        account_id = parse_account(raw_account_id, trusted=self.vendor.trusted_principal)

        def name(connection: Connection) -> Changed:
            if connection.account_id == account_id and connection.status in _UNDER_WAY:
                return None
            return self._watch_for(connection, account_id), "account.named", {"account_id": account_id}

        return self._change(connection_id, name)

    def confirm_account(self, connection_id: str, *, raw_account_id: str) -> Connection:
        """Watch for the role in an account where a stack reported, since the tenant says that it is theirs.

        Raises Refused, also for any other account: the press confirms what the page shows, and names nothing new.
        """
        account_id = parse_account(raw_account_id, trusted=self.vendor.trusted_principal)

        def confirm(connection: Connection) -> Changed:
            stack = accounts_reported(self.store.reported_stacks(connection.id)).get(account_id)
            if stack is None:
                raise Refused(
                    "account_not_reported",
                    say("No stack of yours has reported from that account."),
                    say("Type the account ID in step 1."),
                )
            if connection.account_id == account_id and connection.status in _UNDER_WAY:
                return None
            moved = replace(self._watch_for(connection, account_id), region=stack.region)
            return moved, "account.confirmed", {"account_id": account_id, "region": stack.region}

        return self._change(connection_id, confirm)

    def submit_role(
        self, connection_id: str, *, raw_role_arn: str, offered_for: str = "", account_may_change: bool = False
    ) -> Connection:
        """Watch for the role whose ARN the tenant pasted. Raises Refused: AccountsDisagree, NotTheRole.

        `offered_for` is what they had pasted if we offered them the role: a stack's ARN says in which region it is.
        """
        trusted = self.vendor.trusted_principal

        def paste(connection: Connection) -> Changed:
            arn = parse_role(raw_role_arn, trusted=trusted, account_id=connection.account_id)
            known = self.vendor.partition.regions
            region = region_of_stack(offered_for, account_id=arn.account_id, known=known) or connection.region
            detail = {"role_arn": str(arn)} | ({"region": region} if region != connection.region else {})
            if connection.claimed_role_arn == arn and connection.status in _UNDER_WAY:
                there = replace(connection, region=region, updated_at=self.clock.now())
                return (there, "role.named", detail) if "region" in detail else None
            typed = connection.account_id
            if typed is not None and typed != arn.account_id and not account_may_change:
                raise AccountsDisagree(typed=typed, pasted=arn.account_id)
            self._refuse_twice(connection, arn.account_id)
            moved = replace(self._name(connection), account_id=arn.account_id, claimed_role_arn=arn, region=region)
            return replace(moved, check_at=moved.updated_at), "role.named", detail

        return self._change(connection_id, paste)

    def look(self, connection: Connection) -> None:
        """Somebody is looking at the connection: check it sooner. Writes at most every 15 seconds.

        A connected role is checked on its own schedule, however often somebody looks at its page.
        """
        if connection.status is Status.CONNECTED:
            return
        now = self.clock.now()
        if not is_touched(connection.watched_at, now=now):
            self.store.note_watched(connection.id, at=now)

    def check_now(self, connection_id: str) -> None:
        """Bring the next check forward to now. A connection at rest has none, and stays at rest."""
        self.store.note_watched(connection_id, at=self.clock.now())

    def check_even_at_rest(self, connection: Connection) -> None:
        """Have the connection checked now, also where no check is scheduled. Raises ConcurrentChange."""
        if connection.check_at is None:
            self.store.reschedule(connection, check_at=self.clock.now(), attempts=connection.attempts)
        else:
            self.check_now(connection.id)

    def disconnect(self, connection_id: str) -> Connection:
        """Stop using and watching the role. What is in the tenant's account stays theirs to delete."""

        def remove(connection: Connection) -> Changed:
            if connection.status is Status.DISCONNECTED:
                return None
            gone = advance(connection, Trigger.REMOVED, at=self.clock.now())
            return replace(gone, check_at=None, role_arn=None, finding_code=None), "connection.removed", {}

        return self._change(connection_id, remove)

    def _issue(self, connection: Connection, *, most: int) -> IssuedId:
        """Return a fresh external ID; if the connection has `most` already, its newest."""
        external_id = mint(prefix=connection.prefix, handle=connection.handle)
        event = self._event("external_id.issued", connection)
        return self.store.issue(external_id, connection.id, at=event.at, event=event, most=most)

    def _refuse_twice(self, connection: Connection, account_id: AccountId) -> None:
        refuse_twice(connection, account_id, self.store.list_connections(connection.tenant_id))

    def _watch_for(self, connection: Connection, account_id: AccountId) -> Connection:
        """Return the connection waiting for its role in that account; a role already pasted there stays."""
        self._refuse_twice(connection, account_id)
        moved = self._name(connection)
        pasted = connection.claimed_role_arn if connection.account_id == account_id else None
        claimed = pasted or self.vendor.role_arn_in(account_id, connection)
        return replace(moved, account_id=account_id, claimed_role_arn=claimed, check_at=moved.updated_at)

    def _is_name_taken(self, connection: Connection, *, is_plain: bool) -> bool:
        """Whether a stack of that name was rolled back, as far as we know: then it still occupies the name.

        Where its report was forbidden, it failed without a word. That is why the tenant takes the plain template.
        """
        is_in_use = connection.is_connected and connection.stack_deleted_at is None
        if is_in_use or not self.vendor.callback_regions:
            return False
        if is_plain and not connection.is_plain and connection.launched_at:
            return True
        # The one that the tenant deleted has left its name.
        others = [s for s in self.store.reported_stacks(connection.id) if s.stack_id != connection.stack_id]
        return any(s.phase is StackPhase.ENDED and s.stack_id.name == connection.stack_name for s in others)

    def _set_going(self, connection: Connection) -> Connection:
        """Return the connection waiting for its stack. A degraded one is checked anyway, and stays degraded."""
        if connection.status is Status.DEGRADED:
            return replace(connection, updated_at=self.clock.now())
        return self._name(connection)

    def _name(self, connection: Connection) -> Connection:
        return wait_anew(connection, at=self.clock.now())
