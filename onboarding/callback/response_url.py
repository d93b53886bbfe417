"""The guard before the only address of the outer world that somebody else names: where an answer is sent.

Anyone can publish to the topic, so a ResponseURL can lead anywhere. We do not take it apart: readers differ in what
they make of an odd one. We make every beginning that it can rightly have, and it has one of them or is refused.
Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html (the field) and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html (the bucket's name). The hosts
were seen in AWS's examples for the partitions aws and aws-cn; that of aws-us-gov is unproved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.stack_id import StackId
from onboarding.ground.wording import clean

LONGEST_URL = 2_048
# How long AWS's signature holds: X-Amz-Expires=7200.
VALID_SECONDS = 7_200

# All that a URL can be made of (RFC 3986, 2): nothing that a reader would drop, turn into something else, or not show.
_URL = re.compile(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]*", re.ASCII)
# What a presigned query is made of: names and values, with all else percent-encoded.
_QUERY = re.compile(r"(?:[A-Za-z0-9._~=&-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_AUTHORITY = re.compile(r"https?://([^/?#]{1,253})", re.ASCII)
_BUCKET = "cloudformation-custom-resource-response"
# The pipes and the ARN's colons come percent-encoded, its slashes as they are. All of these name the same object.
_LEFT_AS_THEY_ARE = ("/", "", "/:")


@dataclass(frozen=True)
class ResponseUrl:
    """Where to send one answer: always https, port 443. `path_and_query` is sent as it came."""

    host: str
    path_and_query: str


class ResponseUrlRefused(ValueError):
    """The URL is not one of CloudFormation's for this request. `host` is what it names instead, fit to be shown."""

    def __init__(self, code: str, host: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.host = host


def hosts(stack_id: StackId) -> Iterator[str]:
    """Yield every host that can await the answers of this stack."""
    region = stack_id.region
    suffix = PARTITIONS[stack_id.partition].dns_suffix
    for s3 in (f"s3.{region}", f"s3-{region}", *(["s3"] if region == "us-east-1" else [])):
        yield f"{_BUCKET}-{region.replace('-', '')}.{s3}.{suffix}"


def parse_response_url(raw: str, *, stack_id: StackId, logical_id: str, request_id: str) -> ResponseUrl:
    """Return where the answer to this request of this stack can be sent. Raises ResponseUrlRefused."""
    if len(raw) > LONGEST_URL:
        raise ResponseUrlRefused("response_url_too_long")
    if not _URL.fullmatch(raw):
        raise ResponseUrlRefused("response_url_odd")
    for host in hosts(stack_id):
        if raw.startswith(f"https://{host}/"):
            break
    else:
        named = _AUTHORITY.match(raw)
        raise ResponseUrlRefused("response_url_host", clean(named[1]) if named else "")
    path_and_query = raw.removeprefix(f"https://{host}")
    key = f"{stack_id}|{logical_id}|{request_id}"
    for path in {f"/{quote(key, safe=safe)}?" for safe in _LEFT_AS_THEY_ARE}:
        if path_and_query.startswith(path):
            break
    else:
        raise ResponseUrlRefused("response_url_path")
    if not _QUERY.fullmatch(path_and_query.removeprefix(path)):
        raise ResponseUrlRefused("response_url_query")
    return ResponseUrl(host, path_and_query)
