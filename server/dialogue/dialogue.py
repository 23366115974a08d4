"""The state machine of a drill: events and the present time in, effects out."""

from collections.abc import Mapping
from math import inf

from ..drill.attempt import Attempt
from ..drill.course import Course, Mistake
from ..drill.facts import Fact
from ..drill.judging import Judgement, Verdict
from ..understanding.interpretation import Interpretation
from ..understanding.lexicon import Spoken
from . import messages
from .conversation import Conversation
from .escalation import Escalation, Help
from .messages import Clip, Effect, InterimTranscript, Interrupt, Judged, Listening, PhaseChanged, Progressed
from .prompts import Prompts, Wording
from .settings import INVITATIONS, MOSTLY_ECHO, PAUSE_MS, SHORTEST_WORD_MS, DialogueSettings, NoQuestion
from .state import OPEN_QUESTION, TRANSITIONS, Phase
from .turn import PUBLIC_SHARE, AnswerPrior, Hearing, begins, decide, wakes


class Dialogue(Conversation):
    """One learner's drill. `handle` takes an event and the present time in ms, and returns what is to be done.

    `course` knows where the learner stands. A course that has begun goes on at `Resumed`.
    """

    transitions = TRANSITIONS

    def __init__(
        self, course: Course, clips: Mapping[str, Clip], settings: DialogueSettings = DialogueSettings()
    ) -> None:
        super().__init__(settings)
        self._mode = course.mode
        self._words = Wording(clips)
        self._prompts = Prompts(course, self._words, settings)
        self._prior = AnswerPrior()
        self._rebuilt_at_ms = -inf
        self._take_up(course, Phase.SUSPENDED if course.has_begun else Phase.IDLE)

    def _take_up(self, course: Course, phase: Phase) -> None:
        self.course = course
        self.phase = phase
        self.deadline_ms = inf
        self._hearing = Hearing(self._settings.endpointing)
        self._prompts.take_up(course)
        self._escalation = Escalation()
        self._thinking_until_ms = inf

    @property
    def is_hearing(self) -> bool:
        return self._hearing.is_open

    @property
    def _latest_say(self) -> int:
        return self._prompts.say

    @property
    def _leads_to_sleep(self) -> bool:
        return self._prompts.leads_to_sleep

    @property
    def has_begun(self) -> bool:
        return self.course.has_begun

    @property
    def has_answers(self) -> bool:
        return self.course.score.total > 0

    @property
    def question(self) -> tuple[int, int]:
        """The factors of the open question."""
        return self.course.fact.left, self.course.fact.right

    @property
    def answer(self) -> int:
        """The right answer to the open question."""
        return self.course.fact.answer

    @property
    def silence_limit_ms(self) -> int:
        return self._hearing.silence_limit_ms

    def handle(self, event: messages.Event, now_ms: float) -> list[Effect | Progressed]:
        """Raises UnknownSay and NoQuestion without any change. After any other error call `rebuild`."""
        self._effects = []
        match event:
            case messages.Started(asleep) if self.phase is Phase.IDLE:
                if asleep:
                    self._prior = AnswerPrior(PUBLIC_SHARE)
                    self._say(self._prompts.invite(now_ms))
                else:
                    self._ask(now_ms)
            case messages.Playing(say):
                self._require_said(say)
                if say == self._prompts.say and self.phase is Phase.PROMPT:
                    self._prompts.playing(now_ms)
                    self._enter(Phase.PROMPT, self._prompts.over_by_ms)
            case messages.Played(say, heard_ms):
                self._played(say, heard_ms, now_ms)
            case messages.SpeechStarted(onset_ms) if self.phase in (Phase.ECHO_GUARD, Phase.LISTEN):
                self._hearing.begin(onset_ms)
                self._enter(Phase.SPEECH, now_ms + self._settings.lost_sound_ms)
            case messages.SpeechStarted(onset_ms) if self.phase is Phase.PROMPT:
                self._hearing.begin(onset_ms, answers=now_ms >= self._prompts.answers_from_ms)
            case messages.SpeechStarted() if self.phase is Phase.SLEEP:
                self._hearing.begin()
            case messages.InterimResult() if self.phase in (Phase.SPEECH, Phase.END_OF_TURN):
                if self._hearing.go_on(event, self.course.fact.answer, self._prior.none_weight * self._own_weight):
                    self._effects.append(InterimTranscript(self._hearing.partial))
                phase = Phase.END_OF_TURN if event.silence_ms >= PAUSE_MS else Phase.SPEECH
                self._enter(phase, now_ms + self._settings.lost_sound_ms)
            case messages.InterimResult() if self.phase is Phase.PROMPT:
                self._heard_over_prompt(event, now_ms)
            case messages.InterimResult() if self.phase is Phase.SLEEP:
                self._hearing.go_on(event, self.course.fact.answer)  # it decides how much silence ends the call
            case messages.SpeechEnded() if self.phase in (Phase.SPEECH, Phase.END_OF_TURN):
                self._hearing.end(event.longest_pause_ms, event.onset_ms)
                if self._is_no_answer(event):
                    self._hearing.drop()
                    self._enter(Phase.LISTEN, self._thinking_until_ms)
                else:
                    expected, for_speaker = self.answer, event.interpretation.weighed(self._own_weight)
                    self._decide(event.interpretation, now_ms, event.damaged)
                    self._prior.heard(for_speaker, expected)
            case messages.SpeechEnded(interpretation) if self.phase is Phase.PROMPT:
                self._ended_over_prompt(event, now_ms)
            case messages.SpeechEnded(interpretation, voice_ms=voice_ms) if self.phase is Phase.SLEEP:
                self._hearing.drop()
                if wakes(interpretation) if self.course.has_begun else begins(interpretation, voice_ms):
                    self._ask(now_ms)
                else:
                    self._prior.overheard()
            case messages.EchoMeasured(delay_ms, level_db):
                self._echo_was_measured(delay_ms, level_db)
            case messages.Tapped(answer, say):
                self._require_question()
                if not self.course.has_begun:
                    self._ask(now_ms)
                elif say in (None, self._prompts.say):
                    self._decide(Interpretation({answer: 1.0}), now_ms)
            case messages.Commanded(command, say):
                if say in (None, self._prompts.say) or command in (Spoken.STOP, Spoken.APPEAL):
                    self._command(command, now_ms)
            case messages.Disconnected() if self.phase in {*OPEN_QUESTION, Phase.SUSPENDED}:
                self._enter(Phase.SUSPENDED)
            case messages.Resumed():
                self._resume(now_ms)
            case messages.Tick(has_sound=True) if self.phase in (Phase.SPEECH, Phase.END_OF_TURN):
                self._enter(self.phase, now_ms + self._settings.lost_sound_ms)
            case messages.Tick() if now_ms >= self.deadline_ms:
                self._time_is_over(now_ms)
        # A course that is too long to be replayed notes no further steps. Its answers are stored all the same.
        if self.course.has_progressed or any(isinstance(effect, Judged) for effect in self._effects):
            self._effects.append(Progressed(self._date(now_ms)))
        self.course.settle()
        return self._effects

    def rebuild(self, now_ms: float, is_there: bool = True) -> list[Effect]:
        """Undo an event that failed: the drill is replayed from its steps before that event.

        If the learner `is_there`, the next `Tick` asks the open question anew. It comes later if the drill was rebuilt
        just now, since the same error may come again.
        """
        # The drill can be resumed even if the replay fails.
        self.phase = Phase.FINISHED if self.course.is_finished else Phase.SUSPENDED
        self.deadline_ms = inf
        if self.course.has_all_steps:
            course = self.course.as_settled()
            self._take_up(course, Phase.FINISHED if course.is_finished else Phase.SUSPENDED)
        if is_there and self.phase is Phase.SUSPENDED:
            self.deadline_ms = max(now_ms, self._rebuilt_at_ms + self._settings.rebuild_every_ms)
        self._rebuilt_at_ms = now_ms
        return [Listening(False), PhaseChanged(self.phase)]

    # Listening

    def _played(self, say: int, heard_ms: int, now_ms: float) -> None:
        self._require_said(say)
        if say < self._prompts.say:
            return  # a prompt that the next one has cut short
        if self.phase is Phase.PROMPT:
            self._hearing.listen_from(heard_ms)
            self._prompt_is_over(now_ms)
        elif self.phase is Phase.LISTEN and self._hearing.listens_from_ms is None:
            # The page took longer than expected to play the prompt. Thinking begins only now.
            self._hearing.listen_from(heard_ms)
            self._listen(now_ms)

    def _prompt_is_over(self, now_ms: float) -> None:
        """Thinking begins."""
        self._thinks_from(now_ms)
        super()._prompt_is_over(now_ms)

    def _heard_over_prompt(self, heard: messages.InterimResult, now_ms: float) -> None:
        """A confident answer or a command stops the prompt. Anything else may still become one."""
        self._hearing.go_on(heard, self.course.fact.answer)
        if heard.interpretation.command is None and (self._hearing.partial is None or not self._hearing.answers):
            return
        self._hearing.barge_in()
        self._thinks_from(now_ms)
        self._effects += [Interrupt(self._prompts.say), InterimTranscript(self._hearing.partial)]
        self._enter(Phase.SPEECH, now_ms + self._settings.lost_sound_ms)

    def _ended_over_prompt(self, ended: messages.SpeechEnded, now_ms: float) -> None:
        """An unclear utterance over a prompt is dropped: the prompt asks already."""
        self._hearing.end(ended.longest_pause_ms, ended.onset_ms)
        interpretation = (
            ended.interpretation if self._hearing.answers or ended.interpretation.command else Interpretation()
        )
        # A voice over a prompt is more often talk.
        decided = self._decided(interpretation, ended.damaged, max(1.0, self._prior.none_weight))
        if isinstance(decided, Spoken) or decided.verdict is not Verdict.UNSURE:
            self._hearing.barge_in()
            self._decide(interpretation, now_ms, ended.damaged)
        else:
            self._hearing.drop()

    def _is_no_answer(self, ended: messages.SpeechEnded) -> bool:
        """Whether it was a click or the tablet's own voice."""
        if ended.echo_share >= MOSTLY_ECHO:
            decided = self._decided(ended.interpretation, ended.damaged, max(1.0, self._prior.none_weight))
            return isinstance(decided, Judgement) and decided.verdict is Verdict.UNSURE
        return ended.interpretation.is_nothing and ended.voice_ms < SHORTEST_WORD_MS

    def _listen(self, now_ms: float) -> None:
        """Listen, with the whole time to think."""
        self._hearing.drop()
        self._thinks_from(now_ms)
        self._enter(Phase.LISTEN, self._thinking_until_ms)

    def _thinks_from(self, now_ms: float) -> None:
        self._thinking_until_ms = now_ms + (self._mode.answer_ms or self._settings.thinking_ms)

    def _time_is_over(self, now_ms: float) -> None:
        match self.phase:
            case Phase.PROMPT:
                self._prompt_is_over(now_ms)
            case Phase.ECHO_GUARD if self._prompts.leads_to_sleep:
                invites = not self.course.has_begun and self._prompts.invitations < INVITATIONS
                self._enter(Phase.SLEEP, now_ms + self._settings.invite_every_ms if invites else inf)
            case Phase.SLEEP:
                self._say(self._prompts.invite(now_ms))
            case Phase.SUSPENDED:
                self._resume(now_ms)
            case Phase.ECHO_GUARD | Phase.SPEECH | Phase.END_OF_TURN:
                self._listen(now_ms)
            case Phase.LISTEN:
                self._enter(Phase.DECIDE)
                self._judged(Judgement(Verdict.SILENCE), now_ms)
                self._help(self._escalation.silent(in_time=self._mode.answer_ms is not None), now_ms)

    # Deciding

    def _decide(self, interpretation: Interpretation, now_ms: float, damaged: bool = False) -> None:
        self._enter(Phase.DECIDE)
        decided = self._decided(interpretation, damaged, self._prior.none_weight, self._own_weight)
        if isinstance(decided, Spoken):
            self._command(decided, now_ms)
            return
        self._judged(decided, now_ms)
        match decided.verdict:
            case Verdict.UNSURE:
                help = self._escalation.unsure(interpretation, self.course.fact, self.course.came_back)
                self._help(help, now_ms, interpretation.beginning)
            case Verdict.CORRECT:
                self._escalation.answered()
                self._advance(now_ms, self._words.prompt("praise"))
            case _:
                self._escalation.answered()
                self._advance(now_ms, *self._words.correction(self.course.fact))

    def _decided(
        self, interpretation: Interpretation, damaged: bool, none_weight: float, own_weight: float = 1.0
    ) -> Spoken | Judgement:
        mistaken = self.course.mistake.fact if self.course.mistake else None
        settings, said = self._settings.judging, self._escalation.said
        return decide(
            interpretation,
            self.course.fact,
            mistaken,
            settings,
            damaged,
            said,
            self._hearing.begun,
            none_weight,
            own_weight,
        )

    @property
    def _own_weight(self) -> float:
        """Of "none of these" as this learner says the answer."""
        return self.course.practice.speaker.none_weight(self.course.fact.answer)

    def _judged(self, judgement: Judgement, now_ms: float) -> None:
        # After a hint the response time says nothing about recall. A mode with little time gives no hints.
        helped = self._escalation.has_helped and self._mode.answer_ms is None
        response_ms = None if helped or judgement.verdict is Verdict.SILENCE else self._hearing.response_ms
        self._enter(Phase.FEEDBACK)
        confidence = judgement.confidence if judgement.verdict is Verdict.CORRECT else 1.0
        self.course.judged(self._prompts.turn, judgement.verdict, response_ms, now_ms, confidence)
        self._effects.append(self._verdict(self._prompts.turn, self.course.fact, judgement, response_ms, now_ms))

    def _verdict(
        self, turn: int, fact: Fact, judgement: Judgement, response_ms: int | None, now_ms: float, appeal: bool = False
    ) -> Judged:
        heard, confidence, at_ms = judgement.heard, judgement.confidence, self._date(now_ms)
        attempt = Attempt(fact, judgement.verdict, heard, confidence, response_ms, at_ms, appeal)
        told = appeal or self._mode.feedback
        return Judged(turn, attempt, self.course.score.correct, self.course.total, told)

    def _date(self, now_ms: float) -> int:
        """UTC, in ms since 1970."""
        return round(self.course.practice.epoch_ms + now_ms)

    def _help(self, help: Help, now_ms: float, begun: int | None = None) -> None:
        """Give this help. `begun`: the beginning of an answer whose rest can be asked for."""
        told = self._words.help(help, self.course.fact)
        match help:
            case Help.REPROMPT if begun is not None:
                self._ask_for_rest(now_ms, begun)
            case Help.SLEEP:
                self._say(self._prompts.sleep(now_ms))
            case Help.REST:
                self.course.rest(now_ms)
                self._advance(now_ms, *told)
            case Help.ANSWER:
                self.course.missed(now_ms)
                self._advance(now_ms, *told)
            case Help.LESSON:
                self.course.missed(now_ms)
                self._ask(now_ms, *told)
            case _:
                self._ask(now_ms, *told, again=help is not Help.HINT)

    def _command(self, command: Spoken, now_ms: float) -> None:
        self._escalation.understood()
        if command is Spoken.APPEAL and self.course.mistake is not None:
            self._appeal(self.course.mistake, now_ms)
            return
        if self.phase is not Phase.DECIDE:
            self._require_question()
        match command:
            # A question that nobody has heard cannot be skipped. It is asked instead.
            case Spoken.SKIP if self.course.has_begun:
                self._escalation.answered()
                self.course.missed(now_ms)
                self._enter(Phase.DECIDE)
                self._enter(Phase.FEEDBACK)
                self._advance(now_ms, self._words.prompt("skipped"), *self._words.fact(self.course.fact))
            case Spoken.STOP:
                self._finish(now_ms)
            case _:
                self._ask(now_ms, again=True)

    def _appeal(self, mistake: Mistake, now_ms: float) -> None:
        self.course.appeal(mistake, now_ms)
        right = Judgement(Verdict.CORRECT, mistake.fact.answer, 1.0)
        self._effects.append(self._verdict(mistake.turn, mistake.fact, right, mistake.response_ms, now_ms, appeal=True))
        if self.phase is Phase.FINISHED:
            self._finish_again(now_ms, "misheard")
        else:
            self._ask(now_ms, self._words.prompt("misheard"))

    def _advance(self, now_ms: float, *before: Clip) -> None:
        """Go on to the next question, or finish.

        `before`: feedback on the answer. A mode without feedback does not say it.
        """
        self._escalation.next_question()
        told = before if self._mode.feedback else ()
        if self.course.advance(now_ms):
            # A fact whose answer was not understood before can be tapped.
            keypad = (self._words.prompt("keypad"),) if self.course.came_back else ()
            self._ask(now_ms, *told, *keypad, gap_ms=self._mode.gap_ms)
        else:
            self._finish(now_ms, *told)

    # Prompts

    def _ask(self, now_ms: float, *before: Clip, gap_ms: int = 0, again: bool = False) -> None:
        self._hearing.wait()
        self._say(self._prompts.ask(now_ms, *before, gap_ms=gap_ms, again=again))

    def _ask_for_rest(self, now_ms: float, begun: int) -> None:
        self._hearing.wait()
        self._hearing.wait_for_rest(begun)
        self._say(self._prompts.ask_for_rest(now_ms, begun))

    def _finish(self, now_ms: float, *before: Clip) -> None:
        self.course.finish(now_ms)
        self._say(*self._prompts.finish(now_ms, *before), phase=Phase.FINISHED)

    def _finish_again(self, now_ms: float, prompt: str) -> None:
        self._say(*self._prompts.finish_again(now_ms, prompt), phase=Phase.FINISHED)

    def _say(self, *said: Effect, phase: Phase = Phase.PROMPT) -> None:
        *results, say = said
        self._effects += results
        self._enter(phase, self._prompts.over_by_ms if phase is Phase.PROMPT else inf)
        self._effects.append(say)

    def _resume(self, now_ms: float) -> None:
        if self.phase is Phase.FINISHED:
            self._effects.append(PhaseChanged(Phase.FINISHED))
            self._finish_again(now_ms, "goodbye")
            return
        # A second tab takes the drill over without a disconnect.
        if self.phase in OPEN_QUESTION:
            self._enter(Phase.SUSPENDED)
        if self.course.has_begun:
            self._ask(now_ms, self._words.prompt("resumed"))
        else:
            self._say(self._prompts.invite(now_ms))

    def _require_question(self) -> None:
        if self.phase not in OPEN_QUESTION:
            raise NoQuestion(f"nothing is asked while the drill is {self.phase}")
