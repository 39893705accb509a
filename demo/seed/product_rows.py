"""What the domains of Harbour Bank publish, in their own words."""

from dataclasses import dataclass


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
