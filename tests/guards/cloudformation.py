"""CloudFormation's functions worked out on paper, so that a rule judges what AWS would get, however it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


class Unresolvable(Exception):
    """A function or a name that our template does not use; teach it here if it starts to."""


def resolve(value: Any, *, names: Mapping[str, str], mappings: Mapping[str, Any]) -> Any:
    """Return the value with its functions worked out. `names` holds parameters and pseudo parameters by name."""

    def again(inner: Any) -> Any:
        return resolve(inner, names=names, mappings=mappings)

    if isinstance(value, list):
        return [again(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return _named(argument, names)
        if function == "Fn::Sub":
            return _substitute(argument, names, again)
        if function.startswith("Fn::"):
            return _applied(function, again(argument), mappings)
    return {key: again(inner) for key, inner in value.items()}


def _applied(function: str, argument: Any, mappings: Mapping[str, Any]) -> Any:
    match function:
        case "Fn::Join":
            return argument[0].join(argument[1])
        case "Fn::Split":
            return argument[1].split(argument[0])
        case "Fn::Select":
            return argument[1][int(argument[0])]
        case "Fn::FindInMap":
            return mappings[argument[0]][argument[1]][argument[2]]
    raise Unresolvable(function)


def _substitute(argument: Any, names: Mapping[str, str], again: Any) -> str:
    text, own = argument if isinstance(argument, list) else (argument, {})
    known = {**names, **again(own)}
    return re.sub(r"\$\{([^!}]+)\}", lambda found: _named(found[1], known), text)


def _named(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise Unresolvable(name)
    return names[name]
