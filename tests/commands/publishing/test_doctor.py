"""`doctor` against AWS over HTTP, as an operator runs it before the first tenant comes."""

from __future__ import annotations

import json
from pathlib import Path

from store.sqlite import SqliteStore
from tests.commands.publishing.answers import BUCKET, PRINCIPAL, TEMPLATE, failing


def test_a_sound_installation_has_a_line_for_each_question_and_exit_code_0(run, complete):
    lines = run("doctor").stdout.splitlines()

    assert [line.split("  ")[0] for line in lines] == ["OK"] * 7
    assert all(f["is_ok"] and f["sentence"] for f in json.loads(run("doctor", "--json").stdout))


def test_nothing_configured_fails_each_question_by_the_name_of_a_setting(run, env):
    env.clear()

    found = failing(run)

    assert list(found) == [
        "configuration",
        "identity",
        "assume role",
        "managed policies",
        "template",
        "store",
        "worker",
    ]
    assert all("ROLECALL_" in f["sentence"] for f in found.values())


def test_a_misspelt_setting_is_named(run, complete):
    complete["ROLECALL_PROXY_HOP"] = "1"

    assert "ROLECALL_PROXY_HOP" in failing(run)["configuration"]["sentence"]


def test_long_lived_keys_are_named(run, complete):
    complete["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE"

    assert "ROLECALL_ALLOW_STATIC_KEYS" in failing(run)["configuration"]["sentence"]


def test_being_somebody_else_than_the_principal_is_named(run, complete, signed_in):
    signed_in("arn:aws:iam::999988887777:role/administrator")

    found = failing(run)

    assert list(found) == ["identity"]
    assert "assumed-role/administrator/operator" in found["identity"]["sentence"]
    assert PRINCIPAL in found["identity"]["sentence"]


def test_no_credentials_at_all_are_named(run, complete, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)

    found = failing(run)

    assert list(found) == ["identity", "assume role"]
    assert "an instance role or a profile" in found["identity"]["fix"]
    assert found["assume role"]["fix"] == "See the line about the identity."


def test_managed_policies_that_cannot_be_read_are_no_failure_and_named_with_the_right_to_give(
    run, complete, monkeypatch
):
    # So as not to change what the identity is: moto takes any key, and IAM alone is elsewhere.
    monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:1")

    result = run("doctor")

    assert result.exit_code == 0
    line = next(line for line in result.output.splitlines() if "managed policies" in line)
    assert line.startswith("OK")
    assert "EndpointConnectionError" in line and "our copy of 20" in line
    assert "iam:GetPolicyVersion on arn:aws:iam::aws:policy/*" in line


def test_a_template_that_tenants_cannot_read_comes_with_the_policy_in_one_line(run, complete, s3):
    s3.delete_bucket_policy(Bucket=BUCKET)

    template = failing(run)["template"]

    assert "Tenants cannot read" in template["sentence"]
    assert "AnyoneCanReadTheStackTemplate" in template["fix"]
    assert len(run("doctor", code=1).stdout.splitlines()) == 7


def test_a_fault_of_this_machine_is_not_said_of_tenants(run, complete, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")

    template = failing(run)["template"]

    assert template["sentence"].startswith("We cannot tell whether tenants can read")
    assert "the proxy" in template["fix"]


def test_a_template_that_trusts_another_role_is_named(run, complete, signed_in):
    other = "arn:aws:iam::999988887777:role/tools/another"
    complete["ROLECALL_TRUSTED_PRINCIPAL_ARN"] = other
    signed_in(other)

    found = failing(run)

    assert list(found) == ["template"]
    assert f"trusts {PRINCIPAL}, not {other}" in found["template"]["sentence"]


def test_a_template_that_asks_for_other_than_the_wizard_shows_is_named(run, complete, tmp_path):
    own = TEMPLATE.read_text().replace("ec2:DescribeInstances\n", "ec2:DescribeImages\n", 1)
    assert own != TEMPLATE.read_text()
    (tmp_path / "own.yaml").write_text(own)
    complete["ROLECALL_STACK_TEMPLATE"] = str(tmp_path / "own.yaml")

    assert "other permissions than the wizard shows" in failing(run)["template"]["sentence"]


def test_something_that_is_no_template_is_named(run, complete, s3):
    s3.put_object(Bucket=BUCKET, Key="rolecall-role-x.yaml", Body=b"- no template")
    complete["ROLECALL_TEMPLATE_URL"] = f"https://{BUCKET}.s3.us-east-1.amazonaws.com/rolecall-role-x.yaml"

    assert list(failing(run)) == ["template"]


def test_a_store_that_cannot_be_written_is_named(run, complete, tmp_path):
    (tmp_path / "file").write_text("")
    complete["ROLECALL_DATABASE_URL"] = f"sqlite:///{tmp_path}/file/rolecall.db"

    found = failing(run)

    assert list(found) == ["store", "worker"]
    assert "ROLECALL_DATABASE_URL" in found["store"]["fix"]


def test_a_worker_that_fell_silent_is_named(run, complete):
    store = SqliteStore(Path(complete["ROLECALL_DATABASE_URL"].removeprefix("sqlite:///")))
    with store._db.atomic():
        store._db.execute("update workers set beat_at = '2020-01-01T00:00:00.000+00:00'")
    store.close()

    assert "2020-01-01 00:00:00 UTC" in failing(run)["worker"]["sentence"]
