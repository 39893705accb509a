"""Dates of birth: a column of dates with such a name, or with a distribution as of adults' ages."""

from collections.abc import Sequence
from datetime import date, datetime

FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d")
MAX_AGE, MIN_ADULT, MAX_ADULT = 120, 16, 100
DAYS_OF_YEAR = 365.25
MIN_ADULT_SHARE, MIN_DISTINCT_SHARE = 0.97, 0.6
MIN_SPREAD = 12.0
"""Years between the first and the third quarter of the ages."""
MEDIAN_AGES = (25.0, 75.0)
DATE_LENGTH = 10


def parse_day(text: str) -> date | None:
    """A date, or a timestamp at midnight."""
    day, _, time = text.replace("T", " ").partition(" ")
    if time and time.strip("0:.+Z "):
        return None
    if len(day) > DATE_LENGTH:
        return None
    for format_ in FORMATS:
        try:
            return datetime.strptime(day, format_).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def compute_age(day: date, today: date) -> float:
    return (today - day).days / DAYS_OF_YEAR


def is_birth_date(text: str, today: date) -> bool:
    """A day on which somebody who is alive may have been born."""
    day = parse_day(text)
    return day is not None and 0 <= compute_age(day, today) <= MAX_AGE


def has_adult_ages(values: Sequence[str], today: date) -> bool:
    """Whether nearly all are ages of adults, spread and mostly different, as no other dates are."""
    days = [day for day in map(parse_day, values) if day is not None]
    ages = sorted(compute_age(day, today) for day in days)
    if not ages:
        return False
    adults = sum(MIN_ADULT <= age <= MAX_ADULT for age in ages)
    quarter = len(ages) // 4
    median = ages[len(ages) // 2]
    return (
        adults >= MIN_ADULT_SHARE * len(ages)
        and len(set(days)) >= MIN_DISTINCT_SHARE * len(days)
        and ages[-1 - quarter] - ages[quarter] >= MIN_SPREAD
        and MEDIAN_AGES[0] <= median <= MEDIAN_AGES[1]
    )
