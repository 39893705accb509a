"""Retail Banking: customers, balances, branches, mortgages."""

from demo.bank.shapes import Column, Table
from demo.bank.tables.common_columns import (
    CURRENCY_COLUMN,
    LOADED_AT,
    REGION_COLUMN,
    amount,
    birth_date,
    day,
    flag,
    iban,
    key,
    moment,
    month_end,
    pick,
    score,
    whole,
)

CUSTOMER = key("customer_id", "CUS", "Customer number")
A_CUSTOMER = key("customer_id", "CUS", "Customer number", of="1 + i * 13 % 2000")
BRANCH = key("branch_id", "BR", "Branch number", of="1 + i % 64")
OWNER = "retail-data@harbour.example"

CUSTOMER_360 = Table(
    "customer_360",
    "One row for each customer: who they are, what they hold, how they behave",
    (
        CUSTOMER, Column("full_name", "string", "pick(i, 201, ['Anna', 'Jonas', 'Mia', 'Paul', 'Lena', 'Emil']) || ' ' || pick(i, 202, ['Weber', 'Koch', 'Wolf', 'Lang', 'Sommer', 'Brandt'])", "Name", "sensitive"),
        birth_date(203), Column("email", "string", "'customer' || i || '@mail.example'", "E-mail address", "sensitive"),
        pick("segment", "Mass, Affluent, Private, Student", 204, "Segment"), REGION_COLUMN,
        day("customer_since", 205, "Begin of the relation", first="1995-01-01", span=11000),
        whole("products_held", 1, 9, 206, "Number of products"), amount("total_balance", -2000, 380000, 207, "Sum of balances"),
        score("churn_score", 208, "Probability of leaving within a year", confidentiality="sensitive"),
        amount("lifetime_value", 0, 42000, 209, "Computed value of the relation"),
        pick("preferred_channel", "App, Branch, Phone, Web", 210, "Channel used most"), flag("marketing_consent", 211, 0.6, "May be contacted for marketing"),
    ),
    rows=2000, consumers=("bi", "ml"), owner=OWNER,
)  # fmt: skip

ACCOUNT_BALANCES = Table(
    "account_balances",
    "Balance of every account at month end",
    (
        key("account_id", "ACC", "Account number"), A_CUSTOMER, iban(221), pick("account_type", "Current, Savings, Deposit", 223, "Kind of account"),
        CURRENCY_COLUMN, amount("balance", -3000, 160000, 224, "Balance at month end"), amount("overdraft_limit", 0, 9000, 225, "Agreed overdraft"),
        Column("interest_rate", "double", "round(num(i, 226, 0, 0.04), 4)", "Interest of a year", "public"), BRANCH,
    ),
    rows=1900, partition=month_end(), consumers=("risk",), owner=OWNER,
)  # fmt: skip

BRANCH_PERFORMANCE = Table(
    "branch_performance",
    "Business of each branch by month",
    (
        BRANCH, REGION_COLUMN, month_end("month", 12), whole("new_customers", 0, 80, 231, "Customers won"),
        whole("closed_accounts", 0, 30, 232, "Accounts closed"), amount("deposits", 100000, 9000000, 233, "Deposits"),
        amount("loans_granted", 0, 4000000, 234, "Loans granted"), amount("operating_cost", 20000, 190000, 235, "Operating cost"),
        score("satisfaction", 236, "Satisfaction of customers"),
    ),
    rows=768, confidentiality="public", consumers=("bi", "executives"), owner=OWNER,
)  # fmt: skip

MORTGAGE_BOOK = Table(
    "mortgage_book",
    "Mortgages with terms, collateral and risk class",
    (
        key("mortgage_id", "MTG", "Mortgage number"), A_CUSTOMER, amount("principal", 40000, 900000, 241, "Loan amount"),
        amount("outstanding", 5000, 850000, 242, "Outstanding amount"), Column("rate", "double", "round(num(i, 243, 0.008, 0.046), 4)", "Interest of a year"),
        day("fixed_until", 244, "End of the fixed rate", first="2026-12-01", span=5000), amount("property_value", 60000, 1400000, 245, "Value of the property"),
        score("loan_to_value", 246, "Outstanding to property value"), pick("risk_class", "1, 2, 3, 4, 5", 247, "Internal risk class", confidentiality="sensitive"),
        whole("days_past_due", 0, 90, 248, "Days past due", confidentiality="sensitive"), REGION_COLUMN,
    ),
    rows=1400, partition=month_end(), consumers=("risk", "executives"), owner=OWNER,
)  # fmt: skip

TRANSACTIONS_CLEAN = Table(
    "transactions_clean",
    "Account transactions after validation",
    (
        key("transaction_id", "TXN", "Transaction number"), key("account_id", "ACC", "Account number", of="1 + i * 7 % 1900"), iban(251),
        moment("booked_at", 253, "Booking time"), amount("amount", -4000, 6000, 255, "Amount"), CURRENCY_COLUMN,
        pick("category", "Salary, Rent, Food, Travel, Cash", 256, "Category"), pick("channel", "App, Branch, Web, ATM", 257, "Channel"), LOADED_AT,
    ),
    rows=160, owner=OWNER,
)  # fmt: skip

BRANCH_VISITS = Table(
    "branch_visits",
    "Visits to branches, counted at the door and joined with appointments",
    (
        key("visit_id", "VIS", "Visit number"), BRANCH, A_CUSTOMER, moment("arrived_at", 261, "Arrival"),
        whole("minutes_waited", 0, 45, 263, "Minutes waited"), pick("reason", "Advice, Cash, Complaint, Opening", 264, "Reason"),
        flag("appointment", 265, 0.4, "By appointment"), LOADED_AT,
    ),
    rows=90, owner=OWNER,
)  # fmt: skip
