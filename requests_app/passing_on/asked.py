"""Envelopes that were asked for a local group and have not been passed on to it: that its account's admins do."""

from django.db.models import Exists, OuterRef, QuerySet

from requests_app.models import GRANT_OF_ONE_TABLE, Grant
from requests_app.passing_on.models import LocalGrant
from requests_app.passing_on.offered import MAY_BE_PASSED_ON
from requests_app.states import GrantState


def left_to_pass_on(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Those of them; what was passed on once, and taken back, is not among them."""
    given = LocalGrant.objects.filter(group=OuterRef("item__request__group"), envelope=OuterRef("pk"))
    asked = grants.filter(GRANT_OF_ONE_TABLE, MAY_BE_PASSED_ON, state=GrantState.LIVE)
    living = asked.filter(item__request__group__isnull=False, item__request__group__ended_at=None)
    return living.exclude(Exists(given))
