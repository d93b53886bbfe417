"""Running the sandbox's AWS: accounts, sign-in, settings, a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from sandbox.aws import SandboxAws
from sandbox.run import BUCKET, publish_and_install
from tests.sandbox.callback_callers import CallbackVendor
from tests.sandbox_callers import (
    OTHER_TENANT,
    VENDOR,
    Tenant,
    client,
    control,
)


def test_two_accounts_do_not_see_each_other(aws: SandboxAws, tenant: Tenant) -> None:
    other = Tenant(aws, OTHER_TENANT)
    tenant.create()
    tenant.finish()

    assert not other.has_role()
    other.create()
    other.finish()
    assert other.has_role()


def test_anybody_may_sign_in_to_an_account_of_twelve_digits(aws: SandboxAws) -> None:
    found = control(aws, f"credentials?account_id={OTHER_TENANT}")

    assert client("sts", found, aws).get_caller_identity()["Account"] == OTHER_TENANT
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(aws, "credentials?account_id=12")
    assert caught.value.code == 400


def test_one_may_act_as_the_role_that_tenants_are_to_trust(aws: SandboxAws) -> None:
    me = client("sts", control(aws, "vendor-credentials"), aws).get_caller_identity()["Arn"]

    assert me.startswith(f"arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/")
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(aws, "vendor-credentials", method="POST")
    assert caught.value.code == 405


@pytest.mark.parametrize(
    ("where", "account_id"),
    [("vendor-credentials?profile=v", VENDOR), (f"credentials?account_id={OTHER_TENANT}&profile=v", OTHER_TENANT)],
)
def test_credentials_can_be_had_as_a_profile_as_docs_field_test_md_does(
    aws: SandboxAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, account_id: str
) -> None:
    kept = tmp_path / "credentials"
    with urllib.request.urlopen(f"{aws.url}/sandbox/{where}", timeout=10) as answer:
        kept.write_bytes(answer.read())
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(kept))

    sts = boto3.Session(profile_name="v").client("sts", endpoint_url=aws.url, region_name="us-east-1")

    assert sts.get_caller_identity()["Account"] == account_id


def test_settings_can_be_changed_over_http(aws: SandboxAws) -> None:
    control(aws, "settings", method="POST", body={"stack_seconds": 2, "propagation_seconds": 0.5})

    assert (aws.stack_seconds, aws.propagation_seconds) == (2.0, 0.5)
    with pytest.raises(urllib.error.HTTPError):
        control(aws, "settings", method="POST", body={"stack_seconds": "2"})


def test_a_process_runs_one_sandbox_at_a_time(aws: SandboxAws) -> None:
    with pytest.raises(RuntimeError, match="already runs a sandbox"):
        SandboxAws().start()


def test_it_runs_in_a_process_of_its_own_until_told_to_stop() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.aws", "--stack-seconds", "0.2"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        url, credentials = process.stdout.readline().strip(), json.loads(process.stdout.readline())
        vendor = boto3.client(
            "sts",
            endpoint_url=url,
            region_name="us-east-1",
            **{name.lower(): value for name, value in credentials.items()},
        )
        assert vendor.get_caller_identity()["Account"] == VENDOR
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=2)


def test_the_real_callback_and_both_templates_are_installed_for_the_sandbox(aws: SandboxAws) -> None:
    settings = publish_and_install(aws.url, aws.vendor_credentials(), ("us-east-1", "eu-west-1"))

    assert settings["ROLECALL_CALLBACK_REGIONS"] == "us-east-1,eu-west-1"
    assert settings["ROLECALL_ANSWER_GATEWAY"] == aws.url
    assert "rolecall-callback-northwind" in _published(aws, settings["ROLECALL_TEMPLATE_URL"])
    assert "rolecall-callback-northwind" not in _published(aws, settings["ROLECALL_PLAIN_TEMPLATE_URL"])
    for region in ("us-east-1", "eu-west-1"):
        attributes = CallbackVendor(aws, region=region).sns.get_topic_attributes(
            TopicArn=f"arn:aws:sns:{region}:{VENDOR}:rolecall-callback-northwind"
        )["Attributes"]
        assert attributes["SubscriptionsConfirmed"] in {"0", "1"}
        assert "AnyAccountCanReport" in attributes["Policy"]


def test_without_callbacks_only_the_template_is_published(aws: SandboxAws) -> None:
    settings = publish_and_install(aws.url, aws.vendor_credentials(), ())

    assert list(settings) == ["ROLECALL_TEMPLATE_URL"]
    assert "rolecall-callback-northwind" not in _published(aws, settings["ROLECALL_TEMPLATE_URL"])


def _published(aws: SandboxAws, url: str) -> str:
    found = client("s3", aws.vendor_credentials(), aws).get_object(Bucket=BUCKET, Key=urlsplit(url).path[1:])
    return str(found["Body"].read().decode())
