"""Fields of inputs that serializers of several features share."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date
from rest_framework import serializers

from portal.forms.asking import end_of

LONGEST_DATE = len("2027-03-31")


class EndField(serializers.DateTimeField):
    """A moment, or a date, which means the end of that day in the portal's time zone."""

    def __init__(self, *, help_text: str = "", **options: Any) -> None:
        explained = "a time, or a date: the end of that day"
        super().__init__(help_text=f"{help_text}; {explained}" if help_text else explained, **options)

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, str) and len(value) == LONGEST_DATE:
            try:
                day = parse_date(value)
            except ValueError:
                self.fail("invalid", format="YYYY-MM-DD[Thh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]]")
            if day is not None:
                return end_of(day)
        moment: datetime = super().to_internal_value(value)
        return moment
