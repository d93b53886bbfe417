"""The text for the administrator of a tenant's AWS organization."""

from __future__ import annotations

import json

import pytest

from onboarding.diagnosis.organization import SHUTTING_STATEMENT, exception_for, letter
from onboarding.ground.arn import parse_role_arn
from tests.builders import ROLE

OURS = parse_role_arn("arn:aws:iam::999988887777:role/tools/northwind-rolecall")


@pytest.fixture
def text():
    return "\n\n".join(letter(vendor="Northwind Cost", ours=OURS, theirs=ROLE))


def test_it_names_both_roles_the_account_and_the_statement_to_look_for(text):
    for said in (str(OURS), str(ROLE), "1111-2222-3333", "Northwind Cost", "GRSTSDPB", "aws:PrincipalOrgID"):
        assert said in text
    assert "management account" in text


def test_the_exception_fits_into_the_statement_and_excepts_our_role_alone(text):
    line = text.rpartition("\n\n")[2]
    assert line.startswith('"ArnNotEqualsIfExists": {\n  "aws:PrincipalArn"')
    statement = {**SHUTTING_STATEMENT, "Condition": {**SHUTTING_STATEMENT["Condition"], **json.loads(f"{{{line}}}")}}

    assert statement["Condition"]["ArnNotEqualsIfExists"] == {"aws:PrincipalArn": [str(OURS)]}
    assert json.loads(f"{{{line}}}") == exception_for(OURS)
