"""The live panel's lines about the tenant's stacks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from onboarding.callback.news import News, StackNews
from onboarding.ground.arn import spaced
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.ground.wording import Text, say
from onboarding.model import Connection


@dataclass(frozen=True)
class Item:
    """One line of the panel: `state` is done, now, todo or bad."""

    label: Text
    state: str
    at: datetime | None = None


def stack_items(connection: Connection, news: StackNews) -> Sequence[Item]:
    """Return the lines about the stack that makes the role: none where no stack reports."""
    if news.awaits_event:
        return (Item(say("Stack begins"), "now" if connection.status is Status.WAITING else "todo"),)
    if news.stack is None or news.kind is News.DELETED:
        return ()
    if news.kind is News.UNFINISHED:
        place = _place(news.stack)
        return (Item(say("The stack in {account} ({region}) did not finish", **place), "bad"),)
    if news.kind is News.GONE_ELSEWHERE:
        return (Item(say("The stack in {account} ({region}) is gone", **_place(news.stack)), "done"),)
    begun = Item(say("Stack begun in {account} ({region})", **_place(news.stack)), "done", news.begun_at)
    return (begun, Item(say("You confirm the account"), "now")) if news.accounts else (begun,)


def deletion_items(connection: Connection, news: StackNews) -> Sequence[Item]:
    """Return the lines about a stack that was deleted after it had connected the account."""
    if news.kind is not News.DELETED:
        return ()
    # Nothing has failed: somebody removed it.
    deleted = Item(say("Stack deleted"), "done", connection.stack_deleted_at)
    refused = Item(say("AWS refuses us the role"), "done" if connection.finding_code == "role_lost" else "now")
    return (deleted, refused)


def _place(stack: StackId) -> dict[str, str]:
    return {"account": spaced(stack.account_id), "region": stack.region}
