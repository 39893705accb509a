"""Reads of requests for credentials, by who asked."""

from django.db.models import Q

from kernel.errors import NotFoundError
from requests_app.data_queries.callers import Caller
from requests_app.table_credentials.models import TableCredential


def get_own_credential(caller: Caller, pk: int) -> TableCredential:
    """NotFoundError for anybody but who asked."""
    own = Q(requested_by=caller.person) if caller.person else Q(token=caller.token)
    related = ("product", "table__database__catalog", "principal__account", "requested_by", "token")
    table_credential = TableCredential.objects.filter(own, pk=pk).select_related(*related).first()
    if table_credential is None:
        raise NotFoundError
    return table_credential
