"""Data products and domains that you follow."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.follows import follow_domain, follow_product, get_follow, list_follows, unfollow
from kernel.errors import RefusedError
from portal.api.endpoints import Endpoints
from portal.api.fields import ReferenceIn, TimeOut, optional
from portal.api.filters import ListFilters, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Resource
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class FollowFilters(ListFilters):
    data_product = by_text("product__slug", "The data product.")
    domain = by_text("domain__slug", "The domain.")


class FollowOut(Resource):
    """One of `data_product` and `domain` is null."""

    route = "api-follow"
    has_page = False
    data_product = OptionalReference(source="product")
    domain = OptionalReference()
    followed_at = TimeOut()


class FollowIn(StrictSerializer):
    """Name one: a data product or a domain, by its slug."""

    data_product = optional(ReferenceIn)
    domain = optional(ReferenceIn)


FOLLOWS = Endpoints(FollowOut, get_follow)


class FollowsView(APIView):
    members: ClassVar = {"slug": "data_product"}

    @documented(
        "list_follows",
        "List what you follow",
        listed(FollowOut),
        parameters=(*LIST, FollowFilters),
        errors=(),
        description="A saved search is followed by its `alert`: see `saved-searches`.",
    )
    def get(self, request: Request) -> Any:
        rows = FollowFilters.apply(list_follows(get_signed_in_person(request)), request.query_params)
        return answer_list(request, rows, FollowOut)

    @documented(
        "create_follow",
        "Follow a data product or a domain",
        FollowOut,
        takes=FollowIn,
        status=201,
        description="What you follow already is answered as it is.",
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(FollowIn, request), get_signed_in_person(request)
        product, domain = said["data_product"], said["domain"]
        if (product is None) == (domain is None):
            raise RefusedError(_("Name a data product or a domain."), "data_product")
        if product is not None:
            made = follow_product(acting_user=person, slug=product, now=get_request_time(request))
        else:
            made = follow_domain(acting_user=person, slug=domain, now=get_request_time(request))
        return FOLLOWS.answer(request, made.pk, status.HTTP_201_CREATED)


class FollowView(APIView):
    get = FOLLOWS.read("get_follow", "Get something that you follow")

    @documented("delete_follow", "Unfollow", {204: None})
    def delete(self, request: Request, pk: int) -> Response:
        person = get_signed_in_person(request)
        unfollow(acting_user=person, follow_id=get_follow(person, pk).pk, now=get_request_time(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
