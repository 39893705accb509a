"""The LF-Tags of a catalog, keys and the values they may have, always in lower case; and named LF-Tag expressions.

Limits from DG:TBAC-notes and the service model. What an administrator, a creator or a grantee may do with a
tag is `tag_rights`'s to say; another account's tags are seen with the values that were granted.

Source: service model; DG:managing-tag-expressions, DG:TBAC-deleting-expressions. Making one needs
CREATE_LF_TAG_EXPRESSION on the catalog.
"""

from collections.abc import Iterator
from typing import Any

from mocklake import servicequotas
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import Viewer, held_verbs, is_admin, is_creator, is_reader_of_all
from mocklake.lakeformation.changes import get_viewer
from mocklake.lakeformation.grantors import list_held_values
from mocklake.lakeformation.lifecycle import forget_expression
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.resources import (
    Expression,
    Kind,
    Resource,
    catalog_resource,
    read_expression,
    write_expression,
)
from mocklake.lakeformation.store import Book, LFTag, LFTagExpression, book_of
from mocklake.ram.shares import list_owners_sharing_with
from mocklake.world import World

PAGE_LIMIT = 1000
TAGS_PER_PAGE = 50
"""MaxResults may ask for more, but the service model's list of tags holds no more."""
TAG_LIMIT = 1000
VALUE_LIMIT = 1000
VALUES_PER_CALL = 50
KEY_LENGTH = 128
VALUE_LENGTH = 256
EXPRESSION_LIMIT = 1000


def create_lf_tag(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs CREATE_LF_TAG; InvalidInputException for a key that exists."""
    book, viewer = get_own_book(world, caller, params), get_viewer(caller)
    allowed = held_verbs(world, viewer, catalog_resource(caller.account))
    if not is_admin(world, viewer) and "CREATE_LF_TAG" not in allowed:
        raise build_denied_error()
    key, values = _check_key(params["TagKey"]), _check_values(params["TagValues"])
    if key in book.tags:
        raise AwsError("InvalidInputException", f"Tag key already exists: {key}")
    servicequotas.check(world, caller.account, caller.region, servicequotas.TAGS, len(book.tags) + 1)
    book.tags[key] = LFTag(key, values, caller.arn)
    return {}


def get_lf_tag(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Answers for another account's tag with the values that were granted; missing and forbidden look alike there."""
    catalog_id = params.get("CatalogId") or caller.account
    tag = _find_visible_tag(world, caller, catalog_id, params["TagKey"])
    return _describe_tag(world, caller, catalog_id, tag)


def list_lf_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Lists the tags that the caller may see; FOREIGN and ALL add what other accounts share."""
    catalogs = _list_catalogs(world, caller, params)

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        del start
        for catalog_id in catalogs:
            tags = book_of(world, catalog_id, caller.region).tags
            for key in sorted(tags):
                answer = _describe_tag(world, caller, catalog_id, tags[key])
                if answer["TagValues"]:
                    yield [catalog_id, key], answer

    size, token = min(page_size(params, PAGE_LIMIT), TAGS_PER_PAGE), params.get("NextToken")
    found, more = page(items, shape=(str, str), token=token, size=size)
    return ({"LFTags": found} if found else {}) | ({"NextToken": more} if more else {})


def _list_catalogs(world: World, caller: Caller, params: dict[str, Any]) -> list[str]:
    shared = params.get("ResourceShareType")
    if shared is None:
        return [params.get("CatalogId") or caller.account]
    foreign = list_owners_sharing_with(world, caller.account, caller.region)
    return sorted(foreign + ([caller.account] if shared == "ALL" else []))


def update_lf_tag(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """A value that some resource carries cannot be deleted; first it must be removed there."""
    book = get_own_book(world, caller, params)
    tag = _find_tag_to_change(world, caller, params["TagKey"], "ALTER")
    gone = {value.lower() for value in params.get("TagValuesToDelete", ())}
    added = _check_values(params["TagValuesToAdd"]) if params.get("TagValuesToAdd") else []
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
    book = get_own_book(world, caller, params)
    tag = _find_tag_to_change(world, caller, params["TagKey"], "DROP")
    del book.tags[tag.key]
    for carried in book.tagged.values():
        carried.pop(tag.key, None)
    return {}


def get_own_book(world: World, caller: Caller, params: dict[str, Any]) -> Book:
    if params.get("CatalogId", caller.account) != caller.account:
        raise build_denied_error()
    return book_of(world, caller.account, caller.region)


def build_denied_error() -> AwsError:
    return AwsError("AccessDeniedException", "Insufficient Lake Formation permission(s) on LF-Tag")


def _find_visible_tag(world: World, caller: Caller, catalog_id: str, key: str) -> LFTag:
    tag = book_of(world, catalog_id, caller.region).tags.get(key.lower())
    if tag is None and catalog_id == caller.account and is_reader_of_all(world, get_viewer(caller)):
        raise AwsError("EntityNotFoundException", "Tag or tag value does not exist.")
    if tag is None or not list_held_values(world, get_viewer(caller), catalog_id, tag, "DESCRIBE"):
        raise build_denied_error()
    return tag


def _find_tag_to_change(world: World, caller: Caller, key: str, verb: str) -> LFTag:
    """The verb must be held on all of the tag's values."""
    tag = book_of(world, caller.account, caller.region).tags.get(key.lower())
    if (
        tag is not None
        and list_held_values(world, get_viewer(caller), caller.account, tag, verb) == tag.values
    ):
        return tag
    _find_visible_tag(world, caller, caller.account, key)
    raise build_denied_error()


def _describe_tag(world: World, caller: Caller, catalog_id: str, tag: LFTag) -> dict[str, Any]:
    values = list_held_values(world, get_viewer(caller), catalog_id, tag, "DESCRIBE")
    return {"CatalogId": catalog_id, "TagKey": tag.key, "TagValues": values}


def _check_key(key: str) -> str:
    if not 1 <= len(key) <= KEY_LENGTH:
        raise AwsError("InvalidInputException", f"A tag key has 1 to {KEY_LENGTH} characters.")
    return key.lower()


def _check_values(values: list[str]) -> list[str]:
    if not 1 <= len(values) <= VALUES_PER_CALL:
        raise AwsError("InvalidInputException", f"A call takes 1 to {VALUES_PER_CALL} tag values.")
    if any(not 1 <= len(value) <= VALUE_LENGTH for value in values):
        raise AwsError("InvalidInputException", f"A tag value has 1 to {VALUE_LENGTH} characters.")
    return list(dict.fromkeys(value.lower() for value in values))


def create_lf_tag_expression(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException for a name that exists, EntityNotFoundException for tags that do not."""
    book, viewer = get_own_book(world, caller, params), get_viewer(caller)
    on_catalog = held_verbs(world, viewer, catalog_resource(caller.account))
    if not is_admin(world, viewer) and "CREATE_LF_TAG_EXPRESSION" not in on_catalog:
        raise build_denied_error()
    name = params["Name"]
    if name in book.expressions:
        raise AwsError("InvalidInputException", f"LF-Tag expression already exists: {name}")
    if len(book.expressions) >= EXPRESSION_LIMIT:
        text = f"A catalog has at most {EXPRESSION_LIMIT} LF-Tag expressions."
        raise AwsError("ResourceNumberLimitExceededException", text)
    body = _read_body(book, params)
    book.expressions[name] = LFTagExpression(name, body, params.get("Description", ""), caller.arn)
    return {}


def get_lf_tag_expression(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Answers for another catalog too, where DESCRIBE was granted."""
    catalog_id = params.get("CatalogId") or caller.account
    return _describe_expression(
        catalog_id, _find_expression(world, caller, catalog_id, params["Name"], "DESCRIBE")
    )


def update_lf_tag_expression(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Replaces the body, and the description if one is given; permission rows stay as they are."""
    book = get_own_book(world, caller, params)
    expression = _find_expression(world, caller, caller.account, params["Name"], "ALTER")
    expression.body = _read_body(book, params)
    expression.description = params.get("Description", expression.description)
    return {}


def delete_lf_tag_expression(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Its grants go with it (DG:TBAC-deleting-expressions)."""
    book = get_own_book(world, caller, params)
    name = _find_expression(world, caller, caller.account, params["Name"], "DROP").name
    del book.expressions[name]
    forget_expression(world, caller.region, caller.account, name)
    return {}


def list_lf_tag_expressions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Lists the expressions that the caller may see."""
    catalog_id = params.get("CatalogId") or caller.account
    expressions = book_of(world, catalog_id, caller.region).expressions

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        del start
        for name in sorted(expressions):
            if _may_use_expression(world, get_viewer(caller), catalog_id, name, "DESCRIBE"):
                yield [name], _describe_expression(catalog_id, expressions[name])

    size, token = page_size(params, PAGE_LIMIT), params.get("NextToken")
    found, more = page(items, shape=(str,), token=token, size=size)
    return {"LFTagExpressions": found} | ({"NextToken": more} if more else {})


def _find_expression(world: World, caller: Caller, catalog_id: str, name: str, verb: str) -> LFTagExpression:
    found = book_of(world, catalog_id, caller.region).expressions.get(name)
    viewer = get_viewer(caller)
    if found is None and catalog_id == caller.account and is_reader_of_all(world, viewer):
        raise AwsError("EntityNotFoundException", f"LF-Tag expression does not exist: {name}")
    if found is None or not _may_use_expression(world, viewer, catalog_id, name, verb):
        raise build_denied_error()
    return found


def _may_use_expression(world: World, viewer: Viewer, catalog_id: str, name: str, verb: str) -> bool:
    resource = Resource(Kind.LF_NAMED_TAG_EXPRESSION, catalog_id, expression_name=name)
    if catalog_id == viewer.account:
        if is_admin(world, viewer) or is_creator(world, viewer, resource):
            return True
        if verb == "DESCRIBE" and is_reader_of_all(world, viewer):
            return True
    return verb in held_verbs(world, viewer, resource)


def _read_body(book: Book, params: dict[str, Any]) -> Expression:
    body = read_expression(params["Expression"])
    for key, values in body:
        if key not in book.tags or set(values) - set(book.tags[key].values):
            raise AwsError("EntityNotFoundException", "Tag or tag value does not exist.")
    return body


def _describe_expression(catalog_id: str, one: LFTagExpression) -> dict[str, Any]:
    described = {"Description": one.description} if one.description else {}
    body = {"CatalogId": catalog_id, "Name": one.name, "Expression": write_expression(one.body)}
    return body | described
