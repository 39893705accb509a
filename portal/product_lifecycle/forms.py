"""Forms of deprecations, request exceptions and retirements."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.product_lifecycle.actions import MAX_REASON_LENGTH, DeprecationTerms
from catalog.products.models import DataProduct
from identity.people.models import Person, Team
from portal.pages.forms import DateInput, PageForm, get_end_of_day, set_choices

REASON_ERRORS = {
    "required": _("Give a reason. Consumers read it."),
    "max_length": _("Use at most 1,000 characters."),
}
DAY_ERRORS = {"required": _("Choose a day."), "invalid": _("Enter a valid date.")}


class DeprecationForm(PageForm):
    hidden_field_names = frozenset({"shown"})

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("consumers read it"),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        max_length=MAX_REASON_LENGTH,
        error_messages=REASON_ERRORS,
    )
    successor = forms.ChoiceField(
        label=_("Successor"),
        help_text=_("what to request instead"),
        required=False,
        error_messages={"invalid_choice": _("Choose another product that is published.")},
    )
    retires_on = forms.DateField(
        label=_("Planned retirement"),
        help_text=_("optional; nothing ends before you confirm it"),
        widget=DateInput(),
        required=False,
        error_messages=DAY_ERRORS,
    )
    shown = forms.CharField(max_length=64)

    def __init__(self, data: Any, *, successors: Sequence[DataProduct]) -> None:
        super().__init__(data)
        names = [(successor.slug, f"{successor.name} ({successor.domain.name})") for successor in successors]
        set_choices(self, "successor", [("", gettext("none")), *names])

    @property
    def terms(self) -> DeprecationTerms:
        said = self.cleaned_data
        return DeprecationTerms(said["reason"], said["successor"], said["retires_on"])


class ExceptionForm(PageForm):
    """`who` is a person or a team, as `person-1` or `team-1`."""

    who = forms.ChoiceField(
        error_messages={
            "required": _("Choose a person or a team."),
            "invalid_choice": _("Choose a person or a team."),
        }
    )
    until = forms.DateField(label=_("Until"), widget=DateInput(), error_messages=DAY_ERRORS)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        max_length=MAX_REASON_LENGTH,
        error_messages=REASON_ERRORS,
    )

    def __init__(self, data: Any, *, people: Sequence[Person], teams: Sequence[Team]) -> None:
        super().__init__(data)
        self.teams = [(f"team-{team.pk}", team.name) for team in teams]
        self.people = [(f"person-{person.pk}", f"{person.name} ({person.email})") for person in people]
        set_choices(self, "who", [*self.teams, *self.people])

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the action."""
        said = self.cleaned_data
        kind, _dash, pk = said["who"].partition("-")
        return {
            "person": int(pk) if kind == "person" else None,
            "team": int(pk) if kind == "team" else None,
            "until": get_end_of_day(said["until"]),
            "reason": said["reason"],
        }


class PlanForm(PageForm):
    """Without a day, the product is retired at once."""

    on = forms.DateField(
        label=_("Last day"),
        help_text=_("empty: at once"),
        widget=DateInput(),
        required=False,
        error_messages=DAY_ERRORS,
    )

    @property
    def day(self) -> date | None:
        found: date | None = self.cleaned_data.get("on")
        return found

    @property
    def due_at(self) -> datetime | None:
        """The end of the day."""
        return get_end_of_day(self.day) if self.day else None


class RetirementForm(PlanForm):
    hidden_field_names = frozenset({"shown", "on"})

    shown = forms.CharField(max_length=64)
