"""A role's permissions are judged on the command line as a verification judges them."""

from __future__ import annotations

import json

import pytest

from tests.builders import ROLE_ARN
from tests.commands.operator import Operator

PRINCIPAL = "arn:aws:iam::999988887777:role/northwind-rolecall"
PUBLISHED = {"read-only": "AS-PUBLISHED"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN = "arn:aws:iam::111122223333:policy/own"
RUN = {"Statement": [{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}]}


@pytest.fixture
def run(monkeypatch):
    """There are no AWS credentials, so AWS's managed policies are those of our own copy."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Operator({"ROLECALL_TRUSTED_PRINCIPAL_ARN": PRINCIPAL})


@pytest.fixture
def judged(run, tmp_path):
    def judged(inline, *, attached=(), boundary="", code=1):
        path = tmp_path / "permissions.json"
        path.write_text(json.dumps({"inline": inline, "attached": attached, "boundary": boundary}))
        result = run("examine", "permissions", str(path), "--role-arn", ROLE_ARN, "--json", code=code)
        return json.loads(result.stdout)

    return judged


def test_a_role_as_published_lacks_nothing_and_has_nothing_in_excess(judged):
    assert judged(PUBLISHED, code=0) == {"missing": [], "excess": [], "unknown": []}
    assert judged(PUBLISHED, boundary=ADMINISTRATOR, code=0) == {"missing": [], "excess": [], "unknown": []}


def test_what_is_missing_is_named_by_its_statement_and_what_is_in_excess_by_its_policy_and_reach(judged):
    assert "CostAndUsage" in judged({"none": {"Statement": []}})["missing"]
    [excess] = judged({**PUBLISHED, "more": RUN})["excess"]
    assert (excess["policy"], excess["actions"], excess["reach"]) == ("more", ["ec2:RunInstances"], "change")


def test_a_policy_that_cannot_be_read_is_unknown_and_one_of_awss_is_read(judged):
    assert judged(PUBLISHED, attached=[OWN])["unknown"] == [OWN]
    assert judged({"broken": "no policy"})["unknown"] == ["broken"]
    found = judged(PUBLISHED, attached=["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    assert found["unknown"] == []
    reaches = {excess["reach"] for excess in found["excess"]}
    assert "read" in reaches
    assert "change" not in reaches


def test_people_read_the_verdict_first(run, tmp_path):
    path = tmp_path / "permissions.json"
    path.write_text(json.dumps({"inline": {**PUBLISHED, "more": RUN}}))
    lines = run("examine", "permissions", str(path), "--role-arn", ROLE_ARN, code=1).stdout.splitlines()

    assert lines[0] == "Verdict: not as agreed"
    assert "ec2:RunInstances" in " ".join(lines[1:])


@pytest.mark.parametrize(
    "content",
    [
        *("[]", "5", "{", '{"inline": 5}', '{"attached": "x"}', '{"attached": [5]}', '{"boundary": 5}', '{"other": 1}'),
        json.dumps({"attached": [f"arn:aws:iam::aws:policy/{n}" for n in range(21)]}),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_line(run, tmp_path, content):
    path = tmp_path / "permissions.json"
    path.write_text(content)

    result = run("examine", "permissions", str(path), "--role-arn", ROLE_ARN, code=1)
    assert result.stderr.startswith("Error: ")
    as_json = run("examine", "permissions", str(path), "--role-arn", ROLE_ARN, "--json", code=2)
    assert json.loads(as_json.stdout)["error"] in result.stderr


@pytest.mark.parametrize(
    "given", [{"AKIAIOSFODNN7EXAMPLE": "x"}, {"a": {"Statement": [{"Sid": "AKIAIOSFODNN7EXAMPLE"}]}}]
)
def test_an_access_key_in_the_file_is_not_said_again(run, tmp_path, given):
    path = tmp_path / "permissions.json"
    path.write_text(json.dumps({"inline": given}).replace("AKIA", "\\u0041KIA"))
    result = run("examine", "permissions", str(path), "--role-arn", ROLE_ARN, code=1)

    assert "access key" in result.stderr
    assert "IOSFODNN7" not in result.output


def test_the_role_is_asked_for(run, tmp_path):
    path = tmp_path / "permissions.json"
    path.write_text(json.dumps({"inline": PUBLISHED}))

    assert "--role-arn" in run("examine", "permissions", str(path), code=2).stderr
