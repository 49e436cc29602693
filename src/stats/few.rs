//! Sorting what one history has of something: most often a handful.

/// More are left to the standard library.
const FEW: usize = 8;
/// The same of columns that are sorted beside each other.
const FEW_ROWS: usize = 64;
/// How many columns are sorted beside each other: as many numbers of 16 bits as a processor takes at once.
pub(super) const COLUMNS: usize = 8;

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

/// Sorts each column by itself, ascending: what is done to one of them is done to all by the same instructions.
pub(super) fn sort_columns(rows: &mut [[i16; COLUMNS]]) {
    if rows.len() > FEW_ROWS {
        return (0..COLUMNS).for_each(|column| sort_column(rows, column));
    }
    let mut unsorted = rows;
    while let [first, others @ ..] = unsorted {
        let mut least = *first;
        for other in others.iter_mut() {
            let row = *other;
            *other = std::array::from_fn(|column| row[column].max(least[column]));
            least = std::array::from_fn(|column| row[column].min(least[column]));
        }
        *first = least;
        unsorted = others;
    }
}

#[cold]
fn sort_column(rows: &mut [[i16; COLUMNS]], column: usize) {
    let mut values: Vec<i16> = rows.iter().map(|row| row[column]).collect();
    values.sort_unstable();
    rows.iter_mut().zip(values).for_each(|(row, value)| row[column] = value);
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

        #[test]
        fn columns_are_sorted_each_by_itself(rows in prop::collection::vec(any::<[i16; COLUMNS]>(), 0..2 * FEW_ROWS)) {
            let mut sorted = rows.clone();
            sort_columns(&mut sorted);
            for column in 0..COLUMNS {
                let mut expected: Vec<i16> = rows.iter().map(|row| row[column]).collect();
                expected.sort();
                prop_assert_eq!(sorted.iter().map(|row| row[column]).collect::<Vec<_>>(), expected);
            }
        }
    }
}
