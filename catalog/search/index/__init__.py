"""Documents, vectors, vocabulary, tokenizer and stems: what the search finds by."""
