"""Who may say who answers for a service role."""

from identity.accounts.models import Account
from identity.people.models import Person
from identity.verdicts import Verdict
from requests_app.passing_on.may import may_make_group


def may_name_owner(person: Person, account: Account) -> Verdict:
    """The account's admins, as with all that lies in their account."""
    return may_make_group(person, account)
