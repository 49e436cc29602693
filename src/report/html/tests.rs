use super::results::{Turn, turns};

#[test]
fn the_cheapest_changes_where_the_lines_of_cost_meet() {
    let turn = |price, cheapest| Turn { price, cheapest };
    let (first, found) = turns(&[(1e4, 2.0), (5e4, 0.5), (9e4, 0.4), (1e6, 0.0)]);
    let found: Vec<Turn> = found.iter().map(|turn| Turn { price: turn.price.round(), ..*turn }).collect();
    assert_eq!((first, found), (0, vec![turn(26_667.0, 1), turn(400_000.0, 2), turn(2_275_000.0, 3)]));
    // Three lines through one point: the one in the middle is never the only cheapest.
    assert_eq!(turns(&[(0.0, 2.0), (10.0, 1.0), (20.0, 0.0)]), (0, vec![turn(10.0, 2)]));
    // Equal at price 0: the flatter one is cheapest from the start.
    assert_eq!(turns(&[(5.0, 1.0), (5.0, 0.5)]), (1, vec![]));
    assert_eq!(turns(&[(5.0, 1.0)]), (0, vec![]));
}
