"""Requests over the API: list, submit, show, change, comment, withdraw, take over."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from identity.errors import RefusedError
from identity.people.models import Person, Team
from portal.api.fields import EndField, TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import BEFORE, LIMIT, WHOSE, documented
from portal.api.pagination import asks_for_all, newest_first, page_answer, page_of
from portal.api.serializers import ItemOut, PersonOut, RequestOut
from portal.pages.signed_in import person_of
from portal.request_form.api.demands import SaidIn, said_of
from portal.request_form.api.tables import ItemOfTableIn, RequestIn, ask_in, reader_in
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH
from requests_app.access_requests.models import Remark
from requests_app.access_requests.queries import get_request, list_own_requests, list_visible_requests
from requests_app.leavers.actions import take_over_request
from requests_app.review.comments import comment_on_item
from requests_app.review.queries import get_item_for_review
from requests_app.submission.actions import submit_request, withdraw_item
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem


class RequestsView(APIView):
    @documented(
        "list_requests",
        "Your requests, newest first; or, to an auditor, everyone's",
        page_of(RequestOut),
        parameters=(LIMIT, BEFORE, WHOSE),
    )
    def get(self, request: Request) -> Response:
        person = person_of(request)
        found = list_visible_requests(person) if asks_for_all(request, person) else list_own_requests(person)
        rows, following = newest_first(found, request)
        return page_answer(RequestOut(rows, many=True, context={"now": clock.now()}).data, following)

    @documented(
        "submit_request",
        "Ask for access",
        RequestOut,
        takes=RequestIn,
        status=201,
        errors=(400,),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = RequestIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, values, now = person_of(request), given.validated_data, clock.now()
        reader = reader_in(person, values)
        asked = submit_request(
            acting_user=person,
            team=_team(person, values["team"]) if "team" in values else reader.principal.account.team,
            principal=reader.principal,
            group=reader.group,
            purpose=values["purpose"],
            ends_at=values["ends_at"],
            items=[ask_in(person, item) for item in values["items"]],
            submission_key=values["submission_key"],
            now=now,
            accepts=values["accepts"],
            provided=said_of(values),
        )
        shown = RequestOut(get_request(person, asked.pk), context={"now": now})
        return Response(shown.data, status.HTTP_201_CREATED)


class RequestView(APIView):
    @documented("show_request", "A request with those of its items that you may see", RequestOut)
    def get(self, request: Request, pk: int) -> Response:
        asked = get_request(person_of(request), pk)
        return Response(RequestOut(asked, context={"now": clock.now()}).data)


def _team(person: Person, slug: str) -> Team:
    found = person.teams.filter(slug=slug).first()
    if found is None:
        raise RefusedError("You have no team of this name.", "team")
    return found


class RemarkIn(serializers.Serializer[Any]):
    """`key` is yours: sent again under the same key, it is said once."""

    comment = TextIn(allow_blank=True)
    key = serializers.CharField(max_length=MAX_KEY_LENGTH)


class ChangeIn(ItemOfTableIn, SaidIn):
    """What you ask for instead, as a whole; or the same again with the words that say why."""

    ends_at = EndField()
    comment = TextIn(allow_blank=True, default="")


class RemarkOut(serializers.Serializer[Any]):
    author = PersonOut()
    said_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=Remark.Kind.choices)
    text = serializers.CharField()


class ChangeView(APIView):
    @documented(
        "change_item",
        "Answer a wish for a change: ask for something else of the same table",
        ItemOut,
        takes=ChangeIn,
        errors=(400, 404, 409),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        person = person_of(request)
        item = get_item_for_review(person, pk)
        given = ChangeIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = dict(given.validated_data)
        words = {name: said.pop(name) for name in ("comment", "ends_at")}
        words["provided"] = said_of(said)
        ask = RequestedItem(
            item.table_id, tuple(said.pop("columns")), said.pop("whole_table"), item.product_id, **said
        )
        resubmit_item(acting_user=person, item_id=pk, ask=ask, **words, now=clock.now())
        return item_answer(request, pk)


class RemarksView(APIView):
    @documented("list_remarks", "What was said on it, oldest first", RemarkOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        item = get_item_for_review(person_of(request), pk)
        return Response(RemarkOut(list(item.remarks.all()), many=True).data)

    @documented(
        "comment_on_item",
        "Say something to the asker and the deciders",
        RemarkOut,
        takes=RemarkIn,
        status=201,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = RemarkIn(data=request.data)
        given.is_valid(raise_exception=True)
        person = person_of(request)
        said = comment_on_item(acting_user=person, item_id=pk, **given.validated_data, now=clock.now())
        return Response(RemarkOut(said).data, status.HTTP_201_CREATED)


class WithdrawView(APIView):
    @documented(
        "withdraw_item", "Take back what you asked for", ItemOut, errors=(404, 409), parameters=(KEY,)
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        withdraw_item(acting_user=person_of(request), item_id=pk, now=clock.now())
        return item_answer(request, pk)


def item_answer(request: Request, pk: int) -> Response:
    item = get_item_for_review(person_of(request), pk)
    return Response(ItemOut(item, context={"now": clock.now()}).data)


class TakeOverView(APIView):
    @documented(
        "take_over_request",
        "Answer for a request of your team in the place of somebody who has left",
        RequestOut,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        person, now = person_of(request), clock.now()
        take_over_request(acting_user=person, request_id=pk, now=now)
        return Response(RequestOut(get_request(person, pk), context={"now": now}).data)
