"""Service roles of an account, and who is responsible for each."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from identity.accounts import Principal
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.api.endpoints import Endpoints
from portal.api.fields import ReferenceIn
from portal.api.filters import ListFilters, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.people import person_in
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import StrictSerializer
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.service_roles import list_responsible_person_candidates, name_responsible_person
from requests_app.grants.subgrants.queries import get_account, list_administered_accounts


class ServiceRoleFilters(ListFilters):
    account = by_text("account__account_id", "The account.")


class ServiceRoleOut(Resource):
    """A role that services may assume, by its trust policy."""

    route = "api-service-role"
    has_page = False
    arn = serializers.CharField()
    name = serializers.CharField()
    services = serializers.ListField(child=serializers.CharField())
    tags = serializers.DictField(child=serializers.CharField(), allow_null=True)
    responsible_person = OptionalReference(source="active_responsible_person")
    account = Reference()
    team = Reference(source="account.team")


class ServiceRoleIn(StrictSerializer):
    responsible_person = ReferenceIn(help_text="somebody of the account's team, by id or e-mail")

    @staticmethod
    def build_arguments(person: Person, said: dict[str, Any], pk: int) -> dict[str, Any]:
        account = _service_role(person, pk).account
        refusal = _("Choose somebody of %(team)s.") % {"team": account.team.name}
        candidates = list_responsible_person_candidates(account)
        chosen = person_in(candidates, said["responsible_person"], "responsible_person", refusal)
        return {"account_id": account.account_id, "person_id": chosen.pk}


class ServiceRolesView(APIView):
    @documented(
        "list_service_roles",
        "List service roles",
        listed(ServiceRoleOut),
        parameters=(*LIST, ServiceRoleFilters),
        description="Service roles of the accounts that you administer, or of the `account` that you name.",
    )
    def get(self, request: Request) -> Any:
        person, named = get_signed_in_person(request), request.query_params.getlist("account")
        accounts = [get_account(person, one).pk for one in named] or list_administered_accounts(person)
        rows = ServiceRoleFilters.apply(_service_roles().filter(account__in=accounts), request.query_params)
        return answer_list(request, rows, ServiceRoleOut, order=("name", "pk"))


def _service_role(person: Person, pk: int) -> Principal:
    """Returns a role of an account that the person may see. NotFoundError."""
    found: Principal | None = _service_roles().filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    get_account(person, found.account.account_id)
    return found


SERVICE_ROLES = Endpoints(ServiceRoleOut, _service_role, "principal_id")


class ServiceRoleView(APIView):
    get = SERVICE_ROLES.read("get_service_role", "Get a service role")

    patch = SERVICE_ROLES.act(
        "update_service_role",
        "Update the responsible person of a service role",
        name_responsible_person,
        takes=ServiceRoleIn,
        names={"responsible_person": "person"},
        build=ServiceRoleIn.build_arguments,
        errors=(404,),
    )


def _service_roles() -> Any:
    living = Principal.objects.filter(gone_at=None, is_portal=False).exclude(services=[])
    return living.select_related("account__team", "owner").prefetch_related("owner__memberships")
