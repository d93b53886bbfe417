"""boto3 clients: made once, shared by every thread, with short time-outs.

boto3 itself finds the credentials and AWS_ENDPOINT_URL. One Session makes all clients, since its first costs up to
200 ms of processor time and a further one only a few. Threads can share clients, but making one needs a lock.
Source: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import BotoCoreError

from aws.session_clients import ReaderPool

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
# For what a verification can do without.
SHORT_READ_SECONDS = 2.0
USER_AGENT = f"Rolecall Boto3/{boto3.__version__}"


class InvalidEndpoint(BotoCoreError):
    """AWS_ENDPOINT_URL is not a URL."""

    fmt = "Invalid endpoint"


def new_client(session: boto3.Session, service: str, **options: Any) -> Any:
    """Return a client, as the session makes it. Raises only what botocore documents, also for an odd endpoint."""
    try:
        return session.client(service, **options)  # type: ignore[call-overload]
    except BotoCoreError:
        # Some are ValueErrors too.
        raise
    except ValueError as error:
        raise InvalidEndpoint from error


class Clients:
    """The clients of one installation, in one region."""

    def __init__(self, *, region: str, read_seconds: float = READ_SECONDS) -> None:
        self.region = region
        self._read_seconds = read_seconds
        self._lock = threading.Lock()
        self._sts: STSClient | None = None
        self._iam: IAMClient | None = None
        # With a region we use the regional STS endpoint; the global one depends on a single region.
        self._config = BotoConfig(
            region_name=region,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"total_max_attempts": 1},
            # We parse all values before; botocore's own validation would cost a tenth of each call.
            parameter_validation=False,
            # Tenants see it in their CloudTrail. botocore makes its own anew for each call, a tenth of what one costs.
            user_agent=USER_AGENT,
            max_pool_connections=32,
        )

    @cached_property
    def readers(self) -> ReaderPool:
        """Clients that read tenants' roles."""
        return ReaderPool(region=self.region, config=self._config)

    @property
    def sts(self) -> STSClient:
        """STS in the configured region. A call is tried once, since the worker verifies again later."""
        with self._lock:
            if self._sts is not None:
                return self._sts
            client: STSClient = new_client(self._session, "sts", config=self._config)
            # A client made without credentials never finds any later. Keep it only if there are some: a worker can
            # start before its instance role is ready.
            if self._session.get_credentials() is not None:
                self._sts = client
            return client

    @property
    def iam(self) -> IAMClient:
        """IAM of the vendor's own account, for what a verification can do without: it does not wait long."""
        with self._lock:
            if self._iam is not None:
                return self._iam
            config = self._config.merge(BotoConfig(read_timeout=min(self._read_seconds, SHORT_READ_SECONDS)))
            client: IAMClient = new_client(self._session, "iam", config=config)
            if self._session.get_credentials() is not None:
                self._iam = client
            return client

    @cached_property
    def s3(self) -> S3Client:
        """S3 of the vendor's own account."""
        with self._lock:
            client: S3Client = new_client(self._session, "s3", config=self._config)
            return client

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(region_name=self.region)
