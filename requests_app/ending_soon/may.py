"""When an end is warned of."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.models import Grant
from requests_app.states import GrantState

SHARE = 4
"""Of the whole time, the last quarter: what is given for hours is not warned of as it begins."""


def may_warn_expiry(grant: Grant, now: datetime) -> Verdict:
    """The engine's: live, and within the days of warning, or the last quarter of a shorter time."""
    ahead = min(timedelta(days=settings.WARN_DAYS), (grant.ends_at - grant.granted_at) / SHARE)
    if grant.state == GrantState.LIVE and now < grant.ends_at <= now + ahead:
        return ALLOWED
    return refused(_("The grant does not end soon."))
