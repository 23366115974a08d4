"""The practice itself, without voice or screen: facts, their order, the judgement of an answer, the score. Pure."""
