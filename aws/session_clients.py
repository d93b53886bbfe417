"""Clients for sessions that live a second: made once, given other credentials for each role they read.

A boto3 client costs some milliseconds of processor time to make, most of one verification's budget, so each reader
keeps its clients and changes what they sign with: a Session's clients all sign with the Session's one Credentials
object, read afresh for each request. One reader serves one thread at a time; a pool lends them out.
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
    """STS, IAM and CloudFormation clients that sign with whatever `become` was last given."""

    def __init__(self, *, region: str, config: BotoConfig) -> None:
        self._session = boto3.Session("nobody", "nobody", "nobody", region)
        self._config = config
        self._stacks: dict[str, CloudFormationClient] = {}
        self._regions: dict[str, frozenset[str]] = {}
        self.sts: STSClient = self._session.client("sts", config=config)
        self.iam: IAMClient = self._session.client("iam", config=config)

    def become(self, credentials: Any) -> None:
        """Sign from now on with these (AssumeRole's `Credentials`). They are held in memory alone."""
        held = self._session.get_credentials()
        assert held is not None
        held.access_key = credentials["AccessKeyId"]
        held.secret_key = credentials["SecretAccessKey"]
        held.token = credentials["SessionToken"]

    def forget(self) -> None:
        """Drop the credentials."""
        self.become(_NOBODY)

    def stack_regions(self, partition: str) -> frozenset[str]:
        """Return every region of the partition that has CloudFormation, those that are off by default too."""
        if partition not in self._regions:
            regions = self._session.get_available_regions("cloudformation", partition_name=partition)
            self._regions[partition] = frozenset(regions)
        return self._regions[partition]

    def cloudformation(self, region: str) -> CloudFormationClient:
        """Return the client for the region that a stack is in."""
        if region not in self._stacks:
            self._stacks[region] = self._session.client("cloudformation", region_name=region, config=self._config)
        return self._stacks[region]


class ReaderPool:
    """Lends readers, the last returned first, and makes one only when all are lent out."""

    def __init__(self, *, region: str, config: BotoConfig) -> None:
        self._region = region
        self._config = config
        self._free: list[Reader] = []
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, credentials: Any) -> Iterator[Reader]:
        """Yield a reader that acts with these credentials, which it forgets afterwards."""
        with self._lock:
            reader = self._free.pop() if self._free else None
        reader = reader or Reader(region=self._region, config=self._config)
        reader.become(credentials)
        try:
            yield reader
        finally:
            reader.forget()
            with self._lock:
                self._free.append(reader)
