"""Investments: performance, positions, trades, funds."""

from demo.bank.shapes import Column, Table
from demo.bank.tables.common_columns import (
    CURRENCY_COLUMN,
    LOADED_AT,
    amount,
    day,
    flag,
    key,
    moment,
    month_end,
    pick,
    score,
    whole,
)

ISIN = Column(
    "isin", "string", "'DE000' || lpad((1 + i * 17 % 240)::varchar, 7, '0')", "Security identifier", "public"
)
PORTFOLIO = key("portfolio_id", "PF", "Portfolio number", of="1 + i % 180")
ASSET_CLASS = pick(
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
        PORTFOLIO, pick("strategy", "Income, Balanced, Growth, Dynamic", 101, "Mandate"),
        key("advisor_id", "ADV", "Advisor in charge", of="1 + i % 40"), CURRENCY_COLUMN,
        amount("market_value", 50000, 12000000, 104, "Market value at month end"),
        Column("return_month", "double", "round(num(i, 105, -0.06, 0.08), 5)", "Return of the month"),
        Column("benchmark_return", "double", "round(num(i, 106, -0.05, 0.06), 5)", "Return of the benchmark", "public"),
        score("volatility", 107, "Volatility over twelve months"), score("sharpe_ratio", 108, "Sharpe ratio over twelve months"),
        amount("fees", 10, 24000, 109, "Fees charged in the month"),
    ),
    rows=900, partition=month_end(months=5), consumers=("bi", "executives"), owner=OWNER,
)  # fmt: skip

CLIENT_POSITIONS = Table(
    "client_positions",
    "Positions of clients by security at month end",
    (
        key("position_id", "POS", "Position number"), key("customer_id", "CUS", "Customer number", of="1 + i * 13 % 2000"),
        PORTFOLIO, ISIN, ASSET_CLASS, whole("quantity", 1, 5000, 111, "Units held"),
        amount("market_value", 100, 900000, 112, "Market value", confidentiality="sensitive"),
        amount("book_value", 100, 800000, 113, "Book value", confidentiality="sensitive"),
        CURRENCY_COLUMN, flag("pledged", 114, 0.05, "Pledged as collateral"),
    ),
    rows=1800, partition=month_end(), consumers=("ml", "risk"), owner=OWNER,
)  # fmt: skip

TRADE_LEDGER = Table(
    "trade_ledger",
    "Executed trades with price, costs and venue",
    (
        key("trade_id", "TRD", "Trade number"), PORTFOLIO, ISIN, pick("side", "buy, sell", 121, "Direction"),
        whole("quantity", 1, 4000, 122, "Units traded"), amount("price", 1, 900, 123, "Price of a unit"),
        amount("costs", 0.5, 320, 124, "Costs of the execution"), CURRENCY_COLUMN,
        pick("venue", "XETRA, XPAR, XAMS, OTC", 125, "Market", confidentiality="public"),
        key("trader_id", "TRA", "Trader", of="1 + i % 25"), moment("executed_at", 126, "Time of execution"),
        day("settlement_date", 128, "Day of settlement", first="2026-07-01", span=120),
    ),
    rows=2000, consumers=("bi", "risk"), owner=OWNER,
)  # fmt: skip

FUND_CATALOG = Table(
    "fund_catalog",
    "Funds on offer with their terms",
    (
        key("fund_id", "FND", "Fund number"), ISIN, pick("fund_family", "Harbour Select, Harbour Index, Harbour Future", 131, "Family"),
        ASSET_CLASS, CURRENCY_COLUMN, score("ongoing_charge", 132, "Ongoing charge in percent"),
        whole("risk_class", 1, 7, 133, "Risk class from 1 to 7"), day("launched_on", 134, "Launch", first="2004-01-01", span=7900),
        flag("open_to_retail", 135, 0.7, "Sold to retail customers"),
    ),
    rows=240, confidentiality="public", consumers=("bi", "executives", "partners"), owner=OWNER,
)  # fmt: skip

ESG_SCORES = Table(
    "esg_scores",
    "Sustainability scores of issuers",
    (
        key("issuer_id", "ISS", "Issuer number"), ISIN, pick("sector", "Energy, Finance, Health, Industry, Technology", 141, "Sector"),
        score("environment_score", 142, "Environment"), score("social_score", 143, "Social"),
        score("governance_score", 144, "Governance"), flag("controversy", 145, 0.1, "A severe controversy is open"),
        day("rated_on", 146, "Day of the rating"),
    ),
    rows=240, confidentiality="public", consumers=("bi", "ml"), owner=OWNER,
)  # fmt: skip

TRADES_CLEAN = Table(
    "trades_clean",
    "Trades after validation against the order book",
    (
        key("trade_id", "TRD", "Trade number"), key("order_id", "ORD", "Order number"), ISIN,
        pick("side", "buy, sell", 121, "Direction"), whole("quantity", 1, 4000, 122, "Units"),
        amount("price", 1, 900, 123, "Price"), flag("corrected", 151, 0.04, "Corrected after validation"), LOADED_AT,
    ),
    rows=80, owner=OWNER,
)  # fmt: skip

MARKET_PRICES = Table(
    "market_prices",
    "Daily prices of all securities held",
    (
        ISIN, day("price_date", 152, "Trading day", first="2026-08-01", span=90), amount("open", 1, 900, 153, "Open"),
        amount("high", 1, 900, 154, "High"), amount("low", 1, 900, 155, "Low"), amount("close", 1, 900, 156, "Close"),
        whole("volume", 100, 900000, 157, "Units traded"), CURRENCY_COLUMN, LOADED_AT,
    ),
    rows=120, confidentiality="public", owner=OWNER,
)  # fmt: skip
