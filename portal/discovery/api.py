"""Discovery settings of a data product."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import get_product
from catalog.discovery import MAX_TEAMS, DiscoverySettings, read_settings, set_discovery
from catalog.products.models import Audience, DataProduct
from identity.people.models import Team
from portal.api.etags import ETAG, IF_MATCH, check_match, quote_etag
from portal.api.fields import EnumOut, IdIn
from portal.api.openapi import documented
from portal.api.references import Reference, ReferenceOut, refer_to
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class ProductDiscoveryOut(serializers.Serializer[Any]):
    """Who may see a data product, and who of them may request it. Its domain's team and people who hold access always see it.
    `see_teams` and `request_teams` are the teams that are named where the setting is `teams`.
    """

    data_product = Reference(source="*")
    seen_by = EnumOut(Audience.values)
    requested_by = EnumOut(Audience.values)
    see_teams = serializers.SerializerMethodField()
    request_teams = serializers.SerializerMethodField()

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_see_teams(self, product: DataProduct) -> list[dict[str, Any]]:
        return self._refer_to_teams(read_settings(product).see_teams)

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_request_teams(self, product: DataProduct) -> list[dict[str, Any]]:
        return self._refer_to_teams(read_settings(product).request_teams)

    def _refer_to_teams(self, teams: frozenset[int]) -> list[dict[str, Any]]:
        rows = Team.objects.filter(pk__in=teams).order_by("name", "pk")
        return [refer_to(team, self.context["request"]) for team in rows]


class ProductDiscoveryIn(StrictSerializer):
    """What changes. What is left out stays."""

    seen_by = serializers.ChoiceField(Audience.choices, required=False)
    requested_by = serializers.ChoiceField(Audience.choices, required=False)
    see_teams = serializers.ListField(child=IdIn(), required=False, max_length=MAX_TEAMS)
    request_teams = serializers.ListField(child=IdIn(), required=False, max_length=MAX_TEAMS)


class DiscoveryView(APIView):
    members: ClassVar = {"shown": ""}

    @documented(
        "get_data_product_discovery",
        "Get who may see and request a data product",
        ProductDiscoveryOut,
        parameters=(ETAG,),
    )
    def get(self, request: Request, slug: str) -> Response:
        return _answer(request, get_product(get_signed_in_person(request), slug))

    @documented(
        "update_data_product_discovery",
        "Change who may see and request a data product",
        ProductDiscoveryOut,
        takes=ProductDiscoveryIn,
        errors=(403, 404, 412, 428),
        parameters=(IF_MATCH, ETAG),
        description="Grants stay, and people who hold one go on seeing the product.",
    )
    def patch(self, request: Request, slug: str) -> Response:
        person = get_signed_in_person(request)
        now = read_settings(get_product(person, slug))
        check_match(request, quote_etag(now.digest))
        body = read_body(ProductDiscoveryIn, request)
        settings = DiscoverySettings(
            body.get("seen_by", now.seen_by),
            body.get("requested_by", now.requested_by),
            frozenset(body.get("see_teams", now.see_teams)),
            frozenset(body.get("request_teams", now.request_teams)),
        )
        set_discovery(
            acting_user=person,
            slug=slug,
            settings=settings,
            shown=now.digest,
            now=get_request_time(request),
        )
        return _answer(request, get_product(person, slug))


def _answer(request: Request, product: DataProduct) -> Response:
    said = ProductDiscoveryOut(product, context={"request": request}).data
    return Response(said, headers={"ETag": quote_etag(read_settings(product).digest)})
