"""Download a product as a file, and make a draft from one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog.browse.products import get_product
from catalog.product_files.actions import AppliedFile, apply_product_file
from catalog.product_files.formats import MAX_FILE_LENGTH, FileFormat, read_file
from catalog.product_files.plan import plan_file
from catalog.product_files.state import describe_product
from catalog.products.may import list_edited_domains, list_maintained_products
from catalog.revisions.actions import MAX_NOTE_LENGTH
from catalog.revisions.content import parse_content, read_content
from catalog.revisions.queries import get_draft, get_editable_product
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal
from portal.pages.post_fields import get_action
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_files.downloads import answer_file
from portal.product_files.presenters import ShownPlan, build_plan

OK, UNPROCESSABLE = 200, 422


class ImportForm(PageForm):
    """The text of the file: the site takes no uploads. `shown` is the digest of the plan that the page showed."""

    hidden_field_names = frozenset({"shown"})

    file = forms.CharField(
        label=gettext_lazy("Text of the file"),
        help_text=gettext_lazy("YAML or JSON; its id is the product's address"),
        widget=forms.Textarea(attrs={"class": "mono file-text", "rows": 18, "spellcheck": "false"}),
        strip=False,
        max_length=MAX_FILE_LENGTH,
        error_messages={"required": gettext_lazy("Paste the text of the file.")},
    )
    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        help_text=gettext_lazy("optional"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        required=False,
        max_length=MAX_NOTE_LENGTH,
    )
    shown = forms.CharField(required=False, max_length=64)


@require_GET
@return_404_if_hidden
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """As a file of the format in the query string; ODCS if it names none."""
    person = get_signed_in_person(request)
    return answer_file(describe_product(person, get_product(person, slug)), _get_format(request))


@require_GET
@return_404_if_hidden
def download_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The product as its draft has it; without a draft, as it is."""
    person = get_signed_in_person(request)
    product = get_editable_product(person, slug)
    draft, own = get_draft(product), read_content(product)
    content = parse_content(draft.content, own) if draft else own
    return answer_file(describe_product(person, product, content), _get_format(request))


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def import_file(request: HttpRequest) -> HttpResponse:
    """POST shows the plan of a file, or saves exactly the shown plan as a draft."""
    person = get_signed_in_person(request)
    if not list_maintained_products(person).exists() and not list_edited_domains(person).exists():
        raise NotFoundError
    action = get_action(request, "plan", "apply") if request.method == "POST" else ""
    form = ImportForm(request.POST or None)
    shown = None
    if form.is_bound and form.is_valid():
        applied = _apply(person, form) if action == "apply" else None
        if applied is not None:
            messages.success(request, _("Draft saved from the file. Check it, and publish it."))
            return redirect("data-product-draft", applied.product.slug)
        shown = _plan(person, form)
    context = {"form": form, "shown": shown}
    status = UNPROCESSABLE if form.errors else OK
    return render(request, "portal/product_files/import.html", context, status=status)


def _get_format(request: HttpRequest) -> FileFormat:
    try:
        return FileFormat(request.GET.get("format", FileFormat.ODCS_3_1))
    except ValueError as error:
        words = {"known": ", ".join(FileFormat)}
        raise BadRequest(_("Use one of these formats: %(known)s.") % words) from error


def _plan(person: Person, form: ImportForm) -> ShownPlan | None:
    """None if the form has errors that stand in its way."""
    try:
        return build_plan(plan_file(person, read_file(form.cleaned_data["file"]), publishes=False))
    except NotFoundError:
        said = _("You can't edit a product with this id, or create one in the domain that the file names.")
        form.add_error("file", said)
    except RefusedError as error:
        if error.message not in form.errors.get("file", []):
            add_refusal(form, error)
    return None


def _apply(person: Person, form: ImportForm) -> AppliedFile | None:
    """None if the form has errors."""
    said = form.cleaned_data
    try:
        return apply_product_file(
            acting_user=person,
            text=said["file"],
            shown=said["shown"],
            note=said["note"],
            now=clock.now(),
            publishes=False,
        )
    except ForbiddenError as error:
        form.add_error(None, str(error))
    except NotFoundError:
        return None
    except RefusedError as error:
        add_refusal(form, error, shown="")
    return None
