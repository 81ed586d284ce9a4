"""Recurrent networks: what the paper gave up, one time step after another."""
