"""Where to act on the present stage of an item."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from identity.people.models import Person
from requests_app.access_requests.models import RequestItem
from requests_app.display_states.vocabulary import Reason
from requests_app.grants.link_naming.may import may_choose_link_naming
from requests_app.grants.subgrants.may import is_account_admin
from requests_app.review.timeline import Stage, StageName


@dataclass(frozen=True)
class StageLink:
    url: str
    label: str


def find_stage_link(
    person: Person,
    item: RequestItem,
    stages: Sequence[Stage],
    *,
    may_review: bool = False,
    may_change: bool = False,
) -> StageLink | None:
    """What the person can do there themselves, else where it is explained; None where nothing is to be done."""
    here = next(stage for stage in stages if stage.is_current)
    reason = here.state.reason if here.state else Reason.NONE
    if may_review:
        return StageLink(reverse("review", args=[item.pk]), _("Review"))
    if may_change:
        return StageLink(reverse("request-item-resubmit", args=[item.pk]), _("Change and resubmit"))
    if reason == Reason.LINK_NAME_TAKEN:
        account = item.request.principal.account
        if may_choose_link_naming(person, account):
            naming = reverse("local-groups", args=[account.account_id])
            return StageLink(f"{naming}#landing", _("Choose the kind of link"))
    if reason == Reason.TO_BE_PASSED_ON and is_account_admin(person, item.request.principal.account):
        account = item.request.principal.account
        return StageLink(reverse("local-groups", args=[account.account_id]), _("Pass it on"))
    if here.remedy and here.name in {StageName.APPLIED, StageName.PROVEN, StageName.ENDS}:
        return StageLink(reverse("grant-proof", args=[item.grant.pk]), _("See what is missing"))
    return None
