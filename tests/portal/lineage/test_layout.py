"""The layout puts layers side by side, and nodes so that few edges cross."""

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.lineage.layout import count_crossings, lay_out, order_rows, spread_layers


def test_layers_are_columns_and_boxes_do_not_overlap() -> None:
    found = lay_out({"a": -1, "b": -1, "c": 0}, {"a": 40, "b": 60, "c": 40}, [("a", "c"), ("b", "c")])
    a, b, c = found.boxes["a"], found.boxes["b"], found.boxes["c"]
    assert a.x == b.x < c.x
    assert a.y + a.height <= b.y
    assert {(arrow.source, arrow.target) for arrow in found.arrows} == {("a", "c"), ("b", "c")}


def test_crossed_pairs_are_uncrossed() -> None:
    layers = {"a": 0, "b": 0, "x": 1, "y": 1}
    edges = [("a", "y"), ("b", "x")]
    assert count_crossings(order_rows(layers, edges), edges) == 0


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.integers(0, 30), st.integers(-3, 3), min_size=1),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))),
)
def test_any_graph_has_a_drawing_within_its_frame(
    layers: dict[int, int], edges: list[tuple[int, int]]
) -> None:
    found = lay_out(layers, dict.fromkeys(layers, 50), edges)
    assert found == lay_out(layers, dict.fromkeys(layers, 50), edges)
    assert all(
        0 <= box.x < box.right <= found.width and box.y + box.height <= found.height
        for box in found.boxes.values()
    )


def test_arrows_lead_to_the_right() -> None:
    layers = {"root": 0, "one": 1, "two": 1, "left": -1, "right": -1}
    edges = [
        ("root", "one"),
        ("root", "two"),
        ("one", "two"),
        ("left", "right"),
        ("left", "root"),
        ("right", "root"),
    ]
    spread = spread_layers(layers, edges)
    assert all(spread[one] < spread[other] for one, other in edges)


def test_a_circle_is_drawn_once() -> None:
    layers = {"root": 0, "one": 1, "two": 2}
    assert spread_layers(layers, [("root", "one"), ("one", "two"), ("two", "one"), ("two", "root")]) == layers
