"""What people do about what AWS holds and nobody here agreed to: look, adopt, order its removal, let it be."""
