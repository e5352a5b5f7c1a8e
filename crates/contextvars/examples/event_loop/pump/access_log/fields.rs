//! A line's fields, one after another.

use super::Malformed;

/// How much of a field an error shows, in characters.
const SHOWN: usize = 40;

/// What is left of a line.
pub struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    /// Starts at the first field.
    pub fn new(line: &'a str) -> Self {
        Fields(line)
    }

    /// Tells whether no field is left.
    pub fn is_at_end(&self) -> bool {
        self.0.trim_end().is_empty()
    }

    /// Takes the field that `end` ends; `next` is what should come after it.
    pub fn up_to(
        &mut self,
        end: &str,
        field: &'static str,
        next: &'static str,
    ) -> Result<&'a str, Malformed> {
        match self.0.split_once(end) {
            Some(("", _)) => Err(Malformed::Missing(field)),
            Some((text, rest)) => {
                self.0 = rest;
                Ok(text)
            }
            None if self.is_at_end() => Err(Malformed::Missing(field)),
            None => Err(Malformed::Missing(next)),
        }
    }

    /// Takes the field that a space or the line's end ends.
    pub fn word(&mut self, field: &'static str) -> Result<&'a str, Malformed> {
        let end = self.0.find(' ').unwrap_or(self.0.len());
        let (text, rest) = self.0.split_at(end);
        if text.is_empty() {
            return Err(Malformed::Missing(field));
        }
        self.0 = rest;
        Ok(text)
    }

    /// Takes the space before a field.
    pub fn space(&mut self, field: &'static str) -> Result<(), Malformed> {
        if self.is_at_end() {
            return Err(Malformed::Missing(field));
        }
        self.0 = self
            .0
            .strip_prefix(' ')
            .ok_or_else(|| invalid(field, "after a space", self.0))?;
        Ok(())
    }

    /// Takes a field in quotes, where a backslash makes a quote or a backslash
    /// part of the text. Other escapes stay as the server wrote them.
    pub fn quoted(&mut self, field: &'static str) -> Result<Option<String>, Malformed> {
        if self.is_at_end() {
            return Err(Malformed::Missing(field));
        }
        let quoted = self
            .0
            .strip_prefix('"')
            .ok_or_else(|| invalid(field, "in quotes", self.0))?;
        let mut text = String::new();
        let mut characters = quoted.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.0 = &quoted[at + 1..];
                    return Ok(present(&text));
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => break,
                },
                _ => text.push(character),
            }
        }
        Err(Malformed::Unclosed(field))
    }
}

/// Gives a field's text, or `None` where it is `-` or empty.
pub fn present(text: &str) -> Option<String> {
    (!matches!(text, "-" | "")).then(|| text.to_owned())
}

/// Forms the error for a field that should be `expected`. What was found is
/// made safe to print on a terminal.
pub fn invalid(field: &'static str, expected: &'static str, found: &str) -> Malformed {
    let mut shown: String = found.chars().take(SHOWN).collect();
    if shown.len() < found.len() {
        shown.push('…');
    }
    Malformed::Invalid {
        field,
        expected,
        found: shown.escape_debug().to_string(),
    }
}
