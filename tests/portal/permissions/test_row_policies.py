"""Every page where a grant's rows matter tells of row-level security policies, or that nobody knows of them."""

from dataclasses import replace

from django.urls import reverse

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.storage import CatalogFacts
from identity.people.models import Person
from lakeformation.values.row_policies import NO_ROW_POLICIES, RowPolicies, RowPolicyAttachment
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import observe_permission, store_catalog_reading, write_presence
from tests.portal.api.calls import read
from tests.portal.conftest import make_client

POLICY = RowPolicyAttachment("eu", "region = EU", "", "insurance_gold", "claims", is_default=True)
REFUSED = "AWS refused lakeformation:ListRLSPolicies"
NOT_KNOWN = "narrow or widen the rows is not known"


def store(bank: Bank, *attached: RowPolicyAttachment, unread: str = "") -> None:
    facts = CatalogFacts(frozenset(), row_policies=RowPolicies(frozenset(attached), unread))
    store_catalog_reading(bank.catalog, facts)


def show(person: Person, address: str) -> str:
    return " ".join(make_client(person).get(address).content.decode().split())


def get_table_page(bank: Bank) -> str:
    return reverse("table", args=[bank.claims.pk])


def collect_pages(bank: Bank) -> dict[str, str]:
    """As the data owner sees them: each place where the rows of a grant matter."""
    observe_permission(bank.claims, bank.role.arn, "amount")
    item = submit_bank_item(bank)
    explained = (
        f"{reverse('access-explanation', args=[bank.claims.pk])}?principal={bank.role.arn}&column=amount"
    )
    addresses = {
        "table": get_table_page(bank),
        "permissions": f"{reverse('permissions')}?catalog={bank.catalog.short_name}",
        "explanation": explained,
        "review": reverse("review", args=[item.pk]),
    }
    found = {name: show(bank.ines, address) for name, address in addresses.items()}
    return {**found, "proof": show(bank.ines, reverse("grant-proof", args=[approve(bank, item).pk]))}


def test_a_policy_that_applies_is_named_with_its_text_on_each_page(bank: Bank) -> None:
    store(bank, POLICY)
    for name, shown in collect_pages(bank).items():
        assert ("region = EU" in shown, "everybody, by default" in shown) == (True, True), name


def test_a_refused_listing_is_said_on_each_page(bank: Bank) -> None:
    store(bank, unread=REFUSED)
    for name, shown in collect_pages(bank).items():
        assert NOT_KNOWN in shown or REFUSED in shown, name


def test_policies_on_other_tables_are_told_on_no_page_of_this_one(bank: Bank) -> None:
    other = replace(POLICY, table="policies")
    tags = TagPolicy("TABLE", TagExpression.from_values({"x": ["y"]}))
    store(bank, other, replace(POLICY, database="", table="", tags=tags))
    pages = collect_pages(bank)
    assert "region = EU" in pages.pop("permissions")
    for name, shown in pages.items():
        assert ("region = EU" in shown, NOT_KNOWN in shown) == (False, False), name


def test_who_may_not_see_who_reads_a_table_sees_no_text(bank: Bank) -> None:
    store(bank, POLICY)
    shown = show(bank.ana, get_table_page(bank))
    assert ("Which rows a grant shows is not known" in shown, "region = EU" in shown) == (True, False)


def test_a_default_that_glue_tells_of_counts_where_the_listing_is_refused(bank: Bank) -> None:
    with as_role("meshmarket_worker"):
        type(bank.claims).objects.filter(pk=bank.claims.pk).update(default_row_policy="from-glue")
    store(bank, unread="refused")
    assert "from-glue" in show(bank.ines, get_table_page(bank))
    facts = CatalogFacts(frozenset(), row_policies=NO_ROW_POLICIES).to_json()
    with as_role("meshmarket_worker"):
        ScopeReading.objects.update(facts=facts)
    assert "from-glue" not in show(bank.ines, get_table_page(bank))


def test_the_api_tells_that_the_rows_of_a_grant_are_not_known(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    write_presence(
        grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account, usable=None
    )
    store(bank, POLICY)
    client = make_client(bank.ines)
    told = read(client, f"grants/{grant.pk}/proof")["requirements"]
    (line,) = [one for one in told if "row-level security policy" in one["sentence"]]
    assert line["result"] == "unknown"
    assert "Which rows it shows is not known" in show(
        bank.ines, reverse("access-request", args=[grant.item.request_id])
    )
