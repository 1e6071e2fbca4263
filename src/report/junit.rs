//! JUnit XML of health rounds, as CI systems read it: one suite per part of the deployment.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::health::{Check, Round};
use crate::scenario::Component;

/// The document. Each round is a case of its own under each name, so that a failure in one of ten is seen.
pub fn junit(deployment: &str, rounds: &[Round]) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new(format!("deploy health {deployment}"));
    report.set_time(Duration::from_secs_f64(rounds.iter().map(|round| round.seconds).sum()));
    let mut suites: Vec<(Component, TestSuite)> = Vec::new();
    for (index, round) in rounds.iter().enumerate() {
        for check in &round.checks {
            let place = suites.iter().position(|(component, _)| *component == check.component).unwrap_or_else(|| {
                suites.push((check.component, TestSuite::new(check.component.as_str())));
                suites.len() - 1
            });
            let name =
                if rounds.len() == 1 { check.name.clone() } else { format!("{} (round {})", check.name, index + 1) };
            suites[place].1.add_test_case(case(name, check));
        }
    }
    report.add_test_suites(suites.into_iter().map(|(_, mut suite)| {
        let time = suite.test_cases.iter().filter_map(|case| case.time).sum();
        suite.set_time(time);
        suite
    }));
    report.to_string()
}

fn case(name: String, check: &Check) -> TestCase {
    let mut case = TestCase::new(name, status(check));
    case.set_classname(check.code.as_str());
    case.set_time(Duration::from_secs_f64(check.seconds.max(0.0)));
    case.set_system_out(check.detail.as_str());
    case
}

fn status(check: &Check) -> TestCaseStatus {
    if check.ok {
        return TestCaseStatus::success();
    }
    if check.skipped {
        let mut status = TestCaseStatus::skipped();
        status.set_message(check.detail.as_str());
        return status;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(check.detail.as_str());
    if let Some(finding) = &check.finding {
        status.set_type(finding.code.as_str());
        let plain = anstream::adapter::strip_str(&crate::diagnostics::draw::draw(finding, 120)).to_string();
        status.set_description(plain);
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{Diagnostic, codes};

    fn check(code: crate::diagnostics::Code, component: Component, ok: bool) -> Check {
        Check {
            code,
            name: format!("{component} is well"),
            component,
            ok,
            skipped: false,
            detail: "seen".into(),
            seconds: 0.25,
            finding: None,
        }
    }

    #[test]
    fn suites_are_parts_and_failures_say_everything() {
        let mut failed = check(codes::HEALTH_DATABASE, Component::Database, false);
        let finding = Diagnostic::error(codes::DATABASE_UNREACHABLE, "the database is <gone> & silent")
            .cause("killed")
            .evidence("log\u{1}line")
            .next("deploy apply");
        failed.finding = Some(Box::new(finding));
        let mut skipped = check(codes::HEALTH_INFO, Component::Server, false);
        skipped.skipped = true;
        skipped.detail = "not asked, because database is down".into();
        let good = check(codes::HEALTH_LIVENESS, Component::Server, true);
        let round = Round { healthy: false, checks: vec![failed, skipped, good], seconds: 0.75 };
        let xml = junit("trial", &[round]).unwrap();
        assert!(xml.contains(r#"<testsuite name="database" tests="1" disabled="0" errors="0" failures="1""#), "{xml}");
        assert!(xml.contains(r#"<testsuite name="server" tests="2""#), "{xml}");
        assert!(
            xml.contains(r#"type="DEP-DATABASE-003""#) && xml.contains("&lt;gone&gt;") && xml.contains("deploy apply"),
            "{xml}"
        );
        assert!(xml.contains(r#"<skipped message="not asked, because database is down"/>"#), "{xml}");
        assert!(!xml.contains('\u{1}'), "control characters are no XML");
    }
}
