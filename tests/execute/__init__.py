"""Running notebooks, recording checks, and files to take away."""
