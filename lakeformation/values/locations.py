"""Registered data locations."""

from dataclasses import dataclass
from typing import Any

from lakeformation.values.permissions import DataCatalog


@dataclass(frozen=True, order=True)
class Location:
    """An S3 path registered in the owner's catalog with the role that Lake Formation reads it by."""

    catalog: DataCatalog
    arn: str
    role: str

    def to_json(self) -> dict[str, Any]:
        return {"catalog": self.catalog.to_json(), "arn": self.arn, "role": self.role}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Location":
        return cls(DataCatalog(*value["catalog"]), value["arn"], value["role"])
