"""When the bank's pipelines last wrote each table, counted from the start of the pretend AWS."""

from datetime import timedelta

USUAL = timedelta(hours=3)
WRITTEN_BEFORE = {
    "insurance_bronze.claims_raw": timedelta(minutes=50),
    "insurance_silver.claims_clean": timedelta(minutes=45),
    "insurance_gold.claims": timedelta(hours=6),
}
"""The job that settles claims has failed for hours, and Claims is promised to be two hours old at most."""


def get_age(database: str, table: str) -> timedelta:
    return WRITTEN_BEFORE.get(f"{database}.{table}", USUAL)
