"""The form of a data product's texts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.fields import (
    BY_NAME,
    MAX_HOURS,
    MAX_PERCENT,
    PERCENT_DIGITS,
    VALUE_FIELDS,
    FieldKind,
    ProductField,
    Section,
    Text,
    list_section,
)
from catalog.products.links import MAX_LINKS, MAX_URL_LENGTH, LinkKind
from catalog.products.models import DataProduct, Domain, SharingTerms
from catalog.revisions.actions import MAX_NOTE_LENGTH
from catalog.revisions.content import ProductContent
from identity.people.models import Person
from portal.pages.forms import PageForm, set_choices

MAX_LINES_LENGTH = MAX_LINKS * (MAX_URL_LENGTH + 1)
MAX_KEYWORDS_LENGTH = 1300


NAME_FIELDS, PEOPLE_FIELDS = ("name", "summary", "keywords", "refresh"), ("support",)
"""Of the section `about`, those that have a place of their own in the editor."""
CODE_ATTRIBUTES = {"class": "mono", "spellcheck": "false", "autocapitalize": "off", "dir": "ltr"}


@dataclass(frozen=True)
class ShownField:
    """`hint` is part of the label, or where `is_hint_below` a sentence under the control."""

    bound: forms.BoundField
    hint: Text
    is_hint_below: bool = False

    @property
    def control(self) -> str:
        name, described = self.bound.name, [f"{self.bound.name}-hint"] if self.is_hint_below else []
        described += [f"{name}-error"] if self.bound.errors else []
        return self.bound.as_widget(attrs={"aria-describedby": " ".join(described)} if described else {})


def build_form_field(field: ProductField) -> forms.Field:
    """Builds the control of a field that is a column of the product and has one control."""
    common: dict[str, Any] = {"label": field.label, "required": bool(field.required)}
    if field.required:
        common["error_messages"] = {"required": field.required}
    line = {"dir": "auto"}
    match field.kind:
        case FieldKind.HOURS:
            hours = forms.TextInput({"inputmode": "numeric"})
            return forms.IntegerField(min_value=1, max_value=MAX_HOURS, widget=hours, **common)
        case FieldKind.PERCENT:
            percent = forms.TextInput({"inputmode": "decimal"})
            return forms.DecimalField(
                max_value=MAX_PERCENT, decimal_places=PERCENT_DIGITS, widget=percent, **common
            )
        case FieldKind.SHARING_TERMS:
            choice = forms.Select({})
            return forms.ChoiceField(choices=SharingTerms.choices, widget=choice, **common)
        case FieldKind.KEYWORDS:
            return forms.CharField(max_length=MAX_KEYWORDS_LENGTH, widget=forms.TextInput(line), **common)
        case FieldKind.TEXT | FieldKind.CODE:
            look = CODE_ATTRIBUTES if field.kind == FieldKind.CODE else line
            area = forms.Textarea({"rows": field.rows, **look})
            return forms.CharField(max_length=field.max_length, widget=area, **common)
        case _:
            return forms.CharField(max_length=field.max_length, widget=forms.TextInput(line), **common)


class ProductForm(PageForm):
    """A field for each of `PRODUCT_FIELDS`; links have one for each kind."""

    hidden_field_names = frozenset({"based_on"})
    max_note_length = MAX_NOTE_LENGTH

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
        values = {one.name: build_form_field(one) for one in VALUE_FIELDS if one.section}
        self.fields = {
            **values,
            **{f"{kind}_links": _build_links_field(kind) for kind in LinkKind},
            **self.fields,
        }
        set_choices(self, "owner", [(person.pk, person.name) for person in owners])
        set_choices(self, "tables", [(table.pk, str(table)) for table in tables])
        set_choices(self, "inputs", [(product.pk, product.name) for product in inputs])

    @property
    def sections(self) -> dict[str, list[ShownField]]:
        """The fields that have one control, by `Section`."""
        shown = {section.value: self._show(list_section(section)) for section in Section}
        shown["names"] = [one for one in shown["about"] if one.bound.name in NAME_FIELDS]
        shown["people"] = [one for one in shown["about"] if one.bound.name in PEOPLE_FIELDS]
        shown["about"] = [one for one in shown["about"] if one not in (*shown["names"], *shown["people"])]
        links = [ShownField(self[f"{kind}_links"], "") for kind in LinkKind.values]
        return {**shown, "levels": shown["data_levels"] + shown["support_levels"], "links": links}

    def _show(self, fields: Sequence[ProductField]) -> list[ShownField]:
        return [
            ShownField(self[field.name], field.hint, is_hint_below=field.kind == FieldKind.SHARING_TERMS)
            for field in fields
        ]

    def clean_passing_on(self) -> str:
        """Stays as it is if a form of an earlier release doesn't send it."""
        return self.cleaned_data["passing_on"] or str(self.initial["passing_on"])

    def get_values(self) -> dict[str, Any]:
        """As typed, valid or not."""
        return {name: self[name].value() for name in self.fields}

    def build_content(self, hidden_inputs: Collection[int]) -> ProductContent:
        """`hidden_inputs` are chosen already and not shown to the person; they stay."""
        said = self.cleaned_data
        values = {one.name: _read_value(one.kind, said[one.name]) for one in VALUE_FIELDS if one.section}
        return ProductContent(
            **values,
            owner=said["owner"],
            links={kind: said[f"{kind}_links"].split() for kind in LinkKind.values},
            inputs=(*said["inputs"], *hidden_inputs),
            tables=tuple(said["tables"]),
        )


def _build_links_field(kind: LinkKind) -> forms.Field:
    area = forms.Textarea({"rows": 2, "placeholder": "https://", **CODE_ATTRIBUTES})
    return forms.CharField(required=False, label=kind.label, max_length=MAX_LINES_LENGTH, widget=area)


def _read_value(kind: FieldKind, value: Any) -> Any:
    if kind == FieldKind.KEYWORDS:
        return tuple(value.split(","))
    return value.replace("\r\n", "\n") if kind in (FieldKind.TEXT, FieldKind.CODE) else value


class NewProductForm(PageForm):
    domain = forms.ChoiceField(label=_("Domain"), error_messages={"required": _("Choose a domain.")})
    name = build_form_field(BY_NAME["name"])
    summary = build_form_field(BY_NAME["summary"])
    owner = forms.TypedChoiceField(
        label=_("Owner"),
        help_text=_("a data owner of the domain's team"),
        coerce=int,
        error_messages={"required": _("Choose a data owner of the domain's team.")},
    )

    def __init__(
        self, data: Any, *, domains: Sequence[Domain], owners: Sequence[Person], owner: int | None
    ) -> None:
        super().__init__(data, initial={"domain": domains[0].slug, "owner": owner})
        self.texts = [ShownField(self[name], BY_NAME[name].hint) for name in ("name", "summary")]
        set_choices(self, "domain", [(domain.slug, domain.name) for domain in domains])
        set_choices(self, "owner", [(person.pk, person.name) for person in owners])


def get_initial_values(content: ProductContent, note: str, based_on: str) -> dict[str, Any]:
    links = {f"{kind}_links": "\n".join(content.links.get(kind, ())) for kind in LinkKind.values}
    values = content.to_json() | {"keywords": ", ".join(content.keywords)}
    return {**values, **links, "note": note, "based_on": based_on}
