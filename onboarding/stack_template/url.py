"""The URL of the published template in S3, built and parsed.

CloudFormation fetches templates only from S3, over HTTPS, by either form of S3's URLs.
Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text

# The limit for quick-create links. The API takes longer URLs.
LONGEST_URL = 1024

_DNS_SUFFIX = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
_BUCKET = r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])"
_HOST = r"s3(?:[.-]dualstack)?(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]))?\.(?P<suffix>amazonaws\.com(?:\.cn)?)"
_KEY = r"/(?P<key>[A-Za-z0-9._~%/!*'()+=@:,&$;-]+)"
_FORMS = (
    re.compile(rf"https://{_BUCKET}\.{_HOST}{_KEY}", re.ASCII),
    re.compile(rf"https://{_HOST}/{_BUCKET}{_KEY}", re.ASCII),
)


@dataclass(frozen=True)
class TemplateUrl:
    """Where a template is in S3. `str()` gives the URL for CloudFormation."""

    bucket: str
    key: str
    region: str
    partition: str

    def __str__(self) -> str:
        host = f"s3.{self.region}.{_DNS_SUFFIX[self.partition]}"
        key = quote(self.key, safe="/-._~")
        # S3's wildcard certificate does not match a bucket with a dot in its name, so such a bucket goes into the path.
        return f"https://{host}/{self.bucket}/{key}" if "." in self.bucket else f"https://{self.bucket}.{host}/{key}"


def is_bucket_name(name: str) -> bool:
    """Whether a bucket can have the name, so that the address of its objects can be parsed.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    return re.fullmatch(_BUCKET, name, re.ASCII) is not None


def parse_template_url(raw: str) -> TemplateUrl:
    """Return where in S3 a template URL points. Raises Refused if CloudFormation's console would not accept it."""
    found = next((match for form in _FORMS if (match := form.fullmatch(raw))), None)
    if found is None or len(raw) > LONGEST_URL:
        raise Refused(
            "template_url_unusable",
            Text(f"{raw[:200]!r} is not the https address of an object in S3, of at most {LONGEST_URL} characters."),
            Text("CloudFormation reads templates only from S3, as https://BUCKET.s3.REGION.amazonaws.com/KEY."),
        )
    in_china = found["suffix"].endswith(".cn")
    region = found["region"] or ("cn-north-1" if in_china else "us-east-1")
    return TemplateUrl(
        bucket=found["bucket"],
        key=unquote(found["key"]),
        region=region,
        partition="aws-cn" if in_china else "aws-us-gov" if region.startswith("us-gov-") else "aws",
    )
