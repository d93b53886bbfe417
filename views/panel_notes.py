"""What the live panel says by status."""

from __future__ import annotations

from dataclasses import dataclass

from onboarding.callback.news import News, StackNews
from onboarding.ground.arn import spaced
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.ground.wording import NOTHING, Text, say
from onboarding.model import Connection


@dataclass(frozen=True)
class Link:
    """A link to a step of the wizard, or to what was checked; `anchor` is a field on that step."""

    label: Text
    step: int | None = None
    anchor: str = ""


@dataclass(frozen=True)
class Note:
    """What the panel says of a status, where the tenant can go on, and what the browser's tab is called, if changed."""

    headline: Text
    sentence: Text
    links: tuple[Link, ...] = ()
    tab_title: Text = NOTHING


NO_NEWS = StackNews(News.NOTHING)
_PASTE = Link(say("Paste the role ARN"), step=9)
_UNNAMED = Note(
    say("Which account is it?"),
    say("Give us your account ID, or the role ARN once the stack is complete: then we know where to look."),
    (Link(say("Enter your account ID"), step=1, anchor="account_id"), _PASTE),
)
_NOTES = {
    Status.DRAFT: Note(
        say("Ready when you are"),
        say("Nothing has happened yet. Once you have created the stack, we notice it automatically."),
    ),
    Status.WAITING: Note(
        say("Waiting for your role"),
        say(
            "The role usually appears one to two minutes after you press Create stack. You can stay on the AWS page, "
            "or close this one: we keep watching for 7 days."
        ),
    ),
    Status.REJECTED: Note(
        say("The role is not safe to use yet"),
        say("We keep watching, and check again automatically."),
        tab_title=say("Something is wrong with the role"),
    ),
    Status.CONNECTED: Note(
        say("Connected"), NOTHING, (Link(say("See what was checked, and continue")),), tab_title=say("Connected")
    ),
    Status.DEGRADED: Note(
        say("The role has changed"),
        say("The account was connected. We keep watching, and check again automatically."),
        (Link(say("See what was checked")),),
        tab_title=say("Something is wrong with the role"),
    ),
    Status.EXPIRED: Note(
        say("We stopped watching"),
        say("No role appeared for 7 days. Nothing is lost: launch again or paste the role ARN, and we watch again."),
        (Link(say("Launch again"), step=1), _PASTE),
        tab_title=say("We stopped watching"),
    ),
    Status.DISCONNECTED: Note(
        say("Disconnected"), say("We no longer use this account. You can delete the stack in AWS.")
    ),
}


_AWAITED = Note(
    say("Waiting for your stack"),
    say(
        "A few seconds after you press Create stack, the stack reports here by itself. You can stay on the AWS page, "
        "or close this one: we keep watching for 7 days."
    ),
)
_AWAITED_OF_ANY_ACCOUNT = Note(
    say("Waiting for your stack"),
    say(
        "A few seconds after you press Create stack, the stack reports here by itself. This page then asks whether its "
        "account is yours, and goes on when you say so. You can come back to it at any time within 7 days."
    ),
)
_GONE = Note(
    say("Disconnected"), say("The stack is deleted, and we no longer use this account. Nothing is left to do.")
)
_OF_NEWS = {
    News.SILENT: Note(
        say("Waiting for your stack"),
        say("No stack has reported yet. If you have not pressed Create stack in AWS, just go on: nothing is lost."),
    ),
    News.BEGUN: Note(
        say("The stack has begun"),
        say(
            "Its role usually answers within one to two minutes. You can stay on the AWS page, or close this one: we "
            "keep watching for 7 days."
        ),
    ),
    News.BEGUN_AND_SILENT: Note(
        say("This takes longer than usual"),
        say("The stack has begun, but its role does not answer yet. Its events in AWS say how far it is."),
    ),
    News.UNFINISHED: Note(
        say("The stack did not finish"),
        say(
            "AWS has undone it, or it was deleted. Its events in AWS say why: copy the reason of the first line that "
            "says CREATE_FAILED, paste it here, and we tell you what to do."
        ),
        tab_title=say("The stack did not finish"),
    ),
    News.OTHER_ACCOUNT: Note(say("Is this the right account?"), NOTHING, tab_title=say("Is this the right account?")),
    News.WHOSE_ACCOUNT: Note(say("Is this account yours?"), NOTHING, tab_title=say("Is this account yours?")),
}


def note_on(connection: Connection, news: StackNews = NO_NEWS) -> Note:
    """Return what the panel says about the connection's status, and about its stacks."""
    if news.kind is News.DELETED:
        return _deleted(connection, news)
    if connection.status is Status.DISCONNECTED and connection.stack_deleted_at is not None:
        return _GONE
    if news.kind is News.GONE_ELSEWHERE and news.stack is not None:
        return _gone_elsewhere(connection, news.stack)
    if news.kind in _OF_NEWS:
        return _OF_NEWS[news.kind]
    if news.awaits_event and connection.status is Status.WAITING:
        return _AWAITED if connection.account_id else _AWAITED_OF_ANY_ACCOUNT
    is_unnamed = connection.status is Status.WAITING and connection.claimed_role_arn is None
    return _UNNAMED if is_unnamed else _NOTES[connection.status]


def _gone_elsewhere(connection: Connection, stack: StackId) -> Note:
    return Note(
        say("Launch again"),
        say(
            "The stack in account {seen} was deleted, or AWS has undone it. To connect {said}, sign in to it in AWS, "
            "and launch again. If {seen} is the right one after all, enter it in step 1.",
            seen=spaced(stack.account_id),
            said=spaced(connection.account_id or ""),
        ),
        (Link(say("Launch again"), step=1),),
        tab_title=say("Launch again"),
    )


def _deleted(connection: Connection, news: StackNews) -> Note:
    headline = say("The stack was deleted")
    if connection.finding_code != "role_lost":
        return Note(headline, say("We are asking AWS whether its role is gone too."), tab_title=headline)
    sentence = say(
        "The role does not answer any more: nobody can use it. If you want to connect account {account} again, create "
        "a new stack in it by {until}. After that this connection ends.",
        account=spaced(connection.account_id or ""),
        until=news.reconnects_until,
    )
    return Note(headline, sentence, (Link(say("Create the stack again"), step=1),), tab_title=headline)
