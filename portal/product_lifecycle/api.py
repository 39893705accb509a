"""The life cycle of data products: deprecate, allow requests all the same, retire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import get_product
from catalog.product_lifecycle.actions import (
    MAX_REASON_LENGTH,
    DeprecationTerms,
    allow_requests,
    deprecate_product,
    end_request_exception,
    withdraw_deprecation,
)
from catalog.product_lifecycle.models import (
    Deprecation,
    RequestException,
    compute_lifecycle_digest,
    find_shown_successors,
    get_open_deprecation,
    list_request_exceptions,
)
from catalog.products.models import DataProduct, ProductLifecycle
from catalog.revisions.queries import get_editable_product
from catalog.revisions.versions import get_current_version
from identity.people.models import Person, Team
from kernel import clock
from kernel.errors import RefusedError, require_allowed
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.etags import ETAG, IF_MATCH, check_match, quote_etag
from portal.api.fields import EndField, EnumOut, IdOut, ReferenceIn, TextOut, TimeOut
from portal.api.openapi import documented
from portal.api.people import person_in
from portal.api.references import OptionalReference, Reference, ReferenceOut, refer_to
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.product_retirement.actions import call_off_retirement, schedule_retirement
from requests_app.product_retirement.may import may_schedule_retirement
from requests_app.product_retirement.plan import RetirementPlan, build_plan
from requests_app.product_retirement.queries import find_retired_product

STATE_MEMBERS = {"shown": ""}
EXCEPTION_MEMBERS = {**STATE_MEMBERS, "until": "expires_at", "who": "team"}
PLAN_MEMBERS = {**STATE_MEMBERS, "on": "due_at"}
"""The state that was read comes as a header."""


@dataclass(frozen=True)
class ShownLifecycle:
    product: DataProduct
    deprecation: Deprecation | None
    successor: DataProduct | None

    @property
    def digest(self) -> str:
        return compute_lifecycle_digest(self.product)

    @property
    def version(self) -> str:
        return get_current_version(self.product)


class DataProductLifecycleOut(serializers.Serializer[Any]):
    """`retires_on` is what consumers were told; `retires_at` is set once the retirement is confirmed. Send the `ETag` as
    `If-Match` when you deprecate the product, withdraw that, or cancel its retirement.
    """

    data_product = Reference(source="product")
    lifecycle = EnumOut(ProductLifecycle.values, source="product.lifecycle")
    version = TextOut()
    reason = TextOut(source="deprecation.reason", default=None)
    successor = OptionalReference()
    deprecated_by = OptionalReference(source="deprecation.deprecated_by")
    deprecated_at = TimeOut(source="product.deprecated_at", allow_null=True)
    retires_on = serializers.DateField(source="deprecation.retires_on", allow_null=True, default=None)
    retires_at = TimeOut(source="product.retires_at", allow_null=True)
    retired_at = TimeOut(source="product.retired_at", allow_null=True)


class DeprecationIn(StrictSerializer):
    """`successor` is a published data product."""

    reason = serializers.CharField(max_length=MAX_REASON_LENGTH)
    successor = ReferenceIn(required=False)
    retires_on = serializers.DateField(required=False, allow_null=True)


class RequestExceptionOut(serializers.Serializer[RequestException]):
    """A person or a team who may request the deprecated product until `expires_at`."""

    id = IdOut()
    person = OptionalReference()
    team = OptionalReference()
    reason = TextOut()
    allowed_by = Reference()
    allowed_at = TimeOut()
    expires_at = TimeOut(source="until")
    ended_at = TimeOut(allow_null=True)


class RequestExceptionIn(StrictSerializer):
    """Name a person, by id or e-mail, or a team."""

    person = ReferenceIn(required=False)
    team = ReferenceIn(required=False)
    expires_at = EndField()
    reason = serializers.CharField(max_length=MAX_REASON_LENGTH)

    @staticmethod
    def build_arguments(person: Person, said: dict[str, Any], slug: str) -> dict[str, Any]:
        get_editable_product(person, slug)
        return {
            "slug": slug,
            "person": _find_person(said["person"]) if "person" in said else None,
            "team": _find_team(said["team"]) if "team" in said else None,
            "until": said["expires_at"],
            "reason": said["reason"],
        }


class PlannedEndOut(serializers.Serializer[Any]):
    """A grant that ends, at the latest when the product is retired."""

    grant = Reference()
    ends_at = TimeOut()


class RetirementPlanOut(serializers.Serializer[Any]):
    """Which grants end, and which give access to its tables all the same. Send the `ETag` as `If-Match` to confirm it."""

    data_product = Reference(source="product")
    due_at = TimeOut()
    ending_grants = PlannedEndOut(source="ends", many=True)
    kept_grants = serializers.SerializerMethodField()
    waiting_count = serializers.IntegerField(help_text="requests for it that are not decided")

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_kept_grants(self, plan: RetirementPlan) -> list[dict[str, Any]]:
        return [refer_to(grant, self.context["request"]) for grant in plan.kept]


class RetirementPlanIn(StrictSerializer):
    """Without `due_at`, the product is retired at once."""

    due_at = EndField(required=False)


def _show(person: Person, product: DataProduct) -> ShownLifecycle:
    deprecation = get_open_deprecation(product)
    successor = (
        find_shown_successors(person, [deprecation]).get(deprecation.product_id) if deprecation else None
    )
    return ShownLifecycle(product, deprecation, successor)


def _get_digest(shown: ShownLifecycle) -> str:
    return shown.digest


def _load_shown_lifecycle(person: Person, slug: str) -> ShownLifecycle:
    retired = find_retired_product(person, slug)
    return _show(person, retired.product if retired else get_product(person, slug))


def _list_exceptions(person: Person, slug: str) -> QuerySet[RequestException]:
    product = get_editable_product(person, slug)
    deprecation = get_open_deprecation(product)
    if deprecation:
        return list_request_exceptions(deprecation)
    return RequestException.objects.filter(deprecation__product=product, deprecation__withdrawn_at=None)


LIFECYCLES = Endpoints(
    DataProductLifecycleOut,
    lambda person, slug: _show(person, get_editable_product(person, slug)),
    digest=_get_digest,
)


class LifecycleView(APIView):
    get = Endpoints(DataProductLifecycleOut, _load_shown_lifecycle, digest=_get_digest).read(
        "get_data_product_lifecycle",
        "Get the life cycle of a data product",
        parameters=(ETAG,),
        description="Also of a retired product, for people who could see it or who hold or held access to it.",
    )


class DeprecateView(APIView):
    members: ClassVar = STATE_MEMBERS

    post = LIFECYCLES.act(
        "deprecate_data_product",
        "Deprecate a data product",
        deprecate_product,
        takes=DeprecationIn,
        build=lambda _person, said, slug: {
            "slug": slug,
            "terms": DeprecationTerms(said["reason"], said.get("successor", ""), said.get("retires_on")),
        },
        matches="shown",
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
        description="It takes no new requests. Everyone who uses it is notified.",
    )


class WithdrawView(APIView):
    members: ClassVar = STATE_MEMBERS

    post = LIFECYCLES.act(
        "withdraw_data_product_deprecation",
        "Withdraw the deprecation of a data product",
        withdraw_deprecation,
        matches="shown",
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
    )


class ExceptionsView(APIView):
    members: ClassVar = EXCEPTION_MEMBERS

    get = rows_endpoint(
        "list_data_product_request_exceptions",
        "List who may still request a deprecated data product",
        RequestExceptionOut,
        _list_exceptions,
    )

    post = Endpoints(RequestExceptionOut).create(
        "create_data_product_request_exception",
        "Let a person or a team request a deprecated data product",
        allow_requests,
        takes=RequestExceptionIn,
        build=RequestExceptionIn.build_arguments,
        shows_result=True,
        errors=(404,),
    )


class EndExceptionView(APIView):
    post = Endpoints(RequestExceptionOut).act(
        "end_data_product_request_exception",
        "End a request exception of a deprecated data product",
        end_request_exception,
        build=lambda _person, _said, slug, pk: {"slug": slug, "exception_id": pk},
        shows_result=True,
    )


class PlanView(APIView):
    members: ClassVar = PLAN_MEMBERS

    @documented(
        "preview_data_product_retirement",
        "Preview the retirement of a data product",
        RetirementPlanOut,
        takes=RetirementPlanIn,
        errors=(404,),
        parameters=(ETAG,),
        description="Nothing is changed. Which grants would end if the product is retired at `due_at`.",
    )
    def post(self, request: Request, slug: str) -> Response:
        body = read_body(RetirementPlanIn, request)
        plan = _build_plan(get_signed_in_person(request), slug, body.get("due_at"))
        out = RetirementPlanOut(plan, context={"request": request}).data
        return Response(out, headers={"ETag": quote_etag(plan.digest)})


class RetireView(APIView):
    members: ClassVar = PLAN_MEMBERS

    @documented(
        "retire_data_product",
        "Retire a data product",
        DataProductLifecycleOut,
        takes=RetirementPlanIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
        description="Exactly as its preview said: send the preview's `ETag`. Until `due_at` it can be cancelled.",
    )
    def post(self, request: Request, slug: str) -> Response:
        said, person = read_body(RetirementPlanIn, request), get_signed_in_person(request)
        due_at = said.get("due_at")
        plan = _build_plan(person, slug, due_at)
        check_match(request, quote_etag(plan.digest))
        schedule_retirement(
            acting_user=person, slug=slug, due_at=due_at, shown=plan.digest, now=get_request_time(request)
        )
        return LIFECYCLES.answer(request, slug)


class CancelRetirementView(APIView):
    members: ClassVar = STATE_MEMBERS

    post = LIFECYCLES.act(
        "cancel_data_product_retirement",
        "Cancel the retirement of a data product",
        call_off_retirement,
        matches="shown",
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
    )


def _build_plan(person: Person, slug: str, due_at: datetime | None) -> RetirementPlan:
    product = get_editable_product(person, slug)
    require_allowed(may_schedule_retirement(person, product))
    now = clock.now()
    return build_plan(product, due_at, now)


def _find_person(named: str) -> int:
    refusal = _("Name a person by id or e-mail.")
    return person_in(Person.objects.filter(is_active=True), named, "person", refusal).pk


def _find_team(slug: str) -> int:
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise RefusedError(_("Choose a person or a team."), "team")
    return team.pk
