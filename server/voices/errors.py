"""What can go wrong with voices."""


class VoiceError(Exception):
    """`code` is the key of the text that says what to do about it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
