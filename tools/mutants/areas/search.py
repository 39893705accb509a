"""Searches that show people what they cannot read, or offer what they cannot request or a click does not find."""

from tools.mutants.mutant import Mutant

ENTITLEMENTS = "catalog/search/plans/matches.py"
OWN_REQUESTS = "requests_app/grants/own_requests.py"
OWN_REQUEST_TESTS = ("tests/requests_app/grants/test_own_requests.py",)
FACET_LINKS = ("tests/catalog/search/test_facet_links.py",)
TESTS = ("tests/catalog/search/test_changed_rights.py", "tests/catalog/search/test_facets.py")

MUTANTS = (
    Mutant(
        "what a role that is gone could read counts as readable",
        ENTITLEMENTS,
        "    WHERE r.gone_at IS NULL))\n",
        "    ))\n",
        TESTS,
    ),
    Mutant(
        "roles of every team count",
        ENTITLEMENTS,
        "a.id = r.account_id AND a.team_id = ANY(%(teams)s)\n    WHERE r.gone_at IS NULL))",
        "a.id = r.account_id AND %(teams)s IS NOT NULL\n    WHERE r.gone_at IS NULL))",
        TESTS,
    ),
    Mutant(
        "a team without a consuming account is offered access",
        ENTITLEMENTS,
        "a.id = r.account_id AND a.is_consumer AND",
        "a.id = r.account_id AND",
        ("tests/catalog/search/plans/test_entitlements.py",),
    ),
    Mutant(
        "a product without tables can be requested",
        ENTITLEMENTS,
        'return "ask" if self.may_request and not is_empty else "none"',
        'return "ask" if self.may_request else "none"',
        ("tests/catalog/search/plans/test_entitlements.py",),
    ),
    Mutant(
        "a search result shows requests of everybody",
        OWN_REQUESTS,
        "WHERE %(person)s IN (i.requester_id, r.taken_over_by_id) OR",
        "WHERE %(person)s IS NOT NULL OR",
        OWN_REQUEST_TESTS,
    ),
    Mutant(
        "what an account was granted counts as somebody's",
        OWN_REQUESTS,
        "AND p.arn <> p.unique_id AND",
        "AND",
        OWN_REQUEST_TESTS,
    ),
    Mutant(
        "a grant whose effects have changed is still to come",
        OWN_REQUESTS,
        "    AND NOT (n.presence = '{_Presence.STALE}' AND n.proven_generation = n.generation)\n",
        "",
        OWN_REQUEST_TESTS,
    ),
    Mutant(
        "somebody else's saved search is deleted",
        "catalog/search/saved_searches.py",
        'return ALLOWED if saved.person_id == person.pk else refusal("This search belongs to someone else.")',
        'return ALLOWED if person.is_active else refusal("This search belongs to someone else.")',
        ("tests/catalog/search/test_saved_searches.py", "tests/portal/search/test_saved_searches.py"),
    ),
    Mutant(
        "a facet offers values that an excluded filter leaves out",
        "catalog/search/facets.py",
        "is_replaced = not each.excluded and FACET_OF",
        "is_replaced = FACET_OF",
        FACET_LINKS,
    ),
    Mutant(
        "a click keeps the typed filter of its facet",
        "catalog/search/facets.py",
        "for each in own if own or is_selected else typed:",
        "for each in own:",
        FACET_LINKS,
    ),
    Mutant(
        "a spelling is suggested that finds less",
        "catalog/search/spelling.py",
        "if text and search(replace(query, text=text)).total > found.total:",
        "if text:",
        ("tests/catalog/search/test_suggested_spelling.py",),
    ),
    Mutant(
        "the general plan finds what is hidden",
        "catalog/search/plans/general_plan.py",
        "  WHERE {VISIBLE_DOCUMENT} AND {{of}} {{narrowed}}",
        "  WHERE {{of}} {{narrowed}}",
        ("tests/catalog/search/test_visibility.py",),
    ),
    Mutant(
        "a widened search finds excluded words",
        "catalog/search/text_queries.py",
        "coalesce(prefixed || ({_SOME} && excluded), prefixed)",
        "coalesce(prefixed || {_SOME}, prefixed)",
        ("tests/catalog/search/test_widening.py",),
    ),
    Mutant(
        "the beginning of a word ranks like the word",
        "catalog/search/text_queries.py",
        "  WHEN d.id IN (SELECT id FROM with_all_words) OR %(names_terms)s AND d.id = ANY(%(linked)s) THEN {ALL_WORDS}",
        "  WHEN true THEN {ALL_WORDS}",
        ("tests/catalog/search/test_widening.py",),
    ),
)
