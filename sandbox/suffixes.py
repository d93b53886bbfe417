"""The domain suffixes of AWS's partitions, as far as the sandbox has partitions."""

from __future__ import annotations

_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


def url_suffix(partition: str) -> str:
    """Return the suffix of host names in the partition (AWS::URLSuffix)."""
    return _SUFFIXES.get(partition, "amazonaws.com")
