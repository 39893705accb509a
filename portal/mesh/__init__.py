"""The mesh as a whole: reports with plots and tables, as pages, as files and over the API."""
