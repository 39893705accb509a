"""The LF-Tags of a catalog: keys and the values they may have, always in lower case.

Limits from DG:TBAC-notes and the service model. What an administrator, a creator or a grantee may do with a
tag is `tag_rights`'s to say; another account's tags are seen with the values that were granted.
"""

from collections.abc import Iterator
from typing import Any

from mocklake import servicequotas
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import held_verbs, is_admin, is_reader_of_all
from mocklake.lakeformation.changes import viewer_of
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.resources import catalog_resource
from mocklake.lakeformation.store import Book, LFTag, book_of
from mocklake.lakeformation.tag_rights import values_held
from mocklake.ram.shares import owners_sharing_with
from mocklake.world import World

PAGE_LIMIT = 1000
TAGS_PER_PAGE = 50
"""MaxResults may ask for more, but the service model's list of tags holds no more."""
TAG_LIMIT = 1000
VALUE_LIMIT = 1000
VALUES_PER_CALL = 50
KEY_LENGTH = 128
VALUE_LENGTH = 256


def create_lf_tag(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs CREATE_LF_TAG; InvalidInputException for a key that exists."""
    book, viewer = own_book(world, caller, params), viewer_of(caller)
    allowed = held_verbs(world, viewer, catalog_resource(caller.account))
    if not is_admin(world, viewer) and "CREATE_LF_TAG" not in allowed:
        raise denied()
    key, values = _checked_key(params["TagKey"]), _checked_values(params["TagValues"])
    if key in book.tags:
        raise AwsError("InvalidInputException", f"Tag key already exists: {key}")
    servicequotas.check(world, caller.account, caller.region, servicequotas.TAGS, len(book.tags) + 1)
    book.tags[key] = LFTag(key, values, caller.arn)
    return {}


def get_lf_tag(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Of another account's tag the values that were granted; missing and forbidden look alike there."""
    catalog_id = params.get("CatalogId") or caller.account
    tag = _seen(world, caller, catalog_id, params["TagKey"])
    return _answer(world, caller, catalog_id, tag)


def list_lf_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Those that the caller may see; FOREIGN and ALL add what other accounts share."""
    catalogs = _catalogs(world, caller, params)

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        del start
        for catalog_id in catalogs:
            tags = book_of(world, catalog_id, caller.region).tags
            for key in sorted(tags):
                answer = _answer(world, caller, catalog_id, tags[key])
                if answer["TagValues"]:
                    yield [catalog_id, key], answer

    size, token = min(page_size(params, PAGE_LIMIT), TAGS_PER_PAGE), params.get("NextToken")
    found, more = page(items, shape=(str, str), token=token, size=size)
    return ({"LFTags": found} if found else {}) | ({"NextToken": more} if more else {})


def _catalogs(world: World, caller: Caller, params: dict[str, Any]) -> list[str]:
    shared = params.get("ResourceShareType")
    if shared is None:
        return [params.get("CatalogId") or caller.account]
    foreign = owners_sharing_with(world, caller.account, caller.region)
    return sorted(foreign + ([caller.account] if shared == "ALL" else []))


def update_lf_tag(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """A value that some resource carries cannot be deleted; first it must be removed there."""
    book = own_book(world, caller, params)
    tag = _changed(world, caller, params["TagKey"], "ALTER")
    gone = {value.lower() for value in params.get("TagValuesToDelete", ())}
    added = _checked_values(params["TagValuesToAdd"]) if params.get("TagValuesToAdd") else []
    if not gone and not added:
        raise AwsError("InvalidInputException", "Nothing to update.")
    if gone - set(tag.values):
        raise AwsError("EntityNotFoundException", "Tag or tag value does not exist.")
    if any(carried.get(tag.key) in gone for carried in book.tagged.values()):
        text = "Update not allowed. Untag the resources before deleting the LF-Tag's value."
        raise AwsError("InvalidInputException", text)
    values = [value for value in tag.values if value not in gone]
    values += [value for value in added if value not in values]
    if not values:
        raise AwsError("InvalidInputException", "An LF-Tag has at least one value.")
    wrong = "InvalidInputException"
    servicequotas.check(
        world, caller.account, caller.region, servicequotas.TAG_VALUES, len(values), code=wrong
    )
    tag.values = values
    return {}


def delete_lf_tag(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Takes the tag off everything that carries it."""
    book = own_book(world, caller, params)
    tag = _changed(world, caller, params["TagKey"], "DROP")
    del book.tags[tag.key]
    for carried in book.tagged.values():
        carried.pop(tag.key, None)
    return {}


def own_book(world: World, caller: Caller, params: dict[str, Any]) -> Book:
    if params.get("CatalogId", caller.account) != caller.account:
        raise denied()
    return book_of(world, caller.account, caller.region)


def denied() -> AwsError:
    return AwsError("AccessDeniedException", "Insufficient Lake Formation permission(s) on LF-Tag")


def _seen(world: World, caller: Caller, catalog_id: str, key: str) -> LFTag:
    tag = book_of(world, catalog_id, caller.region).tags.get(key.lower())
    if tag is None and catalog_id == caller.account and is_reader_of_all(world, viewer_of(caller)):
        raise AwsError("EntityNotFoundException", "Tag or tag value does not exist.")
    if tag is None or not values_held(world, viewer_of(caller), catalog_id, tag, "DESCRIBE"):
        raise denied()
    return tag


def _changed(world: World, caller: Caller, key: str, verb: str) -> LFTag:
    """The verb must be held on all of the tag's values."""
    tag = book_of(world, caller.account, caller.region).tags.get(key.lower())
    if tag is not None and values_held(world, viewer_of(caller), caller.account, tag, verb) == tag.values:
        return tag
    _seen(world, caller, caller.account, key)
    raise denied()


def _answer(world: World, caller: Caller, catalog_id: str, tag: LFTag) -> dict[str, Any]:
    values = values_held(world, viewer_of(caller), catalog_id, tag, "DESCRIBE")
    return {"CatalogId": catalog_id, "TagKey": tag.key, "TagValues": values}


def _checked_key(key: str) -> str:
    if not 1 <= len(key) <= KEY_LENGTH:
        raise AwsError("InvalidInputException", f"A tag key has 1 to {KEY_LENGTH} characters.")
    return key.lower()


def _checked_values(values: list[str]) -> list[str]:
    if not 1 <= len(values) <= VALUES_PER_CALL:
        raise AwsError("InvalidInputException", f"A call takes 1 to {VALUES_PER_CALL} tag values.")
    if any(not 1 <= len(value) <= VALUE_LENGTH for value in values):
        raise AwsError("InvalidInputException", f"A tag value has 1 to {VALUE_LENGTH} characters.")
    return list(dict.fromkeys(value.lower() for value in values))
