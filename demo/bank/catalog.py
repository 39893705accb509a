"""The databases of the mesh: the governance catalog, and Insurance's own in a second region."""

from typing import Literal

from demo.bank.accounts import (
    CREDIT_CARDS,
    GOVERNANCE,
    INSURANCE,
    INVESTMENTS,
    REGION,
    REINSURANCE_REGION,
    RETAIL_BANKING,
    TREASURY,
)
from demo.bank.definitions import Database, Table
from demo.bank.tables import insurance, investments, retail_banking

UNREGISTERED_DATABASES = frozenset({"insurance_gold", "credit_cards_gold"})
"""Their locations are not registered in Lake Formation: whoever publishes them does that first."""


def _define_database(
    domain: str, tier: Literal["bronze", "silver", "gold"], producer: str, *tables: Table
) -> Database:
    words = domain.replace("_", " ").title()
    return Database(
        f"{domain}_{tier}", domain, tier, f"{words}: {tier} tables", producer, GOVERNANCE, REGION,
        tables, f"{domain.replace('_', '-')}-data@harbour.example",
    )  # fmt: skip


DATABASES: tuple[Database, ...] = (
    _define_database(
        "insurance", "gold", INSURANCE,
        insurance.LIFE_EXPECTANCY, insurance.CLAIMS, insurance.POLICIES, insurance.PREMIUM_INCOME,
    ),
    _define_database("insurance", "silver", INSURANCE, insurance.CLAIMS_CLEAN, insurance.POLICY_EVENTS),
    _define_database("insurance", "bronze", INSURANCE, insurance.CLAIMS_RAW),
    _define_database(
        "investments", "gold", INVESTMENTS,
        investments.PORTFOLIO_PERFORMANCE, investments.CLIENT_POSITIONS, investments.TRADE_LEDGER,
        investments.FUND_CATALOG, investments.ESG_SCORES,
    ),
    _define_database("investments", "silver", INVESTMENTS, investments.TRADES_CLEAN, investments.MARKET_PRICES),
    _define_database(
        "retail_banking", "gold", RETAIL_BANKING,
        retail_banking.CUSTOMER_360, retail_banking.ACCOUNT_BALANCES, retail_banking.BRANCH_PERFORMANCE,
        retail_banking.MORTGAGE_BOOK,
    ),
    _define_database(
        "retail_banking", "silver", RETAIL_BANKING,
        retail_banking.TRANSACTIONS_CLEAN, retail_banking.BRANCH_VISITS,
    ),
    _define_database(
        "credit_cards", "gold", CREDIT_CARDS,
        retail_banking.CARD_SPEND, retail_banking.FRAUD_SCORES, retail_banking.CARD_ACCOUNTS,
        retail_banking.MERCHANT_SUMMARY,
    ),
    _define_database(
        "credit_cards", "silver", CREDIT_CARDS, retail_banking.AUTHORISATIONS_CLEAN, retail_banking.DISPUTES
    ),
    _define_database(
        "treasury", "gold", TREASURY,
        investments.LIQUIDITY_COVERAGE, investments.FX_EXPOSURE, investments.FUNDING_CURVE,
    ),
    _define_database("treasury", "silver", TREASURY, investments.CASH_POSITIONS),
    Database(
        "insurance_reinsurance", "insurance", "gold", "Insurance: reinsurance treaties and cessions",
        INSURANCE, INSURANCE, REINSURANCE_REGION, (insurance.TREATIES, insurance.CESSIONS),
        "reinsurance@harbour.example",
    ),
)  # fmt: skip
