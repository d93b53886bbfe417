"""The lifecycle: what each trigger does in each status, and that everything else is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onboarding.ground.status import Status
from onboarding.lifecycle import IllegalTransition, Trigger, advance
from tests.builders import NOON, a_connection

# Written out anew, so that a change of the table has to be meant twice.
LEGAL = {
    ("draft", "named"): "waiting",
    ("waiting", "named"): "waiting",
    ("waiting", "passed"): "connected",
    ("waiting", "refused"): "rejected",
    ("waiting", "timed_out"): "expired",
    ("rejected", "named"): "waiting",
    ("rejected", "passed"): "connected",
    ("rejected", "refused"): "rejected",
    ("rejected", "timed_out"): "expired",
    ("expired", "named"): "waiting",
    ("connected", "passed"): "connected",
    ("connected", "weakened"): "degraded",
    ("degraded", "passed"): "connected",
    ("degraded", "weakened"): "degraded",
    ("draft", "removed"): "disconnected",
    ("waiting", "removed"): "disconnected",
    ("rejected", "removed"): "disconnected",
    ("expired", "removed"): "disconnected",
    ("connected", "removed"): "disconnected",
    ("degraded", "removed"): "disconnected",
}
LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_in_every_status_either_moves_as_written_or_is_refused(status, trigger):
    before = a_connection(status)

    if (status, trigger) in LEGAL:
        after = advance(before, trigger, at=LATER)
        assert after.status == LEGAL[status, trigger]
        assert after.updated_at == LATER
        assert before.status is status, "the value that was given stays as it was"
    else:
        with pytest.raises(IllegalTransition, match=f"{trigger} does not apply to a connection that is {status}"):
            advance(before, trigger, at=LATER)
