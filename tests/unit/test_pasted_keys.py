"""An access key that was pasted into the examiner is noticed and never said again; what is only as long is read."""

from __future__ import annotations

import pytest

from onboarding.trust.judgement import TrustVerdict
from tests.builders import EXTERNAL_ID, OTHER_ACCOUNT
from tests.unit.pasted_roles import of, role, text, with_principal

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize("secret", ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", SECRET])
def test_an_access_key_is_never_said_again(secret):
    found = of(f"{secret}\n{text(role())}")

    assert "access key" in found.sentences[0]
    assert secret not in repr(found)


@pytest.mark.parametrize(
    "harmless",
    [
        "AROAIOSFODNN7EXAMPLE",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "Sid1OneRoleOfTheVendorWithTheExternalIds",
        f"arn:aws:iam::{OTHER_ACCOUNT}:role/Teams/Platform7/Northwind9/x",
        "https://console.aws.amazon.com/Aa1/Bb2/Cc3/Dd4/Ee5/Ff6/Gg7/Hh8/Ii9/Jj0",
        "A" * 40,
        SECRET + "x",
        EXTERNAL_ID,
    ],
)
def test_what_only_looks_like_a_key_is_read(harmless):
    assert of(text({**role(), "Note": harmless})).verdict is TrustVerdict.EXACT


@pytest.mark.parametrize(
    "harmless",
    [
        {"Sid": "DenySecretsManagerForTeam7AndTeam9InProd", "Action": "secretsmanager:GetSecretValue"},
        {"sts:ExternalId": "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2bC3d"},
        {"Sid": "Keys2Sid4Two6Sid8OneRoleOfVendorExternal", "Name": "the secret of the trade"},
    ],
)
def test_a_sid_or_an_external_id_as_long_as_a_secret_is_none(harmless):
    assert len(next(iter(harmless.values()))) == 40
    assert of(text({**role(), "Note": harmless})).verdict is TrustVerdict.EXACT


@pytest.mark.parametrize(
    "written",
    [
        "aws_secret_access_key = abcdefghijklmnopqrstuvwxyzabcdefghijklmn",
        '"SecretAccessKey": "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2bC3d"',
        "Secret access key\n\naB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2bC3d",
        "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2bC3d",
        "the key is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ],
)
def test_a_secret_key_is_known_by_its_name_or_its_look(written):
    assert of(f"{written}\n{text(role())}").understood_as == "access_key"


def test_a_key_that_json_hides_by_its_escapes_is_not_shown_again():
    hidden = text(with_principal({"AWS": "AKIAIOSFODNN7EXAMPLE"})).replace("AKIA", "\\u0041KIA")
    twice = '{"\\u0041KIAIOSFODNN7EXAMPLE": 1, "AKI\\u0041IOSFODNN7EXAMPLE": 2}'

    for pasted in (
        hidden,
        twice,
        {"Role": {"AssumeRolePolicyDocument": with_principal({"AWS": "AKIAIOSFODNN7EXAMPLE"})}},
    ):
        assert of(pasted).understood_as == "access_key"
        assert "IOSFODNN7EXAMPLE" not in repr(of(pasted))
