"""The ways in which the owners of a domain let a data product be used."""
