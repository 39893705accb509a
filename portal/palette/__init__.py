"""The command palette: pages, data, people, requests and actions by a few letters."""
