"""An answer to a stack's request must keep CloudFormation's contract, or the stack hangs or fails as on AWS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.callback_callers import CallbackVendor, with_callback
from tests.sandbox_callers import TEMPLATE, Tenant

REPORTING = with_callback(TEMPLATE)
pytestmark = pytest.mark.usefixtures("empty_queue")


@pytest.mark.parametrize(
    "changes",
    [
        {"Status": "FAILURE"},
        {"Status": "success"},
        {"Status": None},
        {"RequestId": "another"},
        {"StackId": None},
        {"LogicalResourceId": "Role"},
        {"Status": "FAILED"},
        {"Data": "text"},
    ],
)
def test_an_answer_that_aws_does_not_understand_is_not_heard(
    tenant: Tenant, receiver: CallbackVendor, changes: dict[str, Any]
) -> None:
    tenant.create(TemplateBody=REPORTING)
    event = receiver.event()

    assert receiver.answer(event, **changes) == 200
    assert receiver.put(event["ResponseURL"], b"SUCCESS")[0] == 200
    assert tenant.events()[-1] == ("Callback", "CREATE_IN_PROGRESS")

    receiver.answer(event)
    tenant.finish()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"PhysicalResourceId": None}, "Invalid PhysicalResourceId"),
        ({"PhysicalResourceId": ""}, "Invalid PhysicalResourceId"),
        ({"PhysicalResourceId": "x" * 1025}, "Invalid PhysicalResourceId"),
        ({"Reason": "x" * 4096}, "Response object is too long."),
    ],
)
def test_an_answer_that_breaks_the_contract_fails_the_stack(
    tenant: Tenant, receiver: CallbackVendor, changes: dict[str, Any], reason: str
) -> None:
    tenant.create(TemplateBody=REPORTING)
    receiver.answer(receiver.event(), **changes)

    delete = receiver.event()
    receiver.answer(delete)

    tenant.finish("ROLLBACK_COMPLETE")
    assert reason in tenant.reasons().splitlines()
