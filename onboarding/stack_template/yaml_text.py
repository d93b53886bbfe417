"""CloudFormation's YAML, read safely: short tags become their long forms, and every scalar stays a string.

CloudFormation too takes `2012-10-17`, `3600` and `true` as text. PyYAML would make a date, a number and a boolean.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

from typing import Any

import yaml


class TemplateYamlError(ValueError):
    """The text is not YAML, or uses a part of YAML that CloudFormation does not accept."""


def read_yaml(text: str, *, allows_repeated_keys: bool = False) -> Any:
    """Return the one document in the text, of dicts, lists and strings. Raises TemplateYamlError.

    Refuses what CloudFormation refuses (aliases, merges), and the same key twice in one mapping. With
    `allows_repeated_keys` the last of them wins, as in CloudFormation.
    """
    try:
        loader = _Loader(text)
        loader.allows_repeated_keys = allows_repeated_keys
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError) as error:
        raise TemplateYamlError(" ".join(str(error).split())) from None


class _Loader(yaml.BaseLoader):
    """BaseLoader makes only strings, lists and dicts."""

    allows_repeated_keys = False

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "CloudFormation does not accept aliases", self.get_mark())
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.value in seen and not self.allows_repeated_keys:
                problem = f"the key {key.value} is in one mapping twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """Return `!Sub x` as `{"Fn::Sub": x}`, the form that JSON templates use."""
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)
