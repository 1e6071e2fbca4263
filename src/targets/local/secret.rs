//! Secrets that have to have a value before others use it.

use async_trait::async_trait;

use super::target::{LocalTarget, spec};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::SecretSource;
use crate::unit::local::Secret;
use crate::unit::{Context, DataFate, Deleted, Driver, DriverResult, Observation, Outputs, Owned, Spec as _, Unit};

/// Driver of [`Secret`].
pub(super) struct SecretDriver(pub(super) LocalTarget);

#[async_trait]
impl Driver for SecretDriver {
    fn kind(&self) -> &'static str {
        Secret::KIND
    }

    async fn observe(&self, unit: &Unit, ctx: &Context) -> DriverResult<Observation> {
        let secret: Secret = spec(unit)?;
        let has_value = ctx.secrets.peek(&secret.name)?.is_some();
        let Observation::Present(mut present) = self.0.recorded(unit, |_| None)? else {
            return Ok(Observation::Absent);
        };
        if !has_value && present.broken.is_none() {
            if is_generated(&secret, ctx) {
                // A new value would silently cut off everything that was encrypted or made with the old one.
                return Err(lost(&secret, ctx).into());
            }
            present.broken = Some("its value is gone".to_owned());
        }
        Ok(Observation::Present(present))
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let secret: Secret = spec(unit)?;
        self.0.claim(unit, ctx)?;
        ctx.secrets.ensure(&secret.name)?;
        let outputs = Outputs::new();
        self.0.records().write(unit, &outputs, ctx)?;
        Ok(outputs)
    }

    async fn delete(&self, owned: &Owned, data: DataFate, ctx: &Context) -> DriverResult<Deleted> {
        let secret: Secret = spec(&owned.unit)?;
        let store = ctx.secrets.store();
        let is_kept = store.read(&secret.name)?.is_some();
        if is_kept && data == DataFate::Keep {
            self.0.records().keep(owned)?;
            return Ok(Deleted { kept: vec![format!("the secret {}", secret.name)] });
        }
        store.delete(&secret.name).map_err(|error| super::record::unwritable(store.folder(), &error))?;
        self.0.records().remove(&owned.unit.id)?;
        Ok(Deleted::default())
    }
}

fn is_generated(secret: &Secret, ctx: &Context) -> bool {
    ctx.secrets.spec(&secret.name).is_none_or(|spec| matches!(spec.source, SecretSource::Generate { .. }))
}

fn lost(secret: &Secret, ctx: &Context) -> Diagnostic {
    let path = ctx.secrets.store().folder().join(secret.name.as_str());
    Diagnostic::error(codes::SECRET_STORE_BROKEN, format!("the kept value of the secret `{}` is gone", secret.name))
        .at(path.display().to_string())
        .cause(format!("it was made earlier ({}), and its file is not there any more", secret.purpose))
        .note("a new value is not made by itself: whatever was encrypted or set up with the old one would be lost")
        .changed("nothing was changed")
        .next("restore the file from a backup")
        .next("or give up the old data: `deploy destroy --delete-data`, then `deploy apply`")
}

#[cfg(test)]
mod tests {
    use super::super::testing::Ground;
    use super::*;
    use crate::secrets::SecretName;

    fn unit(name: &str) -> Unit {
        let spec = Secret { name: SecretName::new(name), source: "generated".into(), purpose: "test".into() };
        Ground::unit("secret/x", &spec)
    }

    #[tokio::test]
    async fn a_generated_secret_is_made_once_and_never_made_again_by_itself() {
        let ground = Ground::new();
        let driver = SecretDriver(ground.target.clone());
        let unit = unit("generated");
        let ctx = ground.context();
        assert_eq!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Absent);
        driver.apply(&unit, &ctx).await.unwrap();
        assert!(matches!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Present(p) if p.broken.is_none()));
        std::fs::remove_file(ctx.secrets.store().folder().join("generated")).unwrap();
        let error = driver.observe(&unit, &ground.context()).await.unwrap_err();
        assert_eq!(error.diagnostic.code, codes::SECRET_STORE_BROKEN);
    }

    #[tokio::test]
    async fn a_missing_variable_is_said_while_planning() {
        let ground = Ground::new();
        let driver = SecretDriver(ground.target.clone());
        let error = driver.observe(&unit("from-variable"), &ground.context()).await.unwrap_err();
        assert_eq!(error.diagnostic.code, codes::SECRET_SOURCE_EMPTY);
        assert!(error.diagnostic.cause.unwrap().contains("NOT_THERE"));
    }

    #[tokio::test]
    async fn values_go_only_with_the_data() {
        let ground = Ground::new();
        let driver = SecretDriver(ground.target.clone());
        let ctx = ground.context();
        driver.apply(&unit("generated"), &ctx).await.unwrap();
        let owned = ground.owned("secret/x");
        let kept = driver.delete(&owned, DataFate::Keep, &ctx).await.unwrap().kept;
        assert_eq!(kept, ["the secret generated"]);
        assert!(ctx.secrets.store().read(&SecretName::new("generated")).unwrap().is_some());
        driver.delete(&owned, DataFate::Delete, &ctx).await.unwrap();
        assert!(ctx.secrets.store().read(&SecretName::new("generated")).unwrap().is_none());
        assert!(ground.target.records().read(&owned.unit.id).unwrap().is_none());
    }
}
