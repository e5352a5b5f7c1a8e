//! How many arguments a function takes.

use super::{Arguments, Builtin, Exception, Result};

/// How many arguments a [`Builtin`] takes: CPython's calling conventions, each
/// with its own errors.
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
    /// Raises what CPython raises for a wrong number of arguments.
    pub(super) fn check(self, function: &Builtin, arguments: &Arguments) -> Result<()> {
        let given = arguments.positional.len();
        let refuse = |what: String| Err(Exception::type_error(what));
        if self != Arity::Variadic && !arguments.keywords.is_empty() {
            return refuse(format!(
                "{}() takes no keyword arguments",
                function.qualified_name()
            ));
        }
        match self {
            Arity::None if given != 0 => refuse(format!(
                "{}() takes no arguments ({given} given)",
                function.qualified_name()
            )),
            Arity::One if given != 1 => refuse(format!(
                "{}() takes exactly one argument ({given} given)",
                function.qualified_name()
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
                refuse(format!(
                    "{} expected {bound}{number} argument{plural}, got {given}",
                    function.name()
                ))
            }
            _ => Ok(()),
        }
    }
}
