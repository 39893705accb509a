"""Offers of a product: what one may ask under, and, for the owners of its data, the verbs that make and end them."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.browse.products import product_for
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.actions import put_offer_in_force, withdraw_offer, write_offer
from catalog.products.offers.bounds import CARE
from catalog.products.offers.drafts import LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TERMS, MOST_VALUES, Draft
from catalog.products.offers.may import offering_domains
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import accepted_by, offers_in_force, own_version, version_for
from catalog.products.offers.states import Scope, Use
from identity.errors import NotFoundError, RefusedError
from identity.people.models import Person
from portal.api.fields import LARGEST, OptionalIdField
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.api.serializers import TableNameOut, TagsOut
from portal.pages.signed_in import person_of

MOST_TABLES = 1000


class OfferTermsOut(serializers.Serializer[Any]):
    """Send `id` as one of `accepts` to accept them."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    text = serializers.CharField()


class OfferOut(serializers.Serializer[Any]):
    """A version of an offer. One asks under its `id`; `row_values` are as they stand in a row rule. `automatic` is the
    word of `in_force_by`, who agrees beforehand to an ask within it: where no rule names others, it is approved at once.
    """

    id = serializers.IntegerField()
    offer = serializers.IntegerField(source="offer_id")
    number = serializers.IntegerField()
    product = serializers.CharField(source="offer.product.slug")
    domain = serializers.CharField(source="offer.domain.slug")
    name = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    scope = serializers.ChoiceField(Scope.choices)
    tables = serializers.SerializerMethodField()
    database = serializers.CharField(source="database.name", allow_null=True, default=None)
    catalog = serializers.CharField(source="catalog.short_name", allow_null=True, default=None)
    tags = TagsOut()
    highest_class = serializers.CharField()
    future_columns = serializers.BooleanField()
    row_template = serializers.CharField(allow_blank=True)
    row_values = TagsOut()
    uses = serializers.ListField(child=serializers.CharField())
    longest_hours = serializers.IntegerField()
    terms = OfferTermsOut(allow_null=True)
    accepted = serializers.SerializerMethodField()
    automatic = serializers.BooleanField()
    state = serializers.CharField()
    in_force_by = serializers.CharField(source="in_force_by.name", allow_null=True, default=None)
    in_force_at = serializers.DateTimeField(allow_null=True)

    def get_tables(self, version: OfferVersion) -> list[dict[str, Any]]:
        return [dict(TableNameOut(one.table).data) for one in version.tables.all()]

    def get_accepted(self, version: OfferVersion) -> bool:
        return version.terms_id is None or version.terms_id in self.context["accepted"]


class ValuesIn(serializers.DictField):
    """Values by name, or by key."""

    child = serializers.ListField(child=serializers.CharField(max_length=256), max_length=MOST_VALUES)


class OfferIn(serializers.Serializer[Any]):
    """What the next version says. Without `offer` it is a new one, of `domain` where several of yours hold tables.
    With `based_on`, the id of the newest version that you saw, it is refused when a newer one came since.
    """

    offer = OptionalIdField()
    based_on = OptionalIdField()
    domain = serializers.SlugField(required=False, allow_null=True, default=None)
    name = serializers.CharField(max_length=LONGEST_NAME)
    summary = serializers.CharField(max_length=LONGEST_SUMMARY, default="", allow_blank=True)
    scope = serializers.ChoiceField(Scope.choices)
    tables = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST), default=list, max_length=MOST_TABLES
    )
    database = OptionalIdField()
    catalog = OptionalIdField()
    tags = ValuesIn(default=dict)
    highest_class = serializers.ChoiceField(CARE)
    future_columns = serializers.BooleanField(default=False)
    row_template = serializers.CharField(max_length=2048, default="", allow_blank=True)
    row_values = ValuesIn(default=dict)
    uses = serializers.MultipleChoiceField(choices=Use.choices)
    longest_hours = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    terms = serializers.CharField(max_length=LONGEST_TERMS, default="", allow_blank=True)
    automatic = serializers.BooleanField(default=False)


class OffersView(APIView):
    @documented("list_offers", "What one may ask under, of a product", OfferOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        person = person_of(request)
        found = list(offers_in_force(product_for(person, slug)))
        context = {"accepted": accepted_by(person, found)}
        return Response(OfferOut(found, many=True, context=context).data)

    @documented(
        "write_offer",
        "Write the next version of an offer, or a new one, as a draft",
        OfferOut,
        takes=OfferIn,
        status=201,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, slug: str) -> Response:
        person = person_of(request)
        product = product_for(person, slug)
        given = OfferIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        offer_id, based_on = values.pop("offer"), values.pop("based_on")
        domain = _domain(person, product, values.pop("domain"))
        named = {**values, "tables": tuple(values["tables"]), "uses": _in_order(values["uses"])}
        version = write_offer(
            acting_user=person,
            product=product,
            domain=domain,
            draft=Draft(**named),
            now=clock.now(),
            offer_id=offer_id,
            based_on=based_on,
        )
        return Response(_shown(person, own_version(person, version.pk)), status.HTTP_201_CREATED)


class OfferVersionView(APIView):
    @documented("show_offer", "A version of an offer", OfferOut)
    def get(self, request: Request, pk: int) -> Response:
        person = person_of(request)
        return Response(_shown(person, version_for(person, pk) or own_version(person, pk)))


class OfferInForceView(APIView):
    @documented("put_offer_in_force", "Put a draft in force", OfferOut, errors=(400, 404), parameters=(KEY,))
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        person = person_of(request)
        put_offer_in_force(acting_user=person, version_id=pk, now=clock.now())
        return Response(_shown(person, own_version(person, pk)))


class OfferWithdrawView(APIView):
    @documented(
        "withdraw_offer",
        "Withdraw an offer; what was granted under it goes on",
        OfferOut,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        person = person_of(request)
        offer = withdraw_offer(acting_user=person, offer_id=pk, now=clock.now())
        return Response(_shown(person, own_version(person, offer.versions.latest("number").pk)))


def _domain(person: Person, product: DataProduct, slug: str | None) -> Domain:
    """Of the person's. NotFoundError where they may offer nothing of the product."""
    domains = offering_domains(person, product)
    if not domains:
        raise NotFoundError
    found = next((one for one in domains if slug in {None, one.slug}), None)
    if found is None:
        raise RefusedError("No domain of yours under this name answers for a table of the product.", "domain")
    return found


def _in_order(uses: set[str]) -> tuple[str, ...]:
    return tuple(use for use in Use.values if use in uses)


def _shown(person: Person, version: OfferVersion) -> dict[str, Any]:
    return dict(OfferOut(version, context={"accepted": accepted_by(person, [version])}).data)
