"""Health, for whatever watches the installation."""

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
    """The store answers, a worker said lately that it is alive, and its AWS identity is sound. 503 says what is not."""
    here = installation()
    beat, finding, problems = None, "", []
    try:
        beat, finding = here.store.last_beat(), here.store.vendor_finding()
    except Exception:
        # Whatever the reason, it is one for the log alone: the address is open to anyone.
        log.exception("store.silent")
        problems = ["the store does not answer"]
    if not problems and not is_worker_alive(beat, now=here.clock.now()):
        problems = ["no worker has been heard of for 30 seconds"]
    diagnosis = diagnose(finding)
    if diagnosis is not None:
        problems.append(f"{diagnosis.code}: {diagnosis.operator}")
    body = jsonify(
        status="not ready" if problems else "ok", worker_beat_at=beat.isoformat() if beat else None, problems=problems
    )
    return body, 503 if problems else 200
