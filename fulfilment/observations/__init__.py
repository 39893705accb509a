"""The last reading of AWS: permissions, filters, opt-ins, locations, and the age of each reading."""
