//! A server over plain TCP that says what it is told to say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

type Fixed = Arc<Mutex<BTreeMap<String, (u16, Value)>>>;

/// Answers like a ZenML server, except where told otherwise.
pub(super) struct Double {
    pub(super) url: String,
    calls: Arc<Mutex<Vec<String>>>,
    fixed: Fixed,
}

impl Double {
    /// A healthy server with one administrator.
    pub(super) async fn zenml(password: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let double = Self { url, calls: Arc::default(), fixed: Arc::default() };
        let (calls, fixed, password) = (Arc::clone(&double.calls), Arc::clone(&double.fixed), password.to_owned());
        let secret: Arc<Mutex<Value>> = Arc::default();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (calls, fixed, password, secret) =
                    (Arc::clone(&calls), Arc::clone(&fixed), password.clone(), Arc::clone(&secret));
                tokio::spawn(async move {
                    let Some((stream, call, body)) = read(stream).await else { return };
                    let path = call.split('?').next().unwrap_or_default().to_owned();
                    calls.lock().unwrap().push(path.clone());
                    let told = fixed.lock().unwrap().get(&path).cloned();
                    let (status, answer) = told.unwrap_or_else(|| zenml(&path, &body, &password, &secret));
                    write(stream, status, &answer).await;
                });
            }
        });
        double
    }

    /// Says this instead.
    pub(super) fn answer(&self, call: &str, status: u16, body: &Value) {
        self.fixed.lock().unwrap().insert(call.to_owned(), (status, body.clone()));
    }

    pub(super) fn calls(&self, call: &str) -> usize {
        self.all_calls().iter().filter(|made| *made == call).count()
    }

    pub(super) fn all_calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

fn zenml(call: &str, body: &str, password: &str, secret: &Mutex<Value>) -> (u16, Value) {
    let stored = || {
        let body: Value = serde_json::from_str(body).unwrap();
        *secret.lock().unwrap() = body["values"].clone();
        (200, json!({ "id": "id-1" }))
    };
    match call {
        "GET /health" | "GET /ready" => (200, json!("ok")),
        "GET /api/v1/info" => (
            200,
            json!({"version": "0.98.0", "active": true, "database_type": "mysql", "secrets_store_type": "sql", "auth_scheme": "OAUTH2_PASSWORD_BEARER"}),
        ),
        "POST /api/v1/login" if body == format!("username=admin&password={password}") => {
            (200, json!({"access_token": "token-of-the-double", "token_type": "bearer"}))
        }
        "POST /api/v1/login" => {
            (401, json!({"detail": ["CredentialsNotValid", "Authentication error: invalid username or password"]}))
        }
        "GET /api/v1/current-user" => (200, json!({"name": "admin", "id": "user-1"})),
        "GET /api/v1/workspaces/default" => (200, json!({"id": "workspace-1"})),
        "POST /api/v1/secrets" => stored(),
        "POST /api/v1/workspaces/default/secrets"
            if body.contains("\"user\":\"user-1\"") && body.contains("\"workspace\":\"workspace-1\"") =>
        {
            stored()
        }
        "GET /api/v1/secrets" => (
            200,
            json!({"items": [{"id": "left-over", "name": "deploy-health-1", "body": {"created": "2020-01-01T00:00:00"}}]}),
        ),
        "GET /api/v1/secrets/id-1" => (200, json!({"body": {"values": *secret.lock().unwrap()}})),
        call if call.starts_with("DELETE /api/v1/secrets/") => (200, Value::Null),
        call if call.starts_with("GET /api/") => (404, json!({"detail": "Not Found"})),
        // Every other page is the dashboard's own.
        _ => (200, json!({"html": "<!doctype html><script src=/assets/index.js></script>"})),
    }
}

/// One request: method and path, body. Every connection is used once.
async fn read(mut stream: TcpStream) -> Option<(TcpStream, String, String)> {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        let count = stream.read(&mut chunk).await.ok()?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok())
                .unwrap_or(0);
            if body.len() >= length {
                let call = head.lines().next()?.rsplit_once(' ')?.0.to_owned();
                return Some((stream, call, body.to_owned()));
            }
        }
        if count == 0 {
            return None;
        }
    }
}

async fn write(mut stream: TcpStream, status: u16, answer: &Value) {
    let (content_type, body) = match answer.get("html").and_then(Value::as_str) {
        Some(html) => ("text/html", html.to_owned()),
        None => ("application/json", answer.to_string()),
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\ndate: Fri, 20 Nov 2026 18:22:32 GMT\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
}
