"""Every role shape of the table, made in the sandbox's AWS and judged by the code that runs in production."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from aws.budget import Budget
from aws.clients import Clients
from aws.managed_policies import AwsManagedPolicies
from aws.roles import AwsRoles
from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.check_result import Verdict
from onboarding.ground.external_id import ExternalId
from onboarding.ground.status import Status
from onboarding.proof.checks import CHECKS
from onboarding.verification import Verifier
from sandbox.aws import SandboxAws
from tests.builders import NOON, OTHER_ACCOUNT, an_event
from tests.contract.role_desk import Desk
from tests.contract.role_makes import MAKES
from tests.contract.role_shapes import SHAPES, Shape
from tests.deployed import an_agreement
from tests.fakes import FakeRoles, HandClock
from tests.sandbox_callers import Tenant

SIGNS = {Verdict.PASSED: "+", Verdict.FAILED: "-", Verdict.INCONCLUSIVE: "?", Verdict.NOT_CHECKED: "."}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxAws]:
    aws = SandboxAws(stack_seconds=0.02, propagation_seconds=0)
    aws.start()
    yield aws
    aws.stop()


@pytest.fixture(scope="module")
def admin(sandbox: SandboxAws) -> Tenant:
    return Tenant(sandbox)


@pytest.fixture(scope="module")
def asking(sandbox: SandboxAws) -> Iterator[dict[str, Any]]:
    """What of a Verifier asks AWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", sandbox.url)
        for name, value in sandbox.vendor_credentials().items():
            patch.setenv(name, value)
        clients = Clients(region="us-east-1")
        yield {"roles": AwsRoles(clients, Budget(500)), "managed": AwsManagedPolicies(clients)}


@pytest.mark.parametrize(("number", "shape"), list(enumerate(SHAPES)), ids=[shape.name for shape in SHAPES])
def test_a_role_of_this_shape_is_judged_as_the_table_says(sandbox, admin, asking, store, stored, number, shape: Shape):
    desk = Desk(admin, handle=f"shape{number:03}")
    MAKES[shape.name](desk)
    clock = HandClock(NOON)
    waiting = stored(
        Status.WAITING,
        handle=f"shape{number:03}",
        pinned_external_id=ExternalId(desk.external_id),
        claimed_role_arn=parse_role_arn(desk.claimed),
        role_seen_at=NOON - timedelta(minutes=1 if "a minute old" in shape.name else 10),
    )
    store.issue(waiting.pinned_external_id, waiting.id, at=NOON, event=an_event("external_id.issued"))
    sandbox.calls.clear()
    verifier = Verifier(store=store, **asking, clock=clock, agreement=an_agreement(), jitter=lambda: 0.5)

    verifier.verify(waiting)

    after, kept = store.get_connection(waiting.id), store.last_verification(waiting.id)
    assert "".join(SIGNS[r.verdict] for r in kept.results) == shape.verdicts, [
        r for r in kept.results if r.finding_code
    ]
    assert (after.status, after.finding_code) == (shape.status, shape.finding or None)
    assert (str(after.role_arn) == desk.claimed) == (shape.status is Status.CONNECTED)
    assert [r.check for r in kept.results] == list(CHECKS)
    assert {r.finding_code for r in kept.results} <= {"", *CATALOGUE}
    if shape.verdicts[:2] != "++":
        assert sandbox.calls.as_json() == [], "AWS is not asked about such a role"


def test_a_role_that_answers_as_another_account_is_judged_so_too(store, stored, connected):
    """No AWS does that; a proxy, or a stand-in for AWS, may."""
    aws, arn = FakeRoles(), connected.claimed_role_arn
    aws.accepts_only(arn, connected.bound_external_id)
    aws.answers_as(arn, account_id=OTHER_ACCOUNT, role_name=arn.name)

    after = Verifier(store=store, roles=aws, clock=HandClock(), agreement=an_agreement(), jitter=lambda: 0.5).verify(
        connected
    )

    verdicts = "".join(SIGNS[r.verdict] for r in store.last_verification(after.id).results)
    assert (verdicts, after.status, after.finding_code) == ("+++-+++++", Status.DEGRADED, "account_differs")


def test_every_line_of_the_table_is_made_and_nothing_else_is():
    assert [shape.name for shape in SHAPES] == list(MAKES)


def test_the_table_tries_every_verdict_that_a_check_can_come_to():
    seen = {name: {shape.verdicts[i] for shape in SHAPES} for i, name in enumerate(CHECKS)}

    assert all("+" in signs for signs in seen.values())
    assert {name for name, signs in seen.items() if "-" not in signs} == {"account_matches"}, "which is the one above"
