"""Publication rules: read, draft, put in force; what a product meets of them; exceptions."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.views import APIView

from catalog.products.models import DataProduct
from catalog.publication_rules.actions import (
    MAX_NOTE_LENGTH,
    allow_rule_exception,
    discard_publication_rules,
    end_rule_exception,
    may_save_publication_rules,
    put_publication_rules_in_force,
    save_publication_rules,
)
from catalog.publication_rules.queries import (
    check_products,
    compute_rules_digest,
    get_rules_draft,
    get_rules_in_force,
)
from catalog.publication_rules.rules import MAX_WORDS, REQUIRABLE_FIELDS, Rules
from catalog.revisions.queries import get_draft, get_editable_product
from catalog.revisions.rule_results import check_draft
from identity.people.models import Person
from kernel import clock
from kernel.errors import require_allowed
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.etags import ETAG, IF_MATCH
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.pagination import Rows
from portal.api.references import OptionalReference, Reference
from portal.api.serializers import StrictSerializer

STATE_MEMBERS = {"based_on": "", "shown": ""}
"""The state that was read comes as a header."""


class RulesOut(serializers.Serializer[Any]):
    """What a data product must meet. `description_words` is how many words its description has at least; without `tiers`, every tier
    can be published.
    """

    active_owner = serializers.BooleanField()
    description_words = serializers.IntegerField()
    required_fields = serializers.ListField(child=EnumOut(tuple(REQUIRABLE_FIELDS)))
    classified_columns = serializers.BooleanField()
    classified_personal_columns = serializers.BooleanField()
    own_tables = serializers.BooleanField()
    tiers = serializers.ListField(child=EnumOut(DataProduct.Tier.values))


class PublicationRulesOut(serializers.Serializer[Any]):
    """The rules in force, and the draft of the next ones, which may be null. Send the `ETag` as `If-Match` when you write."""

    in_force = RulesOut()
    draft = RulesOut(allow_null=True)
    note = TextOut(help_text="of the draft")
    written_by = OptionalReference()
    written_at = TimeOut(allow_null=True)


class RulesIn(StrictSerializer):
    """All rules of the draft. What is left out is no rule."""

    active_owner = serializers.BooleanField(default=False)
    description_words = serializers.IntegerField(min_value=0, max_value=MAX_WORDS, default=0)
    required_fields = serializers.ListField(
        child=serializers.ChoiceField(tuple(REQUIRABLE_FIELDS)),
        default=list,
        max_length=len(REQUIRABLE_FIELDS),
    )
    classified_columns = serializers.BooleanField(default=False)
    classified_personal_columns = serializers.BooleanField(default=False)
    own_tables = serializers.BooleanField(default=False)
    tiers = serializers.ListField(
        child=serializers.ChoiceField(DataProduct.Tier.values), default=list, max_length=len(DataProduct.Tier)
    )
    note = serializers.CharField(max_length=MAX_NOTE_LENGTH)

    @staticmethod
    def build_arguments(_person: Person, said: dict[str, Any]) -> dict[str, Any]:
        note = said.pop("note")
        lists = {name: tuple(said[name]) for name in ("required_fields", "tiers")}
        return {"rules": Rules(**{**said, **lists}), "note": note}


class RuleResultOut(serializers.Serializer[Any]):
    """A rule, and what a data product lacks of it: `problem` is null where it is met, `exception` is why it need not be."""

    rule = serializers.CharField(source="key")
    text = serializers.CharField()
    is_met = serializers.BooleanField()
    problem = TextOut()
    exception = TextOut()


class ProductResultsOut(serializers.Serializer[Any]):
    """What a data product meets of the rules."""

    data_product = Reference(source="product")
    results = RuleResultOut(many=True)


class RuleExceptionIn(StrictSerializer):
    """A rule that the data product need not meet, and why."""

    rule = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=MAX_NOTE_LENGTH)


class RuleExceptionOut(serializers.Serializer[Any]):
    """An exception of a data product from a rule."""

    data_product = Reference(source="product")
    rule = serializers.CharField(source="key")
    reason = serializers.CharField()
    allowed_by = Reference()
    allowed_at = TimeOut()
    ended_at = TimeOut(allow_null=True)


def _load_rules(person: Person) -> dict[str, Any]:
    """ForbiddenError for others than governors."""
    require_allowed(may_save_publication_rules(person))
    draft = get_rules_draft()
    return {
        "in_force": get_rules_in_force(),
        "draft": Rules.from_json(draft.rules) if draft else None,
        "note": draft.note if draft else None,
        "written_by": draft.written_by if draft else None,
        "written_at": draft.written_at if draft else None,
    }


def _list_results(person: Person) -> Rows:
    require_allowed(may_save_publication_rules(person))
    draft = get_rules_draft()
    return check_products(Rules.from_json(draft.rules) if draft else get_rules_in_force())


PUBLICATION_RULES = Endpoints(PublicationRulesOut, _load_rules, digest=lambda _rules: compute_rules_digest())
RULE_EXCEPTIONS = Endpoints(RuleExceptionOut)


class PublicationRulesView(APIView):
    members: ClassVar = STATE_MEMBERS

    get = PUBLICATION_RULES.read("get_publication_rules", "Get the publication rules", parameters=(ETAG,))

    patch = PUBLICATION_RULES.act(
        "update_publication_rules",
        "Change the draft of the publication rules",
        save_publication_rules,
        takes=RulesIn,
        build=RulesIn.build_arguments,
        matches="based_on",
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
        description="Creates the draft if there is none. It changes nothing until it is in force.",
    )


class PutInForceView(APIView):
    members: ClassVar = STATE_MEMBERS

    post = PUBLICATION_RULES.act(
        "put_publication_rules_in_force",
        "Put the draft of the publication rules in force",
        put_publication_rules_in_force,
        matches="shown",
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
        description="Published data products stay published.",
    )


class DiscardView(APIView):
    members: ClassVar = STATE_MEMBERS

    post = PUBLICATION_RULES.act(
        "discard_publication_rules",
        "Discard the draft of the publication rules",
        discard_publication_rules,
        matches="shown",
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
    )


class ResultsView(APIView):
    get = rows_endpoint(
        "list_publication_rule_results",
        "List what published data products meet of the rules",
        ProductResultsOut,
        _list_results,
        description="Of the draft of the rules if there is one, else of those in force.",
    )


def _check_draft(person: Person, slug: str) -> dict[str, Any]:
    product = get_editable_product(person, slug)
    return {"product": product, "results": check_draft(person, product, get_draft(product), clock.now())}


class DraftResultsView(APIView):
    get = Endpoints(ProductResultsOut, _check_draft).read(
        "get_data_product_draft_results", "Get what the draft of a data product meets of the rules"
    )


class RuleExceptionsView(APIView):
    post = RULE_EXCEPTIONS.create(
        "allow_rule_exception",
        "Allow an exception from a publication rule",
        allow_rule_exception,
        takes=RuleExceptionIn,
        names={"rule": "key"},
        shows_result=True,
        errors=(403, 404),
    )


class EndRuleExceptionView(APIView):
    post = RULE_EXCEPTIONS.act(
        "end_rule_exception",
        "End an exception from a publication rule",
        end_rule_exception,
        shows_result=True,
        errors=(403, 404),
    )
