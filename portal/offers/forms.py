"""The form by which the owners of a domain write an offer."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Database, Table
from catalog.products.models import Domain
from catalog.products.offers.bounds import CARE, DAY
from catalog.products.offers.drafts import LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TERMS, Draft
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.states import Scope, Use
from identity.accounts.models import ConnectedCatalog

VALUE = re.compile(r"'(?:[^']|'')*'|[^,']+")
LONGEST_VALUES = 20_000


class OfferForm(forms.Form):
    """`row_values` is a line for each name: `country: DE, AT`; `tags` are `key=value`, divided by blanks."""

    longest_name, longest_summary, longest_terms = LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TERMS

    domain = forms.ModelChoiceField(Domain.objects.none(), required=False)
    name = forms.CharField(required=False)
    summary = forms.CharField(required=False)
    scope = forms.ChoiceField(choices=Scope.choices, initial=Scope.TABLES)
    tables = forms.ModelMultipleChoiceField(Table.objects.none(), required=False)
    database = forms.ModelChoiceField(Database.objects.none(), required=False)
    catalog = forms.ModelChoiceField(ConnectedCatalog.objects.none(), required=False)
    tags = forms.CharField(required=False, max_length=1000)
    highest_class = forms.ChoiceField(choices=[(one, one) for one in CARE], initial="public")
    future_columns = forms.BooleanField(required=False)
    uses = forms.MultipleChoiceField(choices=Use.choices, required=False)
    longest = forms.IntegerField(
        min_value=1, max_value=100_000, error_messages={"required": _("Enter the maximum duration.")}
    )
    unit = forms.ChoiceField(choices=[("days", _("days")), ("hours", _("hours"))], initial="days")
    row_template = forms.CharField(required=False, max_length=2048)
    row_values = forms.CharField(required=False, max_length=LONGEST_VALUES)
    terms = forms.CharField(required=False)
    automatic = forms.BooleanField(required=False)

    def __init__(self, *args: Any, domains: list[Domain], tables: QuerySet[Table], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: dict[str, QuerySet[Any]] = {
            "domain": Domain.objects.filter(pk__in=[one.pk for one in domains]),
            "tables": tables,
            "database": Database.objects.filter(pk__in=tables.values("database")),
            "catalog": ConnectedCatalog.objects.filter(pk__in=tables.values("database__catalog")),
        }
        for name, found in rows.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]

    @property
    def draft(self) -> Draft:
        """Of a form that is valid by itself; what it says is judged by the verb."""
        said = self.cleaned_data
        unit = DAY if said["unit"] == "days" else 1
        return Draft(
            name=said["name"],
            summary=said["summary"],
            scope=said["scope"],
            tables=tuple(table.pk for table in said["tables"]),
            database=said["database"].pk if said["database"] else None,
            catalog=said["catalog"].pk if said["catalog"] else None,
            tags=_tags(said["tags"]),
            highest_class=said["highest_class"],
            future_columns=said["future_columns"],
            uses=tuple(said["uses"]),
            longest_hours=said["longest"] * unit,
            row_template=said["row_template"],
            row_values=_values(said["row_values"]),
            terms=said["terms"],
            automatic=said["automatic"],
        )


def first_words(version: OfferVersion) -> dict[str, Any]:
    """What the form says of a version that is there."""
    by_day = version.longest_hours % DAY == 0
    same = (
        "name",
        "summary",
        "scope",
        "highest_class",
        "future_columns",
        "uses",
        "row_template",
        "automatic",
    )
    return {name: getattr(version, name) for name in same} | {
        "domain": version.offer.domain_id,
        "tables": [one.table_id for one in version.tables.all()],
        "database": version.database_id,
        "catalog": version.catalog_id,
        "tags": " ".join(f"{key}={value}" for key, values in version.tags.items() for value in values),
        "longest": version.longest_hours // DAY if by_day else version.longest_hours,
        "unit": "days" if by_day else "hours",
        "row_values": "\n".join(f"{name}: {', '.join(some)}" for name, some in version.row_values.items()),
        "terms": version.terms.text if version.terms else "",
    }


def _tags(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in text.split():
        key, equals, value = pair.partition("=")
        if key and equals and value:
            found.setdefault(key, []).append(value)
    return found


def _values(text: str) -> dict[str, list[str]]:
    lines = [line.partition(":") for line in text.splitlines()]
    return {
        name.strip(): [one.strip() for one in VALUE.findall(some) if one.strip()]
        for name, colon, some in lines
        if colon
    }
