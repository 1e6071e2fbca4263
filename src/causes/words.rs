//! The system's own words, without what its libraries wrapped around them.

/// Longest line that is shown.
const LONGEST: usize = 400;
/// So many of a list of versions are enough.
const VERSIONS_SHOWN: usize = 5;

/// One line, not too long.
pub(super) fn shorten(text: &str) -> String {
    let text = fewer_versions(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if text.chars().count() <= LONGEST {
        return text;
    }
    // Both ends matter: chains of causes begin with the deed and end with the reason.
    let characters: Vec<char> = text.chars().collect();
    let half = LONGEST / 2 - 2;
    let (head, tail) = (&characters[..half], &characters[characters.len() - half..]);
    head.iter().chain(&[' ', '…', ' ']).chain(tail).collect()
}

/// What it says at heart: `(1045) Access denied for user …` instead of two exception classes, a tuple and a link.
pub(super) fn essence(text: &str) -> String {
    let text = text.split(" (Background on this error at").next().unwrap_or(text);
    let text = text.split(" [SQL: ").next().unwrap_or(text);
    let text = without_class(text);
    shorten(&unwrap_driver(text))
}

/// Classes that say nothing which the words after them do not say.
fn without_class(text: &str) -> &str {
    const EMPTY_WORDS: [&str; 7] = [
        "RuntimeError",
        "OperationalError",
        "DatabaseError",
        "ProgrammingError",
        "InternalError",
        "CommandError",
        "Exception",
    ];
    match text.split_once(": ") {
        Some((class, rest)) if EMPTY_WORDS.contains(&class.rsplit('.').next().unwrap_or(class)) && !rest.is_empty() => {
            rest
        }
        _ => text,
    }
}

/// `(pymysql.err.OperationalError) (1045, "…")` → `(1045) …`; `(sqlite3.OperationalError) …` → `…`.
fn unwrap_driver(text: &str) -> String {
    let Some((before, rest)) = ["(pymysql.err.", "(sqlite3."].iter().find_map(|driver| text.split_once(driver)) else {
        return text.to_owned();
    };
    let Some((_, said)) = rest.split_once(") ") else { return text.to_owned() };
    format!("{before}{}", number_and_words(said).unwrap_or_else(|| said.to_owned()))
}

fn number_and_words(said: &str) -> Option<String> {
    let (number, words) = said.strip_prefix('(')?.split_once(", ")?;
    number.parse::<u32>().ok()?;
    let words = words.strip_suffix(')').unwrap_or(words);
    let quote = words.chars().next().filter(|first| matches!(first, '"' | '\''));
    let bare = quote.and_then(|quote| words.strip_prefix(quote)?.strip_suffix(quote));
    Some(format!("({number}) {}", bare.unwrap_or(words).replace("\\'", "'")))
}

/// pip lists every version that there ever was.
fn fewer_versions(text: &str) -> String {
    let Some((before, rest)) = text.split_once("(from versions: ") else { return text.to_owned() };
    let Some((list, after)) = rest.split_once(')') else { return text.to_owned() };
    let versions: Vec<_> = list.split(", ").collect();
    if versions.len() <= VERSIONS_SHOWN {
        return text.to_owned();
    }
    format!("{before}(newest versions: {}){after}", versions[versions.len() - VERSIONS_SHOWN..].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_fall_off() {
        let cases = [
            (
                r#"sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (1045, "Access denied for user 'z'@'%' (using password: YES)")"#,
                "(1045) Access denied for user 'z'@'%' (using password: YES)",
            ),
            (
                r#"OperationalError: (pymysql.err.OperationalError) (1044, "Access denied to database 'nodb'")"#,
                "(1044) Access denied to database 'nodb'",
            ),
            (
                "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: project",
                "no such table: project",
            ),
            (
                "alembic.util.exc.CommandError: Can't locate revision identified by '0.98.0'",
                "Can't locate revision identified by '0.98.0'",
            ),
            ("ModuleNotFoundError: No module named 'x'", "ModuleNotFoundError: No module named 'x'"),
            ("none (from versions: 1, 2, 3, 4, 5, 6)", "none (newest versions: 2, 3, 4, 5, 6)"),
        ];
        for (text, expected) in cases {
            assert_eq!(essence(text), expected);
        }
    }
}
