"""Access explanation: why a role can or cannot see a column."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kernel.errors import RefusedError
from portal.explanations.presenters import build_explanation, list_explainable_principals
from portal.pages.column_pages import ColumnQuery, build_column_page
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.reading_notes import describe_reading_age
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.permissions.explanation import explain_access, get_table_to_explain
from requests_app.permissions.may import may_explain_any, may_explain_some
from requests_app.permissions.table_readers import list_table_readers


@require_GET
@return_404_if_hidden
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """`principal` and `column` are in the query string; without a principal, only the form is shown."""
    person, principal = get_signed_in_person(request), request.GET.get("principal", "").strip()
    table = get_table_to_explain(person, pk)
    if not may_explain_some(person, table):
        raise Http404
    of_anyone = bool(may_explain_any(person, table))
    principals = list_explainable_principals(table, person, include_holders=of_anyone)
    columns = table.column_facts
    names = {column.name.lower(): column.name for column in columns}
    column = names.get(request.GET.get("column", "").lower(), next(iter(names.values()), ""))
    context: dict[str, Any] = {
        "error": "",
        "explanation": None,
        "table_readers": None,
        "table": table,
        "explainable_columns": columns,
        "principal": principal,
        "principals": principals,
        "may_explain_any": of_anyone,
        "column": column,
        "role": principal.rsplit("/", 1)[-1],
        "reading_note": describe_reading_age(table.database.catalog, get_request_time(request)),
    }
    if of_anyone and not principal:
        context["table_readers"] = list_table_readers(table, person)
    if principal and column:
        try:
            found = explain_access(person, table, principal)
        except RefusedError as error:
            return render(
                request, "portal/explanations/detail.html", {**context, "error": error.message}, status=422
            )
        explanation = build_explanation(found, column, person, get_request_time(request))
        context |= {
            "explanation": explanation,
            "columns_page": build_column_page(
                explanation.columns, ColumnQuery.parse(request.GET), lambda row: row.name
            ),
        }
    return render(request, "portal/explanations/detail.html", context)
