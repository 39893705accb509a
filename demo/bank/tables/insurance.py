"""Insurance: life expectancy, claims, policies and what comes before them; reinsurance in its own catalog."""

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

POLICY = key("policy_id", "POL", "Policy number")
CLAIM = key("claim_id", "CLM", "Claim number")
GENDER = pick("gender", "F, M, X", 11, "Gender as stated in the application")
PRODUCT = pick(
    "product_line",
    "Term Life, Whole Life, Annuity, Disability",
    12,
    "Insurance product",
    confidentiality="public",
)

LIFE_EXPECTANCY = Table(
    "life_expectancy",
    "Expected remaining life years for each active life policy, computed monthly by the actuarial model",
    (
        POLICY,
        whole("birth_year", 1940, 2004, 1, "Year of birth of the insured person"),
        GENDER,
        REGION_COLUMN,
        flag("smoker", 2, 0.18, "Declared smoker at the last underwriting"),
        PRODUCT,
        pick("occupation_class", "A, B, C, D", 3, "Occupational risk class, A is lowest"),
        amount("annual_premium", 180, 9800, 4, "Premium for a year in EUR"),
        amount("sum_insured", 25000, 900000, 5, "Sum insured in EUR"),
        day("policy_start", 6, "First day of cover", first="2001-01-01", span=9000),
        Column(
            "expected_remaining_years",
            "double",
            "round(greatest(1.5, 88 - (2026 - whole(i, 1, 1940, 2004)) + num(i, 7, -6, 6)), 2)",
            "Computed: expected remaining life years of the insured person",
            "sensitive",
        ),
        score("model_confidence", 8, "Confidence of the estimate, 0 to 1"),
        pick(
            "model_version", "2026.2, 2026.3", 9, "Version of the actuarial model", confidentiality="public"
        ),
    ),
    rows=1500,
    partition=month_end(),
    consumers=("bi", "ml", "partners"),
    owner="actuarial-data@harbour.example",
)

CLAIMS = Table(
    "claims",
    "Settled and open claims with their payments",
    (
        CLAIM,
        key("policy_id", "POL", "Policy number", of="1 + i * 7 % 1500"),
        birth_date(21),
        iban(22),
        pick(
            "diagnosis_code",
            "I21, C50, M54, S72, F32, E11, J44",
            24,
            "ICD-10 code of the main diagnosis",
            confidentiality="sensitive",
        ),
        pick("claim_type", "Death, Disability, Hospital, Critical Illness", 25, "What the claim is for"),
        pick("status", "open, settled, settled, rejected", 26, "State of the claim"),
        day("reported_on", 27, "Day on which the claim was reported"),
        amount("claimed_amount", 400, 240000, 28, "Amount claimed in EUR"),
        amount("paid_amount", 0, 180000, 29, "Amount paid so far in EUR"),
        whole("days_to_settle", 2, 210, 30, "Days from report to settlement"),
        REGION_COLUMN,
    ),
    rows=1200,
    partition=month_end("reporting_month"),
    consumers=("bi", "risk"),
    owner="claims-data@harbour.example",
)

POLICIES = Table(
    "policies",
    "Every policy in force with its cover and channel",
    (
        POLICY,
        key("customer_id", "CUS", "Customer number", of="1 + i * 13 % 2000"),
        PRODUCT,
        pick(
            "sales_channel",
            "Branch, Broker, Online",
            31,
            "Where the policy was sold",
            confidentiality="public",
        ),
        day("start_date", 32, "First day of cover", first="2005-01-01", span=7600),
        whole("term_years", 5, 35, 33, "Agreed term in years"),
        amount("annual_premium", 180, 9800, 4, "Premium for a year in EUR"),
        amount("sum_insured", 25000, 900000, 5, "Sum insured in EUR"),
        flag("premium_waiver", 34, 0.07, "Premium waived because of disability"),
        REGION_COLUMN,
    ),
    rows=1500,
    consumers=("bi", "executives"),
    owner="policy-data@harbour.example",
)

PREMIUM_INCOME = Table(
    "premium_income",
    "Written and earned premium by month, product and region",
    (
        month_end("booking_month", 24),
        PRODUCT,
        REGION_COLUMN,
        pick("sales_channel", "Branch, Broker, Online", 31, "Where the policies were sold"),
        amount("written_premium", 20000, 480000, 41, "Written premium in EUR"),
        amount("earned_premium", 20000, 470000, 42, "Earned premium in EUR"),
        whole("new_policies", 3, 160, 43, "Policies begun in the month"),
        whole("lapsed_policies", 0, 40, 44, "Policies lapsed in the month"),
    ),
    rows=480,
    confidentiality="public",
    consumers=("bi", "executives"),
    owner="policy-data@harbour.example",
)

CLAIMS_CLEAN = Table(
    "claims_clean",
    "Claims after validation and deduplication",
    (
        CLAIM, key("policy_id", "POL", "Policy number", of="1 + i * 7 % 1500"), birth_date(21), iban(22),
        pick("claim_type", "Death, Disability, Hospital", 25, "What the claim is for"),
        pick("status", "open, settled, rejected", 26, "State of the claim"),
        day("reported_on", 27, "Day of report"), amount("claimed_amount", 400, 240000, 28, "Claimed in EUR"),
        flag("duplicate", 51, 0.02, "Judged a duplicate of another claim"), LOADED_AT,
    ),
    rows=60,
)  # fmt: skip

POLICY_EVENTS = Table(
    "policy_events",
    "Changes of policies in the order in which they happened",
    (
        key("event_id", "EVT", "Event number"), key("policy_id", "POL", "Policy number", of="1 + i * 3 % 1500"),
        pick("event_type", "begun, changed, lapsed, paid up, ended", 52, "What happened"),
        moment("happened_at", 53, "When it happened"), pick("actor", "customer, broker, system", 55, "Who caused it"),
        amount("premium_before", 180, 9800, 56, "Premium before"), amount("premium_after", 180, 9800, 57, "Premium after"),
        LOADED_AT,
    ),
    rows=80,
)  # fmt: skip

CLAIMS_RAW = Table(
    "claims_raw",
    "Claims as delivered by the claims system, one row a message",
    (
        key("message_id", "MSG", "Message number"), CLAIM, birth_date(21), iban(22),
        pick("source_system", "CLAIMX, PARTNERLINK", 58, "Delivering system"),
        pick("payload_version", "v3, v4", 59, "Version of the message"),
        moment("received_at", 60, "When the message came"), LOADED_AT,
    ),
    rows=40,
)  # fmt: skip

TREATIES = Table(
    "treaties",
    "Reinsurance treaties in force and their terms",
    (
        key("treaty_id", "TRT", "Treaty number"), pick("reinsurer", "Alpine Re, Baltic Re, Atlantic Re", 61, "Counterparty"),
        pick("treaty_type", "Quota share, Surplus, Excess of loss", 62, "Kind of treaty"), PRODUCT,
        score("cession_rate", 63, "Share that is ceded"), amount("retention", 50000, 2000000, 64, "Own retention"),
        day("effective_from", 65, "First day in force"), CURRENCY_COLUMN,
    ),
    rows=60, consumers=("bi", "risk"), owner="reinsurance@harbour.example",
)  # fmt: skip

CESSIONS = Table(
    "cessions",
    "Risks ceded under each treaty, by month",
    (
        key("cession_id", "CES", "Cession number"), key("treaty_id", "TRT", "Treaty number", of="1 + i % 60"),
        key("policy_id", "POL", "Policy number", of="1 + i * 11 % 1500"), amount("ceded_premium", 20, 4000, 66, "Ceded premium"),
        amount("ceded_sum", 5000, 400000, 67, "Ceded sum insured"), amount("recoverable", 0, 90000, 68, "Recoverable losses"),
        day("booked_on", 69, "Booking day"), CURRENCY_COLUMN,
    ),
    rows=300, partition=month_end("booking_month"), consumers=("risk",), owner="reinsurance@harbour.example",
)  # fmt: skip
