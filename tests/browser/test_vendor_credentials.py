"""While the worker's own credentials are wrong, the tenant reads that it is our side, and has nothing to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.diagnoses import see_diagnosis, waiting
from tests.browser.own_installation import OwnInstallation, own_installation
from tests.browser.sandbox_process import Sandbox
from tests.browser.visitor import Visitor


@pytest.fixture
def installation(sandbox: Sandbox, tmp_path: Path) -> OwnInstallation:
    return own_installation(sandbox, tmp_path / "installation")


@pytest.fixture
def visitor(browser: Browser, installation: OwnInstallation) -> Iterator[Visitor]:
    """Somebody in the wizard of that installation."""
    person = Visitor(browser, installation)
    yield person
    person.context.close()
    # A poll that finds nobody there while the operator restarts it is the browser's to note, and no fault.
    assert [problem for problem in person.problems if "Failed to fetch" not in problem] == []


def test_a_worker_without_credentials_finds_them_by_itself(installation: OwnInstallation, visitor: Visitor) -> None:
    installation.has_no_credentials()
    with installation.serving():
        wizard = visitor.start()
        role = waiting(wizard)
        see_diagnosis(wizard, "vendor_credentials_missing")
        expect(wizard.panel).to_contain_text("A problem on our side")
        role.make()

        installation.has_its_own_credentials()
        wizard.see_success()


def test_a_worker_that_is_somebody_else_is_told_until_it_is_itself(
    installation: OwnInstallation, visitor: Visitor
) -> None:
    installation.has_credentials_of_its_administrator()
    with installation.serving():
        wizard = visitor.start()
        role = waiting(wizard)
        see_diagnosis(wizard, "vendor_identity_differs")
        expect(wizard.panel).to_contain_text("A problem on our side")

    # The operator runs it with the right role: that takes a restart, and the page outlives it.
    installation.has_its_own_credentials()
    with installation.serving():
        expect(wizard.panel.locator("[data-code]")).to_have_count(0)
        wizard.see_status("waiting")
        role.make()
        wizard.see_success()


def test_a_region_that_is_off_for_us_is_ours_and_passes_by_itself(
    installation: OwnInstallation, visitor: Visitor
) -> None:
    installation.has_its_own_credentials()
    with installation.beside.faults(region_disabled=True), installation.serving():
        wizard = visitor.start()
        role = waiting(wizard)
        see_diagnosis(wizard, "vendor_region_off")
        expect(wizard.panel).to_contain_text("A problem on our side")
        role.make()

        installation.beside.control("faults", {})
        wizard.see_success()
