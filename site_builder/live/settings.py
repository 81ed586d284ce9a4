"""The few figures and names that the front and the process behind it share."""

TOKEN = "WIKITORCH_LIVE_TOKEN"
"""The variable that carries the token to the process that runs kernels."""

SOCKET = "s"
"""The name of the Unix socket between the two, below a folder that only this user can enter."""

NO_PORT = "0"
"""Stands for the port where there is such a socket."""

CULL_AFTER = 300
"""Seconds after which a kernel is ended whose page is gone."""

FRAME_LIMIT = 1 << 20
"""The most bytes of a message from a page: far more than any cell."""

OUTPUT_LIMIT = 64 << 20
"""The most bytes of a message from a kernel: a large picture."""

MOST_KERNELS = 12
"""The most kernels at a time: each holds torch in memory."""
