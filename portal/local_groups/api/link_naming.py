"""Link naming: under which names an account finds what it is granted."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.accounts import Account
from portal.api.etags import ETAG, IF_MATCH, check_match, document_answer, etag_of
from portal.api.fields import EnumOut
from portal.api.openapi import documented
from portal.api.references import Reference
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import (
    DATABASE_LINK,
    INHERIT,
    TABLE_LINKS,
    LinkNamingChoice,
    get_account_link_naming,
    list_link_naming_choices,
)
from requests_app.grants.subgrants.queries import get_account

LONGEST_KEY = 300
NAMINGS = {DATABASE_LINK: "database", TABLE_LINKS: "table", INHERIT: "inherit"}
ACCOUNT_MEMBERS = {"way": "naming"}
DATABASE_MEMBERS = {"way": "databases.0.naming", "database": "databases.0.id"}
WAYS = {name: way for way, name in NAMINGS.items()}


class DatabaseNamingOut(serializers.Serializer[LinkNamingChoice]):
    """`is_by_table` says whether each table gets a link of its own. `wide_grant_count` counts grants on LF-Tags or the whole
    database, which always use a database link. `moving_grant_count` counts grants whose new names are not proven yet.
    """

    id = serializers.CharField(source="key")
    name = serializers.CharField(source="database")
    catalog = Reference()
    naming = serializers.SerializerMethodField()
    is_by_table = serializers.BooleanField(source="by_table")
    wide_grant_count = serializers.IntegerField()
    moving_grant_count = serializers.IntegerField(source="changing_grant_count")

    @extend_schema_field(EnumOut([*NAMINGS.values()]))  # type: ignore[untyped-decorator]
    def get_naming(self, choice: LinkNamingChoice) -> str:
        return NAMINGS[choice.link_naming]


class LinkNamingOut(serializers.Serializer[Any]):
    """`naming` applies to every database without a naming of its own."""

    account = Reference()
    naming = EnumOut(("database", "table"))
    databases = DatabaseNamingOut(many=True)


class DatabaseNamingIn(StrictSerializer):
    id = serializers.CharField(max_length=LONGEST_KEY)
    naming = serializers.ChoiceField(list(WAYS))


class LinkNamingIn(StrictSerializer):
    """One change at a time: the account's own `naming`, or that of one of its databases."""

    naming = serializers.ChoiceField(("database", "table"), required=False)
    databases: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=DatabaseNamingIn(), required=False, max_length=1
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("naming" in attrs) == bool(attrs.get("databases")):
            raise serializers.ValidationError(_("Change the account's naming, or that of one database."))
        return attrs


class LinkNamingView(APIView):
    members: Mapping[str, str]

    @documented("get_link_naming", "Get link naming", LinkNamingOut, parameters=(ETAG,))
    def get(self, request: Request, account_id: str) -> Response:
        return document_answer(_document(request, get_account(get_signed_in_person(request), account_id)))

    @documented(
        "update_link_naming",
        "Update link naming",
        LinkNamingOut,
        takes=LinkNamingIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
    )
    def patch(self, request: Request, account_id: str) -> Response:
        person = get_signed_in_person(request)
        check_match(request, etag_of(_document(request, get_account(person, account_id))))
        body = read_body(LinkNamingIn, request)
        self.members = DATABASE_MEMBERS if body.get("databases") else ACCOUNT_MEMBERS
        one = body["databases"][0] if body.get("databases") else {"id": "", "naming": body["naming"]}
        link_naming = choose_link_naming(
            acting_user=person,
            account_id=account_id,
            database=one["id"],
            link_naming=WAYS[one["naming"]],
            now=get_request_time(request),
        )
        return document_answer(_document(request, link_naming))


def _document(request: Request, account: Account) -> Mapping[str, Any]:
    found = {
        "account": account,
        "naming": NAMINGS[get_account_link_naming(account)],
        "databases": list_link_naming_choices(account),
    }
    document: Mapping[str, Any] = LinkNamingOut(found, context={"request": request}).data
    return document
