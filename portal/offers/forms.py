"""The form to edit an offer."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Database, Table
from catalog.products.models import Domain
from catalog.products.offers.bounds import CLASSES_BY_SENSITIVITY, HOURS_PER_DAY
from catalog.products.offers.drafts import MAX_NAME_LENGTH, MAX_SUMMARY_LENGTH, MAX_TERMS_LENGTH, OfferDraft
from catalog.products.offers.models import DataUse, OfferScope, OfferVersion
from identity.accounts import ConnectedCatalog
from portal.pages.forms import PageForm

VALUE_PATTERN = re.compile(r"'(?:[^']|'')*'|[^,']+")
MAX_VALUES_LENGTH = 20_000


class OfferForm(PageForm):
    """`row_values` has a line for each name: `country: DE, AT`; `tags` are `key=value`, separated by spaces."""

    max_name_length, max_summary_length, max_terms_length = (
        MAX_NAME_LENGTH,
        MAX_SUMMARY_LENGTH,
        MAX_TERMS_LENGTH,
    )

    domain = forms.ModelChoiceField(Domain.objects.none(), required=False)
    name = forms.CharField(required=False)
    summary = forms.CharField(
        label=_("Summary"),
        help_text=_("optional"),
        widget=forms.TextInput(attrs={"maxlength": max_summary_length, "dir": "auto"}),
        required=False,
    )
    scope = forms.ChoiceField(choices=OfferScope.choices, initial=OfferScope.TABLES)
    tables = forms.ModelMultipleChoiceField(Table.objects.none(), required=False)
    database = forms.ModelChoiceField(Database.objects.none(), required=False)
    catalog = forms.ModelChoiceField(ConnectedCatalog.objects.none(), required=False)
    tags = forms.CharField(required=False, max_length=1000)
    highest_class = forms.ChoiceField(
        choices=[(one, one) for one in CLASSES_BY_SENSITIVITY], initial="public"
    )
    future_columns = forms.BooleanField(required=False)
    uses = forms.MultipleChoiceField(choices=DataUse.choices, required=False)
    longest = forms.IntegerField(
        min_value=1, max_value=100_000, error_messages={"required": _("Enter the maximum duration.")}
    )
    unit = forms.ChoiceField(choices=[("days", _("days")), ("hours", _("hours"))], initial="days")
    row_template = forms.CharField(required=False, max_length=2048)
    row_values = forms.CharField(
        label=_("Values to choose from"),
        help_text=_("one line per name"),
        widget=forms.Textarea(
            attrs={
                "class": "mono",
                "rows": 2,
                "spellcheck": "false",
                "dir": "ltr",
                "placeholder": "country: DE, AT, CH",
            }
        ),
        required=False,
        max_length=MAX_VALUES_LENGTH,
    )
    terms = forms.CharField(required=False)
    automatic = forms.BooleanField(required=False)

    def __init__(self, *args: Any, domains: list[Domain], tables: QuerySet[Table], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: dict[str, QuerySet[Any]] = {
            "domain": Domain.objects.filter(pk__in=[domain.pk for domain in domains]),
            "tables": tables,
            "database": Database.objects.filter(pk__in=tables.values("database")),
            "catalog": ConnectedCatalog.objects.filter(pk__in=tables.values("database__catalog")),
        }
        for name, found in rows.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]

    @property
    def draft(self) -> OfferDraft:
        """The draft of a valid form; the action validates the content."""
        said = self.cleaned_data
        unit = HOURS_PER_DAY if said["unit"] == "days" else 1
        tags: dict[str, list[str]] = {}
        for pair in said["tags"].split():
            key, equals, value = pair.partition("=")
            if key and equals and value:
                tags.setdefault(key, []).append(value)
        lines = [line.partition(":") for line in said["row_values"].splitlines()]
        row_values = {
            name.strip(): [one.strip() for one in VALUE_PATTERN.findall(some) if one.strip()]
            for name, colon, some in lines
            if colon
        }
        return OfferDraft(
            name=said["name"],
            summary=said["summary"],
            scope=said["scope"],
            tables=tuple(table.pk for table in said["tables"]),
            database=said["database"].pk if said["database"] else None,
            catalog=said["catalog"].pk if said["catalog"] else None,
            tags=tags,
            highest_class=said["highest_class"],
            future_columns=said["future_columns"],
            uses=tuple(said["uses"]),
            longest_hours=said["longest"] * unit,
            row_template=said["row_template"],
            row_values=row_values,
            terms=said["terms"],
            automatic=said["automatic"],
        )


def get_initial_values(version: OfferVersion) -> dict[str, Any]:
    """Initial form values of an existing version."""
    by_day = version.longest_hours % HOURS_PER_DAY == 0
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
        "tables": [table.table_id for table in version.tables.all()],
        "database": version.database_id,
        "catalog": version.catalog_id,
        "tags": " ".join(f"{key}={value}" for key, values in version.tags.items() for value in values),
        "longest": version.longest_hours // HOURS_PER_DAY if by_day else version.longest_hours,
        "unit": "days" if by_day else "hours",
        "row_values": "\n".join(f"{name}: {', '.join(some)}" for name, some in version.row_values.items()),
        "terms": version.terms.text if version.terms else "",
    }
