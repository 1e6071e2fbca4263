//! The patterns of `.Files.Glob`: those of gobwas/glob with `/` as separator.

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
enum Term {
    /// `*`: anything but a separator.
    Any,
    /// `**`
    Super,
    /// `?`
    Single,
    Text(Vec<char>),
    List {
        characters: Vec<char>,
        negated: bool,
    },
    Range {
        low: char,
        high: char,
        negated: bool,
    },
    Alternatives(Vec<Vec<Term>>),
}

/// Why a pattern is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a pattern")]
pub(super) struct BadGlob;

const SEPARATOR: char = '/';

impl Glob {
    pub(super) fn compile(pattern: &str) -> Result<Self, BadGlob> {
        let characters: Vec<char> = pattern.chars().collect();
        let mut parser = Parser { characters: &characters, at: 0, depth: 0 };
        let terms = parser.sequence()?;
        Ok(Self { terms })
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        // Positions that can be reached, kept as a set, so that no pattern takes exponential time.
        reach(&self.terms, &name, &[0]).last() == Some(&name.len())
    }
}

struct Parser<'a> {
    characters: &'a [char],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    /// Up to the end, or to what ends an alternative.
    fn sequence(&mut self) -> Result<Vec<Term>, BadGlob> {
        let mut terms = Vec::new();
        while let Some(character) = self.peek() {
            let inside = self.depth > 0;
            match character {
                ',' | '}' if inside => return Ok(terms),
                '{' => {
                    self.at += 1;
                    terms.push(self.alternatives()?);
                }
                '[' => {
                    self.at += 1;
                    terms.push(self.class()?);
                }
                '?' => {
                    self.at += 1;
                    terms.push(Term::Single);
                }
                '*' => {
                    self.at += 1;
                    if self.peek() == Some('*') {
                        self.at += 1;
                        terms.push(Term::Super);
                    } else {
                        terms.push(Term::Any);
                    }
                }
                _ => {
                    let breakers: &[char] =
                        if inside { &['?', '*', '[', '{', '}', ','] } else { &['?', '*', '[', '{'] };
                    terms.push(Term::Text(self.text(breakers)));
                }
            }
        }
        Ok(terms)
    }

    fn text(&mut self, breakers: &[char]) -> Vec<char> {
        let mut text = Vec::new();
        while let Some(character) = self.peek() {
            if character == '\\' {
                self.at += 1;
                text.extend(self.next());
                continue;
            }
            if breakers.contains(&character) {
                break;
            }
            self.at += 1;
            text.push(character);
        }
        text
    }

    /// An alternative that is never closed counts as closed at the end, as in gobwas.
    fn alternatives(&mut self) -> Result<Term, BadGlob> {
        const DEEPEST: usize = 100;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(BadGlob);
        }
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.sequence()?);
            match self.next() {
                Some(',') => {}
                _ => break,
            }
        }
        self.depth -= 1;
        Ok(Term::Alternatives(alternatives))
    }

    fn class(&mut self) -> Result<Term, BadGlob> {
        let negated = self.peek() == Some('!');
        if negated {
            self.at += 1;
        }
        let first = self.next().ok_or(BadGlob)?;
        if self.peek() == Some('-') {
            self.at += 1;
            let high = self.next().ok_or(BadGlob)?;
            if self.next() != Some(']') || high < first {
                return Err(BadGlob);
            }
            return Ok(Term::Range { low: first, high, negated });
        }
        self.at -= 1;
        let characters = self.text(&[']']);
        if characters.is_empty() || self.next() != Some(']') {
            return Err(BadGlob);
        }
        Ok(Term::List { characters, negated })
    }
}

/// All positions, sorted, at which the terms can end when they begin at one of `from`.
fn reach(terms: &[Term], name: &[char], from: &[usize]) -> Vec<usize> {
    let mut positions = from.to_vec();
    for term in terms {
        positions = step(term, name, &positions);
        if positions.is_empty() {
            break;
        }
    }
    positions
}

fn step(term: &Term, name: &[char], from: &[usize]) -> Vec<usize> {
    let one = |fits: &dyn Fn(char) -> bool| -> Vec<usize> {
        from.iter().filter(|at| name.get(**at).is_some_and(|found| fits(*found))).map(|at| at + 1).collect()
    };
    match term {
        Term::Any => {
            let mut reached = Vec::new();
            for &start in from {
                let mut at = start.max(reached.last().map_or(0, |last| last + 1));
                while at <= name.len() {
                    if at > start && name[at - 1] == SEPARATOR {
                        break;
                    }
                    reached.push(at);
                    at += 1;
                }
            }
            reached
        }
        Term::Super => from.first().map_or_else(Vec::new, |first| (*first..=name.len()).collect()),
        Term::Single => one(&|found| found != SEPARATOR),
        Term::List { characters, negated } => one(&|found| characters.contains(&found) != *negated),
        Term::Range { low, high, negated } => one(&|found| (*low..=*high).contains(&found) != *negated),
        Term::Text(text) => from.iter().filter(|at| name[**at..].starts_with(text)).map(|at| at + text.len()).collect(),
        Term::Alternatives(alternatives) => {
            let mut reached: Vec<usize> =
                alternatives.iter().flat_map(|alternative| reach(alternative, name, from)).collect();
            reached.sort_unstable();
            reached.dedup();
            reached
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_gobwas_does() {
        let cases = [
            ("*", "a.txt", true),
            ("*", "a/b.txt", false),
            ("**", "a/b.txt", true),
            ("config/*.yaml", "config/a.yaml", true),
            ("config/*.yaml", "config/deep/a.yaml", false),
            ("config/**", "config/deep/a.yaml", true),
            ("**.yaml", "config/deep/a.yaml", true),
            ("{a,b}.txt", "b.txt", true),
            ("{a,b*}.txt", "bcd.txt", true),
            ("[ab].txt", "a.txt", true),
            ("[!ab].txt", "a.txt", false),
            ("[a-c].txt", "b.txt", true),
            ("a?c", "a/c", false),
            ("a\\*", "a*", true),
            ("story/*", "story/author.txt", true),
            ("", "a", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(Glob::compile(pattern).unwrap().matches(name), expected, "{pattern} on {name}");
        }
        assert!(Glob::compile("[").is_err());
        assert!(Glob::compile("[z-a]").is_err());
    }
}
