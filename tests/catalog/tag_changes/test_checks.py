"""What a proposed tag change is refused for, at which field."""

from typing import Any

import pytest

from catalog.tag_changes.models import TagChange
from kernel.errors import RefusedError
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget
from tests.tag_changes import KEY, TaggingBank

PLACE = TagTarget("insurance_gold", "claims", "amount")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"assignments": []}, "assignments"),
        ({"assignments": [TagAssignment(PLACE, KEY, "secret")]}, "assignments"),
        ({"assignments": [TagAssignment(PLACE, "nothing", "public")]}, "assignments"),
        ({"assignments": [TagAssignment(TagTarget("insurance_gold", "claims", "no"), KEY, "public")]}, "assignments"),
        ({"assignments": [TagAssignment(TagTarget("insurance_gold", "no"), KEY, "public")]}, "assignments"),
        ({"assignments": [TagAssignment(TagTarget("insurance_gold", "", "amount"), KEY, "public")]}, "assignments"),
        ({"assignments": [TagAssignment(TagTarget("no"), KEY, "public")]}, "assignments"),
        ({"assignments": [TagAssignment(TagTarget("a\0b"), KEY, "public")]}, "assignments"),
        ({"assignments": [TagAssignment(PLACE, KEY, "public")] * 2}, "assignments"),
        ({"assignments": [], "definitions": [TagDefinition("k")]}, "definitions"),
        ({"assignments": [], "definitions": [TagDefinition("", ("v",))]}, "definitions"),
        ({"assignments": [], "definitions": [TagDefinition("k\0", ("v",))]}, "definitions"),
        ({"assignments": [], "definitions": [TagDefinition("k", ("v" * 257,))]}, "definitions"),
        ({"assignments": [], "definitions": [TagDefinition("k", ("v",), (("v", "\0"),))]}, "definitions"),
        ({"assignments": [], "definitions": [TagDefinition("k", ("v",)), TagDefinition("K", ("w",))]}, "definitions"),
        ({"assignments": [], "definitions": [TagDefinition(KEY, ("x",), removed=("x",))]}, "definitions"),
        ({"assignments": [], "definitions": [TagDefinition(KEY, removed=("no",))]}, "definitions"),
        ({"assignments": [], "definitions": [TagDefinition(KEY, removed=("private",))]}, "definitions"),
    ],
)  # fmt: skip
def test_it_is_refused_at_its_field(tagging: TaggingBank, change: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        tagging.propose(**change)
    assert refused.value.field == field
    assert not TagChange.objects.exists()


def test_a_value_that_a_grant_names_is_not_removed(tagging: TaggingBank) -> None:
    change = tagging.propose([], [TagDefinition(KEY, removed=("public",))])
    tagging.observe_reader("public")
    with pytest.raises(RefusedError, match="still used by grants"):
        tagging.approve(change, by=tagging.bank.greta)
    with pytest.raises(RefusedError, match="still used by grants"):
        tagging.propose([], [TagDefinition(KEY, removed=("public",))])


def test_a_removed_value_is_not_known_any_more(tagging: TaggingBank) -> None:
    change = tagging.propose([], [TagDefinition(KEY, removed=("public",))])
    tagging.approve(change, by=tagging.bank.greta)
    with pytest.raises(RefusedError, match="has no value public"):
        tagging.propose([tagging.assign("amount", "public")])
