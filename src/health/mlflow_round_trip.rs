//! An experiment and an artifact written and read through MLflow.
//!
//! MLflow never forgets an experiment: a deleted one keeps its name and its row until somebody runs `mlflow gc`. So
//! there is one experiment of ours, brought back and deleted again in each round, with a random tag to prove the
//! write; a new one per round would fill the database.

use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::check::Seen;
use super::http::Answer;
use super::mlflow::{refused, unanswered};
use super::round::{Asking, known};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::Alphabet;
use crate::unit::Text;

const NAME: &str = "deploy-health";
const TAG: &str = "deploy-health-marker";
const EXPERIMENTS: &str = "/api/2.0/mlflow/experiments";
const ARTIFACTS: &str = "/api/2.0/mlflow-artifacts/artifacts";

pub(super) async fn round_trip(asking: &Asking<'_>, url: &Text) -> Seen {
    let tracking = Tracking { asking, url: known(url)? };
    let marker = Alphabet::Hexadecimal.generate(24).map_err(no_randomness)?.expose_secret().to_owned();
    let id = tracking.experiment().await?;
    let kept = tracking.keeps_tag(&id, &marker).await;
    let deleted = tracking.post("delete", json!({ "experiment_id": id }), "MLflow does not delete an experiment").await;
    kept?;
    deleted?;
    let experiment = "kept an experiment and deleted it";
    Ok(match tracking.artifact(&marker).await? {
        Served::Yes => format!("{experiment}; kept an artifact and deleted it"),
        Served::No => format!("{experiment}; it serves no artifacts"),
    })
}

fn no_randomness(error: getrandom::Error) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(codes::INTERNAL, "the system gives no randomness").cause(error.to_string()))
}

/// Whether artifacts go through MLflow; otherwise clients write to the bucket themselves.
enum Served {
    Yes,
    No,
}

struct Tracking<'a> {
    asking: &'a Asking<'a>,
    url: String,
}

impl Tracking<'_> {
    /// Our one experiment, made or brought back, by its id.
    async fn experiment(&self) -> Result<String, Box<Diagnostic>> {
        let Some(found) = self.find().await? else {
            let made = self.post("create", json!({ "name": NAME }), "MLflow does not create an experiment").await?;
            return made
                .get("experiment_id")
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(|| self.lost("it gave no id to a new experiment"));
        };
        let field =
            |name: &str| found.pointer(&format!("/experiment/{name}")).and_then(Value::as_str).map(str::to_owned);
        let id = field("experiment_id").ok_or_else(|| self.lost("an experiment has no id"))?;
        if field("lifecycle_stage").as_deref() == Some("deleted") {
            self.post("restore", json!({ "experiment_id": id }), "MLflow does not bring an experiment back").await?;
        }
        Ok(id)
    }

    async fn keeps_tag(&self, id: &str, marker: &str) -> Result<(), Box<Diagnostic>> {
        let tag = json!({ "experiment_id": id, "key": TAG, "value": marker });
        self.post("set-experiment-tag", tag, "MLflow does not store a tag of an experiment").await?;
        let found = self.find().await?.ok_or_else(|| self.lost("an experiment that was just written is not found"))?;
        let tags = found.pointer("/experiment/tags").and_then(Value::as_array).cloned().unwrap_or_default();
        if tags.iter().any(|tag| tag.get("key") == Some(&json!(TAG)) && tag.get("value") == Some(&json!(marker))) {
            return Ok(());
        }
        Err(self.lost("a tag that was just written is not found"))
    }

    async fn find(&self) -> Result<Option<Value>, Box<Diagnostic>> {
        let path = format!("{EXPERIMENTS}/get-by-name?experiment_name={NAME}");
        let title = "MLflow does not read its experiments";
        let answer = self.send(Method::GET, &path, None, title).await?;
        match (answer.is_good(), answer.status) {
            (true, _) => Ok(answer.json()),
            (false, 404) => Ok(None),
            _ => Err(refused(self.asking, &answer, title).await),
        }
    }

    async fn post(&self, verb: &str, body: Value, title: &str) -> Result<Value, Box<Diagnostic>> {
        let answer = self
            .send(Method::POST, &format!("{EXPERIMENTS}/{verb}"), Some(body.to_string().into_bytes()), title)
            .await?;
        if answer.is_good() {
            Ok(answer.json().unwrap_or(Value::Null))
        } else {
            Err(refused(self.asking, &answer, title).await)
        }
    }

    async fn artifact(&self, marker: &str) -> Result<Served, Box<Diagnostic>> {
        let path = format!("{ARTIFACTS}/{NAME}/{marker}.txt");
        let title = "MLflow does not store an artifact";
        let stored = self.send(Method::PUT, &path, Some(marker.as_bytes().to_vec()), title).await?;
        // Said by `--no-serve-artifacts`, in the words and with the status of its releases.
        if !stored.is_good() && stored.text().contains("serve-artifacts") {
            return Ok(Served::No);
        }
        if !stored.is_good() {
            return Err(refused(self.asking, &stored, title).await);
        }
        let read = self.send(Method::GET, &path, None, "MLflow does not give back an artifact").await;
        let deleted = self.send(Method::DELETE, &path, None, "MLflow does not delete an artifact").await;
        let (read, deleted) = (read?, deleted?);
        if !read.is_good() || read.body != marker.as_bytes() {
            return Err(refused(self.asking, &read, "MLflow does not give back the artifact that it stored").await);
        }
        if !deleted.is_good() {
            return Err(refused(self.asking, &deleted, "MLflow does not delete an artifact").await);
        }
        Ok(Served::Yes)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        title: &str,
    ) -> Result<Answer, Box<Diagnostic>> {
        let mut request = self.asking.http.request(method, &self.url, path)?;
        if let Some(body) = body {
            let content_type =
                if path.starts_with(ARTIFACTS) { "application/octet-stream" } else { "application/json" };
            request = request.header("content-type", content_type).body(body);
        }
        match self.asking.http.send(request).await {
            Ok(answer) => Ok(answer),
            Err(none) => Err(unanswered(self.asking, none, title).await),
        }
    }

    fn lost(&self, cause: &str) -> Box<Diagnostic> {
        let finding =
            Diagnostic::error(codes::HEALTH_MLFLOW_ROUND_TRIP, "MLflow does not keep what it is given").at(&self.url);
        Box::new(finding.cause(cause).next("deploy logs mlflow shows what its stores said"))
    }
}
