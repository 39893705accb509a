"""The form of a data product's texts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.revisions.actions import MAX_NOTE_LENGTH
from catalog.revisions.content import MAX_LENGTHS, ProductContent
from identity.people.models import Person
from portal.pages.forms import PageForm


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
    note = forms.CharField(required=False, max_length=MAX_NOTE_LENGTH)
    based_on = forms.CharField(max_length=64)

    def __init__(self, data: Any, *, owners: Sequence[Person], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        field = self.fields["owner"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(person.pk, person.name) for person in owners]

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
        )


def get_initial_values(content: ProductContent, note: str, based_on: str) -> dict[str, Any]:
    values = content.to_json() | {"keywords": ", ".join(content.keywords)}
    return {**values, "note": note, "based_on": based_on}
