"""Baskets: one of your own for each of your teams."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from identity.people.models import Team
from portal.api.fields import EndField, TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.api.serializers import RequestOut, TableNameOut
from portal.pages.signed_in import person_of
from portal.request_form.api.demands import SaidIn, said_of
from portal.request_form.api.tables import AcceptsIn, GroupField, ItemIn, ask_in, reader_in
from requests_app.access_requests.queries import get_request
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import add_to_basket, get_basket, get_own_team, remove_from_basket
from requests_app.submission.basket_summary import BasketRow, build_basket_rows


class CollectedOut(serializers.Serializer[BasketRow]):
    """One table in the basket. `table_id` alone is told of one that is no longer in the catalog for you."""

    table_id = serializers.IntegerField(source="item.table_id")
    table = serializers.SerializerMethodField()
    product = serializers.CharField(source="item.product.slug", allow_null=True, default=None)
    columns = serializers.ListField(child=serializers.CharField(), source="item.columns")
    whole_table = serializers.BooleanField(source="item.whole_table")
    row_rule = serializers.CharField(source="item.row_rule")
    metadata_only = serializers.BooleanField(source="item.metadata_only")
    not_asked_sensitive = serializers.ListField(child=serializers.CharField(), source="left_off")
    decided_by = serializers.CharField(source="domain.owner_team.slug", allow_null=True, default=None)
    usual_wait_seconds = serializers.SerializerMethodField()
    offer = serializers.IntegerField(source="item.offer_id", allow_null=True)
    use = serializers.CharField(source="item.use", allow_blank=True)
    problem = serializers.CharField(allow_blank=True)

    def get_table(self, row: BasketRow) -> dict[str, Any] | None:
        return dict(TableNameOut(row.item.table).data) if row.is_there else None

    def get_usual_wait_seconds(self, row: BasketRow) -> float | None:
        return row.wait.total_seconds() if row.wait is not None else None


class BasketOut(serializers.Serializer[Any]):
    """`version` grows with each change: send it back, so that what is asked for is what you saw."""

    team = serializers.CharField()
    version = serializers.IntegerField()
    items = CollectedOut(many=True)


class BasketIn(SaidIn):
    principal = serializers.CharField(
        max_length=600, help_text="ARN of a role or user of this team's accounts; for an account, its id"
    )
    group = GroupField()
    purpose = TextIn(allow_blank=True)
    ends_at = EndField()
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    accepts = AcceptsIn()


class BasketView(APIView):
    @documented("show_basket", "What you collected for a team of yours", BasketOut)
    def get(self, request: Request, slug: str) -> Response:
        return _shown(request, get_own_team(person_of(request), slug))


class BasketItemsView(APIView):
    @documented(
        "put_in_basket",
        "Put a table in, in place of what is in of it",
        BasketOut,
        takes=ItemIn,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, slug: str) -> Response:
        person = person_of(request)
        team = get_own_team(person, slug)
        given = ItemIn(data=request.data)
        given.is_valid(raise_exception=True)
        ask = ask_in(person, given.validated_data)
        add_to_basket(person=person, team=team, asks=[ask], now=clock.now())
        return _shown(request, team)


class BasketItemView(APIView):
    @documented("take_out_of_basket", "Take a table out", BasketOut)
    def delete(self, request: Request, slug: str, table: int) -> Response:
        person = person_of(request)
        team = get_own_team(person, slug)
        remove_from_basket(person=person, team=team, tables=[table])
        return _shown(request, team)


class BasketSubmitView(APIView):
    @documented(
        "submit_basket",
        "Ask for all that is in it, less what the principal has already",
        RequestOut,
        takes=BasketIn,
        status=201,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, slug: str) -> Response:
        person, now = person_of(request), clock.now()
        team = get_own_team(person, slug)
        given = BasketIn(data=request.data)
        given.is_valid(raise_exception=True)
        reader = reader_in(person, given.validated_data)
        values = {**given.validated_data, "principal": reader.principal, "group": reader.group}
        values["provided"] = said_of(values)
        sent = submit_basket(acting_user=person, team=team, **values, now=now)
        shown = RequestOut(get_request(person, sent.request.pk), context={"now": now})
        return Response(shown.data, status.HTTP_201_CREATED)


def _shown(request: Request, team: Team) -> Response:
    person = person_of(request)
    version, items = get_basket(person, team).version, build_basket_rows(person, team)
    return Response(BasketOut({"team": team.slug, "version": version, "items": items}).data)
