"""The drill as a state machine: events in, effects out, the time as an argument."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from ..drill.facts import Fact
from ..drill.judging import Judgement, Verdict, judge
from ..drill.modes import CALM, Mode
from ..drill.practice import Practice
from ..drill.score import Score
from ..speech.belief import Belief
from ..speech.lexicon import Spoken
from . import events
from .effects import Clip, Effect, Finished, Judged, Listening, PartlyHeard, PhaseChanged, Say
from .endpointing import Endpointing
from .phases import OPEN_QUESTION, TRANSITIONS, Ear, Phase, ear
from .settings import (
    PAUSE_MS, SHORTEST_WORD_MS, SILENT_TRIES, UNSURE_TRIES, WAKING_AT, DialogueSettings, NoQuestion, UnknownSay,
)
from .wording import Wording


@dataclass(frozen=True, slots=True)
class _Mistake:
    """The last answer that was judged wrong: what an appeal is about."""

    turn: int
    fact: Fact
    response_ms: int | None


class Dialogue:
    """One learner's drill. `handle` takes an event and the present time in ms and returns what is to be done.

    `now_ms`: when it is made, on the same clock. Raises ValueError where `practice` has nothing to ask.
    """

    def __init__(
        self, practice: Practice, clips: Mapping[str, Clip], mode: Mode = CALM,
        settings: DialogueSettings = DialogueSettings(), now_ms: float = 0.0,
    ) -> None:
        first = practice.next(now_ms)
        if first is None:
            raise ValueError("there is nothing to ask")
        self.phase = Phase.LOCKED
        self.deadline_ms = inf
        self.score = Score()
        self._settings = settings
        self._practice = practice
        self._mode = mode
        self._words = Wording(clips)
        self._endpointing = Endpointing(settings.endpointing)
        self._fact = first
        self._number = 1
        self._ends_at_ms = inf
        self._turn = 0
        self._says = 0
        self._silences = self._unsures = 0
        self._going_to_sleep = False
        self._mistake: _Mistake | None = None
        self._thinking_until_ms = inf
        self._listen_from_ms: int | None = None
        self._onset_ms: int | None = None
        self._partial: int | None = None
        self._effects: list[Effect] = []

    @property
    def ear(self) -> Ear:
        return ear(self.phase)

    @property
    def question(self) -> tuple[int, int]:
        return self._fact.left, self._fact.right

    @property
    def silence_limit_ms(self) -> int:
        """How much silence ends the present utterance; 0: it is over."""
        return self._endpointing.limit_ms

    def handle(self, event: events.Event, now_ms: float) -> list[Effect]:
        """Raises UnknownSay and NoQuestion, having changed nothing."""
        self._effects = []
        match event:
            case events.Started() if self.phase is Phase.LOCKED:
                self._ends_at_ms = now_ms + (self._mode.session_ms or inf)
                self._ask(now_ms, self._words.prompt("greeting"))
            case events.Played(say, heard_ms):
                self._played(say, heard_ms, now_ms)
            case events.SpeechStarted(onset_ms) if self.phase is Phase.LISTEN:
                self._onset_ms = onset_ms
                self._endpointing.begin()
                self._enter(Phase.SPEECH, now_ms + self._settings.lost_sound_ms)
            case events.SpeechStarted() if self.phase is Phase.SLEEP:
                self._endpointing.begin()
            case events.SpeechHeard() if self.phase in (Phase.SPEECH, Phase.ENDING):
                self._heard(event, now_ms)
            case events.SpeechEnded() if self.phase in (Phase.SPEECH, Phase.ENDING):
                self._endpointing.learn(event.longest_pause_ms)
                if event.belief.is_nothing and event.voice_ms < SHORTEST_WORD_MS:
                    self._enter(Phase.LISTEN, self._thinking_until_ms)
                else:
                    self._decide(event.belief, now_ms, event.damaged)
            case events.SpeechEnded(belief) if self.phase is Phase.SLEEP:
                if belief.best[1] >= WAKING_AT or belief.command in (Spoken.START, Spoken.REPEAT):
                    self._ask(now_ms)
            case events.Tapped(answer, say):
                self._require_question()
                if say in (None, self._says):
                    self._decide(Belief({answer: 1.0}), now_ms)
            case events.Commanded(command, say):
                if say in (None, self._says) or command in (Spoken.STOP, Spoken.APPEAL):
                    self._command(command, now_ms)
            case events.Disconnected() if self.phase in OPEN_QUESTION:
                self._enter(Phase.SUSPENDED)
            case events.Resumed():
                self._resume(now_ms)
            case events.Tick() if now_ms >= self.deadline_ms:
                self._time_is_over(now_ms)
        return self._effects

    # Listening

    def _played(self, say: int, heard_ms: int, now_ms: float) -> None:
        if not 1 <= say <= self._says:
            raise UnknownSay(f"no prompt has the id {say}")
        if say < self._says:
            return  # of a prompt that was cut short by the next one
        if self.phase is Phase.PROMPT:
            self._listen_from_ms = heard_ms
            self._enter(Phase.TAIL, now_ms + self._settings.tail_ms)
        elif self.phase is Phase.LISTEN and self._listen_from_ms is None:
            # The page needed longer than expected to play the prompt: thinking begins only now.
            self._listen_from_ms = heard_ms
            self._listen(now_ms)

    def _listen(self, now_ms: float) -> None:
        """Open the ear, with all the time to think."""
        self._onset_ms = None
        self._thinking_until_ms = now_ms + (self._mode.answer_ms or self._settings.thinking_ms)
        self._enter(Phase.LISTEN, self._thinking_until_ms)

    def _heard(self, event: events.SpeechHeard, now_ms: float) -> None:
        self._endpointing.update(event.belief, self._fact.answer, event.spoken_ms)
        best, probability = event.belief.best
        partial = best if probability >= self._settings.endpointing.confident_at else None
        if partial != self._partial:
            self._partial = partial
            self._effects.append(PartlyHeard(partial))
        phase = Phase.ENDING if event.silence_ms >= PAUSE_MS else Phase.SPEECH
        self._enter(phase, now_ms + self._settings.lost_sound_ms)

    def _time_is_over(self, now_ms: float) -> None:
        match self.phase:
            case Phase.PROMPT:
                self._listen_from_ms = None
                self._enter(Phase.TAIL, now_ms + self._settings.tail_ms)
            case Phase.TAIL if self._going_to_sleep:
                self._enter(Phase.SLEEP)
            case Phase.TAIL:
                self._listen(now_ms)
            case Phase.LISTEN:
                self._silent(now_ms)
            case Phase.SPEECH | Phase.ENDING:
                self._listen(now_ms)

    # Deciding

    def _decide(self, belief: Belief, now_ms: float, damaged: bool = False) -> None:
        self._enter(Phase.DECIDE)
        if belief.command is Spoken.APPEAL and self._mistake is not None:
            # Unsure is not wrong here either: only who clearly claims another number is refused.
            claim = judge(belief.numbers, self._mistake.fact.answer, self._settings.judging)
            if claim.verdict is Verdict.WRONG:
                self._ask(now_ms)
            else:
                self._command(Spoken.APPEAL, now_ms)
            return
        if belief.command is not None and belief.command is not Spoken.APPEAL:
            self._command(belief.command, now_ms)
            return
        judgement = judge(belief.numbers, self._fact.answer, self._settings.judging)
        if damaged and judgement.verdict is Verdict.WRONG:
            judgement = Judgement(Verdict.UNSURE)
        response_ms = self._response_ms()
        self._enter(Phase.FEEDBACK)
        self._silences = 0
        match judgement.verdict:
            case Verdict.CORRECT:
                self._mistake = None
                self.score.add(self._fact, correct=True)
                self._practice.judged(self._fact, judgement.verdict, response_ms, now_ms)
                self._judged(judgement, response_ms)
                self._advance(now_ms, *self._told(self._words.prompt("praise")))
            case Verdict.WRONG:
                self._mistake = _Mistake(self._turn, self._fact, response_ms)
                self.score.add(self._fact, correct=False)
                self._practice.judged(self._fact, judgement.verdict, response_ms, now_ms)
                self._judged(judgement, response_ms)
                self._advance(now_ms, *self._told(self._words.prompt("correction"), *self._words.fact(self._fact)))
            case _:
                self._judged(judgement, response_ms)
                self._unsure(now_ms)

    def _unsure(self, now_ms: float) -> None:
        self._unsures += 1
        if self._unsures <= UNSURE_TRIES:
            keypad = (self._words.prompt("keypad"),) if self._unsures == UNSURE_TRIES else ()
            self._ask(now_ms, self._words.prompt("reprompt"), *keypad)
        else:
            self._practice.missed(self._fact)
            self._advance(now_ms, *self._told(*self._words.lesson(self._fact)))

    def _silent(self, now_ms: float) -> None:
        self._enter(Phase.DECIDE)
        self._enter(Phase.FEEDBACK)
        self._judged(Judgement(Verdict.SILENCE), None)
        self._silences += 1
        if self._silences > SILENT_TRIES:
            self._silences = 0
            self._going_to_sleep = True
            # Whoever answers in their sleep answers once more: that is a turn of its own.
            self._turn += 1
            self._say(now_ms, (self._words.prompt("sleep"),), expects="command")
        elif self._mode.answer_ms is not None:
            self._practice.missed(self._fact)
            self._advance(now_ms, *self._told(*self._words.lesson(self._fact)))
        elif self._silences == SILENT_TRIES:
            self._practice.missed(self._fact)
            self._ask(now_ms, *self._words.lesson(self._fact))
        elif self._silences == SILENT_TRIES - 1:
            self._ask(now_ms, *self._words.hint(self._fact))
        else:
            self._ask(now_ms)

    def _command(self, command: Spoken, now_ms: float) -> None:
        if command is Spoken.APPEAL and self._mistake is not None:
            self._appeal(self._mistake, now_ms)
            return
        if self.phase is not Phase.DECIDE:
            self._require_question()
        match command:
            case Spoken.SKIP:
                self._silences = 0
                self._practice.missed(self._fact)
                if self.phase is not Phase.DECIDE:
                    self._enter(Phase.DECIDE)
                self._enter(Phase.FEEDBACK)
                self._advance(now_ms, *self._told(self._words.prompt("skipped"), *self._words.fact(self._fact)))
            case Spoken.STOP:
                self._finish(now_ms)
            case _:
                self._ask(now_ms)

    def _appeal(self, mistake: _Mistake, now_ms: float) -> None:
        self._mistake = None
        self.score.correct_mistake(mistake.fact)
        self._practice.judged(mistake.fact, Verdict.CORRECT, mistake.response_ms, now_ms, appeal=True)
        judgement = Judgement(Verdict.CORRECT, mistake.fact.answer, 1.0)
        score = self.score
        self._effects.append(Judged(
            mistake.turn, mistake.fact, judgement, mistake.response_ms, score.correct, score.total, appeal=True
        ))
        if self.phase is Phase.FINISHED:
            self._effects.append(self._result(now_ms))
            self._say(now_ms, (self._words.prompt("misheard"),), expects="nothing", phase=Phase.FINISHED)
        else:
            self._ask(now_ms, self._words.prompt("misheard"))

    # Speaking

    def _ask(self, now_ms: float, *before: Clip, gap_ms: int = 0) -> None:
        """Put the present question, after the clips `before`."""
        self._turn += 1
        self._going_to_sleep = False
        self._listen_from_ms = self._onset_ms = self._partial = None
        question = self._words.question(self._fact)
        question_at_ms = sum(clip.duration_ms for clip in before)
        self._say(now_ms, (*before, *question), "answer", gap_ms=gap_ms, question_at_ms=question_at_ms)

    def _advance(self, now_ms: float, *before: Clip) -> None:
        """Go on to the next question, or finish after the last, or when the session's time is over."""
        self._unsures = 0
        is_over = self._number == self._mode.questions or now_ms >= self._ends_at_ms
        fact = None if is_over else self._practice.next(now_ms)
        if fact is None:
            self._finish(now_ms, *before)
            return
        self._number += 1
        self._fact = fact
        self._ask(now_ms, *before, gap_ms=self._mode.gap_ms)

    def _told(self, *clips: Clip) -> tuple[Clip, ...]:
        """What is said of an answer, in a mode that says it."""
        return clips if self._mode.feedback else ()

    def _finish(self, now_ms: float, *before: Clip) -> None:
        result = self._result(now_ms)
        clips = (
            *before, *self._words.score(result.correct), *self._words.stronger(result.stronger),
            self._words.prompt("goodbye"),
        )
        self._effects.append(result)
        self._say(now_ms, clips, expects="nothing", phase=Phase.FINISHED)

    def _resume(self, now_ms: float) -> None:
        if self.phase is Phase.FINISHED:
            self._effects += [PhaseChanged(Phase.FINISHED), self._result(now_ms)]
            self._say(now_ms, (self._words.prompt("goodbye"),), expects="nothing", phase=Phase.FINISHED)
        else:
            # A second tab takes the drill over without a disconnect in between.
            if self.phase is not Phase.SUSPENDED:
                self._enter(Phase.SUSPENDED)
            self._ask(now_ms, self._words.prompt("resumed"))

    def _say(
        self, now_ms: float, clips: tuple[Clip, ...], expects: str, phase: Phase = Phase.PROMPT, gap_ms: int = 0,
        question_at_ms: int = 0,
    ) -> None:
        self._says += 1
        say = Say(
            self._says, clips, self._fact, expects, question_at_ms, self._number, self._mode.questions,
            self.score.correct, self.score.total, gap_ms, self._mode.answer_ms if self._mode.shows_clock else None,
            self._mode.feedback,
        )
        waits = phase is Phase.PROMPT
        self._enter(phase, now_ms + gap_ms + say.duration_ms + self._settings.played_grace_ms if waits else inf)
        self._effects.append(say)

    # Bookkeeping

    def _enter(self, phase: Phase, deadline_ms: float = inf) -> None:
        before, self.phase, self.deadline_ms = self.phase, phase, deadline_ms
        if phase is before:
            return
        assert phase in TRANSITIONS[before], f"no way from {before} to {phase}"
        if (ear(before) is Ear.OPEN) != (ear(phase) is Ear.OPEN):
            self._effects.append(Listening(ear(phase) is Ear.OPEN))
        self._effects.append(PhaseChanged(phase))

    def _require_question(self) -> None:
        if self.phase not in OPEN_QUESTION:
            raise NoQuestion(f"nothing is asked while the drill is {self.phase}")

    def _response_ms(self) -> int | None:
        """From the end of the question to the onset of the voice, in audio time; help makes it say nothing."""
        helped = self._silences >= SILENT_TRIES - 1 and self._mode.answer_ms is None
        if helped or self._onset_ms is None or self._listen_from_ms is None:
            return None
        return max(0, self._onset_ms - self._listen_from_ms)

    def _judged(self, judgement: Judgement, response_ms: int | None) -> None:
        score = self.score
        self._effects.append(Judged(
            self._turn, self._fact, judgement, response_ms, score.correct, score.total, told=self._mode.feedback
        ))

    def _result(self, now_ms: float) -> Finished:
        tallies = tuple(sorted(self.score.tallies.items(), key=lambda item: item[0]))
        return Finished(self.score.correct, self.score.total, tallies, self._practice.stronger(now_ms))
