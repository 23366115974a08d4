"""The conversation of a drill. Pure: events and the present time in, effects out."""
