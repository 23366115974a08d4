"""The mask of WebSocket messages."""


def apply_mask(data: bytes, mask: bytes, length: int | None = None, offset: int = 0) -> bytes:
    """The first `length` bytes of `data` XOR the four of `mask` in turn, from its byte `offset` on (RFC 6455, 5.3)."""
    size = len(data) if length is None else length
    turned = bytes(mask[(offset + position) % 4] for position in range(4))
    key = (turned * (size // 4 + 1))[:size]
    return (int.from_bytes(data[:size], "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
