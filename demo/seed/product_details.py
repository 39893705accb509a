"""What the demo's products say of themselves, who may see and request them, which are published and which deprecated."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from audit.models import Event
from catalog.discovery import DiscoverySettings, read_settings, set_discovery
from catalog.product_lifecycle.actions import DeprecationTerms, deprecate_product
from catalog.product_lifecycle.models import Deprecation, compute_lifecycle_digest
from catalog.products.models import Audience, DataProduct
from catalog.revisions.content import read_content
from catalog.revisions.models import ProductRevision, RevisionState
from catalog.revisions.versions import FIRST_VERSION, read_schemas
from demo.seed.people import find_person
from identity.people.events import record_by_person
from kernel import clock
from kernel.clock import now as database_now

OPEN_TO_PARTNERS = ("claims", "life-expectancy", "market-prices", "merchants", "policies")
FOR_ITS_LINE = ("fx-exposure",)
AUDIENCES = {
    **dict.fromkeys(OPEN_TO_PARTNERS, Audience.EVERYONE),
    **dict.fromkeys(FOR_ITS_LINE, Audience.LINE),
}
OWNER, PRODUCT, SUCCESSOR = "marek.novak", "branch-performance", "account-balances"
DAYS_LEFT = 60
SEED = 20_260_102
FIRST_DAYS_AGO, LAST_DAYS_AGO = 350, 95
"""All before the history of requests."""


@dataclass(frozen=True)
class DetailsRow:
    """`promise` is the maximum age in hours, the completeness and the availability in percent. `inputs` are slugs. `example` is a
    query for Athena; the Python example reads it with awswrangler.
    """

    promise: tuple[int, str, str]
    example: str
    inputs: tuple[str, ...] = ()
    retention: str = "7 years"
    support_hours: str = "weekdays 9:00–17:00"
    terms: str = "For use inside the bank. Do not publish figures without the owner's consent."
    answer_hours: int = 8
    passing_on: str = "same_terms"

    @property
    def freshness_hours(self) -> int:
        return self.promise[0]

    @property
    def completeness_percent(self) -> Decimal:
        return Decimal(self.promise[1])

    @property
    def availability_percent(self) -> Decimal:
        return Decimal(self.promise[2])

    @property
    def python_example(self) -> str:
        return f'import awswrangler as wr\n\nframe = wr.athena.read_sql_query(\n    """{self.example}""",\n    database="{self.database}",\n)\nprint(frame.head())'

    @property
    def database(self) -> str:
        return self.example.split("FROM ", 1)[1].split(".", 1)[0]


SUPPORT = {
    "insurance": "https://chat.harbour.example/insurance-data",
    "investments": "https://chat.harbour.example/investments-data",
    "retail-banking": "https://chat.harbour.example/retail-banking-data",
    "credit-cards": "https://chat.harbour.example/credit-cards-data",
    "treasury": "treasury-data@harbour.example",
}
"""Where consumers get help, by domain."""
PERSONAL = (
    "For the purpose that was approved, and no other. Do not join it with other data to identify people."
)
QUALITY = {
    "claims": "95", "policies": "98", "premium-income": "99", "client-positions": "95", "portfolio-performance": "90",
    "card-spend": "90", "liquidity-coverage": "99",
}  # fmt: skip
"""The least score in percent, by product. That of the claims is broken: one rule has failed for three nights."""
DETAILS: dict[str, DetailsRow] = {
    "life-expectancy": DetailsRow(
        (24 * 33, "99.5", "99"),
        "SELECT product_line, avg(expected_remaining_years) AS years\nFROM insurance_gold.life_expectancy\nGROUP BY product_line",
        ("policies",), "10 years", terms=PERSONAL,
    ),
    "claims": DetailsRow(
        (2, "99.9", "99.5"),
        "SELECT claim_type, count(*) AS claims, sum(paid_amount) AS paid\nFROM insurance_gold.claims\nWHERE status = 'settled'\nGROUP BY claim_type",
        ("policies",), "10 years after settlement", terms=PERSONAL,
    ),
    "policies": DetailsRow(
        (24, "99.9", "99.5"),
        "SELECT product_line, sum(annual_premium) AS premium\nFROM insurance_gold.policies\nGROUP BY product_line",
        terms=PERSONAL,
    ),
    "premium-income": DetailsRow(
        (24 * 35, "100", "99"),
        "SELECT booking_month, sum(earned_premium) AS earned\nFROM insurance_gold.premium_income\nGROUP BY booking_month\nORDER BY booking_month",
        ("policies",),
    ),
    "reinsurance": DetailsRow(
        (24 * 35, "99", "99"),
        "SELECT t.reinsurer, sum(c.recoverable) AS recoverable\nFROM insurance_reinsurance.cessions c\nJOIN insurance_reinsurance.treaties t ON t.treaty_id = c.treaty_id\nGROUP BY t.reinsurer",
        ("policies",), "for the life of the treaty and 10 years after",
    ),
    "policy-journey": DetailsRow(
        (24, "98", "99"),
        "SELECT event_type, count(*) AS events\nFROM insurance_silver.policy_events\nGROUP BY event_type",
        ("policies",),
    ),
    "portfolio-performance": DetailsRow(
        (24 * 32, "99.9", "99.5"),
        "SELECT strategy, avg(benchmark_return) AS benchmark, avg(sharpe_ratio) AS sharpe\nFROM investments_gold.portfolio_performance\nGROUP BY strategy",
        ("client-positions", "market-prices"),
    ),
    "client-positions": DetailsRow(
        (24, "99.9", "99.5"),
        "SELECT asset_class, sum(market_value) AS market_value\nFROM investments_gold.client_positions\nGROUP BY asset_class",
        ("trades", "market-prices"), terms=PERSONAL,
    ),
    "trades": DetailsRow(
        (24, "100", "99.9"),
        "SELECT venue, count(*) AS trades, sum(costs) AS costs\nFROM investments_gold.trade_ledger\nGROUP BY venue",
        retention="10 years", support_hours="weekdays 7:00–20:00",
    ),
    "funds-on-offer": DetailsRow(
        (24, "100", "99"),
        "SELECT f.fund_family, min(f.ongoing_charge) AS cheapest, max(e.environment_score) AS best_score\nFROM investments_gold.fund_catalog f\nJOIN investments_gold.esg_scores e ON e.isin = f.isin\nGROUP BY f.fund_family",
    ),
    "market-prices": DetailsRow(
        (24, "99.5", "99.9"),
        "SELECT price_date, close\nFROM investments_silver.market_prices\nWHERE isin = 'XS0000000001'\nORDER BY price_date",
        support_hours="weekdays 7:00–20:00", terms="Prices are licensed for use inside the bank. Do not pass them on.",
        passing_on="with_approval",
    ),
    "customer-360": DetailsRow(
        (24, "99", "99.5"),
        "SELECT segment, count(*) AS customers, avg(churn_score) AS churn\nFROM retail_banking_gold.customer_360\nGROUP BY segment",
        ("account-balances", "card-spend"), "as long as the person is a customer, and 1 year after", terms=PERSONAL,
    ),
    "account-balances": DetailsRow(
        (24, "100", "99.9"),
        "SELECT account_type, sum(balance) AS balance\nFROM retail_banking_gold.account_balances\nGROUP BY account_type",
        terms=PERSONAL,
    ),
    "branch-performance": DetailsRow(
        (24 * 32, "99", "99"),
        "SELECT region, avg(satisfaction) AS satisfaction\nFROM retail_banking_gold.branch_performance\nGROUP BY region",
        ("account-balances",),
    ),
    "mortgage-book": DetailsRow(
        (24, "100", "99.5"),
        "SELECT risk_class, sum(outstanding) AS outstanding, avg(loan_to_value) AS loan_to_value\nFROM retail_banking_gold.mortgage_book\nGROUP BY risk_class",
        retention="for the life of the loan and 10 years after", terms=PERSONAL,
    ),
    "card-spend": DetailsRow(
        (24, "99.9", "99.5"),
        "SELECT merchant_category, sum(spend) AS spend\nFROM credit_cards_gold.card_spend\nGROUP BY merchant_category",
        ("merchants",), "3 years", terms=PERSONAL,
    ),
    "fraud-scores": DetailsRow(
        (24, "99.9", "99.9"),
        "SELECT decision, count(*) AS payments, avg(fraud_score) AS score\nFROM credit_cards_gold.fraud_scores\nGROUP BY decision",
        ("merchants",), "2 years", "day and night", PERSONAL,
    ),
    "merchants": DetailsRow(
        (24, "99.5", "99"),
        "SELECT merchant_category, sum(turnover) AS turnover, avg(dispute_rate) AS disputes\nFROM credit_cards_gold.merchant_summary\nGROUP BY merchant_category",
        retention="3 years",
    ),
    "liquidity-coverage": DetailsRow(
        (24, "100", "99.9"),
        "SELECT legal_entity, coverage_ratio\nFROM treasury_gold.liquidity_coverage\nWHERE breach_warning",
        ("account-balances",), support_hours="weekdays 7:00–20:00",
    ),
    "fx-exposure": DetailsRow(
        (24, "99.5", "99.5"),
        "SELECT currency_pair, sum(net_position) AS net_position, avg(hedge_ratio) AS hedge_ratio\nFROM treasury_gold.fx_exposure\nGROUP BY currency_pair",
        ("trades", "market-prices"), support_hours="weekdays 7:00–20:00",
    ),
}  # fmt: skip


def seed_discovery() -> int:
    """Settings that nobody changed yet, on the word of a product's owner. Returns how many products have their own."""
    for product in DataProduct.objects.filter(slug__in=AUDIENCES).select_related("owner"):
        is_changed = Event.objects.filter(verb="set_discovery", subject=f"product:{product.pk}").exists()
        if not is_changed:
            audience = AUDIENCES[product.slug]
            set_discovery(
                acting_user=product.owner,
                slug=product.slug,
                settings=DiscoverySettings(audience, audience),
                shown=read_settings(product).digest,
                now=clock.now(),
            )
    return len(AUDIENCES)


def seed_deprecations() -> int:
    """Deprecate it once, whatever became of that; returns how many deprecations there are."""
    if not Deprecation.objects.exists():
        now = database_now()
        product = DataProduct.objects.get(slug=PRODUCT)
        retires_on = timezone.localdate(now + timedelta(days=DAYS_LEFT))
        reason = "Branches are counted in account balances now, each day and by region."
        deprecate_product(
            acting_user=find_person(OWNER),
            slug=PRODUCT,
            terms=DeprecationTerms(reason, SUCCESSOR, retires_on),
            shown=compute_lifecycle_digest(product),
            now=now,
        )
    return Deprecation.objects.count()


def seed_publications() -> int:
    """Each published product gets the revision with which it was published; returns how many there are."""
    picks, now = random.Random(SEED), database_now()
    products = list(DataProduct.objects.filter(is_published=True).select_related("owner").order_by("slug"))
    picks.shuffle(products)
    for number, product in enumerate(products):
        days = FIRST_DAYS_AGO - (FIRST_DAYS_AGO - LAST_DAYS_AGO) * number // len(products)
        if not product.revisions.exists():
            _publish(product, now - timedelta(days=days))
    return len(products)


def _publish(product: DataProduct, at: datetime) -> None:
    tables = list(product.product_tables.values_list("table", flat=True))
    data = {"number": 1, "version": FIRST_VERSION}
    ProductRevision.objects.create(
        product=product,
        number=1,
        state=RevisionState.PUBLISHED,
        content=read_content(product).to_json(),
        written_by=product.owner,
        written_at=at,
        published_by=product.owner,
        published_at=at,
        version=FIRST_VERSION,
        schemas={pk: one.to_json() for pk, one in read_schemas(tables).items()},
        event=record_by_person("publish_product_draft", product.owner, f"product:{product.pk}", data, at),
    )
