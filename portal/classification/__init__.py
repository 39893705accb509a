"""The classification queue: findings of personal data, scans, and what people decide on them."""
