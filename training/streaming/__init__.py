"""A streaming recogniser for Vosk: trained on the corpus, written as a folder that the `vosk` wheel loads."""
