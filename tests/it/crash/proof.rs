//! That a deployment has come out as it should, whatever happened on the way.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::picture::Picture;
use super::site::{NAME, Site};
use crate::support::Run;

/// Folders of units that hold data.
const DATA: [&str; 4] = ["database", "database/data", "artifact-store", "mlflow/artifacts"];
const MARKER: &str = "marker";
const USERS: &str = "SELECT id FROM user ORDER BY id";

/// What was there at a moment and must be there for ever after.
#[derive(Debug, Default, Clone)]
pub(super) struct Memory {
    secrets: BTreeMap<String, Vec<u8>>,
    /// Files that were put into folders of data.
    marked: Vec<PathBuf>,
    /// Ids of the users in the database, once it was whole.
    users: Option<Vec<String>>,
    /// A secret that was stored through the server.
    stored: Option<String>,
}

impl Memory {
    /// Looks at what is there and leaves marks in it.
    pub(super) fn of(site: &Site) -> Self {
        let whole = site.has_line("done database/schema");
        Self {
            secrets: site.secrets(),
            marked: DATA.iter().filter_map(|unit| mark(site, unit)).collect(),
            users: whole.then(|| users(site)).flatten(),
            stored: whole.then(|| store_secret(site)).flatten(),
        }
    }

    /// The same with what is there now.
    pub(super) fn and_now(self, site: &Site) -> Self {
        let mut now = Self::of(site);
        now.secrets.extend(self.secrets);
        now.marked.extend(self.marked);
        Self { users: self.users.or(now.users), stored: self.stored.or(now.stored), ..now }
    }

    /// Fails if anything of it is gone or has become something else.
    #[track_caller]
    pub(super) fn check_files(&self, site: &Site) {
        let now = site.secrets();
        for (name, value) in &self.secrets {
            assert!(now.get(name) == Some(value), "the secret {name} is not the same any more");
        }
        for path in &self.marked {
            assert!(path.exists(), "{} is gone: its folder was made a second time", path.display());
        }
    }

    #[track_caller]
    fn check_data(&self, site: &Site) {
        if let Some(before) = &self.users {
            assert_eq!(users(site).as_ref(), Some(before), "users are not the same any more");
        }
        if let Some(id) = &self.stored {
            let token = log_in(site, &site.secret("admin-password")).unwrap();
            let (status, secret) = ask(site, "GET", &format!("/api/v1/secrets/{id}"), Some(&token), &json!({}));
            assert_eq!((status, &secret["body"]["values"]["mark"]), (200, &json!("kept")), "{secret}");
        }
    }
}

fn mark(site: &Site, unit: &str) -> Option<PathBuf> {
    let folder = site.data(unit);
    let marker = folder.join(MARKER);
    folder.is_dir().then(|| std::fs::write(&marker, "").unwrap())?;
    Some(marker)
}

fn users(site: &Site) -> Option<Vec<String>> {
    if site.scenario.has_mysql() { site.ask_mysql("zenml", USERS) } else { site.ask_sqlite(USERS) }
}

/// None if there is no server to store it.
fn store_secret(site: &Site) -> Option<String> {
    if !site.scenario.has_server() || std::net::TcpStream::connect(("127.0.0.1", site.server_port)).is_err() {
        return None;
    }
    let token = log_in(site, &site.secret("admin-password"))?;
    let body = json!({ "name": "crash-marker", "private": false, "values": { "mark": "kept" } });
    let (status, secret) = ask(site, "POST", "/api/v1/secrets", Some(&token), &body);
    if status == 409 {
        let (_, page) = ask(site, "GET", "/api/v1/secrets?name=crash-marker", Some(&token), &json!({}));
        return page["items"][0]["id"].as_str().map(str::to_owned);
    }
    assert_eq!(status, 200, "{secret}");
    Some(secret["id"].as_str().unwrap().to_owned())
}

/// The token, or none if the login is refused.
pub(super) fn log_in(site: &Site, password: &str) -> Option<String> {
    let url = format!("{}/api/v1/login", site.url());
    let form = [("username", "admin"), ("password", password)];
    let (status, answer) = send(reqwest::Client::new().post(url).form(&form));
    match status {
        200 => Some(answer["access_token"].as_str().unwrap().to_owned()),
        401 => None,
        _ => panic!("the login was answered with {status}: {answer}"),
    }
}

pub(super) fn ask(site: &Site, method: &str, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let request = reqwest::Client::new().request(method.clone(), format!("{}{path}", site.url()));
    let request = if method == reqwest::Method::POST { request.json(body) } else { request };
    send(if let Some(token) = token { request.bearer_auth(token) } else { request })
}

fn send(request: reqwest::RequestBuilder) -> (u16, Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let answer = request.timeout(Duration::from_secs(20)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    })
}

/// Runs the real binary once more and checks everything that can be checked: it ends well and healthy, wants to change
/// nothing afterwards, all is there once, nothing was lost, and history tells what was interrupted.
#[track_caller]
pub(super) fn converges(site: &Site, whole: &Picture, memory: &Memory, deaths: &[String]) {
    let run = site.apply().succeeds();
    says_what_was_interrupted(&run, deaths.last());
    is_whole(site, whole, memory);
    tells_deaths(site, deaths);
}

/// As [`converges`], after a run that has ended well.
#[track_caller]
pub(super) fn is_whole(site: &Site, whole: &Picture, memory: &Memory) {
    site.call(&["plan", "--detailed-exitcode"]).run().succeeds();
    memory.check_files(site);
    memory.check_data(site);
    if site.scenario.has_server() {
        assert!(log_in(site, &site.secret("admin-password")).is_some(), "the administrator is refused");
        let token = log_in(site, &site.secret("admin-password")).unwrap();
        let (_, page) = ask(site, "GET", "/api/v1/users", Some(&token), &json!({}));
        assert_eq!(page["total"], 1, "{page}");
    }
    let seen = unmarked(site, memory, whole);
    assert!(seen.is_empty(), "it did not come out as an undisturbed run does:\n{}", seen.join("\n"));
}

/// The marks are ours; everything else has to be as it is after an undisturbed run.
pub(super) fn unmarked(site: &Site, memory: &Memory, whole: &Picture) -> Vec<String> {
    for path in &memory.marked {
        let _ = std::fs::remove_file(path);
    }
    let difference = whole.difference(&Picture::of(site));
    for path in &memory.marked {
        std::fs::write(path, "").unwrap();
    }
    difference
}

#[track_caller]
fn says_what_was_interrupted(run: &Run, death: Option<&String>) {
    let Some(death) = death.filter(|death| *death != "end") else { return };
    // A run that finds nothing to do has nothing to go on with.
    let expected = match death.strip_prefix("intent ") {
        Some(unit) => format!("in the middle of {unit}"),
        None => "going on after apply run".to_owned(),
    };
    let is_told = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ").contains(&expected);
    let had_work = !run.stdout.contains("unchanged");
    assert!(is_told || !had_work, "`{expected}` was expected\n{}", run.transcript());
}

/// History has one interrupted run for each death, and says in which step each was.
#[track_caller]
pub(super) fn tells_deaths(site: &Site, deaths: &[String]) {
    let history = site.call(&["history", "-o", "json"]).run().succeeds().json();
    let runs = history["runs"].as_array().unwrap();
    let interrupted: Vec<&Value> = runs.iter().rev().filter(|run| run["outcome"] == "interrupted").collect();
    // A run whose last line is on disk has come to its end.
    let expected: Vec<&String> = deaths.iter().filter(|death| *death != "end").collect();
    assert_eq!(interrupted.len(), expected.len(), "{NAME}: {history:#}");
    for (run, death) in interrupted.iter().zip(expected) {
        if let Some(unit) = death.strip_prefix("intent ") {
            let units = run["unfinished"].as_array().unwrap_or_else(|| panic!("{run}"));
            assert!(units.contains(&json!(unit)), "{run}");
        }
    }
}
