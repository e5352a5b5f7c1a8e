//! The file of committed figures: for each compiler a table of operations, in TOML.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::Result;

/// Instructions of operations, in the order of the program.
pub type Operations = Vec<(String, f64)>;

/// What the file begins with.
const HEAD: &str = "\
# Instructions per operation of the engine in a context of 10 variables, by compiler.
# Written by `cargo xtask bench hot --instructions --renew`.
";

/// What the file holds.
#[derive(Debug, Default, PartialEq)]
pub struct Figures(Vec<(String, Operations)>);

impl Figures {
    /// Reads the file; there need be none.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has a line of another form; names it.
    pub fn read(path: &Path) -> Result<Figures> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text.map_err(|error| format!("{}: {error}", path.display()))?,
        };
        Ok(Figures::parse(&text).map_err(|line| format!("{}: {line}", path.display()))?)
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// When that fails; names it.
    pub fn write(&self, path: &Path) -> Result<()> {
        let fail = |error| format!("{}: {error}", path.display());
        Ok(fs::write(path, self.text()).map_err(fail)?)
    }

    /// The figures of a compiler.
    pub fn of(&self, compiler: &str) -> Option<&Operations> {
        let mut all = self.0.iter();
        all.find(|(name, _)| name == compiler)
            .map(|(_, operations)| operations)
    }

    /// Puts the figures of a compiler in, in the place of those that it had.
    pub fn put(&mut self, compiler: &str, operations: Operations) {
        self.0.retain(|(name, _)| name != compiler);
        self.0.push((compiler.into(), operations));
        self.0.sort_by(|one, other| one.0.cmp(&other.0));
    }

    fn text(&self) -> String {
        let mut text = String::from(HEAD);
        for (compiler, operations) in &self.0 {
            text.push_str(&format!("\n[\"{compiler}\"]\n"));
            for (name, figure) in operations {
                text.push_str(&format!("\"{name}\" = {figure:.1}\n"));
            }
        }
        text
    }

    /// Reads what [`text`](Figures::text) has written. Fails with a line of another form.
    fn parse(text: &str) -> std::result::Result<Figures, String> {
        let mut figures = Figures::default();
        for line in text.lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refused = || format!("`{line}` is neither a compiler nor a figure");
            let compiler = line.strip_prefix("[\"");
            if let Some(compiler) = compiler.and_then(|rest| rest.strip_suffix("\"]")) {
                figures.0.push((compiler.into(), Operations::new()));
                continue;
            }
            let (_, operations) = figures.0.last_mut().ok_or_else(refused)?;
            let figure = line.strip_prefix('"').and_then(|line| {
                let (name, figure) = line.split_once("\" = ")?;
                Some((name.to_string(), figure.parse().ok()?))
            });
            operations.push(figure.ok_or_else(refused)?);
        }
        Ok(figures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(get: f64) -> Operations {
        vec![("get, cached".into(), get), ("set".into(), 338.0)]
    }

    #[test]
    fn figures_come_back_as_they_were_written() {
        let mut figures = Figures::default();
        figures.put("rustc 2.0.0, here", operations(30.0));
        figures.put("rustc 1.95.0, here", operations(37.5));
        assert_eq!(Figures::parse(&figures.text()), Ok(figures));
    }

    #[test]
    fn new_figures_replace_those_of_the_same_compiler_only() {
        let mut figures = Figures::default();
        figures.put("old", operations(1.0));
        figures.put("new", operations(2.0));
        figures.put("new", operations(3.0));
        assert_eq!(figures.of("old"), Some(&operations(1.0)));
        assert_eq!(figures.of("new"), Some(&operations(3.0)));
        assert_eq!(figures.of("other"), None);
    }

    #[test]
    fn a_line_of_another_form_is_named() {
        for text in [
            "\"set\" = 1\n",
            "[\"c\"]\nset: 1\n",
            "[\"c\"]\n\"set\" = x\n",
        ] {
            let line = Figures::parse(text).unwrap_err();
            assert!(
                line.ends_with("is neither a compiler nor a figure"),
                "{line}"
            );
        }
    }

    #[test]
    fn the_committed_file_is_of_this_form() {
        let figures = Figures::read(&super::super::path()).unwrap();
        assert!(!figures.0.is_empty());
        for (compiler, operations) in &figures.0 {
            assert!(compiler.starts_with("rustc "), "{compiler}");
            assert_eq!(operations.len(), 8, "{compiler}");
        }
    }
}
