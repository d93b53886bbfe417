"""Clients that read tenants' roles: made once, then given each role's credentials in turn.

Making a boto3 client takes some milliseconds of processor time, most of what a verification is allowed to cost. So a
reader keeps its clients and changes their credentials: all clients of a Session sign with its one Credentials object.
A reader serves one thread at a time.
Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/session.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config as BotoConfig

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient

_NOBODY = {"AccessKeyId": "nobody", "SecretAccessKey": "nobody", "SessionToken": "nobody"}


class Reader:
    """STS, IAM and CloudFormation clients that sign with the credentials last given to `use`."""

    def __init__(self, *, region: str, config: BotoConfig) -> None:
        self._session = boto3.Session("nobody", "nobody", "nobody", region)
        self._config = config
        self._stacks: dict[str, CloudFormationClient] = {}
        self._regions: dict[str, frozenset[str]] = {}
        self.sts: STSClient = self._session.client("sts", config=config)
        self.iam: IAMClient = self._session.client("iam", config=config)

    def use(self, credentials: Any) -> None:
        """Sign with these from now on (AssumeRole's `Credentials`). They stay in memory."""
        held = self._session.get_credentials()
        assert held is not None
        held.access_key = credentials["AccessKeyId"]
        held.secret_key = credentials["SecretAccessKey"]
        held.token = credentials["SessionToken"]

    def forget(self) -> None:
        """Drop the credentials."""
        self.use(_NOBODY)

    def stack_regions(self, partition: str) -> frozenset[str]:
        """Return the partition's regions that have CloudFormation, opt-in regions included."""
        if partition not in self._regions:
            regions = self._session.get_available_regions("cloudformation", partition_name=partition)
            self._regions[partition] = frozenset(regions)
        return self._regions[partition]

    def cloudformation(self, region: str) -> CloudFormationClient:
        """Return the client for a region."""
        if region not in self._stacks:
            self._stacks[region] = self._session.client("cloudformation", region_name=region, config=self._config)
        return self._stacks[region]


class ReaderPool:
    """Lends readers. Makes one only if all others are lent."""

    def __init__(self, *, region: str, config: BotoConfig) -> None:
        self._region = region
        self._config = config
        self._free: list[Reader] = []
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, credentials: Any) -> Iterator[Reader]:
        """Yield a reader with these credentials. It forgets them afterwards."""
        with self._lock:
            reader = self._free.pop() if self._free else None
        reader = reader or Reader(region=self._region, config=self._config)
        reader.use(credentials)
        try:
            yield reader
        finally:
            reader.forget()
            with self._lock:
                self._free.append(reader)
