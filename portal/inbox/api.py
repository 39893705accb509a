"""Items that wait for a decision, over the API."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from portal.api.openapi import AFTER, LIMIT, documented
from portal.api.pagination import oldest_first, page_answer, page_of
from portal.api.serializers import GroupNameOut, ItemOut, PersonOut, PrincipalOut
from portal.pages.signed_in import person_of
from requests_app.review.queries import list_inbox


class WaitingOut(ItemOut):
    """An item of the inbox, with who asks and why."""

    requester = PersonOut()
    taken_over_by = PersonOut(source="request.taken_over_by", allow_null=True)
    principal = PrincipalOut(source="request.principal")
    group = GroupNameOut(source="request.group", allow_null=True)
    purpose = serializers.CharField(source="request.purpose")


class InboxView(APIView):
    @documented(
        "list_inbox",
        "Items that wait for your decision, longest first",
        page_of(WaitingOut),
        parameters=(LIMIT, AFTER),
    )
    def get(self, request: Request) -> Response:
        rows, following = oldest_first(list_inbox(person_of(request)), request)
        return page_answer(WaitingOut(rows, many=True, context={"now": clock.now()}).data, following)
