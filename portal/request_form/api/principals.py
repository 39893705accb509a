"""Principals that may receive access."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.api.filters import ListFilters, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.serializers import PrincipalOut
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.targets.recipients import list_requestable_principals

REQUESTABLE = OpenApiParameter(
    "requestable", bool, required=False, description="Those for which you may request access. Send `true`."
)


class PrincipalFilters(ListFilters):
    account = by_text("account__account_id", "The account.")
    team = by_text("account__team__slug", "The account's team.")
    name = by_text("name", "The exact name.")


class PrincipalsView(APIView):
    @documented(
        "list_principals",
        "List principals",
        listed(PrincipalOut),
        parameters=(*LIST, REQUESTABLE, PrincipalFilters),
        errors=(),
        description="Roles, users and accounts for which you may request access.",
    )
    def get(self, request: Request) -> Any:
        if request.query_params.get("requestable", "true") != "true":
            raise ValidationError({"requestable": _("You can only list requestable principals. Send true.")})
        rows = list_requestable_principals(get_signed_in_person(request))
        rows = rows.select_related("owner").prefetch_related("owner__memberships")
        return answer_list(request, PrincipalFilters.apply(rows, request.query_params), PrincipalOut)
