"""What people do when a grant is not where it should be."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from fulfilment.actions import catalog_scope_key, wake
from identity.models import Person
from requests_app.errors import demand
from requests_app.loaders import grant_for
from requests_app.models import Grant
from requests_app.standing.may import may_look_again


@transaction.atomic(durable=True)
def look_again(*, acting_user: Person, grant_id: int, now: datetime) -> Grant:
    """Have the workers go on from where they are, whatever back-off a failure has earned. NotFoundError."""
    grant = grant_for(acting_user, grant_id)
    demand(may_look_again(acting_user, grant))
    keys = {grant.intent.scope_key, catalog_scope_key(grant.item.table.database.catalog_id)}
    for key in sorted(keys):
        wake(scope_key=key, reason="somebody asked to look again", now=now)
    data = {"grant": grant.pk, "intent": grant.intent_id}
    record(
        verb="look_again", actor=f"person:{acting_user.pk}", subject=f"grant:{grant.pk}", data=data, now=now
    )
    return grant
