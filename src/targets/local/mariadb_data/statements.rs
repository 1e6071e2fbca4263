//! What is said to a database before anyone can reach it.

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// Users and databases of a private database.
pub(super) struct Accounts {
    pub(super) users: Vec<Account>,
    /// Names of users that shall be gone.
    pub(super) dropped: Vec<String>,
    pub(super) root_password: SecretString,
}

/// A user, and the database that is his alone.
pub(super) struct Account {
    pub(super) database: String,
    pub(super) username: String,
    pub(super) password: SecretString,
}

impl Accounts {
    /// Statements for a server in bootstrap mode, which reads them from standard input and opens neither socket nor
    /// port. They can be said again to a folder that was made before: then they set the passwords anew.
    ///
    /// Users without a password, which `mariadb-install-db` makes for the host's name, are removed; an anonymous
    /// user would also hide the one that is made here from connections of this machine.
    pub(super) fn statements(&self) -> SecretString {
        let mut all = Zeroizing::new(String::new());
        let mut say = |statement: &str| {
            all.push_str(statement);
            all.push_str(";\n");
        };
        // Bootstrap mode starts without users; from here on there are some.
        say("FLUSH PRIVILEGES");
        say(&Zeroizing::new(format!(
            "ALTER USER 'root'@'localhost' IDENTIFIED BY {}",
            secret(&self.root_password).as_str()
        )));
        say("DELETE FROM mysql.global_priv WHERE User = ''");
        say("DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost'");
        say("FLUSH PRIVILEGES");
        for username in &self.dropped {
            say(&format!("DROP USER IF EXISTS {}@'%'", text(username)));
        }
        for Account { database, username, password } in &self.users {
            let user = format!("{}@'%'", text(username));
            // Replaced, so that rights which an earlier release gave are gone.
            let made = format!("CREATE OR REPLACE USER {user} IDENTIFIED BY {} REQUIRE SSL", secret(password).as_str());
            say(&Zeroizing::new(made));
            say(&format!(
                "CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
                name(database)
            ));
            say(&format!("GRANT ALL ON {}.* TO {user}", name(&pattern(database))));
        }
        say("FLUSH PRIVILEGES");
        SecretString::from(all.as_str())
    }
}

/// As a text in SQL.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

fn secret(value: &SecretString) -> Zeroizing<String> {
    Zeroizing::new(text(value.expose_secret()))
}

/// As the name of a thing in SQL.
fn name(value: &str) -> String {
    format!("`{}`", value.replace('`', "``"))
}

/// In a GRANT, a database's name is a pattern: `zenml_a` would also stand for `zenmlXa`.
fn pattern(database: &str) -> String {
    database.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_quotes() {
        let account = Account {
            database: "zen_ml`x".into(),
            username: "o'brien".into(),
            password: SecretString::from(r"it's \; DROP"),
        };
        let accounts =
            Accounts { users: vec![account], dropped: vec!["ann'a".into()], root_password: SecretString::from("r") };
        let all = accounts.statements().expose_secret().to_owned();
        assert!(all.contains(r"CREATE OR REPLACE USER 'o''brien'@'%' IDENTIFIED BY 'it''s \\; DROP' REQUIRE SSL;"));
        assert!(all.contains("DROP USER IF EXISTS 'ann''a'@'%';"));
        assert!(all.contains(r"GRANT ALL ON `zen\_ml``x`.* TO 'o''brien'@'%';"));
        assert!(all.contains("CREATE DATABASE IF NOT EXISTS `zen_ml``x` "));
        assert!(all.lines().all(|line| line.ends_with(';')));
    }
}
