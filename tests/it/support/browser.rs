//! A real browser, to see whether a dashboard draws.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use super::{Setup, artefacts};

/// How long a page may take to draw. The browser's own clock runs ahead of it while nothing happens.
const PATIENCE: Duration = Duration::from_secs(15);

/// Chromium without a window. Check first: `require!("chromium")`.
pub struct Browser {
    program: PathBuf,
    profile: tempfile::TempDir,
}

impl Browser {
    pub fn new() -> Self {
        let program = Setup::get().path("DEPLOY_TEST_CHROMIUM").expect("no browser").to_owned();
        Self { program, profile: tempfile::tempdir().unwrap() }
    }

    /// The page's document after its scripts have run. Also kept as `target/test-artefacts/NAME.html`.
    pub fn document(&self, name: &str, url: &str) -> String {
        let output = self.call("--dump-dom", url);
        let document = String::from_utf8_lossy(&output.stdout).into_owned();
        std::fs::write(artefacts().join(format!("{name}.html")), &document).unwrap();
        document
    }

    /// A picture of the page: `target/test-artefacts/NAME.png`.
    pub fn picture(&self, name: &str, url: &str) -> PathBuf {
        let path = artefacts().join(format!("{name}.png"));
        let _ = std::fs::remove_file(&path);
        self.call(&format!("--screenshot={}", path.display()), url);
        assert!(path.exists(), "the browser made no picture of {url}");
        path
    }

    fn call(&self, what: &str, url: &str) -> Output {
        let mut command = Command::new("timeout");
        command.arg("120").arg(&self.program);
        // Root has no sandbox for a browser, and machines of CI have little shared memory.
        command.args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ]);
        // It is to talk to the page and to nobody else.
        command.args([
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]);
        command.arg("--window-size=1280,800").arg(format!("--virtual-time-budget={}", PATIENCE.as_millis()));
        command.arg(format!("--user-data-dir={}", self.profile.path().display()));
        let output = command.arg(what).arg(url).output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the browser ended with {}:\n{talk}", output.status);
        output
    }
}

/// The dashboard's page asks who you are, with a picture of it kept. Where there is no browser, this part of the test
/// is left out.
pub fn browser_shows_login(name: &str, url: &str) {
    super::require!("chromium");
    let (browser, page) = (Browser::new(), format!("{url}/login"));
    let document = browser.document(name, &page);
    for field in [r#"name="username""#, r#"name="password""#, "Log in to your account"] {
        assert!(document.contains(field), "{field} is not on {page}:\n{document}");
    }
    let path = browser.picture(name, &page);
    println!("{page} looks like {}", path.display());
    let picture = std::fs::read(path).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 20_000, "{} bytes", picture.len());
}

#[test]
fn scripts_of_a_page_run() {
    super::require!("chromium");
    let page = "<body>raw<script>document.body.innerHTML = '<form><input name=\"username\"></form>'</script>";
    let file = tempfile::Builder::new().suffix(".html").tempfile().unwrap();
    std::fs::write(file.path(), page).unwrap();
    let url = format!("file://{}", file.path().display());
    let browser = Browser::new();
    let document = browser.document("support-page", &url);
    assert!(document.contains(r#"<input name="username">"#), "{document}");
    let picture = browser.picture("support-page", &url);
    assert!(std::fs::read(picture).unwrap().starts_with(b"\x89PNG"));
}
