"""What can go wrong with the message by which a stack reports to us, in words. The plain template sends none.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

from onboarding.diagnosis.stack_finding import Hand, Press, StackFinding
from onboarding.ground.wording import say

_WITHOUT = say("Create the stack without the message: everything else is the same, and we watch for the role instead.")

OF_THE_CALLBACK: tuple[StackFinding, ...] = (
    StackFinding(
        "callback_denied",
        say("The stack was not allowed to tell us that it has begun. Nothing is wrong with the role."),
        _WITHOUT,
        Hand.TENANT,
        Press.PLAIN,
        "sns:Publish on our topic is denied: by the user's own policies, or by a data perimeter of the organization.",
    ),
    StackFinding(
        "callback_timed_out",
        say("The stack told us that it has begun, and got no answer from us in time. That is our fault."),
        _WITHOUT,
        Hand.VENDOR,
        Press.PLAIN,
        "The custom resource timed out: the receiver was down, or could not reach the ResponseURL. Run doctor.",
    ),
    StackFinding(
        "callback_broken",
        say("The stack could not reach us, because something is wrong on our side."),
        _WITHOUT,
        Hand.VENDOR,
        Press.PLAIN,
        "The topic is missing in the stack's region, its policy refuses publishers, or our answer was malformed: run "
        "doctor.",
    ),
    StackFinding(
        "refused_by_us",
        say("We refused this stack, for the reason that AWS shows."),
        say(
            "If the reason names another stack or a connection that has ended, start again from your list of accounts."
        ),
        Hand.TENANT,
        Press.NONE,
        "We answered FAILED: the connection is unknown, disconnected, or bound to another stack that still answers.",
    ),
)
