"""Words → plan: lexicon, linking, grammar."""
