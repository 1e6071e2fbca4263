//! Did you mean …?

/// The nearest of `known` words, if one is near enough to be a slip of the pen.
///
/// Case, `-` and `_` do not count, so `secret_store` finds `secretStore`.
pub fn nearest<'a, S>(word: &str, known: impl IntoIterator<Item = &'a S>) -> Option<&'a str>
where
    S: AsRef<str> + 'a + ?Sized,
{
    let wanted = fold(word);
    let limit = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (distance(&wanted, &fold(candidate.as_ref())), candidate.as_ref()))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn distance(a: &str, b: &str) -> usize {
    if a.len() >= 4 && b.starts_with(a) { 1 } else { strsim::damerau_levenshtein(a, b) }
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// `a, b or c`, for messages that list what is allowed.
pub fn either<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_leaves_strangers_alone() {
        let known = ["local-server", "local-sqlite", "remote-server", "on-prem"];
        assert_eq!(nearest("local-sever", &known), Some("local-server"));
        assert_eq!(nearest("onprem", &known), Some("on-prem"));
        assert_eq!(nearest("LOCAL_SQLITE", &known), Some("local-sqlite"));
        assert_eq!(nearest("kubernetes", &known), None);
    }
}
