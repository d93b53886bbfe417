"""Whether the installation works, for monitoring and load balancers."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from onboarding.diagnosis.catalogue import diagnose
from onboarding.schedule import is_worker_alive
from views.guard.access import anyone
from views.installation import installation

log = logging.getLogger("rolecall.views")

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@anyone
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@anyone
def readyz() -> ResponseReturnValue:
    """The store answers, a worker has reported lately, and its AWS identity is the right one. 503 says what fails."""
    here = installation()
    try:
        beat, finding_code = here.store.last_beat(), here.store.vendor_finding_code()
    except Exception:
        # The reason goes only to the log, since anybody can open this address.
        log.exception("store.silent")
        return jsonify(status="not ready", worker_beat_at=None, problems=["the store does not answer"]), 503
    is_alive = is_worker_alive(beat, now=here.clock.now())
    problems = [] if is_alive else ["no worker has reported for 30 seconds"]
    if diagnosis := diagnose(finding_code):
        problems.append(f"{diagnosis.code}: {diagnosis.operator}")
    status, code = ("not ready", 503) if problems else ("ok", 200)
    return jsonify(status=status, worker_beat_at=beat.isoformat() if beat else None, problems=problems), code
