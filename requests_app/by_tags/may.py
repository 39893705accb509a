"""Who may ask by LF-Tags."""

from identity.accounts.models import Principal
from identity.people.models import Person, Team
from identity.verdicts import Verdict
from requests_app.may import may_submit_request


def may_submit_request_by_tags(person: Person, team: Team, principal: Principal) -> Verdict:
    """As for any request."""
    return may_submit_request(person, team, principal)
