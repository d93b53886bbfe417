from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.aws import SandboxAws
from tests.fieldtest.two_accounts import TwoAccounts


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxAws]:
    aws = SandboxAws(stack_seconds=0.1, propagation_seconds=0.1)
    aws.start()
    yield aws
    aws.stop()


@pytest.fixture
def accounts(running: SandboxAws, tmp_path: Path) -> TwoAccounts:
    """A vendor's and a tenant's account, with nothing of a field test in them."""
    both = TwoAccounts(running, tmp_path)
    assert both.left() == []
    return both
