"""What would become of an ask, before it is sent. Nothing is written."""

from datetime import datetime

from catalog.offers.models import OfferVersion
from identity.models import Person, Principal
from requests_app.access import effects_of
from requests_app.asks import CheckedAsk, ItemAsk, check_effects, check_item, check_principal
from requests_app.findable import findable
from requests_app.models import AccessRequest, Item
from requests_app.rules.automatic import deciding_version
from requests_app.rules.judging import judged
from requests_app.rules.looking import by_people
from requests_app.rules.wording import at_once_under, what_happens
from requests_app.under_offers.checking import check_in_force, problems_under, refuse_beyond


def forecast(
    *, person: Person, principal: Principal, ask: ItemAsk, purpose: str, ends_at: datetime, now: datetime
) -> str:
    """One sentence on what becomes of the ask by the rules in force and its offer; that terms have to be accepted is
    not among it. RefusedError when the ask does not stand.
    """
    check_principal(principal)
    request = AccessRequest(
        requester=person, team=principal.account.team, principal=principal, purpose=purpose, ends_at=ends_at,
        submitted_at=now,
    )  # fmt: skip
    checked = check_item(findable(person, [ask]), ask)
    if checked.offer:
        check_in_force(checked.offer)
        refuse_beyond(problems_under(checked.offer, checked, ends_at, now), checked.offer)
    item = _unsent(checked, request)
    effects = effects_of(item)
    check_effects(effects)
    _facts, verdict = judged(item, effects)
    version = deciding_version(item, effects, verdict)
    if isinstance(version, OfferVersion):
        return at_once_under(version)
    return what_happens(verdict.to_json() if version else by_people(verdict))


def _unsent(ask: CheckedAsk, request: AccessRequest) -> Item:
    return Item(
        request=request, requester=request.requester, product=ask.product, table=ask.table,
        columns=list(ask.columns), whole_table=ask.whole_table, row_rule=ask.row_rule,
        metadata_only=ask.metadata_only, offer=ask.offer, use=ask.use, ends_at=request.ends_at,
    )  # fmt: skip
