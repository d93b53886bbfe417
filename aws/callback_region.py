"""What there is of the callback in one region, and whether it is as wanted: for `callback status` and `doctor`.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html,
https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html and API_GetSubscriptionAttributes.html beside it,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from aws.answers import outcome_of, raw_code
from aws.callback_stack import CallbackStack, failed
from aws.callback_template import WantedPolicies, says_the_same, wanted_policies
from aws.clients import Clients
from onboarding.proof.answer import Outcome

# A worker takes an event within seconds. CloudWatch is a minute or two behind.
LATE = timedelta(minutes=3)
_GONE = ("NotFound", "NotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")


@dataclass(frozen=True)
class Finding:
    """One fact: whether it is as it should be, a sentence for the operator, and how to repair it."""

    name: str
    is_ok: bool
    sentence: str
    fix: str = ""


class CallbackRegion:
    """The callback of one region. `name` is that of the stack, the topic and the queue; `text` is cfn/callback.yaml."""

    def __init__(self, clients: Clients, *, name: str, topic_arn: str, text: str) -> None:
        self.region = clients.region
        self._clients, self._name, self._topic_arn, self._text = clients, name, topic_arn, text
        self._urls: dict[str, str] = {}
        self._install = f"Run `python app.py callback install --region {self.region}`."

    @property
    def wanted(self) -> WantedPolicies:
        """The policies as cfn/callback.yaml has them."""
        return wanted_policies(self._text, topic_arn=self._topic_arn, queue_arn=self._queue_arn)

    @property
    def _queue_arn(self) -> str:
        return self._topic_arn.replace(":sns:", ":sqs:", 1)

    def findings(self, *, now: datetime) -> list[Finding]:
        """Return what an operator's own rights show of the stack, its parts, and what waits in the queues."""
        parts: Mapping[str, Callable[[], Finding]] = {
            "stack": self._stack,
            "topic": self._topic,
            "queue": self._queue,
            "subscription": self._subscription,
            "waiting": lambda: self._waiting(now),
            "dead letters": self._dead_letters,
        }
        return [self._asked(name, ask) for name, ask in parts.items()]

    def as_receiver(self) -> Finding:
        """Return what our own role sees: whether it can read the queue, and the rest if it is allowed to look.

        Receives at most one event and gives it back at once: only that proves that the worker can.
        """
        what = f"callback {self.region}"
        try:
            self._try_the_queue()
        except (ClientError, BotoCoreError) as error:
            return self._not_readable(what, error)
        seen, unseen = [], []
        for name, ask in (("subscription", self._subscription), ("dead letters", self._dead_letters)):
            try:
                found = ask()
            except (ClientError, BotoCoreError):
                unseen.append(name)
                continue
            if not found.is_ok:
                return Finding(what, False, found.sentence, found.fix)
            seen.append(found.sentence)
        sentence = " ".join(["Our own role can read the queue.", *seen])
        look = f"`python app.py callback status --region {self.region}` looks with your own rights."
        not_seen = f"It is not allowed to see the {' and the '.join(unseen)}, and does not have to: {look}"
        return Finding(what, True, sentence, not_seen if unseen else "")

    def _try_the_queue(self) -> None:
        sqs, url = self._clients.sqs, self._url_of(self._name)
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=0, WaitTimeSeconds=0)
        try:
            # No message has this receipt: a refusal for want of rights comes before AWS looks at it.
            sqs.delete_message(QueueUrl=url, ReceiptHandle="rolecall-doctor")
        except ClientError as error:
            if outcome_of(error) is Outcome.REFUSED:
                raise

    def _not_readable(self, what: str, error: ClientError | BotoCoreError) -> Finding:
        code = raw_code(error)
        policy = f"Give it this policy: {self.wanted.receiver}"
        if code in _GONE:
            # SQS says the same to those who are not allowed to see the queue.
            sentence = f"There is no queue {self._name} in {self.region}, or our own role is not allowed to see it."
            return Finding(what, False, sentence, f"{self._install} {policy}")
        if outcome_of(error) is Outcome.REFUSED:
            return Finding(what, False, f"Our own role cannot read the queue in {self.region} ({code}).", policy)
        why = failed(error, region=self.region)
        sentence = f"We cannot tell whether our own role can read the queue in {self.region} ({code})."
        return Finding(what, False, sentence, f"{why.message} {why.hint}")

    def _asked(self, name: str, ask: Callable[[], Finding]) -> Finding:
        try:
            return ask()
        except (ClientError, BotoCoreError) as error:
            if raw_code(error) in _GONE:
                return Finding(name, False, f"There is none in {self.region}.", self._install)
            why = failed(error, region=self.region)
            return Finding(name, False, f"Not examined. {why.message}", why.hint)

    def _stack(self) -> Finding:
        cloudformation = self._clients.of("cloudformation")
        state = CallbackStack(lambda: cloudformation, name=self._name, region=self.region).state()
        if state is None:
            return Finding("stack", False, f"There is no stack {self._name} in {self.region}.", self._install)
        if state.status.endswith("_IN_PROGRESS"):
            return Finding("stack", False, f"{self._name} is being changed: {state.status}.", "Wait, and look again.")
        if not state.is_complete:
            return Finding("stack", False, f"{self._name} is {state.status}: {state.reason}", self._install)
        return Finding("stack", True, f"{self._name} is {state.status}.")

    def _topic(self) -> Finding:
        attributes = self._clients.of("sns").get_topic_attributes(TopicArn=self._topic_arn)["Attributes"]
        if attributes.get("KmsMasterKeyId"):
            sentence = "The topic is encrypted, so other accounts cannot publish to it: they have no right on the key."
            return Finding("topic", False, sentence, self._install)
        if not says_the_same(attributes.get("Policy", ""), self.wanted.topic):
            return Finding(
                "topic", False, "The topic's policy is not that of cfn/callback.yaml.", self._restore("topic")
            )
        return Finding("topic", True, "Every account can publish to the topic, and do nothing else with it.")

    def _queue(self) -> Finding:
        attributes = self._attributes(self._name)
        if not says_the_same(attributes.get("Policy", ""), self.wanted.queue):
            return Finding(
                "queue", False, "The queue's policy is not that of cfn/callback.yaml.", self._restore("queue")
            )
        if f"{self._queue_arn}-dead" not in attributes.get("RedrivePolicy", ""):
            return Finding("queue", False, "The queue has no dead-letter queue.", self._restore("queue"))
        return Finding("queue", True, "Only the topic can send to the queue.")

    def _subscription(self) -> Finding:
        sns = self._clients.of("sns")
        found = sns.list_subscriptions_by_topic(TopicArn=self._topic_arn)["Subscriptions"]
        ours = [s["SubscriptionArn"] for s in found if s["Endpoint"] == self._queue_arn]
        if not ours:
            sentence = f"The queue in {self.region} is not subscribed to the topic, so no event arrives."
            return Finding("subscription", False, sentence, self._restore("subscription"))
        if ours[0] == "PendingConfirmation":
            sentence = f"The subscription in {self.region} is not confirmed, so no event arrives."
            return Finding("subscription", False, sentence, self._restore("subscription"))
        raw = sns.get_subscription_attributes(SubscriptionArn=ours[0])["Attributes"].get("RawMessageDelivery", "")
        if raw.lower() != "true":
            sentence = f"The subscription in {self.region} does not deliver raw messages, which Rolecall cannot read."
            return Finding("subscription", False, sentence, self._restore("subscription"))
        return Finding("subscription", True, "The subscription is confirmed.")

    def _waiting(self, now: datetime) -> Finding:
        attributes = self._attributes(self._name)
        waiting, taken = (int(attributes.get(f"ApproximateNumberOfMessages{what}", 0)) for what in ("", "NotVisible"))
        age = self._age_of_the_oldest(now)
        said = f", the oldest for {age.total_seconds() / 60:.0f} minutes" if age else ""
        sentence = f"Events that wait: {waiting}{said}. Being handled: {taken}."
        if waiting and age is not None and age >= LATE:
            return Finding("waiting", False, sentence, "Start the worker, or look in its log for this region.")
        return Finding("waiting", True, sentence)

    def _age_of_the_oldest(self, now: datetime) -> timedelta | None:
        """Return how long the oldest event waits, by CloudWatch, or None: SQS itself does not tell."""
        points = self._clients.of("cloudwatch").get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": self._name}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        newest = max(points, key=lambda point: point["Timestamp"], default=None)
        return timedelta(seconds=newest["Maximum"]) if newest and newest["Maximum"] else None

    def _dead_letters(self) -> Finding:
        name = f"{self._name}-dead"
        count = int(self._attributes(name).get("ApproximateNumberOfMessages", 0))
        if count:
            return Finding(
                "dead letters",
                False,
                f"Events in {self.region} that could not be handled: {count}. They are in the queue {name}.",
                "Look in the worker's log for why. Then send them again, or delete them, in the SQS console.",
            )
        return Finding("dead letters", True, "There are no dead letters.")

    def _restore(self, what: str) -> str:
        """CloudFormation does not see what was changed by hand: an update with the same template changes nothing."""
        return (
            f"{self._install} If that changes nothing, somebody changed the {what} by hand: undo that, or let "
            "CloudFormation's drift detection show it."
        )

    def _attributes(self, name: str) -> Mapping[str, str]:
        url = self._url_of(name)
        found: Mapping[str, str] = self._clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
            "Attributes"
        ]
        return found

    def _url_of(self, name: str) -> str:
        if name not in self._urls:
            self._urls[name] = str(self._clients.sqs.get_queue_url(QueueName=name)["QueueUrl"])
        return self._urls[name]
