"""Why can X see column Y, and why not: the question stands in the address, the answer below it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit import clock
from identity.errors import RefusedError
from portal.explanations.presenters import principals_to_ask_of, why_shown
from portal.pages.reading_notes import reading_note
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from requests_app.permissions.explanation import explain_access, get_table_to_explain
from requests_app.permissions.may import may_explain_any, may_explain_some
from requests_app.permissions.table_readers import list_table_readers


@require_GET
@hides_what_is_not_yours
def of_table(request: HttpRequest, pk: int) -> HttpResponse:
    """`principal` and `column` in the address; without a principal the page only asks for one."""
    person, principal = person_of(request), request.GET.get("principal", "").strip()
    table = get_table_to_explain(person, pk)
    if not may_explain_some(person, table):
        raise Http404
    of_anyone = bool(may_explain_any(person, table))
    principals = principals_to_ask_of(table, person, of_anyone=of_anyone)
    names = {column.name.lower(): column.name for column in table.columns.all()}
    column = names.get(request.GET.get("column", "").lower(), next(iter(names.values()), ""))
    context = {
        "table": table,
        "principal": principal,
        "principals": principals,
        "of_anyone": of_anyone,
        "column": column,
        "role": principal.rsplit("/", 1)[-1],
        "reading_note": reading_note(table.database.catalog, clock.now()),
    }
    if of_anyone and not principal:
        context["sights"] = list_table_readers(table, person)
    if principal and column:
        try:
            found = explain_access(person, table, principal)
        except RefusedError as error:
            return render(
                request, "portal/explanations/detail.html", {**context, "error": error.message}, status=422
            )
        context["why"] = why_shown(found, column, person, clock.now())
    return render(request, "portal/explanations/detail.html", context)
