"""Forms to report a problem, and to answer one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Table
from catalog.problems.actions import MAX_TEXT_LENGTH, ProblemReport
from catalog.problems.models import MAX_TITLE_LENGTH
from catalog.problems.queries import list_column_names
from portal.pages.forms import PageForm
from portal.pages.row_ids import parse_id

Group = tuple[str, list[tuple[str, str]]]


def build_place(table: int | str, column: str) -> str:
    """The value of the field `place`: an id of a table, and a column of it."""
    return f"{table}/{column}" if column else str(table)


def list_place_groups(tables: Sequence[Table]) -> list[Group]:
    """For each table its choices: the table as a whole, and its columns. One query."""
    columns = list_column_names(tables)
    return [
        (
            table.name,
            [
                (build_place(table.pk, ""), _("the whole table %(table)s") % {"table": table.name}),
                *((build_place(pk, name), f"{table.name}.{name}") for pk, name in columns if pk == table.pk),
            ],
        )
        for table in tables
    ]


class ProblemForm(PageForm):
    max_title_length, max_text_length = MAX_TITLE_LENGTH, MAX_TEXT_LENGTH

    place = forms.ChoiceField(
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("This table or column no longer exists. Choose another.")
        },
    )
    title = forms.CharField(
        max_length=MAX_TITLE_LENGTH,
        error_messages={"required": gettext_lazy("Describe the problem in one line.")},
    )
    description = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)

    def __init__(self, data: Any, *, tables: Sequence[Table], place: str) -> None:
        super().__init__(data, initial={"place": place})
        self.groups = list_place_groups(tables)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("the whole data product")), *self.groups]

    @property
    def report(self) -> ProblemReport:
        said = self.cleaned_data
        table, _slash, column = said["place"].partition("/")
        return ProblemReport(
            said["title"], said["description"].replace("\r\n", "\n"), parse_id(table), column
        )


class ProblemAnswerForm(PageForm):
    """Whether the comment is needed, the action says."""

    max_comment_length = MAX_TEXT_LENGTH

    comment = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)
    expected_on = forms.DateField(
        required=False, error_messages={"invalid": gettext_lazy("Enter a valid date.")}
    )
