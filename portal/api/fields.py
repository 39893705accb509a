"""Fields of inputs and answers that serializers of several features share."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_date, parse_duration
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.pages.forms import get_end_of_day
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH, TEXT_TOO_LONG_MESSAGE
from requests_app.display_states.vocabulary import State

LARGEST = 2**63 - 1
"""Id."""
LONGEST_DATE = len("2027-03-31")
LONGEST_REFERENCE = 600


class TextIn(serializers.CharField):
    """What a person says: purpose, comment or reason, no longer than the actions accept."""

    def __init__(self, **changes: Any) -> None:
        if "max_length" not in changes:
            changes = {"error_messages": {"max_length": TEXT_TOO_LONG_MESSAGE}, **changes}
        super().__init__(**{"max_length": MAX_TEXT_LENGTH, **changes})


class IdOut(serializers.CharField):
    """An id: a string that means nothing to who calls."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(**{"source": "pk", **changes})


class TextOut(serializers.CharField):
    """Text; null where there is none."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(**{"allow_null": True, **changes})

    def to_representation(self, value: Any) -> str | None:  # type: ignore[override]
        return str(value) if value else None


class PercentOut(serializers.FloatField):
    """A percentage, such as 99.5; null where there is none."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(**{"allow_null": True, **changes})


class TimeOut(serializers.DateTimeField):
    """RFC 3339 in UTC, with a Z."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(default_timezone=UTC, **changes)


class EnumOut(TextOut):
    """One of some values, to which more may come; null if there is none."""

    def __init__(self, words: Any = (), **changes: Any) -> None:
        named = ", ".join(f"`{word}`" for word in words)
        said = changes.pop("help_text", "")
        described = ". ".join(filter(None, (said, named)))
        super().__init__(**{"allow_null": False, "help_text": described, **changes})


class StateOut(EnumOut):
    """One of ten words; more may come."""

    def __init__(self, **changes: Any) -> None:
        super().__init__([one.value for one in State], **changes)


@extend_schema_field({"type": "string", "format": "duration", "nullable": True, "example": "P90D"})
class DurationOut(serializers.Field[timedelta, Any, str, timedelta]):
    """ISO 8601."""

    def to_representation(self, value: timedelta) -> str:
        return format_duration(value)


def format_duration(value: timedelta) -> str:
    """In whole seconds: P90D, PT4H, P1DT30M."""
    seconds = int(value.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    date = f"{days}D" if days else ""
    time = "".join(
        f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if number
    )
    return f"P{date}{f'T{time}' if time or not date else ''}{'0S' if not time and not date else ''}"


@extend_schema_field({"type": "string", "format": "duration", "example": "P7D"})
class DurationIn(serializers.Field[int, Any, str, Any]):
    """ISO 8601, as so many whole units of `unit`: days or hours."""

    default_error_messages = {"invalid": _("Send an ISO 8601 duration, such as %(example)s.")}
    SECONDS = {"days": 86_400, "hours": 3600}
    EXAMPLES = {"days": "P7D", "hours": "PT4H"}

    def __init__(self, unit: str, most: int, **options: Any) -> None:
        self.unit, self.most = unit, most
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        known = isinstance(data, str) and re.fullmatch(r"P[0-9DTHMS]{2,30}", data)
        try:
            found = parse_duration(data) if known else None
        except OverflowError:
            found = None
        number, rest = divmod(found.total_seconds(), self.SECONDS[self.unit]) if found else (0, 0)
        if rest or not 1 <= number <= self.most:
            words = self.default_error_messages["invalid"] % {"example": self.EXAMPLES[self.unit]}
            raise serializers.ValidationError(words, "invalid")
        return int(number)

    def to_representation(self, value: int) -> str:
        return format_duration(timedelta(seconds=value * self.SECONDS[self.unit]))


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
                return get_end_of_day(day)
        moment: datetime = super().to_internal_value(value)
        return moment


REFERENCE_SCHEMA = {
    "oneOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"id": {"type": "string"}},
            "required": ["id"],
            "additionalProperties": False,
        },
    ]
}


@extend_schema_field(REFERENCE_SCHEMA)
class ReferenceIn(serializers.Field[str, Any, Any, Any]):
    """The id of a thing, bare or as the reference that was read: `{"id": …}` with whatever came along."""

    default_error_messages = {"invalid": _("Send the id, as a string.")}
    KNOWN = frozenset({"id", "name", "url"})

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, Mapping) and set(data) <= self.KNOWN:
            data = data.get("id")
        if not isinstance(data, str) or not data or len(data) > LONGEST_REFERENCE:
            self.fail("invalid")
        return str(data)

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(REFERENCE_SCHEMA)
class IdIn(ReferenceIn):
    """The id of a thing that is counted."""

    def to_internal_value(self, data: Any) -> int:  # type: ignore[override]
        said = super().to_internal_value(data)
        if not (said.isascii() and said.isdecimal()) or not 0 < int(said[:20]) <= LARGEST:
            self.fail("invalid")
        return int(said)


def optional(field: type[serializers.Field[Any, Any, Any, Any]], **options: Any) -> Any:
    """An input that may be left out, or null."""
    return field(required=False, allow_null=True, default=None, **options)


class ChoiceIn(serializers.ChoiceField):
    """One of some words. It may be left out, or null."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, required=False, allow_null=True, **options)


class TagsIn(serializers.DictField):
    """LF-Tags: values by key. They may be left out."""

    child = serializers.ListField(child=serializers.CharField(max_length=256), max_length=50)

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)
