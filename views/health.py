"""Whether the installation works, for monitoring and load balancers."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from onboarding.diagnosis.catalogue import diagnose
from onboarding.schedule import LEASE, is_worker_alive, lateness
from views.guard.access import anyone
from views.guard.limits import limited
from views.installation import installation

log = logging.getLogger("rolecall.views")

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@anyone
@limited("health")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@anyone
@limited("health")
def readyz() -> ResponseReturnValue:
    """The store answers, a worker has reported lately and is not late, and its AWS identity is the right one.

    503 says what fails.
    """
    here = installation()
    now = here.clock.now()
    try:
        beat, finding_code = here.store.last_beat(), here.store.vendor_finding_code()
        waiting_since = here.store.waiting_since(now=now, lease=LEASE)
    except Exception:
        # The reason goes only to the log, since anybody can open this address.
        log.exception("store.silent")
        return jsonify(status="not ready", worker_beat_at=None, problems=["the store does not answer"]), 503
    problems = [] if is_worker_alive(beat, now=now) else ["no worker has reported for 30 seconds"]
    # A worker can report and still get nothing done, or not enough.
    if late := lateness(waiting_since, now=now):
        problems.append(f"verifications are {late.total_seconds():.0f} seconds late")
    if diagnosis := diagnose(finding_code):
        problems.append(f"{diagnosis.code}: {diagnosis.operator}")
    status, code = ("not ready", 503) if problems else ("ok", 200)
    return jsonify(status=status, worker_beat_at=beat.isoformat() if beat else None, problems=problems), code
