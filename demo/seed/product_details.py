"""What the seed's products promise, and how to use them."""

from dataclasses import dataclass
from decimal import Decimal


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
