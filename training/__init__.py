"""Makes what the server ships: the spoken prompts and the numbers model. Never imported by `server`."""
