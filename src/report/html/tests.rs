use super::results::{Turn, turns};

#[test]
fn the_cheapest_changes_where_the_lines_of_cost_meet() {
    let turn = |price, cheapest| Turn { price, cheapest };
    let lines = [(1e4, 2.0), (5e4, 0.5), (9e4, 0.4), (1e6, 0.0)];
    let found = |least, most| {
        let (first, found) = turns(&lines, least, most);
        (first, found.iter().map(|turn| Turn { price: turn.price.round(), ..*turn }).collect::<Vec<_>>())
    };
    assert_eq!(found(0.0, 1e7), (0, vec![turn(26_667.0, 1), turn(400_000.0, 2), turn(2_275_000.0, 3)]));
    assert_eq!(found(30_000.0, 1e6), (1, vec![turn(400_000.0, 2)]));
    // Three lines through one point: the one in the middle is never the only cheapest.
    assert_eq!(turns(&[(0.0, 2.0), (10.0, 1.0), (20.0, 0.0)], 0.0, 1e6), (0, vec![turn(10.0, 2)]));
    // Equal at the first price: the flatter one is cheapest from there on.
    assert_eq!(turns(&[(5.0, 1.0), (5.0, 0.5)], 0.0, 1e6), (1, vec![]));
    assert_eq!(turns(&[(5.0, 1.0)], 0.0, 1e6), (0, vec![]));
}
