"""The recitation of a table as a state machine: events in, effects out, the time as an argument.

The phases are those of a drill (`dialogue.state`): a prompt, its echo, a child that is silent or chants. What helps,
and when, is decided here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from ..dialogue import messages
from ..dialogue.conversation import Conversation
from ..dialogue.messages import Clip, Expects, Finished, Interrupt, Listening, PhaseChanged, Say
from ..dialogue.prompts import Wording
from ..dialogue.settings import PAUSE_MS, DialogueSettings, NoQuestion
from ..dialogue.state import OPEN_QUESTION, Phase
from ..drill.course import Tally
from ..drill.facts import Fact
from ..understanding.chant import Chant, other_table
from ..understanding.lexicon import Spoken
from .messages import ChantEnded, ChantHeard, Effect, Event, Ladder, Recited
from .progress import Mark, Progress


@dataclass(frozen=True, slots=True)
class ChantSettings:
    """The times of a recitation."""

    stuck_ms: int = 2500
    """Silence before the first help. It grows with the pauses that this child makes between lines."""
    longest_stuck_ms: int = 6000
    """Upper bound for a child who pauses long."""
    silence_ms: int = 700
    """Silence that ends an utterance. Lines may be in several, and several in one."""
    helps: int = 3
    """So many lines in a row are said for a silent child; then the recitation sleeps."""


# What is said before the coach goes on listening, each with the line that it names.
WEAK = (Mark.WRONG, Mark.SKIPPED, Mark.HELPED, Mark.MENDED)
# Nobody listens to more of them, at the end and in between.
WEAK_TOLD, MOST_CORRECTED = 3, 2

# Which phase may follow which.
TRANSITIONS: dict[Phase, set[Phase]] = {
    Phase.IDLE: {Phase.PROMPT},
    Phase.PROMPT: {Phase.ECHO_GUARD, Phase.SPEECH},
    Phase.ECHO_GUARD: {Phase.LISTEN, Phase.SPEECH, Phase.SLEEP, Phase.PROMPT},
    Phase.LISTEN: {Phase.SPEECH, Phase.PROMPT},
    Phase.SPEECH: {Phase.LISTEN, Phase.PROMPT},
    Phase.SLEEP: {Phase.PROMPT, Phase.SPEECH},
    Phase.SUSPENDED: {Phase.PROMPT},
    Phase.FINISHED: set(),
}
for _phase in (Phase.PROMPT, Phase.ECHO_GUARD, Phase.LISTEN, Phase.SPEECH, Phase.SLEEP):
    TRANSITIONS[_phase] |= {Phase.SUSPENDED, Phase.FINISHED}


class ChantDialogue(Conversation):
    """One recitation. `handle` takes an event and the present time in ms and returns what is to be done."""

    transitions = TRANSITIONS
    is_hearing = False
    _latest_say = 0
    _leads_to_sleep = False

    def __init__(
        self,
        progress: Progress,
        clips: Mapping[str, Clip],
        settings: DialogueSettings = DialogueSettings(),
        chant_settings: ChantSettings = ChantSettings(),
    ) -> None:
        super().__init__(settings)
        self.progress = progress
        self._words = Wording(clips)
        self._chant_settings = chant_settings
        self._prompted: frozenset[int] = frozenset()
        self._over_by_ms = inf
        self._sounds_at_ms = 0.0
        self._shown: Ladder | None = None
        self._current: int | None = None
        # How much help the present line has had, and how many lines in a row were said for the child.
        self._help = self._told_in_a_row = 0
        self._pause_ms = 0.0
        self._ended_at_ms: int | None = None
        # Before the present utterance; how many of its lines were seen, and how many of those may be a prompt's echo.
        self._before = progress
        self._seen = self._echoed = 0

    @property
    def silence_limit_ms(self) -> int:
        return self._chant_settings.silence_ms

    @property
    def has_begun(self) -> bool:
        return self._latest_say > 0

    @property
    def has_answers(self) -> bool:
        return self.progress.expected > 0

    def handle(self, event: Event, now_ms: float) -> list[Effect]:
        """Raises UnknownSay and NoQuestion, having changed nothing."""
        self._effects = []
        match event:
            case messages.Started(asleep) if self.phase is Phase.IDLE:
                if asleep:
                    self._prompt(now_ms, (self._words.prompt("invitation"),), "command", leads_to_sleep=True)
                else:
                    self._ask(now_ms, self._words.prompt("resumed" if self.progress.expected else "greeting"))
            case messages.Playing(say):
                self._require_said(say)
                if say == self._latest_say and self.phase is Phase.PROMPT:
                    late_ms = max(0.0, now_ms - self._sounds_at_ms)
                    self._sounds_at_ms += late_ms
                    self._over_by_ms += late_ms
                    self._enter(Phase.PROMPT, self._over_by_ms)
            case messages.Played(say):
                self._require_said(say)
                if say == self._latest_say and self.phase is Phase.PROMPT:
                    self._prompt_is_over(now_ms)
            case messages.SpeechStarted() if self.phase in (Phase.ECHO_GUARD, Phase.LISTEN):
                self._begin()
                self._enter(Phase.SPEECH, now_ms + self._settings.lost_sound_ms)
            case messages.SpeechStarted() if self.phase in (Phase.PROMPT, Phase.SLEEP):
                self._begin()
            case ChantHeard(chant, begins_ms, silence_ms) if self.phase is Phase.SPEECH:
                self._enter(Phase.SPEECH, now_ms + self._settings.lost_sound_ms)
                self._follow(chant, begins_ms, silence_ms >= PAUSE_MS, now_ms)
            case ChantHeard(chant, begins_ms, silence_ms) if self.phase in (Phase.PROMPT, Phase.SLEEP):
                if self._goes_on(chant):
                    self._barge_in(now_ms)
                    self._follow(chant, begins_ms, silence_ms >= PAUSE_MS, now_ms)
            case ChantEnded(Chant(command=Spoken() as command), is_echo=False) if self.phase in OPEN_QUESTION:
                self.is_hearing = False
                if self.phase is Phase.SPEECH:
                    self.progress = self._before
                self._command(command, now_ms)
            case ChantEnded(chant, begins_ms) if self.phase is Phase.SPEECH:
                self.is_hearing = False
                self._enter(Phase.LISTEN, now_ms + self._patience_ms - self._chant_settings.silence_ms)
                self._follow(chant, begins_ms, True, now_ms, has_ended=True)
            case ChantEnded(chant, begins_ms) if self.phase in (Phase.PROMPT, Phase.SLEEP):
                self.is_hearing = False
                if self._goes_on(chant):
                    self._barge_in(now_ms)
                    self._enter(Phase.LISTEN, now_ms + self._patience_ms)
                    self._follow(chant, begins_ms, True, now_ms, has_ended=True)
            case messages.EchoMeasured(delay_ms, level_db):
                self._echo_was_measured(delay_ms, level_db)
            case messages.Tapped(answer):
                self._require_question()
                self._tapped(answer, now_ms)
            case messages.Commanded(command):
                self._require_question()
                self._command(command, now_ms)
            case messages.Disconnected() if self.phase in {*OPEN_QUESTION, Phase.SUSPENDED}:
                self.is_hearing = False
                # Perhaps nobody comes back.
                self._effects.append(Recited(self.progress.recited))
                self._enter(Phase.SUSPENDED)
            case messages.Resumed():
                self._resume(now_ms)
            case messages.Tick(has_sound=True) if self.phase is Phase.SPEECH:
                self._enter(Phase.SPEECH, now_ms + self._settings.lost_sound_ms)
            case messages.Tick() if now_ms >= self.deadline_ms:
                self._time_is_over(now_ms)
        return self._effects

    def rebuild(self, now_ms: float, is_there: bool = True) -> list[messages.Effect]:
        """After an unexpected error: the line that comes next is asked for anew at the next Tick."""
        self.is_hearing = False
        self._effects = []
        if self.phase is not Phase.FINISHED:
            self.phase = Phase.SUSPENDED
            self.deadline_ms = now_ms + self._settings.rebuild_every_ms if is_there else inf
        return [Listening(False), PhaseChanged(self.phase)]

    # Following

    def _begin(self) -> None:
        self.is_hearing = True
        self._before = self.progress
        self._seen = self._echoed = 0

    def _goes_on(self, chant: Chant) -> bool:
        """Whether the child chants over a prompt: other lines than the prompt tells, which may be its echo."""
        self._echoed = len(chant.lines)
        return chant.command is None and bool({line.line for line in chant.lines} - self._prompted)

    def _barge_in(self, now_ms: float) -> None:
        if self.phase is Phase.PROMPT:
            self._effects.append(Interrupt(self._latest_say))
        self._enter(Phase.SPEECH, now_ms + self._settings.lost_sound_ms)

    def _follow(self, chant: Chant, begins_ms: int, pauses: bool, now_ms: float, *, has_ended: bool = False) -> None:
        """Mark the lines of the utterance anew: what comes later may tell that an earlier one was another.

        What needs to be put right is said in the next pause.
        """
        is_other = other_table(chant.lines, self.progress.table) is not None
        certain = () if chant.command or is_other else chant.lines if pauses else chant.lines[: self._certain(chant)]
        progress = self._before.copy()
        to_correct: list[Fact] = []
        for at, line in enumerate(certain):
            if at < self._echoed and line.line in self._prompted:
                continue
            to_correct += progress.said(line, begins_ms)
            if at >= self._seen:
                self._seen = at + 1
                self._note_pause(begins_ms + line.begin_ms, begins_ms + line.end_ms)
                self._help = self._told_in_a_row = 0
        if has_ended:
            to_correct += progress.paused()
        self.progress = progress
        is_known = chant.current is not None and not pauses
        self._current = chant.current - 1 if is_known and chant.current else progress.expected
        self._show()
        if pauses and is_other:
            # It is no mistake in each line: which table it is says more.
            self._ask(now_ms, self._words.prompt("correction"))
        elif pauses and to_correct:
            self._correct(now_ms, to_correct[:MOST_CORRECTED])
        elif pauses and progress.is_over:
            self._finish(now_ms)

    def _note_pause(self, begin_ms: int, end_ms: int) -> None:
        """How long this child pauses between lines (exponential average, weight 0.3)."""
        if self._ended_at_ms is not None:
            self._pause_ms += 0.3 * (max(0, begin_ms - self._ended_at_ms) - self._pause_ms)
        self._ended_at_ms = end_ms

    def _certain(self, chant: Chant) -> int:
        """How many lines need not wait for a pause: the right ones, and those that another one follows."""
        last = len(chant.lines) - 1
        return last + 1 if last >= 0 and chant.lines[last].is_right else max(0, last)

    def _correct(self, now_ms: float, facts: Sequence[Fact]) -> None:
        """Say the lines as they should have been; the child goes on from there."""
        self.progress.interrupted()
        clips = self._words.prompt("correction"), *self._lines(facts)
        if self.progress.is_over:
            self._finish(now_ms, *clips)
        else:
            self._prompt(now_ms, clips, "answer", told=facts)

    def _lines(self, facts: Sequence[Fact]) -> tuple[Clip, ...]:
        return tuple(clip for fact in facts for clip in self._words.fact(fact))

    # Helping

    @property
    def _patience_ms(self) -> float:
        settings = self._chant_settings
        return min(max(settings.stuck_ms, 2 * self._pause_ms), settings.longest_stuck_ms)

    def _stuck(self, now_ms: float) -> None:
        """The first words of the next line; then the line; then the one after it."""
        if self._help == 0:
            self._help = 1
            self._ask(now_ms)
        elif self._help == 1:
            self._tell(now_ms)
        else:
            self.progress.go_on()
            if self.progress.is_over:
                self._finish(now_ms)
            elif self._told_in_a_row >= self._chant_settings.helps:
                self._sleep(now_ms)
            else:
                self._help = 0
                self._stuck(now_ms)

    def _tell(self, now_ms: float) -> None:
        """Say the line that comes next."""
        self._help = 2
        self._told_in_a_row += 1
        fact = self.progress.next_fact
        self.progress.told()
        self._prompt(now_ms, self._words.fact(fact), "answer", told=(fact,))

    def _ask(self, now_ms: float, *before: Clip) -> None:
        """Say the first words of the line that comes next."""
        self._prompt(now_ms, (*before, *self._words.question(self.progress.next_fact)), "answer")

    def _sleep(self, now_ms: float) -> None:
        self._told_in_a_row = self._help = 0
        self._prompt(now_ms, (self._words.prompt("sleep"),), "command", leads_to_sleep=True)

    def _tapped(self, answer: int, now_ms: float) -> None:
        fact = self.progress.next_fact
        if answer == fact.answer:
            self._help = self._told_in_a_row = 0
            self.progress.told()
            self.progress.go_on()
            self._next(now_ms)
        else:
            self._tell(now_ms)

    def _next(self, now_ms: float) -> None:
        if self.progress.is_over:
            self._finish(now_ms)
        else:
            self._ask(now_ms)

    def _command(self, command: Spoken, now_ms: float) -> None:
        match command:
            case Spoken.STOP:
                self._finish(now_ms)
            case Spoken.SKIP:
                # "Next line": the present one is said, and need not be repeated.
                fact = self.progress.next_fact
                self.progress.told()
                self.progress.go_on()
                self._help = 0
                if self.progress.is_over:
                    self._finish(now_ms, *self._words.fact(fact))
                else:
                    self._prompt(now_ms, self._words.fact(fact), "answer")
            case _ if command is Spoken.START or self.phase is Phase.SLEEP:
                self._ask(now_ms)
            case _:
                self._tell(now_ms)

    def _time_is_over(self, now_ms: float) -> None:
        match self.phase:
            case Phase.PROMPT:
                self._prompt_is_over(now_ms)
            case Phase.ECHO_GUARD if self._leads_to_sleep:
                self._enter(Phase.SLEEP)
            case Phase.ECHO_GUARD:
                self._enter(Phase.LISTEN, now_ms + self._patience_ms)
            case Phase.SPEECH:
                self.is_hearing = False
                self._enter(Phase.LISTEN, now_ms + self._patience_ms)
            case Phase.LISTEN:
                self._stuck(now_ms)
            case Phase.SUSPENDED:
                self._resume(now_ms)

    # Prompts

    def _prompt(
        self,
        now_ms: float,
        clips: Sequence[Clip],
        expects: Expects,
        phase: Phase = Phase.PROMPT,
        *,
        told: Sequence[Fact] = (),
        leads_to_sleep: bool = False,
    ) -> None:
        """`told`: the lines that the clips say."""
        self._latest_say += 1
        self._leads_to_sleep = leads_to_sleep
        self.is_hearing = False
        progress = self.progress
        fact = progress.next_fact
        self._prompted = frozenset(each.right for each in told)
        say = Say(
            self._latest_say,
            tuple(clips),
            fact,
            expects,
            0,
            fact.right,
            len(progress.lines),
            progress.correct,
            progress.total,
        )
        self._sounds_at_ms = now_ms
        self._over_by_ms = now_ms + say.duration_ms + self._settings.played_grace_ms
        self._current = progress.expected
        self._enter(phase, self._over_by_ms if phase is Phase.PROMPT else inf)
        self._show()
        self._effects.append(say)

    def _finish(self, now_ms: float, *before: Clip) -> None:
        self._effects += [Recited(self.progress.recited), self._result()]
        weak = [line.fact for line in self.progress.marked(*WEAK)][:WEAK_TOLD]
        all_said = self.progress.is_over and not weak
        praise = (self._words.prompt("praise"),) if all_said else ()
        told = self._lines(weak) if self.progress.is_over and not before else ()
        self._prompt(now_ms, (*before, *praise, *told, self._words.prompt("goodbye")), "nothing", Phase.FINISHED)

    def _result(self) -> Finished:
        progress = self.progress
        counted = progress.marked(Mark.RIGHT, *WEAK)
        tallies = tuple(
            (line.fact, Tally(int(line.mark is Mark.RIGHT), int(line.mark is not Mark.RIGHT))) for line in counted
        )
        return Finished(
            progress.correct, progress.total, tallies, unheard=tuple(line.fact for line in progress.marked(Mark.UNSURE))
        )

    def _resume(self, now_ms: float) -> None:
        if self.phase is Phase.FINISHED:
            self._effects += [PhaseChanged(Phase.FINISHED), self._result()]
            self._prompt(now_ms, (self._words.prompt("goodbye"),), "nothing", Phase.FINISHED)
            return
        # A second tab takes it over without a disconnect in between.
        if self.phase in OPEN_QUESTION:
            self._enter(Phase.SUSPENDED)
        self._shown = None
        self.progress.interrupted()
        self._help = self._told_in_a_row = 0
        if self.phase is Phase.IDLE:
            self._ask(now_ms, self._words.prompt("greeting"))
        else:
            self._ask(now_ms, self._words.prompt("resumed"))

    def _show(self) -> None:
        ladder = Ladder(tuple(self.progress.lines), None if self.progress.is_over else self._current)
        if ladder != self._shown:
            self._shown = ladder
            self._effects.append(ladder)

    def _require_question(self) -> None:
        if self.phase not in OPEN_QUESTION:
            raise NoQuestion(f"nothing is recited while the session is {self.phase}")
