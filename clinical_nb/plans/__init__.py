"""What a plan is made of: conditions, derived columns, and the kinds of analysis with their roles."""
