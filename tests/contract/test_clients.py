"""The clients of an installation whose credentials come and go."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError

from aws.clients import Clients
from sandbox.aws import VENDOR_ROLE_ARN, SandboxAws


@pytest.fixture
def aws():
    running = SandboxAws()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def credentials_file(aws, tmp_path, monkeypatch) -> Path:
    """Where alone credentials may be found; there are none yet."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    return tmp_path / "credentials"


def test_a_worker_that_started_before_its_credentials_were_there_finds_them_without_a_restart(aws, credentials_file):
    clients = Clients(region="us-east-1")
    for _ in range(2):
        with pytest.raises(NoCredentialsError):
            clients.sts.get_caller_identity()

    given = aws.vendor_credentials()
    credentials_file.write_text("[default]\n" + "".join(f"{name.lower()} = {given[name]}\n" for name in given))

    assert f"/{VENDOR_ROLE_ARN.rpartition('/')[2]}/" in clients.sts.get_caller_identity()["Arn"]
    assert clients.sts is clients.sts, "made once"


def test_a_tenant_reads_in_cloudtrail_that_it_was_us(aws, credentials_file):
    given = aws.vendor_credentials()
    credentials_file.write_text("[default]\n" + "".join(f"{name.lower()} = {given[name]}\n" for name in given))
    clients, sent = Clients(region="us-east-1"), []
    clients.sts.meta.events.register("before-send", lambda request, **_: sent.append(request.headers["User-Agent"]))

    clients.sts.get_caller_identity()

    (user_agent,) = sent
    assert user_agent.decode().startswith("Rolecall Boto3/")
