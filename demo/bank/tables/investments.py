"""Investments and Treasury: performance, positions, trades, funds; liquidity, foreign exchange, funding."""

from demo.bank.definitions import Column, Table
from demo.bank.tables.common_columns import (
    CURRENCY_COLUMN,
    LOADED_AT,
    amount_column,
    boolean_column,
    choice_column,
    date_column,
    integer_column,
    key_column,
    month_end_column,
    score_column,
    timestamp_column,
)

ISIN = Column(
    "isin", "string", "'DE000' || lpad((1 + i * 17 % 240)::varchar, 7, '0')", "Security identifier", "public"
)
PORTFOLIO = key_column("portfolio_id", "PF", "Portfolio number", number="1 + i % 180")
ASSET_CLASS = choice_column(
    "asset_class",
    "Equity, Bond, Real Estate, Cash, Private Equity",
    103,
    "Asset class",
    confidentiality="public",
)
OWNER = "investment-data@harbour.example"
PORTFOLIO_PERFORMANCE = Table(
    "portfolio_performance",
    "Return and risk of every managed portfolio by month",
    (
        PORTFOLIO, choice_column("strategy", "Income, Balanced, Growth, Dynamic", 101, "Mandate"),
        key_column("advisor_id", "ADV", "Advisor in charge", number="1 + i % 40"), CURRENCY_COLUMN,
        amount_column("market_value", 50000, 12000000, 104, "Market value at month end"),
        Column("return_month", "double", "round(num(i, 105, -0.06, 0.08), 5)", "Return of the month"),
        Column("benchmark_return", "double", "round(num(i, 106, -0.05, 0.06), 5)", "Return of the benchmark", "public"),
        score_column("volatility", 107, "Volatility over twelve months"), score_column("sharpe_ratio", 108, "Sharpe ratio over twelve months"),
        amount_column("fees", 10, 24000, 109, "Fees charged in the month"),
    ),
    row_count=900, partition=month_end_column(months=5), consuming_lobs=("bi", "executives"), owner=OWNER,
)  # fmt: skip
CLIENT_POSITIONS = Table(
    "client_positions",
    "Positions of clients by security at month end",
    (
        key_column("position_id", "POS", "Position number"), key_column("customer_id", "CUS", "Customer number", number="1 + i * 13 % 2000"),
        PORTFOLIO, ISIN, ASSET_CLASS, integer_column("quantity", 1, 5000, 111, "Units held"),
        amount_column("market_value", 100, 900000, 112, "Market value", confidentiality="sensitive"),
        amount_column("book_value", 100, 800000, 113, "Book value", confidentiality="sensitive"),
        CURRENCY_COLUMN, boolean_column("pledged", 114, 0.05, "Pledged as collateral"),
    ),
    row_count=1800, partition=month_end_column(), consuming_lobs=("ml", "risk"), owner=OWNER,
)  # fmt: skip
TRADE_LEDGER = Table(
    "trade_ledger",
    "Executed trades with price, costs and venue",
    (
        key_column("trade_id", "TRD", "Trade number"), PORTFOLIO, ISIN, choice_column("side", "buy, sell", 121, "Direction"),
        integer_column("quantity", 1, 4000, 122, "Units traded"), amount_column("price", 1, 900, 123, "Price of a unit"),
        amount_column("costs", 0.5, 320, 124, "Costs of the execution"), CURRENCY_COLUMN,
        choice_column("venue", "XETRA, XPAR, XAMS, OTC", 125, "Market", confidentiality="public"),
        key_column("trader_id", "TRA", "Trader", number="1 + i % 25"), timestamp_column("executed_at", 126, "Time of execution"),
        date_column("settlement_date", 128, "Day of settlement", first="2026-07-01", span=120),
    ),
    row_count=2000, consuming_lobs=("bi", "risk"), owner=OWNER,
)  # fmt: skip
FUND_CATALOG = Table(
    "fund_catalog",
    "Funds on offer with their terms",
    (
        key_column("fund_id", "FND", "Fund number"), ISIN, choice_column("fund_family", "Harbour Select, Harbour Index, Harbour Future", 131, "Family"),
        ASSET_CLASS, CURRENCY_COLUMN, score_column("ongoing_charge", 132, "Ongoing charge in percent"),
        integer_column("risk_class", 1, 7, 133, "Risk class from 1 to 7"), date_column("launched_on", 134, "Launch", first="2004-01-01", span=7900),
        boolean_column("open_to_retail", 135, 0.7, "Sold to retail customers"),
    ),
    row_count=240, confidentiality="public", consuming_lobs=("bi", "executives", "partners"), owner=OWNER,
)  # fmt: skip
ESG_SCORES = Table(
    "esg_scores",
    "Sustainability scores of issuers",
    (
        key_column("issuer_id", "ISS", "Issuer number"), ISIN, choice_column("sector", "Energy, Finance, Health, Industry, Technology", 141, "Sector"),
        score_column("environment_score", 142, "Environment"), score_column("social_score", 143, "Social"),
        score_column("governance_score", 144, "Governance"), boolean_column("controversy", 145, 0.1, "A severe controversy is open"),
        date_column("rated_on", 146, "Day of the rating"),
    ),
    row_count=240, confidentiality="public", consuming_lobs=("bi", "ml"), owner=OWNER,
)  # fmt: skip
TRADES_CLEAN = Table(
    "trades_clean",
    "Trades after validation against the order book",
    (
        key_column("trade_id", "TRD", "Trade number"), key_column("order_id", "ORD", "Order number"), ISIN,
        choice_column("side", "buy, sell", 121, "Direction"), integer_column("quantity", 1, 4000, 122, "Units"),
        amount_column("price", 1, 900, 123, "Price"), boolean_column("corrected", 151, 0.04, "Corrected after validation"), LOADED_AT,
    ),
    row_count=80, owner=OWNER,
)  # fmt: skip
MARKET_PRICES = Table(
    "market_prices",
    "Daily prices of all securities held",
    (
        ISIN, date_column("price_date", 152, "Trading day", first="2026-08-01", span=90), amount_column("open", 1, 900, 153, "Open"),
        amount_column("high", 1, 900, 154, "High"), amount_column("low", 1, 900, 155, "Low"), amount_column("close", 1, 900, 156, "Close"),
        integer_column("volume", 100, 900000, 157, "Units traded"), CURRENCY_COLUMN, LOADED_AT,
    ),
    row_count=120, confidentiality="public", owner=OWNER,
)  # fmt: skip
ENTITY = choice_column(
    "legal_entity", "Harbour Bank AG, Harbour Life AG, Harbour Cards GmbH", 401, "Legal entity"
)
TREASURY_OWNER = "treasury-data@harbour.example"
LIQUIDITY_COVERAGE = Table(
    "liquidity_coverage",
    "Liquidity coverage ratio by entity and day",
    (
        ENTITY, date_column("business_date", 402, "Business day", first="2026-01-02", span=300), CURRENCY_COLUMN,
        amount_column("high_quality_assets", 1e8, 9e9, 403, "High quality liquid assets"), amount_column("outflows", 1e8, 6e9, 404, "Expected outflows in 30 days"),
        amount_column("inflows", 5e7, 4e9, 405, "Expected inflows in 30 days"),
        Column("coverage_ratio", "double", "round(num(i, 406, 1.05, 1.9), 4)", "Assets to net outflows"), boolean_column("breach_warning", 407, 0.02, "Below the internal limit"),
    ),
    row_count=600, consuming_lobs=("executives", "risk"), owner=TREASURY_OWNER,
)  # fmt: skip
FX_EXPOSURE = Table(
    "fx_exposure",
    "Open foreign exchange positions and their hedges",
    (
        key_column("exposure_id", "FXE", "Exposure number"), ENTITY, choice_column("currency_pair", "EURUSD, EURCHF, EURGBP, USDCHF", 411, "Pair", confidentiality="public"),
        amount_column("net_position", -4e7, 6e7, 412, "Net position", confidentiality="sensitive"), amount_column("hedged", 0, 5e7, 413, "Hedged amount"),
        score_column("hedge_ratio", 414, "Hedged to net"), amount_column("value_at_risk", 1000, 900000, 415, "Value at risk of a day", confidentiality="sensitive"),
        key_column("desk_id", "DSK", "Desk", number="1 + i % 6"), integer_column("tenor_days", 1, 720, 416, "Days to maturity"),
    ),
    row_count=400, partition=month_end_column(), consuming_lobs=("risk",), owner=TREASURY_OWNER,
)  # fmt: skip
FUNDING_CURVE = Table(
    "funding_curve",
    "Internal transfer prices by currency and tenor",
    (
        date_column("curve_date", 421, "Day of the curve", first="2026-06-01", span=150), CURRENCY_COLUMN,
        choice_column("tenor", "ON, 1W, 1M, 3M, 6M, 1Y, 5Y, 10Y", 422, "Tenor"), Column("base_rate", "double", "round(num(i, 423, 0.005, 0.04), 5)", "Base rate"),
        Column("liquidity_spread", "double", "round(num(i, 424, 0.0005, 0.012), 5)", "Liquidity spread"),
        Column("transfer_price", "double", "round(num(i, 425, 0.006, 0.05), 5)", "Computed transfer price"),
        choice_column("curve_version", "c11, c12", 426, "Version"), boolean_column("final", 427, 0.9, "Approved by the committee"),
    ),
    row_count=500, confidentiality="public", consuming_lobs=("bi", "executives"), owner=TREASURY_OWNER,
)  # fmt: skip
CASH_POSITIONS = Table(
    "cash_positions",
    "Cash positions at correspondent banks",
    (
        key_column("position_id", "CSH", "Position number"), ENTITY, choice_column("correspondent", "Alpha Bank, Beta Bank, Gamma Bank", 431, "Correspondent"),
        CURRENCY_COLUMN, amount_column("balance", 0, 9e7, 432, "Balance"), date_column("value_date", 433, "Value date", first="2026-09-01", span=60),
        boolean_column("reconciled", 434, 0.95, "Reconciled with the statement"), LOADED_AT,
    ),
    row_count=60, owner=TREASURY_OWNER,
)  # fmt: skip
