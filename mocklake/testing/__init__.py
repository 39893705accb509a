"""What mocklake offers to tests: worlds in this process, a server of one's own, checks, Athena queries, a small lake."""
