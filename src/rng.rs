//! Streams of random numbers keyed by what they are for.
//!
//! A draw depends on its purpose (`hazards.region-event.time_to_repair`, `failover.promote-data.takes`) and its
//! position (history, the event that caused it, attempt), never on the order in which things happen. So all strategies
//! meet the same disasters, any history can be replayed on its own, and an added step, hazard or strategy moves no
//! other draw.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A generator of random words; use it with the traits of `rand` and `rand_distr`.
pub type Stream = Xoshiro256PlusPlus;

/// The seed of a run together with a purpose: where the streams of that purpose start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The key of `purpose` under `seed`. Equal names give equal keys: steps of the same name share their luck.
    pub fn new(seed: u64, purpose: &str) -> Key {
        Key(mix(name_hash(purpose) ^ mix(seed)))
    }

    /// The stream of this purpose in `history`, for what `event` caused, at its `attempt`-th try.
    #[inline]
    pub fn stream(self, history: u64, event: EventKey, attempt: u32) -> Stream {
        let event_mixed = match attempt {
            0 => event.1,
            _ => mix(event.0.wrapping_add(u64::from(attempt).wrapping_mul(GOLDEN))),
        };
        let what = self.0 ^ event_mixed;
        let a = mix(what.wrapping_add(history.wrapping_mul(GOLDEN)));
        let b = mix(a ^ self.0);
        // The last two make sure that no two streams begin alike, and that they are not all zero.
        let words = [a, b, what, history ^ a.rotate_left(32) | 1];
        let mut seed = [0; 32];
        for (bytes, word) in seed.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Stream::from_seed(seed)
    }
}

/// Which event of the timeline caused a draw: the hazard (by its name, so that a further hazard moves nothing) and the
/// number of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKey(u64, u64);

impl EventKey {
    /// For draws that belong to a history, not to an event of it.
    pub const HISTORY: EventKey = EventKey(0, 0);

    /// The `number`-th event of the hazard whose name has hash `hazard`.
    #[inline]
    pub fn new(hazard: u64, number: u64) -> EventKey {
        let event = mix(hazard ^ mix(number.wrapping_add(1)));
        EventKey(event, mix(event)) // mixed once for all first attempts
    }
}

/// A fixed hash of a name (FNV-1a, 64 bit, then mixed): the same on every machine and in every version.
pub fn name_hash(name: &str) -> u64 {
    mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection in which every bit matters.
#[inline]
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    fn first(seed: u64, purpose: &str, history: u64, event: EventKey, attempt: u32) -> u64 {
        Key::new(seed, purpose).stream(history, event, attempt).random()
    }

    /// A hazard's event.
    fn event(number: u64) -> EventKey {
        EventKey::new(name_hash("region-event"), number)
    }

    #[test]
    fn streams_must_not_move_unnoticed() {
        assert_eq!(name_hash("region-event"), 0x105e_31c3_c144_67ab);
        assert_eq!(first(1, "a", 0, EventKey::HISTORY, 0), 0x83e0_a172_a862_ee04);
        assert_eq!(first(1, "a", 0, event(0), 0), 0x5d6b_4a26_5a9c_a9fd);
        assert_eq!(first(2, "b", 3, event(4), 5), 0x1f23_fbc7_d077_c94f);
    }

    #[test]
    fn every_part_of_a_key_makes_another_stream() {
        let here = first(1, "a", 5, event(3), 2);
        let others = [
            first(2, "a", 5, event(3), 2),
            first(1, "b", 5, event(3), 2),
            first(1, "a", 6, event(3), 2),
            first(1, "a", 5, event(4), 2),
            first(1, "a", 5, EventKey::new(name_hash("other"), 3), 2),
            first(1, "a", 5, EventKey::HISTORY, 2),
            first(1, "a", 5, event(3), 3),
        ];
        assert!(others.iter().all(|other| *other != here));
        assert_eq!(here, first(1, "a", 5, event(3), 2));
    }

    /// Many draws are the first of their stream, so those are looked at: along histories, events, attempts and seeds.
    fn first_draws() -> Vec<(&'static str, Vec<f64>)> {
        let draw = |seed: u64, history, event, attempt| -> f64 {
            Key::new(seed, "hazards.region-event.gap").stream(history, event, attempt).random()
        };
        let n = 0..40_000_u64;
        vec![
            ("histories", n.clone().map(|k| draw(1, k, event(0), 0)).collect()),
            ("events", n.clone().map(|k| draw(1, 0, event(k), 0)).collect()),
            ("attempts", n.clone().map(|k| draw(1, 0, event(0), k as u32)).collect()),
            ("seeds", n.map(|k| draw(k, 0, event(0), 0)).collect()),
        ]
    }

    /// Kolmogorov-Smirnov at a false alarm of 1e-5 each.
    #[test]
    fn first_draws_are_uniform() {
        for (name, mut draws) in first_draws() {
            draws.sort_by(f64::total_cmp);
            let n = draws.len() as f64;
            let distance = draws
                .iter()
                .enumerate()
                .fold(0f64, |worst, (i, x)| worst.max((x - i as f64 / n).abs()).max((x - (i + 1) as f64 / n).abs()));
            assert!(distance * n.sqrt() < 2.47, "{name}: distance {distance}");
        }
    }

    /// Pairs at several distances on an 8 x 8 board: chi-square with 63 degrees of freedom below 63 + 5.5 x sqrt(126),
    /// false alarm about 1e-6 each.
    #[test]
    fn first_draws_do_not_depend_on_each_other() {
        for (name, draws) in first_draws() {
            for distance in [1, 2, 3, 7, 64, 1024] {
                let mut board = [0_u32; 64];
                for (a, b) in draws.iter().zip(&draws[distance..]) {
                    board[(a * 8.0) as usize * 8 + (b * 8.0) as usize] += 1;
                }
                let expected = (draws.len() - distance) as f64 / 64.0;
                let chi: f64 = board.iter().map(|&seen| (f64::from(seen) - expected).powi(2) / expected).sum();
                assert!(chi < 63.0 + 5.5 * 126f64.sqrt(), "{name} at distance {distance}: chi-square {chi}");
            }
        }
    }
}
