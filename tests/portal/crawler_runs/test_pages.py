"""The pages of crawler runs: start one, follow it, register what it found; and what is refused says what to do."""

import pytest
from django.urls import reverse

from catalog.crawler_runs import CrawlerRun, CrawlerRunProblem
from requests_app.notifications.models import Notification
from tests.bank import Bank
from tests.crawlers import CRAWLER, fail, make_crawled_table, make_crawler, start_crawler, succeed
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events


def test_an_engineer_starts_a_crawler_on_the_page_of_a_new_registration(bank: Bank) -> None:
    crawler, client = make_crawler(bank), make_client(bank.ines)
    page = client.get(reverse("registration-new")).content.decode()
    form = page.partition(f'action="{reverse("crawler-runs")}"')[2].partition("</form>")[0]
    assert "csrfmiddlewaretoken" in form
    answer = client.post(reverse("crawler-runs"), {"crawler": crawler.pk}, follow=True)
    run = CrawlerRun.objects.get()
    assert (run.crawler, run.catalog, run.requested_by) == (CRAWLER, crawler.catalog, bank.ines)
    shown = answer.content.decode()
    assert 'hx-trigger="every 2s"' in shown
    assert "You can leave this page." in shown


def test_the_tables_that_it_found_fill_in_the_form(bank: Bank) -> None:
    crawler, client = make_crawler(bank), make_client(bank.ines)
    run = start_crawler(bank.ines, crawler)
    table = make_crawled_table(crawler)
    succeed(run)
    page = client.get(reverse("crawler-run", args=[run.pk])).content.decode()
    link = f"{reverse('registration-new')}?source={table.pk}"
    assert (link in page, '"every 2s"' in page) == (True, False)
    form = client.get(link).content.decode()
    assert 'value="hail_events"' in form
    assert "event_id string" in form
    project_all_events()
    notice = Notification.objects.get(person=bank.ines, event__verb="finish_crawler_run")
    assert (notice.page, notice.page_id) == ("crawler-run", run.pk)
    assert "Tables found: 1." in notice.text


@pytest.mark.parametrize("problem", [one for one in CrawlerRunProblem if one])
def test_a_failure_says_what_to_do(bank: Bank, problem: CrawlerRunProblem) -> None:
    run = start_crawler(bank.ines, make_crawler(bank))
    fail(run, problem, "AWS's own words")
    page = make_client(bank.ines).get(reverse("crawler-run", args=[run.pk])).content.decode()
    assert "callout red" in page
    assert "own words" in page


def test_a_second_open_run_is_refused_at_the_form(bank: Bank) -> None:
    crawler = make_crawler(bank)
    start_crawler(bank.ivo, crawler)
    answer = make_client(bank.ines).post(reverse("crawler-runs"), {"crawler": crawler.pk})
    assert (answer.status_code, CrawlerRun.objects.count()) == (422, 1)
    assert "This crawler was already started here." in answer.content.decode()


@pytest.mark.parametrize("chosen", ["", "987654321", "x"])
def test_something_else_than_a_crawler_is_refused(bank: Bank, chosen: str) -> None:
    make_crawler(bank)
    answer = make_client(bank.ines).post(reverse("crawler-runs"), {"crawler": chosen})
    assert (answer.status_code, CrawlerRun.objects.count()) == (422, 0)
    assert "Choose a crawler." in answer.content.decode()


def test_others_neither_see_nor_start_it(bank: Bank) -> None:
    crawler = make_crawler(bank)
    run = start_crawler(bank.ines, crawler)
    client = make_client(bank.ana)
    assert client.get(reverse("crawler-run", args=[run.pk])).status_code == 404
    assert CRAWLER not in client.get(reverse("crawler-runs")).content.decode()
    assert client.post(reverse("crawler-runs"), {"crawler": crawler.pk}).status_code == 422
    assert CrawlerRun.objects.count() == 1


def test_a_governance_admin_reads_it_and_cannot_start_one(bank: Bank) -> None:
    run = start_crawler(bank.ines, make_crawler(bank))
    client = make_client(bank.greta)
    page = client.get(reverse("crawler-run", args=[run.pk]))
    assert page.status_code == 200
    assert 'id="crawler-form"' not in client.get(reverse("crawler-runs")).content.decode()


def test_without_crawlers_the_page_says_how_to_get_one(bank: Bank) -> None:
    page = make_client(bank.ines).get(reverse("crawler-runs")).content.decode()
    assert "No crawlers found" in page


def test_a_poll_without_news_answers_nothing(bank: Bank) -> None:
    run = start_crawler(bank.ines, make_crawler(bank))
    client = make_client(bank.ines)
    page = client.get(reverse("crawler-run", args=[run.pk])).content.decode()
    poll = page.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    for address in page.split('hx-get="')[1:]:
        if "crawler-runs" in address:
            poll = address.partition('"')[0].replace("&amp;", "&")
    assert client.get(poll, headers={"HX-Request": "true"}).status_code == 204
