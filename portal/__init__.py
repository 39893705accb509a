"""Pages and API: each view calls the packages' queries and verbs and renders one template."""
