//! The arguments of a call.

use super::{Exception, Namespace, Result, Value};
use smallvec::SmallVec;

/// The arguments of a call.
///
/// # Examples
///
/// ```
/// use pyobj::std_host::Arguments;
///
/// let arguments = Arguments::from([1, 2]).keyword("default", "x");
/// assert_eq!(arguments.positional.len(), 2);
/// assert!(!arguments.positional.spilled());
/// assert!(arguments.keywords.get("default").is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// The positional arguments; two need no allocation
    pub positional: SmallVec<[Value; 2]>,
    /// The keyword arguments, in the order of the call
    pub keywords: Namespace,
}

impl Arguments {
    /// Creates the arguments of a call that has none.
    pub fn new() -> Self {
        Arguments::default()
    }

    /// Adds a positional argument.
    pub fn arg(mut self, value: impl Into<Value>) -> Self {
        self.positional.push(value.into());
        self
    }

    /// Adds a keyword argument. Replaces an earlier one of the same name.
    pub fn keyword(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.keywords.insert(name, value.into());
        self
    }

    /// Returns the `N` positional arguments of a function whose
    /// [`Arity`](super::Arity) admits no other number.
    ///
    /// # Errors
    ///
    /// `TypeError` where their number differs.
    pub fn exactly<const N: usize>(self) -> Result<[Value; N]> {
        let given = self.positional.len();
        let wrong = || Exception::type_error(format!("expected {N} arguments, got {given}"));
        let values = self.at_most().map_err(|_| wrong())?;
        if given < N {
            return Err(wrong());
        }
        Ok(values.map(|value| value.expect("as many as were given")))
    }

    /// Returns up to `N` positional arguments of a function with optional ones.
    ///
    /// # Errors
    ///
    /// `TypeError` where there are more.
    pub fn at_most<const N: usize>(self) -> Result<[Option<Value>; N]> {
        let given = self.positional.len();
        let mut values = self.positional.into_iter();
        let taken = std::array::from_fn(|_| values.next());
        match values.next() {
            None => Ok(taken),
            Some(_) => Err(Exception::type_error(format!(
                "expected at most {N} arguments, got {given}"
            ))),
        }
    }
}

impl From<()> for Arguments {
    fn from((): ()) -> Self {
        Arguments::new()
    }
}

impl<V: Into<Value>, const N: usize> From<[V; N]> for Arguments {
    fn from(values: [V; N]) -> Self {
        Arguments::from_iter(values)
    }
}

impl From<Vec<Value>> for Arguments {
    fn from(positional: Vec<Value>) -> Self {
        Arguments {
            positional: positional.into(),
            keywords: Namespace::new(),
        }
    }
}

impl<V: Into<Value>> FromIterator<V> for Arguments {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        Arguments {
            positional: values.into_iter().map(Into::into).collect(),
            keywords: Namespace::new(),
        }
    }
}
