"""Edit a data product: draft, preview, publish, history."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.mirror.models import Table
from catalog.products.may import list_edited_domains
from catalog.products.models import DataProduct
from catalog.revisions.actions import (
    create_product,
    discard_product_draft,
    list_choosable_inputs,
    publish_product_draft,
    save_product_draft,
)
from catalog.revisions.content import (
    compute_state_digest,
    parse_content,
    read_content,
)
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import (
    get_draft,
    get_editable_product,
    list_possible_owners,
    list_published_revisions,
    may_publish_product_draft,
)
from catalog.revisions.rule_results import DERIVATION_RULES, check_draft
from catalog.revisions.versions import compute_draft_version, list_choosable_tables
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.post_fields import get_action, get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_editing.forms import NewProductForm, ProductForm, get_initial_values
from portal.products.changes import describe_contract_change
from portal.products.content_changes import build_changes, build_revisions
from requests_app.product_retirement.plan import list_affected_grants

MAX_SUGGESTIONS = 200
MAX_LENGTH = 400
MAX_CHOICES = 2000
MAX_REVISIONS = 50
OK, UNPROCESSABLE = 200, 422
PICK = "pick"
"""The action that checks tables by their database or LF-Tags."""


@dataclass(frozen=True)
class Editor:
    """`hidden_inputs` are chosen already and not shown to the person; they stay."""

    draft: ProductRevision | None
    initial: dict[str, Any]
    owners: list[Person]
    tables: list[Table]
    inputs: list[DataProduct]
    hidden_inputs: frozenset[int]

    def build_form(self, data: Any, initial: dict[str, Any] | None = None) -> ProductForm:
        return ProductForm(
            data, owners=self.owners, tables=self.tables, inputs=self.inputs, initial=initial or self.initial
        )

    def pick_tables(self, form: ProductForm, text: str) -> ProductForm:
        """The form as typed, with the found tables checked as well; nothing is saved."""
        values, problem, found = form.get_values(), "", list[int]()
        try:
            found = _find_tables(text[:MAX_LENGTH], self.tables)
        except RefusedError as error:
            problem = error.message
        values["tables"] = list(dict.fromkeys(map(str, [*(values["tables"] or ()), *found])))
        picked = self.build_form(None, values)
        picked.pick_error = problem
        return picked


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    """A new, unpublished product; the editor of its draft follows."""
    person = get_signed_in_person(request)
    domains = list(list_edited_domains(person))
    if not domains:
        raise NotFoundError
    owners = list(
        {
            possible_owner.pk: possible_owner
            for domain in domains
            for possible_owner in list_possible_owners(domain)
        }.values()
    )
    own = person.pk if person in owners else None
    form = NewProductForm(request.POST or None, domains=domains, owners=owners, owner=own)
    if form.is_bound and form.is_valid() and (product := _create_product(person, form)):
        messages.success(request, _("Created. Only your team sees it until you publish it."))
        return redirect("data-product-edit", product.slug)
    status = UNPROCESSABLE if form.is_bound else OK
    return render(
        request, "portal/product_editing/new.html", {"form": form, "domains": domains}, status=status
    )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """POST saves a draft, which changes nothing until it is published; `do=pick` only checks more tables in the form. A script
    that saves while one types is answered in JSON.
    """
    person = get_signed_in_person(request)
    product = get_editable_product(person, slug)
    if product.retired_at is not None:
        return redirect("data-product-lifecycle", slug)
    draft, own = get_draft(product), read_content(product)
    content = parse_content(draft.content, own) if draft else own
    inputs = list(list_choosable_inputs(person, product)[:MAX_CHOICES])
    note, digest = draft.note if draft else "", compute_state_digest(product, draft)
    editor = Editor(
        draft=draft,
        initial=get_initial_values(content, note, digest),
        owners=_list_owners(product),
        tables=list(list_choosable_tables(product)[:MAX_CHOICES]),
        inputs=inputs,
        hidden_inputs=frozenset(content.inputs) - {one.pk for one in inputs},
    )
    form = editor.build_form(request.POST or None)
    if get_action(request, PICK) == PICK:
        form = editor.pick_tables(form, request.POST.get("pick", ""))
    is_saved = form.is_bound and form.is_valid() and _save_draft(request, product, form, editor.hidden_inputs)
    if form.is_bound and request.headers.get("Accept") == "application/json":
        if form.errors:
            problem = next(iter(form.errors.values()))[0]
            return JsonResponse({"problem": str(problem)}, status=UNPROCESSABLE)
        based_on = compute_state_digest(product, get_draft(product))
        return JsonResponse({"based_on": based_on, "time": time_format(localtime(clock.now()), "H:i")})
    if is_saved:
        return redirect("data-product-draft", slug)
    return _render_editor(request, product, editor, form)


def _render_editor(
    request: HttpRequest, product: DataProduct, editor: Editor, form: ProductForm
) -> HttpResponse:
    # After a conflict, the next attempt is based on what is there now.
    databases = {table.database.name for table in editor.tables}
    tags = {f"{key}={value}" for table in editor.tables for key, value in table.tags.items()}
    context = {
        "product": product,
        "form": form,
        "sections": form.sections,
        "draft": editor.draft,
        "based_on": editor.initial["based_on"],
        "tables": editor.tables,
        "pick": request.POST.get("pick", ""),
        "pick_suggestions": [*sorted(databases), *sorted(tags)][:MAX_SUGGESTIONS],
        "max_pick_length": MAX_LENGTH,
        "chosen_tables": set(map(str, form["tables"].value() or ())),
        "inputs": editor.inputs,
        "chosen_inputs": set(map(str, form["inputs"].value() or ())),
    }
    status = UNPROCESSABLE if form.is_bound or form.pick_error else OK
    return render(request, "portal/product_editing/edit.html", context, status=status)


@require_GET
@return_404_if_hidden
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """What the draft changes; without a draft, the editor."""
    person = get_signed_in_person(request)
    product = get_editable_product(person, slug)
    saved, own = get_draft(product), read_content(product)
    if saved is None:
        return redirect("data-product-edit", slug)
    wanted = parse_content(saved.content, own).to_json()
    following = compute_draft_version(product, own.to_json(), wanted)
    breaking = following.breaking_changes
    results = check_draft(person, product, saved, get_request_time(request))
    context = {
        "product": product,
        "draft": saved,
        "changes": build_changes(own.to_json(), wanted),
        "version": following.version,
        "breaking_changes": [describe_contract_change(one) for one in breaking],
        "affected": list_affected_grants(product)[:MAX_REVISIONS] if breaking else (),
        "shown": compute_state_digest(product, saved),
        "results": results,
        "is_derived": any(result.key in DERIVATION_RULES for result in results),
        "met_count": sum(result.is_met for result in results),
        "unmet_count": sum(not result.is_met for result in results),
        "publish_verdict": may_publish_product_draft(person, product),
    }
    return render(request, "portal/product_editing/draft.html", context)


@require_POST
@return_404_if_hidden
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Exactly the draft that was shown."""
    done = _("Published. Everyone who may see the product sees the new version now.")
    accepts = get_text_field(request, "accepts_breaking") == "yes"
    return _run_action(request, slug, partial(publish_product_draft, accepts_breaking=accepts), done)


@require_POST
@return_404_if_hidden
def discard(request: HttpRequest, slug: str) -> HttpResponse:
    return _run_action(
        request, slug, discard_product_draft, _("The draft is discarded. The product stays as it is.")
    )


def _run_action(
    request: HttpRequest, slug: str, action: Callable[..., ProductRevision], done: str
) -> HttpResponse:
    """On the draft that was shown; what is refused leads back to it."""
    person = get_signed_in_person(request)
    try:
        action(
            acting_user=person,
            slug=slug,
            shown=get_text_field(request, "shown"),
            now=get_request_time(request),
        )
    except (RefusedError, ForbiddenError) as error:
        messages.error(request, str(error))
        return redirect("data-product-draft", slug)
    messages.success(request, done)
    return redirect("data-product", slug)


@require_GET
@return_404_if_hidden
def revisions(request: HttpRequest, slug: str) -> HttpResponse:
    """What was published, by whom and why, newest first."""
    product = get_editable_product(get_signed_in_person(request), slug)
    published_revisions = list_published_revisions(product)
    context = {
        "product": product,
        "revisions": build_revisions(published_revisions[:MAX_REVISIONS]),
        "draft": get_draft(product),
    }
    return render(request, "portal/product_editing/revisions.html", context)


def _create_product(person: Person, form: NewProductForm) -> DataProduct | None:
    """None if the form has errors."""
    try:
        return create_product(acting_user=person, **form.cleaned_data, now=clock.now())
    except RefusedError as error:
        add_refusal(form, error)
        return None


def _save_draft(
    request: HttpRequest, product: DataProduct, form: ProductForm, hidden_inputs: Collection[int]
) -> bool:
    """False if the form has errors."""
    try:
        save_product_draft(
            acting_user=get_signed_in_person(request),
            slug=product.slug,
            content=form.build_content(hidden_inputs),
            note=form.cleaned_data["note"],
            now=get_request_time(request),
            based_on=form.cleaned_data["based_on"],
        )
    except RefusedError as error:
        add_refusal(form, error, based_on="")
        return False
    return True


def _list_owners(product: DataProduct) -> list[Person]:
    """Who can be chosen, with the present owner, who may have left the team."""
    others = (
        possible_owner
        for possible_owner in list_possible_owners(product.domain)
        if possible_owner.pk != product.owner_id
    )
    return [product.owner, *others]


def _find_tables(text: str, tables: Sequence[Table]) -> list[int]:
    """Ids of the tables in the named database, or that carry all of the LF-Tags: `tier=gold line=life,health`. RefusedError
    at `pick` for none.
    """
    words = text.split()
    if not words:
        raise RefusedError(_("Enter the name of a database, or LF-Tags such as tier=gold."), "pick")
    conditions = [_parse(word) for word in words]
    found = [
        table.pk
        for table in tables
        if all((table.tags.get(key) if key else table.database.name) in values for key, values in conditions)
    ]
    if not found:
        raise RefusedError(_("No table of the domain matches “%(text)s”.") % {"text": text.strip()}, "pick")
    return found


def _parse(word: str) -> tuple[str, frozenset[str]]:
    """The key, empty for a database, and the values of which a table has one."""
    key, sign, values = word.partition("=")
    return (key, frozenset(values.split(","))) if sign else ("", frozenset({word}))
