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
        let a = mix(self.0 ^ mix(history.wrapping_add(GOLDEN)));
        let b = mix(a ^ mix(event.0.wrapping_add(u64::from(attempt).wrapping_mul(GOLDEN))));
        let words = [a, b, self.0 ^ b.rotate_left(32), history ^ mix(b ^ event.0) | 1];
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
pub struct EventKey(u64);

impl EventKey {
    /// For draws that belong to a history, not to an event of it.
    pub const HISTORY: EventKey = EventKey(0);

    /// The `number`-th event of the hazard whose name has hash `hazard`.
    #[inline]
    pub fn new(hazard: u64, number: u64) -> EventKey {
        EventKey(mix(hazard ^ mix(number.wrapping_add(1))))
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
