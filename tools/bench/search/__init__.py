"""What a search takes, beside tantivy."""
