"""The accounts of Harbour Bank and their roles, the trails that log them, and where events of changes are left."""

from dataclasses import dataclass

from demo.bank.definitions import Account

SEED = "demo.bank.world"
"""For `python -m mocklake --seed`."""
LOGGED_SEED = "demo.bank.logged_world"
"""With trails and events of changes."""
REGION = "eu-central-1"
REINSURANCE_REGION = "eu-west-1"
GOVERNANCE = "111111111111"
INVESTMENTS = "210000000001"
INSURANCE = "210000000002"
RETAIL_BANKING = "210000000003"
CREDIT_CARDS = "210000000004"
BI = "310000000001"
TREASURY = "510000000001"
PARTNER = "610000000001"
CATALOG_PLACES = {"gov": (GOVERNANCE, REGION), "ins-euw1": (INSURANCE, REINSURANCE_REGION)}
"""Account and region of each catalog that others read from, by its short name."""
WORKER_ROLE = "meshmarket-worker"
OBSERVER_ROLE = "meshmarket-observer"
EXECUTOR_ROLE = "meshmarket-executor"
DATA_ACCESS_ROLE = "lakeformation-data-access"
ACCOUNTS: tuple[Account, ...] = (
    Account(GOVERNANCE, "governance", "Data Governance", "Group Data Office", "CC-1000", "production"),
    Account(
        INVESTMENTS, "investments", "Investments", "Investments", "CC-2100", "production", produces=True
    ),
    Account(
        INSURANCE, "insurance", "Insurance", "Insurance", "CC-2200", "production",
        produces=True, producer_roles=("insurance-pipeline",),
    ),
    Account(
        RETAIL_BANKING, "retail-banking", "Retail Banking", "Retail Banking", "CC-2300", "production",
        produces=True,
    ),
    Account(
        CREDIT_CARDS, "credit-cards", "Credit Cards", "Credit Cards", "CC-2400", "production", produces=True
    ),
    Account(
        BI, "bi", "Business Intelligence", "Group Finance", "CC-3100", "production",
        consumes=True, consumer_roles=("bi-reporting", "bi-analyst"),
        consumer_users=("bi-extract",), passes_on_grants=True,
    ),
    Account(
        "310000000002", "ml", "Machine Learning", "Group Data Office", "CC-3200", "production",
        consumes=True, consumer_roles=("ml-training",),
    ),
    Account(
        "310000000003", "executives", "Executive Office", "Executive Board", "CC-3300", "production",
        consumes=True, consumer_roles=("executive-dashboard",),
    ),
    Account(
        "410000000001", "ml-sandbox", "Machine Learning Sandbox", "Group Data Office", "CC-3210", "sandbox",
        consumes=True, consumer_roles=("sandbox-notebook",),
    ),
    Account(
        TREASURY, "treasury", "Treasury", "Treasury", "CC-5100", "production",
        produces=True, consumes=True, consumer_roles=("treasury-risk",),
    ),
    Account(
        PARTNER, "partner", "Actuary Partners", "External partner", "CC-9100", "production",
        consumes=True, in_organisation=False, consumer_roles=("actuary-modelling",),
    ),
)  # fmt: skip
TRAIL_NAME = "harbour"
QUEUE_NAME = "marketplace-changes"
RULE_NAME = "marketplace-changes"
EVENT_SOURCES = ("aws.glue", "aws.lakeformation", "aws.ram")


def external_id(account: str) -> str:
    """What the worker role gives when it assumes a role of that account."""
    return f"meshmarket-{account}"


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


def build_queue_url(account: str, region: str) -> str:
    return f"https://sqs.{region}.amazonaws.com/{account}/{QUEUE_NAME}"


def build_queue_arn(account: str, region: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:{QUEUE_NAME}"
