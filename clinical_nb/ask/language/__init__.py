"""The words themselves, of no dataset: how a question is cut into them, the clinical language, the parser of rules."""
