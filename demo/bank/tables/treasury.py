"""Treasury: liquidity, foreign exchange, funding. It produces these and consumes the others' risk data."""

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
)

ENTITY = choice_column(
    "legal_entity", "Harbour Bank AG, Harbour Life AG, Harbour Cards GmbH", 401, "Legal entity"
)
OWNER = "treasury-data@harbour.example"

LIQUIDITY_COVERAGE = Table(
    "liquidity_coverage",
    "Liquidity coverage ratio by entity and day",
    (
        ENTITY, date_column("business_date", 402, "Business day", first="2026-01-02", span=300), CURRENCY_COLUMN,
        amount_column("high_quality_assets", 1e8, 9e9, 403, "High quality liquid assets"), amount_column("outflows", 1e8, 6e9, 404, "Expected outflows in 30 days"),
        amount_column("inflows", 5e7, 4e9, 405, "Expected inflows in 30 days"),
        Column("coverage_ratio", "double", "round(num(i, 406, 1.05, 1.9), 4)", "Assets to net outflows"), boolean_column("breach_warning", 407, 0.02, "Below the internal limit"),
    ),
    row_count=600, consuming_lobs=("executives", "risk"), owner=OWNER,
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
    row_count=400, partition=month_end_column(), consuming_lobs=("risk",), owner=OWNER,
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
    row_count=500, confidentiality="public", consuming_lobs=("bi", "executives"), owner=OWNER,
)  # fmt: skip

CASH_POSITIONS = Table(
    "cash_positions",
    "Cash positions at correspondent banks",
    (
        key_column("position_id", "CSH", "Position number"), ENTITY, choice_column("correspondent", "Alpha Bank, Beta Bank, Gamma Bank", 431, "Correspondent"),
        CURRENCY_COLUMN, amount_column("balance", 0, 9e7, 432, "Balance"), date_column("value_date", 433, "Value date", first="2026-09-01", span=60),
        boolean_column("reconciled", 434, 0.95, "Reconciled with the statement"), LOADED_AT,
    ),
    row_count=60, owner=OWNER,
)  # fmt: skip
