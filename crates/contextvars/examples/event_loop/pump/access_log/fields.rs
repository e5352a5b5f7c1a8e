//! Splits a line into its fields, one after another.

use super::Malformed;

/// The number of characters of a field that an error shows.
const SHOWN: usize = 40;

/// The rest of a line, which has not been parsed yet.
pub struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    /// Starts at the first field.
    pub fn new(line: &'a str) -> Self {
        Fields(line)
    }

    /// Returns `true` if no field is left.
    pub fn is_at_end(&self) -> bool {
        self.0.trim_end().is_empty()
    }

    /// Takes the field before `end`. `next` is the name of the field after it, for errors.
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

    /// Takes the field before the next space or the end of the line.
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

    /// Takes a field in quotes. A backslash escapes a quote or a backslash;
    /// other escapes are not decoded.
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

/// Returns a field's text, or `None` if it is `-` or empty.
pub fn present(text: &str) -> Option<String> {
    (!matches!(text, "-" | "")).then(|| text.to_owned())
}

/// Returns the error for a field that should be `expected`. The text `found` is
/// escaped for a terminal.
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
