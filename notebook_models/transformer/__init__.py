"""The Transformer: its parts, the whole model, and how it writes a sequence."""
