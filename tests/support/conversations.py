"""Drives a conversation in virtual time: the clock moves only when told to."""

from collections.abc import Mapping
from typing import Any, Self

from server.dialogue import messages
from server.dialogue.conversation import Conversation
from server.dialogue.messages import Clip, Say
from server.dialogue.state import Phase
from server.languages import Language


def clips_of(language: Language, duration_ms: int) -> dict[str, Clip]:
    """Clips of one length; the id of each stands for its address."""
    return {clip_id: Clip(clip_id, text, duration_ms) for clip_id, text in language.clip_texts().items()}


class Driver:
    """What happens in a conversation, and what came of it."""

    dialogue: Conversation
    clips: Mapping[str, Clip]

    def __init__(self) -> None:
        self.now_ms = 1000.0
        self.effects: list[Any] = []
        self.phases = [self.dialogue.phase]

    @property
    def phase(self) -> Phase:
        return self.dialogue.phase

    def all(self, kind: type) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    @property
    def say(self) -> Say:
        say: Say = self.all(Say)[-1]
        return say

    @property
    def said(self) -> list[str]:
        """Clip ids of the last prompt."""
        return [clip.url for clip in self.say.clips]

    def tell(self, *events: Any) -> Self:
        for event in events:
            self.effects += self.dialogue.handle(event, self.now_ms)
            self.phases.append(self.dialogue.phase)
        return self

    def wait(self, duration_ms: float) -> Self:
        """Let time pass, ticking whenever the dialogue has asked for it."""
        end_ms = self.now_ms + duration_ms
        while self.dialogue.deadline_ms <= end_ms:
            self.now_ms = max(self.now_ms, self.dialogue.deadline_ms)
            self.tell(messages.Tick())
        self.now_ms = end_ms
        return self
