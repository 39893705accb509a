"""The glossary: terms, their editor, their state, what they are linked with, and their history."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.glossary.actions import approve_term, create_term, replace_term, restore_term, update_term
from catalog.glossary.content import compute_term_digest
from catalog.glossary.link_actions import link_term, unlink_term
from catalog.glossary.may import (
    edits_all_terms,
    list_term_domains,
    may_link_term,
    may_replace_term,
    may_update_term,
)
from catalog.glossary.models import Term
from catalog.glossary.proposals import list_term_proposals, list_waiting_term_proposals
from catalog.glossary.queries import (
    build_term_page,
    find_terms,
    get_term,
    list_possible_successors,
    list_term_revisions,
)
from catalog.glossary.states import ProposalState, TermState
from catalog.products.models import Domain
from catalog.search.query import SearchQuery
from catalog.search.terms import MAX_TEXT
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError, require_allowed
from portal.glossary.forms import ReplaceForm
from portal.glossary.link_choices import find_link_choices, parse_link_target
from portal.glossary.presenters import build_term_revisions
from portal.glossary.term_form import OK, UNPROCESSABLE, build_term_form, render_term_form, save_form
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.pagination import build_pager
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

PAGE_SIZE, MAX_REVISIONS, MAX_CHOICES = 50, 100, 2000


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    text = _get_query_text(request)
    chosen = {"q": text, "domain": request.GET.get("domain", ""), "state": request.GET.get("state", "")}
    chosen = {name: value for name, value in chosen.items() if value and "\x00" not in value}
    rows = find_terms(text, person, domain=chosen.get("domain", ""), state=chosen.get("state", ""))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "terms": page.object_list,
        "pager": build_pager(page, urlencode(chosen)),
        "chosen": chosen,
        "text": text,
        "domains": Domain.objects.filter(terms__isnull=False).distinct().order_by("name"),
        "states": TermState.choices,
        "may_create": edits_all_terms(person) or list_term_domains(person).exists(),
        "waiting": list_waiting_term_proposals(person).count(),
        "proposed": person.term_proposals.exists(),
    }
    return render(request, "portal/glossary/list.html", context)


@require_GET
@return_404_if_hidden
def term(request: HttpRequest, slug: str) -> HttpResponse:
    person = get_signed_in_person(request)
    page = build_term_page(person, slug)
    found = SearchQuery(text=f'"{page.term.name}"' if " " in page.term.name else page.term.name)
    proposals = list_term_proposals(person).filter(term=page.term, state=ProposalState.WAITING)
    context = {
        "page": page,
        "term": page.term,
        "search": found.to_querystring(),
        "may_edit": bool(may_update_term(person, page.term)),
        "shown": compute_term_digest(page.term),
        "proposals": proposals,
    }
    return render(request, "portal/glossary/detail.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    domains, everywhere = list(list_term_domains(person)), edits_all_terms(person)
    if not domains and not everywhere:
        raise NotFoundError
    form = build_term_form(request, domains, has_organisation=everywhere)
    made = save_form(
        form,
        lambda: create_term(
            acting_user=person,
            content=form.build_content(),
            note=form.cleaned_data["note"],
            is_approved=not form.cleaned_data["is_draft"],
            now=get_request_time(request),
        ),
    )
    if made:
        messages.success(request, _("The term is in the glossary."))
        return redirect("glossary-term", made.slug)
    return render_term_form(request, form, "new")


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    person, found = get_signed_in_person(request), get_term(slug)
    require_allowed(may_update_term(person, found))
    domains = list(list_term_domains(person))
    form = build_term_form(request, domains, has_organisation=edits_all_terms(person), term=found)
    saved = save_form(
        form,
        lambda: update_term(
            acting_user=person,
            slug=slug,
            content=form.build_content(),
            note=form.cleaned_data["note"],
            based_on=form.cleaned_data["based_on"],
            now=get_request_time(request),
        ),
    )
    if saved:
        messages.success(request, _("Saved."))
        return redirect("glossary-term", slug)
    return render_term_form(request, form, "edit", get_term(slug))


@require_POST
@return_404_if_hidden
def approve(request: HttpRequest, slug: str) -> HttpResponse:
    return _change_state(
        request, slug, approve_term, _("Approved. Searches for the term now find its synonyms.")
    )


@require_POST
@return_404_if_hidden
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    return _change_state(request, slug, restore_term, _("Restored. The term is approved again."))


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def replace(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the term to which readers are led."""
    person, found = get_signed_in_person(request), get_term(slug)
    require_allowed(may_replace_term(person, found))
    if found.state == TermState.REPLACED:
        return redirect("glossary-term", slug)
    terms = list(list_possible_successors(found)[:MAX_CHOICES])
    form = ReplaceForm(request.POST or None, terms=terms, initial={})
    if form.is_bound and form.is_valid():
        try:
            replace_term(acting_user=person, slug=slug, **form.cleaned_data, now=get_request_time(request))
        except RefusedError as error:
            add_refusal(form, error, shown="")
        else:
            messages.success(request, _("Replaced. The term's page now points to the other term."))
            return redirect("glossary-term", slug)
    context = {"form": form, "term": found, "shown": compute_term_digest(found)}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/glossary/replace.html", context, status=status)


@require_GET
@return_404_if_hidden
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed, by whom and why, newest first."""
    found = get_term(slug)
    revisions = build_term_revisions(list_term_revisions(found)[:MAX_REVISIONS])
    return render(request, "portal/glossary/history.html", {"term": found, "revisions": revisions})


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def links(request: HttpRequest, slug: str) -> HttpResponse:
    """Find data and link it. POST links what was chosen."""
    person, found = get_signed_in_person(request), get_term(slug)
    require_allowed(may_link_term(person, found))
    text = _get_query_text(request) if "q" in request.GET else found.name
    error = ""
    if request.method == "POST":
        try:
            link_term(
                acting_user=person,
                slug=slug,
                target=parse_link_target(request),
                now=get_request_time(request),
            )
        except RefusedError as refused:
            error = refused.message
        else:
            messages.success(request, _("Linked."))
            return redirect(f"{request.path}?{urlencode({'q': text})}")
    context = {
        "page": build_term_page(person, slug),
        "term": found,
        "text": text,
        "choices": find_link_choices(person, text),
        "error": error,
    }
    status = UNPROCESSABLE if error else OK
    return render(request, "portal/glossary/links.html", context, status=status)


@require_POST
@return_404_if_hidden
def unlink(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    unlink_term(
        acting_user=get_signed_in_person(request), slug=slug, link_id=pk, now=get_request_time(request)
    )
    messages.success(request, _("The link is removed."))
    return redirect("glossary-term-links", slug)


def _change_state(request: HttpRequest, slug: str, action: Callable[..., Term], done: str) -> HttpResponse:
    """Changes the term that was shown; what is refused leads back to it."""
    person = get_signed_in_person(request)
    try:
        action(
            acting_user=person,
            slug=slug,
            shown=get_text_field(request, "shown"),
            now=get_request_time(request),
        )
    except RefusedError as error:
        messages.error(request, error.message)
    except IllegalTransitionError:
        messages.error(request, _("The term changed in the meantime. Check it again."))
    else:
        messages.success(request, done)
    return redirect("glossary-term", slug)


def _get_query_text(request: HttpRequest) -> str:
    return str(request.GET.get("q", "").replace("\x00", " ").strip()[:MAX_TEXT])
