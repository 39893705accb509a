"""Taking over a request whose requester has left."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from portal.api.documented import documented
from portal.api.repeating import KEY, once_a_key
from portal.api.shapes import RequestOut
from portal.people import person_of
from requests_app.access_requests.queries import request_for
from requests_app.leavers.actions import take_over_request


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
        return Response(RequestOut(request_for(person, pk), context={"now": now}).data)
