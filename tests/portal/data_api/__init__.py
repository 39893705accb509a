"""The data API: queries without SQL, and temporary credentials."""
