"""Files that nobody means well with, and files with mistakes: refused with the place, nothing done."""

import time
from typing import Any

import pytest

from catalog.product_files.formats import MAX_FILE_LENGTH, read_file
from catalog.revisions.models import ProductRevision
from kernel.errors import RefusedError
from tests.bank import Bank
from tests.product_files import apply, dump, export_data, get_custom, plan

HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: '1.0.0'\nstatus: active\n"
BOMB = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(9))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty"),
        ("just words", "neither a data contract"),
        ("[]", "neither a data contract"),
        ("kind: Else", "neither a data contract"),
        ("a: [", "not valid YAML"),
        (BOMB, "references"),
        (HEAD + "name: !!python/object/apply:os.system [ls]", "not valid YAML"),
        (HEAD + "tags: " + "[" * 40 + "]" * 40, "nested too deeply"),
        (HEAD + "name: a\nname: b", "appears twice"),
        (HEAD + 'name: "a\\0b"', "not text"),
        (HEAD + 'name: "\\ud800"', "not valid YAML"),
        (HEAD + "---\n" + HEAD, "not valid YAML"),
        (HEAD + "x" * MAX_FILE_LENGTH, "at most 300000 characters"),
        (HEAD.replace("v3.1.0", "v2.2.2"), "Line 1, apiVersion: Meshmarket reads these versions"),
        (HEAD.replace("id: x", "id: ' '"), "Line 3, id: Give the product an id"),
        (HEAD.replace("id: x\n", ""), 'Line 1: "id" is a required property'),
        (HEAD + "name: 5", 'Line 6, name: 5 is not of type "string"'),
        (HEAD + "1: x", "1 must be in quotes"),
        (HEAD + "null: x", "None must be in quotes"),
        (HEAD + "name: !!binary eA==", "not valid YAML"),
        (HEAD + "name: !!set {a}", "not valid YAML"),
        (HEAD + "name: !!timestamp 2026-01-01", "not valid YAML"),
        (HEAD + "name: " + "9" * 400, "Line 6, name"),
        (HEAD + "name: " + "9" * 5000, "not valid YAML"),
        (HEAD + "name: .nan", "Line 6, name"),
        (HEAD + "contractCreatedTs: 2026-01-01\nname: [2026-01-01]", "Line 7, name"),
        (HEAD + "nonsense: 1", "'nonsense' was unexpected"),
        (HEAD + "schema:\n- name: t\n  properties:\n  - name: 7", r"Line 9, schema\[0\]\.properties\[0\]\.name: 7 is not"),
        (HEAD + "slaProperties: {}", "Line 6, slaProperties"),
        ("apiVersion: v1.1.0\nkind: DataProduct\nid: x\nstatus: active\ntags: [1]", r"Line 5, tags\[0\]: 1 is not"),
    ],
)  # fmt: skip
def test_it_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(RefusedError, match=message) as refused:
        read_file(text)
    assert refused.value.field == "file"
    assert len(refused.value.message) < 1000


@pytest.mark.parametrize("value", [".nan", ".inf", "true", "-5", "'x'", "1e400", "[1]", "9999999999999"])
def test_a_number_that_is_none_is_not_kept_or_refused(bank: Bank, value: str) -> None:
    data = export_data(bank.ines, bank.product.slug)
    del data["slaProperties"]
    text = dump(data) + f"slaProperties:\n- property: completeness\n  value: {value}\n"
    try:
        planned = plan(bank.ines, text)
    except RefusedError:
        return
    assert planned.problem or planned.not_kept == ("slaProperties[0]",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Summary", 7),
        ("Summary", ["x"]),
        ("Inputs", "x"),
        ("Inputs", [1]),
        ("Tier", {}),
        ("Discovery", "all"),
        ("Discovery", {"seenBy": "domain"}),
        ("Discovery", {"seenBy": "domain", "requestedBy": 3}),
        ("Discovery", {"seenBy": "domain", "requestedBy": "domain", "more": 1}),
        ("SqlExample", None),
    ],
)
def test_a_custom_property_of_a_wrong_type_is_said_not_to_be_kept(bank: Bank, name: str, value: Any) -> None:
    data = export_data(bank.ines, bank.product.slug)
    get_custom(data, name)["value"] = value
    planned = plan(bank.ines, dump(data))
    number = [one["property"] for one in data["customProperties"]].index(f"meshmarket{name}")
    expected = f"customProperties[{number}]"
    assert planned.not_kept in ((expected,), (f"{expected}.property",))
    assert not planned.has_changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "name: Give the product a name"),
        ({"name": "x" * 161}, "name: Use at most 160 characters"),
        ({"tags": [str(n) for n in range(21)]}, "tags: Use at most 20 keywords"),
        ({"slaProperties": [{"property": "latency", "value": 0}]}, r"slaProperties\[0\]\.value: Enter a number of hours"),
        ({"slaProperties": [{"property": "availability", "value": 101}]}, r"slaProperties\[0\]\.value: Enter a percentage"),
        ({"authoritativeDefinitions": [{"type": "implementation", "url": "ftp://x"}]}, "authoritativeDefinitions: .* is not a web address"),
        ({"team": {"members": [{"username": "no@body.example", "role": "owner"}]}}, r"team\.members\[0\]\.username: Choose a data owner"),
    ],
)  # fmt: skip
def test_an_invalid_field_is_refused_at_its_place(bank: Bank, changes: dict[str, Any], message: str) -> None:
    text = dump({**export_data(bank.ines, bank.product.slug), **changes})
    with pytest.raises(RefusedError, match=rf"Line \d+, {message}"):
        apply(bank.ines, text)
    assert not ProductRevision.objects.exists()


def test_unknown_names_are_refused(bank: Bank) -> None:
    for name, value, message in [
        ("SqlExample", "SELECT nothing FROM nowhere", "The product has no table nowhere"),
        ("Inputs", ["no-such"], "products that you can see"),
        (
            "Discovery",
            {"seenBy": "teams", "requestedBy": "domain", "seeTeams": ["no-such"]},
            "no longer exists",
        ),
        ("Discovery", {"seenBy": "x" * 99, "requestedBy": "domain"}, "Choose one of the options"),
    ]:
        data = export_data(bank.ines, bank.product.slug)
        get_custom(data, name)["value"] = value
        with pytest.raises(RefusedError, match=message):
            apply(bank.ines, dump(data))


def test_the_largest_file_is_read_in_time() -> None:
    rows = "".join(f"  - name: c{n}\n    physicalType: string\n" for n in range(7000))
    text = HEAD + "schema:\n- name: t\n  properties:\n" + rows
    assert len(text) < MAX_FILE_LENGTH
    started = time.process_time()
    read_file(text)
    assert time.process_time() - started < 20
