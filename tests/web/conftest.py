"""The web application as its tests want it: on a store of its own, with a clock that a hand turns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from onboarding.model import Tenant
from onboarding.service import Onboarding
from onboarding.verification import Verifier
from store.sqlite import SqliteStore
from tests.fakes import FakeRoles, HandClock
from tests.web.stack_reports import Reports
from tests.web.statements import Statements
from tests.web.visitor import Story, Visitor, an_app


@pytest.fixture
def app(store: SqliteStore, clock: HandClock) -> Flask:
    return an_app(store, clock)


@pytest.fixture
def reports(store: SqliteStore, clock: HandClock) -> Reports:
    """`reports(connection)`: a stack reports to it that it has begun."""
    return Reports(store, clock)


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """A browser that no invite has let in."""
    return Visitor(app)


@pytest.fixture
def visitor(app: Flask, tenant: Tenant) -> Visitor:
    """A browser of the tenant's, which came in by an invite."""
    return Visitor(app).enter(tenant)


@pytest.fixture
def other_visitor(app: Flask, other_tenant: Tenant) -> Visitor:
    return Visitor(app).enter(other_tenant)


@pytest.fixture
def story(onboarding: Onboarding, verifier: Verifier, aws: FakeRoles, clock: HandClock) -> Story:
    return Story(onboarding, verifier, aws, clock)


@pytest.fixture
def statements(store: SqliteStore) -> Iterator[Statements]:
    with Statements(store) as seen:
        yield seen
