"""The pages of tags: keys with their uses, and proposals to define or change one."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.mirror.models import Column, TagKey
from catalog.tag_changes.models import TagChange
from identity.people.models import Person
from tests import factories
from tests.portal.api.calls import read
from tests.portal.conftest import make_client
from tests.tag_changes import KEY, TaggingBank


def get_page(person: Person, name: str, *args: Any, **query: str) -> str:
    return make_client(person).get(reverse(name, args=args), query).content.decode()


def get_key() -> TagKey:
    return TagKey.objects.get(key=KEY)


def post(person: Person, address: str, **said: Any) -> Any:
    """Checks the effects, then proposes what was shown."""
    client = make_client(person)
    first = client.post(address, said | {"do": "preview"})
    shown = first.content.decode().partition('name="effects_hash" value="')[2][:64]
    return (
        client.post(address, said | {"do": "propose", "effects_hash": shown}, follow=True) if shown else first
    )


def test_uses_are_counted_as_far_as_the_person_sees_them(tagging: TaggingBank) -> None:
    foreign = factories.make_database(tagging.bank.catalog, None, "foreign")
    other = factories.make_table(foreign, "strange", ["one"])
    Column.objects.filter(table=other).update(tags={KEY: "public"})
    columns = tagging.bank.claims.columns.count()
    for person, count in ((tagging.ruth, columns + 1), (tagging.bank.ines, columns)):
        found = read(person, "tags")["results"]
        assert [(one["name"], one["use"]) for one in found] == [
            (KEY, {"databases": 0, "tables": 1, "columns": count})
        ]
    assert "strange" in get_page(tagging.ruth, "tag", get_key().pk)
    assert "strange" not in get_page(tagging.bank.ines, "tag", get_key().pk)
    assert "claims" not in get_page(tagging.ruth, "tag", get_key().pk, value="public")
    assert read(tagging.ruth, f"tags/{get_key().pk}")["values"][0]["name"] == "private"


@pytest.mark.parametrize("name", ["tags", "tag", "tag-edit", "tag-new"])
def test_strangers_find_nothing(tagging: TaggingBank, name: str) -> None:
    args = [get_key().pk] if name in {"tag", "tag-edit"} else []
    assert make_client(tagging.bank.ana).get(reverse(name, args=args)).status_code == 404
    status = 200 if name in {"tags", "tag"} else 404
    assert make_client(tagging.bank.ines).get(reverse(name, args=args)).status_code == status


def test_a_key_is_defined_with_what_it_means(tagging: TaggingBank) -> None:
    said = {
        "catalog": tagging.bank.catalog.pk, "key": "Cost_Centre", "meaning": "Who pays", "reason": "For the bill.",
        "values": "4711: Claims\r\n4712\r\n",
    }  # fmt: skip
    done = post(tagging.ruth, reverse("tag-new"), **said).content.decode()
    assert ("Proposed." in done, "CreateLFTag" in done, "Governance admins" in done) == (True, True, True)
    (one,) = TagChange.objects.get().definitions
    assert one == {
        "key": "cost_centre",
        "values": ["4711", "4712"],
        "removed": [],
        "meanings": {"": "Who pays", "4711": "Claims", "4712": ""},
    }


def test_a_line_added_and_a_line_deleted_change_the_values(tagging: TaggingBank) -> None:
    address = reverse("tag-edit", args=[get_key().pk])
    said = {"meaning": "How secret", "values": "private\nsensitive\nsecret: For nobody", "reason": "Clearer."}
    post(tagging.ruth, address, **said)
    change = TagChange.objects.get()
    assert (change.definitions[0]["values"], change.definitions[0]["removed"]) == (
        ["private", "secret", "sensitive"],
        ["public"],
    )
    tagging.approve(change, by=tagging.bank.greta)
    page = get_page(tagging.ruth, "tag", get_key().pk)
    assert ("How secret" in page, "Ruth Steiner" in page) == (True, True)


def test_a_value_in_use_is_not_removed(tagging: TaggingBank) -> None:
    answer = post(
        tagging.ruth, reverse("tag-edit", args=[get_key().pk]), meaning="", values="public", reason="Less."
    )
    page = answer.content.decode()
    assert (answer.status_code, 'id="values-error"' in page, "still assigned" in page) == (422, True, True)
    assert not TagChange.objects.exists()
