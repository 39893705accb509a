"""How what an account is granted is found there: behind a link to each database, or by a link for each table."""
