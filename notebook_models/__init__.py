"""PyTorch modules of the study notes, one concept a file; the notebooks beside them demonstrate them."""
