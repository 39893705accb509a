"""Forms of the classification. Ids of findings are sent beside them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.products.models import DataProduct
from catalog.tag_changes.checks import MAX_TEXT
from portal.pages.forms import PageForm, set_choices


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
