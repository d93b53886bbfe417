"""A CloudFormation stack that is made and deleted step by step, each with its events, as AWS does.

moto makes everything inside CreateStack. Here CreateStack returns at once, a thread makes one resource after another,
and the Describe calls tell the state of the moment.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

from moto.cloudformation.models import Event, Stack
from moto.cloudformation.parsing import Export, ResourceMap, clean_json
from moto.core.utils import utcnow
from moto.utilities.utils import get_partition

from sandbox.callbacks.custom_resources import CustomResources
from sandbox.cloudformation.stack_faults import StackFault
from sandbox.cloudformation.template_rules import IAM_NAME_PROPERTIES, logical_ids_within, parse_template
from sandbox.moto_access import MOTO_LOCK
from sandbox.suffixes import url_suffix


@dataclass(frozen=True, kw_only=True)
class StackResource:
    """One resource of a stack as the Describe calls show it. `updated_at` is naive UTC, as in moto."""

    logical_id: str
    resource_type: str
    status: str
    updated_at: datetime
    physical_id: str = ""
    reason: str | None = None


class GradualStack(Stack):
    """moto's stack, but its resources exist only once the maker (stack_maker.py) has made them."""

    def __init__(
        self,
        *,
        caller_arn: str,
        capabilities: list[str],
        fault: StackFault | None,
        custom_resources: CustomResources,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.asking = custom_resources
        self.caller_arn = caller_arn
        self.capabilities = capabilities
        self.fault = fault
        self.stack_status_reason: str | None = None
        self.deletion_time: datetime | None = None
        self.resources: dict[str, StackResource] = {}
        self.maker: threading.Thread | None = None
        self.is_cancelled = threading.Event()
        self.is_abandoned = threading.Event()

    @staticmethod
    def parse_template(template: str) -> dict[str, Any]:
        """Parse as CloudFormation does. moto's own parser accepts any YAML tag and turns text into dates."""
        return parse_template(template)

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names a stack. moto declares this abstract and does not implement it."""
        return "StackName"

    def is_created(self) -> bool:
        """Whether the stack is complete. Abstract in moto, as above."""
        return self.has_outputs

    @property
    def outputs(self) -> list[dict[str, Any]] | None:
        """The outputs, once the stack is complete. moto's would make the resources that they refer to."""
        return super().outputs if self.has_outputs else None

    @property
    def exports(self) -> list[Export]:
        """The exports, once the stack is complete."""
        return super().exports if self.has_outputs else []

    @property
    def has_outputs(self) -> bool:
        """Whether the stack is complete, so that it has outputs."""
        return getattr(self, "status", "") in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}

    def logical_ids(self) -> list[str]:
        """Return the logical IDs of the resources, each after those that it refers to."""
        wanted = {
            logical_id: resource
            for logical_id, resource in self.template_dict["Resources"].items()
            if "Condition" not in resource or self.resource_map.lazy_condition_map[resource["Condition"]]
        }
        needs = {logical_id: logical_ids_within(resource) & set(wanted) for logical_id, resource in wanted.items()}
        return list(TopologicalSorter(needs).static_order())

    def custom_name(self, logical_id: str) -> str:
        """Return the name that the template gives an IAM resource, resolved. Empty if AWS is to invent one."""
        declared = self.template_dict["Resources"][logical_id]
        raw = (declared.get("Properties") or {}).get(IAM_NAME_PROPERTIES.get(declared["Type"]) or "")
        return "" if raw is None else str(clean_json(raw, self.resource_map))

    def set_status(self, status: str, *, reason: str | None = None) -> None:
        """Change the stack's own status and append its event."""
        with MOTO_LOCK:
            self.status = status
            self.stack_status_reason = reason
            self._add_stack_event(status, resource_status_reason=reason)

    def set_resource(self, logical_id: str, status: str, *, physical_id: str = "", reason: str | None = None) -> None:
        """Change one resource's status and append its event. An empty `physical_id` changes nothing."""
        with MOTO_LOCK:
            known = self.resources.get(logical_id) or StackResource(
                logical_id=logical_id,
                status=status,
                updated_at=utcnow(),
                resource_type=self.template_dict["Resources"][logical_id]["Type"],
            )
            now = replace(
                known, status=status, reason=reason, updated_at=utcnow(), physical_id=physical_id or known.physical_id
            )
            self.resources[logical_id] = now
            self.events.append(
                Event(
                    stack_id=self.stack_id,
                    stack_name=self.name,
                    logical_resource_id=logical_id,
                    physical_resource_id=now.physical_id,
                    resource_type=now.resource_type,
                    resource_status=status,
                    resource_status_reason=reason,
                    resource_properties=None,
                )
            )

    def _create_resource_map(self) -> ResourceMap:
        partition = get_partition(self.region_name)
        resources = ResourceMap(
            self.stack_id,
            self.name,
            self.parameters,
            self.tags,
            account_id=self.account_id,
            region_name=self.region_name,
            template=self.template_dict,
            cross_stack_resources=self.cross_stack_resources,
        )
        # moto knows these two only for the commercial partition.
        resources._parsed_resources["AWS::Partition"] = partition
        resources._parsed_resources["AWS::URLSuffix"] = url_suffix(partition)
        resources.load()
        return resources
