"""The error of the speech engines."""


class EngineError(Exception):
    """An engine cannot do its work. `code` is for programs and translation, `message` tells an operator what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
