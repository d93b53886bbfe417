"""Writes what a run has seen, as Markdown for people and as JSON for programs. Neither names anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fieldtest.facts import FACTS, Agrees, Findings
from fieldtest.masking import Masker
from fieldtest.run import Run

_MARKS = {Agrees.YES: "yes", Agrees.NO: "**no**", Agrees.NOT_SEEN: "not seen"}


def write_report(run: Run, folder: Path, *, left: list[str], version: str) -> tuple[Path, Path]:
    """Write `fieldtest-<run>.md` and `.json` into the folder, and return both paths. `left` is what is not removed."""
    masker = masker_for(run)
    facts = masker.value(_as_json(run, left=left, version=version))
    markdown, data = (folder / f"fieldtest-{run.id}{suffix}" for suffix in (".md", ".json"))
    data.write_text(f"{json.dumps(facts, indent=2, ensure_ascii=False)}\n", encoding="utf-8")
    markdown.write_text(_as_markdown(facts), encoding="utf-8")
    return markdown, data


def exit_code(findings: Findings) -> int:
    """Return 1 if a fact differs from what we assume, otherwise 2 if one that a run should see was not seen, or 0."""
    if findings.named(Agrees.NO):
        return 1
    return 2 if findings.missing else 0


def masker_for(run: Run) -> Masker:
    """Return what masks this run's accounts, roles and sessions. Names of the run itself stay: they name nobody."""
    known = {run.vendor.account_id: "account-A", run.tenant.account_id: "account-B"}
    trusted = run.accounts.trusted
    known[f"role{trusted.path}{trusted.name}"] = "role/vendor-role"
    for account in (run.vendor, run.tenant):
        # A session's name is often a person's address.
        kind, _, rest = account.identity.arn.rpartition(":")[2].partition("/")
        name, _, session = rest.partition("/")
        known[f"{kind}/{rest}"] = f"{kind}/{account.side}-{'role' if session else kind}{'/session' if session else ''}"
        known |= {f"{what}/{name}": f"{what}/{account.side}-role" for what in ("assumed-role", "role") if session}
        known |= {session: f"{account.side}-session"} if "@" in session else {}
    return Masker(known)


def _as_json(run: Run, *, left: list[str], version: str) -> dict[str, Any]:
    facts = {}
    for name, fact in FACTS.items():
        seen = run.findings.of(name)
        facts[name] = {
            "assumption": fact.assumption,
            "source": fact.source,
            "asked": fact.asked,
            "agrees": str(seen.agrees),
            "observed": seen.observed,
            "details": dict(seen.details),
        }
    return {
        "run": run.id,
        "written_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "rolecall": version,
        "asked": "a stand-in for AWS on this machine: this proves nothing" if run.accounts.is_stand_in else "AWS",
        "partition": run.vendor.partition,
        "region": run.vendor.region,
        "facts": facts,
        "counts": {str(agrees): len(run.findings.named(agrees)) for agrees in Agrees},
        "problems": list(run.problems),
        "not_removed": left,
    }


def _as_markdown(report: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{number} {agrees}" for agrees, number in report["counts"].items())
    lines = [
        f"# Field test {report['run']}",
        "",
        f"Asked: {report['asked']}, partition {report['partition']}, region {report['region']}, "
        f"on {report['written_at']}, with Rolecall {report['rolecall']}. Facts that agree: {counts}.",
        "",
        "| fact | what we assume | agrees | what was seen |",
        "|---|---|---|---|",
    ]
    for name, fact in report["facts"].items():
        cells = (f"`{name}`", fact["assumption"], _MARKS[Agrees(fact["agrees"])], fact["observed"])
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    for title, listed in (("What went wrong", report["problems"]), ("Not removed", report["not_removed"])):
        if listed:
            lines += ["", f"## {title}", "", *(f"- {_cell(each)}" for each in listed)]
    lines += ["", "## How each was asked", ""]
    lines += [f"- `{name}`: {_cell(fact['asked'])} ({fact['source']})" for name, fact in report["facts"].items()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return the text as a cell of a table. AWS and the tenant's account chose a part of it."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain.replace("|", "\\|").replace("<", "&lt;")
