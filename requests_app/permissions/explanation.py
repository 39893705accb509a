"""Why a principal can read the columns of a table, for one table and one principal."""

from dataclasses import dataclass

from catalog.browse.tables import table_for
from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from identity.errors import NotFoundError, RefusedError
from identity.people.models import Person
from lakeformation.explanation.access_paths import explain
from lakeformation.explanation.answers import Answer
from lakeformation.values.arn import MalformedArnError, PrincipalArn
from requests_app.permissions.explanation_facts import Known, asked_of
from requests_app.permissions.may import may_ask_why
from requests_app.permissions.view_base_tables import known_with_base


@dataclass(frozen=True)
class Explanation:
    table: Table
    principal: str
    known: Known

    @property
    def columns(self) -> tuple[str, ...]:
        """Data columns, then partition keys, in lower case as Lake Formation has them."""
        return (*self.known.facts.columns, *self.known.facts.keys)

    def of(self, column: str) -> Answer:
        return explain(asked_of(self.table, self.principal, column), self.known.facts)


def why(person: Person, table: Table, principal: str) -> Explanation:
    """NotFoundError for a principal that the person may not ask about; RefusedError for what is no role or user."""
    if not may_ask_why(person, table, principal):
        raise NotFoundError
    try:
        PrincipalArn.parse(principal)
    except MalformedArnError as error:
        raise RefusedError(str(error), "principal") from error
    return Explanation(table, principal, known_with_base(table, principal, visible_tables(person)))


def table_to_explain(person: Person, pk: int) -> Table:
    """NotFoundError when there is none, none for this person, or one that the catalog no longer has."""
    table = table_for(person, pk)
    if table.tombstoned_at:
        raise NotFoundError
    return table
