//! Going through many things round by round.
//!
//! Where nothing foretells how many draws each of many things needs, all draw once, those that need more once more, and so
//! forth: then no branch waits for a draw.

/// The things that are still gone through, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Rounds(Vec<usize>);

impl Rounds {
    /// Begins with so many.
    pub(super) fn begin(&mut self, count: usize) {
        self.0.clear();
        self.0.extend(0..count);
    }

    /// Those that are left.
    pub(super) fn left(&self) -> &[usize] {
        &self.0
    }

    /// A round: each that is left says whether it goes on. (`Vec::retain` would branch on that.)
    #[inline]
    pub(super) fn go(&mut self, mut goes_on: impl FnMut(usize) -> bool) {
        let mut kept = 0;
        for at in 0..self.0.len() {
            let one = self.0[at];
            self.0[kept] = one;
            kept += usize::from(goes_on(one));
        }
        self.0.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goes_as_many_rounds_as_it_says() {
        let (wanted, mut rounds) = ([3, 1, 0, 2, 3], Rounds::default());
        for _ in 0..2 {
            let mut gone = [0; 5];
            rounds.begin(5);
            let mut left = Vec::new();
            while !rounds.left().is_empty() {
                left.push(rounds.left().to_vec());
                rounds.go(|one| {
                    gone[one] += 1;
                    gone[one] <= wanted[one]
                });
            }
            assert_eq!(gone, wanted.map(|rounds| rounds + 1));
            assert_eq!(left, [vec![0, 1, 2, 3, 4], vec![0, 1, 3, 4], vec![0, 3, 4], vec![0, 4]]);
        }
    }
}
