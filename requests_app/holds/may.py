"""Who may let in a column that came later."""

from identity.people.models import Person
from identity.verdicts import Verdict
from requests_app.may import may_approve_item
from requests_app.models import Item


def may_release_column(person: Person, item: Item) -> Verdict:
    """Whoever may agree to the item: more becomes readable."""
    return may_approve_item(person, item)
