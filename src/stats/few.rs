//! Sorting what one history has of something: most often a handful.

/// More are left to the standard library.
const FEW: usize = 8;

/// Sorts ascending. A few are sorted without a branch that depends on them, as no processor could foretell it.
#[inline]
pub(super) fn sort<T: Copy + Ord>(values: &mut [T]) {
    if values.len() > FEW {
        return values.sort_unstable();
    }
    let mut unsorted = values;
    while let [first, others @ ..] = unsorted {
        let mut least = *first;
        for other in others.iter_mut() {
            let value = *other;
            *other = value.max(least);
            least = value.min(least);
        }
        *first = least;
        unsorted = others;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn few_and_many_are_sorted(values in prop::collection::vec(any::<u8>(), 0..2 * FEW)) {
            let (mut sorted, mut expected) = (values.clone(), values);
            sort(&mut sorted);
            expected.sort();
            prop_assert_eq!(sorted, expected);
        }
    }
}
