"""The inbox names what else waits for a person: registrations, schema updates, write access, tag changes."""

from django.urls import reverse

from portal.inbox.other_decisions import count_decisions, list_other_decisions
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.registrations import ask, build_content, make_producer
from tests.write_access import approve_writing, ask_to_write


def test_each_kind_is_counted_for_those_who_decide_on_it(bank: Bank) -> None:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    pipeline = factories.make_principal(account, "claims-load")
    registration = ask(bank.ines, build_content(bank.catalog, bank.domain, pipeline))
    outside = {"table": "outside", "location": "s3://elsewhere/x/", "exception_reason": "It moves in May."}
    excepted = ask(bank.ines, build_content(bank.catalog, bank.domain, pipeline, **outside))
    writes = [
        ask_to_write(bank.ines, bank.claims, one)
        for one in (pipeline, factories.make_principal(account, "fix"))
    ]
    found = {one.text: one.url for one in list_other_decisions(bank.ivo)}
    assert found == {
        "1 registration": reverse("registration", args=[registration.pk]),
        "2 write requests": reverse("write-requests"),
    }
    assert [one.url for one in list_other_decisions(bank.greta)] == [
        reverse("registration", args=[excepted.pk])
    ]
    for person in (bank.ines, bank.ana, bank.sam):
        assert list_other_decisions(person) == []
    assert count_decisions(bank.ivo) == 3
    page = make_client(bank.ivo).get(reverse("home")).content.decode()
    assert '<span class="count">3</span>' in page
    assert "2 write requests" in page
    approve_writing(bank.ivo, writes[0])
    page = make_client(bank.ivo).get(reverse("reviews")).content.decode()
    assert f'<a href="{reverse("write-request", args=[writes[1].pk])}">1 write request</a>' in page
    assert "No access requests wait for you" in page
    assert "Your inbox is empty" not in page
