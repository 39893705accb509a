"""Pages and API: each view calls the packages' queries and actions and renders one template."""
