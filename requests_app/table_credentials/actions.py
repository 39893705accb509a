"""Ask for credentials, collect them, and limit how long they last. No call to AWS is made: a worker finds the row."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError, require_allowed
from requests_app.data_queries.actions import choose_reader
from requests_app.data_queries.callers import Caller, record_by_caller
from requests_app.data_queries.query_requests import get_callable_product, get_product_table
from requests_app.data_queries.readers import list_readers
from requests_app.table_credentials.may import (
    get_limit_minutes,
    get_table_limit_minutes,
    may_collect_credentials,
    may_request_credentials,
    may_set_credential_limit,
)
from requests_app.table_credentials.models import (
    MAX_MINUTES,
    MIN_MINUTES,
    CredentialLimit,
    TableCredential,
)
from requests_app.table_credentials.progress import find_current_end, find_end, unseal
from requests_app.table_credentials.states import CREDENTIAL_TRANSITIONS, CredentialState

MIN_SECONDS = MIN_MINUTES * 60


class CredentialRequest(NamedTuple):
    """`table` is an id or `database.table`. Without `seconds`, as long as the owner allows; without `principal`, the role that reads most."""

    table: str
    principal: str | None = None
    seconds: int | None = None


@transaction.atomic(durable=True)
def request_credentials(
    *, caller: Caller, slug: str, wanted: CredentialRequest, now: datetime
) -> TableCredential:
    """A worker gets them as the caller's role.

    NotFoundError for a product that the caller may not see; ForbiddenError where its owners give none; RefusedError, with the
    place, without access to the whole table, or if that ends before Lake Formation's shortest time.
    """
    product = get_callable_product(caller, slug, now)
    table = get_product_table(product, wanted.table)
    require_allowed(may_request_credentials(caller, table))
    reader = choose_reader(list_readers(caller, table, now), wanted.principal)
    end = find_end(reader, table)
    if end is None:
        words = {"role": reader.principal.name}
        text = _(
            "Credentials open the whole files of a table. %(role)s may read only some of its columns or rows: run a query."
        )
        raise RefusedError(text % words, "table")
    credential = TableCredential.objects.create(
        product=product,
        table=table,
        principal=reader.principal,
        requested_at=now,
        seconds=_choose_seconds(wanted.seconds, table, end, now),
        **caller.fields,
    )
    data = {
        "product": product.pk,
        "table": table.pk,
        "what": str(table),
        "principal": reader.principal.arn,
        "seconds": credential.seconds,
    }
    record_by_caller("request_credentials", caller, credential.subject, data, now)
    return credential


def _choose_seconds(wanted: int | None, table: Table, end: datetime, now: datetime) -> int:
    """Never beyond the grant's end, and at most the owner's limit."""
    left = int((end - now).total_seconds())
    if left < MIN_SECONDS:
        text = _(
            "Your access ends in less than 15 minutes, and Lake Formation gives no credentials for so short a time."
        )
        raise RefusedError(text, "duration_seconds")
    limit = get_table_limit_minutes(table) * 60
    if wanted is not None and not MIN_SECONDS <= wanted <= limit:
        words = {"least": MIN_SECONDS, "most": limit}
        text = _("Ask for %(least)s to %(most)s seconds: the owners of this data product allow no more.")
        raise RefusedError(text % words, "duration_seconds")
    return min(wanted or limit, limit, left)


@transaction.atomic(durable=True)
def collect_credentials(*, caller: Caller, credential_id: int, now: datetime) -> dict[str, Any]:
    """The secret, once: it is erased with this.

    NotFoundError for anybody but who asked; IllegalTransitionError when there is none, or none any more; RefusedError when
    the access ended, or the owners gave none, since a worker got them.
    """
    rows = TableCredential.objects.select_for_update(of=("self",))
    related = ("requested_by", "token", "table__database__catalog", "principal")
    credential = rows.select_related(*related).filter(pk=credential_id).first()
    if credential is None or not may_collect_credentials(caller, credential):
        raise NotFoundError
    require_allowed(may_request_credentials(caller, credential.table))
    if find_current_end(credential, now) is None:
        raise RefusedError(_("Your access to the whole table has ended."))
    credential.state = CREDENTIAL_TRANSITIONS.check(credential.state, CredentialState.COLLECTED)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM requests_credentialsecret WHERE credential_id = %s RETURNING sealed", [credential.pk]
        )
        row = cursor.fetchone()
    sealed = bytes(row[0]) if row else None
    if sealed is None:
        raise IllegalTransitionError(CredentialState.LAPSED, CredentialState.COLLECTED)
    credential.collected_at = now
    credential.save(update_fields=["state", "collected_at"])
    record_by_caller("collect_credentials", caller, credential.subject, {"table": credential.table_id}, now)
    return unseal(sealed, _release_key(credential))


def _release_key(credential: TableCredential) -> bytes:
    """Once. The database asks for the event of the collection, and whether who requested it still has access."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT requests_release_credential_key(%s)", [credential.pk])
        return bytes(cursor.fetchone()[0])


@transaction.atomic(durable=True)
def set_credential_limit(*, acting_user: Person, slug: str, minutes: int, now: datetime) -> CredentialLimit:
    """0: no credentials. NotFoundError, ForbiddenError, RefusedError."""
    rows = DataProduct.objects.select_for_update(of=("self",), no_key=True).select_related(
        "domain__owner_team"
    )
    product = rows.filter(slug=slug, pk__in=visible_products(acting_user).values("pk")).first()
    if product is None:
        raise NotFoundError
    require_allowed(may_set_credential_limit(acting_user, product))
    if minutes != 0 and not MIN_MINUTES <= minutes <= MAX_MINUTES:
        words = {"least": MIN_MINUTES, "most": MAX_MINUTES}
        raise RefusedError(
            _("Enter %(least)s to %(most)s minutes, or 0 for no credentials.") % words, "minutes"
        )
    before = get_limit_minutes(product)
    limit, _is_new = CredentialLimit.objects.update_or_create(
        product=product, defaults={"minutes": minutes, "changed_by": acting_user, "changed_at": now}
    )
    data = {"what": product.name, "before": before, "minutes": minutes}
    record_by_person("set_credential_limit", acting_user, f"product:{product.pk}", data, now)
    return limit
