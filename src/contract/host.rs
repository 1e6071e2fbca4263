//! Whose machine a host is, and whose account, bucket or project.

use std::net::IpAddr;

use crate::scenario::{Scenario, Side};

/// Everything below it is the vendor's: `cloudapi.zenml.io`, `cloud.zenml.io`, `analytics.zenml.io`, workspaces.
const VENDOR_DOMAIN: &str = "zenml.io";
/// The vendor's AWS accounts: production and staging.
const VENDOR_ACCOUNTS: [&str; 2] = ["715803424590", "339712793861"];
/// The vendor's Google project, from which its images come.
const VENDOR_PROJECT: &str = "zenml-cloud";

/// Where the vendor's servers report their use.
pub(super) const ANALYTICS: &str = "analytics.zenml.io";
/// The vendor's control plane.
pub(super) const CONTROL_PLANE: &str = "cloudapi.zenml.io";

/// A host that something is stored on or connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub name: String,
    /// Nobody but the vendor is known by name; whatever is not the vendor's is taken as the customer's.
    pub side: Side,
    pub this_machine: bool,
}

impl Host {
    pub(super) fn new(name: &str, scenario: &Scenario) -> Self {
        let name = name.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_lowercase();
        let side = if is_vendors(&name, scenario) { Side::Vendor } else { Side::Customer };
        Self { this_machine: is_this_machine(&name), side, name }
    }

    /// For messages: `db.zenml.io, a host of the vendor`.
    pub(super) fn describe(&self) -> String {
        match self.side {
            Side::Vendor => format!("{}, a host of the vendor", self.name),
            Side::Customer => self.name.clone(),
        }
    }
}

fn is_vendors(name: &str, scenario: &Scenario) -> bool {
    let named_by_scenario = || {
        let hosts =
            scenario.links.iter().filter(|link| link.to_side == Side::Vendor).filter_map(|link| link.host.as_ref());
        hosts.into_iter().any(|host| host.eq_ignore_ascii_case(name))
    };
    is_below(name, VENDOR_DOMAIN) || vendor_account_in(name) || named_by_scenario()
}

fn is_below(name: &str, domain: &str) -> bool {
    name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn is_this_machine(name: &str) -> bool {
    let by_name = is_below(name, "localhost") || ["host.docker.internal", "host.containers.internal"].contains(&name);
    by_name || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whose something is that is named by an ARN, a registry's address or a bucket. Most names do not tell.
pub(super) fn owner(name: &str) -> Side {
    let host = name.split_once("://").map_or(name, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let path = name.split('/').nth(1);
    let registry = host.ends_with("-docker.pkg.dev") && path == Some(VENDOR_PROJECT);
    if registry || is_below(host, VENDOR_DOMAIN) || vendor_account_in(name) { Side::Vendor } else { Side::Customer }
}

/// Whose a Google project is.
pub(super) fn project_owner(project: &str) -> Side {
    if project == VENDOR_PROJECT { Side::Vendor } else { Side::Customer }
}

/// The account as a part of an ARN (`arn:aws:iam::ACCOUNT:role/x`) or of a host (`ACCOUNT.dkr.ecr…`).
fn vendor_account_in(name: &str) -> bool {
    name.split([':', '.', '/']).any(|part| VENDOR_ACCOUNTS.contains(&part))
}

/// An address taken apart. Holds no user and no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Lower case; empty if the text names none.
    pub(super) scheme: String,
    pub(super) host: Host,
    query: Vec<(String, String)>,
}

impl Address {
    /// `None` for what names no host, such as a file.
    pub(super) fn parse(text: &str, scenario: &Scenario) -> Option<Self> {
        let bare = !text.contains("://");
        let url = if bare { url::Url::parse(&format!("none://{text}")) } else { url::Url::parse(text.trim()) }.ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        let scheme = if bare { String::new() } else { url.scheme().to_lowercase() };
        Some(Self { scheme, host: Host::new(host, scenario), query })
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Catalogue;

    #[test]
    fn hosts_belong_to_the_vendor_by_name_and_to_the_customer_otherwise() {
        let catalogue = Catalogue::embedded().unwrap();
        let scenario = catalogue.find("on-prem").unwrap();
        let table = [
            ("https://cloudapi.zenml.io/api/v1", Some((Side::Vendor, false))),
            ("mysql://u:p@DB.ZENML.IO.:3306/x", Some((Side::Vendor, false))),
            ("https://zenml.io.acme.example", Some((Side::Customer, false))),
            ("https://notzenml.io", Some((Side::Customer, false))),
            ("mysql://zenml@127.0.0.1:3307/zenml", Some((Side::Customer, true))),
            ("http://[::1]:8237", Some((Side::Customer, true))),
            ("cloud.zenml.io", Some((Side::Vendor, false))),
            ("vault.acme.example:8200", Some((Side::Customer, false))),
            ("sqlite:////var/lib/zenml.db", None),
            ("", None),
        ];
        for (text, expected) in table {
            let found = Address::parse(text, scenario).map(|address| (address.host.side, address.host.this_machine));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn owners_are_read_from_accounts_and_projects() {
        for (name, side) in [
            ("arn:aws:iam::715803424590:role/zenml-7f2a1b7e", Side::Vendor),
            ("arn:aws:iam::123456789012:role/zenml", Side::Customer),
            ("arn:aws:s3:eu-west-1:715803424590:accesspoint/shared", Side::Vendor),
            ("715803424590.dkr.ecr.eu-central-1.amazonaws.com/zenml-pro-server:0.98.0", Side::Vendor),
            ("europe-west3-docker.pkg.dev/zenml-cloud/zenml-pro/zenml-pro-server", Side::Vendor),
            ("europe-west3-docker.pkg.dev/acme/zenml-cloud/server", Side::Customer),
            ("docker.io/zenmldocker/zenml-server:0.98.0", Side::Customer),
            ("acme-artifacts", Side::Customer),
        ] {
            assert_eq!(owner(name), side, "{name}");
        }
    }
}
