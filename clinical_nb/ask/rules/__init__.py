"""The grammar: each way of asking as a rule (name, pattern, production), and what it makes of the question's parts."""
