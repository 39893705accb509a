"""Forms to ask upstream owners, and to answer them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.derivation.actions import MAX_TEXT_LENGTH
from catalog.mirror.models import Classification
from portal.derivation.presenters import FloorRow
from portal.pages.forms import PageForm
from portal.pages.row_ids import parse_id


class DerivationForm(PageForm):
    """Without a class, what the columns have is asked for."""

    max_reason_length = MAX_TEXT_LENGTH

    columns = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": _("Choose columns of the product.")}
    )
    classification = forms.ChoiceField(
        required=False,
        choices=[("", _("the class that they have")), *Classification.choices[:-1]],
        error_messages={"invalid_choice": _("Choose a class.")},
    )
    reason = forms.CharField(
        max_length=MAX_TEXT_LENGTH, error_messages={"required": _("Say in one sentence why.")}
    )

    def __init__(self, data: Any, *, rows: Sequence[FloorRow]) -> None:
        super().__init__(data, initial={"columns": [row.key for row in rows if row.is_missing]})
        field = self.fields["columns"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(row.key, row.name) for row in rows]

    @property
    def lowered(self) -> dict[tuple[int, str], str]:
        """Empty if no class was chosen."""
        wanted = self.cleaned_data["classification"]
        pairs = (key.partition("/") for key in self.cleaned_data["columns"])
        return {(parse_id(table) or 0, column): wanted for table, _slash, column in pairs} if wanted else {}


class DerivationDecisionForm(PageForm):
    """Which fields are needed, the action says."""

    max_comment_length = MAX_TEXT_LENGTH

    comment = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)
    ends_on = forms.DateField(required=False, error_messages={"invalid": _("Enter a valid date.")})
