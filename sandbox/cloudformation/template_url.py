"""Fetching a stack template by its TemplateURL out of moto's own S3, whichever account keeps the bucket."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

LONGEST_URL = 5120
_SUFFIX = r"s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
_BUCKET_HOST = re.compile(rf"(?P<bucket>[a-z0-9][a-z0-9.-]+)\.{_SUFFIX}")
_PATH_HOST = re.compile(_SUFFIX)


def template_text(response: CloudFormationResponse) -> str:
    """Return the template that a call gives, in its body or by address. Raises moto's ValidationError."""
    body, url = response._get_param("TemplateBody"), response._get_param("TemplateURL")
    if body and url:
        raise ValidationError(message="Either Template URL or Template Body must be specified, not both.")
    if url:
        return fetch_for(response, url)
    if not body:
        raise ValidationError(message="Either Template URL or Template Body must be specified.")
    return str(body)


def fetch_for(response: CloudFormationResponse, template_url: str) -> str:
    """Fetch a template on behalf of the caller of `response`; takes the place of moto's method of that shape."""
    return fetch_template(template_url, account_id=response.current_account, partition=response.partition)


def fetch_template(url: str, *, account_id: str, partition: str) -> str:
    """Return the template's text. Raises moto's ValidationError when the URL is not S3's or nothing is there.

    Unlike AWS, no bucket policy is asked: what a bucket lets through is tried by fetching unsigned over HTTP.
    """
    bucket, key = _bucket_and_key(url)
    try:
        found = s3_backends[account_id][partition].get_object(bucket, key)
    except S3ClientError as error:
        raise _missing("The specified bucket does not exist") from error
    if found is None:
        raise _missing("The specified key does not exist.")
    return found.value.decode("utf-8")


def _bucket_and_key(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    in_host = _BUCKET_HOST.fullmatch(parts.netloc)
    if parts.scheme == "https" and len(url) <= LONGEST_URL:
        # The path form first: a bucket's name may itself look like a host's beginning.
        if _PATH_HOST.fullmatch(parts.netloc) and "/" in path:
            bucket, _, key = path.partition("/")
            return bucket, key
        if in_host and path:
            return in_host["bucket"], path
    raise ValidationError(message="TemplateURL must be a supported URL.")


def _missing(what: str) -> ValidationError:
    return ValidationError(
        message=(
            f"S3 error: {what}\n"
            "For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        )
    )
