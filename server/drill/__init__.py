"""The practice itself, without voice or screen: facts, their order, judging, the score. Pure."""
