"""What the examiner says of a trust policy, the enforcing STS does: on odd policies that AWS would not even store.

The two share no code. tests/oracle does the same with policies that AWS would store, and callers made of them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from onboarding.trust.examiner import examine
from onboarding.trust.judgement import TrustVerdict, judge_trust
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

slow = settings(max_examples=400 * TIMES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def let_in(policy: Any) -> set[str]:
    return {name for name, asked in WRONG.items() if evaluate(policy, asked).allowed}


@slow
@given(policies, st.booleans())
@example(OURS, True)
def test_a_policy_called_exact_lets_in_us_and_nobody_else(policy: Any, is_stored: bool) -> None:
    if judge_trust(policy, EXPECTED, now=NOW, is_stored=is_stored).verdict is TrustVerdict.EXACT:
        assert evaluate(policy, US).allowed
        assert let_in(policy) == set()


@slow
@given(policies)
@example({"Statement": {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}})
def test_whatever_else_a_policy_lets_in_is_called_loose_or_refused(policy: Any) -> None:
    judgement = judge_trust(policy, EXPECTED, now=NOW, is_stored=True)

    if let_in(policy):
        assert judgement.verdict in (TrustVerdict.LOOSE, TrustVerdict.REFUSED_BY_AWS, TrustVerdict.UNREADABLE)


@slow
@given(policies, st.sampled_from(["", "aws iam get-role"]))
def test_the_examiner_says_exact_only_of_what_the_sts_enforces(policy: Any, prompt: str) -> None:
    pasted = f"$ {prompt}\n{json.dumps(policy, indent=4)}" if prompt else json.dumps(policy)

    examination = examine(pasted, expected=EXPECTED, issued=(), claimed=None, now=NOW)

    if examination.verdict is TrustVerdict.EXACT:
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
def test_the_examiner_and_the_judge_survive_anything(raw: Any) -> None:
    examination = examine(raw, expected=EXPECTED, issued=(), claimed=CLAIMED, now=NOW)

    assert examination.sentences
    assert examination.corrected
    assert judge_trust(raw, EXPECTED, now=NOW, is_stored=True).verdict
