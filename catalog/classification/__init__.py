"""Which columns hold personal data: scans, findings and what people decide on them."""
