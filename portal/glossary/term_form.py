"""What the pages with the form of a term share."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.glossary.content import compute_term_digest, read_content
from catalog.glossary.models import Term
from catalog.products.models import Domain
from identity.keys import normalize_slug
from kernel.errors import RefusedError
from portal.glossary.forms import TermForm, get_initial_values
from portal.glossary.presenters import build_term_changes
from portal.pages.forms import add_refusal

OK, UNPROCESSABLE = 200, 422


def build_term_form(
    request: HttpRequest, domains: list[Domain], *, has_organisation: bool, term: Term | None = None
) -> TermForm:
    """Filled in as the term is. Without one, `?domain=` and `?name=` choose the first values."""
    if term:
        initial = get_initial_values(read_content(term), compute_term_digest(term))
    else:
        wanted = request.GET.get("domain", "")
        initial = {
            "domain": next(
                (str(domain.pk) for domain in domains if domain.slug == normalize_slug(wanted)), ""
            ),
            "name": request.GET.get("name", "").replace("\x00", "")[:80],
        }
    return TermForm(request.POST or None, domains=domains, has_organisation=has_organisation, initial=initial)


def save_form(form: TermForm, save: Callable[[], Any]) -> Any:
    """What `save` returns, or None if the form has errors."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return save()
    except RefusedError as error:
        form.is_conflict = error.field == "based_on"
        add_refusal(form, error, based_on="", reason="note")
        return None


def render_term_form(
    request: HttpRequest, form: TermForm, mode: str, term: Term | None = None
) -> HttpResponse:
    """`mode` is new, edit, propose or propose-change. After a conflict, the next attempt is based on what is there now,
    which is shown beside what was typed.
    """
    context = {
        "form": form,
        "mode": mode,
        "term": term,
        "based_on": compute_term_digest(term) if term else "",
        "differences": _list_differences(form, term),
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/glossary/edit.html", context, status=status)


def _list_differences(form: TermForm, term: Term | None) -> Any:
    if term is None or not form.is_conflict:
        return ()
    return build_term_changes(read_content(term).to_json(), form.build_content().to_json())
