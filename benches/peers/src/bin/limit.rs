//! The limit: `limit HISTORIES` draws the same samples as an event simulation, `limit HISTORIES matters` only those that
//! something depends on.

use peers::draws::{Draws, Laws};
use peers::{arguments, limit, time};

fn main() {
    let laws = Laws::default();
    match arguments() {
        (histories, None) => time(histories, |history| limit::all_samples(Draws::new(history, &laws))),
        (histories, Some(_)) => time(histories, |history| limit::what_matters(Draws::new(history, &laws))),
    }
}
