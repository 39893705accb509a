"""Which trails log the accounts of the bank's catalogs, and where they leave their files."""

from dataclasses import dataclass

from demo.bank.accounts import GOVERNANCE, INSURANCE, REGION, REINSURANCE_REGION

TRAIL_NAME = "harbour"


@dataclass(frozen=True)
class BankTrail:
    """The trail of a catalog, by its short name, that logs the catalog's account in one region."""

    catalog: str
    account: str
    region: str
    bucket: str


TRAILS = (
    BankTrail("gov", GOVERNANCE, REGION, "harbour-governance-trail"),
    BankTrail("ins-euw1", INSURANCE, REINSURANCE_REGION, "harbour-insurance-trail"),
)
