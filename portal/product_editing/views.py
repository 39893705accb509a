"""Edit a data product: draft, preview, publish, history."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.products.may import list_edited_domains
from catalog.products.models import DataProduct
from catalog.revisions.actions import (
    create_product,
    discard_product_draft,
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
from catalog.revisions.versions import compute_draft_version
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.post_fields import get_action, get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_editing.editor import (
    PICKER_ACTIONS,
    Editor,
    build_editor_context,
    build_rules_context,
)
from portal.product_editing.forms import NewProductForm, ProductForm
from portal.products.changes import describe_contract_change
from portal.products.content_changes import build_changes, build_revisions
from requests_app.product_retirement.plan import list_affected_grants

MAX_REVISIONS = 50
OK, UNPROCESSABLE = 200, 422


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
    """POST saves a draft, which changes nothing until it is published; the actions of a picker find or check more rows in the form, and
    save nothing. A script that saves while one types is answered in JSON.
    """
    person, now = get_signed_in_person(request), get_request_time(request)
    product = get_editable_product(person, slug)
    if product.retired_at is not None:
        return redirect("data-product-lifecycle", slug)
    editor = Editor(person, product, request.POST)
    form = editor.build_form(request.POST or None)
    if get_action(request, *PICKER_ACTIONS) in PICKER_ACTIONS:
        form = editor.run_picker(form, get_action(request, *PICKER_ACTIONS))
    is_saved = form.is_bound and form.is_valid() and _save_draft(request, product, form, editor.hidden_inputs)
    if form.is_bound and request.headers.get("Accept") == "application/json":
        return _answer_script(request, editor, form, now)
    if is_saved:
        return redirect("data-product-draft", slug)
    status = UNPROCESSABLE if form.is_bound or form.pick_error else OK
    return render(
        request, "portal/product_editing/edit.html", build_editor_context(editor, form, now), status=status
    )


def _answer_script(request: HttpRequest, editor: Editor, form: ProductForm, now: datetime) -> JsonResponse:
    """The digest of what is saved now, and the rules that it meets, as HTML."""
    if form.errors:
        problem = next(iter(form.errors.values()))[0]
        return JsonResponse({"problem": str(problem)}, status=UNPROCESSABLE)
    product = editor.product
    saved = get_draft(product)
    context = {"product": product, **build_rules_context(editor.person, product, saved, now)}
    return JsonResponse(
        {
            "based_on": compute_state_digest(product, saved),
            "time": time_format(localtime(clock.now()), "H:i"),
            "rules": render_to_string("portal/product_editing/_rules.html", context, request),
        }
    )


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
    context = {
        "product": product,
        "draft": saved,
        "changes": build_changes(own.to_json(), wanted),
        "version": following.version,
        "breaking_changes": [describe_contract_change(one) for one in breaking],
        "affected": list_affected_grants(product)[:MAX_REVISIONS] if breaking else (),
        "shown": compute_state_digest(product, saved),
        **build_rules_context(person, product, saved, get_request_time(request)),
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
