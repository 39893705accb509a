"""Credit Cards: spend, fraud, card accounts, merchants."""

from demo.bank.shapes import Column, Table
from demo.bank.tables.common_columns import (
    CURRENCY_COLUMN,
    LOADED_AT,
    REGION_COLUMN,
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

CARD = key("card_id", "CRD", "Card number, tokenised", of="1 + i * 3 % 1200")
MERCHANT = key("merchant_id", "MER", "Merchant number", of="1 + i * 5 % 300")
CATEGORY = pick(
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
        CARD, key("customer_id", "CUS", "Customer number", of="1 + i * 13 % 2000"), CATEGORY, REGION_COLUMN,
        pick("card_product", "Classic, Gold, Platinum, Business", 304, "Card product", confidentiality="public"),
        whole("transactions", 1, 60, 305, "Number of payments"), amount("spend", 5, 6400, 306, "Amount spent"),
        amount("refunds", 0, 300, 307, "Amount refunded"), CURRENCY_COLUMN, score("foreign_share", 308, "Share spent abroad"),
    ),
    rows=2000, partition=month_end("spend_month"), consumers=("bi", "ml", "executives"), owner=OWNER,
)  # fmt: skip

FRAUD_SCORES = Table(
    "fraud_scores",
    "Score of the fraud model for each authorisation, with the outcome where known",
    (
        key("authorisation_id", "AUT", "Authorisation number"), CARD, PAN, MERCHANT, moment("scored_at", 311, "Time of the score"),
        amount("amount", 1, 4200, 313, "Amount"), score("fraud_score", 314, "Computed probability of fraud", confidentiality="sensitive"),
        pick("decision", "approved, approved, approved, declined, review", 315, "Decision"), flag("confirmed_fraud", 316, 0.02, "Fraud confirmed later"),
        pick("model_version", "f7, f8", 317, "Version of the model", confidentiality="public"),
        pick("device_type", "phone, desktop, terminal", 318, "Device"), pick("country", "DE, FR, NL, AT, US", 319, "Country of the merchant"),
    ),
    rows=2000, confidentiality="sensitive", consumers=("ml", "risk"), owner=OWNER,
)  # fmt: skip

CARD_ACCOUNTS = Table(
    "card_accounts",
    "Card accounts with limit, balance and payment behaviour",
    (
        key("card_account_id", "CAC", "Card account"), key("customer_id", "CUS", "Customer number", of="1 + i * 13 % 2000"), PAN,
        pick("card_product", "Classic, Gold, Platinum, Business", 304, "Card product", confidentiality="public"),
        amount("credit_limit", 500, 25000, 321, "Limit"), amount("balance", 0, 21000, 322, "Balance"),
        score("utilisation", 323, "Balance to limit"), whole("late_payments", 0, 12, 324, "Late payments in two years"),
        day("opened_on", 325, "Opened", first="2008-01-01", span=6700), flag("blocked", 326, 0.03, "Blocked"),
    ),
    rows=1200, consumers=("risk", "ml"), owner=OWNER,
)  # fmt: skip

MERCHANT_SUMMARY = Table(
    "merchant_summary",
    "Turnover and disputes of merchants by month",
    (
        MERCHANT, CATEGORY, REGION_COLUMN, pick("merchant_size", "small, medium, large", 331, "Size"),
        amount("turnover", 200, 480000, 332, "Turnover with our cards"), whole("payments", 3, 9000, 333, "Payments"),
        whole("disputes", 0, 40, 334, "Disputes"), score("dispute_rate", 335, "Disputes to payments"), CURRENCY_COLUMN,
    ),
    rows=900, partition=month_end("month"), confidentiality="public", consumers=("bi", "executives", "partners"), owner=OWNER,
)  # fmt: skip

AUTHORISATIONS_CLEAN = Table(
    "authorisations_clean",
    "Card authorisations after validation",
    (
        key("authorisation_id", "AUT", "Authorisation number"), CARD, PAN, MERCHANT, moment("authorised_at", 341, "Time"),
        amount("amount", 1, 4200, 313, "Amount"), CURRENCY_COLUMN, pick("entry_mode", "chip, contactless, online", 343, "Entry mode"), LOADED_AT,
    ),
    rows=140, owner=OWNER,
)  # fmt: skip

DISPUTES = Table(
    "disputes",
    "Disputed payments and how they ended",
    (
        key("dispute_id", "DSP", "Dispute number"), key("authorisation_id", "AUT", "Authorisation number", of="1 + i * 9 % 2000"),
        MERCHANT, pick("reason", "not received, duplicate, fraud, wrong amount", 351, "Reason"), amount("amount", 3, 2100, 352, "Amount"),
        day("opened_on", 353, "Opened", first="2026-03-01", span=240), pick("outcome", "open, won, lost", 354, "Outcome"), LOADED_AT,
    ),
    rows=70, owner=OWNER,
)  # fmt: skip
