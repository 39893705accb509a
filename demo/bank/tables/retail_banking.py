"""Retail Banking and Credit Cards: customers, balances, branches, mortgages; spend, fraud, card accounts, merchants."""

from demo.bank.definitions import Column, Table
from demo.bank.tables.common_columns import (
    CURRENCY_COLUMN,
    LOADED_AT,
    REGION_COLUMN,
    amount_column,
    birth_date_column,
    boolean_column,
    choice_column,
    date_column,
    iban_column,
    integer_column,
    key_column,
    month_end_column,
    score_column,
    timestamp_column,
)

CUSTOMER = key_column("customer_id", "CUS", "Customer number")
CUSTOMER_REFERENCE = key_column("customer_id", "CUS", "Customer number", number="1 + i * 13 % 2000")
BRANCH = key_column("branch_id", "BR", "Branch number", number="1 + i % 64")
OWNER = "retail-data@harbour.example"
CUSTOMER_360 = Table(
    "customer_360",
    "One row for each customer: who they are, what they hold, how they behave",
    (
        CUSTOMER, Column("full_name", "string", "pick(i, 201, ['Anna', 'Jonas', 'Mia', 'Paul', 'Lena', 'Emil']) || ' ' || pick(i, 202, ['Weber', 'Koch', 'Wolf', 'Lang', 'Sommer', 'Brandt'])", "Name", "sensitive"),
        birth_date_column(203), Column("email", "string", "'customer' || i || '@mail.example'", "E-mail address", "sensitive"),
        choice_column("segment", "Mass, Affluent, Private, Student", 204, "Segment"), REGION_COLUMN,
        date_column("customer_since", 205, "Begin of the relation", first="1995-01-01", span=11000),
        integer_column("products_held", 1, 9, 206, "Number of products"), amount_column("total_balance", -2000, 380000, 207, "Sum of balances"),
        score_column("churn_score", 208, "Probability of leaving within a year", confidentiality="sensitive"),
        amount_column("lifetime_value", 0, 42000, 209, "Computed value of the relation"),
        choice_column("preferred_channel", "App, Branch, Phone, Web", 210, "Channel used most"), boolean_column("marketing_consent", 211, 0.6, "May be contacted for marketing"),
    ),
    row_count=2000, consuming_lobs=("bi", "ml"), owner=OWNER,
)  # fmt: skip
ACCOUNT_BALANCES = Table(
    "account_balances",
    "Balance of every account at month end",
    (
        key_column("account_id", "ACC", "Account number"), CUSTOMER_REFERENCE, iban_column(221), choice_column("account_type", "Current, Savings, Deposit", 223, "Kind of account"),
        CURRENCY_COLUMN, amount_column("balance", -3000, 160000, 224, "Balance at month end"), amount_column("overdraft_limit", 0, 9000, 225, "Agreed overdraft"),
        Column("interest_rate", "double", "round(num(i, 226, 0, 0.04), 4)", "Interest of a year", "public"), BRANCH,
    ),
    row_count=1900, partition=month_end_column(), consuming_lobs=("risk",), owner=OWNER,
)  # fmt: skip
BRANCH_PERFORMANCE = Table(
    "branch_performance",
    "Business of each branch by month",
    (
        BRANCH, REGION_COLUMN, month_end_column("month", 12), integer_column("new_customers", 0, 80, 231, "Customers won"),
        integer_column("closed_accounts", 0, 30, 232, "Accounts closed"), amount_column("deposits", 100000, 9000000, 233, "Deposits"),
        amount_column("loans_granted", 0, 4000000, 234, "Loans granted"), amount_column("operating_cost", 20000, 190000, 235, "Operating cost"),
        score_column("satisfaction", 236, "Satisfaction of customers"),
    ),
    row_count=768, confidentiality="public", consuming_lobs=("bi", "executives"), owner=OWNER,
)  # fmt: skip
MORTGAGE_BOOK = Table(
    "mortgage_book",
    "Mortgages with terms, collateral and risk class",
    (
        key_column("mortgage_id", "MTG", "Mortgage number"), CUSTOMER_REFERENCE, amount_column("principal", 40000, 900000, 241, "Loan amount"),
        amount_column("outstanding", 5000, 850000, 242, "Outstanding amount"), Column("rate", "double", "round(num(i, 243, 0.008, 0.046), 4)", "Interest of a year"),
        date_column("fixed_until", 244, "End of the fixed rate", first="2026-12-01", span=5000), amount_column("property_value", 60000, 1400000, 245, "Value of the property"),
        score_column("loan_to_value", 246, "Outstanding to property value"), choice_column("risk_class", "1, 2, 3, 4, 5", 247, "Internal risk class", confidentiality="sensitive"),
        integer_column("days_past_due", 0, 90, 248, "Days past due", confidentiality="sensitive"), REGION_COLUMN,
    ),
    row_count=1400, partition=month_end_column(), consuming_lobs=("risk", "executives"), owner=OWNER,
)  # fmt: skip
TRANSACTIONS_CLEAN = Table(
    "transactions_clean",
    "Account transactions after validation",
    (
        key_column("transaction_id", "TXN", "Transaction number"), key_column("account_id", "ACC", "Account number", number="1 + i * 7 % 1900"), iban_column(251),
        timestamp_column("booked_at", 253, "Booking time"), amount_column("amount", -4000, 6000, 255, "Amount"), CURRENCY_COLUMN,
        choice_column("category", "Salary, Rent, Food, Travel, Cash", 256, "Category"), choice_column("channel", "App, Branch, Web, ATM", 257, "Channel"), LOADED_AT,
    ),
    row_count=160, owner=OWNER,
)  # fmt: skip
BRANCH_VISITS = Table(
    "branch_visits",
    "Visits to branches, counted at the door and joined with appointments",
    (
        key_column("visit_id", "VIS", "Visit number"), BRANCH, CUSTOMER_REFERENCE, timestamp_column("arrived_at", 261, "Arrival"),
        integer_column("minutes_waited", 0, 45, 263, "Minutes waited"), choice_column("reason", "Advice, Cash, Complaint, Opening", 264, "Reason"),
        boolean_column("appointment", 265, 0.4, "By appointment"), LOADED_AT,
    ),
    row_count=90, owner=OWNER,
)  # fmt: skip
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
CREDIT_CARDS_OWNER = "cards-data@harbour.example"
CARD_SPEND = Table(
    "card_spend",
    "Spend by card, category and month",
    (
        CARD, key_column("customer_id", "CUS", "Customer number", number="1 + i * 13 % 2000"), CATEGORY, REGION_COLUMN,
        choice_column("card_product", "Classic, Gold, Platinum, Business", 304, "Card product", confidentiality="public"),
        integer_column("transactions", 1, 60, 305, "Number of payments"), amount_column("spend", 5, 6400, 306, "Amount spent"),
        amount_column("refunds", 0, 300, 307, "Amount refunded"), CURRENCY_COLUMN, score_column("foreign_share", 308, "Share spent abroad"),
    ),
    row_count=2000, partition=month_end_column("spend_month"), consuming_lobs=("bi", "ml", "executives"), owner=CREDIT_CARDS_OWNER,
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
    row_count=2000, confidentiality="sensitive", consuming_lobs=("ml", "risk"), owner=CREDIT_CARDS_OWNER,
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
    row_count=1200, consuming_lobs=("risk", "ml"), owner=CREDIT_CARDS_OWNER,
)  # fmt: skip
MERCHANT_SUMMARY = Table(
    "merchant_summary",
    "Turnover and disputes of merchants by month",
    (
        MERCHANT, CATEGORY, REGION_COLUMN, choice_column("merchant_size", "small, medium, large", 331, "Size"),
        amount_column("turnover", 200, 480000, 332, "Turnover with our cards"), integer_column("payments", 3, 9000, 333, "Payments"),
        integer_column("disputes", 0, 40, 334, "Disputes"), score_column("dispute_rate", 335, "Disputes to payments"), CURRENCY_COLUMN,
    ),
    row_count=900, partition=month_end_column("month"), confidentiality="public", consuming_lobs=("bi", "executives", "partners"), owner=CREDIT_CARDS_OWNER,
)  # fmt: skip
AUTHORISATIONS_CLEAN = Table(
    "authorisations_clean",
    "Card authorisations after validation",
    (
        key_column("authorisation_id", "AUT", "Authorisation number"), CARD, PAN, MERCHANT, timestamp_column("authorised_at", 341, "Time"),
        amount_column("amount", 1, 4200, 313, "Amount"), CURRENCY_COLUMN, choice_column("entry_mode", "chip, contactless, online", 343, "Entry mode"), LOADED_AT,
    ),
    row_count=140, owner=CREDIT_CARDS_OWNER,
)  # fmt: skip
DISPUTES = Table(
    "disputes",
    "Disputed payments and how they ended",
    (
        key_column("dispute_id", "DSP", "Dispute number"), key_column("authorisation_id", "AUT", "Authorisation number", number="1 + i * 9 % 2000"),
        MERCHANT, choice_column("reason", "not received, duplicate, fraud, wrong amount", 351, "Reason"), amount_column("amount", 3, 2100, 352, "Amount"),
        date_column("opened_on", 353, "Opened", first="2026-03-01", span=240), choice_column("outcome", "open, won, lost", 354, "Outcome"), LOADED_AT,
    ),
    row_count=70, owner=CREDIT_CARDS_OWNER,
)  # fmt: skip
