"""The glossary by the API: terms, links, revisions and proposals."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.glossary.models import Term, TermLink, TermProposal
from identity.people.models import Person
from tests import factories
from tests.bank import Bank
from tests.glossary import add_term, change_term, make_steward, propose_new
from tests.portal.api.calls import patch, read, send
from tests.portal.conftest import make_client


def get_etag(person: Person, address: str) -> str:
    return str(make_client(person).get(f"/api/v1/{address}").headers["ETag"])


def post(person: Person, address: str, etag: str = "", **said: Any) -> Any:
    headers = {"If-Match": etag} if etag else {}
    return send(person, address, said, **headers)


def test_a_term_is_created_read_and_changed(bank: Bank) -> None:
    made = post(
        bank.ines,
        "glossary-terms",
        name="Loss",
        definition="Damage.",
        domain=bank.domain.slug,
        synonyms=["harm"],
    )
    said = made.json()
    assert (made.status_code, said["id"], said["state"]) == (201, "loss", "approved")
    assert (said["domain"]["id"], said["owner_team"]["id"]) == (bank.domain.slug, bank.insurance.slug)
    assert said["html_url"].endswith("/glossary/loss/")
    etag = get_etag(bank.ana, "glossary-terms/loss")
    assert made.headers["ETag"] == etag
    changed = patch(
        bank.ines, "glossary-terms/loss", {"definition": "Harm.", "note": "Shorter."}, **{"If-Match": etag}
    )
    assert (changed.status_code, changed.json()["definition"], changed.json()["synonyms"]) == (
        200,
        "Harm.",
        ["harm"],
    )
    assert patch(bank.ines, "glossary-terms/loss", {"name": "x"}, **{"If-Match": etag}).status_code == 412
    assert patch(bank.ines, "glossary-terms/loss", {"name": "x"}).status_code == 428
    newest, first = read(bank.ana, "glossary-terms/loss/revisions")["results"]
    assert (newest["number"], newest["note"], newest["made_by"]["name"]) == (2, "Shorter.", bank.ines.name)
    assert newest["changes"] == [{"member": "definition", "before": "Damage.", "after": "Harm."}]
    assert {one["member"] for one in first["changes"]} >= {"name", "state", "domain"}


def test_what_is_refused_names_the_member(bank: Bank) -> None:
    add_term(bank.ines, "Loss", bank.domain)
    good: dict[str, Any] = {"name": "Other", "definition": "…", "domain": bank.domain.slug}
    for member, value in (
        ("name", "loss"), ("domain", "nothing"), ("owner_team", "nothing"), ("definition", " "), ("synonyms", ["x" * 81]),
    ):  # fmt: skip
        answer = post(bank.ines, "glossary-terms", **(good | {member: value}))
        assert answer.status_code in {400, 422}, member
        assert answer.json()["errors"][0]["pointer"].startswith(f"#/{member}"), member
    assert post(bank.ana, "glossary-terms", **good).status_code == 403
    no_team = post(make_steward(), "glossary-terms", name="Word", definition="…")
    assert no_team.json()["errors"][0]["pointer"] == "#/owner_team"
    assert Term.objects.count() == 1


def test_the_list_is_paginated_filtered_and_sorted(bank: Bank) -> None:
    steward, cards = make_steward(), factories.make_domain(factories.make_team("Cards"), "Credit Cards")
    for name, domain in (("Premium", bank.domain), ("Premium", cards), ("Claim", bank.domain)):
        add_term(steward, name, domain)
    add_term(steward, "Draft", cards, is_approved=False)
    first = read(bank.ana, "glossary-terms?limit=3")
    assert [one["name"] for one in first["results"]] == ["Claim", "Draft", "Premium"]
    rest = make_client(bank.ana).get(first["next"]).json()
    assert [one["name"] for one in rest["results"]] == ["Premium"]
    for query, count in (
        ("name=PREMIUM", 2),
        (f"domain={cards.slug}", 2),
        ("state=draft", 1),
        ("sort=-name", 4),
    ):
        assert len(read(bank.ana, f"glossary-terms?{query}")["results"]) == count, query
    assert make_client(bank.ana).get("/api/v1/glossary-terms?state=odd").status_code == 400


def test_the_states_of_a_term(bank: Bank) -> None:
    made = post(
        bank.ines, "glossary-terms", name="Loss", definition="…", domain=bank.domain.slug, state="draft"
    )
    add_term(bank.ines, "Damage", bank.domain)
    assert made.json()["state"] == "draft"
    for verb, said, state in (
        ("approve", {}, "approved"),
        ("replace", {"successor": "damage"}, "replaced"),
        ("restore", {}, "approved"),
    ):
        address = f"glossary-terms/loss/{verb}"
        assert post(bank.ines, address, **said).status_code == 428
        etag = get_etag(bank.ines, "glossary-terms/loss")
        assert post(bank.ana, address, etag, **said).status_code == 403
        done = post(bank.ines, address, etag, **said)
        assert (done.status_code, done.json()["state"]) == (200, state)
        assert post(bank.ines, address, etag, **said).status_code == 412
    again = post(bank.ines, "glossary-terms/loss/approve", get_etag(bank.ines, "glossary-terms/loss"))
    assert again.status_code == 409


def test_links(bank: Bank) -> None:
    add_term(bank.ines, "Loss", bank.domain)
    address = "glossary-terms/loss/links"
    made = post(bank.ines, address, table=str(bank.claims.pk), column="iban")
    assert (made.status_code, made.json()["column"], made.json()["data_product"]) == (201, "iban", None)
    post(bank.ines, address, data_product=bank.product.slug)
    assert len(read(bank.ana, address)["results"]) == 2
    wrong = post(bank.ines, address, table=str(bank.claims.pk), column="nothing")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/column")
    assert post(bank.ana, address, data_product=bank.product.slug).status_code == 403
    gone = make_client(bank.ines).delete(f"/api/v1/{address}/{made.json()['id']}")
    assert (gone.status_code, TermLink.objects.count()) == (204, 1)
    assert make_client(bank.ines).delete(f"/api/v1/{address}/{made.json()['id']}").status_code == 404


def test_proposals_are_made_and_decided(bank: Bank) -> None:
    term = add_term(bank.ines, "Loss", bank.domain)
    made = post(bank.ana, "glossary-term-proposals", term="loss", definition="Damage.", reason="Shorter.")
    said = made.json()
    assert (made.status_code, said["state"], said["term"]["id"]) == (201, "waiting", "loss")
    assert said["changes"] == [{"member": "definition", "before": "What it means.", "after": "Damage."}]
    address = f"glossary-term-proposals/{said['id']}"
    etag = get_etag(bank.ines, address)
    change_term(bank.ines, term, synonyms=("harm",))
    assert post(bank.ines, f"{address}/approve", etag).status_code == 412
    assert post(bank.ines, f"{address}/approve").status_code == 428
    etag = get_etag(bank.ines, address)
    assert post(bank.ana, f"{address}/approve", etag).status_code == 403
    assert make_client(bank.sam).get(f"/api/v1/{address}").status_code == 404
    done = post(bank.ines, f"{address}/approve", etag, comment="Agreed.")
    assert (done.status_code, done.json()["state"], done.json()["comment"]) == (200, "approved", "Agreed.")
    assert Term.objects.get().definition == "Damage."
    late = post(bank.ana, f"{address}/withdraw")
    assert late.status_code == 409


def test_a_new_term_is_rejected_or_withdrawn(bank: Bank) -> None:
    made = post(
        bank.ana,
        "glossary-term-proposals",
        name="Loss",
        definition="…",
        domain=bank.domain.slug,
        reason="Missing.",
    )
    assert made.json()["term"] is None
    address = f"glossary-term-proposals/{made.json()['id']}"
    etag = get_etag(bank.ines, address)
    silent = post(bank.ines, f"{address}/reject", etag)
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (422, "#/comment")
    assert post(bank.ines, f"{address}/reject", etag, comment="No.").json()["state"] == "rejected"
    other = propose_new(bank.ana, "Harm", bank.domain)
    done = post(bank.ana, f"glossary-term-proposals/{other.pk}/withdraw")
    assert done.json()["state"] == "withdrawn"
    states = {one["state"] for one in read(bank.ana, "glossary-term-proposals")["results"]}
    assert states == {"rejected", "withdrawn"}
    assert len(read(bank.ines, "glossary-term-proposals?state=rejected")["results"]) == 1
    assert read(bank.sam, "glossary-term-proposals")["results"] == []
    assert TermProposal.objects.count() == 2


def count_queries_of_list(person: Person) -> int:
    with CaptureQueriesContext(connection) as caught:
        read(person, "glossary-term-proposals")
    return len(caught)


def test_the_list_of_proposals_makes_no_query_for_each(bank: Bank) -> None:
    propose_new(bank.ana, "Loss", bank.domain)
    read(bank.ines, "glossary-term-proposals")
    few = count_queries_of_list(bank.ines)
    for name in ("Harm", "Damage", "Ruin"):
        propose_new(bank.ana, name, bank.domain)
    assert count_queries_of_list(bank.ines) == few


def test_the_search_says_which_domain_a_term_is_of(bank: Bank) -> None:
    add_term(bank.ines, "Loss", bank.domain)
    (term,) = read(bank.ana, "search?q=loss")["terms"]
    assert (term["id"], term["domain_name"]) == ("loss", bank.domain.name)
