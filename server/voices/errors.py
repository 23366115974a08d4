"""The errors of the voices."""


class VoiceError(Exception):
    """A voice cannot be used or changed. `code` is the key of a text that says what to do."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
