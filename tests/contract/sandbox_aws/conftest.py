from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.aws import SandboxAws
from sandbox.faults import FaultSettings
from tests.contract.sandbox_aws.callers import OTHER_TENANT, STACK_SECONDS, TENANT, Tenant, Vendor, client, eventually


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxAws]:
    aws = SandboxAws(stack_seconds=STACK_SECONDS, propagation_seconds=0)
    aws.start()
    yield aws
    aws.stop()


@pytest.fixture
def aws(running: SandboxAws) -> Iterator[SandboxAws]:
    running.stack_seconds, running.propagation_seconds = STACK_SECONDS, 0
    running.calls.clear()
    yield running
    running.faults.switch(FaultSettings())
    for account in (TENANT, OTHER_TENANT):
        cloudformation = client("cloudformation", running.account_credentials(account), running)
        for stack in cloudformation.describe_stacks()["Stacks"]:
            cloudformation.delete_stack(StackName=stack["StackName"])
        eventually(lambda found=cloudformation: not found.describe_stacks()["Stacks"])


@pytest.fixture
def tenant(aws: SandboxAws) -> Tenant:
    return Tenant(aws)


@pytest.fixture
def vendor(aws: SandboxAws) -> Vendor:
    return Vendor(aws)
