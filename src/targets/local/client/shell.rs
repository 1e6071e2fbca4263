//! Shell scripts that hold no secret: each is fetched from its source when the script runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use secrecy::ExposeSecret as _;

use crate::secrets::{SecretName, SecretSource, Secrets};
use crate::unit::{Part, Text, Unit, secrets_used};
use crate::world::World;

/// A file to source: it sets the variables and puts the client's programs on PATH.
pub(super) fn environment(variables: &BTreeMap<String, Text>, bin: &Path, secrets: &Secrets, world: &World) -> String {
    let mut script = String::from("# Made by deploy, which overwrites changes. To be sourced by sh, bash or zsh.\n");
    for (name, text) in variables {
        let value: String = text.0.iter().map(|part| expression(part, secrets, world)).collect();
        let value = if value.is_empty() { "''".to_owned() } else { value };
        let _ = writeln!(script, "{name}={value} || return 1\nexport {name}");
    }
    let bin = quoted(&bin.display().to_string());
    let _ = writeln!(script, "case \":$PATH:\" in\n  *:{bin}:*) ;;\n  *) PATH={bin}:\"$PATH\"; export PATH ;;\nesac");
    script
}

/// A program that calls the real one with that environment.
pub(super) fn wrapper(environment: &Path, program: &Path) -> String {
    format!(
        "#!/bin/sh\n# Made by deploy, which overwrites changes.\n# The client writes files that only its owner should read.\numask 077\n. {} || exit 1\nexec {} \"$@\"\n",
        quoted(&environment.display().to_string()),
        quoted(&program.display().to_string()),
    )
}

/// Whether a unit's scripts read this variable of whoever calls them.
pub(super) fn reads_variable(name: &str, secrets: &Secrets, unit: &Unit) -> bool {
    secrets_used(&unit.spec).iter().any(|secret| {
        matches!(secrets.spec(secret).map(|spec| &spec.source), Some(SecretSource::FromEnv(variable)) if variable == name)
    })
}

fn expression(part: &Part, secrets: &Secrets, world: &World) -> String {
    match part {
        Part::Literal(text) => quoted(text),
        // No variable of a client holds a URL with a secret in it.
        Part::Secret(name) | Part::UrlEncodedSecret(name) => secret(name, secrets, world),
        // Filled in before; a plan only shows it.
        Part::Output(reference) => quoted(&format!("({} of {})", reference.output, reference.unit)),
    }
}

/// A word that becomes the secret's value when the script runs.
fn secret(name: &SecretName, secrets: &Secrets, world: &World) -> String {
    let content_of = |path: &Path| format!("\"$(cat {})\"", quoted(&path.display().to_string()));
    match secrets.spec(name).map(|spec| &spec.source) {
        None | Some(SecretSource::Generate { .. } | SecretSource::Prompt) => {
            content_of(&secrets.store().folder().join(name.as_str()))
        }
        Some(SecretSource::FromFile(path)) => content_of(&world.current_folder.join(path)),
        Some(SecretSource::FromEnv(variable)) => format!("\"${{{variable}:?has to be set: {name}}}\""),
        Some(SecretSource::FromCommand(command)) => {
            let words: Vec<_> = command.iter().map(|word| quoted(word)).collect();
            format!("\"$(cd {} && {})\"", quoted(&world.current_folder.display().to_string()), words.join(" "))
        }
        // Whoever writes it into the deployment file has said that it need not be kept out of files.
        Some(SecretSource::Inline(value)) => quoted(value.expose_secret()),
    }
}

/// As one word of the shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::targets::local::testing::Ground;

    #[test]
    fn values_arrive_as_they_are_and_secrets_stay_out_of_the_file() {
        let ground = Ground::new();
        let secrets = ground.context().secrets;
        let name = SecretName::new("generated");
        let value = secrets.ensure(&name).unwrap().expose_secret().to_owned();
        let odd = "it's $HOME `date` \"x\" \\ *";
        let variables = BTreeMap::from([
            ("ODD".to_owned(), Text::literal(odd)),
            ("EMPTY".to_owned(), Text::literal("")),
            ("URL".to_owned(), Text::literal("a:").then(Text::secret(&name)).then("@b")),
        ]);
        let bin = ground.target.home.path().join("a b");
        let script = environment(&variables, &bin, &secrets, &ground.target.world);
        assert!(!script.contains(&value));
        let file = ground.target.home.path().join("environment.sh");
        std::fs::write(&file, &script).unwrap();
        let sourced =
            format!(". '{0}'; . '{0}'; printf '%s\\n' \"$ODD\" \"$EMPTY\" \"$URL\" \"$PATH\"", file.display());
        let output = Command::new("sh").arg("-c").arg(sourced).env("PATH", "/usr/bin:/bin").output().unwrap();
        let expected = format!("{odd}\n\na:{value}@b\n{}:/usr/bin:/bin\n", bin.display());
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    }
}
