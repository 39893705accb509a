"""The two consumers of the verdict, inside and outside the organization, and the producer."""

from dataclasses import dataclass

DATABASE, TABLE = "insurance_gold", "life_expectancy"
PRODUCT, PRODUCT_NAME = "life-expectancy", "Life Expectancy"
BUCKET, OBJECT_KEY = "harbour-insurance-gold", "life_expectancy/part-00000.parquet"
GOVERNANCE_ADMIN = "greta.sommer@harbour.example"
PRODUCER = "jonas.weber@harbour.example"
CATALOG = "gov"
ROLE_PREFIX = "verdict-"
SENSITIVE_COLUMN = "expected_remaining_years"


@dataclass(frozen=True)
class Consumer:
    """`columns` are asked for; the table's partition key comes with any of them, so it is asked for as well.

    `region`: the only one whose rows are asked for; empty: all rows.
    """

    title: str
    name: str
    account: str
    email: str
    results_bucket: str
    columns: tuple[str, ...]
    purpose: str
    search: str
    is_outside: bool = False
    region: str = ""

    @property
    def row_filter(self) -> str:
        return f"region = '{self.region}'" if self.region else ""


BI = Consumer(
    title="BI",
    name="bi",
    account="310000000001",
    email="ana.keller@harbour.example",
    results_bucket="harbour-bi-results",
    columns=("policy_id", "birth_year", "region", "smoker"),
    purpose="Longevity figures in the monthly report to the board",
    search="life expectancy",
)
PARTNER = Consumer(
    title="Partner",
    name="partner",
    account="610000000001",
    email="mira.okafor@actuary-partners.example",
    results_bucket="harbour-partner-results",
    columns=("policy_id", "gender", "region", "product_line", "sum_insured"),
    purpose="Reserve model for the annuity portfolio, under the contract of October",
    search="actuarial mortality",
    is_outside=True,
    region="Sued",
)
CONSUMERS = (BI, PARTNER)
