"""A value looked up again once it is some seconds old."""

from web.recent import Recent


def test_what_is_asked_for_often_is_looked_up_seldom() -> None:
    answers = iter(range(9))
    often, always = Recent(lambda: next(answers), 60.0), Recent(lambda: next(answers), -1.0)
    assert [often(), often(), often()] == [0, 0, 0]
    assert [always(), always()] == [1, 2]
