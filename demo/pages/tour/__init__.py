"""The demo's tour: request data, publish a product from tables, publish a product from a file."""
