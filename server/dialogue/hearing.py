"""The answer to the open question, as far as it has been heard."""

from . import events
from .endpointing import Endpointing, EndpointingSettings


class Hearing:
    """Since when it was listened to, when a voice began, what is believed. Times in ms of audio of the stream.

    `begun`: a beginning of the answer that was heard already ("thirty" where 36 is asked).
    """

    def __init__(self, settings: EndpointingSettings) -> None:
        self._settings = settings
        self._endpointing = Endpointing(settings)
        self.wait()

    def wait(self) -> None:
        """A question is asked: nothing has been heard yet."""
        self.listens_from_ms: int | None = None
        self.partial: int | None = None
        self.wait_for_rest(None)
        self.drop()

    def wait_for_rest(self, begun: int | None) -> None:
        """What is said next may complete `begun`."""
        self.begun = self._begun_before = begun

    def drop(self) -> None:
        """What was heard was no answer."""
        self.is_open = False
        self.answers = False
        self._onset_ms: int | None = None

    def begin(self, onset_ms: int | None = None, answers: bool = True) -> None:
        """A voice; without `onset_ms`, or where it does not answer, it is about no question that is open."""
        self.is_open, self.answers = True, answers
        self._onset_ms = onset_ms
        self.begun = self._begun_before
        self._endpointing.begin()

    def go_on(self, heard: events.SpeechHeard, expected: int, none_weight: float = 1.0) -> bool:
        """The voice goes on, or pauses. Whether `partial`, the number that is confidently heard so far, is another.

        `none_weight`: see `Belief.weighed`; how long a silence ends the answer depends on it, as its verdict does.
        """
        belief = heard.belief.completing(self.begun, expected)
        self._endpointing.update(belief.weighed(none_weight), expected, heard.spoken_ms)
        best, probability = belief.best
        confident = best if probability >= self._settings.confident_at else None
        # The second "five" of 55 is not to be told from the first, which is still heard.
        if heard.silence_ms and confident is not None and confident not in belief.beginnings.get(confident, {confident}):
            self.begun = confident
        before, self.partial = self.partial, confident
        return self.partial != before

    def end(self, longest_pause_ms: int, onset_ms: int | None = None) -> None:
        """The voice has ended; `onset_ms` where it is known better by now."""
        self.is_open = False
        if onset_ms is not None and self._onset_ms is not None:
            self._onset_ms = onset_ms
        self._endpointing.learn(longest_pause_ms)

    @property
    def silence_limit_ms(self) -> int:
        """How much silence ends the present utterance; 0: it is over."""
        return self._endpointing.limit_ms

    @property
    def response_ms(self) -> int | None:
        """From the end of the question to the onset of the voice, 0 over the question; None where it is not known.

        How quickly an answer came to mind is not known either where only the rest of it was asked for.
        """
        if self._onset_ms is None or self.listens_from_ms is None or self._begun_before is not None:
            return None
        return max(0, self._onset_ms - self.listens_from_ms)

    def barge_in(self) -> None:
        """The answer came before the end of the question, which is not played to its end."""
        self.listens_from_ms = self._onset_ms
