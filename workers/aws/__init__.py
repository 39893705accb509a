"""The only home of boto3: clients, sessions, errors, reads, writes, rate limit, call counts."""
