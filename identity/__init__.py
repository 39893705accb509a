"""People, teams and roles; AWS accounts, connected catalogs and the principals that receive permissions."""
