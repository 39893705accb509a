"""A small bank: Ana of BI requests, Ines and Ivo own Insurance's claims, Greta is governance admin, Sam is unrelated."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, Domain
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Membership, Person, Team
from kernel import clock
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.actions import submit_access_request
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.request_details import pack_details


@dataclass(frozen=True)
class Bank:
    ana: Person
    ines: Person
    ivo: Person
    greta: Person
    sam: Person
    bi: Team
    insurance: Team
    bi_account: Account
    catalog: ConnectedCatalog
    domain: Domain
    claims: Table
    product: DataProduct
    role: Principal


def make_bank() -> Bank:
    ana, ines, ivo, sam = (
        factories.make_person(n) for n in ("Ana Keller", "Ines Roth", "Ivo Lang", "Sam Outis")
    )
    greta = factories.make_admin()
    bi = factories.make_team("BI", members=[ana])
    insurance = factories.make_team("Insurance", owners=[ines, ivo])
    factories.make_team("Elsewhere", members=[sam], owners=[sam])
    bi_account = factories.make_account(bi, name="BI")
    governance = factories.make_account(
        factories.make_team("Governance", members=[greta]), is_governance=True, is_consumer=False
    )
    catalog = factories.make_catalog(governance)
    domain = factories.make_domain(insurance)
    claims = factories.make_table(factories.make_database(catalog, domain), sensitive=["iban"])
    return Bank(
        ana=ana, ines=ines, ivo=ivo, greta=greta, sam=sam, bi=bi, insurance=insurance, bi_account=bi_account,
        catalog=catalog, domain=domain, claims=claims,
        product=factories.make_product(domain, ines, [claims]),
        role=factories.make_principal(bi_account),
    )  # fmt: skip


def submit_bank_request(bank: Bank, **changes: object) -> AccessRequest:
    """Ana asks for two columns of claims for a month, unless the changes say otherwise."""
    asked: dict[str, object] = {
        "acting_user": bank.ana,
        "team": bank.bi,
        "principal": bank.role,
        "purpose": "Quarterly reserve report",
        "ends_at": factories.days_from_now(30),
        "items": [RequestedItem(bank.claims.pk, ("claim_id", "amount"), False, bank.product.pk)],
        "idempotency_key": "form-1",
        "now": clock.now(),
    }
    return submit_access_request(**pack_details(asked | changes))


def submit_bank_item(bank: Bank, **changes: object) -> RequestItem:
    return submit_bank_request(bank, **changes).items.get()


def approve(bank: Bank, item: RequestItem, *, by: Person | None = None, now: datetime | None = None) -> Grant:
    """Ines agrees to what the item's effects are just now."""
    grant = approve_item(
        acting_user=by or bank.ines,
        item_id=item.pk,
        effects_hash=compute_item_approval_hash(item),
        comment="",
        now=now or clock.now(),
    )
    assert grant is not None
    return grant


def decide_ten_times(bank: Bank, *, days_ago: int = 0) -> None:
    """Ten requests of other roles, each approved two days after it was sent; the last one `days_ago`."""
    now = clock.now() - timedelta(days=days_ago)
    for number in range(10):
        role = factories.make_principal(bank.bi_account, f"earlier-{number}")
        item = submit_bank_item(
            bank, principal=role, idempotency_key=f"earlier-{number}", now=now - timedelta(days=number + 2)
        )
        approve(bank, item, now=now - timedelta(days=number))


def move_claims_to_domain(bank: Bank, domain: Domain) -> None:
    """Database and product to another domain: by way of none, as a product holds tables of its own domain alone."""
    databases = Database.objects.filter(pk=bank.claims.database_id)
    databases.update(domain=None)
    DataProduct.objects.filter(pk=bank.product.pk).update(domain=domain)
    databases.update(domain=domain)


def make_owner_developer(bank: Bank) -> Person:
    """Of the team that owns the claims; decides nothing by themselves."""
    person = factories.make_person("Emre Aydin")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [person])
    return person
