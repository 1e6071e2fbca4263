//! Go's `fmt`: what a value prints, by itself and with the verbs of `printf`.

mod field;
mod floats;
mod format;
mod integers;
mod texts;

use super::budget::Exhausted;
use super::complex::Complex;
use super::stack;
use super::text::Text;
use super::value::{Dict, ElementType, Kind, List, Object, Printed, Value};
use field::Field;
pub(super) use texts::truncate;

/// Levels of values within values. A dict that holds itself has no last one.
const MAXIMUM_DEPTH: usize = 50_000;

/// What is said of a value that is too large to print.
type Outcome = Result<(), Exhausted>;

/// Writes values to a buffer, up to a limit of bytes.
pub(super) struct Printer<'a> {
    out: &'a mut Vec<u8>,
    /// Length that the buffer may reach.
    limit: usize,
    field: Field,
    /// While a wrong verb is reported, `String` methods are not used.
    is_erroring: bool,
    /// Whether a pointer at the top is printed as what it points to.
    is_indirect: bool,
    depth: usize,
}

/// Prints a value as an action does: as Go's `%v`, but not the pointer to a struct.
pub(super) fn print_value(out: &mut Vec<u8>, value: &Value, limit: usize) -> Outcome {
    match value {
        Value::String(text) => out.extend_from_slice(text.as_bytes()),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        _ => {
            let mut printer = Printer::new(out, limit);
            printer.is_indirect = true;
            return printer.argument(value, 'v');
        }
    }
    Ok(())
}

/// As `fmt.Sprint`: spaces only between values that are no strings. Pointers may be printed as what they point to.
pub(super) fn print(out: &mut Vec<u8>, values: &[Value], limit: usize, is_indirect: bool) -> Outcome {
    let mut printer = Printer::new(out, limit);
    let mut was_text = true;
    for value in values {
        let is_text = value.kind() == Kind::String;
        if !is_text && !was_text {
            printer.out.push(b' ');
        }
        printer.is_indirect = is_indirect;
        printer.argument(value, 'v')?;
        was_text = is_text;
    }
    Ok(())
}

/// As `fmt.Sprintln`.
pub(super) fn print_line(out: &mut Vec<u8>, values: &[Value], limit: usize) -> Outcome {
    let mut printer = Printer::new(out, limit);
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            printer.out.push(b' ');
        }
        printer.argument(value, 'v')?;
    }
    out.push(b'\n');
    Ok(())
}

/// As `fmt.Sprintf`.
pub(super) fn print_formatted(out: &mut Vec<u8>, format: &[u8], values: &[Value], limit: usize) -> Outcome {
    format::print(&mut Printer::new(out, limit), format, values)
}

/// As `fmt.Sprint` of one value.
pub fn to_text(value: &Value) -> Text {
    if let Value::String(text) = value {
        return text.clone();
    }
    let mut out = Vec::new();
    // A value too deep to print is printed as far as it goes: Go's own printer would not end.
    let _ = Printer::new(&mut out, usize::MAX).argument(value, 'v');
    Text::from(out)
}

/// As `fmt.Sprint` of one value, unless that is longer than `limit` bytes.
pub fn to_text_within(value: &Value, limit: usize) -> Result<Text, Exhausted> {
    if let Value::String(text) = value {
        return Ok(text.clone());
    }
    let mut out = Vec::new();
    Printer::new(&mut out, limit).argument(value, 'v')?;
    Ok(Text::from(out))
}

/// As `fmt.Sprintf`.
pub fn format_text(format: &[u8], values: &[Value]) -> Text {
    let mut out = Vec::new();
    let _ = print_formatted(&mut out, format, values, usize::MAX);
    Text::from(out)
}

impl<'a> Printer<'a> {
    fn new(out: &'a mut Vec<u8>, limit: usize) -> Self {
        let limit = out.len().saturating_add(limit);
        Self { out, limit, field: Field::default(), is_erroring: false, is_indirect: false, depth: 0 }
    }

    fn check(&self) -> Outcome {
        if self.out.len() > self.limit { Err(Exhausted::Output) } else { Ok(()) }
    }

    /// An argument of a call, which may be nil.
    fn argument(&mut self, value: &Value, verb: char) -> Outcome {
        if value.is_nil() {
            if matches!(verb, 'T' | 'v') {
                self.pad(b"<nil>");
            } else {
                self.write_bad_verb(verb);
                self.out.extend_from_slice(b"(<nil>)");
            }
            return self.check();
        }
        match verb {
            'T' => self.text(value.go_type().as_bytes()),
            'p' => return self.pointer(value, verb),
            _ => return self.value(value, verb, true),
        }
        self.check()
    }

    /// A value. At the top, bytes are a type of their own.
    fn value(&mut self, value: &Value, verb: char, is_top: bool) -> Outcome {
        self.check()?;
        match value {
            Value::Nil => {
                self.out.extend_from_slice(if self.field.is_go_syntax { b"interface {}(nil)" } else { b"<nil>" });
                Ok(())
            }
            Value::Bool(flag) => match verb {
                't' | 'v' => {
                    self.pad(if *flag { b"true" } else { b"false" });
                    Ok(())
                }
                _ => self.bad_verb(value, verb),
            },
            Value::Integer(integer) => self.integer(*integer, verb),
            Value::Float(float) => self.float(value, *float, verb),
            Value::String(text) => self.string(value, text.as_bytes(), verb),
            Value::List(_) | Value::Dict(_) | Value::Object(_) if self.is_wrapping(value, verb, is_top) => {
                self.bad_verb(value, verb)
            }
            Value::List(list) => self.nested(|printer| printer.list(value, list, verb, is_top)),
            Value::Dict(dict) => self.nested(|printer| printer.dict(value, dict, verb)),
            Value::Object(object) => self.nested(|printer| printer.object(value, &**object, verb, is_top)),
        }
    }

    /// With `%w`, which is for errors alone, Go refuses what could have methods.
    fn is_wrapping(&self, value: &Value, verb: char, is_top: bool) -> bool {
        let is_simple = match value {
            Value::List(list) => is_top && list.element() == ElementType::Byte,
            Value::Object(object) => object.kind() == Kind::Complex128,
            _ => false,
        };
        verb == 'w' && !self.is_erroring && !is_simple
    }

    fn nested(&mut self, print: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        if self.depth >= MAXIMUM_DEPTH {
            return Err(Exhausted::Memory);
        }
        self.depth += 1;
        let outcome = stack::grow(|| print(self));
        self.depth -= 1;
        outcome
    }

    fn list(&mut self, value: &Value, list: &List, verb: char, is_top: bool) -> Outcome {
        if list.element() == ElementType::Byte {
            let bytes: Vec<u8> = list
                .elements()
                .iter()
                .map(|element| if let Value::Integer(integer) = element { integer.unsigned() as u8 } else { 0 })
                .collect();
            match verb {
                's' => {
                    self.text(&bytes);
                    return Ok(());
                }
                'x' | 'X' => {
                    self.hexadecimal(&bytes, verb == 'X');
                    return Ok(());
                }
                'q' => {
                    self.quoted(&bytes);
                    return Ok(());
                }
                'v' | 'd' if is_top => return self.bytes(list, &bytes, verb),
                _ => {}
            }
        }
        if self.field.is_go_syntax {
            self.out.extend_from_slice(value.go_type().as_bytes());
            if list.is_nil() {
                self.out.extend_from_slice(b"(nil)");
                return Ok(());
            }
        }
        let (open, separator, close) = self.brackets();
        self.out.extend_from_slice(open);
        for (index, element) in list.elements().iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(separator);
            }
            self.value(element, verb, false)?;
        }
        self.out.extend_from_slice(close);
        Ok(())
    }

    fn brackets(&self) -> (&'static [u8], &'static [u8], &'static [u8]) {
        if self.field.is_go_syntax { (b"{", b", ", b"}") } else { (b"[", b" ", b"]") }
    }

    /// `[]byte` as Go prints it where nothing is around it.
    fn bytes(&mut self, list: &List, bytes: &[u8], verb: char) -> Outcome {
        if self.field.is_go_syntax {
            self.out.extend_from_slice(if list.is_nil() { b"[]byte(nil)" } else { b"[]byte" });
            if list.is_nil() {
                return Ok(());
            }
        }
        let (open, separator, close) = self.brackets();
        self.out.extend_from_slice(open);
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(separator);
            }
            if self.field.is_go_syntax {
                self.prefixed_hexadecimal(u64::from(*byte));
            } else {
                self.digits(u64::from(*byte), false, 10, verb, false);
            }
        }
        self.out.extend_from_slice(close);
        self.check()
    }

    fn dict(&mut self, value: &Value, dict: &Dict, verb: char) -> Outcome {
        if self.field.is_go_syntax {
            self.out.extend_from_slice(value.go_type().as_bytes());
            if dict.is_nil() {
                self.out.extend_from_slice(b"(nil)");
                return Ok(());
            }
            self.out.push(b'{');
        } else {
            self.out.extend_from_slice(b"map[");
        }
        let separator: &[u8] = if self.field.is_go_syntax { b", " } else { b" " };
        for (index, (key, element)) in dict.borrow().iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(separator);
            }
            self.value(&Value::String(key.clone()), verb, false)?;
            self.out.push(b':');
            self.value(element, verb, false)?;
        }
        self.out.push(if self.field.is_go_syntax { b'}' } else { b']' });
        Ok(())
    }

    fn object(&mut self, value: &Value, object: &dyn Object, verb: char, is_top: bool) -> Outcome {
        if let Some(complex) = object.as_any().downcast_ref::<Complex>() {
            return self.complex(value, complex, verb);
        }
        let mut printed = object.printed();
        let wants_text = matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') && !self.is_erroring && !self.field.is_go_syntax;
        if matches!(printed, Printed::Text(_)) && !wants_text {
            printed = object.printed_fields().unwrap_or(printed);
        }
        match printed {
            Printed::Text(text) => match verb {
                'v' | 's' | 'x' | 'X' | 'q' => self.string(value, text.as_bytes(), verb),
                _ => self.bad_verb(value, verb),
            },
            // A number with a name of its own keeps the name where the verb does not fit.
            Printed::As(Value::Integer(plain))
                if !matches!(verb, 'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' | 'c' | 'q' | 'U') =>
            {
                self.bad_verb_as(&object.go_type(), &Value::Integer(plain), verb)
            }
            Printed::As(plain) => self.value(&plain, verb, is_top),
            Printed::Struct { is_pointer, fields } => {
                // A pointer is a number to most verbs; the others complain, and show what it points to.
                if is_pointer && !is_top && !matches!(verb, 'v' | 'p' | 'b' | 'o' | 'd' | 'x' | 'X') {
                    return self.bad_verb(value, verb);
                }
                if is_pointer && !is_top {
                    // Go prints the address here, which is no fact of the template.
                    self.out.extend_from_slice(b"0xc000000000");
                    return Ok(());
                }
                self.structure(object, is_pointer, &fields, verb)
            }
        }
    }

    fn structure(
        &mut self,
        object: &dyn Object,
        is_pointer: bool,
        fields: &[(&'static str, Value)],
        verb: char,
    ) -> Outcome {
        let go_type = object.go_type();
        if is_pointer && !std::mem::take(&mut self.is_indirect) {
            self.out.push(b'&');
        }
        if self.field.is_go_syntax {
            self.out.extend_from_slice(go_type.trim_start_matches('*').as_bytes());
        }
        self.out.push(b'{');
        for (index, (name, field)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(if self.field.is_go_syntax { b", " } else { b" " });
            }
            if self.field.is_go_syntax || self.field.has_names {
                self.out.extend_from_slice(name.as_bytes());
                self.out.push(b':');
            }
            self.value(field, verb, false)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Addresses are no facts of a template: every one is the same.
    fn pointer(&mut self, value: &Value, verb: char) -> Outcome {
        match value.kind() {
            Kind::Map | Kind::Slice | Kind::Pointer | Kind::Function => {
                let is_nil = match value {
                    Value::List(list) => list.is_nil(),
                    Value::Dict(dict) => dict.is_nil(),
                    _ => false,
                };
                let address = if is_nil { 0 } else { 0xc0_0000_0000 };
                let has_prefix = !self.field.is_sharp;
                self.hexadecimal_number(address, has_prefix);
                Ok(())
            }
            _ => self.bad_verb(value, verb),
        }
    }

    fn write_bad_verb(&mut self, verb: char) {
        self.out.extend_from_slice(b"%!");
        self.out.extend_from_slice(verb.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// `%!d(string=hi)`
    fn bad_verb(&mut self, value: &Value, verb: char) -> Outcome {
        self.bad_verb_as(&value.go_type(), value, verb)
    }

    fn bad_verb_as(&mut self, go_type: &str, value: &Value, verb: char) -> Outcome {
        let was_erroring = std::mem::replace(&mut self.is_erroring, true);
        self.write_bad_verb(verb);
        self.out.push(b'(');
        self.out.extend_from_slice(go_type.as_bytes());
        self.out.push(b'=');
        let outcome = self.value(value, 'v', true);
        self.out.push(b')');
        self.is_erroring = was_erroring;
        outcome
    }
}
