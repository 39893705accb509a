"""Who may get credentials, and how long they may last."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import is_product_owner
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.data_queries.callers import Caller
from requests_app.table_credentials.models import DEFAULT_MINUTES, CredentialLimit, TableCredential


def get_limit_minutes(product: DataProduct) -> int:
    credential_limit = (
        CredentialLimit.objects.filter(product=product).values_list("minutes", flat=True).first()
    )
    return DEFAULT_MINUTES if credential_limit is None else credential_limit


def get_table_limit_minutes(table: Table) -> int:
    """The strictest of the table's data products."""
    limits = DataProduct.objects.filter(tables=table).values_list("credential_limit__minutes", flat=True)
    return min((DEFAULT_MINUTES if limit is None else limit for limit in limits), default=DEFAULT_MINUTES)


def may_request_credentials(caller: Caller, table: Table) -> Verdict:
    """Whoever sees a product of the table, which the caller of this has checked, unless the owners of one give none."""
    if caller.person is not None and not caller.person.is_active:
        return refusal(_("Your profile is deactivated."))
    if get_table_limit_minutes(table) == 0:
        return refusal(_("The owners of this table's data product give no credentials."))
    return ALLOWED


def may_collect_credentials(caller: Caller, credential: TableCredential) -> Verdict:
    """Who asked, alone."""
    is_own = (
        credential.requested_by_id == caller.person.pk
        if caller.person
        else caller.token is not None and credential.token_id == caller.token.pk
    )
    return (
        ALLOWED if is_own else refusal(_("Only the person who requested these credentials can collect them."))
    )


def may_set_credential_limit(person: Person, product: DataProduct) -> Verdict:
    """The product's owner and the data owners of its domain."""
    if person.is_active and is_product_owner(person, product):
        return ALLOWED
    words = {"team": product.domain.owner_team.name}
    return refusal(_("Only data owners of %(team)s can limit its credentials.") % words)
