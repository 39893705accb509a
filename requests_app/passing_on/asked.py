"""Envelopes that were asked for a local group and have not been passed on to it: that its account's admins do."""

from django.db.models import Exists, OuterRef, QuerySet

from fulfilment.intents.models import Intent
from requests_app.models import GRANT_OF_ONE_TABLE, Grant
from requests_app.passing_on.models import LocalGrant
from requests_app.passing_on.offered import MAY_BE_PASSED_ON
from requests_app.states import GrantState


def held_by_its_group(envelope: Grant) -> list[Intent] | None:
    """By which members of the group for which it was asked read it; None while nothing of it is passed on to the group.
    Two queries.
    """
    local = LocalGrant.objects.filter(
        group=envelope.item.request.group, envelope=envelope, ended_at=None
    ).first()
    if local is None:
        return None
    return list(Intent.objects.filter(local_hold__local_grant=local, ended_at=None))


def left_to_pass_on(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Those of them; what was passed on once, and taken back, is not among them."""
    given = LocalGrant.objects.filter(group=OuterRef("item__request__group"), envelope=OuterRef("pk"))
    asked = grants.filter(GRANT_OF_ONE_TABLE, MAY_BE_PASSED_ON, state=GrantState.LIVE)
    living = asked.filter(item__request__group__isnull=False, item__request__group__ended_at=None)
    return living.exclude(Exists(given))
