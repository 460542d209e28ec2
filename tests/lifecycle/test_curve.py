"""The chart of deletions: days are steps, so that a single one is no triangle."""

from lifecycle.desk.chart import HEIGHT, LEFT, TOP, WIDTH, ChartCurve


def test_a_day_keeps_its_value_over_its_own_width() -> None:
    curve = ChartCurve.of([0, 4, 0])
    floor, step = HEIGHT - 20, (WIDTH - LEFT) / 3
    points = [tuple(map(float, pair.split(","))) for pair in curve.line.split()]
    assert points[2:4] == [
        (round(LEFT + step, 1), TOP),
        (round(LEFT + 2 * step, 1), TOP),
    ]
    assert {y for _, y in points[:2] + points[4:]} == {floor}
    assert curve.peak == 4
    assert ChartCurve.of([]).line == ""
