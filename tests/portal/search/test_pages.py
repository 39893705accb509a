"""The search finds products, keeps its state in the address, and gives htmx the results alone."""

import re
from datetime import timedelta

from catalog.freshness import FreshnessSource, TableFreshness
from catalog.mirror.models import Column
from catalog.products.models import DataProduct
from catalog.search.index.indexing import index_products
from kernel import clock
from requests_app.grants.usage import count_uses
from tests.bank import Bank, submit_bank_request
from tests.database import as_role
from tests.portal.conftest import make_client


def test_what_matches_is_found_and_marked(bank: Bank) -> None:
    page = make_client(bank.ana).get("/search/", {"q": "claim"}).content.decode()
    assert f"/data-products/{bank.product.slug}/" in page
    assert "<mark>Claims</mark>" in page


def test_htmx_gets_the_results_and_nothing_else(bank: Bank) -> None:
    answer = make_client(bank.ana).get("/search/", {"q": "claim"}, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<div id="results"')
    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]
    assert answer["Cache-Control"] == "private, no-store"


def test_back_in_the_history_gets_the_whole_page(bank: Bank) -> None:
    told = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in make_client(bank.ana).get("/search/", headers=told).content.decode()


def test_a_chosen_facet_stays_when_the_text_changes(bank: Bank) -> None:
    page = make_client(bank.ana).get("/search/", {"domain": bank.domain.slug}).content.decode()
    assert f'<input type="hidden" form="seek" name="domain" value="{bank.domain.slug}">' in page


def test_nothing_found_says_what_to_do(bank: Bank) -> None:
    page = make_client(bank.ana).get("/search/", {"q": "zebra"}).content.decode()
    assert "No results" in page
    assert "Show everything" in page


def test_a_misspelt_word_is_said_to_be_put_right(bank: Bank) -> None:
    page = make_client(bank.ana).get("/search/", {"q": "clamis"}).content.decode()
    assert 'No results for <b dir="auto">clamis</b>. Showing results for <b dir="auto">claims</b>.' in page
    assert f"/data-products/{bank.product.slug}/" in page


def test_filters_are_chips_that_can_be_taken_away(bank: Bank) -> None:
    page = make_client(bank.ana).get("/search/", {"q": "claim column:iban", "tier": "gold"}).content.decode()
    assert "<bdi>column:iban</bdi>" in page
    assert 'href="/search/?q=claim&amp;tier=gold"' in page
    assert "<bdi>Tier: Gold</bdi>" in page
    assert 'href="/search/?q=claim+column%3Aiban"' in page
    assert 'data-text="claim column:iban"' in page


def test_an_unknown_filter_is_said_in_words(bank: Bank) -> None:
    page = (
        make_client(bank.ana).get("/search/", {"q": "colour:<b>red fresh:yesterday claim"}).content.decode()
    )
    assert "There is no filter &quot;colour:&quot;. Filters are account, classification, column" in page
    assert "The filter &quot;fresh:&quot; takes an age, for example &lt;1d, 12h or &gt;4w." in page
    assert f"/data-products/{bank.product.slug}/" in page
    assert "<b>red" not in page


def test_a_result_can_be_taken_along(bank: Bank) -> None:
    page = make_client(bank.ana).get("/search/", {"q": "clamis", "tier": "gold"}).content.decode()
    assert 'href="/api/v1/search?q=claims&amp;tier=gold&amp;format=csv" download' in page
    assert 'href="/api/v1/search?q=claims&amp;tier=gold&amp;format=ndjson" download' in page


def test_foreign_text_is_escaped(bank: Bank) -> None:
    for script in ("`<script>alert(1)</script>`", "&lt;script&gt;alert(1)&lt;/script&gt;"):
        DataProduct.objects.filter(pk=bank.product.pk).update(summary=f"{script} claim")
        page = make_client(bank.ana).get("/search/", {"q": "claim"}).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_page_numbers_that_make_no_sense_are_the_first_page(bank: Bank) -> None:
    for said in ["0", "-1", "x", "²", "99999999999999999999"]:
        assert make_client(bank.ana).get("/search/", {"page": said}).status_code == 200


def test_the_most_used_come_first_once_use_is_known(bank: Bank) -> None:
    client = make_client(bank.ana)
    assert "Most requested" not in client.get("/search/").content.decode()
    unknown = client.get("/search/", {"sort": "popular"}).content.decode()
    assert "Popularity is not known yet, because no team has" in unknown

    submit_bank_request(bank)
    count_uses(clock.now())

    page = client.get("/search/").content.decode()
    assert "?sort=popular" in page
    assert "requested by 1 team" in page
    assert "Requested by any team" in page
    assert "is not known yet" not in client.get("/search/", {"sort": "popular"}).content.decode()


def test_a_reason_says_of_which_column_or_of_how_many(bank: Bank) -> None:
    tables = list(bank.product.tables.all())
    Column.objects.filter(table__in=tables).update(comment="Of the **azure** sort")
    Column.objects.filter(table=tables[0], name="iban").update(comment="Of the beryl sort")
    client = make_client(bank.ana)
    index_products()

    page = client.get("/search/", {"q": "azure"}).content.decode()
    assert "Of the <mark>azure</mark> sort" in page
    page = client.get("/search/", {"q": "beryl"}).content.decode()
    assert (
        f'<span class="mono">{tables[0].name}.iban</span>: <span dir="auto">Of the <mark>beryl</mark> sort</span>'
        in page
    )


def test_rare_filters_are_folded_until_a_value_is_chosen(bank: Bank) -> None:
    client = make_client(bank.ana)
    page = client.get("/search/", {"q": "claim"}).content.decode()
    shown, _, folded = page.partition('<details class="facet more-facets" id="more-filters">')
    assert re.findall('id="facet-([a-z]+)"', shown) == ["access", "domain", "classification", "type"]
    assert "tier" in re.findall('id="facet-([a-z]+)"', folded)

    chosen = client.get("/search/", {"q": "claim", "tier": "gold"}).content.decode()
    assert '<details class="facet more-facets" id="more-filters" open>' in chosen


def test_a_hit_names_its_table_and_says_how_old_its_data_is(bank: Bank) -> None:
    with as_role("meshmarket_worker"):
        TableFreshness.objects.create(
            table=bank.claims,
            changed_at=clock.now() - timedelta(minutes=52),
            source=FreshnessSource.S3_OBJECT,
            read_at=clock.now(),
        )
    DataProduct.objects.filter(pk=bank.product.pk).update(freshness_hours=1)

    page = make_client(bank.ana).get("/search/", {"q": "claim"}).content.decode()
    assert f">{bank.claims.database.name}.{bank.claims.name}</code>" in page
    assert re.search('<span class="green"><svg[^<]*<use[^>]*></use></svg>52 minutes old</span>', page)
