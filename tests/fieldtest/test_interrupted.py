"""Whatever ends a field test, and at whatever moment: nothing of it stays in either account."""

from __future__ import annotations

import signal

import pytest

from sandbox.callbacks.delivery import DeliverySettings
from tests.fieldtest.two_accounts import TwoAccounts


# What the state file names when the signal comes: a thing of each kind, from the first that is made. The two tests at
# the end are killed later.
@pytest.mark.parametrize("moment", ["stack rolecall-callback-", "bucket ", "stack ft"])
def test_after_a_kill_clean_leaves_nothing_behind(accounts: TwoAccounts, moment: str) -> None:
    accounts.stop_at(moment, signal.SIGKILL)
    assert accounts.state_file.exists()

    assert "All of it is gone." in accounts.typed("--clean", code=0)

    assert accounts.left() == []
    assert not accounts.state_file.exists()


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGINT, "stack rolecall-callback-"),
        # As a service manager does, and a terminal that is closed.
        (signal.SIGTERM, "bucket "),
        (signal.SIGHUP, "stack ft"),
        (signal.SIGINT, "-like"),
    ],
)
def test_an_interrupted_test_removes_what_it_made_by_itself(accounts: TwoAccounts, number: int, moment: str) -> None:
    printed = accounts.stop_at(moment, number)

    assert "It was interrupted." in printed
    assert accounts.left() == []
    assert not accounts.state_file.exists()
    assert "It was interrupted." in accounts.report()[1]


def test_clean_can_be_killed_and_repeated(accounts: TwoAccounts) -> None:
    accounts.stop_at("-closed", signal.SIGKILL)
    cleaning = accounts.start("--clean")
    assert cleaning.stdout is not None
    while "Removing the tenant's role" not in cleaning.stdout.readline():
        assert cleaning.poll() is None
    cleaning.kill()
    cleaning.communicate()

    accounts.typed("--clean", code=0)

    assert accounts.left() == []


def test_a_stack_whose_callback_nobody_can_answer_any_more_is_removed_too(accounts: TwoAccounts) -> None:
    accounts.stop_at("-like", signal.SIGKILL)
    accounts.aws.delivery.settings = DeliverySettings(lost=True, timeout_seconds=0.2)
    try:
        accounts.typed("--clean", code=0)
    finally:
        accounts.aws.delivery.settings = DeliverySettings()

    assert accounts.left() == []
