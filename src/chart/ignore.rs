//! The rules of `.helmignore`.

use super::path_match::{self, BadPattern};

/// Which files of a chart's folder are no part of the chart.
#[derive(Debug, Default)]
pub(super) struct IgnoreRules {
    rules: Vec<Rule>,
}

/// Why a `.helmignore` is refused, in Helm's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum IgnoreError {
    /// `**`
    #[error("double-star (**) syntax is not supported")]
    DoubleStar,
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    /// A line longer than Go's scanner takes.
    #[error("bufio.Scanner: token too long")]
    LineTooLong,
}

#[derive(Debug)]
struct Rule {
    pattern: String,
    /// With a slash inside, the whole path is matched, otherwise the last part.
    whole_path: bool,
    negated: bool,
    folders_only: bool,
}

impl IgnoreRules {
    /// Reads a `.helmignore`; hidden files of `templates/` are ignored in any case.
    pub(super) fn parse(content: &[u8]) -> Result<Self, IgnoreError> {
        const LONGEST_LINE: usize = 64 * 1024;
        let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
        let mut rules = Self::default();
        for line in content.split(|byte| *byte == b'\n') {
            if line.len() >= LONGEST_LINE {
                return Err(IgnoreError::LineTooLong);
            }
            rules.add(&String::from_utf8_lossy(line))?;
        }
        rules.add("templates/.?*")?;
        Ok(rules)
    }

    /// Without a `.helmignore`.
    pub(super) fn default_rules() -> Self {
        Self::parse(b"").unwrap_or_default()
    }

    fn add(&mut self, line: &str) -> Result<(), IgnoreError> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line.contains("**") {
            return Err(IgnoreError::DoubleStar);
        }
        path_match::matches(line, "abc")?;
        let (negated, rest) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (folders_only, rest) = rest.strip_suffix('/').map_or((false, rest), |rest| (true, rest));
        let (rooted, pattern) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let whole_path = rooted || pattern.contains('/');
        self.rules.push(Rule { pattern: pattern.to_owned(), whole_path, negated, folders_only });
        Ok(())
    }

    /// Whether a path, relative to the chart's folder, is ignored. The first rule that speaks decides; a negated one
    /// ignores everything that it does not match.
    pub(super) fn is_ignored(&self, path: &str, is_folder: bool) -> bool {
        for rule in &self.rules {
            if rule.negated {
                if (rule.folders_only && !is_folder) || !rule.matches(path) {
                    return true;
                }
            } else if (!rule.folders_only || is_folder) && rule.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Rule {
    /// A pattern that turns out malformed after its `!` or `/` is taken away matches nothing.
    fn matches(&self, path: &str) -> bool {
        let name = if self.whole_path { path } else { path.rsplit('/').next().unwrap_or(path) };
        path_match::matches(&self.pattern, name).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(rules: &str, path: &str, is_folder: bool) -> bool {
        IgnoreRules::parse(rules.as_bytes()).unwrap().is_ignored(path, is_folder)
    }

    #[test]
    fn rules_work_as_in_helm() {
        let cases = [
            ("helm.txt", "helm.txt", false, true),
            ("helm.txt", "a/helm.txt", false, true),
            ("/helm.txt", "a/helm.txt", false, false),
            ("*.txt", "a/b.txt", false, true),
            ("cargo/*.txt", "cargo/a.txt", false, true),
            ("cargo/*.txt", "mast/cargo/a.txt", false, false),
            ("cargo/", "cargo", true, true),
            ("cargo/", "cargo", false, false),
            ("!helm.txt", "helm.txt", false, false),
            ("!helm.txt", "tiller.txt", false, true),
            ("!*.txt", "cargo", true, true),
            ("#helm.txt", "helm.txt", false, false),
            ("  helm.txt\r", "helm.txt", false, true),
            ("", "templates/.dot", false, true),
            ("", "templates/sub/.dot", false, false),
            ("", ".dot", false, false),
        ];
        for (rules, path, is_folder, expected) in cases {
            assert_eq!(ignored(rules, path, is_folder), expected, "{rules:?} on {path}");
        }
    }

    #[test]
    fn refusals_are_in_helms_words() {
        let error = |rules: &str| IgnoreRules::parse(rules.as_bytes()).unwrap_err().to_string();
        assert_eq!(error("a\n**/b"), "double-star (**) syntax is not supported");
        assert_eq!(error("[z"), "syntax error in pattern");
    }
}
