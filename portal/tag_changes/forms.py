"""Forms of tag changes."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.tag_changes.checks import MAX_ASSIGNMENTS, MAX_TEXT
from lakeformation.tagging import TagAssignment, TagTarget
from portal.pages.forms import PageForm, set_choices

INHERIT = "inherit"
MAX_HASH = 64


class ProposalForm(PageForm):
    """A reason, and the hash of the effects that were shown; empty before they were."""

    hidden_field_names = frozenset({"effects_hash"})
    max_text_length = MAX_TEXT

    reason = forms.CharField(
        max_length=MAX_TEXT, error_messages={"required": _("Give a reason in one sentence.")}
    )
    effects_hash = forms.CharField(required=False, max_length=MAX_HASH)


class AssignmentForm(ProposalForm):
    """One value of a key for the chosen targets, each by its code."""

    value = forms.ChoiceField(error_messages={"required": _("Choose a value.")})
    targets = forms.MultipleChoiceField(error_messages={"required": _("Choose what gets the value.")})

    def __init__(
        self, data: Any, *, key: str, values: Iterable[str], targets: Sequence[tuple[str, TagTarget]]
    ) -> None:
        super().__init__(data)
        self.key, self.by_code = key, dict(targets)
        choices = [(f"={value}", value) for value in values]
        set_choices(self, "value", [*choices, (INHERIT, gettext("inherit it from above"))])
        set_choices(self, "targets", [(code, target.name) for code, target in targets])

    def clean_targets(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["targets"]
        if len(chosen) > MAX_ASSIGNMENTS:
            words = _("Choose at most %(max)s at once.") % {"max": MAX_ASSIGNMENTS}
            raise forms.ValidationError(words)
        return chosen

    def build_assignments(self) -> list[TagAssignment]:
        said = self.cleaned_data["value"]
        value = None if said == INHERIT else said.removeprefix("=")
        return [TagAssignment(self.by_code[code], self.key, value) for code in self.cleaned_data["targets"]]
