"""Two tenants and a worker act in any order, over a real store: neither touches what is the other's (security 12).

Everything that holds after every act is here too: one event a commit, versions that count commits, external IDs
that are pinned and bound for good, and only what was proved in `role_arn`.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from onboarding.entry.handovers import Handovers
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.lifecycle import IllegalTransition
from onboarding.model import Flow
from onboarding.ports import NotFound
from onboarding.service import Onboarding
from onboarding.verification import Verifier
from tests.builders import ACCOUNT, EXTERNAL_ID, OTHER_ACCOUNT, VENDOR_ACCOUNT, a_tenant, a_vendor, an_event
from tests.deployed import an_agreement
from tests.fakes import FakeRoles, HandClock
from tests.soak import TIMES
from tests.stores import a_store

TENANTS = st.sampled_from(["acme", "globex"])
ACCOUNTS = st.sampled_from([ACCOUNT, OTHER_ACCOUNT])
# Kinds of event that come with a commit of a connection; the others stand for rows of their own.
NOT_COMMITS = {"connection.started", "external_id.issued", "tenant.added"}


class TwoTenantsAndAWorker(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.store = a_store(Path(self.folder.name) / "rolecall.db")
        self.clock, self.aws = HandClock(), FakeRoles()
        self.onboarding = Onboarding(store=self.store, clock=self.clock, vendor=a_vendor())
        self.verifier = Verifier(
            store=self.store, roles=self.aws, clock=self.clock, agreement=an_agreement(), jitter=lambda: 0.5
        )
        self.handovers = Handovers(store=self.store, clock=self.clock, secret_key="a-key-for-tests-0123456789abcdef")
        self.kept = {}
        for name in ("acme", "globex"):
            self.store.add_tenant(a_tenant(name), an_event("tenant.added", connection_id=None))

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def as_tenant(self, name, act):
        """Do something to the tenant's newest connection; the other tenant's rows stay as they are."""
        others = self.rows_of_others(name)
        known = self.store.list_connections(f"tenant-{name}")
        connection = known[-1] if known else self.onboarding.start_connection(f"tenant-{name}")
        try:
            act(connection)
        except (Refused, IllegalTransition, NotFound):
            assert self.store.get_connection(connection.id) == connection, "what is refused changes nothing"
        assert self.rows_of_others(name) == others

    def rows_of_others(self, name):
        mine = f"tenant-{name}"
        theirs = [c for c in self.store.list_connections() if c.tenant_id != mine]
        events = [e for e in self.store.events() if e.tenant_id != mine]
        beside = (self.store.issued, self.store.last_verification, self.store.list_handovers)
        return theirs, events, [[read(c.id) for read in beside] for c in theirs]

    @rule(tenant=TENANTS)
    def start(self, tenant):
        self.as_tenant(tenant, lambda _: self.onboarding.start_connection(f"tenant-{tenant}"))

    @rule(tenant=TENANTS)
    def load_step_three(self, tenant):
        self.as_tenant(tenant, self.onboarding.show_external_id)

    @rule(tenant=TENANTS, number=st.integers(1, 3))
    def copy(self, tenant, number):
        def pin(connection):
            issued = [i.external_id for i in self.store.issued(connection.id)]
            self.onboarding.pin_external_id(connection.id, external_id=[*issued, EXTERNAL_ID][:number][-1])

        self.as_tenant(tenant, pin)

    @rule(tenant=TENANTS, flow=st.sampled_from(Flow), account=st.sampled_from(["", ACCOUNT, OTHER_ACCOUNT]))
    def launch(self, tenant, flow, account):
        self.as_tenant(
            tenant, lambda c: self.onboarding.launch(c.id, flow=flow, region="us-east-1", raw_account_id=account)
        )

    @rule(tenant=TENANTS, account=st.sampled_from([ACCOUNT, OTHER_ACCOUNT, VENDOR_ACCOUNT]))
    def type_account(self, tenant, account):
        self.as_tenant(tenant, lambda c: self.onboarding.submit_account(c.id, raw_account_id=account))

    @rule(tenant=TENANTS, account=ACCOUNTS, whose=TENANTS, sure=st.booleans())
    def paste_a_role_perhaps_the_other_tenants(self, tenant, account, whose, sure):
        known = self.store.list_connections(f"tenant-{whose}")
        name = known[-1].role_name if known else "by-hand"
        raw = f"arn:aws:iam::{account}:role/{name}"
        self.as_tenant(tenant, lambda c: self.onboarding.submit_role(c.id, raw_role_arn=raw, account_may_change=sure))

    @rule(tenant=TENANTS)
    def retry(self, tenant):
        self.as_tenant(tenant, lambda c: self.onboarding.try_again(c.id))

    @rule(tenant=TENANTS)
    def hand_over(self, tenant):
        self.as_tenant(tenant, lambda c: self.handovers.hand_over(c, asked_by="Sam", days=1))

    @rule(tenant=TENANTS, verb=st.sampled_from(["open", "ask_again", "revoke"]))
    def something_becomes_of_a_hand_over(self, tenant, verb):
        self.as_tenant(
            tenant, lambda c: [getattr(self.handovers, verb)(h.id) for h in self.store.list_handovers(c.id)[-1:]]
        )

    @rule(tenant=TENANTS)
    def disconnect(self, tenant):
        self.as_tenant(tenant, lambda c: self.onboarding.disconnect(c.id))

    @rule(tenant=TENANTS)
    def poll(self, tenant):
        self.as_tenant(tenant, self.onboarding.look)

    @rule(tenant=TENANTS, is_sound=st.booleans(), number=st.integers(0, 2))
    def a_role_appears_where_it_is_waited_for(self, tenant, is_sound, number):
        for connection in self.store.list_connections(f"tenant-{tenant}")[-1:]:
            issued = self.store.issued(connection.id)
            if connection.claimed_role_arn and issued and is_sound:
                self.aws.accepts_only(connection.claimed_role_arn, issued[number % len(issued)].external_id)
            elif connection.claimed_role_arn:
                self.aws.accepts_anyone(connection.claimed_role_arn)

    @rule(tenant=TENANTS, account=ACCOUNTS)
    def all_goes_well(self, tenant, account):
        self.launch(tenant, Flow.QUICK_CREATE, account)
        self.a_role_appears_where_it_is_waited_for(tenant, is_sound=True, number=0)
        self.time_passes(3600)
        self.the_worker_works()

    @rule(seconds=st.sampled_from([1, 60, 3600, 8 * 86400]))
    def time_passes(self, seconds):
        self.clock.forward(seconds=seconds)

    @rule()
    def the_worker_works(self):
        while due := self.store.claim_due(now=self.clock.now(), lease=timedelta(seconds=60)):
            others = self.rows_of_others(due.tenant_id.removeprefix("tenant-"))
            self.verifier.verify(due)
            assert self.rows_of_others(due.tenant_id.removeprefix("tenant-")) == others

    @invariant()
    def every_commit_left_its_event_and_counted_one_version(self):
        commits = Counter(e.connection_id for e in self.store.events() if e.kind not in NOT_COMMITS)
        for connection in self.store.list_connections():
            assert connection.version == 1 + commits[connection.id]

    @invariant()
    def what_was_pinned_or_bound_stays_and_is_the_connections_own(self):
        for connection in self.store.list_connections():
            issued = {i.external_id for i in self.store.issued(connection.id)}
            now = (connection.pinned_external_id, connection.bound_external_id)
            for before, after in zip(self.kept.get(connection.id, (None, None)), now, strict=True):
                assert before in (None, after)
                assert after is None or after in issued
            assert len(issued) <= 20
            self.kept[connection.id] = now

    @invariant()
    def only_what_was_proved_is_in_role_arn(self):
        for connection in self.store.list_connections():
            assert (connection.role_arn is not None) == connection.is_connected
            if connection.is_connected:
                assert connection.role_arn == connection.claimed_role_arn
                assert connection.bound_external_id is not None
                assert self.store.last_verification(connection.id) is not None

    @invariant()
    def no_tenant_has_an_account_connected_twice(self):
        pairs = Counter((c.tenant_id, c.account_id) for c in self.store.list_connections() if c.is_connected)
        assert all(count == 1 for count in pairs.values())

    @invariant()
    def whatever_waits_has_its_next_check(self):
        for connection in self.store.list_connections():
            is_watched = connection.status in (Status.WAITING, Status.REJECTED, Status.DEGRADED)
            assert is_watched <= (connection.check_at is not None)


TestTwoTenantsAndAWorker = TwoTenantsAndAWorker.TestCase
TestTwoTenantsAndAWorker.settings = settings(max_examples=30 * TIMES, stateful_step_count=30, deadline=None)
