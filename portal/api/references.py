"""References to other things, `{"id", "name", "url"}`, and the addresses of a resource and its page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.db.models import Model
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.utils.field_mapping import ClassLookupDict

from catalog.glossary.models import Term
from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.models import Offer, OfferVersion
from catalog.questions import Question
from catalog.registrations.models import Registration
from identity.accounts import Account, ConnectedCatalog, LocalGroup, Principal
from identity.people.models import Person, Team
from portal.api.fields import EnumOut, TextOut, TimeOut
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_reviews.models import AccessReview
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession
from requests_app.grants.models import Grant
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.write_access.models import WriteRequest

API_ROOT = "/api/v1"


@dataclass(frozen=True)
class Kind:
    """How a thing is named: `id` is the end of its address, `route` the name of its address, or empty while it has none."""

    id: Callable[[Any], Any]
    name: Callable[[Any], str]
    route: str = ""
    arguments: Callable[[Any], Sequence[Any]] | None = None
    """Arguments of its address, if it has more than its id."""

    def url_of(self, row: Any, request: Any) -> str | None:
        arguments = self.arguments(row) if self.arguments else [self.id(row)]
        return absolute(request, self.route, *arguments)


KINDS: Mapping[type[Model], Kind] = {
    Person: Kind(lambda one: one.pk, lambda one: one.name),
    Team: Kind(lambda one: one.slug, lambda one: one.name),
    Domain: Kind(lambda one: one.slug, lambda one: one.name),
    Term: Kind(lambda one: one.slug, lambda one: one.name, "api-glossary-term"),
    DataProduct: Kind(lambda one: one.slug, lambda one: one.name, "api-data-product"),
    Question: Kind(lambda one: one.pk, lambda one: f"Question {one.pk}", "api-question"),
    Database: Kind(lambda one: one.pk, lambda one: one.name, "api-database"),
    Table: Kind(lambda one: one.pk, lambda one: one.name, "api-table"),
    ConnectedCatalog: Kind(lambda one: one.short_name, lambda one: one.short_name),
    Account: Kind(lambda one: one.account_id, lambda one: one.name),
    Principal: Kind(lambda one: one.arn, lambda one: one.name),
    LocalGroup: Kind(lambda one: one.pk, lambda one: one.name, "api-local-group"),
    Offer: Kind(lambda one: one.pk, lambda one: f"Offer {one.pk}", "api-offer"),
    OfferVersion: Kind(lambda one: one.pk, str, "api-offer-version", lambda one: [one.offer_id, one.number]),
    Registration: Kind(lambda one: one.pk, str, "api-registration"),
    WriteRequest: Kind(lambda one: one.pk, str, "api-write-request"),
    RecreatedTable: Kind(lambda one: one.pk, str, "api-recreated-table"),
    AccessRequest: Kind(lambda one: one.pk, lambda one: f"Request {one.pk}", "api-access-request"),
    RequestItem: Kind(lambda one: one.pk, lambda one: one.name, "api-request-item"),
    Grant: Kind(lambda one: one.pk, lambda one: f"Grant {one.pk}", "api-grant"),
    AccessReview: Kind(lambda one: one.pk, lambda one: one.name, "api-access-review"),
    BreakGlassConsent: Kind(lambda one: one.pk, lambda one: f"Consent {one.pk}", "api-break-glass-consent"),
    BreakGlassSession: Kind(
        lambda one: one.pk, lambda one: f"Break-glass session {one.pk}", "api-break-glass-session"
    ),
}


class ReferenceOut(serializers.Serializer[Any]):
    """Another thing. `url` is null while it has no address in the API."""

    id = serializers.CharField()
    name = serializers.CharField()
    url = serializers.URLField(allow_null=True)


def refer_to(row: Model, request: Any) -> dict[str, str | None]:
    kind = KINDS[row.__class__]  # `type` would name the proxy of a signed-in person
    return {"id": str(kind.id(row)), "name": kind.name(row), "url": kind.url_of(row, request)}


def absolute(request: Any, route: str, *arguments: Any) -> str | None:
    """The address of a resource, with its host; None without a route."""
    return request.build_absolute_uri(reverse(route, args=arguments)) if route else None


def page_of_resource(url: str | None) -> str | None:
    """A page and its resource have the same address, but for the API's root and the slash at the end."""
    return f"{url.replace(API_ROOT, '', 1)}/" if url else None


@extend_schema_field(ReferenceOut)
class Reference(serializers.Field[Any, Any, Any, Any]):
    """To the row that is its source."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Model) -> dict[str, str | None]:
        return refer_to(value, self.context["request"])


@extend_schema_field(ReferenceOut(allow_null=True))
class OptionalReference(Reference):
    """Null where there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, default=None, **options)


class RowOut(serializers.ModelSerializer[Any]):
    """What an answer says of a row: the columns of its model that `Meta.fields` names, and the members that it declares. Members
    of bases come first.
    """

    serializer_field_mapping: ClassVar = {
        models.BooleanField: serializers.BooleanField,
        models.DateField: serializers.DateField,
        models.DateTimeField: TimeOut,
        models.FloatField: serializers.FloatField,
        models.IntegerField: serializers.IntegerField,
    }

    def get_field_names(self, declared_fields: Mapping[str, Any], _info: Any) -> list[str]:
        owner = next(one for one in type(self).__mro__ if "Meta" in vars(one))
        own = list(owner.Meta.fields)  # type: ignore[attr-defined]
        more = [name for name in declared_fields if name not in own]
        inherited = [
            name
            for name in more
            if any(name in getattr(base, "_declared_fields", ()) for base in owner.__bases__)
        ]
        return [*inherited, *own, *(name for name in more if name not in inherited)]

    def build_standard_field(self, _field_name: str, model_field: Any) -> tuple[Any, dict[str, Any]]:
        options = {"allow_null": True} if model_field.null else {}
        if model_field.choices:
            return EnumOut, {"words": [value for value, _label in model_field.flatchoices], **options}
        if isinstance(model_field, models.CharField | models.TextField):
            return (TextOut, {}) if model_field.blank else (serializers.CharField, options)
        return ClassLookupDict(self.serializer_field_mapping)[model_field], options  # type: ignore[type-var]

    def build_relational_field(self, _field_name: str, relation_info: Any) -> tuple[Any, dict[str, Any]]:
        return (OptionalReference if relation_info.model_field.null else Reference), {}

    def get_uniqueness_extra_kwargs(
        self, _field_names: Any, _declared_fields: Any, extra_kwargs: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Answers are not validated."""
        return extra_kwargs, {}


class Resource(serializers.Serializer[Any]):
    """A thing with an address: `route` is the name of its address, `key` its id, the only argument of the address unless
    `arguments_of` says otherwise.
    """

    route = ""
    key = "pk"
    has_page = True
    page_below = ""
    """What its page adds to its address, where that has no page of its own."""
    id = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="its address in the API")
    html_url = serializers.SerializerMethodField(help_text="its page")

    def get_id(self, row: Any) -> str:
        return str(self.key_of(row))

    @extend_schema_field(serializers.URLField())  # type: ignore[untyped-decorator]
    def get_url(self, row: Any) -> str | None:
        return absolute(self.context["request"], self.route, *self.arguments_of(row))

    @extend_schema_field(serializers.URLField(allow_null=True))  # type: ignore[untyped-decorator]
    def get_html_url(self, row: Any) -> str | None:
        page = page_of_resource(self.get_url(row)) if self.has_page else None
        return f"{page}{self.page_below}" if page else None

    def arguments_of(self, row: Any) -> Sequence[Any]:
        return [self.key_of(row)]

    def key_of(self, row: Any) -> Any:
        found = row
        for step in self.key.split("."):
            found = found[step] if isinstance(found, Mapping) else getattr(found, step)
        return found


def find_catalog_id(short_name: str) -> int:
    """0, which no catalog has, if there is none."""
    connected_catalog = (
        ConnectedCatalog.objects.filter(short_name=short_name).values_list("pk", flat=True).first()
    )
    return connected_catalog or 0
