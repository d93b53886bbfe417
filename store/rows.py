"""Rows to values and back. Times are ISO 8601 in UTC with milliseconds, so that they also sort as text.

A sentence with gaps is kept as what it was made of, so that what was found today can be read in another language
tomorrow; one without gaps, and any of an older row, is a plain string.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from onboarding.callback.stacks import HandledEvent, ReportedStack, StackPhase
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.external_id import IssuedId
from onboarding.ground.hint import Hint
from onboarding.ground.stack_id import parse_stack_id
from onboarding.ground.status import Status
from onboarding.ground.wording import Text
from onboarding.look.brand import SVG_TYPE, Logo, TenantBrand
from onboarding.look.svg import Acts, NoPicture, only_picture
from onboarding.model import Actor, ApiKey, Connection, Event, Flow, Handover, Invite, PortalStart, Tenant, Verification

log = logging.getLogger("rolecall.store")

Row = Mapping[str, Any]
Value = TypeVar("Value", ApiKey, HandledEvent, Handover, Invite, IssuedId, PortalStart, ReportedStack)


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


# Python's name, and the name of the column or JSON field.
_COLUMNS = {"finding_code": "finding"}


def _column(name: str) -> str:
    return _COLUMNS.get(name, name)


CONNECTION_COLUMNS = tuple(map(_column, _names(Connection)))


def iso(at: datetime) -> str:
    """Return the time as stored. Raises ValueError for one without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def time_of(text: str) -> datetime:
    """Return the time behind a stored text."""
    return datetime.fromisoformat(text)


def to_row(value: Any) -> dict[str, Any]:
    """Return a frozen value as columns; mappings and tuples become JSON."""
    return {_column(name): _plain(getattr(value, name)) for name in _names(type(value))}


def value_of(kind: type[Value], row: Row) -> Value:
    """Return the value in a row that has a column for each of its fields."""
    return kind(**_read(row, _names(kind)))


def connection_of(row: Row) -> Connection:
    """Return the connection in a row."""
    values = _read(row, _names(Connection))
    hint = row["refusal_hint"]
    return Connection(
        **{
            **values,
            "status": Status(row["status"]),
            "flow": Flow(row["flow"]),
            "refusal_hint": Hint(hint) if hint else None,
            "is_plain": bool(row["is_plain"]),
        }
    )


def tenant_of(row: Row) -> Tenant:
    """Return the tenant in a row."""
    values = _read(row, ("id", "reference", "name", "created_at"))
    origins = tuple(json.loads(row["embed_origins"]))
    return Tenant(**values, embed_origins=origins, brand=_brand_of(row["id"], json.loads(row["brand"])))


def event_of(row: Row) -> Event:
    """Return the event in a row."""
    return Event(
        kind=row["kind"],
        actor=Actor(row["actor"]),
        at=time_of(row["at"]),
        tenant_id=row["tenant_id"],
        connection_id=row["connection_id"],
        detail=json.loads(row["detail"]),
    )


def reported_stack_of(row: Row) -> ReportedStack:
    """Return the reported stack in a row."""
    stack = value_of(ReportedStack, row)
    return replace(stack, phase=StackPhase(stack.phase))


def verification_of(row: Row) -> Verification:
    """Return the verification in a row."""
    columns = ("id", "connection_id", "started_at", "finished_at", "role_arn", "conclusion")
    return Verification(**_read(row, columns), results=tuple(_result_of(r) for r in json.loads(row["results"])))


def brand_to_json(brand: TenantBrand) -> str:
    """Return a tenant's brand as stored; its logo in base64."""
    kept = {name: value for name, value in vars(brand).items() if value is not None}
    if brand.logo:
        kept["logo"] = {"mimetype": brand.logo.mimetype, "data": base64.b64encode(brand.logo.data).decode()}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def _brand_of(tenant_id: str, kept: dict[str, Any]) -> TenantBrand:
    logo = kept.pop("logo", None)
    return TenantBrand(**kept, logo=_logo_of(tenant_id, logo["mimetype"], logo["data"]) if logo else None)


@lru_cache(maxsize=64)
def _logo_of(tenant_id: str, mimetype: str, data: str) -> Logo | None:
    """Return the logo, an SVG as it would be taken today: older rows have it as it came. None for what acts."""
    picture = base64.b64decode(data)
    try:
        return Logo(mimetype, only_picture(picture) if mimetype == SVG_TYPE else picture)
    except (NoPicture, Acts):
        log.warning("brand.logo_refused tenant=%s", tenant_id)
        return None


def _result_of(kept: dict[str, Any]) -> CheckResult:
    return CheckResult(
        check=kept["check"],
        verdict=Verdict(kept["verdict"]),
        sentence=_text_of(kept["sentence"]),
        finding_code=kept.get("finding", ""),
        evidence=tuple(map(_text_of, kept.get("evidence", ()))),
        # Older rows have the link as their `remedy`, which never was anything else.
        update_url=kept.get("update_url") or kept.get("remedy", ""),
        raw_codes=tuple(kept.get("raw_codes", ())),
    )


def _text_of(kept: Any) -> Text:
    if isinstance(kept, str):
        return Text(kept)
    return Text(kept["source"], {name: _param_of(value) for name, value in kept["params"].items()})


def _param_of(kept: Any) -> Any:
    if isinstance(kept, list):
        return tuple(map(_param_of, kept))
    return _text_of(kept) if isinstance(kept, dict) else kept


def _read(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: None if row[_column(name)] is None else _parsed(name, row[_column(name)]) for name in names}


def _parsed(name: str, kept: Any) -> Any:
    if name.endswith(("_at", "_since")):
        return time_of(kept)
    if name == "stack_id":
        return parse_stack_id(kept)
    return parse_role_arn(kept) if name.endswith("role_arn") else kept


def _plain(item: Any) -> Any:
    if isinstance(item, datetime):
        return iso(item)
    if isinstance(item, TenantBrand):
        return brand_to_json(item)
    if isinstance(item, dict | list | tuple):
        return json.dumps(_kept(item), default=str, ensure_ascii=False, sort_keys=True)
    return item if item is None or isinstance(item, int) else str(item)


def _kept(item: Any, *, is_param: bool = False) -> Any:
    """Return what JSON keeps. A Text that fills a gap is marked as one: a name with the same characters is not."""
    if isinstance(item, Text):
        params = {name: _kept(value, is_param=True) for name, value in item.params.items()}
        return {"source": item.source, "params": params} if params or is_param else str(item)
    if isinstance(item, CheckResult):
        item = {_column(name): value for name, value in vars(item).items()}
    if isinstance(item, dict):
        return {name: _kept(value) for name, value in item.items()}
    return [_kept(each, is_param=is_param) for each in item] if isinstance(item, list | tuple) else item
