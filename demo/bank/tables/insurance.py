"""Insurance: life expectancy, claims, policies and what comes before them; reinsurance in its own catalog."""

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

POLICY = key_column("policy_id", "POL", "Policy number")
CLAIM = key_column("claim_id", "CLM", "Claim number")
GENDER = choice_column("gender", "F, M, X", 11, "Gender as stated in the application")
PRODUCT = choice_column(
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
        integer_column("birth_year", 1940, 2004, 1, "Year of birth of the insured person"),
        GENDER,
        REGION_COLUMN,
        boolean_column("smoker", 2, 0.18, "Declared smoker at the last underwriting"),
        PRODUCT,
        choice_column("occupation_class", "A, B, C, D", 3, "Occupational risk class, A is lowest"),
        amount_column("annual_premium", 180, 9800, 4, "Premium for a year in EUR"),
        amount_column("sum_insured", 25000, 900000, 5, "Sum insured in EUR"),
        date_column("policy_start", 6, "First day of cover", first="2001-01-01", span=9000),
        Column(
            "expected_remaining_years",
            "double",
            "round(greatest(1.5, 88 - (2026 - whole(i, 1, 1940, 2004)) + num(i, 7, -6, 6)), 2)",
            "Computed: expected remaining life years of the insured person",
            "sensitive",
        ),
        score_column("model_confidence", 8, "Confidence of the estimate, 0 to 1"),
        choice_column(
            "model_version", "2026.2, 2026.3", 9, "Version of the actuarial model", confidentiality="public"
        ),
    ),
    row_count=1500,
    partition=month_end_column(),
    consuming_lobs=("bi", "ml", "partners"),
    owner="actuarial-data@harbour.example",
)

CLAIMS = Table(
    "claims",
    "Settled and open claims with their payments",
    (
        CLAIM,
        key_column("policy_id", "POL", "Policy number", number="1 + i * 7 % 1500"),
        birth_date_column(21),
        iban_column(22),
        choice_column(
            "diagnosis_code",
            "I21, C50, M54, S72, F32, E11, J44",
            24,
            "ICD-10 code of the main diagnosis",
            confidentiality="sensitive",
        ),
        choice_column(
            "claim_type", "Death, Disability, Hospital, Critical Illness", 25, "What the claim is for"
        ),
        choice_column("status", "open, settled, settled, rejected", 26, "State of the claim"),
        date_column("reported_on", 27, "Day on which the claim was reported"),
        amount_column("claimed_amount", 400, 240000, 28, "Amount claimed in EUR"),
        amount_column("paid_amount", 0, 180000, 29, "Amount paid so far in EUR"),
        integer_column("days_to_settle", 2, 210, 30, "Days from report to settlement"),
        REGION_COLUMN,
    ),
    row_count=1200,
    partition=month_end_column("reporting_month"),
    consuming_lobs=("bi", "risk"),
    owner="claims-data@harbour.example",
)

POLICIES = Table(
    "policies",
    "Every policy in force with its cover and channel",
    (
        POLICY,
        key_column("customer_id", "CUS", "Customer number", number="1 + i * 13 % 2000"),
        PRODUCT,
        choice_column(
            "sales_channel",
            "Branch, Broker, Online",
            31,
            "Where the policy was sold",
            confidentiality="public",
        ),
        date_column("start_date", 32, "First day of cover", first="2005-01-01", span=7600),
        integer_column("term_years", 5, 35, 33, "Agreed term in years"),
        amount_column("annual_premium", 180, 9800, 4, "Premium for a year in EUR"),
        amount_column("sum_insured", 25000, 900000, 5, "Sum insured in EUR"),
        boolean_column("premium_waiver", 34, 0.07, "Premium waived because of disability"),
        REGION_COLUMN,
    ),
    row_count=1500,
    consuming_lobs=("bi", "executives"),
    owner="policy-data@harbour.example",
)

PREMIUM_INCOME = Table(
    "premium_income",
    "Written and earned premium by month, product and region",
    (
        month_end_column("booking_month", 24),
        PRODUCT,
        REGION_COLUMN,
        choice_column("sales_channel", "Branch, Broker, Online", 31, "Where the policies were sold"),
        amount_column("written_premium", 20000, 480000, 41, "Written premium in EUR"),
        amount_column("earned_premium", 20000, 470000, 42, "Earned premium in EUR"),
        integer_column("new_policies", 3, 160, 43, "Policies begun in the month"),
        integer_column("lapsed_policies", 0, 40, 44, "Policies lapsed in the month"),
    ),
    row_count=480,
    confidentiality="public",
    consuming_lobs=("bi", "executives"),
    owner="policy-data@harbour.example",
)

CLAIMS_CLEAN = Table(
    "claims_clean",
    "Claims after validation and deduplication",
    (
        CLAIM, key_column("policy_id", "POL", "Policy number", number="1 + i * 7 % 1500"), birth_date_column(21), iban_column(22),
        choice_column("claim_type", "Death, Disability, Hospital", 25, "What the claim is for"),
        choice_column("status", "open, settled, rejected", 26, "State of the claim"),
        date_column("reported_on", 27, "Day of report"), amount_column("claimed_amount", 400, 240000, 28, "Claimed in EUR"),
        boolean_column("duplicate", 51, 0.02, "Judged a duplicate of another claim"), LOADED_AT,
    ),
    row_count=60,
)  # fmt: skip

POLICY_EVENTS = Table(
    "policy_events",
    "Changes of policies in the order in which they happened",
    (
        key_column("event_id", "EVT", "Event number"), key_column("policy_id", "POL", "Policy number", number="1 + i * 3 % 1500"),
        choice_column("event_type", "begun, changed, lapsed, paid up, ended", 52, "What happened"),
        timestamp_column("happened_at", 53, "When it happened"), choice_column("actor", "customer, broker, system", 55, "Who caused it"),
        amount_column("premium_before", 180, 9800, 56, "Premium before"), amount_column("premium_after", 180, 9800, 57, "Premium after"),
        LOADED_AT,
    ),
    row_count=80,
)  # fmt: skip

CLAIMS_RAW = Table(
    "claims_raw",
    "Claims as delivered by the claims system, one row a message",
    (
        key_column("message_id", "MSG", "Message number"), CLAIM, birth_date_column(21), iban_column(22),
        choice_column("source_system", "CLAIMX, PARTNERLINK", 58, "Delivering system"),
        choice_column("payload_version", "v3, v4", 59, "Version of the message"),
        timestamp_column("received_at", 60, "When the message came"), LOADED_AT,
    ),
    row_count=40,
)  # fmt: skip

TREATIES = Table(
    "treaties",
    "Reinsurance treaties in force and their terms",
    (
        key_column("treaty_id", "TRT", "Treaty number"), choice_column("reinsurer", "Alpine Re, Baltic Re, Atlantic Re", 61, "Counterparty"),
        choice_column("treaty_type", "Quota share, Surplus, Excess of loss", 62, "Kind of treaty"), PRODUCT,
        score_column("cession_rate", 63, "Share that is ceded"), amount_column("retention", 50000, 2000000, 64, "Own retention"),
        date_column("effective_from", 65, "First day in force"), CURRENCY_COLUMN,
    ),
    row_count=60, consuming_lobs=("bi", "risk"), owner="reinsurance@harbour.example",
)  # fmt: skip

CESSIONS = Table(
    "cessions",
    "Risks ceded under each treaty, by month",
    (
        key_column("cession_id", "CES", "Cession number"), key_column("treaty_id", "TRT", "Treaty number", number="1 + i % 60"),
        key_column("policy_id", "POL", "Policy number", number="1 + i * 11 % 1500"), amount_column("ceded_premium", 20, 4000, 66, "Ceded premium"),
        amount_column("ceded_sum", 5000, 400000, 67, "Ceded sum insured"), amount_column("recoverable", 0, 90000, 68, "Recoverable losses"),
        date_column("booked_on", 69, "Booking day"), CURRENCY_COLUMN,
    ),
    row_count=300, partition=month_end_column("booking_month"), consuming_lobs=("risk",), owner="reinsurance@harbour.example",
)  # fmt: skip
