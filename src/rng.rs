//! Streams of random numbers keyed by what they are for.
//!
//! A draw depends on its purpose (`hazards.region-event.time_to_repair`, `failover.promote-data.takes`) and its
//! position (history, the event that caused it, attempt), never on the order in which things happen. So all strategies
//! meet the same disasters, any history can be replayed on its own, and an added step, hazard or strategy moves no
//! other draw.

use rand::SeedableRng;
use rand_xoshiro::Xoroshiro128PlusPlus;

/// A generator of random words; use it with the traits of `rand` and `rand_distr`. Hardly more than a word or two are
/// drawn from a stream: so it is xoroshiro128++ (Blackman and Vigna, *Scrambled Linear Pseudorandom Number Generators*,
/// 2021), which has no more than two words to begin with.
pub type Stream = Xoroshiro128PlusPlus;

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
        let cause = match attempt {
            0 => event.0,
            _ => mix(event.0.wrapping_add(u64::from(attempt).wrapping_mul(ATTEMPTS))),
        };
        begun_apart(self.0 ^ cause, history)
    }

    /// The same at the first try, for a loop over many histories and events.
    #[inline(always)]
    pub(crate) fn stream_in_loop(self, history: u64, event: EventKey) -> Stream {
        begun(self.0 ^ event.0, history)
    }
}

/// Many places begin a stream; so this stands apart, and their code stays short.
#[inline(never)]
fn begun_apart(what: u64, history: u64) -> Stream {
    begun(what, history)
}

#[inline(always)]
fn begun(what: u64, history: u64) -> Stream {
    let mixed = mix(what.wrapping_add(history.wrapping_mul(GOLDEN)));
    // Of one purpose and cause, any two histories differ in what is mixed, and hardly any two causes are the same word: so
    // with both no two streams begin alike, and none as 0, which no state may be.
    Stream::from_seed((u128::from(what | 1) << 64 | u128::from(mixed)).to_le_bytes())
}

/// Which event of the timeline caused a draw: the hazard (by its name, so that a further hazard moves nothing) and the
/// number of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKey(u64);

impl EventKey {
    /// For draws that belong to a history, not to an event of it.
    pub const HISTORY: EventKey = EventKey(0);

    /// The `number`-th event of the hazard whose name has hash `hazard`.
    #[inline]
    pub fn new(hazard: u64, number: u64) -> EventKey {
        EventKey(mix(hazard ^ number.wrapping_add(1).wrapping_mul(GOLDEN)))
    }
}

/// A fixed hash of a name (FNV-1a, 64 bit, then mixed): the same on every machine and in every version.
pub fn name_hash(name: &str) -> u64 {
    mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// Odd numbers without a pattern: 2^64 divided by the golden ratio, and by the square of the plastic ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const ATTEMPTS: u64 = 0x91e1_0da5_c79e_7b1d;

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
        assert_eq!(first(1, "a", 0, EventKey::HISTORY, 0), 0xf280_06bb_3111_7f5c);
        assert_eq!(first(1, "a", 0, event(0), 0), 0x0a4e_00ad_e535_c6f1);
        assert_eq!(first(2, "b", 3, event(4), 5), 0xc39c_5839_ce54_2ebb);
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

    /// Most draws are the first of their stream, some the second: those are looked at, along histories, events, attempts
    /// and seeds.
    fn draws() -> Vec<(&'static str, [Vec<f64>; 2])> {
        let two = |seed: u64, history, event, attempt| -> (f64, f64) {
            let mut stream = Key::new(seed, "hazards.region-event.gap").stream(history, event, attempt);
            (stream.random(), stream.random())
        };
        let apart = |name, pairs: &mut dyn Iterator<Item = (f64, f64)>| {
            let (first, second) = pairs.unzip();
            (name, [first, second])
        };
        let n = 0..40_000_u64;
        vec![
            apart("histories", &mut n.clone().map(|k| two(1, k, event(0), 0))),
            apart("events", &mut n.clone().map(|k| two(1, 0, event(k), 0))),
            apart("attempts", &mut n.clone().map(|k| two(1, 0, event(0), k as u32))),
            apart("seeds", &mut n.map(|k| two(k, 0, event(0), 0))),
        ]
    }

    /// Kolmogorov-Smirnov at a false alarm of 1e-5 each.
    #[test]
    fn draws_are_uniform() {
        for (name, mut draws) in draws().into_iter().flat_map(|(name, both)| both.map(|draws| (name, draws))) {
            draws.sort_by(f64::total_cmp);
            let n = draws.len() as f64;
            let distance = draws
                .iter()
                .enumerate()
                .fold(0f64, |worst, (i, x)| worst.max((x - i as f64 / n).abs()).max((x - (i + 1) as f64 / n).abs()));
            assert!(distance * n.sqrt() < 2.47, "{name}: distance {distance}");
        }
    }

    /// Pairs on a 16 x 16 board, of one stream and of streams at several distances: chi-square with 255 degrees of freedom
    /// below 255 + 5.5 x sqrt(510), false alarm about 1e-6 each.
    #[test]
    fn draws_do_not_depend_on_each_other() {
        let check = |what: &str, one: &[f64], other: &[f64]| {
            let mut board = [0_u32; 256];
            for (a, b) in one.iter().zip(other) {
                board[(a * 16.0) as usize * 16 + (b * 16.0) as usize] += 1;
            }
            let expected = one.len().min(other.len()) as f64 / 256.0;
            let chi: f64 = board.iter().map(|&seen| (f64::from(seen) - expected).powi(2) / expected).sum();
            assert!(chi < 255.0 + 5.5 * 510f64.sqrt(), "{what}: chi-square {chi}");
        };
        for (name, [first, second]) in draws() {
            check(&format!("first and second, {name}"), &first, &second);
            for distance in [1, 2, 3, 7, 64, 1024] {
                check(&format!("first, {name} at distance {distance}"), &first, &first[distance..]);
                check(&format!("second, {name} at distance {distance}"), &second, &second[distance..]);
                check(&format!("first and second, {name} at distance {distance}"), &first, &second[distance..]);
                check(&format!("second and first, {name} at distance {distance}"), &second, &first[distance..]);
            }
        }
    }

    /// Streams of which only the purpose, or only the place of the event differs, in one history.
    #[test]
    fn purposes_do_not_depend_on_each_other() {
        let keys: Vec<Key> = (0..200).map(|number| Key::new(1, &format!("failover.step-{number}.takes"))).collect();
        let mut board = [0_u32; 256];
        for history in 0..200 {
            let draws: Vec<f64> = keys.iter().map(|key| key.stream(history, event(0), 0).random()).collect();
            for pair in draws.windows(2) {
                board[(pair[0] * 16.0) as usize * 16 + (pair[1] * 16.0) as usize] += 1;
            }
        }
        let expected = 200.0 * 199.0 / 256.0;
        let chi: f64 = board.iter().map(|&seen| (f64::from(seen) - expected).powi(2) / expected).sum();
        assert!(chi < 255.0 + 5.5 * 510f64.sqrt(), "chi-square {chi}");
    }
}
