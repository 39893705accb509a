"""The forms of the publication rules and of an exception."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.products.models import DataProduct
from catalog.publication_rules.actions import MAX_NOTE_LENGTH
from catalog.publication_rules.rules import MAX_WORDS, REQUIRABLE_FIELDS, Rules
from portal.pages.forms import PageForm, set_choices


class RulesForm(PageForm):
    """`based_on` is the digest of the rules that were shown."""

    hidden_field_names: ClassVar[frozenset[str]] = frozenset({"based_on"})
    max_note_length, max_words = MAX_NOTE_LENGTH, MAX_WORDS

    active_owner = forms.BooleanField(required=False)
    description_words = forms.IntegerField(required=False, min_value=0, max_value=MAX_WORDS)
    required_fields = forms.MultipleChoiceField(required=False, choices=list(REQUIRABLE_FIELDS.items()))
    classified_columns = forms.BooleanField(required=False)
    classified_personal_columns = forms.BooleanField(required=False)
    own_tables = forms.BooleanField(required=False)
    tiers = forms.MultipleChoiceField(required=False, choices=DataProduct.Tier.choices)
    note = forms.CharField(
        max_length=MAX_NOTE_LENGTH, error_messages={"required": _("Say what changes, and why.")}
    )
    based_on = forms.CharField(max_length=64)

    def __init__(self, data: Any, *, rules: Rules, note: str, based_on: str) -> None:
        super().__init__(data, initial={**rules.to_json(), "note": note, "based_on": based_on})

    def build_rules(self) -> Rules:
        said = self.cleaned_data
        return Rules(
            active_owner=said["active_owner"],
            description_words=said["description_words"] or 0,
            required_fields=tuple(said["required_fields"]),
            classified_columns=said["classified_columns"],
            classified_personal_columns=said["classified_personal_columns"],
            own_tables=said["own_tables"],
            tiers=tuple(said["tiers"]),
        )


class ExceptionForm(PageForm):
    max_reason_length = MAX_NOTE_LENGTH

    key = forms.ChoiceField(error_messages={"required": _("Choose a rule that is in force.")})
    reason = forms.CharField(max_length=MAX_NOTE_LENGTH, error_messages={"required": _("Give a reason.")})

    def __init__(self, data: Any, *, rules: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        set_choices(self, "key", list(rules))
