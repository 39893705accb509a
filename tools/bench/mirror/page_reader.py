"""Who looks at pages while `bench mirror` reads: a person, and a role that is seen to hold one table."""

from catalog.mirror.models import Table
from fulfilment.observations.models import ObservedPermission
from identity.accounts import Account, Principal
from identity.people.models import Person
from lakeformation.values.column_sets import ColumnSet
from tools.bench.pages.request_rows import create_session
from tools.bench.search.meshmarket import CREATED_AT


def sign_in() -> None:
    """Makes both; prints the key of the person's session."""
    person = Person.objects.create(email="reader@bank.example", name="Reader", password="!")  # noqa: S106
    role = Principal.objects.create(
        account=Account.objects.get(), arn="arn:aws:iam::123456789012:role/reader", name="reader",
        unique_id="AROAREADER", first_seen_at=CREATED_AT,
    )  # fmt: skip
    table = Table.objects.select_related("database").order_by("pk")[0]
    ObservedPermission.objects.create(
        catalog=table.database.catalog, principal_arn=role.arn, database=table.database.name, table=table.name,
        verb="SELECT", columns=ColumnSet.every().to_json(), seen_at=CREATED_AT,
    )  # fmt: skip
    print(create_session(person))
