"""Column constructors and columns that several tables of the bank share."""

from demo.bank.definitions import Column, Confidentiality

REGIONS = "['Nord', 'West', 'Ost', 'Sued', 'Mitte']"
CURRENCIES = "['EUR', 'EUR', 'EUR', 'CHF', 'USD', 'GBP']"


def key_column(name: str, prefix: str, comment: str, *, number: str = "i") -> Column:
    return Column(name, "string", f"'{prefix}-' || lpad(({number})::varchar, 7, '0')", comment)


def choice_column(
    name: str, values: str, salt: int, comment: str, *, confidentiality: Confidentiality | None = None
) -> Column:
    listed = values if values.startswith("[") else str([one.strip() for one in values.split(",")])
    return Column(name, "string", f"pick(i, {salt}, {listed})", comment, confidentiality)


def amount_column(
    name: str,
    low: float,
    high: float,
    salt: int,
    comment: str,
    *,
    confidentiality: Confidentiality | None = None,
) -> Column:
    return Column(name, "double", f"round(num(i, {salt}, {low}, {high}), 2)", comment, confidentiality)


def integer_column(
    name: str, low: int, high: int, salt: int, comment: str, *, confidentiality: Confidentiality | None = None
) -> Column:
    return Column(name, "int", f"whole(i, {salt}, {low}, {high})::integer", comment, confidentiality)


def score_column(
    name: str, salt: int, comment: str, *, confidentiality: Confidentiality | None = None
) -> Column:
    return Column(name, "double", f"round(num(i, {salt}, 0, 1), 4)", comment, confidentiality)


def date_column(name: str, salt: int, comment: str, *, first: str = "2025-01-01", span: int = 660) -> Column:
    return Column(name, "date", f"day(i, {salt}, '{first}', {span})", comment)


def timestamp_column(name: str, salt: int, comment: str) -> Column:
    stamp = f"day(i, {salt}, '2026-07-01', 120)::timestamp + to_seconds(whole(i, {salt + 1}, 0, 86399))"
    return Column(name, "timestamp", stamp, comment)


def boolean_column(name: str, salt: int, share: float, comment: str) -> Column:
    return Column(name, "boolean", f"num(i, {salt}, 0, 1) < {share}", comment)


def month_end_column(name: str = "snapshot_date", months: int = 3) -> Column:
    """A partition key of the last `months` month ends, newest 2026-10-31."""
    stamp = f"(last_day(date '2026-10-31' - to_months((i % {months})::integer)))::date"
    return Column(name, "date", stamp, "Month end that the rows describe")


def birth_date_column(salt: int) -> Column:
    return Column("birth_date", "date", f"day(i, {salt}, '1938-01-01', 24000)", "Date of birth", "sensitive")


def iban_column(salt: int) -> Column:
    number = f"lpad(whole(i, {salt}, 10, 99)::varchar, 2, '0') || '50010517' || lpad(whole(i, {salt + 1}, 0, 9999999999)::varchar, 10, '0')"
    return Column("iban", "string", f"'DE' || {number}", "Account that is paid to or from", "sensitive")


REGION_COLUMN = choice_column("region", REGIONS, 901, "Sales region", confidentiality="public")
CURRENCY_COLUMN = choice_column("currency", CURRENCIES, 902, "ISO 4217 code", confidentiality="public")
LOADED_AT = Column(
    "loaded_at", "timestamp", "timestamp '2026-10-31 02:15:00' + to_seconds(i % 900)",
    "When the pipeline wrote the row", "public",
)  # fmt: skip
