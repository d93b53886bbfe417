"""An AWS of moto's over HTTP, and an installation before and after `publish`."""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from store.sqlite import SqliteStore
from tests.commands.operator import SETTINGS, Operator
from tests.commands.publishing.answers import BUCKET, PRINCIPAL
from tests.stores import a_store


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
def with_callbacks(run, complete):
    """The same installation, whose tenants' stacks report back in two regions; both templates published."""
    complete |= {
        "ROLECALL_CALLBACK_REGIONS": "us-east-1, eu-central-1",
        "ROLECALL_PLAIN_TEMPLATE_URL": complete["ROLECALL_TEMPLATE_URL"],
    }
    printed = run("publish", "--bucket", BUCKET).stdout.splitlines()
    complete |= dict(line.split("=", 1) for line in printed if line.startswith("ROLECALL_"))
    store = SqliteStore(Path(complete["ROLECALL_DATABASE_URL"].removeprefix("sqlite:///")))
    for region in ("us-east-1", "eu-central-1"):
        store.note_queue(region, at=datetime.now(UTC))
    store.close()
    return complete


@pytest.fixture
def complete(env, published):
    """Every setting, the template published, and a worker that was heard of."""
    env |= {**SETTINGS, **env, "ROLECALL_TEMPLATE_URL": published}
    store = a_store(Path(env["ROLECALL_DATABASE_URL"].removeprefix("sqlite:///")))
    store.beat(worker="w", at=datetime.now(UTC))
    store.close()
    return env
