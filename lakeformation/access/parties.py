"""The parties of an access."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lakeformation.values.locations import Location
from lakeformation.values.permissions import DataCatalog
from lakeformation.values.resource_links import Share

PARTY_MEMBERS = frozenset(
    {
        "principal_arn",
        "principal_id",
        "consumer",
        "consumer_region",
        "owner",
        "region",
        "catalog_short_name",
        "location_role",
    }
)
"""The members of an access in JSON that are its parties."""


@dataclass(frozen=True)
class Parties:
    """The recipient, the catalog of its account, and the owner's catalog with the portal's name for it.

    `principal_id` is the identity of the principal (RoleId): an access is not repaired when it changes. Where
    `principal_arn` is the consumer's account id, the access is an account grant: the account may pass it on to whom
    it wants inside of it, and nobody reads anything by it alone. `location_role` is the role by which the owner's
    data locations are registered.
    """

    principal_arn: str
    principal_id: str
    consumer_catalog: DataCatalog
    owner_catalog: DataCatalog
    catalog_short_name: str
    location_role: str = ""

    @property
    def owner(self) -> str:
        """The owner's account."""
        return self.owner_catalog.account

    @property
    def consumer(self) -> str:
        """The consumer's account."""
        return self.consumer_catalog.account

    @property
    def is_account_grant(self) -> bool:
        """Whether the recipient is the account as a whole, which may pass it on."""
        return self.principal_arn == self.consumer_catalog.account

    @property
    def is_cross_account(self) -> bool:
        """Whether the access leaves the owner's account."""
        return self.owner_catalog.account != self.consumer_catalog.account

    @cached_property
    def share(self) -> Share | None:
        return Share(self.owner_catalog, self.consumer) if self.is_cross_account else None

    def build_location(self, uri: str) -> Location | None:
        """The data location of an S3 URI in the owner's catalog; None for anything else."""
        if not uri.startswith("s3://"):
            return None
        path = uri.removeprefix("s3://").rstrip("/")
        return Location(self.owner_catalog, f"arn:aws:s3:::{path}", self.location_role)

    def to_json(self) -> dict[str, str]:
        return {
            "principal_arn": self.principal_arn,
            "principal_id": self.principal_id,
            "consumer": self.consumer_catalog.account,
            "consumer_region": self.consumer_catalog.region,
            "owner": self.owner_catalog.account,
            "region": self.owner_catalog.region,
            "catalog_short_name": self.catalog_short_name,
            "location_role": self.location_role,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Parties":
        return cls(
            value["principal_arn"],
            value["principal_id"],
            DataCatalog(value["consumer"], value["consumer_region"]),
            DataCatalog(value["owner"], value["region"]),
            value["catalog_short_name"],
            value["location_role"],
        )
