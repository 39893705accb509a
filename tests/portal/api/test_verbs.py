"""The actions of the API are a closed list: a new one is a decision, and its word is one of ours."""

import portal.api_urls

ACTIONS = {
    "accept", "acknowledge", "apply", "approve", "cancel", "change-class", "check", "collect", "confirm", "deactivate", "deprecate",
    "discard", "dismiss", "end", "evaluate", "join", "leave", "mark-opened", "mark-read", "match", "plan",
    "preview", "publish", "put-in-force",
    "reject", "release",

    "replace", "resolve", "restore", "resubmit", "resume", "retire", "review", "revoke", "submit", "take-over", "withdraw",
}  # fmt: skip
RESOURCES = {
    "access-explanation", "access-requests", "access-reviews", "accounts", "answers", "audit-events",
    "baskets", "batch", "break-glass", "bulk-decisions", "bulk-revocations", "catalogs", "changes", "comparisons",
    "classification-findings", "classification-scans", "comments", "consents", "crawler-runs",
    "credential-limit", "credentials",
    "data-product-files", "data-products", "databases", "decisions", "delegations", "deprecation",
    "derivation", "derivation-requests", "discovery", "draft", "duties", "evidence", "exceptions", "file", "follows", "glossary-term-proposals",
    "glossary-terms", "grants", "holds", "impact", "items", "jobs", "lifecycle", "lineage", "link-naming",
    "links", "local-groups", "members", "mesh", "notification-settings", "notifications", "offers", "openapi.yaml",
    "people", "policies", "principals", "problems", "proof", "publication-rules", "quality", "quality-results", "questions",
    "recreated-tables", "registrations",
    "release-notes", "replay", "request-exceptions", "request-items", "results", "retirement", "reviews",
    "revisions", "rule-exceptions", "rule-results", "runs", "saved-searches", "schema-updates",
    "search", "service-roles", "sessions", "subgrants", "suggestions", "sync-runs", "tables", "tag-changes",
    "tag-matches", "tags", "tokens", "test-queries", "unmatched-datasets", "usage", "versions", "waiting-decisions",
    "write-requests",
    "profile", "profile-requests", "queries", "sample-requests", "synthetic-rows",
}  # fmt: skip


def words() -> set[str]:
    paths = [str(one.pattern) for one in portal.api_urls.urlpatterns]
    return {word for path in paths for word in path.split("/") if not word.startswith("<")}


def test_each_word_of_an_address_is_a_resource_or_an_action() -> None:
    assert words() == ACTIONS | RESOURCES


def test_no_address_ends_in_a_slash() -> None:
    assert not [one for one in portal.api_urls.urlpatterns if str(one.pattern).endswith("/")]


def test_an_action_takes_a_post_alone() -> None:
    wrong = []
    for one in portal.api_urls.urlpatterns:
        last = str(one.pattern).rsplit("/", 1)[-1]
        methods = set(one.callback.view_class.http_method_names) & {
            name for name in dir(one.callback.view_class) if name in {"get", "post", "patch", "delete"}
        }
        if last in ACTIONS and methods != {"post"}:
            wrong.append((str(one.pattern), methods))
    assert not wrong
