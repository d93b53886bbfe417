"""`publish` against AWS over HTTP, as an operator runs it before the first tenant comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from config import PROJECT
from onboarding.stack_template.callback import without_callback
from onboarding.stack_template.template import StackTemplate
from tests.commands.publishing.answers import BUCKET, PRINCIPAL, TEMPLATE, failing


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


def test_without_callback_regions_only_the_plain_template_is_published(run, s3, published):
    [kept] = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    text = s3.get_object(Bucket=BUCKET, Key=kept["Key"])["Body"].read().decode()

    assert StackTemplate.parse(text).callback is None


def test_with_callback_regions_both_templates_are_published_each_with_its_setting(s3, with_callbacks):
    def published(setting):
        key = with_callbacks[setting].rpartition("/")[2]
        return StackTemplate.parse(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())

    assert published("ROLECALL_TEMPLATE_URL").callback.regions == ("eu-central-1", "us-east-1")
    assert published("ROLECALL_PLAIN_TEMPLATE_URL").callback is None


def test_publishing_needs_neither_url_to_publish_both_templates(run, env, s3, published):
    env["ROLECALL_CALLBACK_REGIONS"] = "us-east-1"

    printed = run("publish", "--bucket", BUCKET).stdout

    assert printed.count("ROLECALL_TEMPLATE_URL=https://") == printed.count("ROLECALL_PLAIN_TEMPLATE_URL=https://") == 1
    assert "Anyone's CloudFormation can read them." in printed


def test_a_closed_bucket_is_told_both_settings_and_its_policy_once(run, env, s3):
    env["ROLECALL_CALLBACK_REGIONS"] = "us-east-1"
    s3.create_bucket(Bucket=BUCKET)

    refused = run("publish", "--bucket", BUCKET, code=1)

    assert "ROLECALL_TEMPLATE_URL=" in refused.stdout and "ROLECALL_PLAIN_TEMPLATE_URL=" in refused.stdout
    assert refused.stdout.count("AnyoneCanReadTheStackTemplate") == 1


def test_a_template_of_ones_own_without_a_callback_is_told_in_one_line_what_it_lacks(run, env, tmp_path, s3):
    s3.create_bucket(Bucket=BUCKET)
    (tmp_path / "own.yaml").write_text(without_callback(TEMPLATE.read_text()))
    env |= {"ROLECALL_STACK_TEMPLATE": str(tmp_path / "own.yaml"), "ROLECALL_CALLBACK_REGIONS": "us-east-1"}

    [line] = run("publish", "--bucket", BUCKET, code=1).stderr.splitlines()

    assert "does not report back" in line and "the condition HasCallback" in line
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_template_that_cannot_be_baked_is_one_line(run, env, tmp_path):
    (tmp_path / "own.yaml").write_text("Resources: {}\n")
    env["ROLECALL_STACK_TEMPLATE"] = str(tmp_path / "own.yaml")

    assert "must hold Mappings, Vendor" in run("publish", "--bucket", BUCKET, code=1).stderr
