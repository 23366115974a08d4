"""From what a recogniser has heard to an answer or a command. Pure."""
