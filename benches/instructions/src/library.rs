//! The operations that are measured, as a trait that each library implements.

/// A library of context variables, on the measuring thread.
///
/// An operation that fails panics: no workload expects an error.
pub trait Library {
    /// A value. Its clone is the one that users of the library pay for.
    type Value: Clone;
    /// A variable without a default.
    type Var;
    /// A counted handle to a context.
    type Context: Clone;
    /// The token of a set.
    type Token;

    /// Creates a value from a number.
    fn value(&self, number: u64) -> Self::Value;

    /// Returns the word of a value that a reader reads.
    fn word(value: &Self::Value) -> u64;

    /// Creates a variable. All have the same name, a literal.
    fn variable(&self) -> Self::Var;

    /// Creates an empty context.
    fn context(&self) -> Self::Context;

    /// Copies the current context.
    fn copy_current(&self) -> Self::Context;

    /// Reads a word of a variable's value, or of the default if it is not set, in the cheapest way
    /// that the library has.
    fn read(&self, var: &Self::Var, default: Option<&Self::Value>) -> u64;

    /// Returns an owned value of a variable.
    fn get(&self, var: &Self::Var) -> Option<Self::Value>;

    /// Sets a variable.
    fn set(&self, var: &Self::Var, value: &Self::Value) -> Self::Token;

    /// Restores the value from before a set.
    fn reset(&self, var: &Self::Var, token: Self::Token);

    /// Calls `body` with a variable set, and restores the old value.
    fn scoped(&self, var: &Self::Var, value: &Self::Value, body: impl FnOnce()) {
        let token = self.set(var, value);
        body();
        self.reset(var, token);
    }

    /// Calls `body` in a context.
    fn run(&self, context: &Self::Context, body: impl FnOnce());

    /// Calls `body` in a context of which there is no other handle.
    fn run_alone(&self, context: &mut Self::Context, body: impl FnOnce()) {
        self.run(context, body);
    }

    /// Captures the current bindings and calls `body` in them: the cost of a callback that runs with
    /// the bindings from its registration.
    fn run_captured(&self, body: impl FnOnce()) {
        self.run_alone(&mut self.copy_current(), body);
    }

    /// Returns an owned `context[var]`, also if a thread is in the context.
    fn item(&self, context: &Self::Context, var: &Self::Var) -> Option<Self::Value>;

    /// Iterates over a context's values. Returns the sum of their words.
    fn sum(&self, context: &Self::Context) -> u64;
}
