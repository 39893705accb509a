"""Credit Cards: spend, fraud, card accounts, merchants."""

from demo.bank.definitions import Column, Table
from demo.bank.tables.common_columns import (
    CURRENCY_COLUMN,
    LOADED_AT,
    REGION_COLUMN,
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

CARD = key_column("card_id", "CRD", "Card number, tokenised", number="1 + i * 3 % 1200")
MERCHANT = key_column("merchant_id", "MER", "Merchant number", number="1 + i * 5 % 300")
CATEGORY = choice_column(
    "merchant_category",
    "Grocery, Travel, Fuel, Dining, Online, Health",
    301,
    "Merchant category",
    confidentiality="public",
)
PAN = Column(
    "masked_pan",
    "string",
    "'5' || lpad(whole(i, 302, 0, 999)::varchar, 3, '0') || ' **** **** ' || lpad(whole(i, 303, 0, 9999)::varchar, 4, '0')",
    "Masked card number",
    "sensitive",
)
OWNER = "cards-data@harbour.example"

CARD_SPEND = Table(
    "card_spend",
    "Spend by card, category and month",
    (
        CARD, key_column("customer_id", "CUS", "Customer number", number="1 + i * 13 % 2000"), CATEGORY, REGION_COLUMN,
        choice_column("card_product", "Classic, Gold, Platinum, Business", 304, "Card product", confidentiality="public"),
        integer_column("transactions", 1, 60, 305, "Number of payments"), amount_column("spend", 5, 6400, 306, "Amount spent"),
        amount_column("refunds", 0, 300, 307, "Amount refunded"), CURRENCY_COLUMN, score_column("foreign_share", 308, "Share spent abroad"),
    ),
    row_count=2000, partition=month_end_column("spend_month"), consuming_lobs=("bi", "ml", "executives"), owner=OWNER,
)  # fmt: skip

FRAUD_SCORES = Table(
    "fraud_scores",
    "Score of the fraud model for each authorisation, with the outcome where known",
    (
        key_column("authorisation_id", "AUT", "Authorisation number"), CARD, PAN, MERCHANT, timestamp_column("scored_at", 311, "Time of the score"),
        amount_column("amount", 1, 4200, 313, "Amount"), score_column("fraud_score", 314, "Computed probability of fraud", confidentiality="sensitive"),
        choice_column("decision", "approved, approved, approved, declined, review", 315, "Decision"), boolean_column("confirmed_fraud", 316, 0.02, "Fraud confirmed later"),
        choice_column("model_version", "f7, f8", 317, "Version of the model", confidentiality="public"),
        choice_column("device_type", "phone, desktop, terminal", 318, "Device"), choice_column("country", "DE, FR, NL, AT, US", 319, "Country of the merchant"),
    ),
    row_count=2000, confidentiality="sensitive", consuming_lobs=("ml", "risk"), owner=OWNER,
)  # fmt: skip

CARD_ACCOUNTS = Table(
    "card_accounts",
    "Card accounts with limit, balance and payment behaviour",
    (
        key_column("card_account_id", "CAC", "Card account"), key_column("customer_id", "CUS", "Customer number", number="1 + i * 13 % 2000"), PAN,
        choice_column("card_product", "Classic, Gold, Platinum, Business", 304, "Card product", confidentiality="public"),
        amount_column("credit_limit", 500, 25000, 321, "Limit"), amount_column("balance", 0, 21000, 322, "Balance"),
        score_column("utilisation", 323, "Balance to limit"), integer_column("late_payments", 0, 12, 324, "Late payments in two years"),
        date_column("opened_on", 325, "Opened", first="2008-01-01", span=6700), boolean_column("blocked", 326, 0.03, "Blocked"),
    ),
    row_count=1200, consuming_lobs=("risk", "ml"), owner=OWNER,
)  # fmt: skip

MERCHANT_SUMMARY = Table(
    "merchant_summary",
    "Turnover and disputes of merchants by month",
    (
        MERCHANT, CATEGORY, REGION_COLUMN, choice_column("merchant_size", "small, medium, large", 331, "Size"),
        amount_column("turnover", 200, 480000, 332, "Turnover with our cards"), integer_column("payments", 3, 9000, 333, "Payments"),
        integer_column("disputes", 0, 40, 334, "Disputes"), score_column("dispute_rate", 335, "Disputes to payments"), CURRENCY_COLUMN,
    ),
    row_count=900, partition=month_end_column("month"), confidentiality="public", consuming_lobs=("bi", "executives", "partners"), owner=OWNER,
)  # fmt: skip

AUTHORISATIONS_CLEAN = Table(
    "authorisations_clean",
    "Card authorisations after validation",
    (
        key_column("authorisation_id", "AUT", "Authorisation number"), CARD, PAN, MERCHANT, timestamp_column("authorised_at", 341, "Time"),
        amount_column("amount", 1, 4200, 313, "Amount"), CURRENCY_COLUMN, choice_column("entry_mode", "chip, contactless, online", 343, "Entry mode"), LOADED_AT,
    ),
    row_count=140, owner=OWNER,
)  # fmt: skip

DISPUTES = Table(
    "disputes",
    "Disputed payments and how they ended",
    (
        key_column("dispute_id", "DSP", "Dispute number"), key_column("authorisation_id", "AUT", "Authorisation number", number="1 + i * 9 % 2000"),
        MERCHANT, choice_column("reason", "not received, duplicate, fraud, wrong amount", 351, "Reason"), amount_column("amount", 3, 2100, 352, "Amount"),
        date_column("opened_on", 353, "Opened", first="2026-03-01", span=240), choice_column("outcome", "open, won, lost", 354, "Outcome"), LOADED_AT,
    ),
    row_count=70, owner=OWNER,
)  # fmt: skip
