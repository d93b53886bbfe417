"""A smaller policy of which the same is still true: what is printed when a property fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any


def smallest(policy: dict[str, Any], is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return a policy from which no statement, operator, key or value can be taken without `is_so` becoming false."""
    for smaller in _smaller(policy):
        if is_so(smaller):
            return smallest(smaller, is_so)
    return policy


def _smaller(policy: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if len(policy["Statement"]) > 1:
        for index in range(len(policy["Statement"])):
            yield _without(policy, "Statement", index)
    for index, statement in enumerate(policy["Statement"]):
        if "Condition" in statement:
            yield _without(policy, "Statement", index, "Condition")
        for operator, keys in statement.get("Condition", {}).items():
            yield _without(policy, "Statement", index, "Condition", operator)
            for key, values in keys.items():
                if len(keys) > 1:
                    yield _without(policy, "Statement", index, "Condition", operator, key)
                for at in range(len(values) if isinstance(values, list) and len(values) > 1 else 0):
                    yield _without(policy, "Statement", index, "Condition", operator, key, at)
        for kind, entries in statement["Principal"].items():
            for at in range(len(entries) if isinstance(entries, list) and len(entries) > 1 else 0):
                yield _without(policy, "Statement", index, "Principal", kind, at)


def _without(policy: dict[str, Any], *path: Any) -> dict[str, Any]:
    copy = deepcopy(policy)
    at: Any = copy
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return copy
