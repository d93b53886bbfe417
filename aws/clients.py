"""boto3 clients: made once, shared by every thread, with short time-outs.

boto3 itself finds the credentials and AWS_ENDPOINT_URL. One Session makes all clients, since its first costs up to
200 ms of processor time and a further one only a few. Threads can share clients, but making one needs a lock.
A Session reads keys from a file only once. So after AWS refused ours, the next question gets a new Session: whoever
puts the right keys there need not restart anything.
Sources: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients
and https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html (`after-call`)
"""

from __future__ import annotations

import threading
import time
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import BotoCoreError, ClientError

from aws.answers import refuses_our_credentials
from aws.session_clients import ReaderPool

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
# For what a verification can do without.
SHORT_READ_SECONDS = 2.0
# The longest that SQS lets one wait for a message.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
LONGEST_POLL_SECONDS = 20
# While AWS refuses our keys, a Session is made anew no more often than this.
ANEW_SECONDS = 5.0
USER_AGENT = f"Rolecall Boto3/{boto3.__version__}"


class InvalidEndpoint(BotoCoreError):
    """AWS_ENDPOINT_URL is not a URL."""

    fmt = "Invalid endpoint"


def new_client(session: boto3.Session, service: str, **options: Any) -> Any:
    """Return a client, as the session makes it. Raises only what botocore documents, also for an odd endpoint."""
    try:
        return session.client(service, **options)  # type: ignore[call-overload]
    except BotoCoreError:
        # Some are ValueErrors too.
        raise
    except ValueError as error:
        raise InvalidEndpoint from error


class Clients:
    """The clients of one installation, in one region. Without a profile, boto3 finds the credentials by itself."""

    def __init__(
        self,
        *,
        region: str,
        profile: str | None = None,
        read_seconds: float = READ_SECONDS,
        anew_seconds: float = ANEW_SECONDS,
    ) -> None:
        self.region = region
        self._profile = profile
        self._read_seconds = read_seconds
        self._anew_seconds = anew_seconds
        self._lock = threading.Lock()
        self._session: boto3.Session | None = None
        self._refused: boto3.Session | None = None
        self._anew_at = -anew_seconds
        self._made: dict[str, Any] = {}
        # With a region we use the regional STS endpoint; the global one depends on a single region.
        self._config = BotoConfig(
            region_name=region,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"total_max_attempts": 1},
            # We parse all values before; botocore's own validation would cost a tenth of each call.
            parameter_validation=False,
            # Tenants see it in their CloudTrail. botocore makes its own anew for each call, a tenth of what one costs.
            user_agent=USER_AGENT,
            max_pool_connections=32,
        )

    @cached_property
    def readers(self) -> ReaderPool:
        """Clients that read tenants' roles."""
        return ReaderPool(region=self.region, config=self._config)

    @property
    def sts(self) -> STSClient:
        """STS in the configured region. A call is tried once, since the worker verifies again later."""
        client: STSClient = self._client("sts", self._config)
        return client

    @property
    def iam(self) -> IAMClient:
        """IAM of the vendor's own account, for what a verification can do without: it does not wait long."""
        short = BotoConfig(read_timeout=min(self._read_seconds, SHORT_READ_SECONDS))
        client: IAMClient = self._client("iam", self._config.merge(short))
        return client

    @property
    def s3(self) -> S3Client:
        """S3 of the vendor's own account."""
        client: S3Client = self._client("s3", self._config)
        return client

    def of(self, service: str) -> Any:
        """A client of another service of the vendor's own account, such as `cloudformation` or `sns`."""
        return self._client(service, self._config)

    @property
    def sqs(self) -> Any:
        """SQS of the vendor's own account. A call can wait for messages, so its answer takes longer than others."""
        patient = BotoConfig(read_timeout=LONGEST_POLL_SECONDS + self._read_seconds)
        return self._client("sqs", self._config.merge(patient))

    def _client(self, service: str, config: BotoConfig) -> Any:
        with self._lock:
            session = self._session_to_use()
            if service in self._made:
                return self._made[service]
            client = new_client(session, service, config=config)
            client.meta.events.register("after-call", partial(self._answered, session))
            client.meta.events.register("after-call-error", partial(self._not_sent, session))
            # A client made without credentials never finds any later. Keep it only if there are some: a worker can
            # start before its instance role is ready.
            if session.get_credentials() is not None:
                self._made[service] = client
            return client

    def _session_to_use(self) -> boto3.Session:
        now = time.monotonic()
        if self._session is not None and self._session is self._refused and now - self._anew_at >= self._anew_seconds:
            self._session, self._refused, self._anew_at = None, None, now
            self._made.clear()
        if self._session is None:
            self._session = boto3.Session(region_name=self.region, profile_name=self._profile)
        return self._session

    def _answered(self, session: boto3.Session, parsed: Any, model: Any, **_: Any) -> None:
        if "Error" in parsed and refuses_our_credentials(ClientError(parsed, model.name)):
            self._refused = session

    def _not_sent(self, session: boto3.Session, exception: Exception, **_: Any) -> None:
        if isinstance(exception, BotoCoreError) and refuses_our_credentials(exception):
            self._refused = session
