"""The access that one approved request grants."""
