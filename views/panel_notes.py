"""What the live panel says by status."""

from __future__ import annotations

from dataclasses import dataclass

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


def note_on(connection: Connection) -> Note:
    """Return what the panel says about the connection's status."""
    is_unnamed = connection.status is Status.WAITING and connection.claimed_role_arn is None
    return _UNNAMED if is_unnamed else _NOTES[connection.status]
