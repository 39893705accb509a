"""What the address of a usage page says."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from catalog.product_usage.product_report import PERIOD_DAYS, get_first_day

USUAL_DAYS = 90


@dataclass(frozen=True)
class Period:
    """So many days that end today (UTC)."""

    days: int
    today: date

    @property
    def since(self) -> date:
        return get_first_day(self.today, self.days)

    @property
    def query(self) -> str:
        return urlencode({"days": self.days})


def parse_days(text: str) -> int | None:
    """None for what is no period of usage."""
    return next((days for days in PERIOD_DAYS if text == str(days)), None)


def read_period(query: QueryDict, today: date) -> Period:
    """What makes no sense is as if it were not there."""
    return Period(parse_days(query.get("days", "")) or USUAL_DAYS, today)
