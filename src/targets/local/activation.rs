//! The server's administrator: there, with our password, and no way in without one.

mod api;

use async_trait::async_trait;
use secrecy::SecretString;

use self::api::{ApiError, Login, Server};
use super::target::{LocalTarget, spec};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::local::Activation;
use crate::unit::{
    Context, DataFate, Deleted, Driver, DriverError, DriverResult, Observation, Outputs, Owned, Spec as _, Unit, reveal,
};

/// The user that a local client makes in its own store, with an empty password.
const CLIENTS_USER: &str = "default";
/// The output of an administrator that was made, or found and let in.
const USERNAME: &str = "username";

/// Driver of [`Activation`].
pub(super) struct ActivationDriver(pub(super) LocalTarget);

#[async_trait]
impl Driver for ActivationDriver {
    fn kind(&self) -> &'static str {
        Activation::KIND
    }

    async fn observe(&self, unit: &Unit, ctx: &Context) -> DriverResult<Observation> {
        let Observation::Present(mut present) = self.0.recorded(unit, |_| None)? else {
            return Ok(Observation::Absent);
        };
        // The address of the last run: the wanted one may be open while a plan is made.
        let applied: Activation = spec(&Unit { spec: present.spec.clone(), ..unit.clone() })?;
        let Some(url) = applied.url.known() else { return Ok(Observation::Present(present)) };
        if present.broken.is_none() {
            present.broken = look(&Server::new(&url)?, &applied, ctx).await?;
        }
        Ok(Observation::Present(present))
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let wanted: Activation = spec(unit)?;
        let was_ours =
            self.0.records().read(&unit.id)?.is_some_and(|owned| owned.present.outputs.contains_key(USERNAME));
        self.0.claim(unit, ctx)?;
        let url = wanted.url.known().ok_or_else(|| {
            Diagnostic::error(codes::INTERNAL, format!("the server's address is not known: {}", wanted.url.describe()))
        })?;
        let server = Server::new(&url)?;
        let work = Work { server: &server, wanted: &wanted, ctx };
        let token = work.administrator(was_ours).await?;
        work.close_clients_user(&token).await?;
        let info = server.info().await.map_err(|error| failed(&server, &error))?;
        if info.name != wanted.server_name {
            server.rename(&token, &wanted.server_name).await.map_err(|error| failed(&server, &error))?;
        }
        let outputs = Outputs::from([(USERNAME.to_owned(), wanted.username.clone())]);
        self.0.records().write(unit, &outputs, ctx)?;
        Ok(outputs)
    }

    /// The account is in the database and goes with it.
    async fn delete(&self, owned: &Owned, _data: DataFate, _ctx: &Context) -> DriverResult<Deleted> {
        self.0.records().remove(&owned.unit.id)?;
        Ok(Deleted::default())
    }
}

/// What is wrong with a server that was activated earlier; nothing, as far as can be seen, while it is stopped.
async fn look(server: &Server, applied: &Activation, ctx: &Context) -> Result<Option<String>, Diagnostic> {
    let Ok(info) = server.info().await else { return Ok(None) };
    if !info.active {
        return Ok(Some("the server has no administrator: anyone who reaches it can claim it".to_owned()));
    }
    let password = reveal(&applied.password, &ctx.secrets)?;
    Ok(match server.log_in(&applied.username, &password).await {
        Ok(Login::Refused) => Some(format!("the server refuses the login of `{}`", applied.username)),
        Ok(Login::Token(_)) | Err(_) => None,
    })
}

struct Work<'a> {
    server: &'a Server,
    wanted: &'a Activation,
    ctx: &'a Context,
}

impl Work<'_> {
    /// Sees to it that our administrator can log in, and logs in.
    async fn administrator(&self, was_ours: bool) -> DriverResult<api::Token> {
        let Activation { username, server_name, .. } = self.wanted;
        let password = reveal(&self.wanted.password, &self.ctx.secrets)?;
        let ask = |error: ApiError| failed(self.server, &error);
        if !self.server.info().await.map_err(ask)?.active {
            (self.ctx.progress)("activating the server");
            // Refused if somebody else was faster; the login below shows who.
            self.server.activate(server_name, username, &password).await.map_err(ask)?;
        }
        if let Login::Token(token) = self.server.log_in(username, &password).await.map_err(ask)? {
            return Ok(token);
        }
        if let Some(token) = self.change_kept_password(&password).await? {
            return Ok(token);
        }
        // A store that a local client made, and a server on it that was started before its user was closed.
        let empty = SecretString::from("");
        if let Login::Token(token) = self.server.log_in(CLIENTS_USER, &empty).await.map_err(ask)? {
            (self.ctx.progress)("making the administrator");
            if username == CLIENTS_USER {
                self.server.set_own_password(&token, &empty, &password).await.map_err(ask)?;
            } else {
                self.server.create_administrator(&token, username, &password).await.map_err(ask)?;
            }
            if let Login::Token(token) = self.server.log_in(username, &password).await.map_err(ask)? {
                return Ok(token);
            }
        }
        Err(refused(self.server, username, was_ours).into())
    }

    /// A password that was generated or typed first and has another source now: the kept one still opens the account,
    /// and the new one takes its place.
    async fn change_kept_password(&self, new: &SecretString) -> DriverResult<Option<api::Token>> {
        let ask = |error: ApiError| failed(self.server, &error);
        let username = &self.wanted.username;
        for name in self.wanted.password.secrets() {
            let Some(old) = self.ctx.secrets.store().read(name)? else { continue };
            if let Login::Token(token) = self.server.log_in(username, &old).await.map_err(ask)? {
                (self.ctx.progress)("changing the administrator's password");
                self.server.set_own_password(&token, &old, new).await.map_err(ask)?;
                if let Login::Token(token) = self.server.log_in(username, new).await.map_err(ask)? {
                    return Ok(Some(token));
                }
            }
        }
        Ok(None)
    }

    /// Nobody logs in without a password.
    async fn close_clients_user(&self, token: &api::Token) -> DriverResult<()> {
        let ask = |error: ApiError| failed(self.server, &error);
        if let Login::Token(_) = self.server.log_in(CLIENTS_USER, &String::new().into()).await.map_err(ask)? {
            (self.ctx.progress)("closing the account without a password");
            self.server.deactivate(token, CLIENTS_USER).await.map_err(ask)?;
        }
        Ok(())
    }
}

fn refused(server: &Server, username: &str, was_ours: bool) -> Diagnostic {
    let (code, title) = if was_ours {
        (codes::SERVER_LOGIN_REFUSED, format!("the server refuses the login of its administrator `{username}`"))
    } else {
        (codes::SERVER_ACTIVATED_ELSEWHERE, "the server was activated by someone else".to_owned())
    };
    let diagnostic = Diagnostic::error(code, title)
        .at(server.address())
        .cause(format!("it is active, and `{username}` with this deployment's password is refused"))
        .changed("nothing was changed");
    if was_ours {
        diagnostic.next("if its password was changed on the server, give the new one as `server.adminPassword`").next(
            "if `server.adminPassword` was changed: log in with the old one, change it there too, then: deploy apply",
        )
    } else {
        diagnostic
            .next("if this is your server: give its administrator as `server.adminUsername` and `server.adminPassword`")
            .next("if not, somebody claimed it: stop it, and find out who reached it before it is used again")
    }
}

/// A question that was not answered as expected. Connections that fail and servers that are busy pass by themselves.
fn failed(server: &Server, error: &ApiError) -> DriverError {
    let diagnostic = Diagnostic::error(codes::SERVER_NOT_READY, "the server does not answer as it should")
        .at(server.address())
        .cause(error.to_string())
        .next("deploy logs server");
    match error {
        ApiError::Unreachable(_) => DriverError::transient(diagnostic),
        ApiError::Answered { status, .. } if *status >= 500 => DriverError::transient(diagnostic),
        ApiError::Answered { .. } | ApiError::Unreadable(_) => diagnostic.into(),
    }
}
