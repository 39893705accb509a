"""Which trails log the accounts of the bank's catalogs, and where they leave their files."""

from dataclasses import dataclass

from demo.bank.accounts import CATALOG_PLACES

TRAIL_NAME = "harbour"


@dataclass(frozen=True)
class BankTrail:
    """The trail of a catalog, by its short name, that logs the catalog's account in one region."""

    catalog: str
    account: str
    region: str
    bucket: str


TRAILS = (
    BankTrail("gov", *CATALOG_PLACES["gov"], "harbour-governance-trail"),
    BankTrail("ins-euw1", *CATALOG_PLACES["ins-euw1"], "harbour-insurance-trail"),
)
