"""Check a grant again, and run a test query as its role."""

from datetime import datetime

from django.db import transaction

from fulfilment.intents.actions import catalog_scope_key, wake_scope
from fulfilment.role_queries import TestQuery
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import require_allowed
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_grant, get_locked_grant
from requests_app.grants.status.may import may_check_grant, may_run_test_query
from requests_app.grants.status.role_queries import check_queryable, choose_query_columns


@transaction.atomic(durable=True)
def check_grant(*, acting_user: Person, grant_id: int, now: datetime) -> Grant:
    """Have the workers go on from where they are, whatever back-off a failure has earned. NotFoundError."""
    grant = get_grant(acting_user, grant_id)
    require_allowed(may_check_grant(acting_user, grant))
    keys = {grant.intent.scope_key, catalog_scope_key(grant.item.table.database.catalog_id)}
    for key in sorted(keys):
        wake_scope(scope_key=key, reason="somebody asked to look again", now=now, retries=True)
    data = {"grant": grant.pk, "intent": grant.intent_id}
    record_by_person("check_grant", acting_user, f"grant:{grant.pk}", data, now)
    return grant


@transaction.atomic(durable=True)
def run_test_query(*, acting_user: Person, grant_id: int, now: datetime) -> TestQuery:
    """Have the workers query the table as the grant's role: a column that it gives, and one that it does not.

    Raises NotFoundError; ForbiddenError; RefusedError where it cannot be queried, or is being queried already.
    """
    grant = get_locked_grant(acting_user, grant_id)
    require_allowed(may_run_test_query(acting_user, grant))
    check_queryable(grant, now)
    access = grant.intent.access
    allowed, refused = choose_query_columns(grant)
    row = TestQuery.objects.create(
        intent=grant.intent,
        generation=grant.intent.generation,
        requested_by=acting_user,
        requested_at=now,
        database=access.get_consumer_database(grant.table.database.name),
        table=grant.table.name,
        allowed_column=allowed,
        refused_column=refused,
    )
    data = {"grant": grant.pk, "query": row.pk, "allowed": allowed, "refused": refused}
    record_by_person("run_test_query", acting_user, f"grant:{grant.pk}", data, now)
    return row
