"""A product of Treasury that is made from the bank's claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.derivation.actions import request_derivation
from catalog.derivation.kind import DERIVATION_REQUEST
from catalog.derivation.models import DerivationRequest
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from catalog.revisions.actions import publish_product_draft, save_product_draft
from catalog.revisions.content import compute_state_digest, read_content
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import get_draft
from decisions.actions import approve_proposal
from identity.people.models import Membership, Person, Team
from kernel import clock
from tests import factories
from tests.bank import Bank
from tests.catalog.lineage.samples import columns_from, dataset, run_event, send

REASON = "Only sums by month leave the table."


@dataclass
class DerivedBank:
    """Tom of Treasury owns Reserves, a draft whose table is made from the claims of Insurance, of which the IBAN is sensitive."""

    bank: Bank
    tom: Person
    team: Team
    domain: Domain
    reserves: Table
    product: DataProduct

    def trace(
        self,
        columns: Mapping[str, Sequence[tuple[Table, str]]] | None = None,
        *,
        source: Table | None = None,
        target: Table | None = None,
        job: str = "reserves",
    ) -> None:
        """An event says that the target is made from the source; by column if these are given."""
        source, target = source or self.bank.claims, target or self.reserves
        facets = {}
        if columns is not None:
            fields = {
                name: [(get_name(table), column) for table, column in found]
                for name, found in columns.items()
            }
            facets = {"columnLineage": columns_from(fields, get_namespace(source))}
        output = dataset(get_name(target), get_namespace(target), **facets)
        send(
            self.team,
            run_event(inputs=(dataset(get_name(source), get_namespace(source)),), outputs=(output,), job=job),
        )

    def trace_iban(self) -> None:
        """By column: the draft's IBAN is that of the claims, and the total their amount."""
        claims = self.bank.claims
        self.trace({"iban": [(claims, "iban")], "total": [(claims, "amount")]})

    def save_draft(self, **changes: Any) -> ProductRevision:
        product = self.read()
        content = read_content(product)
        return save_product_draft(
            acting_user=self.tom,
            slug=product.slug,
            content=type(content)(**{**content.__dict__, "summary": "Reserves by month.", **changes}),
            note="",
            now=clock.now(),
            based_on=compute_state_digest(product, get_draft(product)),
        )

    def publish(self, now: datetime | None = None, **changes: Any) -> ProductRevision:
        self.save_draft(**changes)
        product = self.read()
        return publish_product_draft(
            acting_user=self.tom,
            slug=product.slug,
            shown=compute_state_digest(product, get_draft(product)),
            now=now or clock.now(),
        )

    def read(self) -> DataProduct:
        return DataProduct.objects.select_related("domain__owner_team", "owner").get(pk=self.product.pk)

    def ask(self, **changes: Any) -> list[DerivationRequest]:
        words: dict[str, Any] = {"acting_user": self.tom, "reason": REASON, "now": clock.now()} | changes
        return request_derivation(slug=self.product.slug, **words)

    def agree(
        self, request: DerivationRequest, by: Person | None = None, **changes: Any
    ) -> DerivationRequest:
        """`changes` are `comment`, `ends_on` and `now`."""
        terms = {"ends_on": changes.pop("ends_on", None)}
        words: dict[str, Any] = {"comment": "Sums are fine.", "now": clock.now()} | changes
        return approve_proposal(
            kind=DERIVATION_REQUEST,
            acting_user=by or self.bank.ines,
            pk=request.pk,
            terms=terms,
            **words,
        )


def get_namespace(table: Table) -> str:
    catalog = table.database.catalog
    return f"arn:aws:glue:{catalog.region}:{catalog.account.account_id}"


def get_name(table: Table) -> str:
    return f"table/{table.database.name}/{table.name}"


def make_derived_bank(bank: Bank) -> DerivedBank:
    tom = factories.make_person("Tom Hale")
    team = factories.make_team("Treasury", owners=[tom])
    domain = factories.make_domain(team, "Treasury")
    database = factories.make_database(bank.catalog, domain, "treasury")
    reserves = factories.make_table(database, "reserves", ("month", "iban", "total"))
    product = factories.make_product(domain, tom, [reserves], "Reserves")
    DataProduct.objects.filter(pk=product.pk).update(is_published=False)
    return DerivedBank(bank, tom, team, domain, reserves, product)


def add_owner(derived: DerivedBank, name: str) -> Person:
    """Another data owner of the derived product's domain."""
    person = factories.make_person(name)
    factories.add_members(derived.team, Membership.Role.DATA_OWNER, [person])
    return person


def make_sample_derivation(bank: Bank) -> dict[str, Any]:
    """A product of the bank's own that is made from a table of another domain, and the request for it."""
    tilda = factories.make_person("Tilda Vance")
    domain = factories.make_domain(factories.make_team("Ledger", owners=[tilda]), "Ledger")
    database = factories.make_database(bank.catalog, domain, "ledger")
    postings = factories.make_table(database, "postings", sensitive=["amount"])
    bank_as_derived = DerivedBank(bank, bank.ines, bank.insurance, bank.domain, bank.claims, bank.product)
    bank_as_derived.trace({"amount": [(postings, "amount")]}, source=postings)
    return {"derivation_request": bank_as_derived.ask()[0].pk}
