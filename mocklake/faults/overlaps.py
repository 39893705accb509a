"""Writes to one resource that overlap in time, and which resources a write is on.

AWS answers ConcurrentModificationException to parallel changes of one resource (field reports: data.all #1572,
aws-cdk #36215; DG: troubleshooting). Which of them loses is assumed: the later one.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any

from mocklake import protocols
from mocklake.errors import AwsError

CODE = "ConcurrentModificationException"
_NAMES = ("DatabaseName", "TableName", "Name", "TagKey", "ResourceArn")
_INPUTS = ("TableInput", "DatabaseInput", "TableData")
_WHOLE_TABLE = ("Table", "TableWithColumns", "DataCellsFilter")


@dataclass
class Overlaps:
    """The resources that writes are on at this moment."""

    busy: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @contextmanager
    def entered(self, keys: list[str]) -> Iterator[set[str]]:
        """Gives the keys that others are on; the rest are ours until the end of the block."""
        with self._lock:
            taken = self.busy & set(keys)
            own = set(keys) - taken
            self.busy |= own
        try:
            yield taken
        finally:
            with self._lock:
                self.busy -= own


def error(service: str, operation: str) -> AwsError:
    if service == "lakeformation":
        text = "Permission update/Delete failed for Resource. Please retry in a short while."
    else:
        text = f"{operation} failed due to concurrent modifications."
    return AwsError(CODE, text)


@cache
def may_collide(service: str, operation: str) -> bool:
    """The service model lists the error for the operation, or for the single calls of which it is a batch."""
    single = {"BatchGrantPermissions": "GrantPermissions", "BatchRevokePermissions": "RevokePermissions"}
    if service not in ("lakeformation", "glue"):
        return False
    shapes = protocols.model(service).operation_model(single.get(operation, operation)).error_shapes
    return any(shape.name == CODE for shape in shapes)


def keys_of(service: str, account: str, region: str, params: dict[str, Any]) -> list[str]:
    """One text for each resource that a write is on; of a batch one for each entry, in their order."""
    batch = params.get("Entries") if service == "lakeformation" else None
    entries = batch if isinstance(batch, list) else [params]
    return [_key(service, account, region, params, one) for one in entries or [] if isinstance(one, dict)]


def _key(service: str, account: str, region: str, params: dict[str, Any], entry: dict[str, Any]) -> str:
    catalog = params.get("CatalogId") or account
    resource = entry.get("Resource")
    if isinstance(resource, dict) and resource:
        kind, body = next(iter(resource.items()))
        place = _place(kind, body if isinstance(body, dict) else {})
        catalog = (body or {}).get("CatalogId") or (body or {}).get("TableCatalogId") or catalog
    else:
        place = _named(entry)
        catalog = (entry.get("TableData") or entry).get("TableCatalogId") or catalog
    return json.dumps([service, catalog, region, *place])


def _place(kind: str, body: dict[str, Any]) -> list[str]:
    """A table's columns and filters are the table: AWS keeps their permissions together (assumed)."""
    if kind not in _WHOLE_TABLE:
        return [kind, json.dumps(body.get("Name") or body.get("TagKey") or body.get("ResourceArn") or "")]
    return ["Table", _lower(body, "DatabaseName"), _lower(body, "TableName") or _lower(body, "Name") or "*"]


def _named(entry: dict[str, Any]) -> list[str]:
    data: dict[str, Any] = next((entry[name] for name in _INPUTS if isinstance(entry.get(name), dict)), {})
    return [_lower(entry, name) or _lower(data, name) for name in _NAMES]


def _lower(body: dict[str, Any], name: str) -> str:
    return str(body.get(name) or "").lower()
