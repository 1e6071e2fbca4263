//! Go's `filepath.Match`, the pattern language of `.helmignore` and `--show-only`.

/// A pattern that Go calls malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub(super) struct BadPattern;

/// Whether the whole name matches. `*` and `?` stop at `/`; a malformed pattern is an error whatever the name is.
pub(super) fn matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let terms = parse(pattern)?;
    let name: Vec<char> = name.chars().collect();
    Ok(match_terms(&terms, &name))
}

#[derive(Debug)]
enum Term {
    Star,
    Any,
    Literal(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

fn parse(pattern: &str) -> Result<Vec<Term>, BadPattern> {
    let mut characters = pattern.chars().peekable();
    let mut terms = Vec::new();
    while let Some(character) = characters.next() {
        terms.push(match character {
            '*' => Term::Star,
            '?' => Term::Any,
            '[' => parse_class(&mut characters)?,
            '\\' => Term::Literal(characters.next().ok_or(BadPattern)?),
            other => Term::Literal(other),
        });
    }
    Ok(terms)
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn parse_class(characters: &mut Characters<'_>) -> Result<Term, BadPattern> {
    let negated = characters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && characters.next_if_eq(&']').is_some() {
            return Ok(Term::Class { negated, ranges });
        }
        let low = class_character(characters)?;
        let high = if characters.next_if_eq(&'-').is_some() { class_character(characters)? } else { low };
        ranges.push((low, high));
    }
}

/// One character of a class; Go wants something to follow it, at least the closing bracket.
fn class_character(characters: &mut Characters<'_>) -> Result<char, BadPattern> {
    let character = match characters.next() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => characters.next().ok_or(BadPattern)?,
        Some(other) => other,
    };
    if characters.peek().is_none() { Err(BadPattern) } else { Ok(character) }
}

/// Backtracks to the last star only, so time is bounded by the product of both lengths.
fn match_terms(terms: &[Term], name: &[char]) -> bool {
    let (mut term, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if matches!(terms.get(term), Some(Term::Star)) {
            retry = Some((term + 1, at));
            term += 1;
            continue;
        }
        if term == terms.len() && at == name.len() {
            return true;
        }
        let fits = matches!((terms.get(term), name.get(at)), (Some(wanted), Some(found)) if fits(wanted, *found));
        if fits {
            term += 1;
            at += 1;
            continue;
        }
        match retry {
            Some((after, from)) if from < name.len() && name[from] != '/' => {
                retry = Some((after, from + 1));
                term = after;
                at = from + 1;
            }
            _ => return false,
        }
    }
}

fn fits(term: &Term, character: char) -> bool {
    match term {
        Term::Star => false,
        Term::Any => character != '/',
        Term::Literal(literal) => *literal == character,
        Term::Class { negated, ranges } => {
            ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_go_does() {
        // Results of Go 1.26's filepath.Match.
        let cases = [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*", "a/b", false),
            ("*c", "abc", true),
            ("a*/b", "abc/b", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xx/f", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a?b", "a/b", false),
            ("ab[c]", "abc", true),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("[\\-x]", "-", true),
            ("templates/.?*", "templates/.hidden", true),
            ("templates/.?*", "templates/deep/.hidden", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern, name), Ok(expected), "{pattern} on {name}");
        }
    }

    #[test]
    fn malformed_patterns_are_errors() {
        for pattern in ["[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "\\"] {
            assert_eq!(matches(pattern, "abc"), Err(BadPattern), "{pattern}");
        }
    }
}
