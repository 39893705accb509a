"""Row-level security policies of a catalog as last read: the one place from which previews and pages have them."""

from fulfilment.observations.models import ScopeReading
from fulfilment.rounds.models import Scope
from identity.accounts.models import ConnectedCatalog
from lakeformation.values.row_policies import RowPolicies


def load_row_policies(catalog: ConnectedCatalog) -> RowPolicies:
    """One query."""
    rows = ScopeReading.objects.filter(scope__catalog=catalog, scope__kind=Scope.Kind.CATALOG)
    return RowPolicies.from_json(rows.values_list("facts__row_policies", flat=True).first())
