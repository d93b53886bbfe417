"""Whether the worker reads the queues of the callback, for `doctor`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from commands.doctor_answer import DoctorAnswer
from onboarding.callback.queues import QueueState

# The worker notes each minute how it goes, and a poll or a pause takes up to a minute more.
SILENT_AFTER = timedelta(minutes=3)
UNKNOWN_HOST_TOLD_FOR = timedelta(days=7)


def reading_of(states: Sequence[QueueState], regions: Sequence[str], *, now: datetime) -> DoctorAnswer:
    """Return whether the worker reads the queue of each region, what it finds, and what to do."""
    served = {state.region: state for state in states if state.region in regions}
    silent = [region for region in regions if not _is_fresh(served.get(region), now)]
    if silent:
        return DoctorAnswer(
            False,
            f"No worker has read the queue in {', '.join(silent)} for {SILENT_AFTER.seconds // 60} minutes.",
            "Start the worker anew after a change of ROLECALL_CALLBACK_REGIONS.",
        )
    failing = {region: state.finding_code for region, state in served.items() if state.finding_code}
    if failing:
        return DoctorAnswer(
            False,
            f"The worker cannot read the queue in {', '.join(f'{r} ({code})' for r, code in failing.items())}.",
            " ".join(dict.fromkeys(_fix(region, code) for region, code in failing.items())),
        )
    sentence = f"The worker reads the queue in {', '.join(regions)}."
    return DoctorAnswer(True, sentence, _unknown_hosts(served.values(), now))


def _is_fresh(state: QueueState | None, now: datetime) -> bool:
    # A note from the future: the clock was set back.
    return state is not None and state.read_at is not None and abs(now - state.read_at) <= SILENT_AFTER


def _fix(region: str, code: str) -> str:
    if code == "queue_missing":
        return f"Run `python app.py callback install --region {region}`."
    if code == "queue_forbidden":
        return "Give the worker's role the policy that `callback install` prints."
    return "If it goes on, look in the worker's log, after `receiver.queue`."


def _unknown_hosts(states: Iterable[QueueState], now: datetime) -> str:
    """Anyone can send an event with any host, so this is nothing wrong; but AWS can have a host that we do not know."""
    told = [
        f"On {s.unknown_host_at:%Y-%m-%d} an event in {s.region} asked for an answer to {s.unknown_host}, which is no "
        "host of CloudFormation's that Rolecall knows. It was not contacted. If it is one of AWS's, report it."
        for s in states
        if s.unknown_host_at is not None and now - s.unknown_host_at <= UNKNOWN_HOST_TOLD_FOR
    ]
    return " ".join(told)
