"""The publication rules for governance admins: edit, see the effect, put in force, allow exceptions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.browse.products import get_product
from catalog.products.models import DataProduct
from catalog.publication_rules.actions import (
    MAX_NOTE_LENGTH,
    allow_rule_exception,
    discard_publication_rules,
    end_rule_exception,
    may_allow_rule_exception,
    may_put_publication_rules_in_force,
    may_save_publication_rules,
    put_publication_rules_in_force,
    save_publication_rules,
)
from catalog.publication_rules.models import PublicationRules
from catalog.publication_rules.queries import (
    check_product,
    check_products,
    compute_rules_digest,
    get_rules_draft,
    get_rules_in_force,
    list_open_exceptions,
    list_versions,
)
from catalog.publication_rules.rules import MAX_WORDS, REQUIRABLE_FIELDS, ProductFacts, Rules, evaluate_rules
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError, require_allowed
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal, set_choices
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

_NO_FACTS = ProductFacts(
    owner_is_active=False,
    description="",
    fields={},
    table_count=0,
    column_count=0,
    unclassified=(),
    unclassified_personal=(),
    foreign_tables=(),
    tier="",
)
OK, UNPROCESSABLE = 200, 422


class RulesForm(PageForm):
    """`based_on` is the digest of the rules that were shown."""

    hidden_field_names: ClassVar[frozenset[str]] = frozenset({"based_on"})

    active_owner = forms.BooleanField(required=False)
    description_words = forms.IntegerField(required=False, min_value=0, max_value=MAX_WORDS)
    required_fields = forms.MultipleChoiceField(required=False, choices=list(REQUIRABLE_FIELDS.items()))
    classified_columns = forms.BooleanField(required=False)
    classified_personal_columns = forms.BooleanField(required=False)
    own_tables = forms.BooleanField(required=False)
    tiers = forms.MultipleChoiceField(required=False, choices=DataProduct.Tier.choices)
    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        max_length=MAX_NOTE_LENGTH,
        error_messages={"required": gettext_lazy("Say what changes, and why.")},
    )
    based_on = forms.CharField(max_length=64)

    def __init__(self, data: Any, *, rules: Rules, note: str, based_on: str) -> None:
        super().__init__(data, initial={**rules.to_json(), "note": note, "based_on": based_on})

    def build_rules(self) -> Rules:
        said = self.cleaned_data
        return Rules(
            active_owner=said["active_owner"],
            description_words=said["description_words"] or 0,
            required_fields=tuple(said["required_fields"]),
            classified_columns=said["classified_columns"],
            classified_personal_columns=said["classified_personal_columns"],
            own_tables=said["own_tables"],
            tiers=tuple(said["tiers"]),
        )


class ExceptionForm(PageForm):
    key = forms.ChoiceField(
        label=gettext_lazy("Rule"),
        error_messages={"required": gettext_lazy("Choose a rule that is in force.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        max_length=MAX_NOTE_LENGTH,
        error_messages={"required": gettext_lazy("Give a reason.")},
    )

    def __init__(self, data: Any, *, rules: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        set_choices(self, "key", list(rules))


@require_GET
@return_404_if_hidden
def overview(request: HttpRequest) -> HttpResponse:
    """The rules in force, which products do not meet them, and what the draft would change."""
    person = _get_governor(request)
    draft, rules = get_rules_draft(), get_rules_in_force()
    drafted = Rules.from_json(draft.rules) if draft else None
    products = check_products(drafted or rules)
    versions = [ShownVersion(row, _list_rule_texts(Rules.from_json(row.rules))) for row in list_versions()]
    context = {
        "rule_texts": _list_rule_texts(rules),
        "draft": draft,
        "drafted_texts": _list_rule_texts(drafted) if drafted else [],
        "products": products,
        "failing": [one for one in products if one.failures],
        "shown": compute_rules_digest(),
        "verdict": may_put_publication_rules_in_force(person),
        "versions": versions,
    }
    return render(request, "portal/publication_rules/overview.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def edit(request: HttpRequest) -> HttpResponse:
    """POST saves a draft, which changes nothing until it is in force."""
    person, draft = _get_governor(request), get_rules_draft()
    rules = Rules.from_json(draft.rules) if draft else get_rules_in_force()
    digest = compute_rules_digest()
    form = RulesForm(request.POST or None, rules=rules, note=draft.note if draft else "", based_on=digest)
    if form.is_bound and form.is_valid() and _save(person, form):
        return redirect("publication-rules")
    # After a conflict, the next attempt is based on what is there now.
    context = {"form": form, "draft": draft, "based_on": digest}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/publication_rules/edit.html", context, status=status)


@require_POST
@return_404_if_hidden
def put_in_force(request: HttpRequest) -> HttpResponse:
    """Exactly the draft that was shown."""
    return _run(
        request,
        put_publication_rules_in_force,
        _("The rules are in force. Published products stay published."),
    )


@require_POST
@return_404_if_hidden
def discard(request: HttpRequest) -> HttpResponse:
    return _run(request, discard_publication_rules, _("The draft is discarded. The rules stay as they are."))


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules as a product meets them, and its exceptions; POST allows one."""
    person = _get_governor(request)
    found = get_product(person, slug)
    results = check_product(found, list(found.product_tables.values_list("table_id", flat=True)))
    open_rules = [(result.key, result.text) for result in results if not result.exception]
    form = ExceptionForm(request.POST or None, rules=open_rules)
    if form.is_bound and form.is_valid() and _allow(person, found, form):
        messages.success(request, _("Allowed. The product can be published without meeting this rule."))
        return redirect("publication-rules-product", slug)
    context = {
        "product": found,
        "results": results,
        "form": form,
        "verdict": may_allow_rule_exception(person, found),
        "exceptions": [
            (
                open_exception,
                next(
                    (result.text for result in results if result.key == open_exception.key),
                    open_exception.key,
                ),
            )
            for open_exception in list_open_exceptions(found)
        ],
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/publication_rules/product.html", context, status=status)


@require_POST
@return_404_if_hidden
def end_exception(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    end_rule_exception(
        acting_user=get_signed_in_person(request), slug=slug, key=key, now=get_request_time(request)
    )
    messages.success(request, _("The exception has ended. Published versions stay."))
    return redirect("publication-rules-product", slug)


def _get_governor(request: HttpRequest) -> Person:
    person = get_signed_in_person(request)
    require_allowed(may_save_publication_rules(person))
    return person


def _save(person: Person, form: RulesForm) -> bool:
    """False if the form has errors."""
    said: dict[str, Any] = {name: form.cleaned_data[name] for name in ("note", "based_on")}
    try:
        save_publication_rules(acting_user=person, rules=form.build_rules(), now=clock.now(), **said)
    except RefusedError as error:
        add_refusal(form, error, based_on="")
        return False
    return True


def _allow(person: Person, product: DataProduct, form: ExceptionForm) -> bool:
    """False if the form has errors."""
    try:
        allow_rule_exception(acting_user=person, slug=product.slug, now=clock.now(), **form.cleaned_data)
    except RefusedError as error:
        add_refusal(form, error)
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        return True
    return False


def _run(request: HttpRequest, action: Callable[..., object], done: str) -> HttpResponse:
    """Back to the page of the rules, with what came of it."""
    person = get_signed_in_person(request)
    try:
        action(acting_user=person, shown=get_text_field(request, "shown"), now=get_request_time(request))
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("publication-rules")


@dataclass(frozen=True)
class ShownVersion:
    row: PublicationRules
    texts: list[str]


def _list_rule_texts(rules: Rules) -> list[str]:
    """A sentence for each rule."""
    return [one.text for one in evaluate_rules(rules, _NO_FACTS, {})]
