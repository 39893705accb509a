"""Asking by LF-Tags: what carries them, and the ask."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.products.offers.states import Use
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError
from portal.api.fields import EndField, OptionalIdField, TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.api.serializers import RequestOut
from portal.pages.signed_in import person_of
from portal.request_form.api.demands import SaidIn, said_of
from portal.request_form.api.tables import AcceptsIn, principal_in
from requests_app.access_requests.queries import get_request
from requests_app.submission.lf_tags_requests import submit_request_by_tags
from requests_app.targets.lf_tags import build_tags_target, parse_tag_expression

CATALOG = OpenApiParameter("catalog", str, required=True, description="Its short name.")
TAG = OpenApiParameter(
    "tag", str, many=True, description="An LF-Tag as key=value; one of a key's values must fit."
)


class MemberOut(serializers.Serializer[Any]):
    """A table with the columns that are opened, and those that LF-Tags leave closed."""

    database = serializers.CharField(source="table.database.name")
    table = serializers.CharField(source="table.name")
    id = serializers.IntegerField(source="table.pk")
    columns = serializers.ListField(child=serializers.CharField(), source="opened")
    left_out = serializers.ListField(child=serializers.CharField(), source="closed")


class ReachOut(serializers.Serializer[Any]):
    """What carries the LF-Tags today, as far as you may see it. `mark` names exactly this; `refusal` says why it
    cannot be asked for as it is, or is empty.
    """

    expression = serializers.CharField(source="expression.text")
    mark = serializers.CharField()
    refusal = serializers.CharField()
    tables = MemberOut(many=True)


class ManyIn(SaidIn):
    """What every ask says that reaches many tables; `submission_key` is yours."""

    principal = serializers.CharField(
        max_length=600, help_text="ARN of a role or user of your teams' accounts"
    )
    purpose = TextIn(allow_blank=True)
    ends_at = EndField()
    catalog = serializers.SlugField()
    mark = serializers.CharField(max_length=64)
    submission_key = serializers.CharField(max_length=64)
    offer = OptionalIdField("the version of an offer under which you ask")
    use = serializers.ChoiceField(Use.choices, default="", allow_blank=True)
    accepts = AcceptsIn()


class ByTagsIn(ManyIn):
    """`mark` is that of the reach that you looked at."""

    tags = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=256), max_length=50)
    )


class ReachView(APIView):
    @documented("show_reach", "What carries LF-Tags", ReachOut, parameters=(CATALOG, TAG), errors=(400, 404))
    def get(self, request: Request) -> Response:
        tags: dict[str, list[str]] = {}
        for pair in request.query_params.getlist("tag"):
            key, _equals, value = pair.partition("=")
            tags.setdefault(key, []).append(value)
        catalog = _catalog(request.query_params.get("catalog", ""))
        return Response(
            ReachOut(build_tags_target(catalog, parse_tag_expression(tags), person_of(request))).data
        )


class ByTagsView(APIView):
    @documented(
        "submit_request_by_tags",
        "Ask by LF-Tags",
        RequestOut,
        takes=ByTagsIn,
        status=201,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = ByTagsIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, values, now = person_of(request), given.validated_data, clock.now()
        principal = principal_in(person, values.pop("principal"))
        asked = submit_request_by_tags(
            acting_user=person,
            team=principal.account.team,
            principal=principal,
            catalog=_catalog(values.pop("catalog")),
            now=now,
            offer_id=values.pop("offer"),
            provided=said_of(values),
            **values,
        )
        shown = RequestOut(get_request(person, asked.pk), context={"now": now})
        return Response(shown.data, status.HTTP_201_CREATED)


def _catalog(short_name: str) -> ConnectedCatalog:
    found = ConnectedCatalog.objects.select_related("account").filter(short_name=short_name).first()
    if found is None:
        raise NotFoundError
    return found
