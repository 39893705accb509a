"""Who may take over a request of somebody who left."""

from django.db.models import Q
from django.utils.translation import gettext as _

from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.models import AccessRequest, Decision
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.submission.may import may_submit_access_request


def may_take_over_request(person: Person, request: AccessRequest) -> Verdict:
    """Once its responsible person has left: a member of the requesting team who may request access for the same role,
    and who has not approved anything of it that still waits.
    """
    if request.current_requester.is_active:
        return refusal(
            _("%(name)s is responsible for this request.") % {"name": request.current_requester.name}
        )
    if not (verdict := may_submit_access_request(person, request.team, request.principal, request.group)):
        return verdict
    decisions = Decision.objects.filter(Q(decided_by=person) | Q(on_behalf_of=person), item__request=request)
    if decisions.filter(answer=Decision.Answer.APPROVE, item__state__in=OPEN_ITEM_STATES).exists():
        return refusal(_("You already approved this. Someone else from the team has to take it over."))
    return ALLOWED
