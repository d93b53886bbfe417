"""`publish` and `doctor` against moto's AWS over HTTP, as an operator runs them before the first tenant comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from config import PROJECT
from onboarding.stack_template.template import StackTemplate
from store.sqlite import SqliteStore
from tests.commands.operator import SETTINGS, Operator
from tests.stores import a_store

BUCKET = "northwind-templates"
PRINCIPAL = "arn:aws:iam::999988887777:role/tools/northwind-rolecall"
TEMPLATE = Path(__file__).parents[2] / "cfn" / "role.yaml"


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(autouse=True)
def signed_in(endpoint, monkeypatch):
    """An empty AWS, and the vendor's credentials in the environment, where boto3 looks for them."""
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_PROFILE", raising=False)

    def sign_in(role_arn):
        sts = boto3.session.Session("testing", "testing", region_name="us-east-1").client("sts")
        keys = sts.assume_role(RoleArn=role_arn, RoleSessionName="operator")["Credentials"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])

    sign_in(PRINCIPAL)
    return sign_in


@pytest.fixture
def s3(signed_in):
    return boto3.session.Session(region_name="us-east-1").client("s3")


@pytest.fixture
def env(tmp_path):
    """What there is before anything was published."""
    return {
        "ROLECALL_TRUSTED_PRINCIPAL_ARN": PRINCIPAL,
        "ROLECALL_DATABASE_URL": f"sqlite:///{tmp_path}/rolecall.db",
    }


@pytest.fixture
def run(env):
    return Operator(env)


@pytest.fixture
def published(run, s3):
    """The setting that `publish` printed, the bucket open as it asked for."""
    s3.create_bucket(Bucket=BUCKET)
    refused = run("publish", "--bucket", BUCKET, code=1)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=refused.stdout[refused.stdout.index("{") :])
    printed = run("publish", "--bucket", BUCKET).stdout
    return next(line for line in printed.splitlines() if line.startswith("ROLECALL_TEMPLATE_URL=")).split("=", 1)[1]


@pytest.fixture
def complete(env, published):
    """Every setting, the template published, and a worker that was heard of."""
    env |= {**SETTINGS, **env, "ROLECALL_TEMPLATE_URL": published}
    store = a_store(Path(env["ROLECALL_DATABASE_URL"].removeprefix("sqlite:///")))
    store.beat(worker="w", at=datetime.now(UTC))
    store.close()
    return env


def failing(run):
    found = json.loads(run("doctor", "--json", code=1).stdout)
    return {f["question"]: f for f in found if not f["is_ok"]}


def test_publishing_needs_no_template_url_and_prints_the_setting(run, s3, published):
    key = published.rpartition("/")[2]

    text = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()

    assert StackTemplate.parse(text).trusted.arn("aws") == PRINCIPAL


def test_publishing_again_changes_nothing_and_says_so(run, s3, published):
    before = s3.list_objects_v2(Bucket=BUCKET)["Contents"]

    again = run("publish", "--bucket", BUCKET).stdout

    assert f"Already published: {published}" in again
    assert s3.list_objects_v2(Bucket=BUCKET)["Contents"] == before


def test_a_bucket_that_tenants_cannot_read_is_told_the_policy_it_needs(run, s3):
    s3.create_bucket(Bucket=BUCKET)

    refused = run("publish", "--bucket", BUCKET, code=1)

    assert "tenants cannot read it yet" in refused.stderr
    policy = json.loads(refused.stdout[refused.stdout.index("{") :])
    assert policy["Statement"][0]["Action"] == "s3:GetObject"
    assert "ROLECALL_TEMPLATE_URL=https://" in refused.stdout


def test_a_bucket_that_is_not_there_is_one_line(run):
    assert "There is no bucket nowhere-at-all" in run("publish", "--bucket", "nowhere-at-all", code=1).stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"AWS_PROFILE": "northwind"}, "There is no AWS profile called northwind"),
        ({"AWS_ENDPOINT_URL": "nowhere"}, "AWS_ENDPOINT_URL is not a URL"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "Nothing answers at AWS's address"),
        ({"AWS_SESSION_TOKEN": "", "AWS_SECRET_ACCESS_KEY": ""}, "The AWS credentials are incomplete"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_keeps_us_from_asking_aws_is_one_line_for_publish_and_for_doctor(
    run, complete, monkeypatch, settings, said
):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    if not settings.get("AWS_SECRET_ACCESS_KEY", "x"):
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    lines = run("publish", "--bucket", BUCKET, code=1).stderr.splitlines()

    assert len(lines) == 1
    assert said in lines[0]
    assert said in failing(run)["identity"]["fix"]


@pytest.mark.parametrize("bucket", ["North_Wind", "s3://northwind-templates", "x"])
def test_what_no_bucket_can_be_called_is_one_line(run, bucket):
    assert f"{bucket} cannot be the name of a bucket" in run("publish", "--bucket", bucket, code=1).stderr


def test_a_command_that_says_what_aws_did_not_answer_prints_no_line_of_the_log(env):
    # In a process of its own: under pytest, the log has a handler.
    nowhere = {**os.environ, **env, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    command = [sys.executable, "app.py", "publish", "--bucket", BUCKET]

    ran = subprocess.run(command, env=nowhere, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)

    assert ran.returncode == 1
    assert [line.split(":")[0] for line in ran.stderr.splitlines()] == ["Error"]


def test_publishing_without_a_principal_names_the_setting(run, env):
    del env["ROLECALL_TRUSTED_PRINCIPAL_ARN"]

    assert "ROLECALL_TRUSTED_PRINCIPAL_ARN is missing" in run("publish", "--bucket", BUCKET, code=1).stderr


def test_a_template_that_cannot_be_baked_is_one_line(run, env, tmp_path):
    (tmp_path / "own.yaml").write_text("Resources: {}\n")
    env["ROLECALL_STACK_TEMPLATE"] = str(tmp_path / "own.yaml")

    assert "must hold Mappings, Vendor" in run("publish", "--bucket", BUCKET, code=1).stderr


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
