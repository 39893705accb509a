"""How what an account is granted is found there: behind links to databases, or by a link for each table."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from identity.accounts.models import Account
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.pages.signed_in import person_of
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import (
    INHERIT,
    LINK_NAMINGS,
    get_account_link_naming,
    list_link_naming_choices,
)
from requests_app.grants.subgrants.queries import get_account

LONGEST_KEY = 300


class LandingOfDatabaseOut(serializers.Serializer[Any]):
    """`database` is <catalog's id>/<name>; `by_table`, what `way` comes to. `wide` grants, of LF-Tags or the whole database,
    are found behind a link to it all the same; of `moving` ones the new names are not proven yet.
    """

    database = serializers.CharField(source="key")
    name = serializers.CharField(source="database")
    catalog = serializers.CharField(source="catalog.short_name")
    way = serializers.ChoiceField([INHERIT, *LINK_NAMINGS])
    by_table = serializers.BooleanField()
    wide = serializers.IntegerField()
    moving = serializers.IntegerField()


class LandingOut(serializers.Serializer[Any]):
    """`way` is that of every database for which nothing else is chosen."""

    account = serializers.CharField()
    way = serializers.ChoiceField(LINK_NAMINGS)
    databases = LandingOfDatabaseOut(many=True)


class LandingIn(serializers.Serializer[Any]):
    """For one database, or without one for all that nothing else is chosen for."""

    database = serializers.CharField(max_length=LONGEST_KEY, allow_blank=True, default="")
    way = serializers.ChoiceField([INHERIT, *LINK_NAMINGS])


class LandingView(APIView):
    @documented("get_landing", "How what an account is granted is found there", LandingOut)
    def get(self, request: Request, account_id: str) -> Response:
        return Response(_shown(get_account(person_of(request), account_id)))

    @documented(
        "choose_landing", "Choose links to databases, or to tables", LandingOut, takes=LandingIn, errors=(400, 404),
        parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, account_id: str) -> Response:
        given = LandingIn(data=request.data)
        given.is_valid(raise_exception=True)
        found = choose_link_naming(
            acting_user=person_of(request), account_id=account_id, now=clock.now(), **given.validated_data
        )
        return Response(_shown(found))


def _shown(account: Account) -> dict[str, Any]:
    found = {
        "account": account.account_id,
        "way": get_account_link_naming(account),
        "databases": list_link_naming_choices(account),
    }
    return dict(LandingOut(found).data)
