"""What was requested in the last ninety days, and what came of it."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["live", "expired", "revoked", "rejected", "withdrawn", "waiting"]


@dataclass(frozen=True)
class HistoryRow:
    """`days_ago` it was requested; approved for `duration_days`, counted from then (live: counted from now).

    `column_count` 0 requests every column that is not sensitive, n requests n; `comment`: why somebody
    rejected or revoked.
    """

    days_ago: int
    requester: str
    role: str
    table: str
    product: str
    outcome: Outcome
    duration_days: int
    column_count: int
    purpose: str
    comment: str = ""


ANA, TOM = ("ana.keller", "bi-reporting"), ("tom.brandt", "bi-analyst")
PRIYA, FELIX = ("priya.nair", "ml-training"), ("felix.baum", "sandbox-notebook")
HELENA, NINA = ("helena.vogt", "executive-dashboard"), ("nina.falk", "treasury-risk")
MIRA = ("mira.okafor@actuary-partners.example", "actuary-modelling")

INSURANCE, CARDS = "insurance_gold", "credit_cards_gold"
INVESTMENTS, RETAIL, TREASURY = "investments_gold", "retail_banking_gold", "treasury_gold"

HISTORY: tuple[HistoryRow, ...] = (
    HistoryRow(89, *ANA, f"{INSURANCE}.premium_income", "premium-income", "expired", 45, 0, "Half-year report to the supervisory board"),
    HistoryRow(88, *PRIYA, f"{CARDS}.fraud_scores", "fraud-scores", "expired", 30, 6, "First features for the new fraud model"),
    HistoryRow(87, *HELENA, f"{RETAIL}.branch_performance", "branch-performance", "expired", 28, 0, "Branch review with the regional heads"),
    HistoryRow(85, *NINA, f"{RETAIL}.mortgage_book", "mortgage-book", "revoked", 120, 5, "Funding plan for fixed-rate mortgages", "The plan moved to the aggregated table; thank you for telling us."),
    HistoryRow(83, *TOM, f"{RETAIL}.customer_360", "customer-360", "rejected", 60, 0, "Customer overview for the new dashboard", "A dashboard needs no single customers. Please ask for segment, region and tenure."),
    HistoryRow(81, *TOM, f"{RETAIL}.customer_360", "customer-360", "expired", 40, 4, "Customer overview by segment and region, no persons"),
    HistoryRow(79, *MIRA, f"{INSURANCE}.policies", "policies", "expired", 35, 5, "Reserve review for the half-year statement"),
    HistoryRow(77, *FELIX, f"{CARDS}.card_spend", "card-spend", "expired", 14, 5, "Trial of a spending forecast in the sandbox"),
    HistoryRow(75, *ANA, f"{CARDS}.card_spend", "card-spend", "expired", 60, 6, "Monthly spend report, third quarter"),
    HistoryRow(73, *HELENA, f"{INVESTMENTS}.portfolio_performance", "portfolio-performance", "withdrawn", 60, 0, "Figures for the annual meeting"),
    HistoryRow(71, *PRIYA, f"{RETAIL}.account_balances", "account-balances", "revoked", 90, 4, "Cash flow forecast, first attempt", "Training data was copied to a notebook outside the agreed account."),
    HistoryRow(69, *NINA, f"{INVESTMENTS}.client_positions", "client-positions", "rejected", 90, 0, "Concentration risk of large clients", "We will publish concentration by issuer instead. No client data for risk limits."),
    HistoryRow(66, *MIRA, f"{INSURANCE}.life_expectancy", "life-expectancy", "rejected", 180, 0, "Longevity study for annuity pricing", "The contract with Actuary Partners was not signed yet. Please ask again in October."),
    HistoryRow(64, *TOM, f"{INVESTMENTS}.fund_catalog", "funds-on-offer", "expired", 30, 0, "Fund fact sheets for the web team"),
    HistoryRow(62, *ANA, f"{INSURANCE}.claims", "claims", "expired", 50, 6, "Loss ratio by claim type, third quarter"),
    HistoryRow(60, *FELIX, f"{INVESTMENTS}.esg_scores", "funds-on-offer", "expired", 21, 0, "Does sustainability explain returns? A weekend study"),
    HistoryRow(58, *HELENA, f"{CARDS}.merchant_summary", "merchants", "expired", 30, 0, "Partner talks with the largest merchants"),
    HistoryRow(56, *NINA, f"{RETAIL}.account_balances", "account-balances", "live", 120, 4, "Deposit stability for the liquidity plan"),
    HistoryRow(54, *PRIYA, f"{CARDS}.fraud_scores", "fraud-scores", "live", 90, 7, "Training of the fraud model f9, approved by the model board"),
    HistoryRow(51, *TOM, f"{CARDS}.card_accounts", "", "rejected", 60, 0, "Limits and utilisation by product", "Not published yet, and it holds card numbers. The spend product has what you need."),
    HistoryRow(49, *ANA, f"{INSURANCE}.premium_income", "premium-income", "live", 150, 0, "Monthly premium report to the board"),
    HistoryRow(47, *MIRA, f"{INSURANCE}.claims", "claims", "revoked", 60, 5, "Reserve study for the disability portfolio", "The study ended earlier than planned."),
    HistoryRow(45, *HELENA, f"{TREASURY}.liquidity_coverage", "liquidity-coverage", "live", 200, 0, "Liquidity line on the board's dashboard"),
    HistoryRow(43, *PRIYA, f"{RETAIL}.customer_360", "customer-360", "live", 60, 5, "Churn model by segment; no names, no contact details"),
    HistoryRow(40, *NINA, f"{INVESTMENTS}.trade_ledger", "trades", "withdrawn", 60, 4, "Settlement peaks and intraday liquidity"),
    HistoryRow(38, *TOM, f"{INVESTMENTS}.portfolio_performance", "portfolio-performance", "live", 75, 0, "Quarterly letters, figures checked twice"),
    HistoryRow(36, *ANA, f"{CARDS}.card_spend", "card-spend", "live", 100, 6, "Monthly spend report, fourth quarter"),
    HistoryRow(33, *FELIX, f"{RETAIL}.mortgage_book", "mortgage-book", "revoked", 45, 4, "Prepayment model in the sandbox", "Sandbox accounts are for synthetic data from now on."),
    HistoryRow(31, *HELENA, f"{INSURANCE}.premium_income", "premium-income", "live", 160, 0, "Premium line on the board's dashboard"),
    HistoryRow(29, *MIRA, f"{CARDS}.merchant_summary", "merchants", "withdrawn", 30, 0, "Benchmark of travel merchants"),
    HistoryRow(27, *TOM, f"{INSURANCE}.claims", "claims", "live", 45, 5, "Handling times for the service report"),
    HistoryRow(24, *PRIYA, f"{INVESTMENTS}.client_positions", "client-positions", "rejected", 90, 0, "Recommendation of funds to wealth clients", "Consent of the clients is missing. Legal is on it; please ask again after their note."),
    HistoryRow(22, *NINA, "investments_silver.market_prices", "market-prices", "live", 180, 0, "Valuation of the liquidity buffer"),
    HistoryRow(20, *HELENA, f"{RETAIL}.branch_performance", "branch-performance", "live", 90, 0, "Branch line on the board's dashboard"),
    HistoryRow(17, *ANA, f"{RETAIL}.branch_performance", "branch-performance", "revoked", 60, 0, "Comparison of branch costs", "Asked for in error; the executive office reports this."),
    HistoryRow(14, *TOM, f"{CARDS}.merchant_summary", "merchants", "live", 120, 0, "Merchant turnover in the regional report"),
    HistoryRow(9, *FELIX, f"{INSURANCE}.claims", "claims", "rejected", 30, 0, "Claims triage prototype", "Please build the prototype on synthetic claims first; Emre can give you a set."),
    HistoryRow(3, *NINA, f"{CARDS}.card_spend", "card-spend", "waiting", 90, 5, "Seasonal cash needs of card settlement"),
    HistoryRow(2, *HELENA, f"{INSURANCE}.claims", "claims", "waiting", 180, 4, "Claims line on the board's dashboard"),
    HistoryRow(1, *PRIYA, f"{RETAIL}.mortgage_book", "mortgage-book", "waiting", 120, 6, "Early warning of arrears, with credit risk"),
    HistoryRow(4, *MIRA, f"{INSURANCE}.policies", "policies", "waiting", 90, 6, "Reserve review for the annual statement"),
    HistoryRow(2, *TOM, f"{INSURANCE}.premium_income", "premium-income", "waiting", 120, 0, "Premium figures in the regional report"),
    HistoryRow(1, *NINA, f"{INSURANCE}.premium_income", "premium-income", "waiting", 120, 0, "Premiums in the liquidity plan"),
)  # fmt: skip
