"""What the page is told of an end and of a prompt."""

from server.dialogue.effects import Clip, Finished, Say
from server.drill.facts import Fact
from server.drill.knowledge import Status
from server.web.outgoing import outgoing


def test_the_end_says_what_became_stronger() -> None:
    name, payload = outgoing(Finished(1, 1, (), (Fact(7, 8),)), "latin")
    assert (name, payload["stronger"]) == ("finished", [{"left": 7, "right": 8, "answer": 56}])


def test_the_end_says_what_a_placement_found() -> None:
    _, payload = outgoing(Finished(0, 0, (), placed={Fact(7, 8): Status.LEARNING}), "latin")
    assert payload["placed"] == [{"left": 7, "right": 8, "answer": 56, "status": "learning"}]


def test_the_end_says_what_could_not_be_heard() -> None:
    _, payload = outgoing(Finished(0, 0, (), unheard=(Fact(7, 8),)), "latin")
    assert payload["unheard"] == [{"left": 7, "right": 8, "answer": 56}]


def test_the_text_of_a_say_can_be_read() -> None:
    clips = tuple(Clip("", text, 100) for text in ("Right answers:", "nine", "Well practised!", "Seven eights"))
    _, payload = outgoing(Say(1, clips, Fact(7, 8), "nothing", 0, 1, None, 9, 9), "latn")
    assert payload["text"] == "Right answers: nine · Well practised! Seven eights"
