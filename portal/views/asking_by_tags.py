"""Asking by LF-Tags: what carries them stands on the page before anything is sent."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from catalog.offers.models import OfferVersion
from identity.models import ConnectedCatalog
from portal.forms.asking import ByTagsForm, first_values
from portal.people import person_of
from portal.prefilled import last_principal
from portal.under_offer import latest_end, under_offer, version_named
from portal.views.asking import accepted_in, days_to_choose
from portal.views.products import in_words
from portal.views.refusals import hides_what_is_not_yours
from requests_app.by_tags.actions import submit_request_by_tags
from requests_app.by_tags.reach import Reached, expression_of, reached
from requests_app.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.loaders import principals_for
from requests_app.review import expected_wait

FIELD_OF = {"purpose": "purpose", "ends_at": "ends_on", "principal": "principal", "use": "use"}


@dataclass(frozen=True)
class Asked:
    """What the address says: LF-Tags by key, and the catalog, where one was chosen."""

    tags: dict[str, list[str]]
    catalog: str

    @classmethod
    def read(cls, said: QueryDict) -> "Asked":
        tags: dict[str, list[str]] = {}
        for pair in said.getlist("tag"):
            key, equals, value = pair.partition("=")
            if key and equals and value:
                tags.setdefault(key, []).append(value)
        return cls(tags, said.get("catalog", ""))

    @property
    def address(self) -> str:
        """Without the catalog."""
        return urlencode([("tag", f"{key}={value}") for key, values in self.tags.items() for value in values])


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def ask(request: HttpRequest) -> HttpResponse:
    """`tag=key=value`, as often as there are values; `catalog`, where they reach something in several; `offer`, the
    version of one.
    """
    person, asked = person_of(request), Asked.read(request.GET)
    try:
        places = _places(request, asked)
    except RefusedError as error:
        return render(request, "portal/ask_tags.html", {"refusal": error.message})
    if len(places) > 1:
        return render(request, "portal/ask_tags.html", {"offered": places, "address": asked.address})
    found, version = places[0], version_named(person, request.GET.get("offer", ""))
    principals = principals_for(person).exclude(arn=F("unique_id"))
    bound = request.method == "POST"
    start = first_values(principals, last_principal(person), clock.now())
    under = under_offer(person, version, clock.now()) if version else None
    if under:
        start["ends_on"] = min(start["ends_on"], under.last_day)
    form = ByTagsForm(request.POST if bound else None, principals=principals, initial=start)
    if bound and (answer := _submitted(request, form, found, asked, version)):
        return answer
    context = {
        "found": found,
        "form": form,
        "principals": principals,
        "wait": in_words(expected_wait(found.domain)),
        "under": under,
        **days_to_choose(clock.now()),
        **({"last_day": under.last_day} if under else {}),
    }
    return render(request, "portal/ask_tags.html", context, status=422 if bound else 200)


def _places(request: HttpRequest, asked: Asked) -> list[Reached]:
    """What the tags reach, catalog by catalog; the chosen one alone. RefusedError where nothing carries them."""
    expression = expression_of(asked.tags)
    catalogs = ConnectedCatalog.objects.select_related("account").order_by("short_name")
    if asked.catalog:
        catalogs = catalogs.filter(short_name=asked.catalog)
    every = [reached(catalog, expression, person_of(request)) for catalog in catalogs]
    if not every:
        raise NotFoundError
    return [one for one in every if one.tables] or every[:1]


def _submitted(
    request: HttpRequest, form: ByTagsForm, found: Reached, asked: Asked, version: OfferVersion | None
) -> HttpResponse | None:
    """On to the request; None when the form says what is wrong."""
    if not form.is_valid():
        return None
    said, now = form.cleaned_data, clock.now()
    try:
        request_made = submit_request_by_tags(
            acting_user=person_of(request),
            team=said["principal"].account.team,
            principal=said["principal"],
            purpose=said["purpose"],
            ends_at=latest_end(form.ends_at, version, now),
            catalog=found.catalog,
            tags=asked.tags,
            mark=said["mark"],
            submission_key=said["submission_key"],
            now=now,
            offer_id=version.pk if version else None,
            use=said["use"],
            accepts=accepted_in(request),
        )
    except RefusedError as error:
        form.add_error(FIELD_OF.get(error.field), error.message)
        return None
    except ForbiddenError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Asked. Nothing more to do: this page follows it to the end."))
    return redirect("request", request_made.pk)
