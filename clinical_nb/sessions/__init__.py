"""The parts of a Session: each owns its own state, and says in its constructor which others it needs."""
