"""Fields of inputs and answers that serializers of several features share."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date
from rest_framework import serializers

from portal.pages.forms import end_of
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH, TEXT_TOO_LONG_MESSAGE
from requests_app.display_states.vocabulary import State

LARGEST = 2**63 - 1
"""Id."""


class TextIn(serializers.CharField):
    """What a person says: purpose, comment or reason, as long as the verbs take it."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(
            max_length=MAX_TEXT_LENGTH, error_messages={"max_length": TEXT_TOO_LONG_MESSAGE}, **changes
        )


class StateField(serializers.CharField):
    """One of the ten words; more may come."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(help_text=", ".join(State), **changes)


class OptionalIdField(serializers.IntegerField):
    """The id of a thing, or null, which it is where nothing is said."""

    def __init__(self, help_text: str | None = None) -> None:
        super().__init__(
            min_value=1, max_value=LARGEST, required=False, allow_null=True, default=None, help_text=help_text
        )


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
