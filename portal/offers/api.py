"""Offers: the ways to use a data product, and, for the owners of its data, writing and publishing them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.browse.products import get_product
from catalog.products.may import visible_products
from catalog.products.offers.actions import publish_offer_version, retire_offer, write_offer
from catalog.products.offers.bounds import CLASSES_BY_SENSITIVITY
from catalog.products.offers.drafts import (
    MAX_NAME_LENGTH,
    MAX_SUMMARY_LENGTH,
    MAX_TERMS_LENGTH,
    MAX_VALUES,
    OfferDraft,
)
from catalog.products.offers.models import DataUse, Offer, OfferScope, OfferState, OfferVersion
from catalog.products.offers.queries import (
    get_editable_version,
    get_version,
    list_accepted_terms,
    list_offering_domains,
    may_view_offer_draft,
    with_related_rows,
)
from identity.accounts import ConnectedCatalog
from identity.keys import normalize_slug
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import (
    DurationIn,
    DurationOut,
    EnumOut,
    IdIn,
    IdOut,
    ReferenceIn,
    TextOut,
    TimeOut,
    optional,
)
from portal.api.filters import ListFilters, by_text
from portal.api.pagination import OLDEST
from portal.api.references import OptionalReference, Reference, ReferenceOut, Resource, refer_to
from portal.api.serializers import StrictSerializer, TagsOut
from portal.offers.presenters import LIFECYCLES
from portal.pages.signed_in_person import get_signed_in_person

MOST_TABLES = 1000
MOST_HOURS = 2**31 - 1
DRAFT_MEMBERS = {
    "scope": "target_kind",
    "highest_class": "max_classification",
    "future_columns": "includes_future_columns",
    "longest_hours": "max_duration",
    "terms": "terms.text",
}


class OfferFilters(ListFilters):
    data_product = by_text("offer__product__slug", "The data product.")
    domain = by_text("offer__domain__slug", "The domain that makes it.")


class TermsOfUseOut(serializers.Serializer[Any]):
    """To accept them, send `id` among `accepted_terms` of your request. `accepted`: you have done so before."""

    id = IdOut()
    number = serializers.IntegerField()
    text = serializers.CharField()
    accepted = serializers.SerializerMethodField()

    def get_accepted(self, terms: Any) -> bool:
        return terms.pk in self.context["accepted"]


class OfferVersionOut(Resource):
    """A version of an offer. Requests name it by its `id`. `is_automatic`: whoever published it approves a request within it
    beforehand, unless policies require others. `row_values` are the values to choose in `row_template`.
    """

    route = "api-offer-version"
    offer = Reference()
    number = serializers.IntegerField()
    data_product = Reference(source="offer.product")
    domain = Reference(source="offer.domain")
    name = serializers.CharField()
    summary = TextOut()
    target_kind = EnumOut(OfferScope.values, source="scope")
    tables = serializers.SerializerMethodField()
    database = OptionalReference()
    catalog = OptionalReference()
    tags = TagsOut()
    max_classification = EnumOut(CLASSES_BY_SENSITIVITY, source="highest_class")
    includes_future_columns = serializers.BooleanField(source="future_columns")
    row_template = TextOut()
    row_values = TagsOut()
    uses = serializers.ListField(child=serializers.CharField())
    max_duration = serializers.SerializerMethodField()
    terms = TermsOfUseOut(allow_null=True)
    is_automatic = serializers.BooleanField(source="automatic")
    lifecycle = serializers.SerializerMethodField()
    published_by = OptionalReference()
    published_at = TimeOut(allow_null=True)
    retired_at = TimeOut(allow_null=True)

    def arguments_of(self, row: OfferVersion) -> Sequence[Any]:
        return [row.offer_id, row.number]

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_tables(self, version: OfferVersion) -> list[dict[str, Any]]:
        return [refer_to(table.table, self.context["request"]) for table in version.tables.all()]

    @extend_schema_field(DurationOut())  # type: ignore[untyped-decorator]
    def get_max_duration(self, version: OfferVersion) -> str:
        return DurationIn("hours", MOST_HOURS).to_representation(version.longest_hours)

    @extend_schema_field(EnumOut([one.value for one in LIFECYCLES.values()]))  # type: ignore[untyped-decorator]
    def get_lifecycle(self, version: OfferVersion) -> str:
        return LIFECYCLES[OfferState(version.state)].value


class OfferOut(Resource):
    """An offer with its published version and its draft, each null where there is none; only its owners see the draft."""

    route = "api-offer"
    has_page = False
    key = "offer.pk"
    data_product = Reference(source="offer.product")
    domain = Reference(source="offer.domain")
    published = OfferVersionOut(allow_null=True)
    draft = OfferVersionOut(allow_null=True)


class ValuesIn(serializers.DictField):
    """Values by name, or by key."""

    child = serializers.ListField(child=serializers.CharField(max_length=256), max_length=MAX_VALUES)


class TermsOfUseIn(StrictSerializer):
    text = serializers.CharField(max_length=MAX_TERMS_LENGTH, allow_blank=True)


class OfferVersionIn(StrictSerializer):
    """A version of an offer. Send the id of the newest version that you read as `based_on`; if there is a newer one, nothing is
    saved.
    """

    based_on = optional(IdIn)
    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    summary = serializers.CharField(
        max_length=MAX_SUMMARY_LENGTH, default="", allow_blank=True, allow_null=True
    )
    target_kind = serializers.ChoiceField(OfferScope.choices)
    tables = serializers.ListField(child=IdIn(), default=list, max_length=MOST_TABLES)
    database = optional(IdIn)
    catalog = optional(ReferenceIn)
    tags = ValuesIn(default=dict)
    max_classification = serializers.ChoiceField(CLASSES_BY_SENSITIVITY)
    includes_future_columns = serializers.BooleanField(default=False)
    row_template = serializers.CharField(max_length=2048, default="", allow_blank=True, allow_null=True)
    row_values = ValuesIn(default=dict)
    uses = serializers.MultipleChoiceField(choices=DataUse.choices)
    max_duration = DurationIn("hours", MOST_HOURS)
    terms = TermsOfUseIn(required=False, allow_null=True, default=None)
    is_automatic = serializers.BooleanField(default=False)

    @staticmethod
    def build_arguments(person: Person, said: dict[str, Any], pk: int) -> dict[str, Any]:
        """NotFoundError for an offer whose drafts the person may not see."""
        offer = Offer.objects.select_related("product__domain", "domain__owner_team").filter(pk=pk).first()
        if offer is None or not may_view_offer_draft(person, offer):
            raise NotFoundError
        return {
            "product": offer.product,
            "domain": offer.domain,
            "draft": _draft(said),
            "offer_id": pk,
            "based_on": said["based_on"],
        }


class OfferIn(OfferVersionIn):
    """A new offer. Name the domain if several of yours hold tables of the data product."""

    data_product = ReferenceIn()
    domain = optional(ReferenceIn)

    @staticmethod
    def build_arguments(person: Person, said: dict[str, Any], *_ids: int) -> dict[str, Any]:
        """NotFoundError for a product without a domain of the person; RefusedError for a domain that is none of them."""
        product, slug = get_product(person, said["data_product"]), said["domain"]
        domains = list_offering_domains(person, product)
        if not domains:
            raise NotFoundError
        domain = next((one for one in domains if slug is None or normalize_slug(slug) == one.slug), None)
        if domain is None:
            raise RefusedError(
                _("No domain of yours with this name answers for a table of the data product."), "domain"
            )
        return {"product": product, "domain": domain, "draft": _draft(said), "based_on": said["based_on"]}


def _draft(said: dict[str, Any]) -> OfferDraft:
    """RefusedError for an unknown catalog."""
    catalog = None
    if said["catalog"]:
        catalog = (
            ConnectedCatalog.objects.filter(short_name=said["catalog"]).values_list("pk", flat=True).first()
        )
        if catalog is None:
            raise RefusedError(_("There is no such catalog."), "catalog")
    return OfferDraft(
        name=said["name"],
        scope=said["target_kind"],
        highest_class=said["max_classification"],
        uses=tuple(use for use in DataUse.values if use in said["uses"]),
        longest_hours=said["max_duration"],
        summary=said["summary"] or "",
        tables=tuple(said["tables"]),
        database=said["database"],
        catalog=catalog,
        tags=said["tags"],
        future_columns=said["includes_future_columns"],
        row_template=said["row_template"] or "",
        row_values=said["row_values"],
        terms=(said["terms"] or {}).get("text", ""),
        automatic=said["is_automatic"],
    )


def _version_id(offer: int, number: int) -> int:
    offer_version = (
        OfferVersion.objects.filter(offer=offer, number=number).values_list("pk", flat=True).first()
    )
    if offer_version is None:
        raise NotFoundError
    return offer_version


def _load_version(person: Person, pk: int, number: int) -> OfferVersion:
    version_id = _version_id(pk, number)
    return get_version(person, version_id) or get_editable_version(person, version_id)


def _load_offer(person: Person, pk: int) -> dict[str, Any]:
    """NotFoundError for one of which the person sees no version."""
    offer = Offer.objects.select_related("product__domain", "domain__owner_team").filter(pk=pk).first()
    if offer is None:
        raise NotFoundError
    is_own = bool(may_view_offer_draft(person, offer))
    if not is_own and not visible_products(person).filter(pk=offer.product_id).exists():
        raise NotFoundError
    by_state = {one.state: one for one in with_related_rows(offer.versions.all())}
    if not is_own and not offer.versions.exclude(published_at=None).exists():
        raise NotFoundError
    draft = by_state.get(OfferState.DRAFT) if is_own else None
    return {"offer": offer, "published": by_state.get(OfferState.PUBLISHED), "draft": draft}


def _get_terms_context(request: Request, shown: Any) -> dict[str, Any]:
    """Takes a list of versions, one of them, or an offer."""
    rows = shown.values() if isinstance(shown, dict) else shown if isinstance(shown, list) else [shown]
    versions = [row for row in rows if isinstance(row, OfferVersion)]
    return {"accepted": list_accepted_terms(get_signed_in_person(request), versions)}


OFFERS = Endpoints(OfferOut, _load_offer, "offer_id", _get_terms_context)
OFFER_VERSIONS = Endpoints(OfferVersionOut, _load_version, context=_get_terms_context)


class OffersView(APIView):
    members: ClassVar = DRAFT_MEMBERS

    get = rows_endpoint(
        "list_offers",
        "List published offers",
        OfferOut,
        lambda person: with_related_rows(
            OfferVersion.objects.filter(
                offer__product__in=visible_products(person), state=OfferState.PUBLISHED
            )
        ),
        filters=OfferFilters,
        order=OLDEST,
        context=_get_terms_context,
        wrap=lambda _person, found: [{"offer": one.offer, "published": one, "draft": None} for one in found],
        errors=(),
    )

    post = OFFERS.act(
        "create_offer",
        "Create an offer",
        lambda **given: _load_offer(given["acting_user"], write_offer(**given).offer_id),
        takes=OfferIn,
        build=OfferIn.build_arguments,
        status=201,
        shows_result=True,
        errors=(404,),
    )


class OfferView(APIView):
    get = OFFERS.read("get_offer", "Get an offer")


class OfferVersionsView(APIView):
    members: ClassVar = DRAFT_MEMBERS

    post = OFFER_VERSIONS.create(
        "create_offer_version",
        "Create a version of an offer",
        lambda **given: _load_version(given["acting_user"], given["offer_id"], write_offer(**given).number),
        takes=OfferVersionIn,
        build=OfferVersionIn.build_arguments,
        shows_result=True,
        errors=(404,),
        description="Creates a draft. Nobody can request under it before it is published.",
    )


class OfferVersionView(APIView):
    get = OFFER_VERSIONS.read("get_offer_version", "Get a version of an offer")


class PublishView(APIView):
    members: ClassVar = {"offer": "", "tables": "", "database": ""}

    post = OFFER_VERSIONS.act(
        "publish_offer_version",
        "Publish a version of an offer",
        publish_offer_version,
        build=lambda _person, _said, pk, number: {"version_id": _version_id(pk, number)},
    )


class RetireView(APIView):
    members: ClassVar = {"offer": ""}

    post = OFFERS.act(
        "retire_offer",
        "Retire an offer",
        retire_offer,
        description="Ends new requests under the offer. Grants under it stay active.",
    )
