from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import PROJECT
from onboarding.ground.external_id import mint, mint_handle
from onboarding.launch import Launch
from onboarding.stack_template.template import bake
from sandbox.aws import SandboxAws
from sandbox.console.app import create_console
from sandbox.faults import FaultSettings
from tests.sandbox.callback_callers import CallbackVendor
from tests.sandbox.console_browser import BUCKET, TEMPLATE_URL, WITH_A_SECRET, a_client
from tests.sandbox_callers import OTHER_TENANT, STACK_SECONDS, TENANT, Tenant, Vendor, client, eventually


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
    running.resource_controls.clear()
    for account in (TENANT, OTHER_TENANT):
        cloudformation = client("cloudformation", running.account_credentials(account), running)
        for stack in cloudformation.describe_stacks()["Stacks"]:
            cloudformation.delete_stack(StackName=stack["StackName"])
        eventually(lambda found=cloudformation: not found.describe_stacks()["Stacks"])


@pytest.fixture(scope="module")
def receiver(running: SandboxAws) -> CallbackVendor:
    """The vendor's side of the callback, installed, and its queue read by hand."""
    found = CallbackVendor(running)
    found.install()
    return found


@pytest.fixture
def empty_queue(aws: SandboxAws, receiver: CallbackVendor) -> Iterator[None]:
    """After the test no stack waits for an answer, and no event is left."""
    yield
    receiver.delete_stacks(Tenant(aws))


@pytest.fixture
def tenant(aws: SandboxAws) -> Tenant:
    return Tenant(aws)


@pytest.fixture
def vendor(aws: SandboxAws) -> Vendor:
    return Vendor(aws)


@pytest.fixture(scope="module")
def sandbox_aws() -> Iterator[SandboxAws]:
    aws = SandboxAws(stack_seconds=0.3, propagation_seconds=0)
    aws.start()
    s3 = a_client(aws, "s3", "999988887777")
    s3.create_bucket(Bucket=BUCKET)
    template = (PROJECT / "cfn" / "role.yaml").read_text()
    baked = bake(template, account_id="999988887777", principal="role/northwind-rolecall")
    s3.put_object(Bucket=BUCKET, Key="role.yaml", Body=baked.encode(), ACL="public-read")
    s3.put_object(Bucket=BUCKET, Key="secret.yaml", Body=WITH_A_SECRET.encode(), ACL="public-read")
    yield aws
    aws.stop()


@pytest.fixture(scope="module")
def console(sandbox_aws: SandboxAws) -> Flask:
    app = create_console(sandbox_aws)
    app.testing = True
    return app


@pytest.fixture
def browser(console: Flask) -> FlaskClient:
    """A browser that has never been here."""
    return console.test_client()


@pytest.fixture
def launch() -> Launch:
    """What the wizard would launch for a new connection."""
    handle = mint_handle()
    return Launch(
        console_url="http://localhost",
        region="us-east-1",
        template_url=TEMPLATE_URL,
        stack_name=f"northwind-{handle}",
        external_id=mint(prefix="northwind", handle=handle),
    )
