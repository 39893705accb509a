"""What people type, checked for shape; whether it may be is the verbs' to say."""
