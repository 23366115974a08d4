"""How the recogniser fares, measured through the live path: `python -m training.evaluate`."""
