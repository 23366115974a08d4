"""The conversation: what is said when, and what an utterance leads to. Pure: events and the time in, effects out."""
