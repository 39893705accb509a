"""Data products and domains that you follow."""

from datetime import datetime

from django.utils.translation import gettext as _
from rest_framework.views import APIView

from catalog.follows import Follow, follow_domain, follow_product, get_follow, list_follows, unfollow
from identity.people.models import Person
from kernel.errors import RefusedError
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import ReferenceIn, TimeOut, optional
from portal.api.filters import ListFilters, by_text
from portal.api.references import OptionalReference, Resource
from portal.api.serializers import StrictSerializer


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


FOLLOWS = Endpoints(FollowOut, get_follow, "follow_id")


def _follow(*, acting_user: Person, data_product: str | None, domain: str | None, now: datetime) -> Follow:
    """Follows one of them. RefusedError for both or none."""
    if (data_product is None) == (domain is None):
        raise RefusedError(_("Name a data product or a domain."), "data_product")
    if data_product is not None:
        return follow_product(acting_user=acting_user, slug=data_product, now=now)
    return follow_domain(acting_user=acting_user, slug=domain or "", now=now)


class FollowsView(APIView):
    get = rows_endpoint(
        "list_follows",
        "List what you follow",
        FollowOut,
        list_follows,
        filters=FollowFilters,
        errors=(),
        description="A saved search is followed by its `alert`: see `saved-searches`.",
    )

    post = FOLLOWS.create(
        "create_follow",
        "Follow a data product or a domain",
        _follow,
        takes=FollowIn,
        names={"data_product": "slug"},
        build=lambda _person, said: said,
        description="What you follow already is answered as it is.",
    )


class FollowView(APIView):
    get = FOLLOWS.read("get_follow", "Get something that you follow")

    delete = FOLLOWS.remove("delete_follow", "Unfollow", unfollow)
