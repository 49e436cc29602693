//! What is due, in order of time; at one instant in order of arrival.

use crate::units::Time;

/// Few things are pending at a time, so they are kept sorted: the next one last.
#[derive(Clone, Debug)]
pub(super) struct Queue<T> {
    pending: Vec<(Time, T)>,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Queue<T> {
        Queue { pending: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    #[inline]
    pub(super) fn push(&mut self, at: Time, what: T) {
        let later = self.pending.iter().rposition(|other| other.0 > at).map_or(0, |index| index + 1);
        self.pending.insert(later, (at, what));
    }

    /// When the next one is due, or never.
    #[inline]
    pub(super) fn next_at(&self) -> Time {
        self.pending.last().map_or(Time::NEVER, |next| next.0)
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<T> {
        self.pending.pop().map(|next| next.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_at_one_instant_the_first_to_arrive() {
        let mut queue = Queue::new();
        for (name, at) in [("c", 3), ("a", 1), ("d", 3), ("b", 1), ("e", 9)] {
            queue.push(Time(at), name);
        }
        assert_eq!(queue.next_at(), Time(1));
        let order: Vec<&str> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(order, ["a", "b", "c", "d", "e"]);
        assert_eq!(queue.next_at(), Time::NEVER);
    }
}
