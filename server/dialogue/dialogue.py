"""The drill as a state machine: events in, effects out, the time as an argument."""

from collections.abc import Mapping
from math import inf

from ..drill.course import Course, Mistake
from ..drill.judging import Judgement, Verdict, judge
from ..speech.belief import Belief
from ..speech.lexicon import Spoken
from . import events
from .effects import Clip, Effect, Finished, Judged, Listening, PartlyHeard, PhaseChanged, Say
from .endpointing import Endpointing
from .phases import OPEN_QUESTION, TRANSITIONS, Ear, Phase, ear
from .settings import (
    INVITATIONS, LONGEST_CALL_MS, PAUSE_MS, SHORTEST_WORD_MS, SILENT_TRIES, UNSURE_TRIES, WAKING_AT, DialogueSettings,
    NoQuestion, UnknownSay,
)
from .wording import Wording


class Dialogue:
    """One learner's drill. `handle` takes an event and the present time in ms and returns what is to be done.

    Where the learner stands is the business of `course`; a course that was gone through already goes on at `Resumed`.
    """

    def __init__(
        self, course: Course, clips: Mapping[str, Clip], settings: DialogueSettings = DialogueSettings(),
    ) -> None:
        self.course = course
        self.phase = Phase.SUSPENDED if course.has_begun else Phase.LOCKED
        self.deadline_ms = inf
        self._settings = settings
        self._mode = course.mode
        self._words = Wording(clips)
        self._endpointing = Endpointing(settings.endpointing)
        self._turn = course.turn
        self._says = 0
        self._silences = self._unsures = self._invitations = 0
        self._going_to_sleep = False
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
        return self.course.fact.left, self.course.fact.right

    @property
    def silence_limit_ms(self) -> int:
        """How much silence ends the present utterance; 0: it is over."""
        return self._endpointing.limit_ms

    def handle(self, event: events.Event, now_ms: float) -> list[Effect]:
        """Raises UnknownSay and NoQuestion, having changed nothing."""
        self._effects = []
        match event:
            case events.Started(asleep) if self.phase is Phase.LOCKED:
                if asleep:
                    self._invite(now_ms)
                else:
                    self._ask(now_ms)
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
            case events.SpeechHeard(belief, spoken_ms=spoken_ms) if self.phase is Phase.SLEEP:
                self._endpointing.update(belief, self.course.fact.answer, spoken_ms)
            case events.SpeechEnded() if self.phase in (Phase.SPEECH, Phase.ENDING):
                self._endpointing.learn(event.longest_pause_ms)
                if event.belief.is_nothing and event.voice_ms < SHORTEST_WORD_MS:
                    self._enter(Phase.LISTEN, self._thinking_until_ms)
                else:
                    self._decide(event.belief, now_ms, event.damaged)
            case events.SpeechEnded(belief, voice_ms=voice_ms) if self.phase is Phase.SLEEP:
                if self._wakes(belief, voice_ms):
                    self._ask(now_ms)
            case events.Tapped(answer, say):
                self._require_question()
                if not self.course.has_begun:
                    self._ask(now_ms)
                elif say in (None, self._says):
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
        self._endpointing.update(event.belief, self.course.fact.answer, event.spoken_ms)
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
                invites = not self.course.has_begun and self._invitations < INVITATIONS
                self._enter(Phase.SLEEP, now_ms + self._settings.invite_every_ms if invites else inf)
            case Phase.SLEEP:
                self._invite(now_ms)
            case Phase.TAIL:
                self._listen(now_ms)
            case Phase.LISTEN:
                self._silent(now_ms)
            case Phase.SPEECH | Phase.ENDING:
                self._listen(now_ms)

    def _wakes(self, belief: Belief, voice_ms: int) -> bool:
        if self.course.has_begun:
            return belief.best[1] >= WAKING_AT or belief.command in (Spoken.START, Spoken.REPEAT)
        # In a room of talk, numbers, and tablets that say "or say: start", only that word by itself begins a drill.
        return belief.command is Spoken.START and voice_ms <= LONGEST_CALL_MS

    # Deciding

    def _decide(self, belief: Belief, now_ms: float, damaged: bool = False) -> None:
        self._enter(Phase.DECIDE)
        if belief.command is Spoken.APPEAL and self.course.mistake is not None:
            # Unsure is not wrong here either: only who clearly claims another number is refused.
            claim = judge(belief.numbers, self.course.mistake.fact.answer, self._settings.judging)
            if claim.verdict is Verdict.WRONG:
                self._ask(now_ms)
            else:
                self._command(Spoken.APPEAL, now_ms)
            return
        if belief.command is not None and belief.command is not Spoken.APPEAL:
            self._command(belief.command, now_ms)
            return
        judgement = judge(belief.numbers, self.course.fact.answer, self._settings.judging)
        if damaged and judgement.verdict is Verdict.WRONG:
            judgement = Judgement(Verdict.UNSURE)
        response_ms = self._response_ms()
        self._enter(Phase.FEEDBACK)
        self._silences = 0
        match judgement.verdict:
            case Verdict.CORRECT:
                self._judged(judgement, response_ms, now_ms)
                self._advance(now_ms, *self._told(self._words.prompt("praise")))
            case Verdict.WRONG:
                self._judged(judgement, response_ms, now_ms)
                told = self._words.fact(self.course.fact)
                self._advance(now_ms, *self._told(self._words.prompt("correction"), *told))
            case _:
                self._judged(judgement, response_ms, now_ms)
                self._unsure(now_ms)

    def _unsure(self, now_ms: float) -> None:
        self._unsures += 1
        if self._unsures <= UNSURE_TRIES:
            keypad = (self._words.prompt("keypad"),) if self._unsures == UNSURE_TRIES else ()
            self._ask(now_ms, self._words.prompt("reprompt"), *keypad)
        else:
            self.course.missed(now_ms)
            self._advance(now_ms, *self._told(*self._words.lesson(self.course.fact)))

    def _silent(self, now_ms: float) -> None:
        self._enter(Phase.DECIDE)
        self._enter(Phase.FEEDBACK)
        self._judged(Judgement(Verdict.SILENCE), None, now_ms)
        self._silences += 1
        if self._silences > SILENT_TRIES:
            self._silences = 0
            self._going_to_sleep = True
            # Whoever answers in their sleep answers once more: that is a turn of its own.
            self._turn += 1
            self._say(now_ms, (self._words.prompt("sleep"),), expects="command")
        elif self._mode.answer_ms is not None:
            self.course.missed(now_ms)
            self._advance(now_ms, *self._told(*self._words.lesson(self.course.fact)))
        elif self._silences == SILENT_TRIES:
            self.course.missed(now_ms)
            self._ask(now_ms, *self._words.lesson(self.course.fact))
        elif self._silences == SILENT_TRIES - 1:
            self._ask(now_ms, *self._words.hint(self.course.fact))
        else:
            self._ask(now_ms)

    def _command(self, command: Spoken, now_ms: float) -> None:
        if command is Spoken.APPEAL and self.course.mistake is not None:
            self._appeal(self.course.mistake, now_ms)
            return
        if self.phase is not Phase.DECIDE:
            self._require_question()
        match command:
            case Spoken.SKIP:
                self._silences = 0
                self.course.missed(now_ms)
                if self.phase is not Phase.DECIDE:
                    self._enter(Phase.DECIDE)
                self._enter(Phase.FEEDBACK)
                self._advance(now_ms, *self._told(self._words.prompt("skipped"), *self._words.fact(self.course.fact)))
            case Spoken.STOP:
                self._finish(now_ms)
            case _:
                self._ask(now_ms)

    def _appeal(self, mistake: Mistake, now_ms: float) -> None:
        self.course.appeal(mistake, now_ms)
        judgement = Judgement(Verdict.CORRECT, mistake.fact.answer, 1.0)
        score = self.course.score
        self._effects.append(Judged(
            mistake.turn, mistake.fact, judgement, mistake.response_ms, score.correct, score.total, appeal=True
        ))
        if self.phase is Phase.FINISHED:
            self._effects.append(self._result(now_ms))
            self._say(now_ms, (self._words.prompt("misheard"),), expects="nothing", phase=Phase.FINISHED)
        else:
            self._ask(now_ms, self._words.prompt("misheard"))

    # Speaking

    def _invite(self, now_ms: float) -> None:
        """Nobody is there yet: say how to begin, and wait asleep."""
        self._invitations += 1
        self._going_to_sleep = True
        self._say(now_ms, (self._words.prompt("invitation"),), expects="command")

    def _ask(self, now_ms: float, *before: Clip, gap_ms: int = 0) -> None:
        """Put the present question, after the clips `before`; the first of a drill after a greeting."""
        if not self.course.has_begun:
            self.course.begin(now_ms)
            before = (self._words.prompt("greeting"),)
        self._turn += 1
        self._going_to_sleep = False
        self._listen_from_ms = self._onset_ms = self._partial = None
        question = self._words.question(self.course.fact)
        question_at_ms = sum(clip.duration_ms for clip in before)
        self._say(now_ms, (*before, *question), "answer", gap_ms=gap_ms, question_at_ms=question_at_ms)

    def _advance(self, now_ms: float, *before: Clip) -> None:
        """Go on to the next question, or finish after the last, or when the session's time is over."""
        self._unsures = 0
        if self.course.advance(now_ms):
            self._ask(now_ms, *before, gap_ms=self._mode.gap_ms)
        else:
            self._finish(now_ms, *before)

    def _told(self, *clips: Clip) -> tuple[Clip, ...]:
        """What is said of an answer, in a mode that says it."""
        return clips if self._mode.feedback else ()

    def _finish(self, now_ms: float, *before: Clip) -> None:
        self.course.finish(now_ms)
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
            if self.course.has_begun:
                self._ask(now_ms, self._words.prompt("resumed"))
            else:
                self._invite(now_ms)

    def _say(
        self, now_ms: float, clips: tuple[Clip, ...], expects: str, phase: Phase = Phase.PROMPT, gap_ms: int = 0,
        question_at_ms: int = 0,
    ) -> None:
        self._says += 1
        course, mode = self.course, self._mode
        say = Say(
            self._says, clips, course.fact, expects, question_at_ms, course.number, mode.questions,
            course.score.correct, course.score.total, gap_ms, mode.answer_ms if mode.shows_clock else None,
            mode.feedback, course.time_gone(now_ms),
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

    def _judged(self, judgement: Judgement, response_ms: int | None, now_ms: float) -> None:
        self.course.judged(self._turn, judgement.verdict, response_ms, now_ms)
        score = self.course.score
        self._effects.append(Judged(
            self._turn, self.course.fact, judgement, response_ms, score.correct, score.total, told=self._mode.feedback
        ))

    def _result(self, now_ms: float) -> Finished:
        score, practice = self.course.score, self.course.practice
        tallies = tuple(sorted(score.tallies.items(), key=lambda item: item[0]))
        return Finished(score.correct, score.total, tallies, practice.stronger(now_ms), practice.placed())
