//! The servers' own interfaces, spoken without any of our code: what a vendor's client would see.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    /// Fails with what was said unless the request succeeded.
    #[track_caller]
    pub fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text);
        serde_json::from_str(&self.text).unwrap_or(Value::String(self.text))
    }
}

/// Asks for a page as `curl` does.
pub fn get(url: &str) -> Answer {
    send(client().get(url))
}

/// A ZenML server, with a user logged in.
pub struct Zenml {
    url: String,
    token: String,
}

impl Zenml {
    /// Logs in; the status of the refusal if there is one.
    pub fn log_in(url: &str, user: &str, password: &str) -> Result<Self, u16> {
        let form = [("username", user), ("password", password)];
        let answer = send(client().post(format!("{url}/api/v1/login")).form(&form));
        if answer.status != 200 {
            return Err(answer.status);
        }
        let token = answer.good()["access_token"].as_str().unwrap().to_owned();
        Ok(Self { url: url.to_owned(), token })
    }

    fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let request = client().request(method, format!("{}/api/v1/{path}", self.url)).bearer_auth(&self.token);
        send(body.iter().fold(request, reqwest::RequestBuilder::json)).good()
    }

    /// Keeps a secret with one value named `value`; its id.
    pub fn create_secret(&self, name: &str, value: &str) -> String {
        let body = json!({ "name": name, "private": false, "values": { "value": value } });
        self.call(Method::POST, "secrets", Some(&body))["id"].as_str().unwrap().to_owned()
    }

    /// The value of a secret, found by its name.
    pub fn secret(&self, name: &str) -> Option<String> {
        let found = self.call(Method::GET, &format!("secrets?name={name}"), None);
        let id = found["items"][0]["id"].as_str()?.to_owned();
        let secret = self.call(Method::GET, &format!("secrets/{id}"), None);
        secret["body"]["values"]["value"].as_str().map(str::to_owned)
    }

    /// Name of the user who is logged in, and whether he is an administrator.
    pub fn user(&self) -> (String, bool) {
        let user = self.call(Method::GET, "current-user", None);
        (user["name"].as_str().unwrap().to_owned(), user["body"]["is_admin"] == true)
    }
}

fn client() -> Client {
    Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap()
}

fn send(request: RequestBuilder) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let answer = request.send().await.unwrap();
        Answer { status: answer.status().as_u16(), text: answer.text().await.unwrap() }
    })
}
