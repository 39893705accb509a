"""From a request to a grant: asking, deciding, ending."""
