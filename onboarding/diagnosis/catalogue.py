"""The catalogue: every finding as a sentence, what to do about it, and who must do it.

A finding is a code. The tenant reads `tenant` and `remedy`; the operator reads `operator` and the code. What is
wrong on the vendor's side never asks the tenant to do anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from onboarding.diagnosis.diagnosis import Diagnosis, Who
from onboarding.diagnosis.of_aws import OF_AWS
from onboarding.diagnosis.of_the_role import OF_THE_ROLE
from onboarding.ground.hint import Hint

CATALOGUE: Mapping[str, Diagnosis] = {d.code: d for d in (*OF_THE_ROLE, *OF_AWS)}
# Whom AWS's words about a refusal point to.
WHOSE: Mapping[Hint, Who] = {Hint.OURS: Who.VENDOR, Hint.TRUST: Who.TENANT, Hint.ORGANIZATION: Who.TENANT}
DEFAULT = CATALOGUE["aws_unknown_answer"]


def diagnose(code: str | None) -> Diagnosis | None:
    """Return the diagnosis for a finding, the stated default for a code that nobody knows, None for none."""
    return None if not code else CATALOGUE.get(code, DEFAULT)
