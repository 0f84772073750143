"""How long a test waits for what must come about, one figure for all of them.

Only what is broken ever waits so long: a machine with two busy cores takes ten times what an idle one does. A limit that
the product promises is a figure of its test.
"""

PATIENCE_SECONDS = 180
