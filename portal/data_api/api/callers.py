"""Who calls the data API: a signed-in person, or a service with its token."""

from rest_framework.request import Request
from rest_framework.views import APIView

from identity.service_tokens.models import ServiceToken
from portal.api.authentication import (
    IsPersonOrHasTokenScope,
    ServiceTokenAuthentication,
    SessionAuthentication,
)
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.data_queries.callers import Caller


class DataView(APIView):
    """`token_scope` is what a token needs."""

    authentication_classes = (SessionAuthentication, ServiceTokenAuthentication)
    permission_classes = (IsPersonOrHasTokenScope,)


def get_caller(request: Request) -> Caller:
    if isinstance(request.auth, ServiceToken):
        return Caller(token=request.auth)
    return Caller(get_signed_in_person(request))
