"""The form of a data product's texts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.models import Domain
from catalog.revisions.actions import MAX_NOTE_LENGTH
from catalog.revisions.content import MAX_LENGTHS, ProductContent
from identity.people.models import Person
from portal.pages.forms import PageForm, set_choices


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

    def __init__(
        self, data: Any, *, owners: Sequence[Person], tables: Sequence[Table], initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial)
        set_choices(self, "owner", [(person.pk, person.name) for person in owners])
        set_choices(self, "tables", [(table.pk, str(table)) for table in tables])

    def build_content(self) -> ProductContent:
        said = self.cleaned_data
        return ProductContent(
            name=said["name"],
            summary=said["summary"],
            description=said["description"].replace("\r\n", "\n"),
            keywords=tuple(said["keywords"].split(",")),
            refresh=said["refresh"],
            support=said["support"],
            owner=said["owner"],
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
    values = content.to_json() | {"keywords": ", ".join(content.keywords)}
    return {**values, "note": note, "based_on": based_on}
