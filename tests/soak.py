"""How often tests repeat what they try: once as long in `make test`, many times as long in `make soak`."""

from __future__ import annotations

import os

TIMES = int(os.environ.get("ROLECALL_SOAK", "1"))
