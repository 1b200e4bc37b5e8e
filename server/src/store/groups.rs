//! Many rows in few statements. Their texts come in a few fixed sizes, so that each is prepared once and kept.

/// The most rows of one statement: with forty columns each, far below what SQLite and PostgreSQL bind.
const MOST: usize = 256;

/// Cuts a list into groups whose lengths are powers of two, the longest first.
pub fn groups<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = (rest.len().checked_ilog2().map_or(0, |log| 1 << log)).min(MOST);
        let (group, others) = rest.split_at(length);
        rest = others;
        (length > 0).then_some(group)
    })
}

/// Cuts what is looked up into lists of such lengths, the last one filled up by its last element.
pub fn lists<T: Clone>(all: &[T]) -> impl Iterator<Item = Vec<T>> {
    all.chunks(MOST).map(|chunk| {
        let mut list = chunk.to_vec();
        list.resize(chunk.len().next_power_of_two(), chunk[chunk.len() - 1].clone());
        list
    })
}

/// `($1, $2), ($3, $4)`: the places of so many rows.
pub fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|place| format!("${}", row * columns + place)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_goes_into_few_sizes_and_none_is_left() {
        let all: Vec<usize> = (0..1_000).collect();
        for length in 0..all.len() {
            let lengths: Vec<usize> = groups(&all[..length]).map(<[usize]>::len).collect();
            assert!(lengths.iter().all(|length| length.is_power_of_two() && *length <= MOST));
            assert_eq!(groups(&all[..length]).flatten().count(), length);
            let mut found: Vec<usize> = lists(&all[..length]).flatten().collect();
            found.dedup();
            assert_eq!(found, all[..length]);
        }
    }

    #[test]
    fn places_are_numbered_through() {
        assert_eq!(places(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }
}
