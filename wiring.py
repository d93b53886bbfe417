"""Builds the parts of an installation for the web server, the worker and the command line."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from aws.budget import Budget
from aws.clients import Clients
from aws.identity import NoAnswer, who_am_i
from aws.managed_policies import AwsManagedPolicies
from aws.roles import AwsRoles
from aws.stack_answers import HttpsStackAnswers
from aws.stack_queue import SqsStackQueue
from config import Config
from onboarding.entry.api_keys import ApiKeys
from onboarding.entry.handovers import Handovers
from onboarding.entry.invites import Invites
from onboarding.entry.portal import Portal
from onboarding.permissions.asked import AskedPermissions
from onboarding.permissions.badge import Badge, badge_of
from onboarding.ports import Clock, Store
from onboarding.proof.agreement import Agreement
from onboarding.proof.checks import ALWAYS_REQUIRED
from onboarding.receiving.receiver import Receiver
from onboarding.service import Onboarding
from onboarding.stack_template.callback import without_callback
from onboarding.stack_template.template import StackTemplate
from onboarding.verification import Verifier
from store.sqlite import SqliteStore


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """Return the time as an aware UTC datetime."""
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        """Return the time since the machine was started, or some such moment."""
        return timedelta(seconds=time.monotonic())


def open_store(config: Config) -> SqliteStore:
    """Return the installation's store, migrated."""
    store = SqliteStore(config.database)
    store.migrate()
    return store


@dataclass(frozen=True)
class Parts:
    """The parts of one installation, each built when first used. The views get them as their Installation."""

    config: Config
    store: Store
    clock: Clock

    @cached_property
    def onboarding(self) -> Onboarding:
        """What tenants do in the wizard."""
        return Onboarding(store=self.store, clock=self.clock, vendor=self.config.vendor)

    @cached_property
    def invites(self) -> Invites:
        """Makes, opens and revokes invites."""
        config = self.config
        return Invites(
            store=self.store, clock=self.clock, secret_key=config.secret_key, fallbacks=config.secret_key_fallbacks
        )

    @cached_property
    def handovers(self) -> Handovers:
        """Makes, opens and revokes hand-overs."""
        config = self.config
        return Handovers(
            store=self.store, clock=self.clock, secret_key=config.secret_key, fallbacks=config.secret_key_fallbacks
        )

    @cached_property
    def api_keys(self) -> ApiKeys:
        """Makes, checks and revokes API keys."""
        return ApiKeys(store=self.store, clock=self.clock)

    @cached_property
    def portal(self) -> Portal:
        """Starts the framed wizard for a portal."""
        return Portal(
            store=self.store,
            clock=self.clock,
            onboarding=self.onboarding,
            embed_origins=self.config.embed_origins,
            return_url=self.config.return_url,
        )

    @cached_property
    def template(self) -> StackTemplate:
        """The stack template. Raises StackTemplateError."""
        return StackTemplate.parse(self._template_text)

    @cached_property
    def badge(self) -> Badge:
        """Whether what the template asks for is read-only. Raises StackTemplateError."""
        return badge_of(action for permission in self.template.permissions for action in permission.actions)

    @cached_property
    def agreement(self) -> Agreement:
        """What the installation and its tenants agree on. Raises StackTemplateError."""
        config = self.config
        return Agreement(
            trusted_principal=config.trusted_principal,
            asked=AskedPermissions.parse(self._template_text),
            template_version=self.template.version,
            template_url=config.template_url,
            plain_template_url=config.plain_template_url,
            console_url=config.console_url,
            required=ALWAYS_REQUIRED | config.required_checks,
        )

    @cached_property
    def verifier(self) -> Verifier:
        """Verifies connections by asking AWS."""
        return Verifier(
            store=self.store,
            roles=self._roles,
            clock=self.clock,
            agreement=self.agreement,
            jitter=random.random,
            managed=self.managed_policies,
            judging=threading.Lock(),
        )

    @cached_property
    def receiver(self) -> Receiver:
        """Handles what stacks report."""
        return Receiver(store=self.store, roles=self._roles, clock=self.clock, vendor=self.config.vendor)

    @cached_property
    def stack_queues(self) -> tuple[SqsStackQueue, ...]:
        """The queues that stacks report to, one for each region that has a topic."""
        topics = self.config.vendor.topics
        return tuple(SqsStackQueue(Clients(region=region), name=topics.name) for region in topics.regions)

    @cached_property
    def stack_answers(self) -> HttpsStackAnswers:
        """Sends answers to CloudFormation."""
        return HttpsStackAnswers(gateway=self.config.answer_gateway)

    @cached_property
    def managed_policies(self) -> AwsManagedPolicies:
        """Reads AWS's managed policies with our own role."""
        return AwsManagedPolicies(self._clients)

    def own_finding_code(self) -> str:
        """Ask AWS who we are. Return what is wrong with that (a finding of the catalogue), or an empty string."""
        me = who_am_i(lambda: self._clients.sts)
        if isinstance(me, NoAnswer):
            return me.finding_code
        return "" if me.is_session_of(self.config.trusted_principal) else "vendor_identity_differs"

    @cached_property
    def _roles(self) -> AwsRoles:
        return AwsRoles(self._clients, Budget(self.config.sts_per_second))

    @cached_property
    def _clients(self) -> Clients:
        return Clients(region=self.config.region)

    @cached_property
    def _template_text(self) -> str:
        text = self.config.stack_template.read_text(encoding="utf-8")
        # Where no stack reports back, the wizard must not say that it does.
        return text if self.config.callback_regions else without_callback(text)


def build(config: Config, *, store: Store | None = None, clock: Clock | None = None) -> Parts:
    """Return the installation's parts. Without a store, the configured one is opened."""
    return Parts(config, store or open_store(config), clock or SystemClock())
