"""Offers: the conditions under which access to a data product can be requested."""
