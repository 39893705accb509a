"""What the endpoints of the API share: errors, OpenAPI, paging, idempotency, serializers, fields."""
