"""What a Session is made of, each part resting on the one before: what it holds, is told, guards, asks and records."""
