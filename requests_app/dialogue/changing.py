"""What the asker changes an ask to, and what would become of it. Nothing is written."""

from dataclasses import replace
from datetime import datetime

from identity.people.models import Person
from lakeformation.effects.table_effects import Effects
from requests_app.access import effects_of, shown_to
from requests_app.asks import ItemAsk, check_effects, check_end, check_item
from requests_app.findable import findable
from requests_app.models import Item
from requests_app.readers import check_group
from requests_app.rules.forecast import Forecast
from requests_app.rules.judging import judged
from requests_app.rules.looking import by_people
from requests_app.rules.wording import what_happens
from requests_app.terms import Terms, terms_of, with_terms
from requests_app.under_offers.checking import check_still_within


def changed_terms(person: Person, item: Item, ask: ItemAsk, ends_at: datetime, now: datetime) -> Terms:
    """RefusedError at the input that does not stand. Of what reaches many tables its end alone is changed."""
    check_end(ends_at, now)
    if item.reaches_many:
        return replace(terms_of(item), ends_at=ends_at)
    check_group(item.request.group, metadata_only=ask.metadata_only)
    same_table = replace(ask, table_id=item.table_id, product_id=item.product_id)
    found = check_item(findable(person, [same_table]), same_table)
    return Terms(found.columns, found.whole_table, found.row_rule, found.metadata_only, ends_at)


def effects_of_change(changed: Item, now: datetime) -> Effects:
    """RefusedError when it leaves its offer, or would have effects that nobody may agree to."""
    check_still_within(changed, now)
    effects = effects_of(changed)
    check_effects(shown_to(changed.request.asker, changed, effects))
    return effects


def foreseen_change(person: Person, item: Item, ask: ItemAsk, ends_at: datetime, now: datetime) -> Forecast:
    """By the rules in force. RefusedError when it does not stand. What came back people decide, whatever a rule says."""
    changed = with_terms(item, changed_terms(person, item, ask, ends_at, now))
    _facts, verdict = judged(changed, effects_of_change(changed, now))
    return Forecast(what_happens(by_people(verdict)), demands=verdict.demands)
