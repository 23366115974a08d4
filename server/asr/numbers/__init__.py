"""The numbers network: its features, engine, decoding and rescoring, and the model with its card."""
