"""Adding a condition to the row filter of the request form, without writing its syntax."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.mirror.models import ColumnFacts
from lakeformation.values.row_filter_builder import OPERATORS, add_condition
from lakeformation.values.row_filter_parser import RowFilterError
from portal.pages.column_pages import parse_picked_columns
from portal.pages.forms import set_choices
from portal.pages.post_fields import get_text_field
from portal.request_form.initial_values import InitialValues, parse_typed_values

ADD_CONDITION = "add-condition"
"""The action of the form that adds a condition. It requests nothing."""


class RowConditionForm(forms.Form):
    condition_column = forms.ChoiceField()
    condition_operator = forms.ChoiceField()
    condition_value = forms.CharField(required=False, max_length=400)

    def __init__(self, columns: Sequence[ColumnFacts], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.columns = columns
        names = _get_operator_names()
        set_choices(self, "condition_column", [(column.name, column.name) for column in columns])
        set_choices(self, "condition_operator", [(operator, names[operator]) for operator in OPERATORS])

    def add_to(self, row_filter: str) -> str:
        """The row filter with the condition; unchanged, with an error at the value, if it does not fit."""
        if not self.is_valid():
            return row_filter
        said = self.cleaned_data
        types = {column.name: column.type for column in self.columns}
        parts = (said["condition_column"], said["condition_operator"], said["condition_value"])
        try:
            return add_condition(row_filter, *parts, types)
        except RowFilterError as error:
            self.add_error("condition_value", _("Not added: %(reason)s.") % {"reason": error.reason})
            return row_filter


@dataclass(frozen=True)
class ChangedValues:
    """The form as it was sent, with the condition added; `condition` is empty again, or has the error."""

    start: InitialValues
    condition: RowConditionForm


def build_changed_values(
    request: HttpRequest, start: InitialValues, columns: Sequence[ColumnFacts]
) -> ChangedValues:
    condition = RowConditionForm(columns, request.POST)
    row_filter = condition.add_to(get_text_field(request, "row_filter"))
    values = start.values | parse_typed_values(request.POST) | {"row_filter": row_filter}
    changed = replace(start, columns=tuple(parse_picked_columns(request.POST, columns)), values=values)
    return ChangedValues(changed, condition if condition.errors else RowConditionForm(columns))


def _get_operator_names() -> dict[str, str]:
    return {
        "=": _("is"),
        "<>": _("is not"),
        "<": _("is less than"),
        "<=": _("is at most"),
        ">": _("is greater than"),
        ">=": _("is at least"),
        "in": _("is one of"),
        "not in": _("is none of"),
        "starts with": _("starts with"),
        "contains": _("contains"),
        "is null": _("is empty"),
        "is not null": _("is not empty"),
    }
