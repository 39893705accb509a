"""The search: query, filters, plans, results, facets, snippets, spelling, history."""
