"""One complete reading of AWS, and AWS's rows as values."""
