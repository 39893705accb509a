"""Lists that are declared once for their page, their files and the API."""
