"""Text to learn from: what is made by rule, with the answer known."""
