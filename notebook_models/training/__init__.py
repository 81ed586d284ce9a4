"""Training: data, the loop, and checkpoints."""
