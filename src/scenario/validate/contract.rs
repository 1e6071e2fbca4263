//! The contract: one row for each class of data, and someone there to hold and to read what it speaks of.

use super::contradiction;
use crate::diagnostics::Diagnostic;
use crate::scenario::catalogue::ScenarioFile;
use crate::scenario::holding::holders;
use crate::scenario::model::{ContractRule, Scenario};
use crate::scenario::phrase;
use crate::scenario::words::{Component, DataClass, Principal, Side};

pub(super) fn check(file: &ScenarioFile) -> Vec<Diagnostic> {
    let mut found = rows(file);
    for index in 0..file.scenario.contract.len() {
        let row = Row { file, index, rule: &file.scenario.contract[index] };
        if row.rule.stored_on.is_empty() {
            found.extend(row.speaks_of_nothing());
        } else {
            found.extend(row.storage());
            found.extend(row.stored_in());
            found.extend(row.readers());
        }
    }
    found
}

/// Each class has exactly one row.
fn rows(file: &ScenarioFile) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for data in DataClass::ALL {
        let same = file.scenario.contract.iter().enumerate().filter(|(_, rule)| rule.data == *data);
        let indices: Vec<usize> = same.map(|(index, _)| index).collect();
        match indices[..] {
            [] => {
                let title = format!("the contract says nothing about {data}");
                found.push(contradiction(file, title, "contract", "every class of data needs a row"));
            }
            [_] => {}
            [first, second, ..] => {
                let title = format!("the contract has two rows about {data}");
                let diagnostic = contradiction(file, title, &format!("contract.{second}.data"), "second row");
                found.push(diagnostic.origin(file.origin(&format!("contract.{first}.data")), "first row"));
            }
        }
    }
    found
}

struct Row<'a> {
    file: &'a ScenarioFile,
    index: usize,
    rule: &'a ContractRule,
}

impl Row<'_> {
    fn scenario(&self) -> &Scenario {
        &self.file.scenario
    }

    fn says(&self, title: String, key: &str, label: impl Into<String>) -> Diagnostic {
        contradiction(self.file, title, &format!("contract.{}.{key}", self.index), label)
    }

    /// Where there are no data, nobody reads them, nothing holds them and nothing crosses.
    fn speaks_of_nothing(&self) -> Option<Diagnostic> {
        let data = self.rule.data;
        let (key, label) = if !self.rule.readable_by.is_empty() {
            ("readableBy", "nobody can read what is not stored")
        } else if self.rule.stored_in.is_some() {
            ("storedIn", "holds what is not stored")
        } else if self.rule.may_cross {
            ("mayCross", "what is not stored cannot travel")
        } else {
            return None;
        };
        let title = format!("{data} is stored nowhere, and yet the row goes on");
        Some(
            self.says(title, key, label).origin(self.file.origin(&format!("contract.{}.storedOn", self.index)), "none"),
        )
    }

    fn storage(&self) -> Vec<Diagnostic> {
        let data = self.rule.data;
        let mut found = Vec::new();
        for (number, side) in self.rule.stored_on.iter().enumerate() {
            let key = format!("storedOn.{number}");
            if self.rule.stored_on[..number].contains(side) {
                found.push(self.says(format!("{data} names the {side} side twice"), &key, "again"));
            } else if !holders(data).iter().any(|holder| self.scenario().placement_on(*holder, *side).is_some()) {
                let words: Vec<&str> = holders(data).iter().map(|holder| holder.as_str()).collect();
                let title = format!("nothing on the {side} side could hold {data}");
                found.push(self.says(title, &key, format!("needs one of {}", words.join(", "))));
            }
        }
        found
    }

    fn stored_in(&self) -> Option<Diagnostic> {
        let data = self.rule.data;
        let component = self.rule.stored_in?;
        let sides = &self.rule.stored_on;
        let (title, label) = if self.scenario().placement(component).is_none() {
            (format!("{data} is stored in {component}, which is not among the components"), "not in this scenario")
        } else if !sides.iter().any(|side| self.scenario().placement_on(component, *side).is_some()) {
            (
                format!("{data} is stored on the {} side, but {component} is not", phrase::sides(sides)),
                "on the other side",
            )
        } else if !holders(data).contains(&component) {
            (format!("{component} cannot hold {data}"), "does not store such data")
        } else {
            return None;
        };
        Some(self.says(title, "storedIn", label))
    }

    fn readers(&self) -> Vec<Diagnostic> {
        let data = self.rule.data;
        if self.rule.readable_by.is_empty() {
            return vec![self.says(format!("nobody may read {data}"), "readableBy", "stored, so somebody reads it")];
        }
        let mut found = Vec::new();
        for (number, reader) in self.rule.readable_by.iter().enumerate() {
            let key = format!("readableBy.{number}");
            let far = self.rule.stored_on.iter().all(|side| *side != side_of(*reader));
            if self.rule.readable_by[..number].contains(reader) {
                found.push(self.says(format!("{data} names the reader {reader} twice"), &key, "again"));
            } else if !is_there(self.scenario(), *reader) {
                let title = format!("{reader} reads {data}, but is not among the components");
                found.push(self.says(title, &key, "no component of this scenario is meant"));
            } else if far && !self.rule.may_cross {
                let title = format!("{reader} reads {data} from the other side, and {data} may not cross");
                let diagnostic = self.says(title, &key, "on the other side");
                let crossing = self.file.origin(&format!("contract.{}.mayCross", self.index));
                found.push(diagnostic.origin(crossing, "so nobody there can read it"));
            }
        }
        found
    }
}

fn side_of(reader: Principal) -> Side {
    match reader {
        Principal::VendorService => Side::Vendor,
        Principal::LocalUser | Principal::CustomerClients | Principal::CustomerServer | Principal::CustomerAgent => {
            Side::Customer
        }
    }
}

/// Whether the scenario has what stands behind a reader.
fn is_there(scenario: &Scenario, reader: Principal) -> bool {
    let on_customer_side = |component| scenario.placement_on(component, Side::Customer).is_some();
    match reader {
        // Whoever sits at the machine is the only one there, so nothing may be elsewhere.
        Principal::LocalUser => on_customer_side(Component::Client) && scenario.is_single_sided(),
        Principal::CustomerClients => on_customer_side(Component::Client),
        Principal::CustomerServer => on_customer_side(Component::Server),
        Principal::CustomerAgent => on_customer_side(Component::Agent),
        Principal::VendorService => scenario.components.iter().any(|placement| placement.side == Side::Vendor),
    }
}
