"""Audio, recogniser and dialogue together, with a scripted recogniser: what it is fed, when it is asked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server.audio import FRAME_BYTES
from server.audio.echo_guard import EchoGuard, EchoPath, Examined
from server.audio.listener import Listener
from server.dialogue import messages
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Clip, Effect, Interrupt, Judged
from server.dialogue.settings import DialogueSettings, EndpointingSettings
from server.dialogue.state import Phase
from server.drill.attempt import Attempt
from server.drill.course import MOST_STEPS, Course
from server.drill.judging import Verdict
from server.drill.modes import CALM
from server.languages import load_language
from server.live.drill_session import DrillSession
from server.live.pool import Late
from server.live.session import EngineFailed, Heard
from server.understanding.hypothesis import Hypothesis
from server.understanding.lexicon import Spoken

CHUNK_FRAMES = 3


def frame(number: int, voiced: bool) -> bytes:
    """Return a frame that encodes its number and whether it is voiced."""
    return bytes([voiced, number % 256]) * (FRAME_BYTES // 2)


class Voiced:
    """A voice detector that reads what the frames encode (the high-pass spoils them, so it counts)."""

    def __init__(self, script: list[bool]) -> None:
        self._script: Iterator[bool] = iter(script)

    def voiced(self, frames: bytes) -> list[bool]:
        return [next(self._script) for _ in range(len(frames) // FRAME_BYTES)]


class Scripted:
    """An engine whose recognisers return the script's opinions and record what they were fed."""

    name = "scripted"

    def __init__(self, hypothesis: Hypothesis | Exception) -> None:
        self.hypothesis = hypothesis
        self.fed = b""
        self.leased = self.asked = 0

    def speaks(self, language: str) -> bool:
        return True

    def lease(self, language: str) -> "Scripted":
        self.leased += 1
        return self

    def release(self, language: str, recogniser: object) -> None:
        self.leased -= 1

    def start(self) -> None:
        self.fed = b""

    def feed(self, pcm: bytes) -> None:
        self.fed += pcm

    def partial(self) -> Hypothesis:
        self.asked += 1
        if isinstance(self.hypothesis, Exception):
            raise self.hypothesis
        return self.hypothesis

    finish = partial


class Noted:
    """A log that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, Attempt | None]] = []

    def keep(self, turn: int, attempt: Attempt | None, at_ms: int, now_ms: float) -> str | None:
        self.kept.append((turn, attempt))
        return None


class Room:
    """A session at an open microphone, with frames to come."""

    def __init__(
        self,
        script: list[bool],
        hypothesis: Hypothesis | Exception,
        log: Noted | None = None,
        settings: DialogueSettings = DialogueSettings(),
        clip_ms: int = 10,
        is_busy: bool = False,
    ) -> None:
        language = load_language("en")
        clips = {clip_id: Clip(clip_id, text, clip_ms) for clip_id, text in language.clip_texts().items()}
        self.script = script
        self.engine = Scripted(hypothesis)
        dialogue = Dialogue(Course(CALM.practice([7], seed=0), CALM), clips, settings)
        self.expected = dialogue.question[0] * dialogue.question[1]
        self.session = DrillSession(
            language,
            dialogue,
            Listener(Voiced(script)),
            self.engine,
            lambda function, *arguments: function(*arguments),
            log,
            recognise=self.recognise,
        )
        self.is_busy = is_busy
        self.now_ms = 0.0
        self.effects: list[Effect | EngineFailed] = []
        self.tell(messages.Started())
        self.tell(messages.Played(1))
        self.now_ms += 250

    def recognise(self, function: Callable[..., Any], *arguments: Any, within_ms: float | None = None) -> Any:
        if self.is_busy and within_ms is not None:
            raise Late
        return function(*arguments)

    def tell(self, item: Heard | messages.Event) -> None:
        self.effects += self.session.handle(item, self.now_ms)

    def hear_all(self, lose: int | None = None, stall: int | None = None) -> None:
        """`lose`: the chunk that never arrives. `stall`: the one from which on all arrive four seconds late."""
        frames = [frame(number, voiced) for number, voiced in enumerate(self.script)]
        missing = 0
        for number, start in enumerate(range(0, len(frames), CHUNK_FRAMES)):
            self.now_ms += 4060 if number == stall else 60
            if number == lose:
                missing = 1
                continue
            self.tell(Heard(b"".join(frames[start : start + CHUNK_FRAMES]), missing))
            missing = 0

    @property
    def verdicts(self) -> list[Verdict]:
        return [effect.attempt.verdict for effect in self.effects if isinstance(effect, Judged)]


SPOKEN = [False] * 30 + [True] * 30 + [False] * 90


def test_an_utterance_becomes_a_verdict() -> None:
    room = Room(SPOKEN, Hypothesis({}))
    room.engine.hypothesis = Hypothesis({room.expected: 0.95})
    room.hear_all()
    assert room.verdicts == [Verdict.CORRECT]
    assert room.engine.leased == 0


@pytest.mark.parametrize("stall", range(10, 24))
def test_sound_that_arrives_late_is_not_lost(stall: int) -> None:
    """If the server is behind, an utterance must not be cut in two: its rest alone may be another number."""
    room = Room(SPOKEN, Hypothesis({}))
    room.engine.hypothesis = Hypothesis({room.expected: 0.95})
    room.hear_all(stall=stall)
    assert room.verdicts == [Verdict.CORRECT]
    assert len([event for event in room.effects if isinstance(event, Judged)]) == 1


def test_the_recogniser_gets_every_voiced_frame_once_and_in_order_and_asking_is_rare() -> None:
    pause = [False] * 20  # 400 ms inside the answer
    script = [False] * 30 + [True] * 30 + pause + [True] * 20 + [False] * 90
    room = Room(script, Hypothesis({}))
    room.hear_all()
    fed = [room.engine.fed[at + 1] for at in range(0, len(room.engine.fed), FRAME_BYTES)]
    voiced = [number for number, is_voiced in enumerate(script) if is_voiced]
    assert fed == list(range(fed[0], fed[-1] + 1))
    assert fed[0] < voiced[0] and fed[-1] >= voiced[-1]
    assert room.engine.asked <= 8


def test_a_broken_recogniser_is_told_and_nothing_is_judged_wrong() -> None:
    room = Room(SPOKEN, RuntimeError("out of memory"))
    room.hear_all()
    assert any(isinstance(effect, EngineFailed) for effect in room.effects)
    assert room.verdicts == [Verdict.UNSURE]
    room.tell(messages.Tapped(room.expected))
    assert room.verdicts == [Verdict.UNSURE, Verdict.CORRECT]


@pytest.mark.parametrize("lost", [9, 10, 12])
def test_sound_lost_in_an_answer_or_just_before_its_voice_proves_nothing_wrong(lost: int) -> None:
    """ "Thirty-two" without its "thirty"; the "two" begins with the silence of its t."""
    room = Room([False] * 34 + [True] * 26 + [False] * 90, Hypothesis({5: 0.99}))
    room.hear_all(lose=lost)
    assert room.verdicts == [Verdict.UNSURE]
    room = Room([False] * 34 + [True] * 26 + [False] * 90, Hypothesis({5: 0.99}))
    room.hear_all(lose=1)
    assert room.verdicts == [Verdict.WRONG], "long before"


@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize("heard_frames", range(42, 66, CHUNK_FRAMES))
def test_an_answer_whose_sound_stops_arriving_is_judged_by_what_was_heard(heard_frames: int, is_right: bool) -> None:
    """The heard part may be the whole answer or its first word: right or asked again, never wrong and never silence."""
    room = Room(SPOKEN, Hypothesis({}))
    room.engine.hypothesis = Hypothesis({room.expected + (0 if is_right else 1): 0.95})
    frames = [frame(number, voiced) for number, voiced in enumerate(room.script)]
    for start in range(0, heard_frames, CHUNK_FRAMES):
        room.now_ms += 60
        room.tell(Heard(b"".join(frames[start : start + CHUNK_FRAMES])))
    room.now_ms = room.session.dialogue.deadline_ms
    room.tell(messages.Tick())
    assert room.verdicts == [Verdict.CORRECT if is_right else Verdict.UNSURE]
    assert room.engine.leased == 0
    for start in range(heard_frames, len(frames), CHUNK_FRAMES):  # the rest arrives after all
        room.now_ms += 60
        room.tell(Heard(b"".join(frames[start : start + CHUNK_FRAMES])))
    assert Verdict.WRONG not in room.verdicts


def test_the_next_answer_counts_after_the_sound_was_lost_in_the_middle_of_one() -> None:
    room = Room([False] * 30 + [True] * 30 + SPOKEN, Hypothesis({}))
    frames = [frame(number, voiced) for number, voiced in enumerate(room.script)]
    for start in range(0, 60, CHUNK_FRAMES):
        room.now_ms += 60
        room.tell(Heard(b"".join(frames[start : start + CHUNK_FRAMES])))
    assert room.session.dialogue.phase is Phase.SPEECH
    room.now_ms += 4000
    room.tell(messages.Tick())
    assert room.verdicts == [Verdict.UNSURE] and room.engine.leased == 0
    room.tell(messages.Played(2))
    room.now_ms += 250
    room.engine.hypothesis = Hypothesis({room.expected: 0.95})
    for start in range(60, len(frames), CHUNK_FRAMES):
        room.now_ms += 60
        room.tell(Heard(b"".join(frames[start : start + CHUNK_FRAMES])))
    assert room.verdicts == [Verdict.UNSURE, Verdict.CORRECT]


def test_what_was_heard_before_a_prompt_is_not_part_of_the_next_answer() -> None:
    room = Room([True] * 3 + SPOKEN, Hypothesis({}))
    frames = [frame(number, voiced) for number, voiced in enumerate(room.script)]
    room.tell(Heard(b"".join(frames[:3])))
    room.tell(messages.Tapped(room.expected))
    room.tell(messages.Played(2))
    room.now_ms += 250
    for start in range(3, len(frames), CHUNK_FRAMES):
        room.now_ms += 60
        room.tell(Heard(b"".join(frames[start : start + CHUNK_FRAMES])))
    assert room.engine.fed[1] >= 3


def test_patience_is_learnt_from_pauses_within_answers() -> None:
    hesitant = [False] * 30 + [True] * 20 + [False] * 45 + [True] * 20 + [False] * 90
    room = Room(hesitant, Hypothesis({1: 0.3, 2: 0.3}))
    before_ms = room.session.dialogue.silence_limit_ms
    for turn in range(9):
        room.session._listener._detector._script = iter(hesitant)
        room.hear_all()
        room.tell(messages.Played(turn + 2))
        room.now_ms += 250
    assert room.session.dialogue.silence_limit_ms > before_ms


def test_every_answer_is_kept_also_of_a_drill_too_long_to_be_taken_up_again() -> None:
    log = Noted()
    room = Room([], Hypothesis({}), log)
    for _ in range(MOST_STEPS):
        room.tell(messages.Tapped(0))
    assert len(room.session.dialogue.course.steps) == MOST_STEPS
    answers = [(turn, attempt.heard) for turn, attempt in log.kept if attempt is not None]
    assert answers == [(turn, 0) for turn in range(1, MOST_STEPS + 1)]


def test_a_voice_never_reaches_the_logs() -> None:
    assert "\\x" not in repr(Heard(b"\x01\x02" * 960))


@pytest.mark.parametrize("lose", [12, 15, 18])
def test_a_wrong_answer_with_a_hole_in_it_is_not_counted_as_wrong(lose: int) -> None:
    room = Room(SPOKEN, Hypothesis({99: 0.99}))
    room.hear_all(lose=lose)
    assert room.verdicts == [Verdict.UNSURE]


def test_a_hole_long_before_the_answer_does_no_harm() -> None:
    room = Room([False] * 90 + SPOKEN, Hypothesis({99: 0.99}))
    room.hear_all(lose=2)
    assert room.verdicts == [Verdict.WRONG]


def test_a_tap_in_the_middle_of_a_word_gives_the_recogniser_back() -> None:
    room = Room([False] * 30 + [True] * 15, Hypothesis({}))
    room.hear_all()
    assert room.engine.leased == 1
    room.tell(messages.Tapped(room.expected))
    assert room.engine.leased == 0
    assert room.verdicts == [Verdict.CORRECT]


def test_in_half_duplex_what_is_said_while_a_prompt_plays_is_not_heard_but_takes_its_time() -> None:
    room = Room([True] * 30, Hypothesis({99: 0.99}), settings=DialogueSettings(full_duplex=False))
    room.tell(messages.Commanded(Spoken.REPEAT))
    room.hear_all()
    assert room.session.heard_ms == 600
    assert room.engine.asked == 0 and room.verdicts == []


def test_in_half_duplex_an_answer_whose_beginning_was_not_heard_is_never_wrong() -> None:
    """ "Six" of a "fifty-six" that began over the prompt: the page sends nothing before the prompt's end."""
    room = Room([False] * 30 + SPOKEN, Hypothesis({99: 0.99}), settings=DialogueSettings(full_duplex=False))
    frames = [frame(number, voiced) for number, voiced in enumerate(room.script)]
    room.tell(Heard(b"".join(frames[:30])))
    room.tell(messages.Commanded(Spoken.REPEAT))
    room.tell(messages.Played(2))
    room.now_ms += 250
    room.session._listener._detector._script = iter([True] * 30 + [False] * 90)
    for start in range(0, 120, CHUNK_FRAMES):
        room.now_ms += 60
        room.tell(Heard(b"".join(frame(number, True) for number in range(start, start + CHUNK_FRAMES))))
    assert room.verdicts == [Verdict.UNSURE]


def test_an_answer_over_the_question_interrupts_it_and_is_judged() -> None:
    room = Room(SPOKEN, Hypothesis({}), clip_ms=1000)
    room.tell(messages.Commanded(Spoken.REPEAT))
    room.engine.hypothesis = Hypothesis({room.expected: 0.95})
    room.hear_all()
    assert [effect.say for effect in room.effects if isinstance(effect, Interrupt)] == [2]
    assert room.verdicts == [Verdict.CORRECT]
    assert room.engine.leased == 0


@pytest.mark.parametrize(("voice_ms", "asked"), [(300, 2), (600, 2), (860, 2), (1000, 3), (1700, 3), (2000, 4)])
def test_an_answer_costs_an_opinion_in_its_pause_and_one_for_each_900_ms_of_voice(voice_ms: int, asked: int) -> None:
    """And the last one, which costs the engine nothing if no word came since the pause."""
    room = Room([False] * 30 + [True] * (voice_ms // 20) + [False] * 90, Hypothesis({1: 0.5, 2: 0.5}))
    room.hear_all()
    assert room.engine.asked == asked


def test_a_busy_machine_spares_the_opinions_within_a_voice_and_judges_the_same() -> None:
    room = Room([False] * 30 + [True] * 200 + [False] * 90, Hypothesis({}), is_busy=True)
    room.engine.hypothesis = Hypothesis({room.expected: 0.95})
    room.hear_all()
    assert room.engine.asked == 2, "in the pause, and at the end"
    assert room.verdicts == [Verdict.CORRECT]
    assert EngineFailed() not in room.effects


class LoudEcho(EchoGuard):
    """Takes everything for its own prompt, as loud as it was played."""

    path = EchoPath(100, -1.0)

    def examine(self, begin_ms: float, end_ms: float) -> Examined:
        return Examined(True, 1.0, self.path.delay_ms, self.path.level_db)


def test_an_own_prompt_that_sounds_like_the_tablet_beside_s_still_tells_how_loud_it_comes_back() -> None:
    room = Room(SPOKEN, Hypothesis({}), clip_ms=1000)
    room.session._guard, room.session._is_prompt = LoudEcho(), lambda pcm: True
    room.tell(messages.Commanded(Spoken.REPEAT))
    room.hear_all()
    assert room.session.dialogue.has_loud_echo and room.engine.asked == 0


def test_a_release_after_the_pause_that_the_detector_calls_unvoiced_is_heard() -> None:
    """The last opinion hears all sound, also what follows the interpretation in the pause."""
    room = Room(SPOKEN, Hypothesis({}))
    room.engine.hypothesis = Hypothesis({room.expected: 0.95})
    heard: list[int] = []
    finish = room.engine.finish
    room.engine.finish = lambda: heard.append(len(room.engine.fed)) or finish()
    room.hear_all()
    last_voiced, last_heard = 59, room.engine.fed[1] + heard[0] // FRAME_BYTES - 1
    assert last_heard - last_voiced >= EndpointingSettings().expected_ms // 20 - 1


def test_a_step_that_fails_is_undone_and_the_question_is_asked_anew() -> None:
    """`judged` fails once, in the middle of an answer: nothing was sent, so nothing counts."""
    room = Room(SPOKEN, Hypothesis({}), log := Noted())
    course, asked = room.session.dialogue.course, room.session.dialogue.question
    course.practice.judged = raising  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        room.tell(messages.Tapped(room.expected))
    room.effects += room.session.recover(room.now_ms, is_there=True)
    room.tell(messages.Tick())
    assert room.session.dialogue.question == asked and room.effects[-1].expects == "answer"
    room.tell(messages.Tapped(room.expected))
    assert room.verdicts == [Verdict.CORRECT]
    assert [attempt.fact.answer for _, attempt in log.kept if attempt] == [room.expected]


def raising(*_: object, **__: object) -> None:
    raise ZeroDivisionError
