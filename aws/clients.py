"""boto3 clients: made once, shared by every thread, quick to give up.

Credentials and AWS_ENDPOINT_URL come from boto3's own chain. A first client costs up to 200 ms of processor time
and a further one on the same Session a few, so one Session makes them all, behind a lock: making clients on a
shared Session is not safe from several threads, using them is.
Source: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config as BotoConfig

from aws.session_clients import ReaderPool

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0


class Clients:
    """The clients of one installation, in one region. The time-outs are in seconds."""

    def __init__(self, *, region: str, connect_seconds: float | None = None, read_seconds: float | None = None) -> None:
        self.region = region
        self._lock = threading.Lock()
        self._sts: STSClient | None = None
        # The region makes the STS endpoint a regional one: the global one is far for most, and fails with one region.
        self._config = BotoConfig(
            region_name=region,
            connect_timeout=CONNECT_SECONDS if connect_seconds is None else connect_seconds,
            read_timeout=READ_SECONDS if read_seconds is None else read_seconds,
            retries={"total_max_attempts": 1},
            # Everything we send was parsed at the door; checking it once more costs a tenth of each call.
            parameter_validation=False,
            max_pool_connections=32,
        )

    @cached_property
    def readers(self) -> ReaderPool:
        """Clients for the sessions of tenants' roles."""
        return ReaderPool(region=self.region, config=self._config)

    @property
    def sts(self) -> STSClient:
        """STS in the configured region; one attempt a call, since the worker comes back by itself."""
        with self._lock:
            if self._sts is not None:
                return self._sts
            client = self._session.client("sts", config=self._config)
            # A client that was made without credentials never finds any: it is kept once there are some, so that a
            # worker which was quicker than its instance role heals by itself.
            if self._session.get_credentials() is not None:
                self._sts = client
            return client

    @cached_property
    def iam(self) -> IAMClient:
        """IAM of the vendor's own account."""
        with self._lock:
            return self._session.client("iam", config=self._config)

    @cached_property
    def s3(self) -> S3Client:
        """S3 of the vendor's own account."""
        with self._lock:
            return self._session.client("s3", config=self._config)

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(region_name=self.region)
