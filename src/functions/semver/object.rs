//! Versions as templates see them: a Go struct with methods and no fields that can be read.

use std::any::Any;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use super::super::arguments::{Outcome, bytes};
use super::super::lists::NIL_POINTER;
use super::version::{Version, check_metadata, check_prerelease};
use crate::template::{CallError, Function, Integer, IntegerKind, Kind, Object, Parameter, Printed, Value};

/// The type of the methods' parameters.
const OTHER: Parameter = Parameter::Named("*semver.Version");

impl Object for Version {
    fn go_type(&self) -> Cow<'static, str> {
        "*semver.Version".into()
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn field(&self, _: &str) -> Option<Value> {
        None
    }

    fn method(&self, name: &str) -> Option<Function> {
        self.comparison(name).or_else(|| plain_method(self, name))
    }

    fn printed(&self) -> Printed {
        Printed::Text(self.to_string().into())
    }

    fn printed_fields(&self) -> Option<Printed> {
        Some(Printed::Struct { is_pointer: true, fields: fields(self) })
    }

    fn to_plain(&self) -> Option<Value> {
        Some(Value::string(self.to_string()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// As the Go struct has them.
fn fields(version: &Version) -> Vec<(&'static str, Value)> {
    let number = |number: u64| Value::Integer(Integer { bits: number.cast_signed(), kind: IntegerKind::Uint64 });
    vec![
        ("major", number(version.major)),
        ("minor", number(version.minor)),
        ("patch", number(version.patch)),
        ("pre", Value::string(version.prerelease.as_str())),
        ("metadata", Value::string(version.metadata.as_str())),
        ("original", Value::string(version.original.as_str())),
    ]
}

impl Version {
    fn comparison(&self, name: &str) -> Option<Function> {
        let result: fn(Ordering) -> Value = match name {
            "Compare" => |order| Value::int(order as i64),
            "Equal" => |order| Value::Bool(order == Ordering::Equal),
            "GreaterThan" => |order| Value::Bool(order == Ordering::Greater),
            "GreaterThanEqual" => |order| Value::Bool(order != Ordering::Less),
            "LessThan" => |order| Value::Bool(order == Ordering::Less),
            "LessThanEqual" => |order| Value::Bool(order != Ordering::Greater),
            _ => return None,
        };
        let version = self.clone();
        let takes_nil = name == "Equal";
        Some(Function::new(&[OTHER], move |_, a| match &a[0] {
            Value::Object(other) => match other.as_any().downcast_ref::<Self>() {
                Some(other) => Ok(result(version.compare(other))),
                None => Err(NIL_POINTER.into()),
            },
            _ if takes_nil => Ok(Value::Bool(false)),
            _ => Err(NIL_POINTER.into()),
        }))
    }
}

fn plain_method(version: &Version, name: &str) -> Option<Function> {
    let version = version.clone();
    let number = |number: u64| Value::Integer(Integer { bits: number.cast_signed(), kind: IntegerKind::Uint64 });
    Some(match name {
        "Major" => Function::new(&[], move |_, _| Ok(number(version.major))),
        "Minor" => Function::new(&[], move |_, _| Ok(number(version.minor))),
        "Patch" => Function::new(&[], move |_, _| Ok(number(version.patch))),
        "Prerelease" => Function::new(&[], move |_, _| Ok(Value::string(&*version.prerelease))),
        "Metadata" => Function::new(&[], move |_, _| Ok(Value::string(&*version.metadata))),
        "Original" => Function::new(&[], move |_, _| Ok(Value::string(&*version.original))),
        "String" | "Value" => Function::new(&[], move |_, _| Ok(Value::string(version.to_string()))),
        "IncMajor" => Function::new(&[], move |_, _| next(&version, Segment::Major)),
        "IncMinor" => Function::new(&[], move |_, _| next(&version, Segment::Minor)),
        "IncPatch" => Function::new(&[], move |_, _| next(&version, Segment::Patch)),
        "SetPrerelease" => Function::new(&[Parameter::String], move |_, a| {
            let prerelease = checked(a, check_prerelease)?;
            Ok(plain(Version { prerelease, ..version.clone() }.with_original(&version)))
        }),
        "SetMetadata" => Function::new(&[Parameter::String], move |_, a| {
            let metadata = checked(a, check_metadata)?;
            Ok(plain(Version { metadata, ..version.clone() }.with_original(&version)))
        }),
        "MarshalJSON" => Function::new(&[], move |_, _| Ok(byte_list(format!("\"{version}\"").as_bytes()))),
        "MarshalText" => Function::new(&[], move |_, _| Ok(byte_list(version.to_string().as_bytes()))),
        _ => return None,
    })
}

fn checked(arguments: &[Value], check: fn(&str) -> Result<(), String>) -> Result<String, CallError> {
    let text = String::from_utf8_lossy(bytes(arguments, 0)).into_owned();
    check(&text)?;
    Ok(text)
}

fn byte_list(text: &[u8]) -> Value {
    use crate::template::{ElementType, List};
    let byte = |byte: &u8| Value::Integer(Integer { bits: i64::from(*byte), kind: IntegerKind::Uint8 });
    Value::List(List::typed(text.iter().map(byte).collect(), ElementType::Byte))
}

#[derive(Clone, Copy)]
enum Segment {
    Major,
    Minor,
    Patch,
}

fn next(version: &Version, segment: Segment) -> Outcome {
    let Version { major, minor, patch, prerelease, .. } = version;
    let (name, numbers) = match segment {
        Segment::Major => ("major", major.checked_add(1).map(|major| (major, 0, 0))),
        Segment::Minor => ("minor", minor.checked_add(1).map(|minor| (*major, minor, 0))),
        // The release follows its own pre-release.
        Segment::Patch if !prerelease.is_empty() => ("patch", Some((*major, *minor, *patch))),
        Segment::Patch => ("patch", patch.checked_add(1).map(|patch| (*major, *minor, patch))),
    };
    let (major, minor, patch) =
        numbers.ok_or_else(|| CallError::from(format!("{name} version increment would overflow uint64")))?;
    Ok(plain(Version { major, minor, patch, ..Version::default() }.with_original(version)))
}

/// A version that is no pointer, as methods that change one give: methods of the pointer are not there.
#[derive(Debug)]
struct PlainVersion(Version);

fn plain(version: Version) -> Value {
    Value::Object(Rc::new(PlainVersion(version)))
}

impl Object for PlainVersion {
    fn go_type(&self) -> Cow<'static, str> {
        "semver.Version".into()
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, _: &str) -> Option<Value> {
        None
    }

    fn method(&self, name: &str) -> Option<Function> {
        if name == "Original" { None } else { plain_method(&self.0, name) }
    }

    fn printed(&self) -> Printed {
        Printed::Text(self.0.to_string().into())
    }

    fn printed_fields(&self) -> Option<Printed> {
        Some(Printed::Struct { is_pointer: false, fields: fields(&self.0) })
    }

    fn to_plain(&self) -> Option<Value> {
        self.0.to_plain()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
