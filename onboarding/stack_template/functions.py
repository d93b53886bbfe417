"""CloudFormation's intrinsic functions, resolved in the part of a template that Rolecall reads.

Only the functions that the role's policies use: another one is an error, never text that looks resolved.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from onboarding.stack_template.reading import StackTemplateError


def resolve(value: Any, *, names: Mapping[str, str], mappings: Mapping[str, Any]) -> Any:
    """Return the value with its functions resolved. `names` holds parameters and pseudo parameters by name.

    Raises StackTemplateError for a function or a name that it does not know.
    """

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
            text, own = argument if isinstance(argument, list) else (argument, {})
            known = {**names, **again(own)}
            return re.sub(r"\$\{([^!${}]+)\}", lambda found: _named(found[1], known), text)
        if function.startswith("Fn::"):
            return _applied(function, again(argument), mappings)
    return {key: again(inner) for key, inner in value.items()}


def _applied(function: str, argument: Any, mappings: Mapping[str, Any]) -> Any:
    functions: Mapping[str, Callable[[], Any]] = {
        "Fn::Join": lambda: argument[0].join(argument[1]),
        "Fn::Split": lambda: argument[1].split(argument[0]),
        "Fn::Select": lambda: argument[1][int(argument[0])],
        "Fn::FindInMap": lambda: mappings[argument[0]][argument[1]][argument[2]],
    }
    try:
        return functions[function]()
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        raise StackTemplateError(f"Rolecall cannot resolve {function} in the role's policies.") from None


def _named(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise StackTemplateError(f"Rolecall cannot resolve {name} in the role's policies.")
    return names[name]
