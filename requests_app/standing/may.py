"""Who may have the workers look at a grant again, or query as its role."""

from identity.models import Person
from identity.verdicts import Verdict
from requests_app.may import may_view_grant
from requests_app.models import Grant


def may_query_as_role(person: Person, grant: Grant) -> Verdict:
    """It reads what the role reads anyway, and what it reads stays in the role's account."""
    return may_view_grant(person, grant)


def may_look_again(person: Person, grant: Grant) -> Verdict:
    """Looking changes nothing that was not agreed to: whoever sees the grant may ask for it."""
    return may_view_grant(person, grant)
