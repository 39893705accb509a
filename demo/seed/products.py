"""Write the demo's data products upon the mirrored tables, and say which domain a database belongs to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, Domain, ProductInput, ProductTable
from catalog.search.index.indexing import index_products
from demo.bank.catalog import DATABASES
from demo.seed.glossary import seed_terms
from demo.seed.people import find_person
from demo.seed.product_details import DETAILS, QUALITY, SUPPORT


class MissingTablesError(Exception):
    """The mirror lacks tables that products are made of: the catalogs were not synced yet."""


def seed_products() -> int:
    """Make the products that are missing; those that are there keep what people changed.

    Returns how many there are. MissingTablesError before the first sync of both catalogs.
    """
    mirrored_tables = _list_mirrored_tables()
    missing = [path for row in PRODUCTS for path in row.tables if path not in mirrored_tables]
    if missing:
        raise MissingTablesError(f"not mirrored yet: {', '.join(missing)}")
    with transaction.atomic():
        _assign_domains()
        new = [
            row.slug
            for row in PRODUCTS
            if _write_product(row, [mirrored_tables[path] for path in row.tables])
        ]
        for slug in new:
            _write_inputs(slug)
        index_products()
    seed_terms()
    return len(PRODUCTS)


@dataclass(frozen=True)
class ProductRow:
    """`tables` are `database.table`, in the order in which the page shows them."""

    slug: str
    name: str
    domain: str
    owner: str
    tables: tuple[str, ...]
    summary: str
    description: str
    keywords: tuple[str, ...]
    refresh: str
    published: bool = True


def _build_details(row: ProductRow) -> dict[str, Any]:
    details = DETAILS[row.slug]
    return {
        "support": SUPPORT[row.domain],
        "support_hours": details.support_hours,
        "answer_hours": details.answer_hours,
        "freshness_hours": details.freshness_hours,
        "completeness_percent": details.completeness_percent,
        "availability_percent": details.availability_percent,
        "quality_percent": Decimal(QUALITY[row.slug]) if row.slug in QUALITY else None,
        "retention": details.retention,
        "terms": details.terms,
        "passing_on": details.passing_on,
        "sql_example": details.example,
        "python_example": details.python_example,
        "links": {
            "code": [f"https://git.harbour.example/{row.domain}/{row.slug}"],
            "pipeline": [f"https://pipelines.harbour.example/{row.slug}"],
        },
    }


def _write_inputs(slug: str) -> None:
    product = DataProduct.objects.get(slug=slug)
    inputs = DataProduct.objects.filter(slug__in=DETAILS[slug].inputs)
    ProductInput.objects.bulk_create(ProductInput(product=product, input=one) for one in inputs)


def _list_mirrored_tables() -> dict[str, Table]:
    """Live tables by `database.table`: names differ between the two catalogs of the bank."""
    live = Table.objects.filter(tombstoned_at=None, database__tombstoned_at=None)
    return {f"{table.database.name}.{table.name}": table for table in live.select_related("database")}


def _assign_domains() -> None:
    domains = {domain.slug: domain for domain in Domain.objects.all()}
    for database in DATABASES:
        rows = Database.objects.filter(name=database.name, domain=None, tombstoned_at=None)
        rows.update(domain=domains[database.domain.replace("_", "-")])


def _write_product(row: ProductRow, tables: list[Table]) -> bool:
    """Whether it was missing."""
    product, is_new = DataProduct.objects.get_or_create(
        slug=row.slug,
        defaults={
            "name": row.name,
            "summary": row.summary,
            "description": row.description,
            "domain": Domain.objects.get(slug=row.domain),
            "owner": find_person(row.owner),
            "tier": row.tables[0].split(".")[0].rsplit("_", 1)[-1].replace("reinsurance", "gold"),
            "keywords": list(row.keywords),
            "refresh": row.refresh,
            "is_published": row.published,
            **_build_details(row),
        },
    )
    if is_new:
        ProductTable.objects.bulk_create(
            ProductTable(product=product, table=table, position=position)
            for position, table in enumerate(tables, start=1)
        )
    return is_new


PRODUCTS: tuple[ProductRow, ...] = (
    ProductRow(
        "life-expectancy", "Life Expectancy", "insurance", "jonas.weber",
        ("insurance_gold.life_expectancy",),
        "How many years a life policy is expected to run, for every active policy.",
        "One row for each active life policy, with the facts it was underwritten on and the remaining years "
        "that our actuarial model expects. The estimate itself is sensitive: ask for it only if you price or "
        "reserve.",
        ("mortality", "longevity", "actuarial", "reserving"), "monthly, on the second working day",
    ),
    ProductRow(
        "claims", "Claims", "insurance", "jonas.weber",
        ("insurance_gold.claims", "insurance_silver.claims_clean"),
        "Every claim since it was reported: what for, how much, how long it took.",
        "The gold table is what reports are made of: one row a claim, with amounts and state. The silver "
        "table keeps what validation found, for those who want to see how a figure came about.",
        ("settlement", "loss ratio", "damage", "payout"), "hourly",
    ),
    ProductRow(
        "policies", "Policies in Force", "insurance", "jonas.weber",
        ("insurance_gold.policies", "insurance_silver.policy_events"),
        "Every policy with its cover, its term and where it was sold, and what happened to it since.",
        "Use the gold table to count and to sum; use the events to see who changes, lapses and comes back.",
        ("cover", "underwriting", "lapse", "contract"), "daily at 05:00",
    ),
    ProductRow(
        "premium-income", "Premium Income", "insurance", "jonas.weber",
        ("insurance_gold.premium_income",),
        "Written and earned premium by month, product and region. No person can be recognized.",
        "The figures that the monthly close reports, ready to be plotted.",
        ("revenue", "premium", "sales"), "monthly, after the close",
    ),
    ProductRow(
        "reinsurance", "Reinsurance", "insurance", "sabine.roth",
        ("insurance_reinsurance.treaties", "insurance_reinsurance.cessions"),
        "Which risks we pass on, to whom, and under which terms.",
        "Lives in Dublin, with the reinsurance desk. Treaties change once a year, cessions every month.",
        ("treaty", "cession", "retention"), "monthly",
    ),
    ProductRow(
        "policy-journey", "Policy Journey", "insurance", "jonas.weber",
        ("insurance_silver.policy_events",),
        "From the first offer to the last premium: a policy's life in stages.",
        "What happened to each policy, in order: begun, changed, lapsed, paid up, ended. Count the policies that reach a stage, "
        "and how long they take to get there.",
        ("funnel",), "daily at 05:00", published=False,
    ),
    ProductRow(
        "portfolio-performance", "Portfolio Performance", "investments", "clara.hofmann",
        ("investments_gold.portfolio_performance",),
        "Return and risk of every managed portfolio, month by month.",
        "Net of costs, against the agreed benchmark. What the quarterly letters quote.",
        ("returns", "benchmark", "volatility"), "monthly, on the third working day",
    ),
    ProductRow(
        "client-positions", "Client Positions", "investments", "clara.hofmann",
        ("investments_gold.client_positions",),
        "What each client holds at month end, security by security.",
        "Quantities and values at closing prices. Private throughout: it says what people own.",
        ("holdings", "custody", "wealth"), "monthly",
    ),
    ProductRow(
        "trades", "Trades", "investments", "clara.hofmann",
        ("investments_gold.trade_ledger", "investments_silver.trades_clean"),
        "Executed trades with their price, their costs and their venue.",
        "The ledger is final; the silver table is a day younger and may still be corrected.",
        ("executions", "orders", "best execution"), "every night",
    ),
    ProductRow(
        "funds-on-offer", "Funds on Offer", "investments", "clara.hofmann",
        ("investments_gold.fund_catalog", "investments_gold.esg_scores"),
        "The funds that we sell, their terms, and how sustainable their issuers are.",
        "Public data, the same that stands in our prospectuses.",
        ("esg", "sustainability", "fund", "terms"), "weekly",
    ),
    ProductRow(
        "market-prices", "Market Prices", "investments", "clara.hofmann",
        ("investments_silver.market_prices",),
        "Closing prices of every security that someone holds with us.",
        "Bought from two vendors and reconciled. For use inside the bank and by its partners under license.",
        ("quotes", "valuation", "closing"), "each trading day at 20:00",
    ),
    ProductRow(
        "customer-360", "Customer 360", "retail-banking", "marek.novak",
        ("retail_banking_gold.customer_360",),
        "One row for each customer: who they are, what they hold, how they bank.",
        "Start here for anything about customers. Names and contact details are sensitive and seldom needed: "
        "most questions are answered by segment, region and tenure.",
        ("customer", "segment", "churn", "profile"), "daily at 04:00",
    ),
    ProductRow(
        "account-balances", "Account Balances", "retail-banking", "marek.novak",
        ("retail_banking_gold.account_balances", "retail_banking_silver.transactions_clean"),
        "Balance of every account at month end, and the transactions behind it.",
        "Balances tie to the general ledger to the cent.",
        ("deposits", "payments", "ledger"), "every night",
    ),
    ProductRow(
        "branch-performance", "Branch Performance", "retail-banking", "marek.novak",
        ("retail_banking_gold.branch_performance",),
        "How each branch does: visits, sales, costs, satisfaction.",
        "By branch and month, back to 2021.", ("branches", "sales", "footfall"), "monthly",
    ),
    ProductRow(
        "mortgage-book", "Mortgage Book", "retail-banking", "marek.novak",
        ("retail_banking_gold.mortgage_book",),
        "Every mortgage with its terms, its collateral and its risk class.",
        "What credit risk and funding look at first.", ("loans", "collateral", "housing"), "weekly",
    ),
    ProductRow(
        "card-spend", "Card Spend", "credit-cards", "aisha.bello",
        ("credit_cards_gold.card_spend",),
        "What is spent with our cards, by category, region and month.",
        "Card numbers are tokens. Joins to Customer 360 by customer number.",
        ("spending", "merchant category", "consumption"), "daily at 06:00",
    ),
    ProductRow(
        "fraud-scores", "Fraud Scores", "credit-cards", "aisha.bello",
        ("credit_cards_gold.fraud_scores", "credit_cards_silver.authorisations_clean"),
        "The fraud model's score for every authorisation, and what came of it.",
        "Sensitive: a score says what we suspect. For models and for risk, not for reports.",
        ("fraud", "risk model", "authorisation"), "every 15 minutes",
    ),
    ProductRow(
        "merchants", "Merchants", "credit-cards", "aisha.bello",
        ("credit_cards_gold.merchant_summary", "credit_cards_silver.disputes"),
        "Turnover and disputes of the merchants that take our cards.",
        "The summary is public inside and outside the bank; single disputes are private.",
        ("merchant", "dispute", "chargeback"), "daily",
    ),
    ProductRow(
        "liquidity-coverage", "Liquidity Coverage", "treasury", "paul.richter",
        ("treasury_gold.liquidity_coverage",),
        "The liquidity coverage ratio of every entity, day by day.",
        "The figure that goes to the regulator, with its parts.", ("lcr", "regulatory", "outflows"),
        "each working day at 08:00",
    ),
    ProductRow(
        "fx-exposure", "FX Exposure", "treasury", "paul.richter",
        ("treasury_gold.fx_exposure", "treasury_gold.funding_curve"),
        "Open currency positions, their hedges, and the price of money between our desks.",
        "Positions before and after hedging; transfer prices by currency and tenor.",
        ("currency", "hedge", "transfer price"), "each working day at 08:00",
    ),
)  # fmt: skip
