"""AWS partitions: the parts of AWS that share nothing, each with its own console, hosts and regions.

An installation serves one partition, that of its trusted principal.
Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onboarding.ground.wording import Text, say


@dataclass(frozen=True)
class Partition:
    """One partition. `regions` maps the code of each region that is on by default to the console's name for it.

    `dns_suffix` is what the names of AWS's own servers end with, as botocore has it; a test compares them.
    """

    name: str
    title: str
    console_url: str
    form_origins: tuple[str, ...]
    default_region: str
    dns_suffix: str
    regions: Mapping[str, Text]


# The console sends a signed-out visitor on to a sign-in host of the same family, and a browser holds a
# form's redirects to `form-action` as well: so it names the whole family, not only the console's host.
COMMERCIAL = Partition(
    name="aws",
    title="AWS",
    console_url="https://console.aws.amazon.com",
    form_origins=("https://*.aws.amazon.com",),
    default_region="us-east-1",
    dns_suffix="amazonaws.com",
    regions={
        "us-east-1": say("N. Virginia"),
        "us-east-2": say("Ohio"),
        "us-west-1": say("N. California"),
        "us-west-2": say("Oregon"),
        "ca-central-1": say("Canada"),
        "sa-east-1": say("São Paulo"),
        "eu-central-1": say("Frankfurt"),
        "eu-west-1": say("Ireland"),
        "eu-west-2": say("London"),
        "eu-west-3": say("Paris"),
        "eu-north-1": say("Stockholm"),
        "ap-northeast-1": say("Tokyo"),
        "ap-northeast-2": say("Seoul"),
        "ap-northeast-3": say("Osaka"),
        "ap-south-1": say("Mumbai"),
        "ap-southeast-1": say("Singapore"),
        "ap-southeast-2": say("Sydney"),
    },
)

GOVCLOUD = Partition(
    name="aws-us-gov",
    title="AWS GovCloud (US)",
    console_url="https://console.amazonaws-us-gov.com",
    form_origins=("https://*.amazonaws-us-gov.com",),
    default_region="us-gov-west-1",
    dns_suffix="amazonaws.com",
    regions={"us-gov-west-1": say("US-West"), "us-gov-east-1": say("US-East")},
)

CHINA = Partition(
    name="aws-cn",
    title="AWS China",
    console_url="https://console.amazonaws.cn",
    form_origins=("https://*.amazonaws.cn",),
    default_region="cn-north-1",
    dns_suffix="amazonaws.com.cn",
    regions={"cn-north-1": say("Beijing"), "cn-northwest-1": say("Ningxia")},
)

PARTITIONS: Mapping[str, Partition] = {p.name: p for p in (COMMERCIAL, GOVCLOUD, CHINA)}
