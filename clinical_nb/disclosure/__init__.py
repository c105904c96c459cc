"""What of a result may leave: small counts, and what would tell them, are suppressed before anything is shown."""
