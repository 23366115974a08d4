"""Speech engines: code that needs a model file or a compiled library, behind the protocols of `base`."""
