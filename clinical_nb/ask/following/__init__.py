"""What goes on from the answer before: a changed plan, what words point back to, and what to ask next."""
