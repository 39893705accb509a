"""Policies: rules as data, in versions, put in force by a domain for its data or by governance for all."""
