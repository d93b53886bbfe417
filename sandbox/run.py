"""The whole product on one machine: stand-ins for AWS and its console, and the real wizard and worker against them."""

from __future__ import annotations

import secrets
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
from werkzeug.serving import make_server

from aws.callback_stack import CallbackFailed, CallbackStack
from aws.publishing import PublishFailed, publish_template
from onboarding.callback.topics import CallbackTopics
from onboarding.ground.arn import parse_account_id
from onboarding.stack_template.template import bake
from sandbox.aws import VENDOR_ROLE_ARN, SandboxAws
from sandbox.console.app import create_console

PROJECT = Path(__file__).resolve().parent.parent
BUCKET = "northwind-rolecall"
PREFIX = "northwind"
CALLBACK_REGIONS = ("us-east-1", "eu-west-1", "eu-central-1")

_REPORTING = (
    f"  Stacks report back in {', '.join(CALLBACK_REGIONS)}, and in no other region.\n"
    f"  --without-callbacks leaves that out.\n\n"
)

Serve = Callable[..., None]


def run_sandbox(
    *,
    port: int,
    host: str,
    data: Path | None,
    stack_seconds: float,
    with_callbacks: bool,
    env: Mapping[str, str],
    serve: Serve,
) -> None:
    """Run until SIGINT or SIGTERM. `serve` serves the installation of an environment, given host, port and threads.

    The wizard listens on `port`, the console on the next, AWS on the one after, and an example portal that frames the
    wizard on the third. `host` is what browsers call this machine, `localhost` or a name below it. `with_callbacks`:
    stacks report back in CALLBACK_REGIONS, and in no other.
    """
    with tempfile.TemporaryDirectory(prefix="rolecall-") as scratch:
        folder = data or Path(scratch)
        # Nobody watches the vendor's own stacks, so they take no time.
        aws = SandboxAws(stack_seconds=0)
        aws_url = aws.start(port=port + 2)
        console = make_server("127.0.0.1", port + 1, create_console(aws), threaded=True)
        threading.Thread(target=console.serve_forever, daemon=True).start()
        settings = _settings(aws, aws_url=aws_url, port=port, host=host, folder=folder, env=env)
        settings |= publish_and_install(aws_url, aws.vendor_credentials(), CALLBACK_REGIONS if with_callbacks else ())
        aws.stack_seconds = stack_seconds
        threading.Thread(target=_print_addresses, args=(port, host, data, with_callbacks), daemon=True).start()
        try:
            serve(settings, host="127.0.0.1", port=port, threads=8)
        finally:
            console.shutdown()
            aws.stop()


def _settings(
    aws: SandboxAws, *, aws_url: str, port: int, host: str, folder: Path, env: Mapping[str, str]
) -> dict[str, str]:
    credentials = aws.vendor_credentials()
    # The variables of a real installation, or of AWS, must not reach the sandbox.
    plain = {k: v for k, v in env.items() if not k.startswith(("ROLECALL_", "AWS_", "FLASK_"))}
    return {
        **plain,
        **credentials,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "ROLECALL_SECRET_KEY": _secret_key(folder),
        "ROLECALL_TRUSTED_PRINCIPAL_ARN": VENDOR_ROLE_ARN,
        "ROLECALL_PUBLIC_URL": f"http://{host}:{port}",
        "ROLECALL_EMBED_ORIGINS": f"http://portal.localhost:{port + 3}",
        "ROLECALL_VENDOR_NAME": "Northwind Cost",
        "ROLECALL_SUPPORT_URL": "mailto:help@northwind.example",
        "ROLECALL_RETURN_URL": "https://northwind.example/",
        "ROLECALL_PREFIX": PREFIX,
        "ROLECALL_DATABASE_URL": f"sqlite:///{folder / 'rolecall.db'}",
        "ROLECALL_CONSOLE_URL": f"http://localhost:{port + 1}",
        "ROLECALL_OPEN_DOOR": "yes",
        "ROLECALL_NO_RATE_LIMITS": "yes",
        "ROLECALL_INSECURE": "yes",
    }


def _secret_key(folder: Path) -> str:
    """Return the key in the data folder, so that links and sessions survive a restart with `--data`."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(32), encoding="ascii")
    return kept.read_text(encoding="ascii")


def publish_and_install(
    aws_url: str, credentials: Mapping[str, str], callback_regions: tuple[str, ...]
) -> dict[str, str]:
    """Publish the real stack template to the sandbox's S3 and install the real callback; return what to set for it."""
    session = boto3.Session(
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=credentials["AWS_SESSION_TOKEN"],
    )
    account_id, principal = VENDOR_ROLE_ARN.split(":", 5)[4:]
    topics = CallbackTopics("aws", parse_account_id(account_id), PREFIX, callback_regions)
    s3 = session.client("s3", endpoint_url=aws_url, region_name="us-east-1")
    s3.create_bucket(Bucket=BUCKET)
    text = (PROJECT / "cfn" / "role.yaml").read_text(encoding="utf-8")

    def publish(wanted: CallbackTopics | None) -> str:
        baked = bake(text, account_id=account_id, principal=principal, topics=wanted)
        published = publish_template(lambda: s3, bucket=BUCKET, text=baked)
        if isinstance(published, PublishFailed):
            raise SystemExit(f"The sandbox could not publish its stack template: {published}")
        return published.url

    if not topics:
        return {"ROLECALL_TEMPLATE_URL": publish(None)}
    for region in callback_regions:
        _install(session.client("cloudformation", endpoint_url=aws_url, region_name=region), topics, region=region)
    return {
        "ROLECALL_TEMPLATE_URL": publish(topics),
        "ROLECALL_PLAIN_TEMPLATE_URL": publish(None),
        "ROLECALL_CALLBACK_REGIONS": ",".join(callback_regions),
        "ROLECALL_ANSWER_GATEWAY": aws_url,
    }


def _install(cloudformation: Any, topics: CallbackTopics, *, region: str) -> None:
    stack = CallbackStack(
        lambda: cloudformation, name=topics.name, region=region, pause=lambda _seconds: time.sleep(0.02)
    )
    text = (PROJECT / "cfn" / "callback.yaml").read_text(encoding="utf-8")
    installed = stack.install(text, prefix=topics.prefix)
    if isinstance(installed, CallbackFailed):
        raise SystemExit(f"The sandbox could not install its callback in {region}: {installed.message}")


def _print_addresses(port: int, host: str, data: Path | None, with_callbacks: bool) -> None:
    """Print the addresses once the wizard answers."""
    while not _is_up(f"http://127.0.0.1:{port}/healthz"):
        time.sleep(0.1)
    print(
        f"\n  Rolecall's sandbox is ready.\n\n"
        f"  1. Open the wizard:        http://{host}:{port}\n"
        f"  2. It opens the stand-in for the AWS console by itself (http://localhost:{port + 1}).\n"
        f"     Create the stack there, and watch the wizard turn green.\n"
        f"     You are signed in there to account 111122223333, and can switch it at the top.\n"
        f"  3. The same inside another product's page: http://portal.localhost:{port + 3}/acme\n\n"
        f"{_REPORTING if with_callbacks else ''}"
        f"  Ctrl-C ends it. {f'Data is kept in {data}.' if data else 'Data is temporary: --data DIR keeps it.'}\n",
        flush=True,
    )


def _is_up(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own address
    except OSError:
        return False
    return True
