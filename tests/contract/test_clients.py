"""The clients of an installation whose credentials come and go."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from aws.clients import Clients
from sandbox.aws import VENDOR_ROLE_ARN, SandboxAws
from sandbox.faults import FaultSettings


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


WRONG = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wrong"}


def write(file: Path, given: Mapping[str, str]) -> None:
    file.write_text("[default]\n" + "".join(f"{name.lower()} = {given[name]}\n" for name in given))


@pytest.fixture
def sessions_made(monkeypatch) -> list[boto3.Session]:
    made, new = [], boto3.Session

    def counted(**options):
        made.append(new(**options))
        return made[-1]

    monkeypatch.setattr(boto3, "Session", counted)
    return made


def test_a_worker_that_started_before_its_credentials_were_there_finds_them_without_a_restart(aws, credentials_file):
    clients = Clients(region="us-east-1")
    for _ in range(2):
        with pytest.raises(NoCredentialsError):
            clients.sts.get_caller_identity()

    write(credentials_file, aws.vendor_credentials())

    assert f"/{VENDOR_ROLE_ARN.rpartition('/')[2]}/" in clients.sts.get_caller_identity()["Arn"]
    assert clients.sts is clients.sts, "made once"


@pytest.mark.parametrize(
    "ask",
    [
        lambda clients: clients.sts.get_caller_identity(),
        lambda clients: clients.iam.get_role(RoleName=VENDOR_ROLE_ARN.rpartition("/")[2]),
    ],
    ids=["sts", "iam"],
)
def test_keys_that_aws_refused_are_read_again_so_that_the_right_ones_need_no_restart(aws, credentials_file, ask):
    write(credentials_file, WRONG)
    clients = Clients(region="us-east-1", anew_seconds=0)
    for _ in range(2):
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            ask(clients)

    write(credentials_file, aws.vendor_credentials())

    assert ask(clients)
    assert clients.sts is clients.sts, "made once"
    assert f"/{VENDOR_ROLE_ARN.rpartition('/')[2]}/" in clients.sts.get_caller_identity()["Arn"]


def test_an_expired_session_from_a_file_is_read_again_too(aws, credentials_file, sessions_made):
    write(credentials_file, aws.vendor_credentials())
    clients = Clients(region="us-east-1", anew_seconds=0)
    aws.faults.switch(FaultSettings(expired_token=True))
    with pytest.raises(ClientError, match="ExpiredToken"):
        clients.sts.assume_role(RoleArn="arn:aws:iam::111122223333:role/nobody", RoleSessionName="worker")
    aws.faults.switch(FaultSettings())

    assert clients.sts.get_caller_identity()
    assert len(sessions_made) == 2


def test_keys_that_stay_wrong_are_read_again_now_and_then_only_however_many_ask(aws, credentials_file, sessions_made):
    write(credentials_file, WRONG)
    clients = Clients(region="us-east-1", anew_seconds=600)

    def ask(_):
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            clients.sts.get_caller_identity()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(40)))

    assert len(sessions_made) == 2


def test_a_role_that_refuses_us_is_no_reason_to_read_our_keys_again(aws, credentials_file, sessions_made):
    write(credentials_file, aws.vendor_credentials())
    clients = Clients(region="us-east-1", anew_seconds=0)
    for _ in range(3):
        with pytest.raises(ClientError, match="AccessDenied"):
            clients.sts.assume_role(RoleArn="arn:aws:iam::111122223333:role/nobody", RoleSessionName="worker")

    assert len(sessions_made) == 1


def test_a_tenant_reads_in_cloudtrail_that_it_was_us(aws, credentials_file):
    write(credentials_file, aws.vendor_credentials())
    clients, sent = Clients(region="us-east-1"), []
    clients.sts.meta.events.register("before-send", lambda request, **_: sent.append(request.headers["User-Agent"]))

    clients.sts.get_caller_identity()

    (user_agent,) = sent
    assert user_agent.decode().startswith("Rolecall Boto3/")
