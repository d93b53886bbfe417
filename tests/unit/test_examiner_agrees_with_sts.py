"""What the comparison and the examiner say of a trust policy, the enforcing STS does: on policies nobody thought of.

The two share no code. A policy without a loose or shut difference must let in us with our ID and nobody else;
whatever the STS lets in beyond that must have been called loose, and a policy that keeps us out shut.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from onboarding.trust.comparison import compare_trust
from onboarding.trust.differences import Severity

from onboarding.trust.examiner import ExaminationVerdict, examine
from sandbox.sts.request import AssumeRoleRequest
from sandbox.sts.trust import evaluate
from tests.builders import ROLE as CLAIMED
from tests.soak import TIMES
from tests.unit.generated_policies import (
    EXPECTED,
    FAR,
    INTERN,
    NEAR,
    OURS,
    RIGHT,
    ROLE,
    ROOT,
    SESSION,
    STRANGER,
    USER,
    VENDOR,
    policies,
)

NOW = datetime(2030, 5, 17, 12, tzinfo=UTC)

US = AssumeRoleRequest(
    principal_arn=ROLE, caller_arn=SESSION, account_id=VENDOR, session_name="worker", external_id=RIGHT
)
OTHERS = {
    "another role of ours": replace(
        US, principal_arn=INTERN, caller_arn=f"arn:aws:sts::{VENDOR}:assumed-role/intern/x"
    ),
    "a user of ours": replace(US, principal_arn=USER, caller_arn=USER),
    "our role's name elsewhere": replace(
        US,
        principal_arn=ROLE.replace(VENDOR, STRANGER),
        caller_arn=SESSION.replace(VENDOR, STRANGER),
        account_id=STRANGER,
    ),
}
IDS = {"none": None, "wrong": NEAR, "another connection's": FAR, "upper case": RIGHT.upper()}
WRONG = {
    **{f"us, {name}": replace(US, external_id=external_id) for name, external_id in IDS.items()},
    **{
        f"{who}, {name}": replace(asked, external_id=external_id)
        for who, asked in OTHERS.items()
        for name, external_id in {"right": RIGHT, **IDS}.items()
    },
}
# A line that names another ID, or almost our role, in place of the right one is told as that: one finding, not two.
INSTEAD = {"external_id_other", "external_id_misspelt", "principal_misspelt"}

slow = settings(max_examples=400 * TIMES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def let_in(policy: Any) -> set[str]:
    return {name for name, asked in WRONG.items() if evaluate(policy, asked).allowed}


@slow
@given(policies)
@example(OURS)
def test_a_policy_without_loose_or_shut_lines_lets_in_us_and_nobody_else(policy: Any) -> None:
    severities = {d.severity for d in compare_trust(policy, EXPECTED)}

    if severities <= {Severity.DIFFERENT}:
        assert evaluate(policy, US).allowed
        assert let_in(policy) == set()


@slow
@given(policies)
@example({"Statement": {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}})
def test_whatever_else_a_policy_lets_in_is_called_loose(policy: Any) -> None:
    found = compare_trust(policy, EXPECTED)

    if not any(d.severity is Severity.LOOSE for d in found):
        named = {d.found for d in found if d.code in INSTEAD}
        assert {WRONG[name].external_id for name in let_in(policy)} <= named, found


@slow
@given(policies)
def test_a_policy_that_keeps_us_out_is_called_shut(policy: Any) -> None:
    if not evaluate(policy, US).allowed:
        assert any(d.severity is Severity.SHUT for d in compare_trust(policy, EXPECTED))


@slow
@given(policies, st.sampled_from(["", "aws iam get-role"]))
def test_the_examiner_says_fine_only_of_what_the_sts_enforces(policy: Any, prompt: str) -> None:
    pasted = f"$ {prompt}\n{json.dumps(policy, indent=4)}" if prompt else json.dumps(policy)

    examination = examine(pasted, expected=EXPECTED, issued=(), claimed=None, now=NOW)

    if examination.verdict is ExaminationVerdict.FINE:
        assert evaluate(policy, US).allowed
        assert let_in(policy) == set()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Role", "AssumeRolePolicyDocument", "Arn", "Principal", "Condition", "Effect", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@slow
@given(
    st.text()
    | st.binary()
    | json_values
    | json_values.map(json.dumps)
    | policies
    | policies.map(json.dumps).map(lambda t: t[:-9])
)
def test_the_examiner_and_the_comparison_survive_anything(raw: Any) -> None:
    examination = examine(raw, expected=EXPECTED, issued=(), claimed=CLAIMED, now=NOW)

    assert examination.sentences
    assert examination.corrected
    assert isinstance(compare_trust(raw, EXPECTED), tuple)
