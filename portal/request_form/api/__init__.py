"""The API of what can be requested: recipients, databases, tags, and the input of a request with its preview."""
