//! Who may have a chart: TLS with authorities of one's own, passwords from every place, tokens. No secret comes out.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::{files, packed, pull, pulled};
use crate::support::{
    Asked, Expected, Registry, RegistryOptions, Reply, Run, SecretScanner, TestEnv, Web, digest, require,
};

const USER: &str = "ana";
/// With all that quoting gets wrong.
const PASSWORD: &str = r#"planted "pass" & +/%20 'w' :?#1"#;

fn guarded(tls: bool) -> Registry {
    let password = Some((USER.to_owned(), PASSWORD.to_owned()));
    let registry = Registry::start(RegistryOptions { tls, password, ..RegistryOptions::default() });
    registry.push_chart("charts/demo", "1.0.0", &packed("demo", "1.0.0", "a"));
    registry
}

fn auth(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

/// A file that holds the password of a registry, as docker writes it.
fn configuration(registry: &str, password: &str) -> String {
    json!({ "auths": { registry: { "auth": auth(USER, password) } } }).to_string()
}

fn scanner() -> SecretScanner {
    let pair: &'static str = Box::leak(auth(USER, PASSWORD).into_boxed_str());
    SecretScanner::new([("password", PASSWORD), ("header", pair)])
}

/// Nothing of the secret in what was printed or is kept, besides the files that gave it.
fn keeps_secrets(env: &TestEnv, run: &Run, allowed: &[PathBuf]) {
    let scanner = scanner();
    let mut finds = scanner.search_text("what was printed", run.transcript());
    finds.extend(scanner.search_folder(env.folder(), allowed));
    SecretScanner::assert_none(&finds);
}

#[test]
fn an_authority_that_nobody_knows_is_named() {
    require!("registry");
    let env = TestEnv::new();
    let registry = Registry::start(RegistryOptions { tls: true, ..RegistryOptions::default() });
    let chart = packed("demo", "1.0.0", "a");
    registry.push_chart("charts/demo", "1.0.0", &chart);
    let reference = registry.reference("charts/demo:1.0.0");
    pull(&env, &[&reference]).exits(1).tells(&Expected {
        code: "DEP-REGISTRY-003",
        place: &registry.address(),
        cause: "an authority that is not trusted",
        next: "--ca-file",
    });
    pull(&env, &[&reference, "--ca-file", &registry.authority().display().to_string()]).succeeds();
    assert_eq!(files(&pulled(&env)).remove(0).1, chart);
    pull(&env, &[&reference, "--insecure-skip-tls-verify"]).succeeds();
    // The right authority, but another name than the one in the certificate.
    let other = reference.replace("127.0.0.1", "localhost");
    let authority = registry.authority().display().to_string();
    let run = pull(&env, &[&other, "--ca-file", &authority]).exits(1);
    assert!(run.finding().title.contains("for another name"), "{}", run.transcript());
    let run = pull(&env, &[&reference, "--plain-http"]).exits(1);
    assert!(run.finding().next.contains("--plain-http"), "{}", run.transcript());
    let run = pull(&env, &[&reference, "--ca-file", "nowhere.pem"]).exits(1);
    assert_eq!(run.finding().code, "DEP-FILE-001");
    env.write("empty.pem", "nothing\n");
    pull(&env, &[&reference, "--ca-file", "empty.pem"]).exits(1);
}

/// A file of credentials, and the variable that leads to it.
type Place = (&'static str, Option<(&'static str, &'static str)>);

#[test]
fn a_password_from_each_place_opens_and_stays_secret() {
    require!("registry");
    let registry = guarded(true);
    let authority = registry.authority().display().to_string();
    let arguments = [registry.reference("charts/demo"), "--ca-file".to_owned(), authority];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let content = configuration(&registry.address(), PASSWORD);
    let places: [Place; 5] = [
        ("home/.docker/config.json", None),
        ("home/.config/helm/registry/config.json", None),
        ("docker/config.json", Some(("DOCKER_CONFIG", "docker"))),
        ("helm.json", Some(("HELM_REGISTRY_CONFIG", "helm.json"))),
        ("xdg/helm/registry/config.json", Some(("XDG_CONFIG_HOME", "xdg"))),
    ];
    for (file, variable) in places {
        let mut env = TestEnv::new();
        let path = env.write(file, &content);
        if let Some((name, value)) = variable {
            let value = env.folder().join(value);
            env.set(name, value);
        }
        let run = pull(&env, &[&arguments[..], &["-vv"]].concat()).succeeds();
        keeps_secrets(&env, &run, &[path]);
    }
    let env = TestEnv::new();
    let typed = [&arguments[..], &["--username", USER, "--password-stdin", "-vv"]].concat();
    let call = env.deploy(["chart", "pull", "--destination", "pulled"]).args(&typed);
    let run = call.variable("DEPLOY_LOG", "trace").input(format!("{PASSWORD}\n")).run().succeeds();
    keeps_secrets(&env, &run, &[]);
}

#[test]
fn a_helper_program_is_asked_without_secrets_in_its_arguments() {
    require!("registry");
    let registry = guarded(false);
    for (settings, key) in [
        (json!({ "credsStore": "planted" }), "credsStore"),
        (json!({ "credsStore": "other", "credHelpers": { (registry.address()): "planted" } }), "credHelpers"),
    ] {
        let mut env = TestEnv::new();
        env.write("home/.docker/config.json", &settings.to_string());
        let answer = json!({ "ServerURL": registry.address(), "Username": USER, "Secret": PASSWORD }).to_string();
        let answer_file = env.write("programs/answer", &answer);
        let helper = env.write(
            "programs/docker-credential-planted",
            "#!/bin/sh\necho \"$@\" >>\"$(dirname \"$0\")/arguments\"\nread server\necho \"$server\" >>\"$(dirname \"$0\")/arguments\"\ncat \"$(dirname \"$0\")/answer\"\n",
        );
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", env.folder().join("programs").display());
        env.set("PATH", path);
        let run = pull(&env, &[&registry.reference("charts/demo"), "--plain-http", "-vv"]).succeeds();
        let asked = std::fs::read_to_string(env.folder().join("programs/arguments")).unwrap();
        assert_eq!(asked, format!("get\n{}\n", registry.address()), "{key}");
        keeps_secrets(&env, &run, &[answer_file]);
    }
}

#[test]
fn helpers_that_fail_are_named() {
    require!("registry");
    let registry = guarded(false);
    let reference = registry.reference("charts/demo");
    let scripts = [
        ("echo 'credentials not found in native keychain'; exit 1", "DEP-REGISTRY-004", "401"),
        ("echo 'the keychain is locked'; exit 1", "DEP-REGISTRY-011", "the keychain is locked"),
        ("echo 'no JSON'", "DEP-REGISTRY-011", "not what such programs print"),
    ];
    for (script, code, cause) in scripts {
        let mut env = TestEnv::new();
        env.write("home/.docker/config.json", r#"{"credsStore":"planted"}"#);
        let helper = env.write("programs/docker-credential-planted", &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", env.folder().join("programs").display());
        env.set("PATH", path);
        let run = pull(&env, &[&reference, "--plain-http"]);
        let finding = run.finding();
        assert_eq!(finding.code, code, "{}", run.transcript());
        assert!(finding.cause.contains(cause), "{}", run.transcript());
    }
    let env = TestEnv::new();
    env.write("home/.docker/config.json", r#"{"credsStore":"missing"}"#);
    let finding = pull(&env, &[&reference, "--plain-http"]).exits(1).finding();
    assert!(finding.title.contains("docker-credential-missing"), "{finding:#?}");
    env.write("home/.docker/config.json", "{");
    let finding = pull(&env, &[&reference, "--plain-http"]).exits(1).finding();
    assert!(finding.title.contains(".docker/config.json"), "{finding:#?}");
}

#[test]
fn a_registry_that_denies_says_who_was_tried() {
    require!("registry");
    let registry = guarded(false);
    let reference = registry.reference("charts/demo:1.0.0");
    let env = TestEnv::new();
    let run = pull(&env, &[&reference, "--plain-http"]).exits(7);
    assert_eq!(run.finding().code, "DEP-REGISTRY-004");
    assert!(run.finding().cause.contains("401 Unauthorized: UNAUTHORIZED"), "{}", run.transcript());
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("tried: no credentials"), "{said}");
    assert!(said.contains(".docker/config.json") && said.contains("helm/registry/config.json"), "{said}");
    let path = env.write("home/.docker/config.json", &configuration(&registry.address(), "planted wrong password"));
    let run = pull(&env, &[&reference, "--plain-http"]).exits(7);
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("tried: user `ana` from") && said.contains(".docker/config.json"), "{said}");
    let scanner = SecretScanner::new([("wrong", "planted wrong password")]);
    let mut finds = scanner.search_text("what was printed", run.transcript());
    finds.extend(scanner.search_folder(env.folder(), &[path]));
    SecretScanner::assert_none(&finds);
    let run = env
        .deploy(["chart", "pull", &reference, "--plain-http", "--username", "eve", "--password-stdin"])
        .input("planted other password")
        .run()
        .exits(7);
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("tried: user `eve` from --username"), "{said}");
    env.deploy(["chart", "pull", &reference, "--plain-http", "--username", "eve", "--password-stdin"]).run().exits(1);
    env.deploy(["chart", "pull", &reference, "--plain-http", "--username", "eve"]).run().exits(64);
}

/// A service that gives out real tokens to whoever has the password.
struct TokenService {
    web: Web,
    signer: tempfile::NamedTempFile,
}

impl TokenService {
    fn start() -> Self {
        use aws_lc_rs::rand::SystemRandom;
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["tokens".to_owned()]).unwrap().self_signed(&key).unwrap();
        let mut signer = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut signer, certificate.pem().as_bytes()).unwrap();
        let chain = STANDARD.encode(certificate.der());
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der()).unwrap();
        let web = Web::serve(move |asked| {
            let by_password = asked.header("authorization") == format!("Basic {}", auth(USER, PASSWORD));
            let by_identity = asked.method == "POST" && asked.body.contains("refresh_token=planted-identity-token");
            if !by_password && !by_identity {
                return Reply::new(401, r#"{"details":"incorrect username or password"}"#);
            }
            let now = jiff::Timestamp::now().as_second();
            let claims = json!({
                "iss": "tests", "sub": USER, "aud": "of-the-tests", "exp": now + 300, "nbf": now - 10, "iat": now,
                "jti": "1",
                "access": [{ "type": "repository", "name": "charts/demo", "actions": ["pull", "push"] }],
            });
            let head = json!({ "typ": "JWT", "alg": "ES256", "x5c": [chain] });
            let signed = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
            let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
            Reply::new(200, json!({ "token": token }).to_string())
        });
        Self { web, signer }
    }

    fn asked(&self) -> Vec<Asked> {
        self.web.asked()
    }
}

#[test]
fn tokens_are_fetched_where_the_registry_says() {
    require!("registry");
    let service = TokenService::start();
    let tokens = Some((format!("{}/token", service.web.url()), service.signer.path().to_owned()));
    let registry = Registry::start(RegistryOptions { tokens, ..RegistryOptions::default() });
    let reference = registry.reference("charts/demo:1.0.0");
    let env = TestEnv::new();
    let run = pull(&env, &[&reference, "--plain-http"]).exits(7);
    assert!(run.finding().cause.contains("incorrect username or password"), "{}", run.transcript());
    let path = env.write("home/.docker/config.json", &configuration(&registry.address(), PASSWORD));
    // The registry lets us in and does not have it: the token was good.
    let run = pull(&env, &[&reference, "--plain-http", "-vv"]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-005", "{}", run.transcript());
    keeps_secrets(&env, &run, &[path]);
    let asked = service.asked().pop().unwrap();
    assert_eq!(asked.method, "GET");
    assert!(asked.path.contains("service=of-the-tests"), "{asked:?}");
    assert!(asked.path.contains("scope=repository%3Acharts%2Fdemo%3Apull"), "{asked:?}");
    let identity = json!({ "auths": { (registry.address()): { "identitytoken": "planted-identity-token" } } });
    env.write("home/.docker/config.json", &identity.to_string());
    let run = pull(&env, &[&reference, "--plain-http"]).exits(1);
    assert_eq!(run.finding().code, "DEP-REGISTRY-005", "{}", run.transcript());
    let asked = service.asked().pop().unwrap();
    assert_eq!(asked.method, "POST");
    assert!(asked.body.contains("grant_type=refresh_token"), "{asked:?}");
}

#[test]
fn a_server_that_repeats_what_it_was_sent_gives_no_secret_away() {
    let web = Web::serve(|asked| match asked.header("authorization") {
        "" => Reply::new(401, "who are you?").header("WWW-Authenticate", "Basic realm=\"x\""),
        sent => Reply::new(403, format!("not with {sent} nor with {PASSWORD}")),
    });
    let env = TestEnv::new();
    let reference = format!("oci://{}/charts/demo:1.0.0", web.address());
    let path = env.write("home/.docker/config.json", &configuration(&web.address(), PASSWORD));
    let run = pull(&env, &[&reference, "--plain-http"]).exits(7);
    assert!(run.finding().cause.contains("(secret of the registry)"), "{}", run.transcript());
    keeps_secrets(&env, &run, &[path]);
    let bearer = Web::serve(|asked| match asked.header("authorization") {
        "" => Reply::new(401, "").header("WWW-Authenticate", "Bearer realm=\"http://elsewhere.invalid/token\""),
        sent => Reply::new(403, sent),
    });
    let reference = format!("oci://{}/charts/demo:1.0.0", bearer.address());
    let config = json!({ "auths": { (bearer.address()): { "registrytoken": "planted-registry-token" } } }).to_string();
    let path = env.write("home/.docker/config.json", &config);
    let run = pull(&env, &[&reference, "--plain-http"]).exits(7);
    let scanner = SecretScanner::new([("token", "planted-registry-token")]);
    let mut finds = scanner.search_text("what was printed", run.transcript());
    finds.extend(scanner.search_folder(env.folder(), &[path]));
    SecretScanner::assert_none(&finds);
}

#[test]
fn a_password_does_not_follow_to_another_host() {
    let chart = packed("demo", "1.0.0", "a");
    let (content, length) = (digest(&chart), chart.len());
    let store = Web::serve(move |_| Reply::new(200, chart.clone()));
    let target = store.url();
    let web = Web::serve(move |asked| {
        if asked.header("authorization").is_empty() {
            Reply::new(401, "").header("WWW-Authenticate", "Basic realm=\"x\"")
        } else if asked.path.contains("/blobs/") {
            Reply::new(307, "").header("Location", &target.replace("127.0.0.1", "localhost"))
        } else {
            let manifest = json!({
                "schemaVersion": 2,
                "config": { "mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": content, "size": 2 },
                "layers": [{ "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": content, "size": length }],
            });
            Reply::new(200, manifest.to_string())
        }
    });
    let env = TestEnv::new();
    env.write("home/.docker/config.json", &configuration(&web.address(), PASSWORD));
    pull(&env, &[&format!("oci://{}/charts/demo:1.0.0", web.address()), "--plain-http"]).succeeds();
    assert_eq!(store.asked().len(), 1);
    assert_eq!(store.asked()[0].header("authorization"), "");
}
