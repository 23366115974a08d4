"""Socket.IO packets. None raises: a malformed one becomes an unknown event, which gets an answer."""

from typing import Any

from socketio.packet import ACK, BINARY_EVENT, CONNECT, DISCONNECT, EVENT, Packet

# What JSON that cannot be read becomes as well (`TolerantJson`).
UNREADABLE = ["unreadable"]
MOST_ATTACHMENTS = 1
# Names that Socket.IO uses itself.
RESERVED = {"connect", "disconnect", "*"}
# The types of Engine.IO packets in a text message; a binary message is a packet of its own.
TEXT_PACKETS = frozenset("0123456")


def is_packet(message: str | bytes) -> bool:
    """Whether a message of a WebSocket can be a packet of Engine.IO."""
    return isinstance(message, bytes) or message[:1] in TEXT_PACKETS


class CheckedPacket(Packet):
    """`audio` is the only event with an attachment, of which it has one."""

    def __init__(self, *arguments: Any, encoded_packet: Any = None, **details: Any) -> None:
        super().__init__(*arguments, **details)
        if encoded_packet is None:
            return
        try:
            self.attachment_count = self.decode(encoded_packet)
            is_sound = isinstance(encoded_packet, str) and self._is_sound()
        except (LookupError, RecursionError, TypeError, ValueError):
            is_sound = False
        if not is_sound:
            self.packet_type, self.data, self.attachment_count = EVENT, UNREADABLE, 0

    def _is_sound(self) -> bool:
        if self.packet_type == BINARY_EVENT:
            return self.attachment_count == MOST_ATTACHMENTS and self._names_event()
        if self.packet_type == EVENT:
            return self.attachment_count == 0 and self._names_event()
        return self.packet_type in (CONNECT, DISCONNECT, ACK)

    def _names_event(self) -> bool:
        return (
            isinstance(self.data, list)
            and bool(self.data)
            and isinstance(self.data[0], str)
            and self.data[0] not in RESERVED
        )

    def add_attachment(self, attachment: Any) -> bool:
        try:
            is_sound = isinstance(attachment, bytes) and super().add_attachment(attachment) and self._names_event()
        except (LookupError, RecursionError, TypeError, ValueError):
            is_sound = False
        if not is_sound:
            self.data = UNREADABLE
        return True
