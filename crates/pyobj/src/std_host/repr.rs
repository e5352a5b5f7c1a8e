//! `repr` and `str`.

use super::{Result, Value, nesting};
use std::cell::RefCell;
use std::fmt::Write;

impl Value {
    /// Returns `repr(value)`.
    ///
    /// A list that contains itself prints `[...]` there.
    ///
    /// # Errors
    ///
    /// Whatever `__repr__` raises; `RecursionError` where values are nested
    /// too deeply.
    pub fn repr(&self) -> Result<String> {
        let _level = nesting::enter(" while getting the repr of an object")?;
        Ok(match self {
            Value::None => "None".to_owned(),
            Value::NotImplemented => "NotImplemented".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => of_float(*number),
            Value::Str(text) => quoted(text),
            Value::Tuple(items) => match &**items {
                [only] => format!("({},)", only.repr()?),
                items => format!("({})", joined(items)?),
            },
            Value::List(list) => match Printing::begin(list.address()) {
                Some(_printing) => format!("[{}]", joined(&list.to_vec())?),
                None => "[...]".to_owned(),
            },
            Value::Type(class) => class.to_string(),
            Value::Object(object) => return object.repr(object),
        })
    }

    /// Returns `str(value)`.
    ///
    /// # Errors
    ///
    /// As [`repr`](Value::repr).
    pub fn str(&self) -> Result<String> {
        let _level = nesting::enter(" while getting the str of an object")?;
        match self {
            Value::Str(text) => Ok((**text).to_owned()),
            Value::Object(object) => object.str(object),
            _ => self.repr(),
        }
    }
}

thread_local! {
    static PRINTING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Marks a list as being printed by this thread, until dropped.
///
/// Lists are identified by address: each is borrowed, so alive, while it is
/// marked. If the thread's locals are gone, nothing is marked, and a list that
/// contains itself ends in `RecursionError`.
struct Printing(());

impl Printing {
    fn begin(address: usize) -> Option<Printing> {
        PRINTING
            .try_with(|printing| {
                let mut printing = printing.borrow_mut();
                let new = !printing.contains(&address);
                if new {
                    printing.push(address);
                }
                new
            })
            .unwrap_or(true)
            .then(|| Printing(()))
    }
}

impl Drop for Printing {
    fn drop(&mut self) {
        let _ = PRINTING.try_with(|printing| printing.borrow_mut().pop());
    }
}

fn joined(items: &[Value]) -> Result<String> {
    let items: Result<Vec<String>> = items.iter().map(Value::repr).collect();
    Ok(items?.join(", "))
}

/// Returns the default `repr`.
pub(super) fn plain(value: &Value) -> String {
    format!(
        "<{} object at {:#x}>",
        value.class().full_name(),
        value.address()
    )
}

/// Quotes a text as Python does: in single quotes, unless it contains these and no
/// double quotes.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(quote);
    for character in text.chars() {
        push_escaped(&mut quoted, character, quote);
    }
    quoted.push(quote);
    quoted
}

fn push_escaped(text: &mut String, character: char, quote: char) {
    let code = u32::from(character);
    // Writing to a String cannot fail.
    let _ = match character {
        '\\' => write!(text, "\\\\"),
        '\n' => write!(text, "\\n"),
        '\r' => write!(text, "\\r"),
        '\t' => write!(text, "\\t"),
        _ if character == quote => write!(text, "\\{quote}"),
        _ if is_printable(character) => write!(text, "{character}"),
        _ if code <= 0xFF => write!(text, "\\x{code:02x}"),
        _ if code <= 0xFFFF => write!(text, "\\u{code:04x}"),
        _ => write!(text, "\\U{code:08x}"),
    };
}

/// Returns `true` if a character is printable by the rule of Rust's `Debug` for `str`,
/// which follows Unicode as Python does. A combining mark is printable behind a letter.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    let mut bytes = [b'a'; 5];
    let length = character.encode_utf8(&mut bytes[1..]).len();
    match std::str::from_utf8(&bytes[..=length]) {
        Ok(text) => text.escape_debug().nth(1) == Some(character),
        Err(_) => false,
    }
}

/// Prints a float with the fewest digits that parse to the same float. Rust uses an
/// exponent where Python does, but writes `1e16` for `1e+16`.
fn of_float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    let text = format!("{number:?}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}
