"""The form of a data product's texts."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.links import MAX_LINKS, MAX_URL_LENGTH, LinkKind
from catalog.products.models import DataProduct, Domain
from catalog.products.states import SharingTerms
from catalog.revisions.actions import MAX_NOTE_LENGTH
from catalog.revisions.content import (
    MAX_HOURS,
    MAX_LENGTHS,
    MAX_PERCENT,
    PERCENT_DIGITS,
    ProductContent,
)
from identity.people.models import Person
from portal.pages.forms import PageForm, set_choices

MAX_LINES_LENGTH = MAX_LINKS * (MAX_URL_LENGTH + 1)
LONG_TEXTS = ("description", "terms", "sql_example", "python_example")
SHORT_FIELDS = (
    "name", "summary", "refresh", "owner", "support", "support_hours", "answer_hours", "freshness_hours",
    "completeness_percent", "availability_percent", "quality_percent", "retention", "passing_on",
)  # fmt: skip


class ProductForm(PageForm):
    hidden_field_names = frozenset({"based_on"})
    max_lengths = MAX_LENGTHS
    max_note_length = MAX_NOTE_LENGTH

    name = forms.CharField(
        max_length=MAX_LENGTHS["name"], error_messages={"required": _("Give the product a name.")}
    )
    summary = forms.CharField(
        max_length=MAX_LENGTHS["summary"],
        error_messages={"required": _("Say in one line what the product is for.")},
    )
    description = forms.CharField(required=False, max_length=MAX_LENGTHS["description"])
    keywords = forms.CharField(required=False, max_length=1300)
    refresh = forms.CharField(required=False, max_length=MAX_LENGTHS["refresh"])
    support = forms.CharField(required=False, max_length=MAX_LENGTHS["support"])
    support_hours = forms.CharField(required=False, max_length=MAX_LENGTHS["support_hours"])
    answer_hours = forms.IntegerField(required=False, min_value=1, max_value=MAX_HOURS)
    freshness_hours = forms.IntegerField(required=False, min_value=1, max_value=MAX_HOURS)
    completeness_percent = forms.DecimalField(
        required=False, max_value=MAX_PERCENT, decimal_places=PERCENT_DIGITS
    )
    availability_percent = forms.DecimalField(
        required=False, max_value=MAX_PERCENT, decimal_places=PERCENT_DIGITS
    )
    quality_percent = forms.DecimalField(required=False, max_value=MAX_PERCENT, decimal_places=PERCENT_DIGITS)
    retention = forms.CharField(required=False, max_length=MAX_LENGTHS["retention"])
    passing_on = forms.ChoiceField(choices=SharingTerms.choices, required=False)
    terms = forms.CharField(required=False, max_length=MAX_LENGTHS["terms"])
    sql_example = forms.CharField(required=False, max_length=MAX_LENGTHS["sql_example"])
    python_example = forms.CharField(required=False, max_length=MAX_LENGTHS["python_example"])
    code_links = forms.CharField(required=False, max_length=MAX_LINES_LENGTH)
    pipeline_links = forms.CharField(required=False, max_length=MAX_LINES_LENGTH)
    dashboard_links = forms.CharField(required=False, max_length=MAX_LINES_LENGTH)
    documentation_links = forms.CharField(required=False, max_length=MAX_LINES_LENGTH)
    inputs = forms.TypedMultipleChoiceField(
        coerce=int, required=False, error_messages={"invalid_choice": _("Choose products that you can see.")}
    )
    owner = forms.TypedChoiceField(
        coerce=int,
        error_messages={
            "required": _("Choose a data owner of the domain's team."),
            "invalid_choice": _("Choose a data owner of the domain's team."),
        },
    )
    tables = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        error_messages={"invalid_choice": _("Choose tables of the domain's own databases.")},
    )
    note = forms.CharField(required=False, max_length=MAX_NOTE_LENGTH)
    based_on = forms.CharField(max_length=64)
    pick_error = ""
    """Why no table was chosen by database or LF-Tags."""

    def __init__(
        self,
        data: Any,
        *,
        owners: Sequence[Person],
        tables: Sequence[Table],
        inputs: Sequence[DataProduct],
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial=initial)
        set_choices(self, "owner", [(person.pk, person.name) for person in owners])
        set_choices(self, "tables", [(table.pk, str(table)) for table in tables])
        set_choices(self, "inputs", [(product.pk, product.name) for product in inputs])

    def clean_passing_on(self) -> str:
        """Stays as it is if a form of an earlier release doesn't send it."""
        return self.cleaned_data["passing_on"] or str(self.initial["passing_on"])

    def get_values(self) -> dict[str, Any]:
        """As typed, valid or not."""
        return {name: self[name].value() for name in self.fields}

    def build_content(self, hidden_inputs: Collection[int]) -> ProductContent:
        """`hidden_inputs` are chosen already and not shown to the person; they stay."""
        said = self.cleaned_data
        short = {field: said[field] for field in SHORT_FIELDS}
        texts = {field: said[field].replace("\r\n", "\n") for field in LONG_TEXTS}
        return ProductContent(
            **short,
            **texts,
            links={kind: said[f"{kind}_links"].split() for kind in LinkKind.values},
            inputs=(*said["inputs"], *hidden_inputs),
            keywords=tuple(said["keywords"].split(",")),
            tables=tuple(said["tables"]),
        )


class NewProductForm(PageForm):
    max_lengths = MAX_LENGTHS

    domain = forms.ChoiceField(error_messages={"required": _("Choose a domain.")})
    name = forms.CharField(
        max_length=MAX_LENGTHS["name"], error_messages={"required": _("Give the product a name.")}
    )
    summary = forms.CharField(
        max_length=MAX_LENGTHS["summary"],
        error_messages={"required": _("Say in one line what the product is for.")},
    )
    owner = forms.TypedChoiceField(
        coerce=int, error_messages={"required": _("Choose a data owner of the domain's team.")}
    )

    def __init__(
        self, data: Any, *, domains: Sequence[Domain], owners: Sequence[Person], owner: int | None
    ) -> None:
        super().__init__(data, initial={"domain": domains[0].slug, "owner": owner})
        set_choices(self, "domain", [(domain.slug, domain.name) for domain in domains])
        set_choices(self, "owner", [(person.pk, person.name) for person in owners])


def get_initial_values(content: ProductContent, note: str, based_on: str) -> dict[str, Any]:
    links = {f"{kind}_links": "\n".join(content.links.get(kind, ())) for kind in LinkKind.values}
    values = content.to_json() | {"keywords": ", ".join(content.keywords)}
    return {**values, **links, "note": note, "based_on": based_on}
