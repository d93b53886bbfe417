"""The published template's address: built, taken apart, refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.refused import Refused
from onboarding.stack_template.url import TemplateUrl, parse_template_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://acme-cfn.s3.eu-west-1.amazonaws.com/role.yaml", ("acme-cfn", "role.yaml", "eu-west-1", "aws")),
        ("https://acme-cfn.s3.amazonaws.com/a/role.yaml", ("acme-cfn", "a/role.yaml", "us-east-1", "aws")),
        ("https://acme-cfn.s3-eu-west-1.amazonaws.com/r", ("acme-cfn", "r", "eu-west-1", "aws")),
        ("https://acme-cfn.s3.dualstack.eu-west-1.amazonaws.com/r", ("acme-cfn", "r", "eu-west-1", "aws")),
        ("https://s3.eu-west-1.amazonaws.com/acme.cfn/r%20x", ("acme.cfn", "r x", "eu-west-1", "aws")),
        ("https://s3.amazonaws.com/acme-cfn/r", ("acme-cfn", "r", "us-east-1", "aws")),
        ("https://acme.s3.us-gov-west-1.amazonaws.com/r", ("acme", "r", "us-gov-west-1", "aws-us-gov")),
        ("https://acme.s3.cn-north-1.amazonaws.com.cn/r", ("acme", "r", "cn-north-1", "aws-cn")),
    ],
)
def test_both_forms_of_an_s3_address_are_understood(url, expected):
    found = parse_template_url(url)

    assert (found.bucket, found.key, found.region, found.partition) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://acme.s3.amazonaws.com/r",
        "https://example.com/role.yaml",
        "https://acme.s3.amazonaws.com.evil.example/r",
        "https://acme.s3.eu-west-1.amazonaws.com",
        "https://acme.s3.eu-west-1.amazonaws.com/",
        "https://acme.s3.eu-west-1.amazonaws.com/r?versionId=1",
        "https://acme.s3.eu-west-1.amazonaws.com/r#x",
        "https://user@acme.s3.eu-west-1.amazonaws.com/r",
        "https://acme.s3.eu-west-1.amazonaws.com:8443/r",
        "https://acme.s3.eu-west-1.amazonaws.com/r\n",
        "s3://acme/role.yaml",
        "https://acme.s3.amazonaws.com/" + "r" * 1024,
    ],
)
def test_what_the_console_would_not_take_is_refused(url):
    with pytest.raises(Refused) as refused:
        parse_template_url(url)
    assert refused.value.code == "template_url_unusable"


@given(
    bucket=st.from_regex(r"[a-z0-9][a-z0-9-]{1,40}[a-z0-9](\.[a-z0-9]{2,9})?", fullmatch=True),
    key=st.text(min_size=1, max_size=60, alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"))),
    place=st.sampled_from([(region, name) for name, p in PARTITIONS.items() for region in p.regions]),
)
def test_an_address_taken_apart_is_the_one_put_together(bucket, key, place):
    built = TemplateUrl(bucket, key, *place)

    assert parse_template_url(str(built)) == built


def test_a_bucket_with_a_dot_goes_into_the_path_where_the_certificate_holds():
    assert str(TemplateUrl("a.b", "k", "us-east-1", "aws")) == "https://s3.us-east-1.amazonaws.com/a.b/k"
    assert str(TemplateUrl("a-b", "k", "us-east-1", "aws")) == "https://a-b.s3.us-east-1.amazonaws.com/k"
