"""Forms of the classification queue. Ids of findings are sent beside them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.classification.models import KINDS, FindingState
from catalog.classification.queries import FindingFilter
from catalog.mirror.models import Classification
from catalog.products.models import DataProduct, Domain
from catalog.tag_changes.checks import MAX_TEXT
from portal.pages.forms import PageForm, set_choices

ANY: tuple[Any, Any] = ("", _("all"))


class FilterForm(forms.Form):
    """What is no choice counts as not chosen."""

    domain = forms.ChoiceField(required=False, label=_("Domain"))
    product = forms.ChoiceField(required=False, label=_("Data product"))
    kind = forms.ChoiceField(required=False, choices=[ANY, *KINDS], label=_("Detected"))
    proposed_class = forms.ChoiceField(
        required=False, choices=[ANY, *Classification.choices], label=_("Proposed class")
    )
    state = forms.ChoiceField(
        required=False, choices=[*FindingState.choices, ("any", _("all"))], label=_("State")
    )

    def __init__(self, data: Any, domains: Iterable[Domain], products: Iterable[DataProduct]) -> None:
        super().__init__({**data, "state": data.get("state") or FindingState.OPEN.value})
        set_choices(self, "domain", [ANY, *((one.slug, one.name) for one in domains)])
        set_choices(self, "product", [ANY, *((one.slug, one.name) for one in products)])
        self.is_valid()

    @property
    def wanted(self) -> FindingFilter:
        chosen = {name: self.cleaned_data.get(name, "") for name in self.fields}
        state = "" if chosen["state"] == "any" else chosen["state"] or FindingState.OPEN.value
        return FindingFilter(**{**chosen, "state": state})

    @property
    def query(self) -> dict[str, str]:
        """The query string of what is chosen."""
        return {name: value for name in self.fields if (value := self.cleaned_data.get(name))}


class AcceptForm(PageForm):
    hidden_field_names = frozenset({"effects_hash"})
    max_text_length = MAX_TEXT

    reason = forms.CharField(
        max_length=MAX_TEXT, error_messages={"required": _("Give a reason in one sentence.")}
    )
    effects_hash = forms.CharField(max_length=64)


class DismissForm(PageForm):
    max_text_length = MAX_TEXT

    reason = forms.CharField(
        max_length=MAX_TEXT, error_messages={"required": _("Give a reason in one sentence.")}
    )


class ScanForm(PageForm):
    """All tables of a data product, or one table."""

    product = forms.ChoiceField(label=_("All tables of a data product"), required=False)
    table = forms.CharField(
        label=_("Or one table"),
        help_text=_("database.table"),
        widget=forms.TextInput(attrs={"class": "mono"}),
        required=False,
        max_length=511,
        error_messages={"max_length": _("Enter a database and a table, such as sales.orders.")},
    )

    def __init__(self, data: Any, products: Iterable[DataProduct]) -> None:
        super().__init__(data)
        set_choices(self, "product", [("", gettext("choose")), *((one.slug, one.name) for one in products)])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and bool(cleaned.get("product")) == bool(cleaned.get("table")):
            self.add_error("product", _("Choose a data product or enter a table, not both."))
        return cleaned
