"""The conversation: what is said when, and what an utterance leads to. Pure: time is an argument, effects are returned."""
