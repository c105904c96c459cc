"""A language model as a reader of what the grammar refuses: its address, what it is sent, what it answers."""
