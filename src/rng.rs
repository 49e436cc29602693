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

    /// The stream of this purpose for what `cause` caused, at its `attempt`-th try.
    #[inline]
    pub fn stream(self, cause: Cause, attempt: u32) -> Stream {
        let key = match attempt {
            0 => self,
            _ => Key(mix(self.0.wrapping_add(u64::from(attempt).wrapping_mul(ATTEMPTS)))),
        };
        begun_apart(key, cause)
    }

    /// The same at the first try, for a loop over many causes.
    #[inline(always)]
    pub(crate) fn stream_in_loop(self, cause: Cause) -> Stream {
        begun(self, cause)
    }
}

/// Many places begin a stream; so this stands apart, and their code stays short.
#[inline(never)]
fn begun_apart(key: Key, cause: Cause) -> Stream {
    begun(key, cause)
}

#[inline(always)]
fn begun(key: Key, cause: Cause) -> Stream {
    let mixed = step(key.0 ^ cause.mixed, PURPOSES);
    // Of one purpose and event, any two histories differ in what is mixed, and hardly any two events are the same word: so
    // with both no two streams begin alike, and none as 0, which no state may be.
    let what = (key.0 ^ cause.event) | 1;
    Stream::from_seed((u128::from(what) << 64 | u128::from(mixed)).to_le_bytes())
}

/// What caused a draw: an event of the timeline of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    event: u64,
    /// That and the history.
    mixed: u64,
}

impl Cause {
    /// The `number`-th event in `history` of the hazard whose name has hash `hazard` (by its name, so that a further hazard
    /// moves nothing).
    #[inline]
    pub fn new(history: u64, hazard: u64, number: u64) -> Cause {
        Cause::of(history, mix(hazard ^ number.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// For draws that belong to a history, not to an event of it.
    #[inline]
    pub fn of_history(history: u64) -> Cause {
        Cause::of(history, 0)
    }

    #[inline]
    fn of(history: u64, event: u64) -> Cause {
        Cause { event, mixed: step(event.wrapping_add(history.wrapping_mul(GOLDEN)), HISTORIES) }
    }
}

/// A fixed hash of a name (FNV-1a, 64 bit, then mixed): the same on every machine and in every version.
pub fn name_hash(name: &str) -> u64 {
    mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// Half of a mixer, a bijection too: the words that it is given are without a pattern already, and what comes of it is
/// scrambled by the generator.
#[inline(always)]
fn step(z: u64, multiplier: u64) -> u64 {
    let z = z.wrapping_mul(multiplier);
    z ^ (z >> 32)
}

/// Odd numbers without a pattern: 2^64 divided by the golden ratio, and by the square of the plastic ratio; multipliers of
/// SplitMix64, and of a congruential generator with a good spectrum (Steele and Vigna, *Computationally easy, spectrally
/// good multipliers for congruential pseudorandom number generators*, 2022).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const ATTEMPTS: u64 = 0x91e1_0da5_c79e_7b1d;
const HISTORIES: u64 = 0xbf58_476d_1ce4_e5b9;
const PURPOSES: u64 = 0xd134_2543_de82_ef95;

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

    fn first(seed: u64, purpose: &str, cause: Cause, attempt: u32) -> u64 {
        Key::new(seed, purpose).stream(cause, attempt).random()
    }

    /// A hazard's event in a history.
    fn event(history: u64, number: u64) -> Cause {
        Cause::new(history, name_hash("region-event"), number)
    }

    #[test]
    fn streams_must_not_move_unnoticed() {
        assert_eq!(name_hash("region-event"), 0x105e_31c3_c144_67ab);
        assert_eq!(first(1, "a", Cause::of_history(0), 0), 0x2527_6e0e_6df1_25bb);
        assert_eq!(first(1, "a", event(0, 0), 0), 0x9971_3f47_a9da_1ec0);
        assert_eq!(first(2, "b", event(3, 4), 5), 0x447e_8633_7a7a_c942);
    }

    #[test]
    fn every_part_of_a_key_makes_another_stream() {
        let here = first(1, "a", event(5, 3), 2);
        let others = [
            first(2, "a", event(5, 3), 2),
            first(1, "b", event(5, 3), 2),
            first(1, "a", event(6, 3), 2),
            first(1, "a", event(5, 4), 2),
            first(1, "a", Cause::new(5, name_hash("other"), 3), 2),
            first(1, "a", Cause::of_history(5), 2),
            first(1, "a", event(5, 3), 3),
        ];
        assert!(others.iter().all(|other| *other != here));
        assert_eq!(here, first(1, "a", event(5, 3), 2));
    }

    /// Most draws are the first of their stream, some the second: those are looked at, along histories, events, attempts
    /// and seeds.
    fn draws() -> Vec<(&'static str, [Vec<f64>; 2])> {
        let two = |seed: u64, cause, attempt| -> (f64, f64) {
            let mut stream = Key::new(seed, "hazards.region-event.gap").stream(cause, attempt);
            (stream.random(), stream.random())
        };
        let apart = |name, pairs: &mut dyn Iterator<Item = (f64, f64)>| {
            let (first, second) = pairs.unzip();
            (name, [first, second])
        };
        let n = 0..40_000_u64;
        vec![
            apart("histories", &mut n.clone().map(|k| two(1, event(k, 0), 0))),
            apart("events", &mut n.clone().map(|k| two(1, event(0, k), 0))),
            apart("attempts", &mut n.clone().map(|k| two(1, event(0, 0), k as u32))),
            apart("seeds", &mut n.map(|k| two(k, event(0, 0), 0))),
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

    /// Pairs on a 16 x 16 board: chi-square with 255 degrees of freedom below 255 + 5.5 x sqrt(510), false alarm about 1e-6
    /// each.
    fn assert_independent(what: &str, pairs: impl Iterator<Item = (f64, f64)>) {
        let (mut board, mut count) = ([0_u32; 256], 0);
        for (one, other) in pairs {
            board[(one * 16.0) as usize * 16 + (other * 16.0) as usize] += 1;
            count += 1;
        }
        let expected = f64::from(count) / 256.0;
        let chi: f64 = board.iter().map(|&seen| (f64::from(seen) - expected).powi(2) / expected).sum();
        assert!(chi < 255.0 + 5.5 * 510f64.sqrt(), "{what}: chi-square {chi}");
    }

    /// Of one stream, and of streams at several distances.
    #[test]
    fn draws_do_not_depend_on_each_other() {
        let check = |what: &str, one: &[f64], other: &[f64]| {
            assert_independent(what, one.iter().copied().zip(other.iter().copied()));
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
        let draws: Vec<f64> = (0..200)
            .flat_map(|history| keys.iter().map(move |key| key.stream(event(history, 0), 0).random()))
            .collect();
        let of_one = draws.chunks_exact(keys.len()).flat_map(|draws| draws.windows(2).map(|pair| (pair[0], pair[1])));
        assert_independent("neighbours", of_one);
    }

    /// Two purposes share what is mixed of their cause: so each pair of some is looked at along many histories, and what two
    /// of them have in common beside a third.
    #[test]
    fn purposes_of_one_cause_do_not_depend_on_each_other() {
        let draws: Vec<Vec<f64>> = (0..12)
            .map(|number| {
                let key = Key::new(1, &format!("failover.step-{number}.takes"));
                (0..40_000).map(|history| key.stream(event(history, 0), 0).random()).collect()
            })
            .collect();
        for (one, first) in draws.iter().enumerate() {
            for (other, second) in draws[..one].iter().enumerate() {
                let pairs = first.iter().copied().zip(second.iter().copied());
                assert_independent(&format!("{one} and {other}"), pairs.clone());
                let third = &draws[(one + 1) % draws.len()];
                let sums = pairs.zip(third).map(|((first, second), third)| ((first + second).fract(), *third));
                if (one + 1) % draws.len() != other {
                    assert_independent(&format!("the sum of {one} and {other} beside a third"), sums);
                }
            }
        }
    }
}
