"""What is published for whom, and what `doctor` finds wrong."""

from __future__ import annotations

import json
from pathlib import Path

BUCKET = "northwind-templates"
PRINCIPAL = "arn:aws:iam::999988887777:role/tools/northwind-rolecall"
TEMPLATE = Path(__file__).parents[3] / "cfn" / "role.yaml"


def failing(run):
    found = json.loads(run("doctor", "--json", code=1).stdout)
    return {f["question"]: f for f in found if not f["is_ok"]}
