"""Who may say what on an item. Authority alone: life cycles are in `states`."""

from django.utils.translation import gettext as _

from identity.people.models import Person
from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.may import may_decide_if_answered_for, may_reject_item
from requests_app.models import Item


def may_return_item(person: Person, item: Item) -> Verdict:
    """Whoever may say no may ask for a change instead."""
    return may_reject_item(person, item)


def may_change_item(person: Person, item: Item) -> Verdict:
    if item.request.asker.pk == person.pk and person.is_active:
        return ALLOWED
    return refused(_("Only the person who asked can change this."))


def may_comment_on_item(person: Person, item: Item) -> Verdict:
    """The two sides of the ask: who asked, and who may decide, also while nobody answers for it."""
    if may_change_item(person, item) or may_decide_if_answered_for(person, item, item.needed_from):
        return ALLOWED
    return refused(_("Only the person who asked and those who may decide write here."))
