"""Terms of the business, and what they are linked with."""
