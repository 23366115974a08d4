"""What there is to tell of where a course stands: a prompt, a verdict, the result."""

from ..drill.course import Course, Mistake
from ..drill.judging import Judgement, Verdict
from .effects import Clip, Finished, Judged, Say


def prompt(
    course: Course, now_ms: float, say: int, clips: tuple[Clip, ...], expects: str, gap_ms: int = 0,
    question_at_ms: int = 0,
) -> Say:
    """`say` is its id; see Say for the rest."""
    mode, score = course.mode, course.score
    return Say(
        say, clips, course.fact, expects, question_at_ms, course.number, mode.questions, score.correct, course.total,
        gap_ms, mode.answer_ms if mode.shows_clock else None, mode.feedback, course.time_gone(now_ms),
    )


def verdict(course: Course, turn: int, judgement: Judgement, response_ms: int | None) -> Judged:
    """On an answer to the open question."""
    score = course.score
    return Judged(
        turn, course.fact, judgement, response_ms, score.correct, course.total, told=course.mode.feedback
    )


def appealed(course: Course, mistake: Mistake) -> Judged:
    """The verdict on what had been no mistake."""
    judgement, score = Judgement(Verdict.CORRECT, mistake.fact.answer, 1.0), course.score
    return Judged(
        mistake.turn, mistake.fact, judgement, mistake.response_ms, score.correct, course.total, appeal=True
    )


def result(course: Course, now_ms: float) -> Finished:
    score, practice = course.score, course.practice
    tallies = tuple(sorted(score.tallies.items(), key=lambda item: item[0]))
    return Finished(score.correct, course.total, tallies, practice.stronger(now_ms), practice.placed(), course.unheard)
