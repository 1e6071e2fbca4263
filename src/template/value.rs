//! Values as templates see them: with the Go type that decides how they print, compare and convert.

use std::borrow::Cow;
use std::cell::{Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::function::Function;
use super::stack;
use super::text::Text;

/// Anything that a template can hold.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Go's untyped nil, and what a missing key gives.
    #[default]
    Nil,
    Bool(bool),
    Integer(Integer),
    /// `float64`; every number of a YAML file is one.
    Float(f64),
    String(Text),
    List(List),
    Dict(Dict),
    /// Anything with fields, methods or a type of its own: `.Capabilities`, `.Files`, times, versions.
    Object(Rc<dyn Object>),
}

/// Go's kinds, as far as templates can meet them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Invalid,
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float64,
    Complex128,
    String,
    Slice,
    Array,
    Map,
    Struct,
    Pointer,
    Function,
}

/// An integer with its Go type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    /// Signed kinds as they are, unsigned ones as the same 64 bits.
    pub bits: i64,
    pub kind: IntegerKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegerKind {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
}

/// What a list or map holds, where Go's type says more than `interface {}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ElementType {
    #[default]
    Any,
    String,
    Int,
    /// `[]uint8`, Go's bytes.
    Byte,
    /// `[]int32`, Go's runes.
    Rune,
    /// `map[string]interface {}`
    Dict,
    /// `[]interface {}`
    List,
}

/// A Go slice. Its elements are never changed in place by the functions that charts have, so clones share them.
#[derive(Clone, Debug, Default)]
pub struct List(Rc<ListBody>);

/// Behind one pointer, so that a [`Value`] is small: values are moved all the time.
#[derive(Debug, Default)]
struct ListBody {
    elements: Box<[Value]>,
    element: ElementType,
    is_nil: bool,
}

/// Values may be nested as deep as a template likes, so dropping one must not follow that depth on the stack.
impl Drop for ListBody {
    fn drop(&mut self) {
        if !self.elements.is_empty() {
            let elements = std::mem::take(&mut self.elements);
            stack::grow(|| drop(elements));
        }
    }
}

/// As for lists.
impl Drop for DictBody {
    fn drop(&mut self) {
        let entries = self.entries.take();
        stack::grow(|| drop(entries));
    }
}

/// A Go map with string keys. Clones are the same map: a change through one is seen through all.
#[derive(Clone)]
pub struct Dict {
    body: Rc<DictBody>,
    /// The name of the Go type, where it has one: `common.Values`. A conversion gives the same map another type.
    type_name: Option<&'static str>,
}

struct DictBody {
    entries: RefCell<BTreeMap<Text, Value>>,
    element: ElementType,
    is_nil: bool,
}

/// A value with a Go type of its own.
#[expect(clippy::len_without_is_empty, reason = "not every object has a length")]
pub trait Object: fmt::Debug {
    /// As `%T` prints it: `*semver.Version`.
    fn go_type(&self) -> Cow<'static, str>;

    fn kind(&self) -> Kind;

    /// A field or map entry. None if there is no such field.
    fn field(&self, name: &str) -> Option<Value>;

    /// A method, with the receiver bound.
    fn method(&self, name: &str) -> Option<Function>;

    /// What `if` makes of it.
    fn is_true(&self) -> bool {
        true
    }

    /// For `len`, where Go's type has one.
    fn len(&self) -> Option<usize> {
        None
    }

    /// For `range` and `index`, where Go's type is a map or a slice.
    fn entries(&self) -> Option<Vec<(Value, Value)>> {
        None
    }

    /// What `fmt` prints.
    fn printed(&self) -> Printed;

    /// What verbs print that want no text, as `%d` and `%#v`, if [`Self::printed`] is a text.
    fn printed_fields(&self) -> Option<Printed> {
        None
    }

    /// What JSON and YAML writers make of it. None: they refuse it.
    fn to_plain(&self) -> Option<Value> {
        None
    }

    /// Fields in the order in which JSON writers give them, where [`Self::to_plain`] would sort them.
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    fn as_any(&self) -> &dyn std::any::Any;
}

/// How `fmt` sees an object.
#[derive(Debug, Clone)]
pub enum Printed {
    /// It has an `Error` or `String` method.
    Text(Text),
    /// A struct, or a pointer to one: names and values of its fields.
    Struct { is_pointer: bool, fields: Vec<(&'static str, Value)> },
    /// It prints as this value does.
    As(Value),
}

impl Value {
    /// As `%T` prints it; `<nil>` for nil.
    pub fn go_type(&self) -> Cow<'static, str> {
        match self {
            Self::Nil => Cow::Borrowed("<nil>"),
            Self::Bool(_) => Cow::Borrowed("bool"),
            Self::Integer(integer) => Cow::Borrowed(integer.kind.go_type()),
            Self::Float(_) => Cow::Borrowed("float64"),
            Self::String(_) => Cow::Borrowed("string"),
            Self::List(list) => Cow::Borrowed(list.element().list_type()),
            Self::Dict(dict) => Cow::Borrowed(dict.type_name().unwrap_or(dict.element().dict_type())),
            Self::Object(object) => object.go_type(),
        }
    }

    /// Go's kind of the value.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Nil => Kind::Invalid,
            Self::Bool(_) => Kind::Bool,
            Self::Integer(integer) => integer.kind.kind(),
            Self::Float(_) => Kind::Float64,
            Self::String(_) => Kind::String,
            Self::List(_) => Kind::Slice,
            Self::Dict(_) => Kind::Map,
            Self::Object(object) => object.kind(),
        }
    }

    /// What `if` makes of it.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Integer(integer) => integer.bits != 0,
            Self::Float(value) => *value != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::List(list) => !list.elements().is_empty(),
            Self::Dict(dict) => !dict.is_empty(),
            Self::Object(object) => object.is_true(),
        }
    }

    pub fn string(text: impl Into<Text>) -> Self {
        Self::String(text.into())
    }

    pub const fn int(value: i64) -> Self {
        Self::Integer(Integer { bits: value, kind: IntegerKind::Int })
    }

    /// A length or position, which Go has as `int`.
    pub fn count(count: usize) -> Self {
        Self::int(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub const fn int64(value: i64) -> Self {
        Self::Integer(Integer { bits: value, kind: IntegerKind::Int64 })
    }

    pub fn list(elements: Vec<Self>) -> Self {
        Self::List(List::new(elements))
    }

    /// A `[]string`.
    pub fn strings<T: Into<Text>>(elements: impl IntoIterator<Item = T>) -> Self {
        Self::List(List::typed(elements.into_iter().map(Self::string).collect(), ElementType::String))
    }

    pub const fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }
}

impl IntegerKind {
    /// As Go prints the type.
    pub const fn go_type(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
        }
    }

    pub const fn kind(self) -> Kind {
        match self {
            Self::Int => Kind::Int,
            Self::Int8 => Kind::Int8,
            Self::Int16 => Kind::Int16,
            Self::Int32 => Kind::Int32,
            Self::Int64 => Kind::Int64,
            Self::Uint => Kind::Uint,
            Self::Uint8 => Kind::Uint8,
            Self::Uint16 => Kind::Uint16,
            Self::Uint32 => Kind::Uint32,
            Self::Uint64 => Kind::Uint64,
        }
    }
}

impl ElementType {
    /// As Go prints the type of one element.
    pub const fn go_type(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::String => "string",
            Self::Int => "int",
            Self::Byte => "uint8",
            Self::Rune => "int32",
            Self::Dict => "map[string]interface {}",
            Self::List => "[]interface {}",
        }
    }

    const fn list_type(self) -> &'static str {
        match self {
            Self::Any => "[]interface {}",
            Self::String => "[]string",
            Self::Int => "[]int",
            Self::Byte => "[]uint8",
            Self::Rune => "[]int32",
            Self::Dict => "[]map[string]interface {}",
            Self::List => "[][]interface {}",
        }
    }

    const fn dict_type(self) -> &'static str {
        match self {
            Self::Any => "map[string]interface {}",
            Self::String => "map[string]string",
            Self::Int => "map[string]int",
            Self::Byte => "map[string]uint8",
            Self::Rune => "map[string]int32",
            Self::Dict => "map[string]map[string]interface {}",
            Self::List => "map[string][]interface {}",
        }
    }

    /// Go's zero value of the type, which a missing key gives.
    pub fn zero(self) -> Value {
        match self {
            Self::Any => Value::Nil,
            Self::String => Value::string(""),
            Self::Int => Value::int(0),
            Self::Byte => Value::Integer(Integer { bits: 0, kind: IntegerKind::Uint8 }),
            Self::Rune => Value::Integer(Integer { bits: 0, kind: IntegerKind::Int32 }),
            Self::Dict => Value::Dict(Dict::nil(Self::Any)),
            Self::List => Value::List(List::nil(Self::Any)),
        }
    }
}

impl Integer {
    /// The number, for kinds without sign.
    pub const fn unsigned(self) -> u64 {
        self.bits.cast_unsigned()
    }

    /// Whether the kind has no sign.
    pub const fn is_unsigned(self) -> bool {
        use IntegerKind::{Uint, Uint8, Uint16, Uint32, Uint64};
        matches!(self.kind, Uint | Uint8 | Uint16 | Uint32 | Uint64)
    }
}

impl List {
    pub fn new(elements: Vec<Value>) -> Self {
        Self::typed(elements, ElementType::Any)
    }

    pub fn typed(elements: Vec<Value>, element: ElementType) -> Self {
        Self(Rc::new(ListBody { elements: elements.into(), element, is_nil: false }))
    }

    /// Go's nil slice: empty, false, and `null` in JSON.
    pub fn nil(element: ElementType) -> Self {
        Self(Rc::new(ListBody { elements: Box::default(), element, is_nil: true }))
    }

    pub fn elements(&self) -> &[Value] {
        &self.0.elements
    }

    pub fn element(&self) -> ElementType {
        self.0.element
    }

    pub fn is_nil(&self) -> bool {
        self.0.is_nil
    }
}

impl Dict {
    pub fn new() -> Self {
        Self::from_entries(BTreeMap::new())
    }

    pub fn from_entries(entries: BTreeMap<Text, Value>) -> Self {
        Self::typed(entries, ElementType::Any, None)
    }

    pub fn typed(entries: BTreeMap<Text, Value>, element: ElementType, type_name: Option<&'static str>) -> Self {
        Self { body: Rc::new(DictBody { entries: RefCell::new(entries), element, is_nil: false }), type_name }
    }

    /// Go's nil map: empty, false, and `null` in JSON. Writing to it is an error of the caller.
    pub fn nil(element: ElementType) -> Self {
        Self { body: Rc::new(DictBody { entries: RefCell::default(), element, is_nil: true }), type_name: None }
    }

    /// The same map as a plain `map[string]…`, as functions that take and return such a map give it back.
    #[must_use]
    pub fn without_type_name(&self) -> Self {
        Self { body: Rc::clone(&self.body), type_name: None }
    }

    /// The same map under a type of its own, as a conversion gives it.
    #[must_use]
    pub fn with_type_name(&self, name: &'static str) -> Self {
        Self { body: Rc::clone(&self.body), type_name: Some(name) }
    }

    /// Sorted by key, as Go prints maps and ranges over them.
    pub fn borrow(&self) -> Ref<'_, BTreeMap<Text, Value>> {
        self.body.entries.borrow()
    }

    pub fn borrow_mut(&self) -> RefMut<'_, BTreeMap<Text, Value>> {
        self.body.entries.borrow_mut()
    }

    pub fn get(&self, key: &str) -> Option<Value> {
        self.body.entries.borrow().get(key.as_bytes()).cloned()
    }

    pub fn insert(&self, key: impl Into<Text>, value: Value) {
        self.body.entries.borrow_mut().insert(key.into(), value);
    }

    pub fn remove(&self, key: &str) -> Option<Value> {
        self.body.entries.borrow_mut().remove(key.as_bytes())
    }

    pub fn len(&self) -> usize {
        self.body.entries.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn element(&self) -> ElementType {
        self.body.element
    }

    pub fn type_name(&self) -> Option<&'static str> {
        self.type_name
    }

    pub fn is_nil(&self) -> bool {
        self.body.is_nil
    }

    /// The same for all clones, and for no other map that is alive.
    pub fn identity(&self) -> usize {
        Rc::as_ptr(&self.body) as usize
    }

    /// Whether both are the same map, not only equal ones.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.body, &other.body)
    }
}

impl Default for Dict {
    fn default() -> Self {
        Self::new()
    }
}

/// Bounded, since a dict may hold itself.
impl fmt::Debug for Dict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dict({} entries)", self.len())
    }
}
