"""Freshness in the API."""

from typing import Any

from rest_framework import serializers

from catalog.freshness import FreshnessSource, FreshnessState, ProductFreshness, TableState
from portal.api.fields import EnumOut, TimeOut


class FreshnessOut(serializers.Serializer[Any]):
    """When the data last changed, compared with the promise. A data product is as fresh as its oldest table."""

    state = EnumOut(FreshnessState.values)
    at = TimeOut(allow_null=True, help_text="when the data last changed")
    source = EnumOut(FreshnessSource.values, allow_null=True, help_text="what says so")  # type: ignore[assignment]
    promise = serializers.IntegerField(allow_null=True, help_text="hours; the data is at most this old")
    may_be_newer = serializers.BooleanField(help_text="not everything could be looked at")
    checked_at = TimeOut(allow_null=True)


def build_product_fields(freshness: ProductFreshness) -> dict[str, Any]:
    return build_table_fields(freshness.oldest, freshness.state, freshness.promised_hours)


def build_table_fields(
    one: TableState | None, state: FreshnessState, promised_hours: int | None
) -> dict[str, Any]:
    found = one.found if one else None
    return {
        "state": state,
        "at": found.at if found else None,
        "source": found.source if found else None,
        "promise": promised_hours,
        "may_be_newer": bool(found and found.may_be_newer),
        "checked_at": one.row.read_at if one and one.row else None,
    }
