"""The chant coach: a child recites a whole table, and the tablet follows. Pure."""
