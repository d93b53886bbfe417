"""The errors of AWS's query protocol (STS, IAM, CloudFormation), in AWS's words and XML."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

NAMESPACES = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "cloudformation": "http://cloudformation.amazonaws.com/doc/2010-05-15/",
}


@dataclass(frozen=True, kw_only=True)
class AwsError:
    """One error of AWS: its HTTP status, code and sentence."""

    status: int
    code: str
    message: str


UNKNOWN_TOKEN = AwsError(
    status=403, code="InvalidClientTokenId", message="The security token included in the request is invalid."
)
EXPIRED_TOKEN = AwsError(
    status=403, code="ExpiredToken", message="The security token included in the request is expired"
)


def validation_error(message: str) -> AwsError:
    """Return STS's answer to an invalid parameter."""
    return AwsError(status=400, code="ValidationError", message=message)


def access_denied(*, caller_arn: str, resource: str, action: str = "sts:AssumeRole") -> AwsError:
    """Return STS's refusal of AssumeRole, in the same words for every reason."""
    return AwsError(
        status=403,
        code="AccessDenied",
        message=f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource}",
    )


def as_response(error: AwsError, *, service: str) -> Response:
    """Return the error in the service's XML, with a new request ID."""
    request_id = str(uuid4())
    kind = "Receiver" if error.status >= 500 else "Sender"
    body = (
        f'<ErrorResponse xmlns="{NAMESPACES[service]}"><Error><Type>{kind}</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Response(body, status=error.status, content_type="text/xml", headers={"x-amzn-RequestId": request_id})
