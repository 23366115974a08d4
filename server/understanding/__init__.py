"""From a recogniser's hypothesis to an answer or a command. Pure."""
