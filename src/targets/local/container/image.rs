//! Images: there already, or pulled.

use std::collections::BTreeMap;

use super::super::engine::Engine;
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::Context;

/// Makes sure that the engine has the image. Done before anything is stopped, since it can take long and can fail.
pub(in super::super) async fn ensure_image(engine: &Engine, image: &str, ctx: &Context) -> Result<(), Diagnostic> {
    if engine.ask(&["image", "inspect", "--format", "{{.Id}}", image], &BTreeMap::new()).await?.succeeded() {
        return Ok(());
    }
    (ctx.progress)(&format!("pulling {image}"));
    let (pull, no_secrets) = (["pull", "--quiet", image], BTreeMap::new());
    let pulled = tokio::select! {
        pulled = engine.ask_within(&pull, &no_secrets, ctx.time_limit) => pulled?,
        () = ctx.cancel.cancelled() => {
            return Err(Diagnostic::error(codes::RUN_CANCELLED, format!("pulling {image} was cancelled")));
        }
    };
    if pulled.succeeded() {
        return Ok(());
    }
    let mut diagnostic = engine.refused(&format!("to pull {image}"), &pulled);
    // Whatever the reason, it is the image that cannot be had; the reason is in the cause.
    diagnostic.code = codes::CONTAINER_NO_IMAGE;
    Err(diagnostic.at(image.to_owned()).changed("what ran before was left as it is"))
}
