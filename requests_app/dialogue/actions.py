"""Verbs of the talk between asker and deciders: send back, change, comment. Each is one transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.models import Event
from identity.errors import RefusedError, demand
from identity.people.models import Person
from requests_app.access import effects_of
from requests_app.asks import ItemAsk, check_key, check_repeated, check_text
from requests_app.dialogue.changing import changed_terms, effects_of_change
from requests_app.dialogue.may import may_change_item, may_comment_on_item, may_return_item
from requests_app.dialogue.models import Remark
from requests_app.granting import move_item
from requests_app.locks import locked_item
from requests_app.models import Item
from requests_app.rules.answering import NOTHING_SAID, Said, keep_answers
from requests_app.rules.judging import KEPT, check_and_judge, rules_stand_still
from requests_app.states import ItemState, item_move
from requests_app.terms import check_same_ask, terms_of, with_terms, write_change
from requests_app.weighing import weigh_item


@transaction.atomic(durable=True)
def return_item(
    *, acting_user: Person, item_id: int, comment: str, key: str, now: datetime, shown: str = ""
) -> Remark:
    """Send an ask back with words that say what would have to be otherwise. Sent again under its key, it is one. `shown`
    is the `terms_digest` of what was looked at.

    Raises NotFoundError, ForbiddenError, IllegalMoveError, RefusedError without words, or when the ask was changed.
    """
    item = locked_item(acting_user, item_id)
    demand(may_return_item(acting_user, item))
    if first := _said(item, acting_user, Remark.Kind.RETURN, comment, key):
        return first
    state = item_move(ItemState(item.state), ItemState.RETURNED)
    check_same_ask(item, shown)
    remark = _say(item, acting_user, comment, now, kind=Remark.Kind.RETURN, key=key)
    move_item(item, state, now)
    return remark


@transaction.atomic(durable=True)
def comment_on_item(*, acting_user: Person, item_id: int, comment: str, key: str, now: datetime) -> Remark:
    """Say something on an item, in whatever state it is. Sent again under its key, it is one.

    Raises NotFoundError, ForbiddenError, RefusedError without words, or for a key that came with others.
    """
    item = locked_item(acting_user, item_id)
    demand(may_comment_on_item(acting_user, item))
    first = _said(item, acting_user, Remark.Kind.COMMENT, comment, key)
    return first or _say(item, acting_user, comment, now, kind=Remark.Kind.COMMENT, key=key)


@transaction.atomic(durable=True)
def change_item(
    *,
    acting_user: Person,
    item_id: int,
    ask: ItemAsk,
    ends_at: datetime,
    comment: str,
    now: datetime,
    said: Said = NOTHING_SAID,
) -> Item:
    """Answer a wish for a change: ask for something else of the same table, say why it stands as it is, or say what
    a rule demands by now; what was said before stays.

    Raises NotFoundError, ForbiddenError, IllegalMoveError, RefusedError at the input that does not stand, or
    when nothing changed and nothing is said.
    """
    rules_stand_still()
    item = locked_item(acting_user, item_id)
    demand(may_change_item(acting_user, item))
    state = item_move(ItemState(item.state), ItemState.SUBMITTED)
    check_text(comment, "comment")
    before, after = terms_of(item), changed_terms(acting_user, item, ask, ends_at, now)
    if after == before and not (comment.strip() or said):
        raise RefusedError(_("Nothing is changed yet. Change it, or say why it stands as it is."), "comment")
    changed = with_terms(item, after)
    effects = effects_of_change(changed, now)
    check_and_judge(changed, effects)
    keep_answers([changed], acting_user, said, now)
    data = {"before": before.to_json(), "after": after.to_json(), "answers": changed.answers}
    event = _record("change_item", acting_user, item, data, now)
    write_change(changed, before, acting_user, event, comment.strip())
    weigh_item(changed, effects)
    changed.save(update_fields=["risk", "risk_facts", "answers", *KEPT])
    move_item(changed, state, now)
    return changed


def _said(item: Item, person: Person, kind: Remark.Kind, text: str, key: str) -> Remark | None:
    """What was said under this key before. RefusedError when it was something else."""
    check_key(key)
    first = Remark.objects.filter(item=item, author=person, key=key).first()
    if first is not None:
        check_repeated(is_same=(first.kind, first.text) == (kind, text.strip()))
    return first


def _say(item: Item, person: Person, text: str, now: datetime, *, kind: Remark.Kind, key: str) -> Remark:
    if not text.strip():
        raise RefusedError(_("Say it in words."), "comment")
    check_text(text, "comment")
    verb = "return_item" if kind == Remark.Kind.RETURN else "comment_on_item"
    event = _record(verb, person, item, {"effects_hash": effects_of(item).digest()}, now)
    return Remark.objects.create(
        item=item, author=person, said_at=now, kind=kind, text=text.strip(), key=key, event=event
    )


def _record(verb: str, person: Person, item: Item, data: dict[str, Any], now: datetime) -> Event:
    return record(verb=verb, actor=f"person:{person.pk}", subject=f"item:{item.pk}", data=data, now=now)
