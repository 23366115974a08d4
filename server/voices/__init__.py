"""Voices: the standard prompts of each language, and the packs that people record themselves."""
