"""What a terabyte that Athena scans costs in an account."""
