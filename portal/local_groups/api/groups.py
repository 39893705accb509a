"""Local groups of an account, and who is in them."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from identity.accounts import LocalGroup, LocalMember
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.api.endpoints import Endpoints
from portal.api.fields import IdOut, ReferenceIn, TimeOut
from portal.api.filters import ListFilters, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import Resource, RowOut
from portal.api.serializers import StrictSerializer
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.subgrants.actions import (
    MAX_NAME_LENGTH,
    add_local_group_member,
    create_local_group,
    delete_local_group,
    remove_local_group_member,
)
from requests_app.grants.subgrants.queries import get_account, list_administered_accounts

LONGEST_ARN = 600


class LocalGroupFilters(ListFilters):
    account = by_text("account__account_id", "The account.")


class LocalGroupMemberOut(serializers.Serializer[LocalMember]):
    """A role of the account, or a user or group of a directory."""

    id = IdOut()
    arn = serializers.CharField()
    created_at = TimeOut(source="added_at")


class LocalGroupOut(Resource, RowOut):
    """Readers in an account, with its current members."""

    route = "api-local-group"
    has_page = False

    class Meta:
        model = LocalGroup
        fields = ("name", "account", "created_by", "created_at", "members")

    members = LocalGroupMemberOut(many=True)


class LocalGroupIn(StrictSerializer):
    account = ReferenceIn()
    name = serializers.CharField(max_length=MAX_NAME_LENGTH)


class LocalGroupMemberIn(StrictSerializer):
    arn = serializers.CharField(max_length=LONGEST_ARN)


def _group(person: Person, pk: int) -> LocalGroup:
    """One that the person may see. NotFoundError."""
    found = _local_groups().filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    get_account(person, found.account.account_id)
    return found


LOCAL_GROUPS = Endpoints(LocalGroupOut, _group, "group_id")


def _read_account(person: Person, said: dict[str, Any], pk: int) -> dict[str, Any]:
    return {**said, "account_id": _group(person, pk).account.account_id}


class LocalGroupsView(APIView):
    @documented(
        "list_local_groups",
        "List local groups",
        listed(LocalGroupOut),
        parameters=(*LIST, LocalGroupFilters),
        description="Local groups of the accounts that you administer, or of the `account` that you name.",
    )
    def get(self, request: Request) -> Any:
        person, named = get_signed_in_person(request), request.query_params.getlist("account")
        accounts = [get_account(person, one).pk for one in named] or list_administered_accounts(person)
        rows = LocalGroupFilters.apply(_local_groups().filter(account__in=accounts), request.query_params)
        return answer_list(request, rows, LocalGroupOut, order=("pk",))

    post = LOCAL_GROUPS.create(
        "create_local_group",
        "Create a local group",
        create_local_group,
        takes=LocalGroupIn,
        names={"account": "account_id"},
        errors=(404,),
    )


class LocalGroupView(APIView):
    get = LOCAL_GROUPS.read("get_local_group", "Get a local group")

    delete = LOCAL_GROUPS.remove(
        "delete_local_group",
        "Delete a local group",
        delete_local_group,
        build=_read_account,
        description="Its members lose the access that they have through it.",
    )


class LocalGroupMembersView(APIView):
    post = Endpoints(LocalGroupMemberOut, argument="group_id").create(
        "add_local_group_member",
        "Add a member to a local group",
        add_local_group_member,
        takes=LocalGroupMemberIn,
        build=_read_account,
        shows_result=True,
        errors=(404,),
    )


def _get_member(person: Person, pk: int, member: int) -> LocalMember:
    found = _group(person, pk).members.filter(pk=member, removed_at=None).first()
    if found is None:
        raise NotFoundError
    return found


class LocalGroupMemberView(APIView):
    delete = Endpoints(LocalGroupMemberOut, _get_member).remove(
        "remove_local_group_member",
        "Remove a member from a local group",
        remove_local_group_member,
        build=lambda person, _said, pk, member: {**_read_account(person, {}, pk), "member_id": member},
    )


def _local_groups() -> QuerySet[LocalGroup]:
    """Live ones, with those who are in them now."""
    members = Prefetch("members", LocalMember.objects.filter(removed_at=None).order_by("arn"))
    rows = LocalGroup.objects.filter(ended_at=None)
    return rows.select_related("account", "created_by").prefetch_related(members)
