"""Problems: the list, the form, the page of one, and answers to it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.browse.products import get_product
from catalog.mirror.models import Table
from catalog.problems import (
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    Problem,
    ProblemReport,
    acknowledge_problem,
    get_problem,
    list_column_names,
    list_reportable_tables,
    may_report_problem,
    report_problem,
    resolve_problem,
)
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError, require_allowed
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DateInput, PageForm, add_refusal, run_decision
from portal.pages.post_fields import get_action
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.problems.presenters import build_problem_details

Group = tuple[str, list[tuple[str, str]]]
OK, UNPROCESSABLE = 200, 422
DONE = {
    "acknowledge": gettext_lazy("Acknowledged. The person who reported it is notified."),
    "resolve": gettext_lazy("Resolved. The person who reported it and the product's followers are notified."),
}


class ProblemForm(PageForm):
    label_hints: ClassVar = {"description": gettext_lazy("optional")}

    place = forms.ChoiceField(
        label=gettext_lazy("What is affected"),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("This table or column no longer exists. Choose another.")
        },
    )
    title = forms.CharField(
        label=gettext_lazy("What is wrong, in one line"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        max_length=MAX_TITLE_LENGTH,
        error_messages={"required": gettext_lazy("Describe the problem in one line.")},
    )
    description = forms.CharField(
        label=gettext_lazy("Details"),
        help_text=gettext_lazy(
            "What you expected, what you found, and since when. Don't paste values of the data."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        required=False,
        max_length=MAX_TEXT_LENGTH,
    )

    def __init__(self, data: Any, *, name: str, tables: Sequence[Table], place: str) -> None:
        super().__init__(data, initial={"place": place})
        columns = list_column_names(tables)
        groups: list[Group] = [
            (
                table.name,
                [
                    (_build_place(table.pk, ""), _("the whole table %(table)s") % {"table": table.name}),
                    *(
                        (_build_place(pk, name), f"{table.name}.{name}")
                        for pk, name in columns
                        if pk == table.pk
                    ),
                ],
            )
            for table in tables
        ]
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("%(name)s as a whole") % {"name": name}), *groups]

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
        label=gettext_lazy("Expected to be resolved on"),
        help_text=gettext_lazy("optional"),
        widget=DateInput(),
        required=False,
        error_messages={"invalid": gettext_lazy("Enter a valid date.")},
    )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    """In the query, `data_product` is a slug; `table` and `column` are what is chosen already."""
    person = get_signed_in_person(request)
    product = get_product(person, request.GET.get("data_product", ""))
    require_allowed(may_report_problem(person, product))
    chosen = _build_place(request.GET.get("table", ""), request.GET.get("column", ""))
    form = ProblemForm(
        request.POST or None, name=product.name, tables=list(list_reportable_tables(product)), place=chosen
    )
    if form.is_bound and form.is_valid() and (made := _report(person, product, form)):
        messages.success(request, _("Reported. The data owners are notified."))
        return redirect("problem", made.pk)
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/problems/new.html", {"product": product, "form": form}, status=status)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, pk, ProblemAnswerForm())


@require_POST
@return_404_if_hidden
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge or resolve; what is refused is shown on the page again."""
    person = get_signed_in_person(request)
    get_problem(person, pk)
    form, do = ProblemAnswerForm(request.POST), get_action(request, *DONE)

    def run() -> object:
        words: dict[str, Any] = {
            "acting_user": person,
            "problem_id": pk,
            "comment": form.cleaned_data["comment"],
            "now": clock.now(),
        }
        if do == "acknowledge":
            return acknowledge_problem(**words, expected_on=form.cleaned_data["expected_on"])
        if do == "resolve":
            return resolve_problem(**words)
        raise RefusedError(_("Choose what to do."))

    if run_decision(form, run):
        messages.success(request, str(DONE[do]))
        return redirect("problem", pk)
    return _render_detail(request, pk, form)


def _report(person: Person, product: DataProduct, form: ProblemForm) -> Problem | None:
    """None if the form has errors."""
    try:
        return report_problem(acting_user=person, slug=product.slug, report=form.report, now=clock.now())
    except RefusedError as error:
        add_refusal(form, error, table="place", column="place")
        return None


def _render_detail(request: HttpRequest, pk: int, form: ProblemAnswerForm) -> HttpResponse:
    person = get_signed_in_person(request)
    problem = get_problem(person, pk)
    context = {
        "problem": problem,
        "details": build_problem_details(person, problem, get_request_time(request)),
        "form": form,
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/problems/detail.html", context, status=status)


def _build_place(table: int | str, column: str) -> str:
    """The value of the field `place`: an id of a table, and a column of it."""
    return f"{table}/{column}" if column else str(table)
