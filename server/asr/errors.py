"""What goes wrong with engines, in a form that can be shown."""


class EngineError(Exception):
    """An engine cannot do its work. `code` is for programs (the interface translates it), `message` says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
