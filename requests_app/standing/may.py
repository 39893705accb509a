"""Who may have the workers look at a grant again."""

from identity.models import Person
from identity.verdicts import Verdict
from requests_app.may import may_view_grant
from requests_app.models import Grant


def may_look_again(person: Person, grant: Grant) -> Verdict:
    """Looking changes nothing that was not agreed to: whoever sees the grant may ask for it."""
    return may_view_grant(person, grant)
