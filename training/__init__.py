"""Makes what the server ships: the spoken prompts and the numbers network. Never imported by `server`."""
