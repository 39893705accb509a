"""What would become of an ask, before it is sent. Nothing is written."""

from datetime import datetime
from typing import Any

from identity.models import Person, Principal
from requests_app.access import effects_of
from requests_app.asks import CheckedAsk, ItemAsk, check_effects, check_item, check_principal
from requests_app.findable import findable
from requests_app.models import AccessRequest, Item
from requests_app.rules.automatic import deciding_version
from requests_app.rules.judging import judged
from requests_app.rules.looking import by_people


def forecast(
    *, person: Person, principal: Principal, ask: ItemAsk, purpose: str, ends_at: datetime, now: datetime
) -> dict[str, Any]:
    """The verdict of the rules in force as JSON, as it would be kept. RefusedError when the ask does not stand."""
    check_principal(principal)
    request = AccessRequest(
        requester=person, team=principal.account.team, principal=principal, purpose=purpose, ends_at=ends_at,
        submitted_at=now,
    )  # fmt: skip
    item = _unsent(check_item(findable(person, [ask]), ask), request)
    effects = effects_of(item)
    check_effects(effects)
    _facts, verdict = judged(item, effects)
    return verdict.to_json() if deciding_version(item, effects, verdict) else by_people(verdict)


def _unsent(ask: CheckedAsk, request: AccessRequest) -> Item:
    return Item(
        request=request, requester=request.requester, product=ask.product, table=ask.table,
        columns=list(ask.columns), whole_table=ask.whole_table, row_rule=ask.row_rule,
        metadata_only=ask.metadata_only, ends_at=request.ends_at,
    )  # fmt: skip
