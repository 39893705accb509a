"""Permissions that were held outside the portal and that their owner adopted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.values.permissions import (
    PermissionColumns,
    convert_permission_columns_to_json,
    parse_permission_columns,
)


@dataclass(frozen=True)
class Adoption:
    """That an access was adopted: it is wanted as AWS holds it, and gets no link, no share and no location.

    `companion_permissions` were held with it: DESCRIBE on the same, of an account on its database too, and grant
    options.
    """

    companion_permissions: PermissionColumns = ()

    def to_json(self) -> dict[str, Any]:
        return {"companion_permissions": convert_permission_columns_to_json(self.companion_permissions)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Adoption":
        return cls(parse_permission_columns(value["companion_permissions"]))
