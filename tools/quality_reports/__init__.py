"""Makes the result files of dbt, Great Expectations and Soda that the tests of the parsers read."""
