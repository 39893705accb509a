"""Pages, one module a subject: each view calls one query or verb and renders one template."""
