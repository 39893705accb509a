"""How well the search finds what was meant, on real texts, beside tantivy and PostgreSQL's `ts_rank`."""
