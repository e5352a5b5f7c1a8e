//! The number of arguments that a function takes.

/// The number of arguments that a function takes: CPython's calling
/// conventions, each with its own errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// None (`METH_NOARGS`).
    None,
    /// Exactly one (`METH_O`).
    One,
    /// From `min` to `max`, by position only (`METH_FASTCALL`, unpacked as
    /// Argument Clinic does).
    Positional {
        /// The least number
        min: usize,
        /// The greatest number
        max: usize,
    },
    /// Any, by position and by keyword; the function checks them itself.
    Variadic,
}

impl Arity {
    /// Checks the number of positional arguments and that there are no keyword arguments.
    ///
    /// `qualified_name` is the function's name as most of the errors print it: `Context.keys`.
    ///
    /// ```
    /// let error = pyobj::Arity::One.check("set", || "ContextVar.set".into(), 0, false);
    /// assert_eq!(error.unwrap_err(), "ContextVar.set() takes exactly one argument (0 given)");
    /// ```
    ///
    /// # Errors
    ///
    /// The text of CPython 3.14's `TypeError`.
    pub fn check(
        self,
        name: &str,
        qualified_name: impl FnOnce() -> String,
        given: usize,
        has_keywords: bool,
    ) -> Result<(), String> {
        if self != Arity::Variadic && has_keywords {
            let name = qualified_name();
            return Err(format!("{name}() takes no keyword arguments"));
        }
        match self {
            Arity::None if given != 0 => Err(format!(
                "{}() takes no arguments ({given} given)",
                qualified_name()
            )),
            Arity::One if given != 1 => Err(format!(
                "{}() takes exactly one argument ({given} given)",
                qualified_name()
            )),
            Arity::Positional { min, max } if !(min..=max).contains(&given) => {
                let (bound, number) = if min == max {
                    ("", min)
                } else if given < min {
                    ("at least ", min)
                } else {
                    ("at most ", max)
                };
                let plural = if number == 1 { "" } else { "s" };
                Err(format!(
                    "{name} expected {bound}{number} argument{plural}, got {given}"
                ))
            }
            _ => Ok(()),
        }
    }
}
