//! Did you mean …?

/// How many names are worth showing.
const MOST: usize = 3;

/// The known names that are nearest to a name, nearest first. None if nothing is near.
pub(super) fn suggest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let reach = (name.chars().count() / 3).max(1);
    let lower = name.to_lowercase();
    let mut near: Vec<(usize, &str)> = known
        .filter(|candidate| *candidate != name && candidate.len().abs_diff(name.len()) <= reach + 4)
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= reach)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(MOST).map(|(_, candidate)| candidate.to_owned()).collect()
}
